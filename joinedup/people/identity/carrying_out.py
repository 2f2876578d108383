"""Carrying out an answer: what was held is stored, as the system, once people said whose it is.

Everything here may be done twice: it makes the record say what the answer says. A larger question
is carried out in several commits, and is done when the last of them is.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from joinedup.access.permit import Permit, system_permit
from joinedup.access.restrictions import is_restricted
from joinedup.fhir.involve import references_in
from joinedup.fhir.issue import NotFound, Unprocessable
from joinedup.fhir.search.query import parse_query
from joinedup.people.demographics import RESTRICTED
from joinedup.people.identity.described import DESCRIBED, renamed
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

__all__ = ["carry_out", "held_with"]

_TOGETHER = 200
_CORRECTED = "Whose it is was decided wrongly, and is corrected"
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


def carry_out(question: Question, done: Answer, mover: Permit) -> None:
    """Store what waited, as the standing answer says whose it is, and mark the question done.

    `done` is added to the question's answers. Where what waited was stored for somebody else
    before, `mover` moves it. Raises as `commit` and `move_entry` do; what was stored before stays,
    and carrying out again goes on.
    """
    answer = question.answer
    assert answer is not None, "nobody has said whose it is"
    permit = system_permit("identity", question.organisation)
    master = answer.person if answer.said == "same" else question.own
    if question.own.startswith(DESCRIBED):
        _store(permit, _described(permit, question, master))
    for some in _parts(list(held_with(permit, question.id))):
        _release(permit, some, question, master)
    _move_all(mover, question, master)
    _remember(permit, question, answer)
    stands = read(permit, "Task", question.id)
    _store(permit, [Put(answered(stands.resource, done, DONE))])


def _described(permit: Permit, question: Question, master: str) -> list[Change]:
    """Return the change that stores somebody new whom an entry described.

    Where an earlier answer made somebody new who proves to be another, it is one statement more.
    """
    if master == question.own:
        return [Put({**question.incoming, "id": question.own}, Source(question.organisation))]
    try:
        stands = read(permit, "Patient", question.own).resource
    except NotFound:
        return []
    return [Put({**stands, "link": [_refers_to(master)]}, Source(question.organisation))]


def _person(permit: Permit, patient: Resource, question: Question, master: str) -> Resource:
    """Return the Patient that waited: a statement about somebody, or somebody new."""
    if question.verification == "05":
        patient = with_status(patient, "05")
    own = [link for link in patient.get("link", ()) if link.get("type") != "refer"]
    patient = {k: v for k, v in patient.items() if k != "link"}
    if master == question.own:
        return {**patient, **({"link": own} if own else {})}
    patient["link"] = [_refers_to(master), *own]
    if is_restricted(read(permit, "Patient", master).resource) and not is_restricted(patient):
        meta = patient.get("meta", {})
        patient["meta"] = {**meta, "security": [*meta.get("security", ()), RESTRICTED]}
    return patient


def _refers_to(person: str) -> Resource:
    return {"other": {"reference": f"Patient/{person}"}, "type": "refer"}


def _release(permit: Permit, tasks: Sequence[Stored], question: Question, master: str) -> None:
    changes: list[Change] = []
    for task in tasks:
        held = held_of(task.resource)
        if held.resource["resourceType"] == "Patient":
            patient = _person(permit, held.resource, question, master)
            changes.append(_filed(held, patient))
        elif task.resource["status"] != DONE:
            changes.append(_filed(held, _of(held, question, master)))
        if task.resource["status"] != DONE:
            changes.append(Put(with_state(task.resource, DONE)))
    _store(permit, changes)


def _of(held: Held, question: Question, master: str) -> Resource:
    filed: Resource = renamed(held.resource, f"Patient/{question.own}", f"Patient/{master}")
    return filed


def _move_all(mover: Permit, question: Question, master: str) -> None:
    """Move what an earlier answer filed to another; what refers to a thing goes before it."""
    permit = system_permit("identity", question.organisation)
    left = [
        held
        for task in held_with(permit, question.id)
        if (held := held_of(task.resource)).resource["resourceType"] != "Patient"
        and not _is_filed(permit, held, master)
    ]
    while left:
        still = []
        for held in left:
            try:
                _move(permit, mover, held, question, master)
            except Unprocessable:
                still.append(held)
        if len(still) == len(left):
            _move(permit, mover, left[0], question, master)  # raises, and says what holds it
        left = still


def _is_filed(permit: Permit, held: Held, master: str) -> bool:
    stands = read(permit, held.resource["resourceType"], held.resource["id"])
    return f"Patient/{master}" in references_in(stands.body)


def _move(permit: Permit, mover: Permit, held: Held, question: Question, master: str) -> None:
    """Move one entry; references that it lost on the way are as they were once all are moved."""
    name = f"{held.resource['resourceType']}/{held.resource['id']}"
    moved = move_entry(mover, name, master, reason=_CORRECTED, drop_references=True)
    if moved.dropped:
        _store(permit, [_filed(held, _of(held, question, master))])


def _filed(held: Held, resource: Resource) -> Put:
    source = Source(held.organisation, author=held.author, recorded=held.recorded or None)
    return Put(resource, source)


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


def _store(permit: Permit, changes: Sequence[Change]) -> None:
    if changes:
        commit(permit, changes, dangling="keep", action="import", detail=_DETAIL)


def _parts(values: Sequence[Stored]) -> Iterator[Sequence[Stored]]:
    for start in range(0, len(values), _TOGETHER):
        yield values[start : start + _TOGETHER]
