"""That an entry is kept from a person: why, who decided, and when it is looked at again. Pure.

ON-01: an entry shows unless somebody decided otherwise, with a coded reason, a reviewer and a
review date. The label on the entry does the keeping (`fhir.withholding`); this Task holds the
decision, under the same label, so that whoever may not know of the entry knows of no decision.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec import Struct

from joinedup.fhir.classes import LABEL_CODES, TASK_KIND, task_kind
from joinedup.fhir.issue import Problem
from joinedup.fhir.key import hash64
from joinedup.fhir.withholding import WITHHOLDING
from joinedup.people.presenters.words import codes_of

__all__ = [
    "LONGEST_REVIEW_DAYS",
    "Withholding",
    "lifted",
    "withholding_id",
    "withholding_of",
    "withholding_problems",
    "withholding_task",
]

Resource = Mapping[str, Any]
LONGEST_REVIEW_DAYS = 366
LONGEST_NAME = 200


class Withholding(Struct, frozen=True, kw_only=True):
    """One decision: the entry, the code of `WITHHOLDING`, who advised, when it is reviewed."""

    id: str
    person: str
    entry: str
    code: str
    reviewer: str
    review_on: str
    is_standing: bool


def withholding_id(entry: str) -> str:
    """Return the one id of the decision about an entry."""
    return f"withholding-{hash64(entry) & (2**64 - 1):016x}"


def withholding_problems(
    code: str, reviewer: str, review_on: str, *, today: date
) -> tuple[Problem, ...]:
    """Return what is missing before an entry may be kept from a person; empty when nothing is.

    Serious harm is judged by a health professional (DPA 2018 Schedule 3, 2 and 5), so a name is
    asked for; nothing is kept back without a day on which somebody looks again.
    """
    found = []
    if code not in WITHHOLDING:
        found.append(Problem("required", "Choose why this is kept from the person.", "code"))
    if not reviewer.strip() or len(reviewer) > LONGEST_NAME:
        words = "Write the name and role of the professional who judged this."
        found.append(Problem("required", words, "reviewer"))
    try:
        day = date.fromisoformat(review_on)
    except ValueError:
        found.append(Problem("required", "Give the day on which this is reviewed.", "review_on"))
    else:
        if not today < day <= today + timedelta(days=LONGEST_REVIEW_DAYS):
            words = "The review is after today and within a year."
            found.append(Problem("value", words, "review_on"))
    return tuple(found)


def withholding_task(
    person_id: str,
    entry: str,
    code: str,
    *,
    reviewer: str,
    review_on: str,
    worker: str,
    at: datetime,
) -> dict[str, Any]:
    """Return the Task that holds the decision, under the label that it gives the entry."""
    return {
        "resourceType": "Task",
        "id": withholding_id(entry),
        "meta": {"security": [{"system": LABEL_CODES, "code": code}]},
        "status": "in-progress",
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": "withholding"}]},
        "focus": {"reference": entry},
        "for": {"reference": f"Patient/{person_id}"},
        "requester": {"reference": worker},
        "authoredOn": at.astimezone(UTC).isoformat(timespec="seconds"),
        "reasonCode": {
            "coding": [{"system": LABEL_CODES, "code": code}],
            "text": WITHHOLDING[code],
        },
        "note": [{"text": f"Judged by {reviewer.strip()}"}],
        "restriction": {"period": {"end": review_on}},
    }


def lifted(task: Resource) -> dict[str, Any]:
    """Return the decision as it was lifted; it keeps its label, so that it tells nobody new."""
    return {**task, "status": "completed"}


def withholding_of(task: Resource) -> Withholding | None:
    """Return a Task as a decision to keep an entry from a person; None for any other resource."""
    if task_kind(task) != "withholding":
        return None
    return Withholding(
        id=str(task["id"]),
        person=str(task.get("for", {}).get("reference", "")).removeprefix("Patient/"),
        entry=str(task.get("focus", {}).get("reference", "")),
        code=next(iter(codes_of(task.get("reasonCode"))), ""),
        reviewer=" ".join(str(n.get("text", "")) for n in task.get("note", ())),
        review_on=str(task.get("restriction", {}).get("period", {}).get("end", "")),
        is_standing=task.get("status") == "in-progress",
    )
