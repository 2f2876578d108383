"""Matching: which draws of the parameters come near to what was seen, and what that says of them.

Approximate Bayesian computation with a stated distance: the root mean square of (model - seen)
over the series, each point in its own standard deviation. A draw's weight falls as a normal curve
of how much farther it is than the nearest; a quarter of the draws come within its width.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct

from joinedup.planning.files.expressions import Value
from joinedup.planning.statistics import Floats

__all__ = ["NEAREST", "Matched", "match", "posterior", "weighted_quantile"]

NEAREST = 0.25


class Matched(Struct, frozen=True):
    """Weights of the draws (they add up to 1), their distances, and the width of the curve.

    `effective` is how many even draws the weights are worth (Kish): few of them say that the
    prior was far from what was seen.
    """

    weights: Floats
    distances: Floats
    width: float

    @property
    def effective(self) -> float:
        """How many even draws the weights are worth."""
        return float(1.0 / np.sum(self.weights**2))


def match(played: Floats, seen: Floats, sd: Floats | float) -> Matched:
    """Return the weight of each draw; `played` is by draw and point, points not seen are nan."""
    known = ~np.isnan(seen)
    apart = ((played - seen) / sd)[:, known]
    distances = np.sqrt(np.mean(apart**2, axis=1))
    beyond = distances - distances.min()
    width = max(float(np.quantile(beyond, NEAREST)), 1e-9)
    weights = np.exp(-0.5 * (beyond / width) ** 2)
    return Matched(weights / weights.sum(), distances, width)


def posterior(
    draws: Sequence[Mapping[str, Value]], matched: Matched, names: Sequence[str]
) -> dict[str, tuple[float, float, float]]:
    """Return low (5%), middle and high (95%) of each parameter after matching: the table's."""
    found = {}
    for name in names:
        values = np.array([_first(draw[name]) for draw in draws])
        low, middle, high = (
            weighted_quantile(values, matched.weights, chance) for chance in (0.05, 0.5, 0.95)
        )
        found[name] = (low, middle, high)
    return found


def weighted_quantile(values: Floats, weights: Floats, chance: float) -> float:
    """Return the value that the weights below reach this chance at."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    at = int(np.searchsorted(reached, chance * reached[-1]))
    return float(values[order][min(at, len(values) - 1)])


def _first(value: Value) -> float:
    return value[0] if isinstance(value, tuple) else value
