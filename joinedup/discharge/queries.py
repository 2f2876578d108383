"""What is looked up about a stay: its Tasks, referrals, reviews, carers and what they said.

Each look is under a permit and leaves its own trace; nothing is kept between requests.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.discharge.standing import as_before
from joinedup.fhir.issue import NotFound, Refusal
from joinedup.fhir.profiles import carer_answer, criteria, hub, referral
from joinedup.fhir.profiles.carer_answer import CarerAnswer
from joinedup.fhir.profiles.criteria import Checklist
from joinedup.fhir.profiles.hub import HUB_CODE, HUB_SYSTEM, Hub
from joinedup.fhir.profiles.referral import HubAnswer, Referral, answer_id, build, build_answer
from joinedup.fhir.profiles.referral_states import OVER
from joinedup.fhir.search.clause import Ids, Query
from joinedup.fhir.search.query import parse_query
from joinedup.people.presenters.life import name_of_resource
from joinedup.record import Change, Stored, Update

__all__ = [
    "AT_HOME",
    "Asked",
    "Carer",
    "Review",
    "answers_of",
    "asked_of",
    "carers_of",
    "hubs",
    "is_at_home",
    "names_of",
    "open_of",
    "organisations",
    "packages_of",
    "referrals_of",
    "reviews_of",
    "tasks_of",
]

AT_HOME = "Home support or domiciliary care"
"""The service component of the Client Level Data that somebody comes to the house for."""
_MOST = 200
_REVIEWS = 30
_NAMED = ("Patient", "RelatedPerson", "Practitioner", "Organization", "Location")
_REVIEW = f"{criteria.CODES.rpartition('/')[0]}/observation|criteria-to-reside"
_ANSWER = f"{criteria.CODES.rpartition('/')[0]}/observation|carer-willing-and-able"


class Asked(Struct, frozen=True, kw_only=True):
    """One referral with the hub's Task about it; `answer` is None while it is a draft.

    `order` and `task` are the two resources as they stand.
    """

    id: str
    version: int
    referral: Referral
    answer: HubAnswer | None = None
    answer_version: int = 0
    order: Mapping[str, Any] = {}
    task: Mapping[str, Any] = {}

    def moved(self, referral: Referral, answer: HubAnswer | None = None) -> list[Change]:
        """Return the changes that store it as it now stands, under the labels it has."""
        made = build(referral, self.id)
        changes: list[Change] = [Update(as_before(self.order, made), self.version)]
        if answer is not None:
            changes.append(Update(as_before(self.task, build_answer(answer)), self.answer_version))
        return changes

    @property
    def is_open(self) -> bool:
        """Whether it holds the stay's one place for its purpose."""
        return self.referral.state not in OVER


class Review(Struct, frozen=True):
    """One review of the criteria to reside, and its Observation's id."""

    id: str
    checklist: Checklist


class Carer(Struct, frozen=True):
    """Somebody of the person's own: `reference` is `RelatedPerson/...`."""

    reference: str
    name: str
    relation: str
    telephone: str


def _found(permit: Permit, kind: str, *asked: tuple[str, str], count: int = _MOST) -> list[Stored]:
    query = parse_query(kind, asked, default_count=count)
    return list(record.search(permit, query, detail="going home").entries)


def tasks_of(permit: Permit, spell_id: str) -> list[Stored]:
    """Return every Task of a stay that the permit sees, the newest first."""
    return _found(
        permit, "Task", ("encounter", f"Encounter/{spell_id}"), ("_sort", "-_lastUpdated")
    )


def referrals_of(permit: Permit, spell_id: str) -> tuple[Asked, ...]:
    """Return a stay's referrals to the hub with its answers, the newest first."""
    found = _found(permit, "ServiceRequest", ("encounter", f"Encounter/{spell_id}"))
    stored = [s for s in found if referral.is_referral(s.resource)]
    answers = _answers(permit, [s.id for s in stored])
    asked = [_asked(s, answers.get(s.id)) for s in stored]
    return tuple(sorted(asked, key=lambda one: one.referral.asked_at, reverse=True))


def _answers(permit: Permit, ids: Iterable[str]) -> dict[str, Stored]:
    wanted = tuple(answer_id(one) for one in ids)
    if not wanted:
        return {}
    query = Query(type="Task", clauses=(Ids(wanted),), count=len(wanted))
    found = record.search(permit, query, detail="going home").entries
    return {referral.read_answer(s.resource).referral: s for s in found}


