"""Since when somebody is ready to go home, and how long they have waited (DI-01, domain.md 9.4).

A date that is cleared because they need the bed again is kept; the next is another. Days are those
of London, counted by midnights.
"""

from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from joinedup.discharge.rules.states import LEFT, WAY_HOME
from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.london import day_of, midnights
from joinedup.fhir.machine import after
from joinedup.fhir.profiles.criteria import Checklist
from joinedup.fhir.profiles.readiness import Delay, Readiness, ReadySpan

__all__ = ["Wait", "closed", "marked_meeting", "marked_ready", "ready_date", "waited"]


class Wait(Struct, frozen=True):
    """Days waited: of each stretch in order; `last_days` is what a national return counts."""

    days: tuple[int, ...]

    @property
    def last_days(self) -> int:
        """Days since the date that stands."""
        return self.days[-1] if self.days else 0

    @property
    def all_days(self) -> int:
        """Days of every stretch."""
        return sum(self.days)


def marked_ready(
    readiness: Readiness, review: Checklist, review_id: str, *, delay: Delay
) -> Readiness:
    """Return the readiness with the discharge-ready date that a review sets, and why they wait.

    Refuses, Unprocessable: a review that says they need the bed, of another spell, before admission
    or after leaving, or earlier than the stretch before it; a delay that does not begin with it.
    """
    _is_of(readiness, review)
    state = after(WAY_HOME, readiness.state, "ready")
    if review.meets:
        raise Unprocessable("By this review the bed is still needed. Nobody is ready with a yes.")
    if readiness.spans and (ended := readiness.spans[-1].until) and review.at < ended:
        raise Unprocessable("They were ready before, until after this review.")
    if delay.since != review.at or delay.until is not None:
        raise Unprocessable("The first reason for waiting begins when somebody is ready.")
    span = ReadySpan(since=review.at, checklist=review_id)
    return replace(
        readiness,
        state=state,
        spans=(*readiness.spans, span),
        delays=(*readiness.delays, delay),
    )


def marked_meeting(readiness: Readiness, review: Checklist) -> Readiness:
    """Return the readiness of somebody who needs the bed (again): their date ends and is kept.

    Refuses, Unprocessable, a review that says they do not, or that is not of this stay.
    """
    _is_of(readiness, review)
    if not review.meets:
        raise Unprocessable("By this review the bed is not needed: mark them ready instead.")
    state = after(WAY_HOME, readiness.state, "meet")
    return replace(closed(readiness, review.at, "meets-again"), state=state)


def closed(readiness: Readiness, at: datetime, ended_by: str) -> Readiness:
    """Return the readiness with the running stretch and its reason ended together.

    Refuses, Unprocessable, an end before the beginning of either.
    """
    span, delay = readiness.ready, readiness.delay
    if any(running is not None and at < running.since for running in (span, delay)):
        raise Unprocessable("That is before they were ready, or before the reason now began.")
    spans, delays = readiness.spans, readiness.delays
    if span is not None:
        spans = (*spans[:-1], replace(span, until=at, ended_by=ended_by))
    if delay is not None:
        delays = (*delays[:-1], replace(delay, until=at, ended_by=ended_by))
    return replace(readiness, spans=spans, delays=delays)


def _is_of(readiness: Readiness, review: Checklist) -> None:
    if review.spell != readiness.spell or review.person != readiness.person:
        raise Unprocessable("This review is of another stay in hospital.")
    if review.at < readiness.admitted:
        words = "Nobody is ready to go home before they came in."
        raise Unprocessable(Problem("business-rule", words, "Observation.effectiveDateTime"))
    if readiness.state in LEFT or (readiness.left and review.at > readiness.left):
        words = "They have left: a discharge-ready date cannot follow that."
        raise Unprocessable(Problem("business-rule", words, "Observation.effectiveDateTime"))


def ready_date(readiness: Readiness) -> date | None:
    """Return the discharge-ready date: of the last stretch, unless the bed was needed again."""
    spans = [s for s in readiness.spans if s.ended_by != "meets-again"]
    return day_of(spans[-1].since) if spans else None


def waited(readiness: Readiness, now: datetime) -> Wait:
    """Return the days of each stretch; one that runs is counted until `now` (domain.md 9.4)."""
    return Wait(tuple(midnights(s.since, s.until or now) for s in readiness.spans))
