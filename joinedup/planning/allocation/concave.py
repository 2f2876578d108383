"""Curves of gains: never falling, each pound freeing no more than the one before it.

Fitted to what was played by isotonic regression of the slopes (Barlow and others 1972), weighed
by width; so a rise that is only chance cannot make a later pound look better than an earlier one.
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from scipy.optimize import isotonic_regression

from joinedup.planning.statistics import Floats

__all__ = ["Curve", "fit_curve"]


class Curve(Struct, frozen=True):
    """Gains at amounts, both beginning with 0; straight between, level beyond the last."""

    amounts: tuple[float, ...]
    gains: tuple[float, ...]

    @property
    def widths(self) -> tuple[float, ...]:
        """Return the pounds of each piece."""
        return tuple(np.diff(self.amounts).tolist())

    @property
    def slopes(self) -> tuple[float, ...]:
        """Return what a pound frees in each piece."""
        return tuple((np.diff(self.gains) / np.diff(self.amounts)).tolist())

    def gain(self, amount: float) -> float:
        """Return what an amount frees."""
        return float(np.interp(amount, self.amounts, self.gains))


def fit_curve(amounts: Sequence[float], gains: Sequence[float] | Floats) -> Curve:
    """Return the curve nearest to gains played at rising amounts above 0."""
    at = np.array([0.0, *amounts])
    assert bool(np.all(np.diff(at) > 0.0)), "amounts rise from above 0"
    widths: Floats = np.diff(at)
    played: Floats = np.diff(np.array([0.0, *np.asarray(gains, dtype=np.float64)])) / widths
    slopes = np.maximum(isotonic_regression(played, weights=widths, increasing=False).x, 0.0)
    fitted = np.concatenate(([0.0], np.cumsum(slopes * widths)))
    return Curve(tuple(at.tolist()), tuple(fitted.tolist()))
