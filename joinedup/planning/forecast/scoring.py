"""How a forecast did: how near its middle was, how often its bands held, and both in one number.

The continuous ranked probability score (Gneiting and Raftery 2007) by twice the mean pinball loss
over 19 quantiles: in people, lower is better, and for a single number the plain error.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct

from joinedup.planning.forecast.fan import CHANCES, Fan
from joinedup.planning.statistics import Floats

__all__ = ["Score", "mean_score", "score_of"]


class Score(Struct, frozen=True):
    """Means over so many days: score and error in people, shares of days inside the bands."""

    days: int
    crps: float
    error: float
    within_50: float
    within_90: float


def score_of(fan: Fan, seen: Floats | Sequence[float]) -> Score | None:
    """Return how a fan did on the days that were counted; None where none was."""
    counted = np.asarray(seen, dtype=np.float64)[: len(fan.quantiles)]
    known = ~np.isnan(counted)
    if not known.any():
        return None
    quantiles = np.array(fan.quantiles)[: len(counted)][known]
    counted = counted[known]
    apart = counted[:, None] - quantiles
    chances = np.array(CHANCES)
    pinball = np.maximum(chances * apart, (chances - 1.0) * apart)
    return Score(
        days=len(counted),
        crps=float(2.0 * pinball.mean()),
        error=float(np.abs(apart[:, len(CHANCES) // 2]).mean()),
        within_50=_inside(quantiles, counted, 0.25, 0.75),
        within_90=_inside(quantiles, counted, 0.05, 0.95),
    )


def mean_score(scores: Iterable[Score]) -> Score | None:
    """Return the mean over all days of several forecasts; None of none."""
    found = list(scores)
    if not found:
        return None
    days = np.array([float(s.days) for s in found])

    def mean(values: Sequence[float]) -> float:
        return float(np.array(values) @ days / days.sum())

    return Score(
        days=int(days.sum()),
        crps=mean([s.crps for s in found]),
        error=mean([s.error for s in found]),
        within_50=mean([s.within_50 for s in found]),
        within_90=mean([s.within_90 for s in found]),
    )


def _inside(quantiles: Floats, counted: Floats, low: float, high: float) -> float:
    below, above = (quantiles[:, CHANCES.index(one)] for one in (low, high))
    return float(np.mean((counted >= below) & (counted <= above)))
