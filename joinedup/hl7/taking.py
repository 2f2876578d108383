"""Taking one message: read, judged against what stands, one commit, and only then the answer.

A message that is known by its number is answered as it was and changes nothing. What cannot be
applied is kept, with its reason, in the same single commit; so is what follows of a stay that
began or ended (`discharge.following`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.discharge.following import follows
from joinedup.fhir.issue import Conflict, Refusal, Stale, StorageFull, Unavailable
from joinedup.fhir.key import resource_key
from joinedup.hl7.acknowledging import Addressed, Answer, acknowledgement, refused
from joinedup.hl7.door import Door
from joinedup.hl7.event import Event, Header, header_of, read_event
from joinedup.hl7.held import Journal, Line, digest_of, journal_id, journal_of
from joinedup.hl7.judging import Judged, bed_again, judge, visit_id
from joinedup.hl7.keeping import answer_of, as_answered, keeping, line_for
from joinedup.hl7.message import Message, read_message
from joinedup.hl7.unfit import Kind, Unfit
from joinedup.hl7.whose import person_id
from joinedup.record import commit
from joinedup.record.watched import bodies

__all__ = ["Done", "Taken", "take", "try_line"]

ATTEMPTS = 8
_LATER = "This place cannot save just now. Send the message again later."
_EARLY = ("before-it-began", "before-a-move")
_BED = "Encounter.location"
"""Where the record says that a conflict is about a bed."""

Found = Mapping[int, dict[str, Any]]


class Done(Struct, frozen=True, kw_only=True):
    """What came of a message: its answer, its line while it waits, and what it may let go on.

    `keys` are what others may have waited for: the stay it touched, the beds it left.
    """

    answer: Answer
    line: Line | None = None
    keys: tuple[str, ...] = ()


class Taken(Struct, frozen=True):
    """A message that was answered; `done` is None where nothing was written for it."""

    acknowledgement: bytes
    answer: Answer
    done: Done | None = None


class _Asked(Struct, frozen=True):
    """One message as it came."""

    message: Message
    header: Header
    data: bytes
    arrived: datetime


def take(door: Door, data: bytes, arrived: datetime) -> Taken:
    """Take one message and return its answer; what the answer says is stored by then.

    Raises nothing for a message, whatever is in it: it is answered AE or AR with the reason. Where
    the record cannot be reached the answer is AR, so that the sender sends it again.
    """
    header: Header | None = None
    done: Done | None = None
    try:
        message = read_message(data)
        header = header_of(message)
        if header.facility != door.facility:
            words = f"MSH-4 must be {door.facility}: this door is of that hospital alone."
            raise Unfit(Kind.TABLE, words, "MSH^1^4", answer="AR")
        done = _taken(door, _Asked(message, header, data, arrived))
        answer = done.answer
    except Unfit as problem:
        answer = refused(problem)
    except (Unavailable, StorageFull):
        answer = Answer(code="AR", words=_LATER, kind=Kind.INTERNAL, severity="E")
    except Refusal as refusal:
        words = refusal.problems[0].message
        answer = Answer(code="AE", words=words, kind=Kind.INTERNAL, severity="E")
    return Taken(_written(door, answer, header, data, arrived), answer, done)


def try_line(door: Door, line: Line, data: bytes, arrived: datetime) -> Done:
    """Try again what waits; a line that waits for the same as before stays as it is.

    Raises Unfit, Unavailable, and Conflict where others wrote at the same time.
    """
    message = read_message(data)
    asked = _Asked(message, header_of(message), data, arrived)
    event = _event(door, asked, second=False)
    found = _found(door, event, line.journal)
    if line.reason == "bed-taken":
        judged = bed_again(door, line, event, found)
    else:
        judged = _judged(door, asked, event, found, beds=True)
    try:
        return _kept(door, judged, found, line.journal, data=data, before=line)
    except Conflict as conflict:
        if conflict.problems[0].path != _BED or line.reason == "bed-taken":
            raise
    judged = _judged(door, asked, event, found, beds=False)
    return _kept(door, judged, found, line.journal, data=data, before=line)


def _taken(door: Door, asked: _Asked) -> Done:
    event = _event(door, asked, second=False)
    own, beds = journal_id(door.organisation, asked.header), True
    for attempt in range(ATTEMPTS):
        found = _found(door, event, own)
        if journal := found.get(resource_key("Task", own)):
            known = journal_of(journal)
            if known.digest == digest_of(asked.data):
                return Done(answer=as_answered(known))
            return _twin(door, asked, event)
        judged = _judged(door, asked, event, found, beds=beds)
        try:
            return _kept(door, judged, found, own, data=asked.data)
        except Stale:
            continue
        except Conflict as conflict:
            beds = beds and conflict.problems[0].path != _BED and attempt == 0
    raise Unavailable(_LATER)


def _event(door: Door, asked: _Asked, *, second: bool) -> Event:
    return read_event(asked.message, asked.header, door.organisation, asked.arrived, second=second)


def _judged(door: Door, asked: _Asked, event: Event, found: Found, *, beds: bool) -> Judged:
    """Judge an event; of an hour that came twice the second is meant where the first cannot be."""
    judged = judge(door, event, found, beds=beds)
    if judged.reason in _EARLY and event.twice:
        return judge(door, _event(door, asked, second=True), found, beds=beds)
    return judged


def _kept(
    door: Door,
    judged: Judged,
    found: Found,
    own: str,
    *,
    data: bytes,
    before: Line | None = None,
) -> Done:
    """Store what was judged, and what is kept of the message, in one commit."""
    answer = answer_of(judged)
    line = line_for(judged, own, door.organisation)
    if before and line and (line.reason, line.keys) == (before.reason, before.keys):
        return Done(answer=answer, line=before)
    journal = Journal(
        id=own,
        organisation=door.organisation,
        digest=digest_of(data),
        answer=answer.code,
        words=answer.words,
        data=data,
    )
    event = judged.event
    commit(
        door.permit,
        [
            *judged.changes,
            *(follows(door.permit, judged.stands, judged.stay) if judged.stay else ()),
            *keeping(found, journal, line=line, before=before),
        ],
        dangling="keep",
        action="import",
        detail=f"hl7 {event.trigger} {event.header.control}",
    )
    visit = (f"visit/{event.visit}",) if judged.stay else ()
    return Done(answer=answer, line=line, keys=(*visit, *judged.freed))


def _twin(door: Door, asked: _Asked, event: Event) -> Done:
    """Keep a message whose number another had, with other content; it is answered AE each time."""
    own = journal_id(door.organisation, asked.header, digest_of(asked.data))
    judged = Judged(event=event, reason="twin")
    found = bodies(door.permit, [resource_key("Task", own)])
    if found:
        return Done(answer=answer_of(judged))
    try:
        return _kept(door, judged, found, own, data=asked.data)
    except Conflict:  # the same twin came on another connection and is kept already
        return Done(answer=answer_of(judged))


def _found(door: Door, event: Event, own: str) -> Found:
    """Return what stands of everything that a message may touch, in one look."""
    locals_ = (event.local, event.merged) if event.merged else (event.local,)
    people = (person_id(door.organisation, local) for local in locals_)
    keys = [resource_key("Task", own), *(resource_key("Patient", p) for p in people)]
    if event.visit:
        keys.append(resource_key("Encounter", visit_id(door.organisation, event.visit)))
    return bodies(door.permit, keys)


def _written(
    door: Door, answer: Answer, header: Header | None, data: bytes, arrived: datetime
) -> bytes:
    to = Addressed()
    if header is not None:
        to = Addressed(
            header.sender, header.facility, header.control, header.trigger, header.version
        )
    own_control = f"A{digest_of(data)[:19]}"
    return acknowledgement(
        answer, to, organisation=door.organisation, own_control=own_control, now=arrived
    )
