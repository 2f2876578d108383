"""The answer of a second person to what waits for one, as the end of its Task (BU-05).

What waits is a Task of a kind of its own (`payment`, `pay_run`); how one is answered is the same.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joinedup.fhir.profiles.event import PLACE

__all__ = ["answered", "answered_by", "answers_of", "part_type", "statuses"]

Resource = dict[str, Any]


def statuses(yes: str) -> Mapping[str, str]:
    """Return Task.status by answer; `yes` is what this kind calls being let through."""
    return {yes: "completed", "refused": "rejected", "withdrawn": "cancelled", "": "requested"}


def answers_of(yes: str) -> Mapping[str, str]:
    """Return the answer by Task.status, "" while it waits."""
    return {status: answer for answer, status in statuses(yes).items()}


def part_type(kind: str, code: str) -> Resource:
    """Return the type of one part of such a Task's input or output."""
    return {"coding": [{"system": f"{PLACE}/CodeSystem/{kind}-part", "code": code}]}


def answered(
    task: Mapping[str, Any], kind: str, status: str, *, by: str, at: datetime, why: str = ""
) -> Resource:
    """Return the Task with its answer; everything else of it stays."""
    said: Resource = {
        **task,
        "status": status,
        "lastModified": at.isoformat(timespec="seconds"),
        "output": [{"type": part_type(kind, "answered-by"), "valueReference": {"reference": by}}],
    }
    if why:
        said["statusReason"] = {"text": why}
    return said


def answered_by(task: Mapping[str, Any]) -> str:
    """Return who answered, as a reference; "" for nobody yet."""
    return next((str(o["valueReference"]["reference"]) for o in task.get("output", ())), "")
