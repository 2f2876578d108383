"""A person says that an entry is wrong: the Task that holds her words, read and written.

Pure (UK GDPR 16 and 18; domain.md 5.4, 8). The entry itself is never changed by it; the Task names
it as its focus and is seen by whoever sees such entries (`fhir.classes`). Who may write it is
`access.rights`. docs/decisions/0015-rights.md says why it is a Task.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from msgspec import Struct

from joinedup.fhir.classes import DISAGREEMENT, TASK_KIND, task_kind
from joinedup.fhir.issue import Problem
from joinedup.fhir.key import hash64

__all__ = [
    "ANSWERS",
    "LONGEST_WORDS",
    "Disagreement",
    "answered",
    "disagreement_id",
    "disagreement_of",
    "disagreement_task",
    "said_again",
    "standing_disagreements",
    "taken_back",
    "words_problems",
]

Resource = Mapping[str, Any]
Answer = Literal["corrected", "not-changed", "passed"]
LONGEST_WORDS = 4_000
ANSWER_CODES = "https://joinedup.example/CodeSystem/disagreement-answer"
ANSWERS: Mapping[str, str] = {
    "corrected": "Corrected",
    "not-changed": "Not changed",
    "passed": "Passed to another organisation",
}


class Disagreement(Struct, frozen=True, kw_only=True):
    """What a person says of one entry, and what was answered.

    `entry` is `Type/id`; `answer` is one of `ANSWERS` or "" while nobody has; `reasons` are the
    organisations' words, oldest first.
    """

    id: str
    person: str
    entry: str
    title: str
    words: str
    said_on: str
    owner: str
    status: str
    answer: str
    reasons: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether an organisation still has to answer."""
        return self.status == "requested"

    @property
    def stands(self) -> bool:
        """Whether it is shown beside the entry: until it was corrected, or taken back."""
        return self.status == "requested" or self.answer == "not-changed"


def disagreement_id(person_id: str, entry: str) -> str:
    """Return the one id of a person's disagreement with an entry: two tabs meet in it."""
    return f"disagreement-{hash64(f'{person_id}/{entry}') & (2**64 - 1):016x}"


def words_problems(words: str) -> tuple[Problem, ...]:
    """Return what is wrong with the words typed; empty when they may be written down."""
    if not words.strip():
        return (Problem("required", "Write what is wrong, in your own words.", "words"),)
    if len(words) > LONGEST_WORDS:
        return (Problem("too-long", f"Use at most {LONGEST_WORDS:,} characters.", "words"),)
    return ()


def disagreement_task(
    person_id: str,
    entry: Resource,
    words: str,
    *,
    title: str,
    owner: str,
    requester: str,
    at: datetime,
) -> dict[str, Any]:
    """Return the Task in which a person says that an entry is wrong; its labels are the entry's."""
    reference = f"{entry['resourceType']}/{entry['id']}"
    task: dict[str, Any] = {
        "resourceType": "Task",
        "id": disagreement_id(person_id, reference),
        "status": "requested",
        "intent": "proposal",
        "code": {
            "coding": [{"system": TASK_KIND, "code": DISAGREEMENT}],
            "text": "The person says that an entry is wrong",
        },
        "description": words.strip(),
        "focus": {"reference": reference, "display": title},
        "for": {"reference": f"Patient/{person_id}"},
        "requester": {"reference": requester},
        "authoredOn": _said(at),
        "owner": {"reference": f"Organization/{owner}"},
    }
    if security := entry.get("meta", {}).get("security"):
        task["meta"] = {"security": security}
    return task


def said_again(task: Resource, words: str) -> dict[str, Any]:
    """Return the Task with the person's new words, asked again; what was answered stays below."""
    kept = {k: v for k, v in task.items() if k != "businessStatus"}
    return {**kept, "status": "requested", "description": words.strip()}


def taken_back(task: Resource) -> dict[str, Any]:
    """Return the Task as the person takes it back; it stands beside nothing any more."""
    return {**task, "status": "cancelled"}


def answered(
    task: Resource,
    answer: Answer,
    reason: str,
    *,
    worker: str,
    at: datetime,
    to: str = "",
) -> dict[str, Any]:
    """Return the Task as an organisation answered it; passed on, it waits for the next one."""
    note = {
        "authorReference": {"reference": worker},
        "time": _said(at),
        "text": reason.strip(),
    }
    changed = {
        **task,
        "status": "requested" if answer == "passed" else "completed",
        "businessStatus": {
            "coding": [{"system": ANSWER_CODES, "code": answer, "display": ANSWERS[answer]}]
        },
        "lastModified": _said(at),
        "note": [*task.get("note", ()), note],
    }
    if to:
        changed["owner"] = {"reference": f"Organization/{to}"}
    return changed


def disagreement_of(task: Resource) -> Disagreement | None:
    """Return a Task as a disagreement; None for any other resource."""
    if task_kind(task) != DISAGREEMENT:
        return None
    focus, status = task.get("focus", {}), task.get("businessStatus", {})
    codes = [c.get("code") for c in status.get("coding", ()) if c.get("system") == ANSWER_CODES]
    return Disagreement(
        id=str(task.get("id", "")),
        person=str(task.get("for", {}).get("reference", "")).removeprefix("Patient/"),
        entry=str(focus.get("reference", "")),
        title=str(focus.get("display", "")),
        words=str(task.get("description", "")),
        said_on=str(task.get("authoredOn", "")),
        owner=str(task.get("owner", {}).get("reference", "")).removeprefix("Organization/"),
        status=str(task.get("status", "")),
        answer=str(next(iter(codes), "")),
        reasons=tuple(str(note.get("text", "")) for note in task.get("note", ())),
    )


def standing_disagreements(resources: Iterable[Resource]) -> dict[str, Disagreement]:
    """Return by `Type/id` the entries that a person says are wrong, as it stands now."""
    found = (d for r in resources if (d := disagreement_of(r)) is not None)
    return {d.entry: d for d in found if d.stands}


def _said(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
