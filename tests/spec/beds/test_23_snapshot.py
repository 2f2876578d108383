"""The picture at 08:00, of today and of any past day, built again from what had come by then.

Domain.md 10.1, 10.3 example 6; DI-08.
"""

from datetime import datetime

import pytest

from joinedup import record
from joinedup.beds.queries import NOW_KNOWN, hospital_then
from joinedup.beds.rules.picture import counts, snapshot_at
from joinedup.fhir.profiles import spell as spells
from joinedup.fhir.profiles.bed import Bed, Closure, build_bed
from joinedup.fhir.profiles.parts import Reference
from joinedup.record.cluster import Urls
from tests.spec.beds.kept import (
    HOSPITAL,
    SEVEN,
    SYSTEM,
    bed_id,
    lie,
    open_hospital,
    put,
)
from tests.spec.beds.wards import DAY, january

EIGHT, TEN = snapshot_at(DAY), january(10, 10)


@pytest.fixture(autouse=True)
def _hospital(record_database: Urls) -> None:
    assert record_database.application
    open_hospital(4, 0)
    for n in (1, 2, 3):
        lie(f"p{n}", bed_id(SEVEN, n))


def leave(stay: str, *, at: int, told: int) -> None:
    """Somebody leaves on the tenth; the record hears of it later."""
    stands = record.read(SYSTEM, "Encounter", stay).resource
    put(
        spells.with_end(stands, january(10, at), method="1", destination="19"), at=january(10, told)
    )


def numbers(at: datetime, known: datetime = NOW_KNOWN) -> tuple[int, int, int]:
    """Occupied, free and to be cleaned at a moment, from what had come by another."""
    counted = counts(hospital_then(HOSPITAL, at, known=known).shown)
    return counted["occupied"], counted["available"], counted["cleaning"]


def test_eight_and_ten_differ_and_each_has_its_time() -> None:
    """10.3 example 6."""
    leave("stay-p1", at=9, told=9)
    assert numbers(EIGHT, EIGHT) == (3, 1, 0)
    assert numbers(TEN) == (2, 1, 1)


def test_a_past_day_stays_as_it_was_counted() -> None:
    """What came late changes today's knowledge of a day, never what was counted on it."""
    leave("stay-p1", at=7, told=11)
    assert numbers(EIGHT, EIGHT) == (3, 1, 0)
    assert numbers(EIGHT) == (2, 1, 1)


def test_a_bed_closed_since_then_was_open_then() -> None:
    closure = Closure(reason="maintenance", since=january(10, 9), by=Reference("Practitioner/bell"))
    bed = Bed(id=bed_id(SEVEN, 4), ward=SEVEN, name="Bed 4", hospital=HOSPITAL, closure=closure)
    put(build_bed(bed), at=january(10, 9))
    assert numbers(EIGHT, EIGHT) == (3, 1, 0)
    assert numbers(TEN) == (3, 0, 0)


def test_before_anything_had_come_there_was_nothing() -> None:
    assert numbers(january(3), january(3)) == (0, 0, 0)


def test_a_stay_taken_back_later_was_counted_then_and_is_not_now() -> None:
    stands = record.read(SYSTEM, "Encounter", "stay-p1").resource
    put({**spells.without_bed(stands, TEN), "status": "cancelled"}, at=TEN)
    assert numbers(EIGHT, EIGHT) == (3, 1, 0)
    assert numbers(EIGHT)[0] == 2
