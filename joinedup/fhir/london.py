"""Days and hours as clocks in England show them; lengths of time as they really were.

Two days a year have 23 or 25 hours: nights are counted by midnights, hours in UTC (domain.md 0).
"""

from datetime import UTC, date, datetime, time, timedelta

from joinedup.fhir.search.period import LONDON

__all__ = ["at_clock", "day_bounds", "day_of", "elapsed", "midnights"]


def day_of(moment: datetime) -> date:
    """Return the day of a moment as clocks in England showed it."""
    assert moment.tzinfo is not None, "a moment has a zone"
    return moment.astimezone(LONDON).date()


def at_clock(day: date, hour: int, minute: int = 0) -> datetime:
    """Return, in UTC, when clocks in England show a time on a day.

    In October one o'clock comes twice: the first is meant. In March it does not come at all, and
    two o'clock is meant.
    """
    return datetime.combine(day, time(hour, minute), LONDON).astimezone(UTC)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return [midnight, next midnight) of a day, in UTC."""
    return at_clock(day, 0), at_clock(day + timedelta(days=1), 0)


def elapsed(start: datetime, end: datetime) -> timedelta:
    """Return the time that passed, across a change of the clocks too."""
    assert start.tzinfo is not None and end.tzinfo is not None, "moments have zones"
    return end.astimezone(UTC) - start.astimezone(UTC)


def midnights(start: datetime, end: datetime) -> int:
    """Return the nights between two moments: midnights in England that were passed."""
    return (day_of(end) - day_of(start)).days
