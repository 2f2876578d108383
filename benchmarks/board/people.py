"""A hospital of invented inpatients: beds, stays, and a way home in every state."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from joinedup.fhir.london import at_clock
from joinedup.fhir.profiles import readiness, spell
from joinedup.fhir.profiles.bed import Bed, Ward, build_bed, build_ward
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.readiness import (
    Check,
    Delay,
    PathwayChoice,
    Readiness,
    ReadySpan,
    Reviewed,
    Start,
)
from joinedup.fhir.profiles.spell import BedStay, Spell

__all__ = ["BEDS_A_WARD", "HOSPITAL", "hospital", "inpatients"]

HOSPITAL, COUNCIL, NURSE = "RZ901", "904", Reference("Practitioner/bench")
BEDS_A_WARD = 28
_REASONS = (
    ("decision", HOSPITAL, ""),
    ("medicines", HOSPITAL, "0"),
    ("hub-confirmation", COUNCIL, "1"),
    ("p1-care-arranging", COUNCIL, "1"),
    ("p1-reablement-none", COUNCIL, "1"),
    ("p2-bed-none", COUNCIL, "2"),
    ("p3-home-arranging", COUNCIL, "3"),
)
_STATES = ("ready", "pathway-decided", "referred", "accepted-by-hub", "plan-ready")
_GIVEN = "Joyce Arthur Doris Stanley Olive Harold Phyllis Leonard Winifred Ronald".split()
_FAMILY = "Hallam Whitlock Okafor Marsh Kowalski Fenwick Adeyemi Thorne Sandhu Pryce".split()
_HOME = {"": "19", "0": "19", "1": "19", "2": "29", "3": "85"}


def hospital(people: int) -> Iterator[dict[str, Any]]:
    """Yield the organisations, wards and beds."""
    yield {"resourceType": "Organization", "id": HOSPITAL, "name": "Marlbrook General Hospital"}
    yield {"resourceType": "Organization", "id": COUNCIL, "name": "Marlbrook Council"}
    for number in range(people):
        ward = _ward(number)
        if number % BEDS_A_WARD == 0:
            name = f"Ward {1 + number // BEDS_A_WARD}"
            yield build_ward(Ward(id=ward, name=name, hospital=HOSPITAL))
        name = f"Bed {1 + number % BEDS_A_WARD}"
        yield build_bed(Bed(id=_bed(number), ward=ward, name=name, hospital=HOSPITAL))


def _ward(number: int) -> str:
    return f"rz901-ward-{1 + number // BEDS_A_WARD}"


def _bed(number: int) -> str:
    return f"{_ward(number)}-bed-{1 + number % BEDS_A_WARD}"


def inpatients(people: int, waiting: float, now: datetime) -> Iterator[tuple[dict[str, Any], ...]]:
    """Yield each person with their stay and how they stand; this part of them waits to go home."""
    for number in range(people):
        admitted = now - timedelta(hours=30 + number * 7 % 700)
        stay = Spell(
            id=f"rz901-stay-{number:05d}",
            person=f"Patient/bench-{number}",
            hospital=HOSPITAL,
            admitted=admitted,
            beds=(BedStay(bed=_bed(number), since=admitted),),
        )
        is_waiting = number * 37 % 1000 < waiting * 1000
        stands = _waiting(number, stay, now) if is_waiting else _staying(stay, now)
        yield _person(number), spell.build(stay), readiness.build(stands)


def _person(number: int) -> dict[str, Any]:
    born = f"{1925 + number % 40}-{1 + number % 12:02d}-{1 + number % 28:02d}"
    name = {"family": _FAMILY[number // 10 % 10], "given": [_GIVEN[number % 10]]}
    person = f"bench-{number}"
    return {"resourceType": "Patient", "id": person, "name": [name], "birthDate": born}


def _staying(stay: Spell, now: datetime) -> Readiness:
    assert stay.admitted
    seen = Reviewed(checklist="c", at=now - timedelta(hours=2), by=NURSE, meets=True)
    return Readiness(
        person=stay.person,
        spell=stay.id,
        hospital=stay.hospital,
        admitted=stay.admitted,
        state="meets-criteria",
        reviewed=seen,
    )


def _waiting(number: int, stay: Spell, now: datetime) -> Readiness:
    reason, owner, way = _REASONS[number % len(_REASONS)]
    since = now - timedelta(hours=3 + number % 20)
    state = _STATES[number % len(_STATES)] if way else "ready"
    chase = at_clock(now.date(), 8 + number % 10)
    starts = at_clock((now + timedelta(days=1)).date(), 18)
    choice = PathwayChoice(
        code=way,
        destination=_HOME[way],
        decided_by=NURSE,
        decided_at=since,
        new_care=way in "123",
    )
    kinds = ("medicines", "transport", "equipment", "carer", "funding", "provider")
    done = tuple(Check(kind=kind, state="done", by=NURSE, at=since) for kind in kinds[: number % 5])
    start = Start(at=starts, provider="VZ901", confirmed_by=NURSE, confirmed_at=since)
    seen = Reviewed(checklist="c", at=now - timedelta(hours=2), by=NURSE, meets=False)
    return replace(
        _staying(stay, now),
        state=state,
        spans=(ReadySpan(since=since, checklist="c"),),
        delays=(Delay(reason=reason, owner=owner, since=since, chase_by=chase, set_by=NURSE),),
        pathway=choice if way else None,
        checks=done,
        start=start if number % 3 == 0 and way == "1" else None,
        reviewed=seen,
    )
