"""Is a change a change? Limits of ordinary variation for a count a day (an XmR chart).

The middle line is the mean, the limits three standard deviations of ordinary variation away, by the
mean moving range; what lies outside them, or eight days on one side, is worth asking about.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import pairwise

from msgspec import Struct

from joinedup.fhir.issue import Unprocessable

__all__ = ["LEAST_POINTS", "Limits", "Signal", "Stretch", "limits", "signals", "waiting_at"]

Stretch = tuple[datetime, datetime | None]
"""From when until when somebody was ready to go home; until None, they still are."""

LEAST_POINTS = 12
"""Fewer days give limits that mean nothing."""
_WIDTH = Fraction(266, 100)
"""3 / 1.128: three standard deviations, by the mean of ranges of two (Shewhart; Wheeler)."""
_RUN = 8


class Limits(Struct, frozen=True):
    """The middle line and what lies about it ordinarily; counts are never below nothing."""

    middle: Fraction
    lower: Fraction
    upper: Fraction


class Signal(Struct, frozen=True):
    """Something to ask about: from one day to another (positions), in words for a page."""

    first: int
    last: int
    words: str


def waiting_at(
    everybody: Iterable[Iterable[Stretch]], moments: Sequence[datetime]
) -> tuple[int, ...]:
    """Return how many people were ready and still there at each moment; each counts once."""
    counts = [0] * len(moments)
    for stretches in everybody:
        for place, moment in enumerate(moments):
            counts[place] += any(
                since <= moment and (until is None or moment < until) for since, until in stretches
            )
    return tuple(counts)


def limits(counts: Sequence[int]) -> Limits:
    """Return the limits of a stretch of days; refuses, Unprocessable, fewer than twelve."""
    if len(counts) < LEAST_POINTS:
        raise Unprocessable(f"Limits need {LEAST_POINTS} days; there are {len(counts)}.")
    middle = Fraction(sum(counts), len(counts))
    ranges = [abs(later - earlier) for earlier, later in pairwise(counts)]
    reach = _WIDTH * Fraction(sum(ranges), len(ranges))
    return Limits(middle, max(Fraction(0), middle - reach), middle + reach)


def signals(counts: Sequence[int], within: Limits) -> tuple[Signal, ...]:
    """Return what is more than ordinary variation, in order of its first day.

    `within` may be of an earlier stretch: a place compares a winter with the autumn before.
    """
    found = [*_outside(counts, within), *_runs(counts, within)]
    return tuple(sorted(found, key=lambda signal: (signal.first, signal.last)))


def _outside(counts: Sequence[int], within: Limits) -> Iterator[Signal]:
    for number, count in enumerate(counts):
        if count > within.upper:
            yield Signal(number, number, f"{count} is more than varies ordinarily.")
        elif count < within.lower:
            yield Signal(number, number, f"{count} is fewer than varies ordinarily.")


def _runs(counts: Sequence[int], within: Limits) -> Iterator[Signal]:
    """Yield each unbroken run of eight days and more on one side; a day on the line ends it."""
    begins, side = 0, 0
    for number, count in enumerate((*counts, None)):
        now = 0 if count is None else (count > within.middle) - (count < within.middle)
        if now == side:
            continue
        if side and number - begins >= _RUN:
            where = "more" if side > 0 else "fewer"
            words = f"{number - begins} days running {where} than usual."
            yield Signal(begins, number - 1, words)
        begins, side = number, now
