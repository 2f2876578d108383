"""Asking people whose it is: which question a decision raises, and keeping it once. (ID-03)

The system asks; a question that was asked before stands as it is, answered or not: what people
called different is never proposed again.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from joinedup.access.permit import Permit
from joinedup.fhir.search.query import parse_query
from joinedup.people.identity.protection import is_protected
from joinedup.people.identity.question import (
    DONE,
    Held,
    Question,
    held_task,
    pair_id,
    question_id,
    question_of,
    question_task,
)
from joinedup.people.identity.rules import Candidate, Decision, Outcome
from joinedup.record import Put, commit, search

__all__ = [
    "MOST_PEOPLE",
    "ask",
    "hold",
    "is_open",
    "pair_question",
    "patient_question_id",
    "question_about",
    "standing",
]

MOST_PEOPLE = 10
"""Candidates kept with one question; more than these are told as a number."""
_TOGETHER = 100
_REASONS = {
    Outcome.SEVERAL: "several",
    Outcome.UNSURE: "unsure",
    Outcome.CONFLICT: "conflict",
    Outcome.NEW: "nobody",
}


def patient_question_id(own: str) -> str:
    """Return the id of the question whose an organisation's Patient of this id is."""
    return question_id(f"patient|{own}")


def question_about(
    own: str,
    patient: Mapping[str, Any],
    decision: Decision,
    candidates: Sequence[Candidate],
    *,
    organisation: str,
    now: datetime,
    what: str = "Patient",
) -> Question:
    """Return the question that a decision leaves to people; nobody protected is among the named.

    Where somebody protected is meant, the question is for the privacy officer alone.
    """
    protected = {c.person_id for c in candidates if c.protected}
    reason = _REASONS[decision.outcome]
    if reason == "conflict" and decision.status not in ("05", ""):
        reason = "unverified"
    sentences = decision.reasons
    if more := len(decision.people) - MOST_PEOPLE:
        sentences = (*sentences, f"{more} more are not listed.") if more > 0 else sentences
    return Question(
        id=patient_question_id(own),
        reason=reason,
        sentences=sentences,
        organisation=organisation,
        asked_at=now,
        own=own,
        incoming=dict(patient),
        people=decision.people[:MOST_PEOPLE],
        verification=decision.status,
        protected=is_protected(patient) or not protected.isdisjoint(decision.people),
        what=what,
    )


def pair_question(
    one: str,
    other: str,
    sentences: Sequence[str],
    *,
    organisation: str = "",
    protected: bool = False,
    now: datetime,
) -> Question:
    """Return the question whether two people of the record are one."""
    return Question(
        id=pair_id(one, other),
        reason="pair",
        sentences=tuple(sentences),
        organisation=organisation,
        asked_at=now,
        own="",
        incoming={},
        people=tuple(sorted((one, other))),
        protected=protected,
    )


def standing(permit: Permit, ids: Iterable[str]) -> dict[str, Question]:
    """Return the questions of these ids that were asked already, as they stand."""
    found: dict[str, Question] = {}
    wanted = list(dict.fromkeys(ids))
    for start in range(0, len(wanted), _TOGETHER):
        some = ",".join(wanted[start : start + _TOGETHER])
        query = parse_query("Task", (("_id", some),), default_count=_TOGETHER)
        for stored in search(permit, query, detail="whose record is this").entries:
            if question := question_of(stored.resource, stored.version):
                found[question.id] = question
    return found


def ask(permit: Permit, questions: Sequence[Question]) -> dict[str, Question]:
    """Keep the questions that were never asked, and return all as they stand; for the system."""
    known = standing(permit, (q.id for q in questions)) if questions else {}
    new = {q.id: q for q in questions if q.id not in known}
    if new:
        puts = [Put(question_task(q)) for q in new.values()]
        commit(permit, puts, dangling="keep", action="ask-whose", detail="identity")
    return {**new, **known}


def is_open(question: Question | None) -> bool:
    """Return whether what belongs to a question has to wait still."""
    return question is not None and question.state != DONE


def hold(held: Held) -> Put:
    """Return the change that keeps a resource until its question is answered."""
    return Put(held_task(held))
