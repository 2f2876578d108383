"""An assessment by a council, as a Task (Client Level Data event type Assessment).

The Task is the doing of it: when, by whom, how it came out. What was found lives in the sections
the assessors write.
"""

from joinedup.fhir.profiles.council_task import CouncilTask

__all__ = ["build", "check", "columns", "read"]

_TASK = CouncilTask(
    kind="Assessment",
    told_by="Assessment Type",
    needed=("Eligible Needs Identified", "Method of Assessment", "Event Outcome"),
)
build, read, check, columns = _TASK.build, _TASK.read, _TASK.check, _TASK.columns
