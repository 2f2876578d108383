"""An alert as the record holds it: a Task for who answers for access, and for nobody else. Pure.

It is about the person who was looked at, so it moves and ends with their record; its label keeps
it from them, from their proxies, and from every worker, the one it names included.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from joinedup.fhir.classes import LABEL_CODES, TASK_KIND, task_kind
from joinedup.people.alerts.rules import REASONS, SETTLED

__all__ = ["Alert", "alert_of", "alert_task", "settled_task"]

Resource = Mapping[str, Any]
_REASON = "https://joinedup.example/CodeSystem/alert-reason"
_FINDING = "https://joinedup.example/CodeSystem/alert-finding"


class Alert(Struct, frozen=True, kw_only=True):
    """One alert as a page tells it: who, whose record, when, why; `finding` is "" until settled."""

    id: str
    version: int
    person: str
    worker: str
    worker_name: str
    organisation: str
    role: str
    looked: datetime
    reasons: tuple[str, ...]
    finding: str
    notes: tuple[str, ...]

    @property
    def is_settled(self) -> bool:
        """Whether somebody said what it was."""
        return self.finding in SETTLED

    @property
    def why(self) -> tuple[str, ...]:
        """Its reasons in words."""
        return tuple(REASONS.get(reason, reason) for reason in self.reasons)


def alert_task(
    alert_id: str,
    person: str,
    worker: str,
    reasons: Iterable[str],
    *,
    name: str,
    role: str,
    organisation: str,
    looked: datetime,
) -> dict[str, Any]:
    """Return the Task of a look that raised an alert; `person` is `Patient/...`."""
    codings = [{"system": _REASON, "code": r, "display": REASONS[r]} for r in reasons]
    owner = {"owner": {"reference": f"Organization/{organisation}"}} if organisation else {}
    return {
        "resourceType": "Task",
        "id": alert_id,
        "meta": {"security": [{"system": LABEL_CODES, "code": "privacy-office"}]},
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": "access-alert"}]},
        "for": {"reference": person},
        "requester": {"reference": worker, "display": name},
        "performerType": [{"text": role}],
        "authoredOn": looked.astimezone(UTC).isoformat(timespec="seconds"),
        "reasonCode": {"coding": codings},
        **owner,
    }


def settled_task(
    task: Resource, reviewer: str, finding: str, words: str, now: datetime
) -> dict[str, Any]:
    """Return the Task with what was found; what was written before stays."""
    said = now.astimezone(UTC).isoformat(timespec="seconds")
    note = {"authorReference": {"reference": reviewer}, "time": said, "text": words.strip()}
    return {
        **task,
        "status": "completed" if finding in SETTLED else "in-progress",
        "businessStatus": {"coding": [{"system": _FINDING, "code": finding}]},
        "note": [*task.get("note", ()), note],
        "lastModified": said,
    }


def alert_of(task: Resource, version: int) -> Alert | None:
    """Return a Task as an alert; None for any other."""
    if task_kind(task) != "access-alert":
        return None
    kinds = (k.get("text", "") for k in task.get("performerType", ()))
    return Alert(
        id=str(task.get("id", "")),
        version=version,
        person=str(task.get("for", {}).get("reference", "")),
        worker=str(task.get("requester", {}).get("reference", "")),
        worker_name=str(task.get("requester", {}).get("display", "")),
        organisation=str(task.get("owner", {}).get("reference", "")).partition("/")[2],
        role=next((str(k) for k in kinds), ""),
        looked=datetime.fromisoformat(str(task["authoredOn"])),
        reasons=_codes(task.get("reasonCode", {}), _REASON),
        finding=next(iter(_codes(task.get("businessStatus", {}), _FINDING)), ""),
        notes=tuple(str(n.get("text", "")) for n in task.get("note", ())),
    )


def _codes(concept: Resource, system: str) -> tuple[str, ...]:
    return tuple(str(c["code"]) for c in concept.get("coding", ()) if c.get("system") == system)
