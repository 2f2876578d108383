"""Invented wards, beds and waiting lists for the chapters on beds and winter."""

from datetime import date, datetime, timedelta
from typing import Any

from joinedup.beds.rules.picture import Lying
from joinedup.fhir.london import at_clock
from joinedup.fhir.profiles.bed import Bed, Closure, Outbreak, Ward
from joinedup.fhir.profiles.elective import Elective
from joinedup.fhir.profiles.parts import Reference

HOSPITAL, WARD = "RX9", "ward-7"
NURSE = Reference("Practitioner/grace-adeyemi")
CONSULTANT = Reference("Practitioner/helen-marsh")
DAY = date(2018, 1, 10)


def january(day: int, hour: int = 8, minute: int = 0) -> datetime:
    """A time in January 2018, as clocks in England showed it."""
    return at_clock(date(2018, 1, day), hour, minute)


def bed(number: int, *, ward: str = WARD, **changes: Any) -> Bed:
    return Bed(
        **{
            "id": f"{ward}-{number}",
            "ward": ward,
            "name": f"Bed {number}",
            "hospital": HOSPITAL,
        }
        | changes
    )


def beds(number: int, *, ward: str = WARD) -> list[Bed]:
    return [bed(n, ward=ward) for n in range(1, number + 1)]


def closure(reason: str, *, infection: str = "") -> Closure:
    return Closure(reason=reason, since=january(9), by=NURSE, infection=infection)


def lying(number: int, *, ward: str = WARD, **changes: Any) -> Lying:
    said = {"spell": f"{ward}-stay-{number}", "bed": f"{ward}-{number}", "since": january(5)}
    return Lying(**(said | changes))


def outbreak(**changes: Any) -> Outbreak:
    said = {
        "infection": "norovirus",
        "certainty": "suspected",
        "began": january(9),
        "said_by": NURSE,
        "last_symptom": january(9),
    }
    return Outbreak(**(said | changes))


def ward(*outbreaks: Outbreak) -> Ward:
    return Ward(id=WARD, name="Ward 7", hospital=HOSPITAL, outbreaks=outbreaks)


def elective(number: int = 1, **changes: Any) -> Elective:
    """A hip operation planned for 10 January, listed ten weeks before."""
    said = {
        "id": f"list-{number}",
        "person": f"Patient/{number}",
        "hospital": HOSPITAL,
        "operation": "Hip replacement",
        "priority": "P4",
        "clock_start": DAY - timedelta(weeks=10),
        "planned": DAY,
        "bed_days": 3,
        "staff_hours": 20,
    }
    return Elective(**(said | changes))
