"""What is asked and what is answered: counts by day, a question, an estimate or why there is none.

A day that was not counted is not in the days, or is None: it is missing, never 0.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from msgspec import Struct

__all__ = ["CannotBeSaid", "Estimate", "Question", "Series", "WinterSize"]


class Series(Struct, frozen=True):
    """People ready to leave who are still in a bed, by day, of one provider and one reason.

    Counted at the same hour of every day.
    """

    provider: str
    reason: str
    days: Mapping[date, int | None]


class WinterSize(Struct, frozen=True):
    """How hard a winter is, by day: people admitted with flu, people who came in an emergency.

    Only what the money cannot move: never beds in use, nor admissions that wait for a bed.
    """

    name: str
    days: Mapping[date, float | None]


class Question(Struct, frozen=True, kw_only=True):
    """What the money touched, what it could not, and from when to when.

    `touched` are the series of providers and reasons that it was spent on, `untouched` others of
    the same place. `left_out` are spans of days (both ends in) that compare with nothing: earlier
    money, another way of counting, a pandemic. Days after `as_of` have not come yet.
    """

    touched: tuple[Series, ...]
    first: date
    last: date
    as_of: date
    untouched: tuple[Series, ...] = ()
    sizes: tuple[WinterSize, ...] = ()
    left_out: tuple[tuple[date, date], ...] = ()


class CannotBeSaid(Struct, frozen=True):
    """No number: why, in words for a page."""

    why: str


class Estimate(Struct, frozen=True, kw_only=True):
    """Bed-days freed on the days that were counted, with the interval of nine in ten.

    `bed_days`, `low` and `high` are after days back in hospital were taken off, where those are
    known (`days_back` is None where not). `expected` is what the baseline led to expect, `actual`
    what was counted; both are days that people ready to leave spent in a bed.
    """

    bed_days: float
    low: float
    high: float
    expected: float
    actual: int
    days_back: int | None
    first: date
    last: date
    as_of: date
    days_counted: int
    days_missing: int
    days_before: int
    years: tuple[int, ...]
    baseline_days: int
    touched: tuple[tuple[str, str], ...]
    compared_with: tuple[str, ...]
    not_used: tuple[str, ...]
    word: Literal["estimated"] = "estimated"

    @property
    def beds(self) -> tuple[float, float, float]:
        """Beds freed a day, on the mean of the days counted: estimate, low, high."""
        return (
            self.bed_days / self.days_counted,
            self.low / self.days_counted,
            self.high / self.days_counted,
        )

    @property
    def says_something(self) -> bool:
        """Whether the interval leaves 0 out; else the money may have freed nothing."""
        return self.low > 0.0 or self.high < 0.0

    @property
    def age_days(self) -> int:
        """How old the last day counted is."""
        return (self.as_of - self.last).days

    @property
    def denominator(self) -> str:
        """What was counted, when, against what."""
        missing = f", {self.days_missing} missing" if self.days_missing else ""
        years = ", ".join(str(year) for year in self.years)
        return (
            f"{self.actual:,} days that people ready to leave spent in a bed, counted on "
            f"{self.days_counted} days from {self.first.isoformat()} to {self.last.isoformat()}"
            f"{missing}; against {self.baseline_days} days: the {self.days_before} before the "
            f"money, and the same days of the year from {years}"
        )

    @property
    def method(self) -> str:
        """How it was reckoned, in words for a page."""
        beside = f" and {', '.join(self.compared_with)}" if self.compared_with else ""
        unused = f" Not used, too many days missing: {', '.join(self.not_used)}." * bool(
            self.not_used
        )
        back = (
            f"{self.days_back} days that people were back in hospital within 28 days are taken off."
            if self.days_back is not None
            else "Days back in hospital within 28 days are not known, and not taken off."
        )
        return (
            "Estimated: what was to be expected from the same days of earlier years and the weeks "
            f"before the money, given weekday, season{beside}, less what was counted. Nine times "
            "in ten the true number is between low and high, if the winter differs from earlier "
            f"ones only as they differed from one another.{unused} {back}"
        )
