"""Dates and times as people say them. Pure: "now" is always an argument.

FHIR dates may be a year, a month, a day or an instant; each is said as exactly as it is known.
Days and midnights are Europe/London.
"""

from datetime import date, datetime
from functools import lru_cache

from msgspec import Struct

from joinedup.fhir.search.period import LONDON

__all__ = [
    "Moment",
    "When",
    "ago",
    "days_since",
    "is_same_day",
    "moment_of",
    "read_moment",
    "say",
    "when",
    "years_between",
]

_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_SHORT = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_LENGTHS = {4: "year", 7: "month", 10: "day"}
_FAR_DAYS = 60
_FAR_MONTHS = 24


class Moment(Struct, frozen=True, order=True):
    """A point in time and how exactly it is known: `year`, `month`, `day` or `minute`."""

    at: datetime
    precision: str = "minute"

    @property
    def day(self) -> date:
        """The London day."""
        return self.at.date()


class When(Struct, frozen=True):
    """A time as a page shows it: `words`, machine-readable `iso`, and `ago` ("3 days ago")."""

    words: str
    iso: str
    ago: str = ""


@lru_cache(maxsize=20_000)
def read_moment(text: str) -> Moment | None:
    """Return the moment a FHIR date, dateTime or instant names; None when it names none."""
    precision = _LENGTHS.get(len(text), "minute")
    try:
        at = datetime.fromisoformat(text + {"year": "-01-01", "month": "-01"}.get(precision, ""))
        at = at.replace(tzinfo=LONDON) if at.tzinfo is None else at.astimezone(LONDON)
    except (ValueError, OverflowError):
        return None
    return Moment(at, precision)


def moment_of(at: datetime | None) -> Moment | None:
    """Return a stored time as a London moment; None stays None."""
    return None if at is None else Moment(at.astimezone(LONDON))


def say(moment: Moment, *, short: bool = False, time: bool = False) -> str:
    """Return a moment in words, no more exactly than it is known ("March 2016", "9 Jan 2018")."""
    at = moment.at
    month = (_SHORT if short else _MONTHS)[at.month - 1]
    if moment.precision == "year":
        return str(at.year)
    if moment.precision == "month":
        return f"{month} {at.year}"
    words = f"{at.day} {month} {at.year}"
    return f"{words}, {at:%H:%M}" if time and moment.precision == "minute" else words


def ago(moment: Moment, now: datetime) -> str:
    """Return how far a moment is from now: "today", "3 days ago", "in 20 days", "4 years ago"."""
    if moment.precision == "year":
        return ""
    days = (now.astimezone(LONDON).date() - moment.day).days
    if days in (0, 1, -1):
        return {0: "today", 1: "yesterday", -1: "tomorrow"}[days]
    amount = _span_words(abs(days))
    return f"{amount} ago" if days > 0 else f"in {amount}"


def _span_words(days: int) -> str:
    if days < _FAR_DAYS:
        return f"{days} days"
    months = round(days / 30.44)
    return f"{months} months" if months < _FAR_MONTHS else f"{days // 365} years"


@lru_cache(maxsize=20_000)
def when(moment: Moment | None, now: datetime, *, time: bool = False) -> When | None:
    """Return a moment ready for a page, or None where there is none."""
    if moment is None:
        return None
    iso = moment.at.isoformat(timespec="minutes")
    iso = iso[: {"year": 4, "month": 7, "day": 10}.get(moment.precision, len(iso))]
    return When(say(moment, short=True, time=time), iso, ago(moment, now))


def years_between(born: date, on: date) -> int:
    """Return completed years; a person born on 29 February has their birthday on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def is_same_day(moment: Moment | None, now: datetime) -> bool:
    """Return whether a moment falls on today's London day, when the day is known."""
    if moment is None or moment.precision in ("year", "month"):
        return False
    return moment.day == now.astimezone(LONDON).date()


def days_since(moment: Moment, now: datetime) -> int:
    """Return midnights between a moment and now, as bed days are counted."""
    return (now.astimezone(LONDON).date() - moment.day).days
