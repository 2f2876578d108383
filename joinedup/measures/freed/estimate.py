"""Bed-days freed by money: what was to be expected less what was counted, or why none can be said.

The statistics are in `model`, the days compared in `window`; here are conditions and the answer.
"""

import numpy as np
from msgspec.structs import replace

from joinedup.fhir.issue import Invalid, Problem
from joinedup.measures.freed.model import expected_sum
from joinedup.measures.freed.values import CannotBeSaid, Estimate, Question, Series
from joinedup.measures.freed.window import BEFORE_DAYS, Years, season_columns, years_of

__all__ = ["estimate_freed", "freed_by_part"]

LEAST_DAYS, LEAST_BEFORE, LEAST_YEARS = 28, 28, 2
LEAST_SHARE = 2 / 3
MOST_DAYS = 366
LOW, HIGH = 0.05, 0.95


def estimate_freed(question: Question, *, days_back: int | None = None) -> Estimate | CannotBeSaid:
    """Return the bed-days freed with the interval of nine in ten, or why that cannot be said.

    `days_back` are days that people sent home with the money were back in hospital within 28 days
    (`days_back_in_hospital`); they are taken off. It cannot be said with fewer than 28 days of the
    money or 28 before it, with a third of either missing, without two earlier years, or where
    nobody waited. Refuses, Invalid, a question that contradicts itself.
    """
    _require_sense(question)
    if question.as_of < question.first:
        return CannotBeSaid("The money's first day has not come yet.")
    years = years_of(question, least_share=LEAST_SHARE)
    why = _why_not(years, question)
    if why:
        return CannotBeSaid(why)
    end = len(years.now.days)
    earlier = [years.stretch(n, 0, end) for n in range(1, len(years.earlier) + 1)]
    before = years.stretch(0, 0, BEFORE_DAYS)
    during = years.stretch(0, BEFORE_DAYS, end)
    law = expected_sum(earlier, before, during, season=season_columns(), free=1)
    actual = int(during.counts.sum())
    back = days_back or 0
    # Nobody waits fewer than no days: an expectation below 0 is one of 0.
    low, middle, high = (max(v, 0.0) for v in (law.quantile(LOW), law.mean, law.quantile(HIGH)))
    return Estimate(
        bed_days=middle - actual - back,
        low=low - actual - back,
        high=high - actual - back,
        expected=middle,
        actual=actual,
        days_back=days_back,
        first=question.first,
        last=years.now.days[-1],
        as_of=question.as_of,
        days_counted=len(during.counts),
        days_missing=end - BEFORE_DAYS - len(during.counts),
        days_before=len(before.counts),
        years=tuple(sorted(y.year for y in years.earlier)),
        baseline_days=len(before.counts) + sum(len(s.counts) for s in earlier),
        touched=tuple(sorted((s.provider, s.reason) for s in question.touched)),
        compared_with=tuple(years.beside),
        not_used=years.not_used,
    )


def freed_by_part(question: Question) -> dict[tuple[str, str], Estimate | CannotBeSaid]:
    """Return the same for each provider and reason alone, days back not taken off.

    Each is estimated for itself: they need not add up to the whole, whose interval is its own.
    """
    found = {}
    for one in sorted(question.touched, key=lambda s: (s.provider, s.reason)):
        found[one.provider, one.reason] = estimate_freed(replace(question, touched=(one,)))
    return found


def _require_sense(question: Question) -> None:
    problems = []
    if question.last < question.first:
        problems.append(Problem("value", "The money ends before it begins: change a day.", "last"))
    elif (question.last - question.first).days >= MOST_DAYS:
        words = f"More than {MOST_DAYS} days are asked for: ask for each year apart."
        problems.append(Problem("value", words, "last"))
    if not question.touched:
        words = "No provider and reason is named that the money was spent on: name one."
        problems.append(Problem("required", words, "touched"))
    every = (*question.touched, *question.untouched)
    names = [(s.provider, s.reason) for s in every]
    for name in sorted({n for n in names if names.count(n) > 1}):
        words = f"{name[0]}, {name[1]} is given twice: give each provider and reason once."
        problems.append(Problem("value", words, "touched"))
    problems += [_below_nought(s) for s in every if any((n or 0) < 0 for n in s.days.values())]
    if problems:
        raise Invalid(*problems)


def _below_nought(series: Series) -> Problem:
    words = f"{series.provider}, {series.reason} has a count below 0: a day not counted is None."
    return Problem("value", words, "days")


def _why_not(years: Years, question: Question) -> str:
    """Return why no number can be given, or nothing."""
    before = int((~np.isnan(years.now.counts[:BEFORE_DAYS])).sum())
    during = int((~np.isnan(years.now.counts[BEFORE_DAYS:])).sum())
    days = len(years.now.days) - BEFORE_DAYS
    if days < LEAST_DAYS:
        return f"{days} days of the money have passed: a number needs {LEAST_DAYS}."
    if during < max(LEAST_DAYS, LEAST_SHARE * days):
        return f"Of {days} days of the money {during} were counted: too many are missing."
    if before < LEAST_BEFORE:
        return (
            f"Of the {BEFORE_DAYS} days before the money {before} were counted: "
            f"a number needs {LEAST_BEFORE}."
        )
    if len(years.earlier) < LEAST_YEARS:
        there = len(years.earlier)
        return (
            f"The same days were counted in {there} earlier year{'' if there == 1 else 's'}: "
            f"one winter differs from another, and a number needs {LEAST_YEARS} to compare with."
        )
    if not any(np.nansum(y.counts) > 0 for y in (*years.earlier, years.now)):
        return "Nobody waited for these reasons before: there was nothing to free."
    return ""
