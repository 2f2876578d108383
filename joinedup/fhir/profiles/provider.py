"""A place that gives care, as a HealthcareService: what its regulator and its contract say of it.

Its id is the location's, never that of the provider which owns it (domain.md 14.2b). Who may be
offered work is `brokerage.rules.providers`; what is free there is in Slots (`slot`).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.profiles.parts import pack, parts

__all__ = ["CareProvider", "build", "is_provider", "read"]

Resource = dict[str, Any]
_URL = f"{PLACE}/StructureDefinition/care-provider"


class CareProvider(Struct, frozen=True, kw_only=True):
    """One location. `organisation` is whose workers answer, an Organization's id; `owner` the id of
    the provider with the regulator. Days are the last on which a paper holds; None: never shown.
    Prices are those agreed with it, in pence for an hour and a week; 0: none is."""

    location: str
    organisation: str
    owner: str
    name: str
    telephone: str
    registration: str
    rating: str
    activities: frozenset[str]
    nursing: bool = False
    embargo: str = ""
    insured_until: date | None = None
    data_security_until: date | None = None
    hour_pence: int = 0
    week_pence: int = 0


def build(provider: CareProvider) -> Resource:
    """Return the location as a HealthcareService (FHIR R4 8.8)."""
    said = {
        "owner": provider.owner,
        "registration": provider.registration,
        "rating": provider.rating,
        "activities": " ".join(sorted(provider.activities)),
        "nursing": provider.nursing,
        "embargo": provider.embargo,
        "insured-until": provider.insured_until,
        "data-security-until": provider.data_security_until,
        "hour-pence": provider.hour_pence,
        "week-pence": provider.week_pence,
    }
    return {
        "resourceType": "HealthcareService",
        "id": provider.location,
        "extension": [pack(_URL, said)],
        "active": provider.registration == "active",
        "providedBy": {"reference": f"Organization/{provider.organisation}"},
        "name": provider.name,
        "telecom": [{"system": "phone", "value": provider.telephone}],
    }


def is_provider(resource: Mapping[str, Any]) -> bool:
    """Whether a resource is a location that gives care, as `build` makes it."""
    return resource.get("resourceType") == "HealthcareService" and bool(parts(resource, _URL))


def read(resource: Mapping[str, Any]) -> CareProvider:
    """Return the location a HealthcareService is; KeyError if it is another thing."""
    if not is_provider(resource):
        raise KeyError("this HealthcareService is no care provider")
    said = parts(resource, _URL)[0]
    telecom: Resource = next(iter(resource.get("telecom", ())), {})
    return CareProvider(
        location=resource["id"],
        organisation=resource["providedBy"]["reference"].removeprefix("Organization/"),
        owner=said.get("owner", ""),
        name=resource.get("name", ""),
        telephone=telecom.get("value", ""),
        registration=said.get("registration", ""),
        rating=said.get("rating", ""),
        activities=frozenset(said.get("activities", "").split()),
        nursing=said.get("nursing", False),
        embargo=said.get("embargo", ""),
        insured_until=said.get("insured-until"),
        data_security_until=said.get("data-security-until"),
        hour_pence=said.get("hour-pence", 0),
        week_pence=said.get("week-pence", 0),
    )
