"""How many people waited to go home each morning, from the history of their stays."""

from datetime import date, datetime, timedelta
from fractions import Fraction

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.discharge.rules.trend import (
    LEAST_POINTS,
    Limits,
    Signal,
    limits,
    signals,
    waiting_at,
)
from joinedup.fhir.london import at_clock, day_of
from joinedup.record.board import ways_since

__all__ = ["SNAPSHOT_HOUR", "Trend", "trend_of", "trend_over"]

DAYS = 28
"""As far back as a hospital still sees whoever has left it (`fhir.relationships`)."""
SNAPSHOT_HOUR = 8


class Trend(Struct, frozen=True):
    """Counts at eight each morning, oldest first, with what varies ordinarily (`rules.trend`)."""

    days: tuple[date, ...]
    counts: tuple[int, ...]
    within: Limits | None
    """None where there are too few mornings to tell."""
    signals: tuple[Signal, ...]

    def says(self, place: int) -> str:
        """Return what is said of a day; "" where there is nothing to ask about."""
        found = (s.words for s in self.signals if s.first <= place <= s.last)
        return " ".join(found)

    @property
    def ordinarily(self) -> str:
        """What varies ordinarily, in words."""
        if not self.counts:
            return "Nobody is known to have waited in these weeks."
        if self.within is None:
            return f"What varies ordinarily is told from {LEAST_POINTS} mornings on."
        low, high = _tenths(self.within.lower), _tenths(self.within.upper)
        return f"{_tenths(self.within.middle)} on average, ordinarily between {low} and {high}."


def _tenths(value: Fraction) -> str:
    return f"{float(value):.1f}"


def trend_of(permit: Permit, hospital: str, now: datetime) -> Trend:
    """Return the last 28 mornings of a hospital, "" for all of the place, as the permit sees it.

    It begins with the first morning after anybody is known to have been ready: before, nothing was
    collected, and that is not nobody.
    """
    today = day_of(now)
    if now < at_clock(today, SNAPSHOT_HOUR):
        today -= timedelta(days=1)
    days = tuple(today - timedelta(days=back) for back in range(DAYS - 1, -1, -1))
    ways = ways_since(permit, at_clock(days[0], SNAPSHOT_HOUR), hospital=hospital)
    first = min((since for way in ways for since, _ in way.spans), default=now)
    known = tuple(day for day in days if at_clock(day, SNAPSHOT_HOUR) >= first)
    moments = [at_clock(day, SNAPSHOT_HOUR) for day in known]
    return trend_over(known, waiting_at((way.spans for way in ways), moments))


def trend_over(days: tuple[date, ...], counts: tuple[int, ...]) -> Trend:
    """Return counts with their limits and what is outside them, from twelve mornings on."""
    if len(counts) < LEAST_POINTS:
        return Trend(days, counts, None, ())
    within = limits(counts)
    return Trend(days, counts, within, signals(counts, within))
