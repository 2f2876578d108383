"""Rates and places day by day: a network's steps as one number a day, changed, and steps again."""

import math
from datetime import date

import numpy as np

from joinedup.planning.network.model import Steps
from joinedup.planning.statistics import Floats

__all__ = ["days_between", "from_days", "to_days", "whole"]


def to_days(given: Steps | int, horizon: float) -> Floats:
    """Return the value that holds at the beginning of each day; a step within a day waits."""
    days = np.arange(max(1, math.ceil(horizon)), dtype=np.float64)
    if not isinstance(given, Steps):
        return np.full(len(days), float(given))
    times = days if given.period is None else days % given.period
    at = np.searchsorted(np.array(given.times), times, side="right") - 1
    return np.array(given.values)[at]


def from_days(values: Floats) -> Steps:
    """Return steps of the values, equal neighbours joined."""
    changes = [0, *(int(day) for day in np.flatnonzero(np.diff(values)) + 1)]
    return Steps(tuple(float(values[day]) for day in changes), tuple(map(float, changes)))


def days_between(
    begins: date, ends: date | None, *, starts: date, horizon: float
) -> tuple[int, int]:
    """Return the first day and the day after the last, counted from the model's first day.

    Without an end it is as long as the model; what lies outside the model is cut off.
    """
    last = max(1, math.ceil(horizon))
    first = (begins - starts).days
    after = last if ends is None else (ends - starts).days + 1
    return min(max(first, 0), last), min(max(after, 0), last)


def whole(values: Floats, luck: float) -> Floats:
    """Return whole numbers that are right on the mean: rounded up where the part passes 1 - luck.

    The same luck in every option, so that more money never opens fewer places.
    """
    return np.floor(values + luck)
