"""A service a person receives from or through a council, as an EpisodeOfCare (Client Level Data
event type Service): what, how long, by whom, at what cost."""

from collections.abc import Mapping
from typing import Any

from joinedup.fhir.issue import Problem
from joinedup.fhir.profiles.columns import slug
from joinedup.fhir.profiles.event import (
    EVENT_TYPE,
    PLACE,
    Event,
    Resource,
    check_event,
    frame,
    listed,
    period,
    read_event,
    row_of,
)

__all__ = ["build", "check", "columns", "read"]

KIND = "Service"
_LISTED = ("Service Type", "Service Component", "Delivery Mechanism")
_NEEDED = ("Service Type", "Service Component", "Unit Cost", "Cost Frequency (Unit Type)")


def build(event: Event, resource_id: str) -> Resource:
    """Return the service as an EpisodeOfCare: finished when it has an end, otherwise active."""
    resource = frame(event, "EpisodeOfCare", KIND, resource_id=resource_id, native=_LISTED)
    types = [{"coding": [{"system": EVENT_TYPE, "code": KIND}], "text": KIND}]
    types += [concept for name in _LISTED if (concept := listed(name, event.says(name)))]
    resource |= {
        "status": "finished" if event.end else "active",
        "type": types,
        "patient": {"reference": event.person},
        "managingOrganization": {"reference": f"Organization/{event.council}"},
        "period": period(event),
    }
    return resource


def read(resource: Mapping[str, Any]) -> Event:
    """Return the event of an EpisodeOfCare that `build` made; KeyError if it is another thing."""
    return read_event(
        resource,
        person=resource["patient"]["reference"],
        council=resource["managingOrganization"]["reference"].removeprefix("Organization/"),
        days=resource["period"],
        native={name: _text_of(resource, name) for name in _LISTED},
    )


def check(event: Event) -> tuple[Problem, ...]:
    """Return what a return would be questioned for; blanks are warnings, never refusals."""
    return check_event(event, _NEEDED)


def columns(resource: Mapping[str, Any], person_columns: Mapping[str, str]) -> dict[str, str]:
    """Return the row of the return that this service is."""
    return row_of(read(resource), KIND, person_columns)


def _text_of(resource: Mapping[str, Any], column: str) -> str:
    system = f"{PLACE}/CodeSystem/cld-{slug(column)}"
    for concept in resource["type"]:
        if any(c.get("system") == system for c in concept.get("coding", ())):
            return str(concept["text"])
    return ""
