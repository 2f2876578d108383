"""A care transfer hub of the place, as a HealthcareService: who runs it, and what it is called.

Wards choose among these where they send somebody's needs; everybody who works here sees them.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from joinedup.fhir.profiles.event import PLACE

__all__ = ["HUB_CODE", "HUB_SYSTEM", "Hub", "build", "is_hub", "read"]

Resource = dict[str, Any]
HUB_SYSTEM, HUB_CODE = f"{PLACE}/CodeSystem/service", "care-transfer-hub"


class Hub(Struct, frozen=True):
    """One hub: `organisation` is the id of who runs it."""

    id: str
    organisation: str
    name: str


def build(hub: Hub) -> Resource:
    """Return the hub as a HealthcareService (FHIR R4 8.7)."""
    return {
        "resourceType": "HealthcareService",
        "id": hub.id,
        "active": True,
        "providedBy": {"reference": f"Organization/{hub.organisation}"},
        "category": [{"coding": [{"system": HUB_SYSTEM, "code": HUB_CODE}]}],
        "name": hub.name,
    }


def is_hub(resource: Mapping[str, Any]) -> bool:
    """Whether a resource is a care transfer hub that is at work."""
    codings = (c for each in resource.get("category", ()) for c in each.get("coding", ()))
    return (
        resource.get("resourceType") == "HealthcareService"
        and resource.get("active", True)
        and any((c.get("system"), c.get("code")) == (HUB_SYSTEM, HUB_CODE) for c in codings)
        and bool(resource.get("providedBy", {}).get("reference"))
    )


def read(resource: Mapping[str, Any]) -> Hub:
    """Return the hub a HealthcareService is; KeyError if it is another thing."""
    if not is_hub(resource):
        raise KeyError("this is no care transfer hub")
    organisation = str(resource["providedBy"]["reference"]).removeprefix("Organization/")
    return Hub(resource["id"], organisation, str(resource.get("name", "Care transfer hub")))
