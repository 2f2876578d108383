"""How sure an order is: ranks by draw, and where nine draws in ten put each.

A draw is one set of what we doubt with the winter that comes; places are ranked within a draw, so
what all of them share moves all of them.
"""

from collections.abc import Mapping

import numpy as np
from msgspec import Struct

from joinedup.planning.statistics import Floats

__all__ = ["Interval", "Ranked", "interval_of", "ranked"]

LOW, HIGH = 0.05, 0.95


class Interval(Struct, frozen=True):
    """A mean, and where nine draws in ten lie."""

    mean: float
    low: float
    high: float


class Ranked(Struct, frozen=True):
    """One of several in order: its rank by the mean, where nine draws in ten rank it, its value.

    `first_share` is the share of draws in which none is better.
    """

    name: str
    rank: int
    low: int
    high: int
    first_share: float
    value: Interval


def interval_of(values: Floats) -> Interval:
    """Return the mean of draws and where nine in ten lie."""
    low, high = np.quantile(values, (LOW, HIGH)).tolist()
    return Interval(round(float(values.mean()), 6), round(low, 6), round(high, 6))


def ranked(by_draw: Mapping[str, Floats]) -> tuple[Ranked, ...]:
    """Return all in order of their means, best first; equal ones go by name."""
    names = sorted(by_draw)
    values = np.array([by_draw[name] for name in names])
    # The rank in a draw: one more than how many are better; equals share it.
    ranks = 1 + (values[None, :, :] > values[:, None, :]).sum(axis=1)
    order = sorted(range(len(names)), key=lambda i: (-values[i].mean(), names[i]))
    found = []
    for place, i in enumerate(order, 1):
        low, high = np.quantile(ranks[i], (LOW, HIGH), method="closest_observation").tolist()
        first = float(np.mean(ranks[i] == 1))
        found.append(Ranked(names[i], place, int(low), int(high), first, interval_of(values[i])))
    return tuple(found)
