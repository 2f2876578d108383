"""The Task that an assessment and a review are: one builder, reader and check for both profiles."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from joinedup.fhir.issue import Problem
from joinedup.fhir.profiles.event import (
    EVENT_TYPE,
    Event,
    Resource,
    check_event,
    coding,
    frame,
    period,
    read_event,
    row_of,
)

__all__ = ["CouncilTask"]

_OUTCOME = "Event Outcome"
_DESCRIPTION = "Event Description"


class CouncilTask(Struct, frozen=True, kw_only=True):
    """A kind of council event kept as a Task.

    The column `told_by` says which sort of it one is; it and those in `needed` are not left blank.
    """

    kind: str
    told_by: str
    needed: tuple[str, ...]

    def build(self, event: Event, resource_id: str) -> Resource:
        """Return the event as a Task: completed when it has an end, otherwise in progress."""
        native = (self.told_by, _OUTCOME, _DESCRIPTION)
        resource = frame(event, "Task", self.kind, resource_id=resource_id, native=native)
        sort = event.says(self.told_by)
        codings: list[Resource] = [{"system": EVENT_TYPE, "code": self.kind}]
        if sort.strip():
            codings.append(coding(self.told_by, sort))
        resource |= {
            "status": "completed" if event.end else "in-progress",
            "intent": "order",
            "code": {"coding": codings, "text": sort or self.kind},
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

    def read(self, resource: Mapping[str, Any]) -> Event:
        """Return the event of a Task that `build` made; KeyError if it is another thing."""
        sorts = [c for c in resource["code"]["coding"] if c.get("system") != EVENT_TYPE]
        return read_event(
            resource,
            person=resource["for"]["reference"],
            council=resource["owner"]["reference"].removeprefix("Organization/"),
            days=resource["executionPeriod"],
            native={
                self.told_by: resource["code"]["text"] if sorts else "",
                _OUTCOME: resource.get("businessStatus", {}).get("text", ""),
                _DESCRIPTION: resource.get("description", ""),
            },
        )

    def check(self, event: Event) -> tuple[Problem, ...]:
        """Return what a return would be questioned for; blanks are warnings, never refusals."""
        return check_event(event, (self.told_by, *self.needed))

    def columns(
        self, resource: Mapping[str, Any], person_columns: Mapping[str, str]
    ) -> dict[str, str]:
        """Return the row of the return that this event is."""
        return row_of(self.read(resource), self.kind, person_columns)
