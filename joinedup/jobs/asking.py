"""Where joinedup cannot tell somebody, people do: a Task for the practice, one a person."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from joinedup import record
from joinedup.fhir.issue import Conflict, Stale
from joinedup.fhir.key import hash64, resource_key
from joinedup.fhir.profiles import errand
from joinedup.jobs.rules.ways import LASTING, NoWay
from joinedup.record import Change, Create, Update
from joinedup.record.notices import JOB, said_in

__all__ = ["KIND", "ask_the_practice", "reach_id"]

KIND = "reach"
_DUE = timedelta(days=7)
_SIGHT = timedelta(days=28)
"""How long the Task shows the person to the practice that was asked, should she move to another."""


def reach_id(person_id: str) -> str:
    """Return the one id of the Task about how to reach somebody."""
    return f"{KIND}-{hash64(person_id) & (2**64 - 1):016x}"


def ask_the_practice(patient: Mapping[str, Any], why: NoWay, *, at: datetime) -> bool:
    """Ask somebody's practice to tell them, or how; returns whether anything new is asked.

    One Task a person: what is open is not asked again, and what was answered only where people
    have to tell them each time. Without a practice nobody is asked.
    """
    named = (str(p.get("reference", "")) for p in patient.get("generalPractitioner", ()))
    practice = next((p for p in named if p.startswith("Organization/")), "")
    if not practice:
        return False
    person_id = str(patient["id"])
    task_id = reach_id(person_id)
    stands = next(iter(said_in([resource_key("Task", task_id)])), None)
    is_over = stands is not None and not errand.is_open(stands.resource)
    if stands is not None and not (is_over and why in LASTING):
        return False
    task = _task(task_id, person_id, practice, why, at)
    change: Change = Update(task, stands.version) if stands else Create(task, task_id)
    try:
        record.commit(JOB, [change], dangling="keep", action="asked-to-tell")
    except (Conflict, Stale):  # another process was first
        return False
    return True


def _task(task_id: str, person_id: str, practice: str, why: NoWay, at: datetime) -> dict[str, Any]:
    words = "Ask somebody how they want to be told"
    made = errand.build(
        KIND,
        task_id,
        words,
        person=f"Patient/{person_id}",
        owner=practice,
        at=at,
        due=at + _DUE,
    )
    period = {
        "start": at.isoformat(timespec="seconds"),
        "end": (at + _SIGHT).isoformat(timespec="seconds"),
    }
    return made | {"description": why.reason, "executionPeriod": period}
