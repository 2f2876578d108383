"""The statistical model: what days still to come add up to, given days seen, with all doubt in it.

A count is weekday, season and winter's size, and what hangs together from day to day: a part that
forgets in days, a part that forgets in weeks or never (the year's own level), and noise of its own.
How fast and how large these are is not estimated once but averaged over, by how well each explains
the days seen. docs/decisions/0021-freed-bed-days.md says why.
"""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.special import stdtr

from joinedup.measures.freed.daily import Floats

Whole = NDArray[np.int64]

__all__ = ["Mixture", "Stretch", "expected_sum"]

# Half of what is left of a departure from the usual is gone after so many days. Nothing shorter
# than six weeks is tried for the slow part: days tell most about days, and would have it forget
# too soon.
FAST_DAYS = (1.5, 4.0, 10.0)
SLOW_DAYS = (40.0, 80.0, 1e6)
# Variances, beside that of the fast part.
SLOW_PART = (0.1, 0.5, 2.0, 6.0, 15.0)
NOISE = (0.03, 0.3, 2.0, 12.0)
# The season's shape, beside what hangs together from day to day.
SEASON = (0.1, 1.0)
LEAST_SD = 0.01  # of the mean count: days that never differ still differ so much


class Stretch(Struct, frozen=True):
    """Days of one year: where they stand in the window, what is known of each, what was counted.

    `known` has a column for each thing known; the first is the level, and is 1.
    """

    at: Whole
    known: Floats
    counts: Floats


class Mixture(Struct, frozen=True):
    """An average of Student's t laws, one for each way that days may hang together."""

    weights: Floats
    means: Floats
    scales: Floats
    freedom: float

    @property
    def mean(self) -> float:
        """The mean of the law."""
        return float(self.weights @ self.means)

    def quantile(self, chance: float) -> float:
        """Return what the law stays below with this chance."""
        low = float((self.means - 80.0 * self.scales).min())
        high = float((self.means + 80.0 * self.scales).max())
        scales = np.maximum(self.scales, 1e-300)
        for _ in range(64):
            middle = 0.5 * (low + high)
            below = float(self.weights @ stdtr(self.freedom, (middle - self.means) / scales))
            low, high = (middle, high) if below < chance else (low, middle)
        return 0.5 * (low + high)


class _Shape(Struct, frozen=True):
    """One way that days may hang together."""

    fast_days: float
    slow_days: float
    slow_part: float
    noise: float

    def alike(self, apart: Whole) -> Floats:
        """Return the covariance of days so far apart, but for their noise."""
        days = np.arange(apart.max(initial=0) + 1)
        fast, slow = 0.5 ** (days / self.fast_days), 0.5 ** (days / self.slow_days)
        by_days: Floats = fast + self.slow_part * slow
        return by_days[apart]

    @property
    def whole(self) -> float:
        """The variance of a day, but for its noise."""
        return 1.0 + self.slow_part


class _Seen(Struct, frozen=True):
    """Days seen, made independent of one another, added up; and what they say of the days ahead."""

    products: Floats
    with_counts: Floats
    squares: float
    log_size: float
    expected: float
    known: Floats
    variance: float


def expected_sum(
    earlier: Sequence[Stretch], now: Stretch, ahead: Stretch, *, season: slice, free: int
) -> Mixture:
    """Return the law of the sum of counts over the days of `ahead`, whose own counts are not read.

    `season` are the columns that make the season's shape; the first `free` columns have no belief
    about them beforehand. Columns after the season are in their own standard deviations.
    """
    days = sum(len(s.counts) for s in (*earlier, now))
    least = LEAST_SD * float(np.mean(np.concatenate([s.counts for s in (*earlier, now)])))
    found = [
        _explained(seen, _beliefs(now.known.shape[1], shape, scale, season, free), days, least)
        for shape in _shapes()
        for seen in [_seen(shape, earlier, now, ahead)]
        for scale in SEASON
    ]
    fit, means, scales = np.array(found).T
    weights = np.exp(fit - fit.max())
    return Mixture(weights / weights.sum(), means, scales, float(days))


def _shapes() -> Iterator[_Shape]:
    for fast, slow, part, noise in product(FAST_DAYS, SLOW_DAYS, SLOW_PART, NOISE):
        yield _Shape(fast, slow, part, noise)


def _beliefs(columns: int, shape: _Shape, season_scale: float, season: slice, free: int) -> Floats:
    """Return one over the variance that each column's weight is believed to have, beforehand."""
    found = np.ones(columns)
    found[:free] = 0.0
    found[season] = 1.0 / (season_scale * shape.whole)
    found[season.stop :] = 1.0 / (SIZE_PART * shape.whole)
    return found


SIZE_PART = 0.2  # what the winter's size explains, beside what hangs together from day to day


def _seen(shape: _Shape, earlier: Sequence[Stretch], now: Stretch, ahead: Stretch) -> _Seen:
    columns = now.known.shape[1]
    products, with_counts = np.zeros((columns, columns)), np.zeros(columns)
    squares = log_size = 0.0
    for stretch in (*earlier, now):
        root, alone = _alone(shape, stretch)
        known, counts = alone[:, :columns], alone[:, columns]
        products += known.T @ known
        with_counts += known.T @ counts
        squares += float(counts @ counts)
        log_size += 2.0 * float(np.log(np.diag(root)).sum())
    # The last stretch is this year's: days ahead hang together with it alone.
    between = shape.alike(_apart(now.at, ahead.at)).sum(axis=1)
    pull = solve_triangular(root, between, lower=True, check_finite=False)
    own = float(shape.alike(_apart(ahead.at, ahead.at)).sum()) + shape.noise * len(ahead.at)
    return _Seen(
        products=products,
        with_counts=with_counts,
        squares=squares,
        log_size=log_size,
        expected=float(pull @ counts),
        known=ahead.known.sum(axis=0) - known.T @ pull,
        variance=max(own - float(pull @ pull), 0.0),
    )


def _alone(shape: _Shape, stretch: Stretch) -> tuple[Floats, Floats]:
    """Return the root of the days' covariance, and what is known and counted freed from it."""
    covariance = shape.alike(_apart(stretch.at, stretch.at))
    covariance[np.diag_indices(len(covariance))] += shape.noise
    root = cholesky(covariance, lower=True, check_finite=False)
    both = np.column_stack([stretch.known, stretch.counts])
    return root, solve_triangular(root, both, lower=True, check_finite=False)


def _apart(these: Whole, those: Whole) -> Whole:
    return np.asarray(np.abs(np.subtract.outer(these, those)))


def _explained(
    seen: _Seen, beliefs: Floats, days: int, least_sd: float
) -> tuple[float, float, float]:
    """Return how well the days seen are explained (a logarithm), the sum's mean and its scale."""
    root = cholesky(seen.products + np.diag(beliefs), lower=True, check_finite=False)
    half = solve_triangular(root, seen.with_counts, lower=True, check_finite=False)
    weights = solve_triangular(root.T, half, lower=False, check_finite=False)
    left = max(seen.squares - float(half @ half), 0.0) + least_sd**2
    fit = (
        -0.5 * seen.log_size
        - float(np.log(np.diag(root)).sum())
        + 0.5 * float(np.log(beliefs[beliefs > 0.0]).sum())
        - 0.5 * days * float(np.log(left))
    )
    doubt = solve_triangular(root, seen.known, lower=True, check_finite=False)
    scale = np.sqrt(left / days * (seen.variance + float(doubt @ doubt)))
    return fit, seen.expected + float(seen.known @ weights), float(scale)
