"""Carrying out an answer: what was held is stored, as the system, once people said whose it is.

Everything here may be done twice: it makes the record say what the answer says. A larger question
is carried out in several commits, and is done when the last of them is.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from joinedup.access.permit import Permit, system_permit
from joinedup.access.restrictions import is_restricted
from joinedup.fhir.involve import references_in
from joinedup.fhir.issue import NotFound
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
    if question.own.startswith(DESCRIBED):
        _store(permit, _described(permit, question, master))
    for some in _parts(list(held_with(permit, question.id))):
        _release(permit, some, question, master)
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
        is_person = held.resource["resourceType"] == "Patient"
        if is_person:
            patient = _person(permit, held.resource, question, master)
            changes.append(_filed(held, patient))
        elif task.resource["status"] == DONE:
            _move(permit, held, master)
            continue
        else:
            names = f"Patient/{question.own}", f"Patient/{master}"
            changes.append(_filed(held, renamed(held.resource, *names)))
        if task.resource["status"] != DONE:
            changes.append(Put(with_state(task.resource, DONE)))
    _store(permit, changes)


def _move(permit: Permit, held: Held, master: str) -> None:
    """Move what an earlier answer stored for somebody else."""
    reference = f"{held.resource['resourceType']}/{held.resource['id']}"
    stands = read(permit, *reference.split("/"))
    if f"Patient/{master}" in references_in(stands.body):
        return
    move_entry(permit, reference, master, reason="The decision whose it is was corrected.")


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
        commit(permit, changes, dangling="keep", action="identity", detail=_DETAIL)


def _parts(values: Sequence[Stored]) -> Iterator[Sequence[Stored]]:
    for start in range(0, len(values), _TOGETHER):
        yield values[start : start + _TOGETHER]
