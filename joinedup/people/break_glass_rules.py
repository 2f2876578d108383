"""Opening a record without a relationship: what is written, and whether it is open now.

Pure. Who may write it, and for how long at most, is `access.guard`; what it then shows is
`access.policy` on the ground of break-glass (domain.md 1.2).
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from joinedup.access.guard import BREAK_GLASS_HOURS, OTHER_REASON, REASON_CODES, REASONS
from joinedup.fhir.classes import TASK_KIND, task_kind
from joinedup.fhir.issue import Problem
from joinedup.fhir.search.period import LONDON, bounds

__all__ = [
    "LONGEST_WORDS",
    "Glass",
    "glass_of",
    "glass_task",
    "open_glass",
    "reason_problems",
    "reviewed_task",
]

Resource = Mapping[str, Any]
LONGEST_WORDS = 1_000


class Glass(Struct, frozen=True, kw_only=True):
    """One record that was opened without a relationship, as a page tells it.

    `person` and `worker` are references; `note` is what the privacy officer found, "" until then.
    """

    id: str
    person: str
    worker: str
    reason: str
    words: str
    starts: datetime
    ends: datetime
    reviewed: bool
    note: str

    @property
    def until(self) -> str:
        """When it closes, on the clock of the place."""
        return f"{self.ends.astimezone(LONDON):%H:%M}"

    @property
    def why(self) -> str:
        """The reason in words, with what was typed to it."""
        said = REASONS.get(self.reason, "No reason given")
        return f"{said}: {self.words.rstrip('.')}" if self.words else said


def reason_problems(reason: str, words: str) -> tuple[Problem, ...]:
    """Return what is wrong with the reason given; empty when it may be written down."""
    if reason not in REASONS:
        return (Problem("required", "Choose why you need to open this record.", "reason"),)
    if reason == OTHER_REASON and not words.strip():
        return (Problem("required", "Write what the other reason is.", "words"),)
    if len(words) > LONGEST_WORDS:
        return (Problem("too-long", f"Use at most {LONGEST_WORDS:,} characters.", "words"),)
    return ()


def glass_task(
    worker: str, person_id: str, *, reason: str, words: str, now: datetime
) -> dict[str, Any]:
    """Return the Task that opens a record to one worker for four hours from now."""
    ends = now + timedelta(hours=BREAK_GLASS_HOURS)
    why: dict[str, Any] = {
        "coding": [{"system": REASON_CODES, "code": reason, "display": REASONS[reason]}]
    }
    if words.strip():
        why["text"] = words.strip()
    return {
        "resourceType": "Task",
        "status": "in-progress",
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": "break-glass"}]},
        "for": {"reference": f"Patient/{person_id}"},
        "requester": {"reference": worker},
        "authoredOn": _said(now),
        "executionPeriod": {"start": _said(now), "end": _said(ends)},
        "reasonCode": why,
    }


def reviewed_task(task: Resource, reviewer: str, note: str, now: datetime) -> dict[str, Any]:
    """Return the Task with what the privacy officer found; what was written before stays."""
    found = {"authorReference": {"reference": reviewer}, "time": _said(now), "text": note.strip()}
    return {**task, "status": "completed", "note": [*task.get("note", ()), found]}


def _said(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def glass_of(task: Resource) -> Glass | None:
    """Return a Task as a record that was opened without a relationship; None for any other."""
    period = task.get("executionPeriod", {})
    if task_kind(task) != "break-glass" or not (period.get("start") and period.get("end")):
        return None
    why = task.get("reasonCode", {})
    codes = [c.get("code") for c in why.get("coding", ()) if c.get("system") == REASON_CODES]
    return Glass(
        id=str(task.get("id", "")),
        person=str(task.get("for", {}).get("reference", "")),
        worker=str(task.get("requester", {}).get("reference", "")),
        reason=str(next(iter(codes), "")),
        words=str(why.get("text", "")),
        starts=datetime.fromisoformat(bounds(period["start"])[0]),
        ends=datetime.fromisoformat(bounds(period["end"])[0]),
        reviewed=task.get("status") == "completed",
        note=" ".join(str(note.get("text", "")) for note in task.get("note", ())),
    )


def open_glass(tasks: Iterable[Resource], worker: str, now: datetime) -> Glass | None:
    """Return what keeps a record open to a worker now, the latest to close; None where nothing."""
    found = (glass for task in tasks if (glass := glass_of(task)))
    opened = [g for g in found if g.worker == worker and g.starts <= now < g.ends]
    return max(opened, key=lambda g: g.ends, default=None)
