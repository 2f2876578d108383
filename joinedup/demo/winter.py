"""The hospital's waiting list for operations, and the returns it sent before today.

Twelve people wait for an operation next week, two of whom nothing may put off. The returns of the
days before yesterday were sent; yesterday's is due at eleven, and is the tour's to send.
"""

from datetime import timedelta

from joinedup.access.permit import system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.demo.cast import CAST, HOSPITAL, SEED, TODAY, worker
from joinedup.demo.people import chance_of, make_people
from joinedup.demo.shape import Outline
from joinedup.demo.writing import at
from joinedup.fhir.profiles.elective import Elective, build
from joinedup.measures.sitreps import build_sitrep, send_sitrep
from joinedup.record.change import Create, Source
from joinedup.record.stood import latest
from joinedup.record.write import commit

__all__ = ["arrange_winter", "waiting_people"]

_PERMIT = system_permit("demo")
_NOWAK = worker("tomasz-nowak")
_SENDS = worker_permit(_NOWAK.reference, _NOWAK.name, Role.DISCHARGE_COORDINATOR, HOSPITAL.code)
_OPERATIONS = (
    ("Hip replacement", 4, 22),
    ("Knee replacement", 3, 20),
    ("Hernia repair", 1, 6),
    ("Gallbladder removed", 2, 9),
    ("Cataract surgery", 0, 3),
)
_WAITING = 12
_ADULT_YEARS = 30
_SENT_DAYS = (4, 3, 2)
"""Days before today whose returns were sent."""


def waiting_people(people: int, seed: int = SEED) -> list[Outline]:
    """Return who waits for an operation: grown-ups of the place, none of whom the tour follows."""
    able = [
        p
        for p in make_people(seed, people)
        if p not in CAST and not p.died and p.age(TODAY) >= _ADULT_YEARS
    ]
    return able[1 :: max(1, len(able) // _WAITING)][:_WAITING]


def arrange_winter(people: int, seed: int = SEED) -> None:
    """Store the waiting list, and send the returns of the days before yesterday."""
    entries = [_entry(n, p, seed) for n, p in enumerate(waiting_people(people, seed))]
    changes = [Create(build(e), e.id, Source(HOSPITAL.code)) for e in entries]
    commit(_PERMIT, changes, dangling="keep", action="import", now=at(TODAY - timedelta(days=3), 9))
    for days_ago in _SENT_DAYS:
        day = TODAY - timedelta(days=days_ago)
        built = build_sitrep(_SENDS, HOSPITAL.code, day, stood_at=latest())
        if built.is_known and not built.problems:
            sent = at(day + timedelta(days=1), 10, 30 + days_ago)
            send_sitrep(_SENDS, HOSPITAL.code, day, now=sent, stood_at=latest())


def _entry(number: int, person: Outline, seed: int) -> Elective:
    chance = chance_of(seed, person.id, "operation")
    words, bed_days, hours = _OPERATIONS[number % len(_OPERATIONS)]
    return Elective(
        id=f"operation-{person.id}",
        person=f"Patient/{person.id}",
        hospital=HOSPITAL.code,
        operation="Bowel cancer surgery" if number == 3 else words,
        priority="P2" if number in (3, 7) else chance.choice(("P3", "P4", "P4")),
        clock_start=TODAY - timedelta(weeks=chance.randint(3, 21), days=chance.randint(0, 6)),
        planned=TODAY + timedelta(days=1 + number % 7),
        cancer=number == 3,
        bed_days=bed_days,
        staff_hours=hours,
    )
