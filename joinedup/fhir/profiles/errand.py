"""Any Task as an errand: since when it waits, by when it is due, whose it is, who took it.

Builder and reader of what no kind of Task has of its own: that a worker took it (an extension, so
that taking it gives nobody sight and changes no owner), and the plain errand that a room raises
for a team. FHIR R4 12.9.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joinedup.fhir.classes import TASK_KIND, task_kind
from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.profiles.parts import Reference, pack, parts
from joinedup.fhir.search.period import bounds

__all__ = [
    "OPEN",
    "build",
    "done",
    "due_of",
    "earliest_of",
    "given_back",
    "is_open",
    "since_of",
    "taken",
    "taken_by",
]

Resource = dict[str, Any]
OPEN = ("draft", "requested", "received", "accepted", "ready", "in-progress", "on-hold")
"""Task.status of what somebody still has to do."""

_TAKEN = f"{PLACE}/StructureDefinition/task-taken"


def build(
    kind: str,
    errand_id: str,
    words: str,
    *,
    person: str,
    owner: str,
    at: datetime,
    due: datetime | None = None,
) -> Resource:
    """Return a plain errand for a team: `person` is `Patient/...`, `owner` `Organization/...`."""
    resource: Resource = {
        "resourceType": "Task",
        "id": errand_id,
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": kind}], "text": words},
        "for": {"reference": person},
        "owner": {"reference": owner},
        "authoredOn": at.isoformat(timespec="seconds"),
    }
    if due is not None:
        resource["restriction"] = {"period": {"end": due.isoformat(timespec="seconds")}}
    return resource


def is_open(task: Mapping[str, Any]) -> bool:
    """Whether somebody still has to do it."""
    return task.get("status") in OPEN


def since_of(task: Mapping[str, Any]) -> str:
    """Return since when it waits, as FHIR says it; "" where nothing says so."""
    said = task.get("authoredOn") or task.get("executionPeriod", {}).get("start")
    return str(said or task.get("lastModified") or "")


def due_of(task: Mapping[str, Any]) -> datetime | None:
    """Return the moment it is due: of a day its end. None where no day was set, or none is read."""
    text = str(task.get("restriction", {}).get("period", {}).get("end", ""))
    return _moment(text, last=True)


def earliest_of(task: Mapping[str, Any]) -> datetime | None:
    """Return the moment before which it is not done; None where it may be done at once."""
    return _moment(str(task.get("restriction", {}).get("period", {}).get("start", "")), last=False)


def _moment(text: str, *, last: bool) -> datetime | None:
    try:
        low, high = bounds(text)
        return datetime.fromisoformat(high if last and "T" not in text else low)
    except (ValueError, IndexError):
        return None


def taken_by(task: Mapping[str, Any]) -> tuple[str, str, datetime | None]:
    """Return who took it, as reference and name, and when; ("", "", None) where nobody has."""
    said = next(iter(parts(task, _TAKEN)), {})
    return str(said.get("by", "")), str(said.get("name", "")), said.get("at")


def taken(task: Mapping[str, Any], worker: str, name: str, at: datetime) -> Resource:
    """Return the Task as one worker's; who had taken it before is in its history."""
    mark = pack(_TAKEN, {"by": Reference(worker), "name": name, "at": at})
    return {**task, "extension": [*_others(task), mark]}


def given_back(task: Mapping[str, Any]) -> Resource:
    """Return the Task as its team's again."""
    others = _others(task)
    rest = {name: value for name, value in task.items() if name != "extension"}
    return {**rest, "extension": others} if others else rest


def done(task: Mapping[str, Any], worker: str, at: datetime) -> Resource:
    """Return the Task as done, by whom and when."""
    coding = {"system": f"{PLACE}/CodeSystem/{task_kind(task)}-part", "code": "done-by"}
    output = {"type": {"coding": [coding]}, "valueReference": {"reference": worker}}
    said = {"status": "completed", "lastModified": at.isoformat(timespec="seconds")}
    return {**task, **said, "output": [*task.get("output", ()), output]}


def _others(task: Mapping[str, Any]) -> list[Any]:
    return [e for e in task.get("extension", ()) if e.get("url") != _TAKEN]
