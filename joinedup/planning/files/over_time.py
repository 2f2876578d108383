"""Values over time in few words: a daily rate by month and weekday, a wave, places by month.

A file may give these wherever a network wants steps; time 0 is midnight of the model's first day.
"""

import math
from datetime import date, timedelta
from itertools import pairwise

from msgspec import Struct

from joinedup.planning.network.model import Steps

__all__ = ["Daily", "Monthly", "OverTime", "Wave", "as_steps"]


class Daily(Struct, frozen=True, tag="daily", forbid_unknown_fields=True):
    """People a day: the rate, times its month's factor, times its weekday's (Monday first)."""

    rate: float
    by_month: tuple[float, ...] = ()
    by_weekday: tuple[float, ...] = ()


class Wave(Struct, frozen=True, tag="wave", forbid_unknown_fields=True):
    """`people` in all, most on the day `peak`, two thirds within `width` days either side."""

    people: float
    peak: float
    width: float


class Monthly(Struct, frozen=True, tag="monthly", forbid_unknown_fields=True):
    """Whole places by calendar month, January first."""

    places: tuple[float, ...]


OverTime = Daily | Wave | Monthly


def as_steps(given: OverTime, *, starts: date, horizon: float) -> Steps:
    """Return the steps, a day or a month each; a wave by its area in the day."""
    days = max(1, math.ceil(horizon))
    match given:
        case Daily():
            values = [_daily(given, starts + timedelta(days=day)) for day in range(days)]
        case Wave():
            bounds = [_cumulated(given, day) for day in range(days + 1)]
            values = [b - a for a, b in pairwise(bounds)]
        case Monthly():
            on = [starts + timedelta(days=day) for day in range(days)]
            values = [float(round(given.places[day.month - 1])) for day in on]
    return _joined(values)


def _daily(given: Daily, day: date) -> float:
    month = given.by_month[day.month - 1] if given.by_month else 1.0
    weekday = given.by_weekday[day.weekday()] if given.by_weekday else 1.0
    return given.rate * month * weekday


def _cumulated(wave: Wave, time: float) -> float:
    return wave.people * 0.5 * math.erfc((wave.peak - time) / (wave.width * math.sqrt(2.0)))


def _joined(values: list[float]) -> Steps:
    """Join equal neighbours."""
    times = [day for day in range(len(values)) if day == 0 or values[day] != values[day - 1]]
    return Steps(tuple(values[day] for day in times), tuple(map(float, times)))
