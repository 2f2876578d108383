"""Who workers are as people: a Person of the record links a Practitioner to a Patient.

The link is the employer's to state, and shows to nobody but who cares for that person. Read by the
job that raises alerts, and before a worker decides about a proxy.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from joinedup.access.permit import Permit, system_permit
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.key import resource_key
from joinedup.people.alerts.rules import home_of, kin
from joinedup.record.joined import joined_now
from joinedup.record.watched import bodies, pointing_at, stated_of

__all__ = [
    "JOB",
    "employers_of",
    "is_one_person",
    "kin_of_worker",
    "patients_of_workers",
    "refuse_kin",
    "works_for",
]

JOB = system_permit("alerts")
Resource = Mapping[str, Any]


def patients_of_workers(workers: Iterable[str]) -> dict[str, int]:
    """Return whose record is a worker's own, as `Practitioner/...` -> key of their Patient."""
    wanted = set(workers)
    found: dict[str, int] = {}
    for person, linked in pointing_at(JOB, "Person", wanted):
        for target in _targets(linked):
            if target in wanted:
                found[target] = person
    return found


def _targets(person: Resource) -> Iterable[str]:
    for link in person.get("link", ()):
        yield str(link.get("target", {}).get("reference", ""))


def is_one_person(worker: str, other: str) -> bool:
    """Return whether the place knows two workers' accounts to be of one human being (BU-05)."""
    linked = pointing_at(JOB, "Person", {worker, other})
    whose: dict[str, int] = {}
    for person, said in linked:
        named = {worker, other}.intersection(_targets(said))
        if len(named) == 2:
            return True
        whose |= {name: person for name in named if person}
    return worker in whose and whose[worker] == whose.get(other)


def employers_of(worker: str) -> frozenset[str]:
    """Return every organisation the human being behind an account works for, in whichever account.

    All active posts of the account, and of any other that a Person of the record links to the same
    Patient or names beside it (BU-05).
    """
    accounts = {worker}
    for _, linked in pointing_at(JOB, "Person", {worker}):
        accounts |= {name for name in _targets(linked) if name.startswith("Practitioner/")}
    found = works_for(filter(None, patients_of_workers(accounts).values())).values()
    places = {place for each in found for place in each}
    for _, post in pointing_at(JOB, "PractitionerRole", accounts):
        if post.get("active", True):
            organisation = str(post.get("organization", {}).get("reference", ""))
            places.add(organisation.removeprefix("Organization/"))
    return frozenset(places - {""})


def works_for(people: Iterable[int]) -> dict[int, frozenset[str]]:
    """Return for which organisations each of these people works, those who are workers at all."""
    workers: dict[str, int] = {}
    for person, linked in stated_of(JOB, "Person", people):
        for target in _targets(linked):
            if target.startswith("Practitioner/"):
                workers[target] = person
    found: dict[int, set[str]] = {}
    for _, post in pointing_at(JOB, "PractitionerRole", workers):
        whose = workers.get(str(post.get("practitioner", {}).get("reference", "")))
        organisation = str(post.get("organization", {}).get("reference", ""))
        if whose and organisation and post.get("active", True):
            found.setdefault(whose, set()).add(organisation.removeprefix("Organization/"))
    return {person: frozenset(places) for person, places in found.items()}


_KIN_WORDS = {
    "household": "They have your family name and your address.",
    "address": "They live at your address.",
}


def kin_of_worker(worker: str, people: Iterable[str]) -> str:
    """Return in words how a worker is family of one of these people, or is one; "" for neither.

    Whoever was joined to another record is asked about under the one that is kept.
    """
    names = list(people)
    kept = {joined.person_id: joined.kept_id for joined in joined_now(JOB, names)}
    asked = [resource_key("Patient", kept.get(name, name)) for name in names]
    own = patients_of_workers([worker]).get(worker)
    if own is None:
        return ""
    if own in asked:
        return "This is about yourself."
    held = bodies(JOB, [own, *asked])
    if own not in held:
        return ""
    near = (kin(home_of(held[own]), home_of(held[key])) for key in asked if key in held)
    return next((_KIN_WORDS[how] for how in near if how), "")


def refuse_kin(permit: Permit, people: Iterable[str], what: str) -> None:
    """Refuse to a worker what nobody decides about themselves or their family.

    `people` are ids the worker sees already; `what` completes "Somebody else must ...". Raises
    NotPermitted with the reason.
    """
    if near := kin_of_worker(permit.worker, people):
        raise NotPermitted(f"{near} Somebody else must {what}.")
