"""Saying that an entry is wrong, and answering it: the commits and the lists.

The person says it under `access.rights.disagreeing`, a worker writes it down for somebody who
telephones under their own permit (ON-08). The organisation that wrote the entry answers.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, cast

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.rights import disagreeing
from joinedup.access.words import Role
from joinedup.fhir.classes import DISAGREEMENT, TASK_KIND
from joinedup.fhir.issue import Conflict, Invalid, NotFound, NotPermitted, Problem, Stale
from joinedup.fhir.search.query import parse_query
from joinedup.people.disagreement import (
    Disagreement,
    answered,
    disagreement_id,
    disagreement_of,
    disagreement_task,
    said_again,
    taken_back,
    words_problems,
)
from joinedup.people.presenters.kinds import title_of
from joinedup.people.presenters.life import Life, Statement, Told, told
from joinedup.people.queries import gather
from joinedup.people.rights.corrections import in_error, may_be_in_error
from joinedup.people.rights.requests import reason_problems
from joinedup.record import Change, Create, Stored, Update

__all__ = [
    "Answer",
    "Said",
    "Subject",
    "answer",
    "disagreements_at",
    "disagreements_of",
    "say_wrong",
    "subject_of",
    "take_back_disagreement",
]

_MOST = 500
_STALE = "This changed while you were reading. Look at what stands now."


class Said(Struct, frozen=True):
    """A disagreement as the record holds it, and the version that was seen."""

    disagreement: Disagreement
    version: int


class Subject(Struct, frozen=True, kw_only=True):
    """The entry that somebody says is wrong, and what was said of it before (version 0: nothing).

    `owner` is the organisation that must answer, `owner_name` what it is called.
    """

    person_name: str
    reference: str
    title: str
    told: Told
    owner: str
    owner_name: str
    words: str
    version: int
    resource: Mapping[str, Any]


class Answer(Struct, frozen=True, kw_only=True):
    """What an organisation answers: `how` is "in-error" or "changed" where it corrected."""

    answer: str
    reason: str = ""
    how: str = ""
    to: str = ""


def subject_of(permit: Permit, person_id: str, reference: str, *, now: datetime) -> Subject:
    """Return an entry of this person's record, to be said wrong.

    Raises NotFound for what is no entry of it that the permit sees.
    """
    life = gather(permit, person_id)
    statement = _statement(life, reference)
    owner = statement.organisation or _practice(life)
    stands = _stands(permit, person_id, reference)
    return Subject(
        person_name=title_of(life, life.person).removeprefix("Personal details: "),
        reference=reference,
        title=title_of(life, statement),
        told=told(life, statement, now),
        owner=owner,
        owner_name=life.source(owner).name if owner else "",
        words=stands.disagreement.words if stands and stands.disagreement.is_open else "",
        version=stands.version if stands else 0,
        resource=statement.resource,
    )


def _statement(life: Life, reference: str) -> Statement:
    for statement in (life.person, *life.others, *life.statements):
        if f"{statement.type}/{statement.id}" == reference:
            return statement
    raise NotFound("There is no such entry in this record that you can see.")


def _practice(life: Life) -> str:
    practices: list[dict[str, Any]] = life.person.resource.get("generalPractitioner") or [{}]
    return str(practices[0].get("reference", "")).removeprefix("Organization/")


def _stands(permit: Permit, person_id: str, reference: str) -> Said | None:
    wanted = disagreement_id(person_id, reference)
    found = (s for s in disagreements_of(permit, person_id) if s.disagreement.id == wanted)
    return next(found, None)


def say_wrong(
    permit: Permit, person_id: str, reference: str, words: str, *, version: int, at: datetime
) -> Stored:
    """Write down that an entry is wrong; who wrote it must answer (UK GDPR 16, 12(3)).

    `version` is that of what was said before, 0 for nothing. Raises Invalid without words, Stale
    when another window was first, NotFound for no such entry.
    """
    if problems := words_problems(words):
        raise Invalid(*problems)
    subject = subject_of(permit, person_id, reference, now=at)
    if not subject.owner:
        raise Invalid(Problem("not-found", "Nobody is named who wrote this. Ask your GP.", "words"))
    writes = disagreeing(permit) if permit.role is Role.PERSON else permit
    change: Change
    if version:
        stands = record.read(permit, "Task", disagreement_id(person_id, reference))
        change = Update(said_again(stands.resource, words), version)
    else:
        task = disagreement_task(
            person_id,
            subject.resource,
            words,
            title=subject.title,
            owner=subject.owner,
            requester=permit.worker,
            at=at,
        )
        change = Create(task, str(task["id"]))
    try:
        return record.commit(writes, [change], action="disagreed").stored[0]
    except Conflict as taken:
        raise Stale(_STALE) from taken


def disagreements_of(permit: Permit, person_id: str) -> tuple[Said, ...]:
    """Return what the person says is wrong where the permit sees such entries; newest first."""
    return _found(permit, [("patient", person_id)])


def disagreements_at(permit: Permit) -> tuple[Said, ...]:
    """Return what waits for the permit's own organisation to answer, the oldest first."""
    if permit.role in (Role.PERSON, Role.PROXY) or not permit.organisation:
        raise NotPermitted("This list is for workers of an organisation.")
    asked = [("owner", f"Organization/{permit.organisation}"), ("status", "requested")]
    return tuple(reversed(_found(permit, asked)))


