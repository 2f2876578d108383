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
    within: Limits
    signals: tuple[Signal, ...]

    def says(self, place: int) -> str:
        """Return what is said of a day; "" where there is nothing to ask about."""
        found = (s.words for s in self.signals if s.first <= place <= s.last)
        return " ".join(found)

    @property
    def ordinarily(self) -> str:
        """What varies ordinarily, in words."""
        if not any(self.counts):
            return "Nobody is known to have waited in these weeks."
        low, high = _tenths(self.within.lower), _tenths(self.within.upper)
        return f"{_tenths(self.within.middle)} on average, ordinarily between {low} and {high}."


def _tenths(value: Fraction) -> str:
    return f"{float(value):.1f}"


def trend_of(permit: Permit, hospital: str, now: datetime) -> Trend:
    """Return the last 28 mornings of a hospital, "" for all of the place, as the permit sees it."""
    today = day_of(now)
    if now < at_clock(today, SNAPSHOT_HOUR):
        today -= timedelta(days=1)
    days = tuple(today - timedelta(days=back) for back in range(DAYS - 1, -1, -1))
    moments = [at_clock(day, SNAPSHOT_HOUR) for day in days]
    ways = ways_since(permit, moments[0], hospital=hospital)
    return trend_over(days, waiting_at((way.spans for way in ways), moments))


def trend_over(days: tuple[date, ...], counts: tuple[int, ...]) -> Trend:
    """Return counts with their limits and what is outside them."""
    assert len(counts) >= LEAST_POINTS, "four weeks are enough days"
    within = limits(counts)
    return Trend(days, counts, within, signals(counts, within))
