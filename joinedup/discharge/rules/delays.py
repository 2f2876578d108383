"""Why somebody who is ready still waits: one reason now, an owner, a chase-by (DI-02, DI-03).

Each reason ends when the next begins, so intervals never overlap and their days are the days
since the person was ready.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.london import day_of, midnights
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.readiness import Delay, Readiness
from joinedup.reference.calendars import length
from joinedup.reference.codes.discharge import DelayReason, delay_reasons

__all__ = [
    "HUB_ACCEPTED",
    "HUB_SENT",
    "DelayDays",
    "chased",
    "changed",
    "cleared",
    "days_by_reason",
    "delay_problems",
    "offered",
    "reason_of",
    "waiting_for",
]

HUB_SENT, HUB_ACCEPTED = "hub-sent", "hub-accepted"
"""Events that end a reason by themselves."""


class DelayDays(Struct, frozen=True):
    """Days of one interval, with what a chart and an export both print."""

    reason: str
    words: str
    national: str
    attribution: str
    owner: str
    begins: date
    ends: date | None
    days: int


def offered(*, on: date, pathway: str = "") -> tuple[DelayReason, ...]:
    """Return the reasons that may be chosen, of one pathway if it is decided."""
    return tuple(
        reason
        for reason in delay_reasons(on=on).values()
        if not pathway or not reason.pathways or pathway in reason.pathways
    )


def reason_of(text: str, *, on: date) -> DelayReason:
    """Return the listed reason of a code, or of its exact words or national words.

    Refuses, Unprocessable, anything else ("SS", "other") and offers the list (domain.md 9.7).
    """
    listed = delay_reasons(on=on)
    wanted = " ".join(text.split()).casefold()
    for code, reason in listed.items():
        if wanted in (code, reason.words.casefold(), reason.national.casefold()):
            return reason
    choices = "; ".join(reason.words for reason in listed.values())
    words = f"“{text[:60]}” is no reason that anybody can act on. Choose one: {choices}."
    raise Unprocessable(Problem("code-invalid", words, "Task.extension[delay]"))


def waiting_for(
    text: str, *, owner: str, since: datetime, chase_by: datetime, set_by: Reference
) -> Delay:
    """Return a reason as it begins; refuses, Unprocessable, one unlisted, or not chased in time.

    `owner` is the id of the organisation that can end it (DI-03).
    """
    day = day_of(since)
    reason = reason_of(text, on=day)
    if not owner:
        raise Unprocessable("A reason has an owner: the organisation that can end the wait.")
    latest = since + length("chase-within", on=day)
    if not since < chase_by <= latest:
        words = f"Say when it will be chased: after now and by {day_of(latest):%-d %B}."
        raise Unprocessable(Problem("value", words, "Task.extension[delay]"))
    return Delay(reason=reason.code, owner=owner, since=since, chase_by=chase_by, set_by=set_by)


def changed(readiness: Readiness, delay: Delay, *, ended_by: str = "changed") -> Readiness:
    """Return the readiness with another reason now; the one before ends as it begins (DI-02).

    Refuses, Unprocessable: nobody waits, it would begin before the one now, a reason that is the
    one now, or one of another pathway than theirs.
    """
    now = readiness.delay
    if readiness.ready is None or now is None:
        raise Unprocessable("Only somebody who is ready to go home waits for something.")
    if delay.since < now.since:
        raise Unprocessable("A reason begins after the one before it.")
    if (delay.reason, delay.owner) == (now.reason, now.owner):
        raise Unprocessable("That is the reason already. Change its chase-by instead.")
    reason = delay_reasons(on=day_of(delay.since))[delay.reason]
    way = readiness.pathway.code if readiness.pathway else ""
    if way and reason.pathways and way not in reason.pathways:
        raise Unprocessable(f"“{reason.words}” is no reason on pathway {way}.")
    ended = replace(now, until=delay.since, ended_by=ended_by)
    return replace(readiness, delays=(*readiness.delays[:-1], ended, delay))


def chased(readiness: Readiness, chase_by: datetime, *, at: datetime) -> Readiness:
    """Return the readiness with the reason now to be chased at another time (DI-03).

    Refuses, Unprocessable: nobody waits, or a time that is not ahead and within a week.
    """
    now = readiness.delay
    if now is None:
        raise Unprocessable("Nobody waits for anything here.")
    latest = at + length("chase-within", on=day_of(at))
    if not at < chase_by <= latest:
        raise Unprocessable(f"Say when it will be chased: by {day_of(latest):%-d %B}.")
    return replace(readiness, delays=(*readiness.delays[:-1], replace(now, chase_by=chase_by)))


def cleared(
    readiness: Readiness, event: str, *, owner: str, at: datetime, by: Reference
) -> Readiness:
    """Return the readiness once an event has ended the reason now by itself (DI-03).

    What is then waited for begins at once, with `owner`: the hub that was sent the referral, or
    that accepted it. A reason that the event does not end stays as it is.
    """
    now = readiness.delay
    if now is None:
        return readiness
    reason = delay_reasons(on=day_of(at))[now.reason]
    if reason.clears_on != event:
        return readiness
    then = max(at, now.since)
    chase = then + timedelta(days=1)
    following = waiting_for(reason.next, owner=owner, since=then, chase_by=chase, set_by=by)
    return changed(readiness, following, ended_by=event)


def delay_problems(readiness: Readiness) -> tuple[Problem, ...]:
    """Return what cannot be true of a history of reasons, whoever wrote it (DI-02)."""
    return tuple(_untrue(readiness))


def _untrue(readiness: Readiness) -> Iterator[Problem]:
    where = "Task.extension[delay]"
    for one, other in pairwise(readiness.delays):
        if one.until is None or other.since < one.until:
            yield Problem(
                "business-rule", "Two reasons at once: one ends as another begins.", where
            )
    for span in readiness.spans:
        inside = [d for d in readiness.delays if _within(d, span.since, span.until)]
        begins = inside and inside[0].since == span.since
        ends = inside and inside[-1].until == span.until
        joined = all(a.until == b.since for a, b in pairwise(inside))
        if not (begins and ends and joined):
            words = "From being ready to leaving there is always one reason, without a gap."
            yield Problem("business-rule", words, where)


def _within(delay: Delay, since: datetime, until: datetime | None) -> bool:
    return delay.since >= since and (until is None or delay.since < until or delay.since == since)


def days_by_reason(readiness: Readiness, now: datetime) -> tuple[DelayDays, ...]:
    """Return each interval with its days: what the chart draws and the export prints (DI-02)."""
    return tuple(_counted(delay, now) for delay in readiness.delays)


def _counted(delay: Delay, now: datetime) -> DelayDays:
    reason = delay_reasons(on=day_of(delay.since))[delay.reason]
    return DelayDays(
        reason=reason.code,
        words=reason.words,
        national=reason.national,
        attribution=reason.attribution,
        owner=delay.owner,
        begins=day_of(delay.since),
        ends=day_of(delay.until) if delay.until else None,
        days=midnights(delay.since, delay.until or now),
    )
