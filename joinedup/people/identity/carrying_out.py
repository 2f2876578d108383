"""Carrying out an answer: what was held is stored, as the system, once people said whose it is.

Everything here may be done twice: it makes the record say what the answer says. A larger question
is carried out in several commits, and is done when the last of them is.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from joinedup.access.permit import Permit, system_permit
from joinedup.access.restrictions import is_restricted
from joinedup.fhir.issue import NotFound
from joinedup.fhir.search.query import parse_query
from joinedup.people.demographics import RESTRICTED
from joinedup.people.identity.question import (
    DONE,
    Answer,
    Held,
    Question,
    answered,
    held_of,
    pair_id,
    question_task,
    with_state,
)
from joinedup.people.identity.verification import with_status
from joinedup.record import Change, Put, Source, Stored, commit, read, search
from joinedup.record.merge import move_entry

__all__ = ["DESCRIBED", "carry_out", "held_with", "without_person"]

DESCRIBED = "described-"
"""How the id begins of somebody an entry describes and no organisation sent a Patient of."""

_TOGETHER = 200
_DETAIL = "carried out what a person decided"

Resource = dict[str, Any]


def held_with(permit: Permit, question_id: str) -> Iterator[Stored]:
    """Yield the Tasks of everything that waits with a question, or waited."""
    cursor: str | None = None
    while True:
        asked = [("part-of", f"Task/{question_id}"), *([("_cursor", cursor)] if cursor else [])]
        page = search(permit, parse_query("Task", asked, default_count=_TOGETHER), detail=_DETAIL)
        yield from page.entries
        if (cursor := page.next_cursor) is None:
            return


def carry_out(question: Question, done: Answer) -> None:
    """Store what waited, as the standing answer says whose it is, and mark the question done.

    `done` is added to the question's answers. Where what waited was stored for somebody else
    before, it is moved. Raises as `commit` and `move_entry` do; what was stored before stays, and
    carrying out again goes on.
    """
    answer = question.answer
    assert answer is not None, "nobody has said whose it is"
    permit = system_permit("identity", question.organisation)
    master = answer.person if answer.said == "same" else question.own
    if question.incoming:
        _store(permit, _arrived(permit, question, master))
    for some in _parts(list(held_with(permit, question.id))):
        _release(permit, some, question, master)
    _remember(permit, question, answer)
    stands = read(permit, "Task", question.id)
    _store(permit, [Put(answered(stands.resource, done, DONE))])


def _arrived(permit: Permit, question: Question, master: str) -> list[Change]:
    """Return the change that stores who came: a statement about somebody, or somebody new."""
    patient = {**question.incoming, "id": question.own}
    if question.verification == "05":
        patient = with_status(patient, "05")
    if master == question.own:
        return [Put(patient, Source(question.organisation))]
    if question.own.startswith(DESCRIBED):
        return _withdrawn(permit, question.own, master)
    link = [{"other": {"reference": f"Patient/{master}"}, "type": "refer"}]
    patient["link"] = [*link, *patient.get("link", ())]
    if is_restricted(read(permit, "Patient", master).resource) and not is_restricted(patient):
        meta = patient.get("meta", {})
        patient["meta"] = {**meta, "security": [*meta.get("security", ()), RESTRICTED]}
    return [Put(patient, Source(question.organisation))]


def _withdrawn(permit: Permit, own: str, master: str) -> list[Change]:
    """Return what makes somebody new, whom an earlier answer made, a statement about another."""
    try:
        stands = read(permit, "Patient", own).resource
    except NotFound:
        return []
    link = [{"other": {"reference": f"Patient/{master}"}, "type": "refer"}]
    return [Put({**stands, "link": link})]


def _release(permit: Permit, tasks: Sequence[Stored], question: Question, master: str) -> None:
    changes: list[Change] = []
    for task in tasks:
        held = held_of(task.resource)
        if task.resource["status"] == DONE:
            _move(permit, held, master)
            continue
        changes += [_filed(held, question.own, master), Put(with_state(task.resource, DONE))]
    _store(permit, changes)


def _move(permit: Permit, held: Held, master: str) -> None:
    """Move what an earlier answer stored for somebody else."""
    reference = f"{held.resource['resourceType']}/{held.resource['id']}"
    move_entry(permit, reference, master, reason="The decision whose it is was corrected.")


def _filed(held: Held, own: str, master: str) -> Put:
    source = Source(held.organisation, author=held.author, recorded=held.recorded or None)
    return Put(_renamed(held.resource, f"Patient/{own}", f"Patient/{master}"), source)


def _renamed(value: Any, own: str, master: str) -> Any:
    """Return a tree in which every reference to the waiting person is to who it proved to be."""
    if isinstance(value, Mapping):
        return {
            k: master if k == "reference" and v == own else _renamed(v, own, master)
            for k, v in value.items()
        }
    if isinstance(value, list):
        return [_renamed(v, own, master) for v in value]
    return value


def _remember(permit: Permit, question: Question, answer: Answer) -> None:
    """Keep that somebody stored as new is none of the candidates, so that nobody asks again."""
    if answer.said != "different" or not question.own:
        return
    changes: list[Change] = []
    for person in question.people:
        pair = Question(
            id=pair_id(question.own, person),
            reason="pair",
            sentences=question.sentences,
            organisation=question.organisation,
            asked_at=question.asked_at,
            own="",
            incoming={},
            people=tuple(sorted((question.own, person))),
            protected=question.protected,
            state=DONE,
            answers=(answer,),
        )
        changes.append(Put(question_task(pair)))
    _store(permit, changes)


def without_person(resource: Resource, own: str, described: str) -> Resource:
    """Return an entry that describes somebody within itself, about a person of an id instead.

    `described` is the id of what it contains; everything else stays.
    """
    rest = [c for c in resource.get("contained", ()) if c.get("id") != described]
    kept = {k: v for k, v in resource.items() if k != "contained"}
    if rest:
        kept["contained"] = rest
    renamed: Resource = _renamed(kept, f"#{described}", f"Patient/{own}")
    return renamed


def _store(permit: Permit, changes: Sequence[Change]) -> None:
    if changes:
        commit(permit, changes, dangling="keep", action="identity", detail=_DETAIL)


def _parts(values: Sequence[Stored]) -> Iterator[Sequence[Stored]]:
    for start in range(0, len(values), _TOGETHER):
        yield values[start : start + _TOGETHER]
