"""Financial years and months: when money belongs to which, and when one is closed."""

import re
from datetime import date

from msgspec import Struct

from joinedup.fhir.issue import Invalid

__all__ = ["Month", "financial_year", "read_year"]

_YEAR = re.compile(r"([0-9]{4})-([0-9]{2})")
_YEARS = range(1900, 2200)
"""Outside these a year is a slip of the hand; a calendar of days does not go on for ever."""


class Month(Struct, frozen=True, order=True):
    """A month of the calendar; the ledger's shortest period."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """Return the month of a day."""
        return cls(day.year, day.month)

    @property
    def financial_year(self) -> str:
        """The year it belongs to in public money, such as `2018-19`."""
        return financial_year(date(self.year, self.month, 1))

    def __str__(self) -> str:
        """Return it as `2018-11`."""
        return f"{self.year:04d}-{self.month:02d}"


def financial_year(day: date) -> str:
    """Return the financial year of a day: 1 April to 31 March, written `2018-19`."""
    first = day.year if day.month >= 4 else day.year - 1
    return f"{first:04d}-{(first + 1) % 100:02d}"


def read_year(text: str) -> str:
    """Return a financial year as written; Invalid for `2018`, `2018-20`, one of no century near."""
    found = _YEAR.fullmatch(text.strip())
    follows = found is not None and (int(found[1]) + 1) % 100 == int(found[2])
    if found is None or not follows or int(found[1]) not in _YEARS:
        raise Invalid(f"{text!r} is not a financial year. Write one like 2018-19.")
    return text.strip()
