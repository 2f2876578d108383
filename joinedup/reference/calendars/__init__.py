"""Hours, days and times of day that rules count with, by name: `amount("snapshot", on=day)`.

Each row says its unit and whether a source gives it; those that none gives a place may set.
"""

from datetime import date, timedelta

from joinedup.reference.tables import value

__all__ = ["amount", "length"]

_TABLE = "calendars/timings"


def amount(name: str, *, on: date) -> int:
    """Return a number of the table as it holds on a day; KeyError for a name it does not have."""
    return int(value(_TABLE, name, on=on)["value"])


def length(name: str, *, on: date) -> timedelta:
    """Return a length of time of the table; KeyError for a name that is not a length."""
    row = value(_TABLE, name, on=on)
    if row["unit"] not in ("minutes", "hours", "days"):
        raise KeyError(f"{name} is no length of time")
    return timedelta(**{row["unit"]: int(row["value"])})
