"""The hub's list: every referral the reader sees, with whose it is and where they lie."""

from collections.abc import Iterable

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.discharge.queries import names_of
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.profiles import readiness as profile
from joinedup.fhir.profiles import referral as referrals
from joinedup.fhir.profiles import spell as spells
from joinedup.fhir.profiles.readiness import Readiness, is_readiness, readiness_id
from joinedup.fhir.profiles.referral import HUB_REFERRAL, HubAnswer, Referral
from joinedup.fhir.profiles.referral_states import OVER
from joinedup.fhir.search.clause import Ids, Query
from joinedup.fhir.search.extract import is_restricted
from joinedup.fhir.search.query import parse_query
from joinedup.people.nhs_number import SYSTEM, show
from joinedup.people.presenters.life import name_of_resource
from joinedup.record import Stored

__all__ = ["HubLine", "hub_lines"]

_MOST = 1_000


class HubLine(Struct, frozen=True, kw_only=True):
    """One referral of the list; what the reader does not see of somebody is empty."""

    answer: HubAnswer
    version: int
    referral: Referral
    name: str
    number: str
    place: str
    hospital: str
    readiness: Readiness | None


def hub_lines(permit: Permit, *, over: bool = False) -> tuple[HubLine, ...]:
    """Return the referrals that the hub has still to do with, the oldest first.

    With `over` those that are finished or sent back instead, the newest first.
    """
    asked = [("code", f"{TASK_KIND}|{HUB_REFERRAL}")]
    query = parse_query("Task", asked, default_count=_MOST)
    found = record.search(permit, query, detail="the hub's list").entries
    tasks = [(s.version, referrals.read_answer(s.resource)) for s in found]
    tasks = [(version, a) for version, a in tasks if (a.state in OVER) == over]
    orders = _by_id(permit, "ServiceRequest", (a.referral for _, a in tasks))
    read = {name: referrals.read(s.resource) for name, s in orders.items()}
    kept = [(version, a) for version, a in tasks if a.referral in read]
    lines = _lines(permit, kept, read)
    return tuple(sorted(lines, key=lambda line: line.referral.asked_at, reverse=over))


def _lines(
    permit: Permit, tasks: list[tuple[int, HubAnswer]], read: dict[str, Referral]
) -> list[HubLine]:
    people = _by_id(permit, "Patient", (a.person.removeprefix("Patient/") for _, a in tasks))
    stays = _by_id(permit, "Encounter", (read[a.referral].spell for _, a in tasks))
    ready = _by_id(permit, "Task", (readiness_id(read[a.referral].spell) for _, a in tasks))
    names = names_of(permit, (f"Organization/{read[a.referral].hospital}" for _, a in tasks))
    lines = []
    for version, answer in tasks:
        referral = read[answer.referral]
        who = people.get(answer.person.removeprefix("Patient/"))
        task = ready.get(readiness_id(referral.spell))
        lines.append(
            HubLine(
                answer=answer,
                version=version,
                referral=referral,
                name=name_of_resource(who.resource) if who else "",
                number=_number(who),
                place="" if _is_away(permit, referral, who) else _place(stays.get(referral.spell)),
                hospital=names.get(f"Organization/{referral.hospital}", referral.hospital),
                readiness=_readiness(task),
            )
        )
    return lines


def _readiness(task: Stored | None) -> Readiness | None:
    return profile.read(task.resource) if task and is_readiness(task.resource) else None


def _by_id(permit: Permit, kind: str, ids: Iterable[str]) -> dict[str, Stored]:
    wanted = tuple(dict.fromkeys(ids))
    if not wanted:
        return {}
    query = Query(type=kind, clauses=(Ids(wanted),), count=len(wanted))
    found = record.search(permit, query, detail="the hub's list").entries
    return {stored.id: stored for stored in found}


def _number(patient: Stored | None) -> str:
    held = patient.resource.get("identifier", ()) if patient else ()
    found = (i.get("value", "") for i in held if i.get("system") == SYSTEM)
    return show(str(next(found, "")))


def _is_away(permit: Permit, referral: Referral, patient: Stored | None) -> bool:
    """Whether it is a restricted person in another hospital: no bed is told, as on the board."""
    is_kept = patient is not None and is_restricted(patient.resource)
    return is_kept and referral.hospital != permit.organisation


def _place(stay: Stored | None) -> str:
    """Return the words of the bed somebody lies in now."""
    if stay is None or not spells.is_spell(stay.resource):
        return ""
    bed = spells.read(stay.resource).bed
    shown = (p.get("location", {}) for p in stay.resource.get("location", ()))
    here = (s for s in shown if bed and s.get("reference") == f"Location/{bed.bed}")
    return str(next((s.get("display", "") for s in here), ""))