def _asked(stored: Stored, answer: Stored | None) -> Asked:
    return Asked(
        id=stored.id,
        version=stored.version,
        referral=referral.read(stored.resource),
        answer=referral.read_answer(answer.resource) if answer else None,
        answer_version=answer.version if answer else 0,
        order=stored.resource,
        task=answer.resource if answer else {},
    )


def asked_of(permit: Permit, referral_id: str) -> Asked:
    """Return one referral with the hub's answer; NotFound for none, and for another order."""
    stored = record.read(permit, "ServiceRequest", referral_id)
    if not referral.is_referral(stored.resource):
        raise NotFound(f"There is no referral {referral_id} that you can see.")
    return _asked(stored, _answers(permit, [referral_id]).get(referral_id))


def open_of(asked: Iterable[Asked], purpose: str) -> Asked | None:
    """Return the one referral for a purpose that is not over."""
    return next((a for a in asked if a.is_open and a.referral.purpose == purpose), None)


def reviews_of(permit: Permit, spell_id: str) -> tuple[Review, ...]:
    """Return a stay's reviews of the criteria to reside, the newest first."""
    asked = (("encounter", f"Encounter/{spell_id}"), ("code", _REVIEW), ("_sort", "-date"))
    found = _found(permit, "Observation", *asked, count=_REVIEWS)
    return tuple(
        Review(s.id, criteria.read(s.resource)) for s in found if criteria.is_checklist(s.resource)
    )


def answers_of(permit: Permit, person: str) -> tuple[CarerAnswer, ...]:
    """Return what carers said of going on, the newest first; `person` is `Patient/...`."""
    found = _found(
        permit, "Observation", ("patient", person), ("code", _ANSWER), ("_sort", "-date")
    )
    return tuple(
        carer_answer.read(s.resource) for s in found if carer_answer.is_carer_answer(s.resource)
    )


def carers_of(permit: Permit, person: str) -> tuple[Carer, ...]:
    """Return who is written down as the person's family, friends and carers."""
    found = _found(permit, "RelatedPerson", ("patient", person))
    return tuple(_carer(s) for s in found if s.resource.get("active", True))


def _carer(stored: Stored) -> Carer:
    resource: dict[str, Any] = stored.resource
    relation = next((str(r.get("text", "")) for r in resource.get("relationship", ())), "")
    phone = next((str(t.get("value", "")) for t in resource.get("telecom", ())), "")
    return Carer(stored.reference, name_of_resource(resource), relation, phone)


def hubs(permit: Permit) -> tuple[Hub, ...]:
    """Return the care transfer hubs of the place, by name."""
    found = _found(permit, "HealthcareService", ("service-category", f"{HUB_SYSTEM}|{HUB_CODE}"))
    read = (hub.read(s.resource) for s in found if hub.is_hub(s.resource))
    return tuple(sorted(read, key=lambda one: one.name))


def organisations(permit: Permit) -> tuple[tuple[str, str], ...]:
    """Return the place's organisations as (id, name), by name."""
    found = _found(permit, "Organization", count=1_000)
    named = ((s.id, name_of_resource(s.resource)) for s in found)
    return tuple(sorted(named, key=lambda one: one[1]))


def packages_of(permit: Permit, person: str) -> tuple[tuple[str, str], ...]:
    """Return the help at home that a person has from before: what it is called, and its state."""
    found = _found(permit, "EpisodeOfCare", ("patient", person), ("status", "active,onhold"))
    return tuple(
        (AT_HOME, str(s.resource["status"]))
        for s in found
        if is_at_home(s.resource) or s.resource["status"] == "onhold"
    )


def is_at_home(episode: Mapping[str, Any]) -> bool:
    """Whether a package is help that somebody comes to the house for."""
    return any(str(t.get("text", "")) == AT_HOME for t in episode.get("type", ()))


def names_of(permit: Permit, references: Iterable[str]) -> dict[str, str]:
    """Return what people, workers, organisations and places are called, of those that are seen."""
    wanted: dict[str, list[str]] = {}
    for reference in dict.fromkeys(map(str, references)):
        kind, _, name = reference.partition("/")
        if kind in _NAMED and name:
            wanted.setdefault(kind, []).append(name)
    found: dict[str, str] = {}
    for kind, ids in wanted.items():
        query = Query(type=kind, clauses=(Ids(tuple(ids)),), count=len(ids))
        try:
            page = record.search(permit, query, detail="going home")
        except Refusal:
            continue
        found |= {s.reference: name_of_resource(s.resource) for s in page.entries}
    return found
