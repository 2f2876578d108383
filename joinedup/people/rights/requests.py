"""A person's request for a copy of her whole record: its Task, its time limit, its answer. Pure.

UK GDPR 12(3) and 15: one month from the day it was asked, two more where it is complex and she is
told why within the first; the copy may then be taken for some days. Who may write it is
`access.rights`.
"""

import calendar
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec import Struct

from joinedup.fhir.classes import TASK_KIND, task_kind
from joinedup.fhir.issue import Problem
from joinedup.fhir.key import hash64
from joinedup.fhir.search.period import LONDON
from joinedup.people.presenters.words import concept

__all__ = [
    "DOWNLOAD_DAYS",
    "LONGEST_REASON",
    "REFUSALS",
    "RecordRequest",
    "approved",
    "cancelled",
    "due_on",
    "extended",
    "latest_on",
    "reason_problems",
    "refused",
    "request_of",
    "request_task",
]

Resource = Mapping[str, Any]
DOWNLOAD_DAYS = 28
LONGEST_REASON = 2_000
REFUSAL_CODES = "https://joinedup.example/CodeSystem/record-request-refusal"
REFUSALS: Mapping[str, str] = {
    "identity": "We could not be sure who was asking",
    "unfounded": "The request is manifestly unfounded",
    "excessive": "The request is manifestly excessive",
}
"""Why a whole request may be refused (UK GDPR 12(2), 12(5)); entries are another matter."""


class RecordRequest(Struct, frozen=True, kw_only=True):
    """One request, as pages tell it; days are London's.

    `asked_by` is a reference: the person, or the worker who wrote it down for them. `until` is
    when the copy can no longer be taken; None before it was approved.
    """

    id: str
    person: str
    asked_by: str
    asked_on: date
    due: date
    status: str
    reason: str
    until: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it waits for the privacy officer."""
        return self.status in ("requested", "in-progress")

    @property
    def was_extended(self) -> bool:
        """Whether the time limit was made longer."""
        return self.status == "in-progress"

    def may_be_taken(self, now: datetime) -> bool:
        """Whether the copy can be downloaded now."""
        return self.status == "completed" and self.until is not None and now < self.until


def due_on(asked: date) -> date:
    """Return the last day to answer: the same day of the next month, or that month's last.

    A weekend or bank holiday would give a day or more longer; we keep to the earlier day.
    """
    return _months_after(asked, 1)


def latest_on(asked: date) -> date:
    """Return the last day to answer a complex request: three months after it was asked."""
    return _months_after(asked, 3)


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def request_task(
    person_id: str, *, requester: str, earlier_count: int, at: datetime
) -> dict[str, Any]:
    """Return the Task of a new request; `earlier_count` requests were made before.

    Its id follows from both, so that two who ask at once meet in one.
    """
    asked = at.astimezone(LONDON).date()
    name = hash64(f"record-request/{person_id}") & (2**64 - 1)
    return {
        "resourceType": "Task",
        "id": f"record-request-{name:016x}-{earlier_count + 1}",
        "status": "requested",
        "intent": "order",
        "code": {
            "coding": [{"system": TASK_KIND, "code": "record-request"}],
            "text": "A copy of the whole record",
        },
        "for": {"reference": f"Patient/{person_id}"},
        "requester": {"reference": requester},
        "authoredOn": _said(at),
        "restriction": {"period": {"end": due_on(asked).isoformat()}},
    }


def reason_problems(reason: str, field: str = "reason") -> tuple[Problem, ...]:
    """Return what is wrong with a reason that the person will read; empty where it will do."""
    if not reason.strip():
        return (Problem("required", "Write why, so that the person can understand it.", field),)
    if len(reason) > LONGEST_REASON:
        return (Problem("too-long", f"Use at most {LONGEST_REASON:,} characters.", field),)
    return ()


def extended(task: Resource, reason: str, *, at: datetime) -> dict[str, Any]:
    """Return the request with two more months, and the reason the person is told."""
    asked = datetime.fromisoformat(task["authoredOn"]).astimezone(LONDON).date()
    return {
        **task,
        "status": "in-progress",
        "statusReason": {"text": reason.strip()},
        "lastModified": _said(at),
        "restriction": {"period": {"end": latest_on(asked).isoformat()}},
    }


def approved(task: Resource, *, at: datetime) -> dict[str, Any]:
    """Return the request as approved: the copy may be taken for `DOWNLOAD_DAYS`."""
    until = at + timedelta(days=DOWNLOAD_DAYS)
    output = [{"type": {"text": "The copy can be taken until"}, "valueDateTime": _said(until)}]
    return {**task, "status": "completed", "lastModified": _said(at), "output": output}


def refused(task: Resource, code: str, reason: str, *, at: datetime) -> dict[str, Any]:
    """Return the request as refused, with the coded reason and its words."""
    assert code in REFUSALS
    coding = [{"system": REFUSAL_CODES, "code": code, "display": REFUSALS[code]}]
    why = {"coding": coding, "text": f"{REFUSALS[code]}. {reason.strip()}"}
    return {**task, "status": "rejected", "statusReason": why, "lastModified": _said(at)}


def cancelled(task: Resource, *, at: datetime) -> dict[str, Any]:
    """Return the request as the person took it back."""
    return {**task, "status": "cancelled", "lastModified": _said(at)}


def request_of(task: Resource) -> RecordRequest | None:
    """Return a Task as a request for a copy; None for any other resource."""
    if task_kind(task) != "record-request":
        return None
    end = task.get("restriction", {}).get("period", {}).get("end", "")
    until = next((o["valueDateTime"] for o in task.get("output", ()) if "valueDateTime" in o), "")
    asked_on = datetime.fromisoformat(task["authoredOn"]).astimezone(LONDON).date()
    return RecordRequest(
        id=str(task["id"]),
        person=str(task.get("for", {}).get("reference", "")).removeprefix("Patient/"),
        asked_by=str(task.get("requester", {}).get("reference", "")),
        asked_on=asked_on,
        due=date.fromisoformat(end) if end else due_on(asked_on),
        status=str(task.get("status", "")),
        reason=concept(task.get("statusReason")),
        until=datetime.fromisoformat(until) if until else None,
    )


def _said(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
