"""Hours, days and times of day that rules count with, by name: `amount("snapshot", on=day)`.

Each row says its unit and whether a source gives it; those that none gives a place may set.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from joinedup.reference.own import laid_over
from joinedup.reference.tables import Row, value

__all__ = ["amount", "length"]

_TABLE = "calendars/timings"


def amount(name: str, *, on: date, own: Sequence[Row] = ()) -> int:
    """Return a number as it holds on a day, a place's own first; KeyError for no such name."""
    mine = [row for row in laid_over(_TABLE, own, on=on) if row["name"] == name] if own else []
    return int((mine or [value(_TABLE, name, on=on)])[0]["value"])


def length(name: str, *, on: date) -> timedelta:
    """Return a length of time of the table; KeyError for a name that is not a length."""
    row = value(_TABLE, name, on=on)
    if row["unit"] not in ("minutes", "hours", "days"):
        raise KeyError(f"{name} is no length of time")
    return timedelta(**{row["unit"]: int(row["value"])})
