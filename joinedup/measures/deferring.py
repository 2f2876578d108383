"""Putting an operation off: proposed, confirmed by a consultant for each person, told, looked at.

Every step is one commit; the version of the place on the list decides who was first. The clock of
the waiting time is never touched (WI-02; domain.md 10.1).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NoReturn

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power, Role
from joinedup.beds.rules import deferral, waiting
from joinedup.fhir.issue import Conflict, NotFound, NotPermitted, Problem, Stale, Unprocessable
from joinedup.fhir.key import hash64
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles import errand
from joinedup.fhir.profiles.elective import Elective, build
from joinedup.fhir.profiles.parts import Reference
from joinedup.measures.operations import (
    HARM,
    PROPOSAL,
    TELLING,
    Entry,
    errands_of,
    waiting_list,
)
from joinedup.record import Create, Stored, Update

__all__ = ["WAYS", "confirm", "keep_date", "pause", "propose", "review_harm", "tell"]

_HARM_WITHIN = timedelta(days=14)
"""How soon somebody looks whether the wait has harmed: ours."""
_TELL_WITHIN = timedelta(days=1)
_LEAST_WORDS, _MOST_WORDS = 3, 2_000
_MOST_AT_ONCE = 200
WAYS = ("in person", "by telephone", "by letter", "by text message", "with an interpreter")


def propose(permit: Permit, hospital: str, chosen: Sequence[str], *, now: datetime) -> int:
    """Put people before a consultant: one errand each; return how many.

    Refuses, Unprocessable: nobody chosen, somebody who cannot be put off, each named with why, and
    somebody not on the list; Conflict, somebody who is before a consultant already (WI-02).
    """
    _refuse_others(permit, hospital)
    wanted = tuple(dict.fromkeys(chosen))
    if not wanted:
        raise Unprocessable(Problem("required", "Choose at least one person.", "entry"))
    if len(wanted) > _MOST_AT_ONCE:
        raise Unprocessable(f"Choose {_MOST_AT_ONCE} at most at once.")
    listed = waiting_list(permit, hospital, on=day_of(now))
    entries = [_entry_of(listed.find(name)) for name in wanted]
    refused = [p for e in entries for p in _obstacles(e)]
    if refused:
        raise Unprocessable(*refused)
    changes = [_asked(permit, _proposal(e, permit, now)) for e in entries]
    try:
        record.commit(permit, changes, detail="operations proposed to be put off")
    except Conflict as problem:
        raise Conflict(
            "One of these is before a consultant already. Look at the page again."
        ) from problem
    return len(changes)


def _asked(permit: Permit, task: dict[str, Any]) -> Create | Update:
    """Return the change that asks a consultant: anew, where one said no before."""
    try:
        before = record.read(permit, "Task", str(task["id"]))
    except NotFound:
        return Create(task, str(task["id"]))
    if before.resource.get("status") != "rejected":
        raise Conflict("One of these is before a consultant already. Look at the page again.")
    return Update(task, before.version)


def _obstacles(entry: Entry) -> list[Problem]:
    said = entry.said
    return [Problem("business-rule", f"{said.operation}: {w}", "entry") for w in entry.obstacles]


def _proposal(entry: Entry, permit: Permit, now: datetime) -> dict[str, Any]:
    said = entry.said
    made = _errand(PROPOSAL, said, "Say whether this operation may be put off", now)
    return {**made, "requester": {"reference": permit.worker}}


def _errand(
    kind: str, said: Elective, words: str, now: datetime, *, due: datetime | None = None
) -> dict[str, Any]:
    planned = f", planned {said.planned:%-d %B %Y}" if said.planned else ""
    made = errand.build(
        kind,
        f"{kind}-{hash64(said.id) & (2**64 - 1):016x}-{len(said.deferrals)}",
        words,
        person=said.person,
        owner=f"Organization/{said.hospital}",
        at=now,
        due=due,
    )
    focus = {"reference": f"ServiceRequest/{said.id}"}
    return {**made, "focus": focus, "description": f"{said.operation}{planned}"}


def confirm(
    permit: Permit, hospital: str, entry_id: str, until: date, *, version: int, now: datetime
) -> Elective:
    """Put one person's operation off to a new date, as their consultant, and raise what follows.

    In the same commit: the proposal is answered, somebody is to tell the person, and the harm is
    to be looked at. The clock goes on. Refuses: NotPermitted, anybody but a consultant of the
    hospital; Unprocessable, an obstacle, a date that is not later, nobody's proposal; Stale, where
    the entry changed since it was looked at.
    """
    _refuse_others(permit, hospital)
    entry, proposal = _proposed(permit, hospital, entry_id, now)
    if entry.stored.version != version:
        raise Stale("This entry changed since you looked. Look at it again, then decide.")
    put_off = deferral.deferred(
        entry.said, until, at=now, by=Reference(permit.worker), role=permit.role
    )
    if refused := _obstacles(entry):
        raise Unprocessable(*refused)
    telling = _errand(TELLING, put_off, "Tell them, and the new date", now, due=now + _TELL_WITHIN)
    harm = _errand(HARM, put_off, "Has waiting harmed them?", now, due=now + _HARM_WITHIN)
    record.commit(
        permit,
        [
            Update(build(put_off, entry.stored.resource), version),
            Update(errand.done(proposal.resource, permit.worker, now), proposal.version),
            Create(telling, str(telling["id"])),
            Create(harm, str(harm["id"])),
        ],
        detail="an operation is put off",
    )
    return put_off


def keep_date(permit: Permit, hospital: str, entry_id: str, *, why: str, now: datetime) -> None:
    """Answer a proposal with no: the operation goes ahead as planned, and why.

    Refuses as `confirm` does, and Unprocessable without a reason.
    """
    _refuse_others(permit, hospital)
    if permit.role is not Role.CONSULTANT:
        raise NotPermitted("A consultant answers for each person who is proposed.")
    said = _words(why, "why")
    _, proposal = _proposed(permit, hospital, entry_id, now)
    answered = {
        **proposal.resource,
        "status": "rejected",
        "statusReason": {"text": said},
        "lastModified": now.isoformat(timespec="seconds"),
    }
    record.commit(permit, [Update(answered, proposal.version)], detail="an operation goes ahead")


def tell(permit: Permit, hospital: str, entry_id: str, *, way: str, now: datetime) -> Elective:
    """Say that the person was told of the new date, and how.

    Refuses, Unprocessable, a way that is none, or somebody who waits to be told nothing.
    """
    _refuse_others(permit, hospital)
    if way not in WAYS:
        raise Unprocessable(Problem("required", "Say how they were told.", f"way-{entry_id}"))
    entry = _entry_of(waiting_list(permit, hospital, on=day_of(now)).find(entry_id))
    task = errands_of(permit, hospital, TELLING).get(entry_id)
    if task is None:
        raise Unprocessable("Nobody waits to be told of this. Look at the page again.")
    told = deferral.told(entry.said, now)
    done = {**errand.done(task.resource, permit.worker, now), "note": [{"text": f"Told {way}"}]}
    changes = [
        Update(build(told, entry.stored.resource), entry.stored.version),
        Update(done, task.version),
    ]
    record.commit(permit, changes, detail="told that an operation is put off")
    return told


def review_harm(permit: Permit, hospital: str, entry_id: str, *, found: str, now: datetime) -> None:
    """Write down what was found when somebody looked whether waiting has harmed a person (WI-02).

    Refuses: NotPermitted, anybody but a consultant; Unprocessable, no words, or nothing to look at.
    """
    _refuse_others(permit, hospital)
    if permit.role is not Role.CONSULTANT:
        raise NotPermitted("A consultant says whether waiting has harmed somebody.")
    words = _words(found, f"found-{entry_id}")
    task = errands_of(permit, hospital, HARM).get(entry_id)
    if task is None:
        raise Unprocessable("There is nothing to look at here. Look at the page again.")
    done = {**errand.done(task.resource, permit.worker, now), "note": [{"text": words}]}
    record.commit(permit, [Update(done, task.version)], detail="a harm review")


def pause(permit: Permit, hospital: str, entry_id: str, *, now: datetime) -> NoReturn:
    """Refuse, Unprocessable, always: nothing pauses a waiting time clock (since October 2015)."""
    _refuse_others(permit, hospital)
    waiting.paused(_entry_of(waiting_list(permit, hospital, on=day_of(now)).find(entry_id)).said)


def _proposed(permit: Permit, hospital: str, entry_id: str, now: datetime) -> tuple[Entry, Stored]:
    entry = _entry_of(waiting_list(permit, hospital, on=day_of(now)).find(entry_id))
    proposal = errands_of(permit, hospital, PROPOSAL).get(entry_id)
    if proposal is None:
        raise Unprocessable("This was not proposed, or somebody has answered it. Look again.")
    return entry, proposal


def _entry_of(entry: Entry | None) -> Entry:
    if entry is None:
        raise NotFound("There is no such place on the list that you can see.")
    return entry


def _refuse_others(permit: Permit, hospital: str) -> None:
    if permit.by_program or not permit.may(Power.PUT_OFF) or permit.organisation != hospital:
        raise NotPermitted("Operations are put off by the hospital's own, in their pages.")


def _words(text: str, field: str) -> str:
    said = text.strip()
    if not _LEAST_WORDS <= len(said) <= _MOST_WORDS:
        words = f"Write a few words, {_MOST_WORDS} letters at most."
        raise Unprocessable(Problem("required", words, field))
    return said
