"""A request for adult social care, as a ServiceRequest (Client Level Data event type Request)."""

from collections.abc import Mapping
from typing import Any

from joinedup.fhir.issue import Problem
from joinedup.fhir.profiles.event import (
    EVENT_TYPE,
    Event,
    Resource,
    check_event,
    first_of,
    frame,
    listed,
    period,
    read_event,
    row_of,
)

__all__ = ["build", "check", "columns", "read"]

KIND = "Request"
_NATIVE = ("Event Description", "Request: Route of Access")
_NEEDED = ("Request: Route of Access", "Event Outcome")


def build(event: Event, resource_id: str) -> Resource:
    """Return the request as a ServiceRequest: completed when it has an end, otherwise active."""
    resource = frame(event, "ServiceRequest", KIND, resource_id=resource_id, native=_NATIVE)
    resource |= {
        "status": "completed" if event.end else "active",
        "intent": "order",
        "category": [{"coding": [{"system": EVENT_TYPE, "code": KIND}], "text": KIND}],
        "code": {"text": "Request for adult social care"},
        "subject": {"reference": event.person},
        "occurrencePeriod": period(event),
        "authoredOn": event.start.isoformat(),
        "performer": [{"reference": f"Organization/{event.council}"}],
    }
    if route := listed("Request: Route of Access", event.says("Request: Route of Access")):
        resource["orderDetail"] = [route]
    if event.says("Event Description"):
        resource["note"] = [{"text": event.says("Event Description")}]
    return resource


def read(resource: Mapping[str, Any]) -> Event:
    """Return the event of a ServiceRequest that `build` made; KeyError if it is another thing."""
    return read_event(
        resource,
        person=resource["subject"]["reference"],
        council=resource["performer"][0]["reference"].removeprefix("Organization/"),
        days=resource["occurrencePeriod"],
        native={
            "Request: Route of Access": first_of(resource, "orderDetail").get("text", ""),
            "Event Description": first_of(resource, "note").get("text", ""),
        },
    )


def check(event: Event) -> tuple[Problem, ...]:
    """Return what a return would be questioned for; blanks are warnings, never refusals."""
    return check_event(event, _NEEDED)


def columns(resource: Mapping[str, Any], person_columns: Mapping[str, str]) -> dict[str, str]:
    """Return the row of the return that this request is."""
    return row_of(read(resource), KIND, person_columns)
