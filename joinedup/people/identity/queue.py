"""The work list of identity: what waits, one question with its candidates, and answering it.

Who may is `access.policy` (SETTLE_IDENTITY); a question about somebody protected, or passed on,
is the privacy officer's alone. Every candidate shown is a look at that person, opened or not.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.identity import settling
from joinedup.access.permit import Permit, system_permit, tracing
from joinedup.access.restrictions import is_restricted, withheld
from joinedup.access.words import Power
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.issue import Conflict, Invalid, NotFound, NotPermitted, Problem, Refusal
from joinedup.fhir.key import resource_key
from joinedup.fhir.search.query import parse_query
from joinedup.people.alerts.workers import refuse_kin
from joinedup.people.demographics import demographics_of
from joinedup.people.identity.carrying_out import carry_out
from joinedup.people.identity.protection import is_protected
from joinedup.people.identity.question import (
    DONE,
    TO_CARRY_OUT,
    WAITING,
    WITH_OFFICER,
    Answer,
    Question,
    answered,
    question_of,
)
from joinedup.people.identity.rules import Candidate, Weighed, weigh
from joinedup.record import Put, Update
from joinedup.record.merge import merge, unmerge
from joinedup.record.sight import reached
from joinedup.record.watched import bodies

__all__ = ["LONGEST_WORDS", "Looked", "Shown", "Work", "answer_question", "look", "work_of"]

LONGEST_WORDS = 500
MOST_LISTED = 200
_OPEN = f"{WAITING},{WITH_OFFICER},{TO_CARRY_OUT}"
_WHY = "find a person"

Patient = Mapping[str, Any]


class Work(Struct, frozen=True):
    """What waits, oldest first, and what was decided lately, newest first; `more` are not listed.

    Questions that are another's to answer are not among them.
    """

    waiting: tuple[Question, ...]
    decided: tuple[Question, ...]
    more: bool


class Shown(Struct, frozen=True):
    """One candidate as the reader may see them, weighed against what came."""

    patient: Patient
    weighed: Weighed
    restricted: bool
    version: int


class Looked(Struct, frozen=True):
    """One question with what is known to answer it by; `held` entries wait with it."""

    question: Question
    shown: tuple[Shown, ...]
    held: int


def work_of(permit: Permit) -> Work:
    """Return the work list that the permit sees. NotPermitted for a role that does not settle it.

    What was passed to the privacy officer shows to others as waiting for her.
    """
    _need(permit)
    waiting, more = _questions(permit, _OPEN)
    decided, _ = _questions(permit, DONE)
    hidden = _half_hidden(permit, [*waiting, *decided])
    hidden |= _about_protected(permit, [*waiting, *decided])
    waiting = [q for q in waiting if q.id not in hidden]
    decided = [q for q in decided if q.answers and q.id not in hidden]
    decided.sort(key=lambda q: q.answers[-1].at, reverse=True)
    waiting.sort(key=lambda q: (q.asked_at, q.id))
    return Work(tuple(waiting), tuple(decided[:MOST_LISTED]), more)


def look(permit: Permit, question_id: str) -> Looked:
    """Return one question with its candidates, best first; each is looked at by it (ID-03).

    Raises NotFound where there is none that the permit sees, NotPermitted as `work_of`.
    """
    question = _question(permit, question_id)
    patients = _patients(permit, question.people)
    if question.is_pair and len(patients) < len(question.people):
        raise NotFound(f"There is no Task/{question_id} that you can see.")
    incoming = question.incoming
    others = [p for p in question.people if p in patients]
    if question.is_pair and others:
        first = patients[others[0]]
        incoming = withheld(permit, first.resource, restricted=first.restricted)
    shown = [_shown(permit, incoming, patients[person]) for person in others]
    if not question.is_pair:
        shown.sort(key=lambda one: -one.weighed.score)
    return Looked(question, tuple(shown), _held_count(question))


def answer_question(
    permit: Permit,
    question_id: str,
    version: int,
    answer: Answer,
) -> Question:
    """Write down what the permit's worker says, carry it out, and return the question as it stands.

    Raises Stale when somebody answered since `version` was seen, Invalid for an answer that fits no
    candidate, NotPermitted, and what joining or moving raises; then the question stays open.
    Nobody answers about themselves or their family, who would come to see another's record.
    """
    question = _question(permit, question_id)
    _refuse_unfit(permit, question, answer)
    if answer.said != "pass":
        refuse_kin(permit, question.people, "say whose it is")
    task = record.read(permit, "Task", question_id).resource
    state = WITH_OFFICER if answer.said == "pass" else TO_CARRY_OUT
    change = Update(answered(task, answer, state), version)
    record.commit(permit, [change], dangling="keep", action="identity", detail=answer.said)
    if answer.said == "pass":
        return _question(permit, question_id)
    stands = _question(permit, question_id)
    try:
        _carry_out(permit, question, stands, answer)
    except Refusal as refusal:
        if question.is_pair:
            _reopen(question, answer, refusal)
        raise
    return _question(permit, question_id)


def _carry_out(permit: Permit, before: Question, stands: Question, answer: Answer) -> None:
    if stands.is_pair:
        _join_or_part(permit, before, answer)
    done = Answer(said="done", by=permit.worker, at=answer.at)
    carry_out(stands, done, settling(permit))


def _join_or_part(permit: Permit, before: Question, answer: Answer) -> None:
    """Join the two records, or part them where an earlier answer had joined them (ID-04)."""
    was = before.answer
    if answer.said == "different":
        if was is not None and was.said == "same":
            (other,) = (p for p in before.people if p != was.person)
            unmerge(permit, was.person, other, reason=answer.words or "They are two people.")
        return
    (other,) = (p for p in before.people if p != answer.person)
    patients = _patients(permit, before.people)
    if set(patients) != set(before.people):
        raise NotPermitted("You do not see both records. Pass this to your privacy officer.")
    versions = (patients[answer.person].version, patients[other].version)
    reason = answer.words or "Looked at side by side: one person."
    merge(permit, answer.person, other, reason=reason, if_versions=versions)


def _reopen(question: Question, answer: Answer, refusal: Refusal) -> None:
    """Put a question back that could not be carried out, with the reason."""
    permit = system_permit("identity")
    task = record.read(permit, "Task", question.id).resource
    words = str(refusal.problems[0].message)[:LONGEST_WORDS]
    said = Answer(said="open", by=answer.by, at=answer.at, words=words)
    change = Put(answered(task, said, question.state))
    record.commit(permit, [change], dangling="keep", action="identity", detail="not carried out")


def _refuse_unfit(permit: Permit, question: Question, answer: Answer) -> None:
    if question.state == WITH_OFFICER and not permit.may(Power.REVIEW_ACCESS):
        raise NotPermitted("This was passed to the privacy officer, who answers it.")
    if answer.said not in ("same", "different", "pass"):
        raise Invalid(Problem("required", "Choose one of the answers.", "answer"))
    if answer.said == "same" and answer.person not in question.people:
        raise Invalid(Problem("required", "Choose which person it is.", "answer"))
    if len(answer.words) > LONGEST_WORDS:
        words = f"Use at most {LONGEST_WORDS} characters."
        raise Invalid(Problem("too-long", words, "words"))
    if answer.said == "pass" and question.state != WAITING:
        raise Conflict("This was answered already. It cannot be passed on.")
    if question.is_pair and answer.said == "same" and not permit.may(Power.MERGE):
        raise NotPermitted("Your role does not join records. Pass this to your privacy officer.")
    standing = None if question.state == TO_CARRY_OUT else question.answer
    if standing is not None and (standing.said, standing.person) == (answer.said, answer.person):
        raise Conflict("This is what was answered already.")


def _need(permit: Permit) -> None:
    if not permit.may(Power.SETTLE_IDENTITY):
        raise NotPermitted("Your role does not say whose record it is.")


def _question(permit: Permit, question_id: str) -> Question:
    _need(permit)
    stored = record.read(permit, "Task", question_id)
    question = question_of(stored.resource, stored.version)
    if question is None or _about_protected(permit, [question]):
        raise NotFound(f"There is no Task/{question_id} that you can see.")
    return question


def _questions(permit: Permit, states: str) -> tuple[list[Question], bool]:
    asked = [("code", f"{TASK_KIND}|identity"), ("status", states), ("_sort", "-_lastUpdated")]
    page = record.search(permit, parse_query("Task", asked, default_count=MOST_LISTED), detail=_WHY)
    found = [question_of(s.resource, s.version) for s in page.entries]
    return [q for q in found if q], page.next_cursor is not None


def _half_hidden(permit: Permit, asked: Sequence[Question]) -> set[str]:
    """Return the pairs of which the permit may know only one: that there is another is not told."""
    pairs = [q for q in asked if q.is_pair]
    known = reached(tracing(permit), [person for q in pairs for person in q.people])
    return {q.id for q in pairs if not known.issuperset(q.people)}


def _about_protected(permit: Permit, asked: Sequence[Question]) -> set[str]:
    """Return the questions about somebody who is protected now, whatever was so when it was asked.

    They are the privacy officer's alone, whole: with one of several left out, the others would
    tell of her (domain.md 1.5).
    """
    if permit.may(Power.REVIEW_ACCESS):
        return set()
    keys = {person: resource_key("Patient", person) for q in asked for person in q.people}
    known = bodies(system_permit("identity"), keys.values())
    protected = {p for p, key in keys.items() if key in known and is_protected(known[key])}
    return {q.id for q in asked if protected.intersection(q.people)}


def _patients(permit: Permit, people: tuple[str, ...]) -> dict[str, record.Stored]:
    if not people:
        return {}
    query = parse_query("Patient", [("_id", ",".join(people))], default_count=len(people))
    found = record.search(tracing(permit), query, detail=_WHY).entries
    return {stored.id: stored for stored in found}


def _shown(permit: Permit, incoming: Patient, stored: record.Stored) -> Shown:
    """A restricted person is weighed without where she lives: it must not be what told."""
    patient = withheld(permit, stored.resource, restricted=stored.restricted)
    restricted = stored.restricted or is_restricted(stored.resource)
    candidate = Candidate(stored.id, demographics_of(patient), restricted)
    weighed = weigh(demographics_of(incoming), candidate)
    return Shown(patient, weighed, restricted, stored.version)


def _held_count(question: Question) -> int:
    """How much waits, and nothing of what it is: that is for who cares for the person."""
    asked = [("part-of", f"Task/{question.id}"), ("_total", "accurate")]
    page = record.search(system_permit("identity"), parse_query("Task", asked), detail=_WHY)
    own = 1 if question.what == "Patient" and not question.is_pair else 0
    return max((page.total or 0) - own, 0)
