"""An assessment by a council, as a Task (Client Level Data event type Assessment).

The Task is the doing of it: when, by whom, how it came out. What was found lives in the sections
the assessors write.
"""

from collections.abc import Mapping
from typing import Any

from joinedup.fhir.issue import Problem
from joinedup.fhir.profiles import council_task
from joinedup.fhir.profiles.event import Event, Resource, check_event, row_of

__all__ = ["build", "check", "columns", "read"]

KIND = "Assessment"
_TYPE = "Assessment Type"
_NEEDED = (_TYPE, "Eligible Needs Identified", "Method of Assessment", "Event Outcome")


def build(event: Event, resource_id: str) -> Resource:
    """Return the assessment as a Task: completed when it has an end, otherwise in progress."""
    return council_task.build(event, resource_id, kind=KIND, told_by=_TYPE)


def read(resource: Mapping[str, Any]) -> Event:
    """Return the event of a Task that `build` made; KeyError if it is another thing."""
    return council_task.read(resource, told_by=_TYPE)


def check(event: Event) -> tuple[Problem, ...]:
    """Return what a return would be questioned for; blanks are warnings, never refusals."""
    return check_event(event, _NEEDED)


def columns(resource: Mapping[str, Any], person_columns: Mapping[str, str]) -> dict[str, str]:
    """Return the row of the return that this assessment is."""
    return row_of(read(resource), KIND, person_columns)
