"""Counts by day as arrays: a sum of series, and what the four weeks before a day were like.

Missing is not-a-number here, and stays missing: a sum with one part missing is missing.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from joinedup.measures.freed.values import Series

__all__ = ["Floats", "lately", "on_days", "summed"]

Floats = NDArray[np.float64]
WEEKS_DAYS = 28


def summed(series: Sequence[Series]) -> dict[date, float]:
    """Return the sum of the series on every day that all of them were counted."""
    if not series:
        return {}
    days = set.intersection(*({d for d, n in s.days.items() if n is not None} for s in series))
    return {day: float(sum(s.days[day] or 0 for s in series)) for day in days}


def on_days(values: Mapping[date, float | None], days: Sequence[date]) -> Floats:
    """Return the values of these days in their order; what is missing is not a number."""
    found = (values.get(day) for day in days)
    return np.array([np.nan if value is None else value for value in found], dtype=np.float64)


def lately(values: Mapping[date, float | None], days: Sequence[date]) -> Floats:
    """Return for each day the mean of it and the 27 days before, of those that were counted.

    Who waits today came in during the last weeks. Where none was counted it is missing.
    """
    if not days:
        return np.empty(0)
    longer = [days[0] - timedelta(days=n) for n in range(WEEKS_DAYS - 1, 0, -1)] + list(days)
    known = on_days(values, longer)
    there = ~np.isnan(known)
    total = np.concatenate([[0.0], np.cumsum(np.where(there, known, 0.0))])
    count = np.concatenate([[0], np.cumsum(there)])
    many = count[WEEKS_DAYS:] - count[:-WEEKS_DAYS]
    means = (total[WEEKS_DAYS:] - total[:-WEEKS_DAYS]) / np.maximum(many, 1)
    return np.asarray(np.where(many > 0, means, np.nan), dtype=np.float64)
