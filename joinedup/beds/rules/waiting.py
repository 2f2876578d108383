"""The clock from referral to treatment: it starts once, stops once, and never pauses.

A hospital that puts off an operation, or a person who asks to wait, stops nothing (since October
2015); the 18 weeks are days of the clock.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NoReturn

from msgspec.structs import replace

from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.profiles.elective import PRIORITIES, Elective
from joinedup.reference.calendars import amount

__all__ = [
    "STOPS",
    "entry_problems",
    "is_breach",
    "paused",
    "redate_by",
    "stopped",
    "two_clocks",
    "waited_days",
    "waited_weeks",
    "within_standard",
]

STOPS = {
    "treated": "First treatment",
    "declined": "The person decided against treatment",
    "not-needed": "A clinician decided that no treatment is needed",
    "watching": "Active monitoring began",
    "died": "Died",
    "back-to-practice": "Sent back to the practice, as agreed",
}
"""What stops a clock. Nothing else does."""


def entry_problems(entry: Elective, *, on: date) -> tuple[Problem, ...]:
    """Return what is wrong with a place on the list: no clock start, one ahead, no priority."""
    found = []
    if entry.clock_start is None:
        words = "No clock start: say when the referral was received."
        found.append(Problem("required", words, "clock_start"))
    elif entry.clock_start > on:
        found.append(Problem("value", "The clock starts on a day still to come.", "clock_start"))
    if entry.priority not in PRIORITIES:
        words = f"“{entry.priority}” is no priority: {', '.join(PRIORITIES)}."
        found.append(Problem("code-invalid", words, "priority"))
    return tuple(found)


def two_clocks(entries: Iterable[tuple[str, Elective]]) -> tuple[Problem, ...]:
    """Return each referral, by the id it is paired with, that has more than one running clock."""
    running: dict[str, list[str]] = {}
    for referral, entry in entries:
        if entry.clock_stop is None:
            running.setdefault(referral, []).append(entry.id)
    return tuple(
        Problem("duplicate", f"Two clocks run on one referral: {', '.join(ids)}.", referral)
        for referral, ids in running.items()
        if len(ids) > 1
    )


def waited_days(entry: Elective, on: date) -> int:
    """Return the days of the clock up to its stop or a day; refuses, Unprocessable, no start."""
    if entry.clock_start is None:
        raise Unprocessable("This place on the list has no clock start.")
    return ((entry.clock_stop or on) - entry.clock_start).days


def waited_weeks(entry: Elective, on: date) -> int:
    """Return the whole weeks of the clock."""
    return waited_days(entry, on) // 7


def is_breach(entry: Elective, on: date) -> bool:
    """Whether the clock has run for more than 18 weeks: more than 126 days."""
    return waited_days(entry, on) > amount("waiting-time-standard", on=on)


def within_standard(entries: Iterable[Elective], on: date) -> tuple[int, int]:
    """Return how many running clocks are within 18 weeks, and of how many (the 92 per cent)."""
    running = [e for e in entries if e.clock_stop is None and e.clock_start is not None]
    return sum(not is_breach(entry, on) for entry in running), len(running)


def paused(entry: Elective) -> NoReturn:
    """Refuse, Unprocessable, always: there is no pause. A page that offers one leads here."""
    words = (
        "The waiting time clock is never paused, for anybody's reason (since 1 October 2015). "
        "Write down why they asked to wait; it is reported beside the clock."
    )
    raise Unprocessable(Problem("business-rule", words, f"ServiceRequest/{entry.id}"))


def stopped(entry: Elective, day: date, reason: str) -> Elective:
    """Return the entry with its clock stopped; refuses, Unprocessable, a second stop, a day before
    the start, or a reason that stops no clock."""
    if entry.clock_stop is not None:
        raise Unprocessable(f"This clock stopped on {entry.clock_stop:%-d %B %Y}.")
    if reason not in STOPS:
        raise Unprocessable(f"“{reason}” stops no clock. What does: {', '.join(STOPS.values())}.")
    if entry.clock_start is None or day < entry.clock_start:
        raise Unprocessable("A clock stops after it started.")
    return replace(entry, clock_stop=day, stop_reason=reason)


def redate_by(cancelled: date, planned: date) -> date | None:
    """Return by when somebody cancelled at the last minute has a new date; None if it was earlier.

    On the day of admission or after it, for no clinical reason: within 28 days of that day.
    """
    if cancelled < planned:
        return None
    return planned + timedelta(days=amount("redate-cancelled-within", on=planned))
