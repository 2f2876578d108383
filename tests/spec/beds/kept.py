"""A hospital in the record for the chapters on beds that are kept, moved and closed: two wards."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from joinedup import record
from joinedup.access.permit import Permit, system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.beds.moves import SeenStay
from joinedup.beds.queries import HospitalThen, hospital_then
from joinedup.beds.standing import SeenPlace
from joinedup.fhir.profiles.bed import Bed, Ward, build_bed, build_ward
from joinedup.fhir.profiles.spell import BedStay, Spell
from joinedup.fhir.profiles.spell import build as build_stay
from joinedup.record import Put, Source
from tests.spec.beds.wards import january

Resource = dict[str, Any]

HOSPITAL, OTHER = "RZ901", "RZ905"
SEVEN, FOUR = "ward-7", "ward-4"
SYSTEM = system_permit("import")
EARLY = january(5)
NOW = january(10, 10)


def worker(role: Role, name: str = "bell", organisation: str = HOSPITAL) -> Permit:
    """Somebody who works at a hospital."""
    return worker_permit(f"Practitioner/{name}", name.title(), role, organisation)


NURSE, MANAGER = worker(Role.WARD_NURSE), worker(Role.WARD_MANAGER, "santos")


def put(*resources: Resource, at: datetime = EARLY) -> None:
    """Bring resources in as an import does, at a time."""
    changes = [Put(resource, source=Source(HOSPITAL)) for resource in resources]
    record.commit(SYSTEM, changes, dangling="keep", now=at)


def bed_id(ward: str, number: int) -> str:
    """The Location of a bed."""
    return f"{ward}-bed-{number}"


def ward_of(name: str, count: int, **changes: Any) -> Iterable[Resource]:
    """A ward with its beds, all open and clean."""
    words = f"Ward {name.rpartition('-')[2]}"
    yield build_ward(Ward(id=name, name=words, hospital=HOSPITAL))
    for n in range(1, count + 1):
        said = {"id": bed_id(name, n), "ward": name, "name": f"Bed {n}", "hospital": HOSPITAL}
        yield build_bed(Bed(**(said | changes)))


def person(name: str, **more: Any) -> Resource:
    """Somebody with a name."""
    return {"resourceType": "Patient", "id": name, "name": [{"family": name.title()}], **more}


def stay_in(name: str, bed: str = "", **changes: Any) -> Resource:
    """A stay of somebody since the fifth, in a bed or in none."""
    beds = (BedStay(bed=bed, since=EARLY),) if bed else ()
    said = {
        "id": f"stay-{name}",
        "person": f"Patient/{name}",
        "hospital": HOSPITAL,
        "admitted": EARLY,
        "beds": beds,
    }
    return build_stay(Spell(**(said | changes)))


def open_hospital(seven: int = 6, four: int = 4) -> None:
    """Two organisations, who keeps the beds, two wards, nobody in them yet."""
    put(*({"resourceType": "Organization", "id": o} for o in (HOSPITAL, OTHER)))
    put(*({"resourceType": "Practitioner", "id": name} for name in ("bell", "santos")))
    put(*ward_of(SEVEN, seven), *ward_of(FOUR, four))


def lie(name: str, bed: str = "", at: datetime = EARLY, **changes: Any) -> str:
    """Put somebody into the record, in a bed or in none; return their stay's id."""
    put(person(name), at=at)
    put(stay_in(name, bed, **changes), at=at)
    return f"stay-{name}"


def seen(location: str) -> SeenPlace:
    """A bed or ward as a page shows it now."""
    return SeenPlace(location, record.read(SYSTEM, "Location", location).version)


def seen_stay(stay: str) -> SeenStay:
    """A stay as a page shows it now."""
    return SeenStay(stay, record.read(SYSTEM, "Encounter", stay).version)


def then(at: datetime = NOW, **known: datetime) -> HospitalThen:
    """How the hospital stands."""
    return hospital_then(HOSPITAL, at, **known)


def state(bed: str, at: datetime = NOW) -> str:
    """What a bed is now."""
    return next(line.state for line in then(at).shown.lines if line.bed.id == bed)


def lying(bed: str, at: datetime = NOW) -> tuple[str, ...]:
    """Whose stays lie in a bed now."""
    return next(line.spells for line in then(at).shown.lines if line.bed.id == bed)
