"""Which days are compared: the weeks before the money and its own, this year and in earlier years.

What each day is known by, in columns: level, weekday, season, size of the winter. Days of an
earlier year stand where the same day of the year stands in this one.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
from msgspec import Struct

from joinedup.measures.freed.daily import Floats, lately, on_days, summed
from joinedup.measures.freed.model import Stretch
from joinedup.measures.freed.values import Question

__all__ = ["BEFORE_DAYS", "Year", "Years", "season_columns", "years_of"]

BEFORE_DAYS = 56  # eight whole weeks before the money
MOST_YEARS = 6
WAVES = 4
OTHERS = "what the money could not touch"


class Year(Struct, frozen=True):
    """One year's window: its days, and what was counted on each (not a number where nothing)."""

    year: int
    days: tuple[date, ...]
    counts: Floats

    @property
    def counted(self) -> int:
        """How many days were counted."""
        return int((~np.isnan(self.counts)).sum())


class Years(Struct, frozen=True):
    """Earlier years, newest first, and this one; what is known beside, by name, year by year.

    `not_used` are names of which too many days are missing.
    """

    earlier: tuple[Year, ...]
    now: Year
    beside: dict[str, tuple[Floats, ...]]
    not_used: tuple[str, ...]

    def stretch(self, number: int, begins: int, ends: int) -> Stretch:
        """Return the counted days of a year (0 is this one) from a place in the window to one."""
        year = (self.now, *self.earlier)[number]
        known = _known(year.days, [lots[number] for lots in self.beside.values()])
        at = np.arange(len(year.days))
        kept = ~np.isnan(year.counts) & (at >= begins) & (at < ends)
        return Stretch(at[kept], known[kept], year.counts[kept])


def season_columns() -> slice:
    """Return which columns make the season's shape: after the level and seven weekdays."""
    return slice(8, 8 + WAVES)


def years_of(question: Question, *, least_share: float) -> Years:
    """Return this year's window and those of earlier years of which enough days were counted.

    It ends with the money, or today where that comes first.
    """
    total: Mapping[date, float | None] = summed(question.touched)
    last = min(question.last, question.as_of)
    now = _year(question, total, last, 0)
    back = [_year(question, total, last, n) for n in range(1, MOST_YEARS + 1)]
    earlier = tuple(y for y in back if y.counted >= least_share * len(y.days))
    beside, not_used = _beside(question, (now, *earlier))
    return Years(earlier, now, beside, not_used)


def _year(question: Question, total: Mapping[date, float | None], last: date, back: int) -> Year:
    first = _years_before(question.first, back)
    length = BEFORE_DAYS + (last - question.first).days + 1
    days = tuple(first + timedelta(days=n - BEFORE_DAYS) for n in range(length))
    counts = on_days(total, days)
    for begins, ends in question.left_out:
        counts[[begins <= day <= ends for day in days]] = np.nan
    return Year(first.year, days, counts)


def _years_before(day: date, back: int) -> date:
    if (day.month, day.day) == (2, 29) and back:
        day = day - timedelta(days=1)
    return day.replace(year=day.year - back)


def _beside(
    question: Question, years: Sequence[Year]
) -> tuple[dict[str, tuple[Floats, ...]], tuple[str, ...]]:
    """Return what is known beside, in its own standard deviations, and what has too many gaps."""
    given: dict[str, Mapping[date, float | None]] = {s.name: s.days for s in question.sizes}
    if question.untouched:
        given[OTHERS] = summed(question.untouched)
    found, not_used = {}, []
    for name, values in given.items():
        lots = [lately(values, year.days) for year in years]
        together = np.concatenate(lots)
        if np.isnan(together).any():
            not_used.append(name)
            continue
        spread = float(together.std()) or 1.0
        found[name] = tuple((lot - together.mean()) / spread for lot in lots)
    return found, tuple(not_used)


def _known(days: Sequence[date], beside: Sequence[Floats]) -> Floats:
    weekdays = np.array([day.weekday() for day in days])
    place = (np.arange(len(days)) + 0.5) / len(days)
    columns = [np.ones(len(days))]
    columns += [(weekdays == n) - 1.0 / 7.0 for n in range(7)]
    columns += [np.cos(np.pi * wave * place) / wave for wave in range(1, WAVES + 1)]
    return np.column_stack([*columns, *beside])
