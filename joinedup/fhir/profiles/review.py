"""A review of care and support by a council, as a Task (Client Level Data event type Review)."""

from joinedup.fhir.profiles.council_task import CouncilTask

__all__ = ["build", "check", "columns", "read"]

_TASK = CouncilTask(
    kind="Review", told_by="Review Reason", needed=("Method of Review", "Event Outcome")
)
build, read, check, columns = _TASK.build, _TASK.read, _TASK.check, _TASK.columns