def _found(permit: Permit, asked: list[tuple[str, str]]) -> tuple[Said, ...]:
    pairs = [*asked, ("code", f"{TASK_KIND}|{DISAGREEMENT}")]
    page = record.search(permit, parse_query("Task", pairs, default_count=_MOST))
    said = (
        Said(found, s.version)
        for s in page.entries
        if (found := disagreement_of(s.resource)) is not None
    )
    return tuple(sorted(said, key=lambda s: s.disagreement.said_on, reverse=True))


def _one(permit: Permit, person_id: str, task_id: str) -> tuple[Disagreement, Stored]:
    stored = record.read(permit, "Task", task_id)
    found = disagreement_of(stored.resource)
    if found is None or found.person != person_id:
        raise NotFound(f"There is no Task/{task_id} that you can see.")
    return found, stored


def take_back_disagreement(permit: Permit, person_id: str, task_id: str, *, version: int) -> Stored:
    """Write down that the person no longer says that an entry is wrong; it is no longer beside it.

    Raises Stale when an answer came first.
    """
    found, stored = _one(permit, person_id, task_id)
    if stored.version != version or not found.stands:
        raise Stale(_STALE)
    writes = disagreeing(permit)
    change = Update(taken_back(stored.resource), version)
    return record.commit(writes, [change], action="disagreement-ended").stored[0]


def answer(
    permit: Permit, person_id: str, task_id: str, said: Answer, *, version: int, at: datetime
) -> Stored:
    """Answer for the organisation that wrote the entry: corrected, not changed, or passed on.

    Corrected means a new version: written now as entered in error, or arrived since. Not changed
    leaves the person's words beside the entry for good. Raises Invalid for what is missing,
    NotPermitted for another organisation, Stale when somebody was first.
    """
    found, stored = _one(permit, person_id, task_id)
    if found.owner != permit.organisation or permit.role in (Role.PERSON, Role.PROXY):
        raise NotPermitted("Only the organisation that was asked answers this.")
    if not found.is_open or stored.version != version:
        raise Stale(_STALE)
    life = gather(permit, person_id)
    problems = _answer_problems(life, permit, found, said)
    if problems:
        raise Invalid(*problems)
    changes: list[Change] = [
        Update(
            answered(
                stored.resource,
                cast("Literal['corrected', 'not-changed', 'passed']", said.answer),
                said.reason,
                worker=permit.worker,
                at=at,
                to=said.to,
            ),
            version,
        )
    ]
    if said.answer == "corrected":
        changes += _corrections(permit, found, stored, said.how)
    return record.commit(permit, changes, action="disagreement-answered").stored[0]


def _answer_problems(
    life: Life, permit: Permit, found: Disagreement, said: Answer
) -> list[Problem]:
    if said.answer not in ("corrected", "not-changed", "passed"):
        return [Problem("required", "Choose what you answer.", "answer")]
    problems = list(reason_problems(said.reason, "reason"))
    if said.answer == "corrected" and said.how not in ("in-error", "changed"):
        problems.append(Problem("required", "Choose how it was corrected.", "how"))
    others = {source.code for source in life.sources} - {permit.organisation}
    if said.answer == "passed" and said.to not in others:
        problems.append(Problem("required", "Choose who wrote this, if not you.", "to"))
    return problems


def _corrections(permit: Permit, found: Disagreement, task: Stored, how: str) -> list[Change]:
    """Return the new version of the entry, or nothing where one has come since she said so."""
    kind, _, name = found.entry.partition("/")
    entry = record.read(permit, kind, name)
    if how == "changed":
        first = record.vread(permit, "Task", task.id, 1)
        if entry.updated <= first.updated:
            words = "No new version of this entry has come since. Send the correction first."
            raise Invalid(Problem("business-rule", words, "how"))
        return []
    if entry.source not in ("", permit.organisation):
        raise NotPermitted("Another organisation wrote this. Pass it to them.")
    if not may_be_in_error(entry.resource):
        words = "This kind of entry is not taken out. Send a corrected one."
        raise Invalid(Problem("business-rule", words, "how"))
    return [Update(in_error(entry.resource), entry.version)]
