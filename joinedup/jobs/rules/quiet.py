"""When people are not disturbed, and how far apart two messages are: dated rows. Pure.

Rows `quiet-from`, `quiet-until` and `told-apart` of `calendars/timings`, which a place may set.
"""

from datetime import date, datetime, timedelta

from joinedup.fhir.search.period import LONDON
from joinedup.reference.tables import value

__all__ = ["apart", "next_try", "quiet_until"]

_TABLE = "calendars/timings"
_LATER = (1, 5, 30, 120, 480, 1_440)
"""Minutes after a try that failed; the last of them for every one after it."""


def quiet_until(kind: str, at: datetime) -> datetime | None:
    """Return when somebody may be disturbed again; None where they may be now.

    A text message rings by the bed; an email and a letter wait until they are read.
    """
    if kind != "text":
        return None
    local = at.astimezone(LONDON)
    begins, ends = _hour("quiet-from", local.date()), _hour("quiet-until", local.date())
    if ends <= local.hour < begins:
        return None
    day = local.date() if local.hour < ends else local.date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, ends, tzinfo=LONDON)


def apart(day: date) -> timedelta:
    """Return how long two messages to one receiver are apart at least."""
    return timedelta(minutes=_hour("told-apart", day))


def next_try(tries: int, at: datetime) -> datetime:
    """Return when to try again what has been tried so often."""
    return at + timedelta(minutes=_LATER[min(max(tries, 1), len(_LATER)) - 1])


def _hour(name: str, day: date) -> int:
    return int(value(_TABLE, name, on=day)["value"])
