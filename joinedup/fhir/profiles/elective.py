"""A place on a waiting list for an operation, as a ServiceRequest: its clock, its deferrals.

The clock of referral to treatment starts once and stops once; nothing pauses it (since October
2015). What may be deferred is `beds.rules.deferral`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.profiles.parts import Reference, pack, parts

__all__ = ["PRIORITIES", "WAITING_LIST", "Deferral", "Elective", "build", "is_elective", "read"]

Resource = dict[str, Any]
PRIORITIES = ("P1a", "P1b", "P2", "P3", "P4")
WAITING_LIST = f"{PLACE}/CodeSystem/waiting-list"
_URL = f"{PLACE}/StructureDefinition/elective-"
_FHIR_PRIORITY = {"P1a": "stat", "P1b": "asap", "P2": "urgent"}


class Deferral(Struct, frozen=True, kw_only=True):
    """One putting-off: which clinician confirmed it, when; `until` is the new date."""

    at: datetime
    confirmed_by: Reference
    planned: date
    until: date
    told_at: datetime | None = None


class Elective(Struct, frozen=True, kw_only=True):
    """One entry. `person` is `Patient/...`; `clock_start` None is a fault of the list, not a rule.

    `vulnerable` says why putting off would hurt more than the wait; beds and hours are expected.
    """

    id: str
    person: str
    hospital: str
    operation: str
    priority: str
    clock_start: date | None
    planned: date | None = None
    clock_stop: date | None = None
    stop_reason: str = ""
    cancer: bool = False
    time_critical: bool = False
    vulnerable: str = ""
    bed_days: int = 0
    staff_hours: int = 0
    deferrals: tuple[Deferral, ...] = ()


_SAID = (
    "priority",
    "clock_start",
    "clock_stop",
    "stop_reason",
    "cancer",
    "time_critical",
    "vulnerable",
    "bed_days",
    "staff_hours",
)


def build(entry: Elective, onto: Mapping[str, Any] | None = None) -> Resource:
    """Return the entry as a ServiceRequest (FHIR R4 12.10), completed once its clock stopped.

    What else `onto` says of it is kept.
    """
    before = onto or {}
    others = [e for e in before.get("extension", ()) if not str(e.get("url", "")).startswith(_URL)]
    said = {name.replace("_", "-"): getattr(entry, name) for name in _SAID}
    resource: Resource = {
        **before,
        "resourceType": "ServiceRequest",
        "id": entry.id,
        "extension": [
            *others,
            pack(f"{_URL}entry", said),
            *(pack(f"{_URL}deferral", asdict(d)) for d in entry.deferrals),
        ],
        "status": "completed" if entry.clock_stop else "active",
        "intent": "order",
        "category": [{"coding": [{"system": WAITING_LIST, "code": "operation"}]}],
        "priority": _FHIR_PRIORITY.get(entry.priority, "routine"),
        "code": {"text": entry.operation},
        "subject": {"reference": entry.person},
        "performer": [{"reference": f"Organization/{entry.hospital}"}],
    }
    return resource | ({"occurrenceDateTime": entry.planned.isoformat()} if entry.planned else {})


def is_elective(resource: Mapping[str, Any]) -> bool:
    """Whether a resource is a place on a waiting list for an operation."""
    codings = (c for each in resource.get("category", ()) for c in each.get("coding", ()))
    return resource.get("resourceType") == "ServiceRequest" and any(
        c.get("system") == WAITING_LIST for c in codings
    )


def read(resource: Mapping[str, Any]) -> Elective:
    """Return the entry a ServiceRequest is; KeyError if it is another thing."""
    if not is_elective(resource):
        raise KeyError("this is no place on a waiting list")
    said = {k.replace("-", "_"): v for k, v in parts(resource, f"{_URL}entry")[0].items()}
    planned = resource.get("occurrenceDateTime")
    return Elective(
        id=resource["id"],
        person=resource["subject"]["reference"],
        hospital=resource["performer"][0]["reference"].removeprefix("Organization/"),
        operation=resource["code"]["text"],
        planned=date.fromisoformat(planned) if planned else None,
        deferrals=tuple(Deferral(**d) for d in parts(resource, f"{_URL}deferral")),
        clock_start=said.pop("clock_start", None),
        priority=said.pop("priority", ""),
        **said,
    )
