"""Counts made by hand: three earlier years and this one, the money from 1 December."""

from collections.abc import Callable
from datetime import date, timedelta

from joinedup.measures.freed import Question, Series

FIRST, LAST = date(2017, 12, 1), date(2018, 1, 11)
WINDOW = 56 + (LAST - FIRST).days + 1

Count = Callable[[int, int], int | None]


def days_of(count: Count, *, years: int = 3) -> dict[date, int | None]:
    """Return counts by day: `count` of how many years back and the day, 0 when the money begins."""
    found = {}
    for back in range(years + 1):
        first = FIRST.replace(year=FIRST.year - back)
        for day in range(-56, WINDOW - 56):
            found[first + timedelta(days=day)] = count(back, day)
    return found


def question_of(
    *counts: Count, years: int = 3, reason: str = "home care", as_of: date = LAST
) -> Question:
    """Return the question about these counts, each of a provider of its own."""
    series = tuple(
        Series(f"hospital {n}", reason, days_of(count, years=years))
        for n, count in enumerate(counts)
    )
    return Question(touched=series, first=FIRST, last=LAST, as_of=as_of)


def usual(back: int, day: int) -> int:
    """Return some thirty people a day, more midweek, more or fewer by year, never quite alike."""
    middle = 30 + (2, -3, 1, 4)[back % 4] + (3 if day % 7 in (1, 2, 3) else 0)
    return middle + (7 * day + 13 * back + day * day) % 5 - 2
