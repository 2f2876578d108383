"""Where a daily count stands and how it moves: a level, the days of the week, and chance.

A random walk seen with noise, in logarithms (the local level model; Harvey 1989, 2.3), beside
factors of the weekdays. Both variances are found by likelihood. Nothing here plays a network.
"""

import math
from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from scipy.special import stdtrit

from joinedup.fhir.issue import Invalid, Problem
from joinedup.planning.statistics import Floats, Whole

__all__ = ["LEAST_DAYS", "MOST_DAYS", "Level", "level_of"]

LEAST_DAYS, MOST_DAYS = 21, 84
# Variance of a day's step over that of a day's noise: tried all, none beyond what days can tell.
_RATIOS = tuple(0.5 * 0.6**k for k in range(12))
# As many days of no difference between weekdays are counted along with those seen.
_SHRINK = 4.0
_FREEDOM = 6.0
_HALF_WEEK = 3


class Level(Struct, frozen=True):
    """The level of the last day (a logarithm), how unsure, its daily step, noise and weekdays."""

    level: float
    variance: float
    step_variance: float
    noise_variance: float
    weekdays: tuple[float, ...]
    last_weekday: int

    def middle(self, days: int) -> Floats:
        """Return the middle of each of the next days."""
        return np.asarray(np.exp(self.level + self._weekdays_of(days)))

    def spread(self, days: int) -> Floats:
        """Return the sd of the logarithm of each of the next days."""
        steps = self.step_variance * np.arange(1, days + 1)
        return np.asarray(np.sqrt(self.variance + steps + self.noise_variance))

    def quantiles(self, days: int, chances: Sequence[float]) -> Floats:
        """Return the quantiles of each of the next days, by day and chance.

        Student's t of 6 degrees: days are odder than the normal law says.
        """
        unit = math.sqrt((_FREEDOM - 2.0) / _FREEDOM)
        reach = unit * np.array([float(stdtrit(_FREEDOM, c)) for c in chances])
        return np.asarray(self.middle(days)[:, None] * np.exp(np.outer(self.spread(days), reach)))

    def _weekdays_of(self, days: int) -> Floats:
        return np.array([self.weekdays[(self.last_weekday + h) % 7] for h in range(1, days + 1)])


def level_of(counts: Sequence[float] | Floats, *, last_weekday: int) -> Level:
    """Return where counts stand, oldest first, one a day, nan where a day is not known.

    Of more than 84 days the last are used. Refuses with Invalid fewer than 21 known days, or a
    count of 0 or below.
    """
    values = np.asarray(counts, dtype=np.float64)[-MOST_DAYS:]
    known = ~np.isnan(values)
    if int(known.sum()) < LEAST_DAYS:
        message = f"{int(known.sum())} past days are known: give at least {LEAST_DAYS}"
        raise Invalid(Problem("value", message, "history"))
    if float(np.nanmin(values)) <= 0.0:
        raise Invalid(Problem("value", "a past count is 0 or below: leave the day out", "history"))
    logs = np.log(values)
    on: Whole = (last_weekday + np.arange(1 - len(logs), 1, dtype=np.int64)) % 7
    weekdays = _weekdays(logs, on)
    plain = logs - weekdays[on]
    tried = np.array([_filtered(plain, ratio) for ratio in _RATIOS])
    # Every ratio counts as much as it is likely: a few weeks do not tell one from another.
    weights = np.exp(tried[:, 0] - tried[:, 0].max())
    weights /= weights.sum()
    levels, variances, noises = tried[:, 1], tried[:, 2] * tried[:, 3], tried[:, 3]
    level = float(weights @ levels)
    return Level(
        level=level,
        variance=float(weights @ (variances + (levels - level) ** 2)),
        step_variance=float(weights @ (np.array(_RATIOS) * noises)),
        noise_variance=float(weights @ noises),
        weekdays=tuple(float(w) for w in weekdays),
        last_weekday=last_weekday,
    )


def _weekdays(logs: Floats, on: Whole) -> Floats:
    """Return each weekday's mean distance from the week around it, drawn towards none."""
    apart = np.full(len(logs), np.nan)
    for i, value in enumerate(logs):
        week = logs[max(0, i - _HALF_WEEK) : i + _HALF_WEEK + 1]
        if not np.isnan(value):
            apart[i] = value - float(np.nanmean(week))
    found = np.zeros(7)
    for k in range(7):
        mine = apart[(on == k) & ~np.isnan(apart)]
        found[k] = mine.sum() / (len(mine) + _SHRINK)
    return np.asarray(found - found.mean())


def _filtered(plain: Floats, ratio: float) -> tuple[float, float, float, float]:
    """Return the log likelihood, the level, its variance over the noise's, and the noise."""
    first = int(np.argmax(~np.isnan(plain)))
    level, variance = float(plain[first]), 1.0
    squares, logs, count = 0.0, 0.0, 0
    for value in plain[first + 1 :].tolist():
        variance += ratio
        if math.isnan(value):
            continue
        whole = variance + 1.0
        apart = value - level
        squares += apart * apart / whole
        logs += math.log(whole)
        count += 1
        level += variance / whole * apart
        variance /= whole
    # Seven weekdays were found from the same days.
    noise = max(squares / (count - 7), 1e-8)
    return -0.5 * (count * math.log(noise) + logs), level, variance, noise
