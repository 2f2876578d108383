"""A fan: for each of the next days the quantiles of a count; and fans that need no model.

As now, and as on the same weekday of last week: each with the spread that it missed by in the
past, so that they are held to the same rules as a forecast.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from msgspec import Struct

from joinedup.planning.chance.laws import quantile
from joinedup.planning.statistics import Floats

__all__ = ["CHANCES", "DAYS", "Fan", "as_last_week", "as_now", "fan_of", "widened"]

DAYS = 14
CHANCES = tuple(k / 20 for k in range(1, 20))
WEEK = 7


class Fan(Struct, frozen=True, forbid_unknown_fields=True):
    """Quantiles (at `CHANCES`) of a count on each day from `first` on."""

    first: date
    quantiles: tuple[tuple[float, ...], ...]

    def at(self, chance: float) -> tuple[float, ...]:
        """Return, day by day, what the count stays below with this chance (a twentieth's steps)."""
        place = CHANCES.index(round(chance * 20) / 20)
        return tuple(day[place] for day in self.quantiles)

    @property
    def days(self) -> tuple[date, ...]:
        """The days of the fan."""
        return tuple(self.first + timedelta(days=k) for k in range(len(self.quantiles)))


def fan_of(first: date, quantiles: Floats | Sequence[Sequence[float]]) -> Fan:
    """Return a fan of numbers by day and chance; none is below 0."""
    rows = np.maximum(np.asarray(quantiles, dtype=np.float64), 0.0)
    return Fan(first, tuple(tuple(round(float(one), 2) for one in row) for row in rows))


def widened(samples: Floats, factor_sd: float) -> Floats:
    """Return quantiles by day of samples (by run and day), each doubted by so much more.

    Every sample stands for a lognormal about it, cut into 19 parts alike.
    """
    parts = [(k + 0.5) / len(CHANCES) for k in range(len(CHANCES))]
    doubt = np.exp(factor_sd * np.array([quantile(part) for part in parts]))
    many = (samples[:, None, :] * doubt[None, :, None]).reshape(-1, samples.shape[1])
    return np.asarray(np.quantile(many, CHANCES, axis=0).T)


def as_now(first: date, past: Floats) -> Fan:
    """Return the fan of "as it is now", by how far days lay from the day so long before."""
    return _naive(first, past, [len(past) - 1] * DAYS, list(range(1, DAYS + 1)))


def as_last_week(first: date, past: Floats) -> Fan:
    """Return the fan of "as on the same weekday of last week"."""
    same = [len(past) - WEEK + h % WEEK for h in range(DAYS)]
    return _naive(first, past, same, [WEEK if h < WEEK else 2 * WEEK for h in range(DAYS)])


def _naive(first: date, past: Floats, middles: Sequence[int], lags: Sequence[int]) -> Fan:
    known = float(past[~np.isnan(past)][-1])
    rows = []
    for at, lag in zip(middles, lags, strict=True):
        middle = float(past[at]) if not np.isnan(past[at]) else known
        missed = past[lag:] - past[:-lag]
        spread = np.quantile(missed[~np.isnan(missed)], CHANCES)
        rows.append(middle + spread - spread[len(CHANCES) // 2])
    return fan_of(first, np.array(rows))
