"""What must be arranged before somebody leaves, and leaving itself (DI-04, DI-06, CA-04).

A start that is confirmed, or somebody who answers by name for the risk; who was told, and how.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from joinedup.discharge.rules.pathway import CARE_HOMES
from joinedup.discharge.rules.ready_date import closed
from joinedup.discharge.rules.states import WAY_HOME
from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.machine import after
from joinedup.fhir.profiles.readiness import Check, Readiness, RiskOwner, Told
from joinedup.reference.calendars import length
from joinedup.reference.codes.discharge import destinations, pathway

__all__ = [
    "CHECKS",
    "arranged",
    "first_call",
    "gone_home",
    "leaving_problems",
    "letter_due",
    "plan_made",
    "reopened",
    "returning_resident",
    "risk_taken",
    "still_waiting",
    "told",
    "untold",
    "waiting_checks",
]

CHECKS: Mapping[str, str] = {
    "medicines": "Medicines to take home",
    "transport": "Transport",
    "equipment": "Equipment",
    "carer": "Carer willing and able",
    "funding": "Who pays",
    "provider": "Somebody to help",
    "start": "When help starts",
}
"""What makes a plan ready (domain.md 9.2); on pathway 0 the last three are not needed."""
_NOT_ON_ZERO = ("funding", "provider", "start")
_DONE = ("done", "not-needed")
_PLANNED_METHODS = ("1", "3")
_LEAST_WHY = 10


def arranged(readiness: Readiness, check: Check) -> Readiness:
    """Return the readiness with one thing arranged, not needed, or waited for again."""
    if check.kind not in CHECKS or check.state not in (*_DONE, "waiting"):
        raise Unprocessable(f"“{check.kind}: {check.state}” is nothing that is arranged here.")
    others = tuple(c for c in readiness.checks if c.kind != check.kind)
    return replace(readiness, checks=(*others, check))


def waiting_checks(readiness: Readiness) -> tuple[str, ...]:
    """Return what is not arranged yet, in order; what nobody answered waits too."""
    done = {check.kind for check in readiness.checks if check.state in _DONE}
    way = readiness.pathway.code if readiness.pathway else ""
    return still_waiting(done, pathway=way, has_start=readiness.start is not None)


def still_waiting(done: Collection[str], *, pathway: str, has_start: bool) -> tuple[str, ...]:
    """Return what waits, in order, where these are done; `pathway` is "" while none is decided."""
    known = {*done, *(("start",) if has_start else ()), *(_NOT_ON_ZERO if pathway == "0" else ())}
    return tuple(kind for kind in CHECKS if kind not in known)


def plan_made(readiness: Readiness) -> Readiness:
    """Return the readiness once all is arranged; refuses, Unprocessable, naming what waits."""
    if waits := waiting_checks(readiness):
        missing = ", ".join(CHECKS[kind].lower() for kind in waits)
        raise Unprocessable(f"Not arranged yet: {missing}.")
    if readiness.pathway is None:
        raise Unprocessable("Decide the pathway first.")
    if readiness.state == "pathway-decided" and readiness.pathway.code != "0":
        raise Unprocessable("On pathways 1 to 3 the hub accepts the referral first.")
    return replace(readiness, state=after(WAY_HOME, readiness.state, "arrange"))


def reopened(readiness: Readiness) -> Readiness:
    """Return a plan that was ready as it stands once something of it waits again, or as it is.

    On pathway 0 no hub has it, so it is the pathway that stands.
    """
    if readiness.state != "plan-ready" or not waiting_checks(readiness):
        return readiness
    way = readiness.pathway
    act = "choose" if way is None or way.code == "0" else "undo"
    return replace(readiness, state=after(WAY_HOME, readiness.state, act))


def risk_taken(readiness: Readiness, owner: RiskOwner) -> Readiness:
    """Return the readiness with who answers by name for leaving unconfirmed, and why (DI-04)."""
    if not owner.worker.startswith(("Practitioner/", "PractitionerRole/")):
        raise Unprocessable("Somebody of the staff answers for the risk by name.")
    if len(owner.why.strip()) < _LEAST_WHY:
        raise Unprocessable("Say why leaving cannot wait, and what is done meanwhile.")
    return replace(readiness, risk_owner=owner)


def leaving_problems(
    readiness: Readiness, at: datetime, *, carers: Iterable[Problem] = ()
) -> tuple[Problem, ...]:
    """Return why somebody cannot be marked as gone home: refusals, then warnings.

    `carers` is what `carer_problems` found of those the plan relies on.
    """
    found = [*_start_problems(readiness, at), *carers]
    if readiness.pathway is None:
        words = "Decide the pathway first: every discharge is counted by one (DI-09)."
        found.append(Problem("required", words, "Task.extension[pathway]"))
    for who in untold(readiness):
        words = f"Nobody has written down that the {who} was told, and in which form (DI-06)."
        found.append(Problem("incomplete", words, "Task.extension[told]", "warning"))
    return tuple(found)


def _start_problems(readiness: Readiness, at: datetime) -> list[Problem]:
    way = readiness.pathway
    if way is None or way.code == "0" or readiness.risk_owner is not None:
        return []
    where = "Task.extension[start]"
    if readiness.start is None:
        words = (
            f"On pathway {way.code} nobody leaves before a start is confirmed, or somebody "
            "answers for the risk by name (DI-04)."
        )
        return [Problem("business-rule", words, where)]
    if readiness.start.at < at:
        words = "The start that was confirmed is before they leave. Confirm a new one."
        return [Problem("business-rule", words, where)]
    return []


def told(readiness: Readiness, telling: Told) -> Readiness:
    """Return the readiness with somebody told, in their format (DI-06); refuses no format."""
    if telling.who not in ("person", "carer") or not telling.way.strip():
        raise Unprocessable("Say who was told, the person or the carer, and in which form.")
    return replace(readiness, told=(*readiness.told, telling))


def untold(readiness: Readiness) -> tuple[str, ...]:
    """Return who has not been told yet: the person, and the carer where a plan asked for one."""
    asked = any(c.kind == "carer" and c.state != "not-needed" for c in readiness.checks)
    known = {telling.who for telling in readiness.told}
    return tuple(who for who in ("person", *(["carer"] if asked else [])) if who not in known)


def gone_home(
    readiness: Readiness,
    at: datetime,
    *,
    method: str = "1",
    destination: str = "",
    carers: Iterable[Problem] = (),
) -> Readiness:
    """Return the readiness of somebody who left as planned (DI-04).

    Refuses, Unprocessable, with every reason `leaving_problems` gives, and a method or destination
    that is not this: the dead, those who left of their own accord and transfers end otherwise.
    """
    found = [p for p in leaving_problems(readiness, at, carers=carers) if p.severity == "error"]
    found += _end_problems(readiness, at, method, destination)
    if found:
        raise Unprocessable(*found)
    assert readiness.pathway is not None, "found above"
    state = after(WAY_HOME, readiness.state, "leave")
    ended = closed(readiness, at, "discharged")
    where = destination or readiness.pathway.destination
    return replace(ended, state=state, left=at, method=method, destination=where)


def _end_problems(
    readiness: Readiness, at: datetime, method: str, destination: str
) -> list[Problem]:
    found = []
    day = day_of(at)
    if at < readiness.admitted:
        found.append(Problem("business-rule", "Nobody leaves before they came in.", "period.end"))
    if readiness.ready is None:
        words = "Nobody goes home as planned before they are ready. Review the criteria first."
        found.append(Problem("business-rule", words, "Task.extension[span]"))
    if method not in _PLANNED_METHODS or destination == "79":
        words = "Death, leaving of their own accord and transfers have their own buttons."
        found.append(Problem("code-invalid", words, "Encounter.hospitalization"))
    elif destination and destination not in destinations(on=day):
        words = f"“{destination}” is no national destination."
        found.append(Problem("code-invalid", words, "Encounter.hospitalization"))
    elif destination and readiness.pathway:
        fits = pathway(readiness.pathway.code, on=day).destinations
        if destination not in fits:
            words = f"That destination does not fit pathway {readiness.pathway.code}."
            found.append(Problem("business-rule", words, "Encounter.hospitalization"))
    return found


def returning_resident(readiness: Readiness) -> bool:
    """Whether somebody went back to the care home they live in, as returns count them."""
    homes = CARE_HOMES.values()
    way = readiness.pathway
    return bool(way and way.returning and readiness.destination in homes)


def letter_due(left: datetime) -> datetime:
    """Return by when the letter is with the practice (DI-06)."""
    return left + length("letter-within", on=day_of(left))


def first_call(left: datetime) -> tuple[datetime, datetime]:
    """Return between when somebody rings to ask how it goes at home (DI-07)."""
    day = day_of(left)
    one, other = (length(f"first-call-{n}", on=day) for n in ("after", "before"))
    assert one < other <= timedelta(days=7), "the table has them in order"
    return left + one, left + other
