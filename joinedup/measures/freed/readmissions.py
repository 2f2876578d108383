"""Days that people sent home with the money were back in hospital within 28 days: counted once.

Days on which they were again ready to leave are in the daily count already, and are not in these.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from msgspec import Struct

__all__ = ["WITHIN_DAYS", "CameBack", "days_back_in_hospital"]

WITHIN_DAYS = 28


class CameBack(Struct, frozen=True):
    """Somebody left with care that the money bought, and was admitted again in an emergency.

    `until` is the day they left again or were ready to leave again, whichever came first; None
    while neither has come.
    """

    person: str
    left: date
    back: date
    until: date | None = None


def days_back_in_hospital(people: Iterable[CameBack], *, first: date, last: date) -> int:
    """Return the nights in bed, `first` to `last`, of who came back within 28 days of leaving.

    A night of a person counts once, however often they left. Who would have come back anyway is
    in it too, so what is left of the bed-days freed is the least.
    """
    nights: set[tuple[str, date]] = set()
    for one in people:
        if not (first <= one.left <= last and 0 <= (one.back - one.left).days <= WITHIN_DAYS):
            continue
        ends = last + timedelta(days=1) if one.until is None else min(one.until, last + _DAY)
        nights |= {(one.person, one.back + n * _DAY) for n in range((ends - one.back).days)}
    return len(nights)


_DAY = timedelta(days=1)
