"""A visit that is planned at somebody's home, as an Appointment of their package's provider.

Who came is `profiles/visit`. A visit that stops while somebody is in hospital keeps why, so that
exactly those come back.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.fhir.profiles.event import PLACE

__all__ = [
    "IN_HOSPITAL",
    "PlannedVisit",
    "again",
    "build",
    "is_ahead",
    "is_held",
    "is_planned_visit",
    "read",
    "stopped",
]

Resource = dict[str, Any]
_KIND = {"system": f"{PLACE}/CodeSystem/appointment", "code": "home-visit"}
_WHY = f"{PLACE}/CodeSystem/visit-stopped"
IN_HOSPITAL = "in-hospital"
_WORDS = {IN_HOSPITAL: "In hospital", "ended": "No longer needed"}
_AHEAD = ("booked", "pending", "proposed", "waitlist")


class PlannedVisit(Struct, frozen=True, kw_only=True):
    """A visit that is planned: `package` an EpisodeOfCare's id, `provider` an organisation's."""

    id: str
    package: str
    provider: str
    start: datetime
    end: datetime
    person: str = ""


def build(visit: PlannedVisit) -> Resource:
    """Return the visit as a booked Appointment (FHIR R4 12.1)."""
    actors = (visit.person, f"Organization/{visit.provider}")
    return {
        "resourceType": "Appointment",
        "id": visit.id,
        "status": "booked",
        "serviceCategory": [{"coding": [dict(_KIND)], "text": "Visit at home"}],
        "description": "Visit at home",
        "supportingInformation": [{"reference": f"EpisodeOfCare/{visit.package}"}],
        "start": visit.start.isoformat(),
        "end": visit.end.isoformat(),
        "participant": [{"actor": {"reference": a}, "status": "accepted"} for a in actors],
    }


def is_planned_visit(resource: Mapping[str, Any]) -> bool:
    """Whether a resource is a visit at home that is planned, or was."""
    concepts = resource.get("serviceCategory", ())
    return resource.get("resourceType") == "Appointment" and any(
        _KIND["code"] == c.get("code") and _KIND["system"] == c.get("system")
        for concept in concepts
        for c in concept.get("coding", ())
    )


def read(resource: Mapping[str, Any]) -> PlannedVisit:
    """Return the visit an Appointment is; KeyError if it is another thing, or lacks a part."""
    if not is_planned_visit(resource):
        raise KeyError("this is no visit at home")
    actors = [str(p.get("actor", {}).get("reference", "")) for p in resource["participant"]]
    about = [str(i.get("reference", "")) for i in resource["supportingInformation"]]
    return PlannedVisit(
        id=resource["id"],
        package=_first(about, "EpisodeOfCare/"),
        provider=_first(actors, "Organization/"),
        start=datetime.fromisoformat(resource["start"]),
        end=datetime.fromisoformat(resource["end"]),
        person=f"Patient/{_first(actors, 'Patient/')}",
    )


def _first(references: list[str], kind: str) -> str:
    return next((r.removeprefix(kind) for r in references if r.startswith(kind)), "")


def stopped(appointment: Mapping[str, Any], why: str) -> Resource:
    """Return an appointment ahead cancelled: `in-hospital` or `ended`."""
    reason = {"coding": [{"system": _WHY, "code": why}], "text": _WORDS[why]}
    return {**appointment, "status": "cancelled", "cancelationReason": reason}


def again(appointment: Mapping[str, Any]) -> Resource:
    """Return a visit that stopped for a stay in hospital, booked again."""
    kept: Resource = {k: v for k, v in appointment.items() if k != "cancelationReason"}
    return kept | {"status": "booked"}


def is_ahead(appointment: Mapping[str, Any], at: datetime) -> bool:
    """Whether an Appointment is still to happen at a moment."""
    start = appointment.get("start")
    return appointment.get("status") in _AHEAD and bool(start and _moment(start) >= at)


def is_held(appointment: Mapping[str, Any]) -> bool:
    """Whether a visit stopped because its person is in hospital."""
    codings = appointment.get("cancelationReason", {}).get("coding", ())
    return appointment.get("status") == "cancelled" and any(
        c.get("system") == _WHY and c.get("code") == IN_HOSPITAL for c in codings
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
