"""Two wards on 16 January 2018: beds, who lies in them, and an infection on one."""

from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from joinedup.fhir.london import at_clock
from joinedup.fhir.profiles import isolation, readiness
from joinedup.fhir.profiles.bed import Bed, Closure, Ward, build_bed, build_ward
from joinedup.fhir.profiles.isolation import Isolation
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.spell import BedStay, Spell, build
from tests.spec.discharge.stays import stay
from tests.spec.record.place import HOSPITAL, joyce, put

NURSE = Reference("Practitioner/grace-adeyemi")
TODAY = date(2018, 1, 16)


def january(day: int, hour: int = 8, minute: int = 0) -> datetime:
    """A time in January 2018, as clocks in England showed it."""
    return at_clock(date(2018, 1, day), hour, minute)


NOW = january(16, 10)


def bed(ward: str, number: int, **changes: Any) -> Bed:
    """A bed of a ward: `w7-3`."""
    said = Bed(id=f"{ward}-{number}", ward=ward, name=f"Bed {number}", hospital=HOSPITAL)
    return replace(said, **changes)


def closed_for(infection: str) -> Closure:
    """A closure since 9 January."""
    return Closure(reason="infection", since=january(9), by=NURSE, infection=infection)


def lie(name: str, bed_id: str, since: datetime, *, until: datetime | None = None) -> None:
    """Somebody lies in a bed since then, and nobody has reviewed them."""
    beds = (
        BedStay(
            bed=bed_id, since=since, until=until, status="active" if not until else "completed"
        ),
    )
    spell = Spell(
        id=name,
        person=f"Patient/{name}",
        hospital=HOSPITAL,
        admitted=since,
        left=until,
        method="1" if until else "",
        destination="19" if until else "",
        beds=beds,
    )
    put(joyce(name, name=[{"family": name.title()}]), build(spell))


def waits(name: str, since: datetime) -> None:
    """Somebody who lies there is ready to go home since then."""
    from tests.spec.discharge.stays import ready

    here = stay(spell=name, person=f"Patient/{name}", hospital=HOSPITAL, admitted=january(5))
    put(readiness.build(ready(since, before=here)))


def has_flu(name: str, certainty: str = "confirmed") -> None:
    """Somebody who lies there has flu."""
    said = Isolation(
        spell=name,
        person=f"Patient/{name}",
        hospital=HOSPITAL,
        infection="flu",
        certainty=certainty,
        since=january(12),
        by=NURSE,
        words="Flu",
    )
    put(isolation.build(said))


def two_wards() -> None:
    """Ward 7: 10 beds, 8 in use, 2 of their people ready; Ward 4: 10 beds closed for norovirus,
    6 of them in use."""
    put(build_ward(Ward(id="w7", name="Ward 7", hospital=HOSPITAL)))
    put(build_ward(Ward(id="w4", name="Ward 4", hospital=HOSPITAL)))
    put(*(build_bed(bed("w7", n)) for n in range(1, 11)))
    put(*(build_bed(bed("w4", n, closure=closed_for("norovirus"))) for n in range(1, 11)))
    for n in range(1, 9):
        lie(f"seven-{n}", f"w7-{n}", january(5))
    for n in range(1, 7):
        lie(f"four-{n}", f"w4-{n}", january(5))
    for n in (1, 2):
        waits(f"seven-{n}", january(14))
