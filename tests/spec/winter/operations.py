"""A waiting list for operations at the hospital on 10 January 2018."""

from datetime import date, timedelta
from typing import Any

from msgspec.structs import replace

from joinedup.fhir.profiles.elective import Elective, build
from tests.spec.record.place import HOSPITAL, joyce, put
from tests.spec.winter.ward import january

DAY = date(2018, 1, 10)
NOW = january(10, 9)


def elective(number: int = 1, **changes: Any) -> Elective:
    """A hip operation planned for 17 January, listed ten weeks before the 10th."""
    said = Elective(
        id=f"list-{number}",
        person=f"Patient/waits-{number}",
        hospital=HOSPITAL,
        operation="Hip replacement",
        priority="P4",
        clock_start=DAY - timedelta(weeks=10),
        planned=date(2018, 1, 17),
        bed_days=3,
        staff_hours=20,
    )
    return replace(said, **changes)


def listed(*entries: Elective) -> None:
    """Write these people and their places on the list into the record."""
    for entry in entries:
        name = entry.person.removeprefix("Patient/")
        put(joyce(name, name=[{"family": name.title()}]), build(entry))


def twelve() -> None:
    """Twelve who wait: one has cancer, one is priority P2."""
    listed(*(elective(n) for n in range(1, 11)))
    listed(elective(11, cancer=True), elective(12, priority="P2"))
