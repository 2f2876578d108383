"""What a provider has free, as FHIR Slots: one slot is one start of care for one person.

Of what service, in which area and time band, from when, for how many hours a week, with how many
carers at once. Who holds one is its placement (`placement`), by a claim; one that its provider took
back claims itself, so that the same primary key decides who was first (domain.md 9.6, DI-05).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.profiles.parts import Reference, pack, parts

__all__ = [
    "AREA",
    "BAND",
    "BANDS",
    "HOMES",
    "SERVICE",
    "FreeStart",
    "build",
    "build_schedule",
    "claim_of",
    "claimed",
    "is_start",
    "provider_said",
    "read",
]

Resource = dict[str, Any]
SERVICE = f"{PLACE}/CodeSystem/care-service"
AREA = f"{PLACE}/CodeSystem/area"
BAND = f"{PLACE}/CodeSystem/time-band"
_URL = f"{PLACE}/StructureDefinition/free-start"
BANDS: Mapping[str, str] = {
    "morning": "Morning, 7 to 11",
    "midday": "Midday, 11 to 3",
    "tea": "Tea time, 3 to 6",
    "evening": "Evening, 6 to 10",
    "night": "Night, 10 to 7",
}
"""When on a day a visit can be; a place in a care home has none."""
HOMES = ("residential-home", "nursing-home")
_LENGTH = timedelta(minutes=30)


class FreeStart(Struct, frozen=True, kw_only=True):
    """One start. `location` is a HealthcareService's id, `provider` its organisation's; `area` an
    outward postcode, `band` one of `BANDS` or "" for a place in a home; `at` the first moment it
    can begin; `told_at` how old the figure is. One that is `withdrawn` is nobody's to hold."""

    id: str
    location: str
    provider: str
    service: str
    area: str
    at: datetime
    told_at: datetime
    told_by: Reference
    band: str = ""
    week_minutes: int = 0
    carers: int = 1
    skills: frozenset[str] = frozenset()
    withdrawn: bool = False

    @property
    def claim(self) -> str:
        """What only one placement may hold."""
        return claim_of(self.id)


def claim_of(slot: str) -> str:
    """Return the claim on a slot, by its id."""
    return f"slot/{slot}"


def build(start: FreeStart) -> Resource:
    """Return the start as a Slot (FHIR R4 13.4)."""
    said = {
        "location": start.location,
        "provider": start.provider,
        "week-minutes": start.week_minutes,
        "carers": start.carers,
        "skills": " ".join(sorted(start.skills)),
        "told-at": start.told_at,
        "told-by": start.told_by,
    }
    kinds = [{"coding": [{"system": AREA, "code": start.area}]}]
    if start.band:
        kinds.append({"coding": [{"system": BAND, "code": start.band}]})
    return {
        "resourceType": "Slot",
        "id": start.id,
        "extension": [pack(_URL, said)],
        "serviceCategory": [{"coding": [{"system": SERVICE, "code": start.service}]}],
        "serviceType": kinds,
        "schedule": {"reference": f"Schedule/{start.location}"},
        "status": "busy-unavailable" if start.withdrawn else "free",
        "start": start.at.isoformat(),
        "end": (start.at + _LENGTH).isoformat(),
    }


def build_schedule(location: str) -> Resource:
    """Return the Schedule that the slots of a location hang on (FHIR R4 13.3)."""
    return {
        "resourceType": "Schedule",
        "id": location,
        "active": True,
        "actor": [{"reference": f"HealthcareService/{location}"}],
    }


def is_start(resource: Mapping[str, Any]) -> bool:
    """Whether a resource is a start that a provider has told of."""
    return resource.get("resourceType") == "Slot" and bool(parts(resource, _URL))


def provider_said(resource: Mapping[str, Any]) -> str:
    """Return whose start a Slot says it is, whether or not the rest of it can be read."""
    return next((str(said.get("provider", "")) for said in parts(resource, _URL)), "")


def claimed(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a Slot holds of itself: its claim once it was taken back, otherwise nothing."""
    taken_back = resource.get("status") == "busy-unavailable" and is_start(resource)
    return (claim_of(str(resource["id"])),) if taken_back and resource.get("id") else ()


def read(resource: Mapping[str, Any]) -> FreeStart:
    """Return the start a Slot is; KeyError if it is another thing."""
    if not is_start(resource):
        raise KeyError("this Slot is no start of care")
    said = parts(resource, _URL)[0]
    kinds = [c for k in resource.get("serviceType", ()) for c in k.get("coding", ())]
    codes = {c.get("system"): str(c.get("code", "")) for c in kinds}
    return FreeStart(
        id=resource["id"],
        location=said["location"],
        provider=said["provider"],
        service=resource["serviceCategory"][0]["coding"][0]["code"],
        area=codes[AREA],
        band=codes.get(BAND, ""),
        at=datetime.fromisoformat(resource["start"]),
        told_at=said["told-at"],
        told_by=said["told-by"],
        week_minutes=said.get("week-minutes", 0),
        carers=said.get("carers", 1),
        skills=frozenset(said.get("skills", "").split()),
        withdrawn=resource.get("status") == "busy-unavailable",
    )
