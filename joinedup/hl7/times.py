"""Times of HL7 v2 (TS, DTM): local hours of England unless an offset is written. Pure.

An hour that comes twice, in October, has two readings; one that never comes, in March, has none.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

from joinedup.fhir.profiles.days import read_day
from joinedup.fhir.search.period import LONDON
from joinedup.hl7.unfit import Kind, Unfit

__all__ = ["chosen", "day_of", "instant_of", "readings", "stamped"]

_TIME = re.compile(
    r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(?:(\d\d)(?:\.(\d{1,4}))?)?(?:([+-])(\d\d)(\d\d))?",
    re.ASCII,
)
_DAY = re.compile(r"(\d{4})(?:(\d\d)(\d\d)?)?", re.ASCII)
_EARLIEST_YEAR, _LATEST_YEAR = 1880, 2200
_AGAIN_LATE = timedelta(hours=1)


def readings(text: str, where: str) -> tuple[datetime, ...]:
    """Return the moments a time may mean, in UTC, earlier first: two where clocks went back.

    Unfit for a time that is none, is not told to the minute, or was skipped as clocks went forward.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        words = f"{_place(where)} must be a time to the minute: YYYYMMDDHHMM[SS][+ZZZZ]."
        raise Unfit(Kind.DATA_TYPE, words, where)
    try:
        year, month, day, hour, minute = (int(part) for part in found.groups()[:5])
        local = datetime(year, month, day, hour, minute, int(found[6] or 0))  # noqa: DTZ001
    except ValueError as problem:
        raise Unfit(Kind.DATA_TYPE, f"{_place(where)} is no day or hour.", where) from problem
    if not _EARLIEST_YEAR <= local.year <= _LATEST_YEAR:
        raise Unfit(Kind.DATA_TYPE, f"{_place(where)} is in no possible year.", where)
    if found[8]:
        return (_with_offset(local, found, where),)
    first = local.replace(tzinfo=LONDON, fold=0).astimezone(UTC)
    if first.astimezone(LONDON).replace(tzinfo=None) != local:
        words = f"{_place(where)} is an hour that was skipped as clocks went forward."
        raise Unfit(Kind.DATA_TYPE, words, where)
    second = local.replace(tzinfo=LONDON, fold=1).astimezone(UTC)
    return (first,) if first == second else (first, second)


def chosen(moments: tuple[datetime, ...], arrived: datetime, *, second: bool = False) -> datetime:
    """Return the moment that is meant, of an hour that came twice, by when the message arrived.

    What lies in the future is not meant; of a message that came at once, the later is; of one that
    came long after, the first, unless `second` says that the first cannot be.
    """
    if len(moments) == 1:
        return moments[0]
    first, again = moments
    at_once = again <= arrived < again + _AGAIN_LATE
    return again if second or at_once else first


def day_of(text: str, where: str) -> str:
    """Return a date as FHIR writes it, as exact as it was told; Unfit for what is none."""
    found = _DAY.fullmatch(text[:8])
    if found is None:
        raise Unfit(Kind.DATA_TYPE, f"{_place(where)} must be a date: YYYY[MM[DD]].", where)
    told = "-".join(part for part in found.groups() if part)
    whole = told + "-01" * (3 - len(told.split("-")))
    if read_day(whole) is None or not _EARLIEST_YEAR <= int(found[1]) <= _LATEST_YEAR:
        raise Unfit(Kind.DATA_TYPE, f"{_place(where)} is no day.", where)
    return told


def instant_of(moment: datetime) -> str:
    """Return a moment as the record writes it, in UTC to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamped(moment: datetime) -> str:
    """Return a moment as HL7 v2 writes it: the local time, with its offset."""
    return moment.astimezone(LONDON).strftime("%Y%m%d%H%M%S%z")


def _with_offset(local: datetime, found: re.Match[str], where: str) -> datetime:
    offset = timedelta(hours=int(found[9]), minutes=int(found[10]))
    if offset > timedelta(hours=14):
        raise Unfit(Kind.DATA_TYPE, f"{_place(where)} has an offset that is none.", where)
    zone = timezone(offset if found[8] == "+" else -offset)
    return local.replace(tzinfo=zone).astimezone(UTC)


def _place(where: str) -> str:
    """`PV1^1^44` as people say it: PV1-44."""
    segment, _, field = where.replace("^1^", "-", 1).partition("-")
    return f"{segment}-{field}" if field else segment
