"""What is kept of a message beside what it changed: its journal, its line, and how it is answered.

Pure: the changes go into the one commit of the message.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from joinedup.fhir.key import resource_key
from joinedup.hl7.acknowledging import Answer
from joinedup.hl7.event import Spot
from joinedup.hl7.held import DONE, Journal, Line, journal_task, line_task
from joinedup.hl7.judging import Judged
from joinedup.hl7.stay import AGAINST, REASONS
from joinedup.hl7.times import instant_of
from joinedup.hl7.unfit import Kind
from joinedup.record import Change, Create, Source, Update

__all__ = ["answer_of", "as_answered", "keeping", "line_for"]

Found = Mapping[int, dict[str, Any]]


def answer_of(judged: Judged) -> Answer:
    """Return how a message is answered: what waits for something is taken, and told that it waits.

    What contradicts what stands is an error (AE), though it is kept for people too.
    """
    if not judged.reason:
        return Answer(code="AA")
    sentence = _sentence(judged)
    if judged.reason in AGAINST:
        return Answer(code="AE", words=sentence, kind=_kind(judged.reason), severity="E")
    words = f"Kept, and waits: {sentence}"
    return Answer(code="AA", words=words, kind=Kind.UNKNOWN_KEY, severity="W")


def as_answered(known: Journal) -> Answer:
    """Return the answer to a message that came before: the same as then."""
    if known.answer == "AA":
        return Answer(code="AA", words=known.words, severity="W" if known.words else "")
    return Answer(code=known.answer, words=known.words, kind=Kind.SEQUENCE, severity="E")


def line_for(judged: Judged, journal: str, organisation: str) -> Line | None:
    """Return the line of the work list of what waits; None of what was applied."""
    if not judged.reason:
        return None
    event, spot = judged.event, judged.event.spot or Spot("")
    return Line(
        journal=journal,
        organisation=organisation,
        reason=judged.reason,
        sentence=_sentence(judged),
        said=instant_of(event.said),
        trigger=event.trigger,
        control=event.header.control,
        visit=event.visit,
        ward=judged.missing.ward_words if judged.missing else spot.ward,
        bed=judged.missing.words.partition(",")[0] if judged.missing else spot.bed,
        start=judged.start,
        keys=judged.keys,
    )


def keeping(
    found: Found,
    journal: Journal,
    *,
    line: Line | None,
    before: Line | None = None,
) -> list[Change]:
    """Return the changes that keep a message and its line; `before` is the line it had until now.

    The message itself is kept only while it waits.
    """
    source = Source(journal.organisation)
    task = journal_task(journal if line else replace(journal, data=b""))
    stands = found.get(resource_key("Task", journal.id))
    changes: list[Change] = [
        Update(task, int(stands["meta"]["versionId"]), source)
        if stands
        else Create(task, journal.id, source)
    ]
    if before is not None:
        now = line or replace(before, state=DONE)
        changes.append(Update(line_task(now), before.version, source))
    elif line is not None:
        changes.append(Create(line_task(line), line.id, source))
    return changes


def _kind(reason: str) -> Kind:
    return Kind.DUPLICATE if reason == "twin" else Kind.SEQUENCE


def _sentence(judged: Judged) -> str:
    event, missing = judged.event, judged.missing
    if missing is not None:
        entered = f"Entered on {missing.ward_words} only." if missing.ward else "Not entered."
        return f"{missing.words}: somebody else is recorded there. {entered}"
    if judged.reason == "unknown-ward" and event.spot:
        return f"{event.spot.name}: this ward or bed is not known here."
    about = f"visit {event.visit}" if event.visit else f"message {event.header.control[:60]}"
    return f"{REASONS[judged.reason]} ({event.trigger}, {about})."
