"""Dates as periods: what stretch of time a FHIR date stands for, as index rows write it.

Periods are half open, [low, high), UTC, in text that sorts as time does:
`YYYY-MM-DD HH:MM:SS.ffffff+00`, or `-infinity`, `infinity`. Days, and times without a zone, are
those of Europe/London. FHIR R4 3.1.1.4.7.
"""

import re
from calendar import isleap, monthrange
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

__all__ = ["BEGINNING", "END", "LONDON", "bounds", "timing_bounds", "widen"]

BEGINNING = "-infinity"
END = "infinity"

Bounds = tuple[str, str]

LONDON = ZoneInfo("Europe/London")
"""Whose days and midnights count: those of England (house.md, law 16)."""

_NO_TIME = timedelta()
_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?", re.ASCII
)


def bounds(value: str | Mapping[str, Any]) -> Bounds:
    """Return [low, high) of a date, dateTime, instant or Period; ValueError if it is none.

    An open end of a Period is `-infinity` or `infinity`; a Period with neither end is none.
    """
    if isinstance(value, str):
        return _moment_bounds(value) if len(value) > 10 else _day_bounds(value)
    start, end = value.get("start"), value.get("end")
    if start is None and end is None:
        raise ValueError("a period with neither start nor end")
    low = bounds(start)[0] if start else BEGINNING
    high = bounds(end)[1] if end else END
    return (low, high) if low <= high else (high, low)


def timing_bounds(timing: Mapping[str, Any]) -> Bounds:
    """Return the outer limits of a Timing: of its events, else of its `boundsPeriod`.

    ValueError if it has neither: how often says nothing of when.
    """
    if events := [bounds(event) for event in timing.get("event", ()) if event]:
        return min(low for low, _ in events), max(high for _, high in events)
    return bounds(timing.get("repeat", {}).get("boundsPeriod", {}))


def widen(period: Bounds) -> Bounds:
    """Return a period three times as long, about the same middle: what `ap` reads as near."""
    low, high = (_read(text) for text in period)
    if low is None or high is None:
        return period
    return _shift(low, low - high), _shift(high, high - low)


@lru_cache(maxsize=8192)
def _day_bounds(text: str) -> Bounds:
    found = _DAY.fullmatch(text)
    if found is None:
        raise ValueError(f"not a date: {text!r}")
    year, month, day = (int(part) if part else 0 for part in found.groups())
    low = datetime(year, month or 1, day or 1, tzinfo=LONDON)
    if day:
        days = 1
    elif month:
        days = monthrange(year, month)[1]
    else:
        days = 366 if isleap(year) else 365
    return _write_london(low, 0), _write_london(low, days)


@lru_cache(maxsize=8192)
def _moment_bounds(text: str) -> Bounds:
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError(f"not a date and time: {text!r}")
    minute, second, fraction, zone = found.groups()
    digits = (fraction or "")[:6]
    # A leap second is counted as the second after :59, as PostgreSQL does.
    leap = second == "60"
    moment = datetime.fromisoformat(
        f"{minute}:{'59' if leap else second or '00'}.{digits:0<6}{zone or ''}"
    )
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=LONDON)
    length = timedelta(microseconds=10 ** (6 - len(digits)) if second else 60_000_000)
    start = timedelta(seconds=1) if leap else _NO_TIME
    try:
        low = moment.astimezone(UTC) + start
        high = low + length
    except OverflowError:
        return _shift(moment, start), _shift(moment, start + length)
    return _write(low), _write(high)


def _write_london(day: datetime, days: int) -> str:
    try:
        # Adding to London's own time: a day is from midnight to midnight, be it 23 hours or 25.
        return _shift(day + timedelta(days=days), timedelta())
    except OverflowError:
        return END


def _shift(moment: datetime, by: timedelta) -> str:
    # Adding in UTC: an hour after a clock change is an hour, whatever the clocks say.
    try:
        utc = moment.astimezone(UTC) + by
    except OverflowError:
        return BEGINNING if moment.year == 1 else END
    return _write(utc)


def _write(utc: datetime) -> str:
    return f"{utc.isoformat(' ', 'microseconds')[:26]}+00"


def _read(text: str) -> datetime | None:
    return None if text in (BEGINNING, END) else datetime.fromisoformat(text)
