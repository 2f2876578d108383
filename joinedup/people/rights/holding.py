"""Which records are past their time, and legal holds: lists and notes, never a deletion.

`joinedup retention` calls this as a job of the place.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.issue import Invalid, NotFound, Problem
from joinedup.fhir.search.period import LONDON
from joinedup.fhir.search.query import parse_query
from joinedup.fhir.wire import read_resource
from joinedup.people.rights.retention import Facts, Holding, Past, past_their_time
from joinedup.record import Create, Stored, Update
from joinedup.record.holdings import Held, held_about_people

__all__ = ["hold", "let_go", "past_now"]

LEGAL_HOLD = "legal-hold"
_LONGEST = 500
_MOST = 1_000


def past_now(permit: Permit, *, on: date) -> tuple[Past, ...]:
    """Return what is past its time on a day, the longest first; NotPermitted for who is no job."""
    held = held_about_people(permit, on=on)
    on_hold = _held_people(permit)
    practices = _practices(held)
    holdings = (_holding(h, on_hold, practices) for h in held)
    return tuple(sorted(past_their_time(holdings, on=on)))


def _held_people(permit: Permit) -> frozenset[str]:
    """Whose record is under a legal hold now, page by page."""
    pairs = [("code", f"{TASK_KIND}|{LEGAL_HOLD}"), ("status", "in-progress")]
    found: set[str] = set()
    cursor: list[tuple[str, str]] = []
    while True:
        query = parse_query("Task", [*pairs, *cursor], default_count=_MOST)
        page = record.search(permit, query, detail="legal holds")
        found |= {str(s.resource["for"]["reference"]) for s in page.entries}
        if page.next_cursor is None:
            return frozenset(found)
        cursor = [("_cursor", page.next_cursor)]


def _practices(held: tuple[Held, ...]) -> frozenset[str]:
    """The organisations that anybody is registered with."""
    said = (read_resource(h.patient).get("generalPractitioner", ()) for h in held)
    return frozenset(
        str(one.get("reference", "")).removeprefix("Organization/") for each in said for one in each
    )


def _holding(held: Held, on_hold: frozenset[str], practices: frozenset[str]) -> Holding:
    patient = read_resource(held.patient)
    reference = f"Patient/{held.person_id}"
    registered = _registered_with(patient)
    is_alive = not (patient.get("deceasedBoolean") or patient.get("deceasedDateTime"))
    return Holding(
        person=reference,
        organisation=held.organisation,
        is_practice=held.organisation in practices,
        is_social_care=held.has_social_care,
        is_used=held.is_open or (is_alive and held.organisation in registered),
        is_held=reference in on_hold,
        facts=Facts(
            born=_day(patient.get("birthDate")),
            died=_day(patient.get("deceasedDateTime")),
            last_seen=held.last.astimezone(LONDON).date(),
        ),
    )


def _registered_with(patient: Mapping[str, Any]) -> frozenset[str]:
    practices = patient.get("generalPractitioner", ())
    return frozenset(str(p.get("reference", "")).removeprefix("Organization/") for p in practices)


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def hold(permit: Permit, person_id: str, reason: str, *, at: datetime) -> Stored:
    """Keep somebody's record from review until the hold is let go; Invalid without a reason.

    Raises NotFound for nobody here, Conflict where a hold stands.
    """
    if not reason.strip() or len(reason) > _LONGEST:
        words = f"Say why, in at most {_LONGEST} characters."
        raise Invalid(Problem("required", words, "reason"))
    record.read(permit, "Patient", person_id)
    said = at.astimezone(UTC).isoformat(timespec="seconds")
    task = {
        "resourceType": "Task",
        "id": _id(person_id),
        "status": "in-progress",
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": LEGAL_HOLD}]},
        "for": {"reference": f"Patient/{person_id}"},
        "authoredOn": said,
        "reasonCode": {"text": reason.strip()},
    }
    stands = _standing(permit, person_id)
    change = Update(task, stands.version) if stands else Create(task, _id(person_id))
    return record.commit(permit, [change], action="legal-hold").stored[0]


def let_go(permit: Permit, person_id: str) -> Stored:
    """End a legal hold; NotFound where none stands."""
    stands = _standing(permit, person_id)
    if stands is None or stands.resource["status"] != "in-progress":
        raise NotFound(f"There is no legal hold on Patient/{person_id}.")
    change = Update({**stands.resource, "status": "completed"}, stands.version)
    return record.commit(permit, [change], action="legal-hold-ended").stored[0]


def _standing(permit: Permit, person_id: str) -> Stored | None:
    try:
        return record.read(permit, "Task", _id(person_id))
    except NotFound:
        return None


def _id(person_id: str) -> str:
    return f"legal-hold-{person_id}"[:64]
