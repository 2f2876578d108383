"""The Task that an assessment and a review are; called by those two profiles only."""

from collections.abc import Mapping
from typing import Any

from joinedup.fhir.profiles.event import (
    EVENT_TYPE,
    Event,
    Resource,
    coding,
    frame,
    period,
    read_event,
)

__all__ = ["build", "read"]

_OUTCOME = "Event Outcome"
_DESCRIPTION = "Event Description"


def build(event: Event, resource_id: str, *, kind: str, told_by: str) -> Resource:
    """Return the Task of an event; the column `told_by` says which sort of it this is."""
    native = (told_by, _OUTCOME, _DESCRIPTION)
    resource = frame(event, "Task", kind, resource_id=resource_id, native=native)
    sort = event.says(told_by)
    codings: list[Resource] = [{"system": EVENT_TYPE, "code": kind}]
    if sort.strip():
        codings.append(coding(told_by, sort))
    resource |= {
        "status": "completed" if event.end else "in-progress",
        "intent": "order",
        "code": {"coding": codings, "text": sort or kind},
        "for": {"reference": event.person},
        "executionPeriod": period(event),
        "authoredOn": event.start.isoformat(),
        "owner": {"reference": f"Organization/{event.council}"},
    }
    if event.says(_OUTCOME).strip():
        resource["businessStatus"] = {
            "coding": [coding(_OUTCOME, event.says(_OUTCOME))],
            "text": event.says(_OUTCOME),
        }
    if event.says(_DESCRIPTION):
        resource["description"] = event.says(_DESCRIPTION)
    return resource


def read(resource: Mapping[str, Any], *, told_by: str) -> Event:
    """Return the event of a Task that `build` made; KeyError if it is another thing."""
    sorts = [c for c in resource["code"]["coding"] if c.get("system") != EVENT_TYPE]
    return read_event(
        resource,
        person=resource["for"]["reference"],
        council=resource["owner"]["reference"].removeprefix("Organization/"),
        days=resource["executionPeriod"],
        native={
            told_by: resource["code"]["text"] if sorts else "",
            _OUTCOME: resource.get("businessStatus", {}).get("text", ""),
            _DESCRIPTION: resource.get("description", ""),
        },
    )
