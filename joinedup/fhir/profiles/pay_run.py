"""A pay run that waits for a second person, as a Task that carries whom it pays how much.

Whoever prepares writes the first version; what is paid is what that version says, whatever later
versions say (BU-05). It names organisations alone.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct

from joinedup.fhir.classes import TASK_KIND, task_kind
from joinedup.fhir.profiles import answer

__all__ = ["PAY_RUN", "PreparedRun", "answered", "build", "is_pay_run", "pay_run_id", "read"]

Resource = dict[str, Any]
PAY_RUN = "pay-run"
_STATUS, _ANSWERS = answer.statuses("authorised"), answer.answers_of("authorised")


class PreparedRun(Struct, frozen=True, kw_only=True):
    """A run as it was prepared: `lines` are providers' codes and pence; days as in the ledger.

    `answer` is "" while it waits, then `authorised`, `refused` or `withdrawn`.
    """

    run: str
    on: date
    due_to: date
    lines: tuple[tuple[str, int], ...]
    prepared_by: str
    prepared_at: datetime
    answer: str = ""
    answered_by: str = ""
    why: str = ""

    @property
    def id(self) -> str:
        """Its id in the record."""
        return pay_run_id(self.run)


def pay_run_id(run: str) -> str:
    """Return the id of the Task of a run."""
    return f"pay-run-{run}"


def is_pay_run(resource: Mapping[str, Any]) -> bool:
    """Return whether a resource is a pay run that waits, or waited, for a second person."""
    return task_kind(resource) == PAY_RUN


def build(run: PreparedRun) -> Resource:
    """Return the Task of a run that waits; nobody is its owner."""
    lines = msgspec.json.encode(run.lines).decode()
    return {
        "resourceType": "Task",
        "id": run.id,
        "status": _STATUS[run.answer],
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": PAY_RUN}]},
        "description": f"Pay run {run.run}",
        "authoredOn": run.prepared_at.isoformat(timespec="seconds"),
        "requester": {"reference": run.prepared_by},
        "input": [
            {"type": _type("run"), "valueString": run.run},
            {"type": _type("on"), "valueDate": run.on.isoformat()},
            {"type": _type("due-to"), "valueDate": run.due_to.isoformat()},
            {"type": _type("lines"), "valueString": lines},
        ],
    }


def answered(
    task: Mapping[str, Any], said: str, *, by: str, at: datetime, why: str = ""
) -> Resource:
    """Return the Task with its answer; everything else of it stays."""
    return answer.answered(task, PAY_RUN, _STATUS[said], by=by, at=at, why=why)


def read(task: Mapping[str, Any]) -> PreparedRun:
    """Return what a Task of this kind says; KeyError or ValueError for one that says it wrongly."""
    if not is_pay_run(task):
        raise ValueError("this Task is no pay run")
    said = {str(part["type"]["coding"][0]["code"]): part for part in reversed(task["input"])}
    lines = msgspec.json.decode(said["lines"]["valueString"], type=tuple[tuple[str, int], ...])
    return PreparedRun(
        run=str(said["run"]["valueString"]),
        on=date.fromisoformat(said["on"]["valueDate"]),
        due_to=date.fromisoformat(said["due-to"]["valueDate"]),
        lines=lines,
        prepared_by=str(task["requester"]["reference"]),
        prepared_at=datetime.fromisoformat(str(task["authoredOn"])),
        answer=_ANSWERS[str(task["status"])],
        answered_by=answer.answered_by(task),
        why=str(task.get("statusReason", {}).get("text", "")),
    )


def _type(code: str) -> Resource:
    return answer.part_type(PAY_RUN, code)
