"""Posteriors from counted people: rates, shares, exponential and lognormal times.

A stay that is not over says only that it lasts longer (right-censored); one that began before
anybody looked is counted from when it was first seen (left-truncated). Both are used as such.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct
from scipy.optimize import minimize
from scipy.special import betaincinv, gammaincinv, log_ndtr

from joinedup.fhir.issue import Invalid, Problem
from joinedup.planning.chance.keys import GOLDEN, mix, name_key, run_key, uniform
from joinedup.planning.chance.laws import quantile
from joinedup.planning.network.model import Lognormal
from joinedup.planning.statistics import Floats

__all__ = [
    "LognormalPosterior",
    "RatePosterior",
    "SharePosterior",
    "Time",
    "exponential_rate",
    "lognormal",
    "rate",
    "share",
]


class Time(Struct, frozen=True):
    """A time in days: how long by now, whether it is over, and how long when first seen."""

    days: float
    over: bool
    seen_from: float = 0.0


class RatePosterior(Struct, frozen=True):
    """A rate a day: gamma, exact (Jeffreys' prior and Poisson counts, or exponential times)."""

    name: str
    shape: float
    days: float

    def quantile(self, chance: float) -> float:
        """Return the rate that is above the truth with this chance."""
        return float(gammaincinv(self.shape, chance)) / self.days

    def draw(self, *, seed: int, number: int) -> float:
        """Return draw `number`, by named chance."""
        return self.quantile(_uniform(self.name, seed, number))


class SharePosterior(Struct, frozen=True):
    """A share: beta, exact (Jeffreys' prior and counts)."""

    name: str
    yes: float
    no: float

    def quantile(self, chance: float) -> float:
        """Return the share that is above the truth with this chance."""
        return float(betaincinv(self.yes, self.no, chance))

    def draw(self, *, seed: int, number: int) -> float:
        """Return draw `number`, by named chance."""
        return self.quantile(_uniform(self.name, seed, number))


class LognormalPosterior(Struct, frozen=True):
    """A lognormal law whose two parameters are normal about the likeliest (Laplace).

    `middle` is the mean and ln sd of the logarithm; `root` a square root of their covariance.
    """

    name: str
    middle: tuple[float, float]
    root: tuple[tuple[float, float], tuple[float, float]]
    over: int
    not_over: int

    def law(self, one: float = 0.0, two: float = 0.0) -> Lognormal:
        """Return the law at so many standard deviations along each axis."""
        mu = self.middle[0] + self.root[0][0] * one
        sigma = math.exp(self.middle[1] + self.root[1][0] * one + self.root[1][1] * two)
        mean = math.exp(mu + sigma * sigma / 2.0)
        return Lognormal(mean, mean * math.sqrt(math.expm1(sigma * sigma)))

    def draw(self, *, seed: int, number: int) -> Lognormal:
        """Return draw `number` of the law, by named chance."""
        one, two = (quantile(_uniform(f"{self.name} {i}", seed, number)) for i in (1, 2))
        return self.law(one, two)


def rate(name: str, count: int, days: float) -> RatePosterior:
    """Return the posterior of a daily rate from people who came in so many days."""
    if count < 0 or days <= 0.0:
        raise Invalid(
            Problem("value", f"{count} in {days} days: give 0 or more in some time", name)
        )
    return RatePosterior(name, count + 0.5, days)


def exponential_rate(name: str, times: Sequence[Time]) -> RatePosterior:
    """Return the posterior of the rate at which exponential times end: exact with censoring.

    Those over count, and all the time that anybody was watched (Epstein and Sobel 1953).
    """
    watched = math.fsum(t.days - t.seen_from for t in _sound(name, times))
    return RatePosterior(name, sum(t.over for t in times) + 0.5, watched)


def share(name: str, yes: int, of: int) -> SharePosterior:
    """Return the posterior of a share from counts."""
    if not 0 <= yes <= of:
        raise Invalid(Problem("value", f"{yes} of {of}: give a part and its whole", name))
    return SharePosterior(name, yes + 0.5, of - yes + 0.5)


def lognormal(name: str, times: Sequence[Time]) -> LognormalPosterior:
    """Return the posterior of a lognormal law of times, some not over, some seen late.

    Flat priors on the mean and the ln sd of the logarithm; the covariance is the inverse of the
    curvature at the likeliest. Refuses with Invalid fewer than ten times that are over.
    """
    known = _sound(name, times)
    over = np.array([t.over for t in known])
    if int(over.sum()) < 10:
        message = f"{int(over.sum())} times are over: give at least 10, or take a published law"
        raise Invalid(Problem("value", message, name))
    # A time of nothing is one of a minute: a lognormal time is above 0.
    logs = np.log(np.maximum([t.days for t in known], 1.0 / 1440.0))
    late = np.array([t.seen_from > 0.0 for t in known])
    seen = np.log(np.maximum([t.seen_from for t in known], 1e-9))

    def unlikely(at: Floats) -> float:
        mu, sigma = at[0], math.exp(at[1])
        z = (logs - mu) / sigma
        ended = np.where(over, -0.5 * z * z - at[1], log_ndtr(-z))
        before = np.where(late, log_ndtr(-(seen - mu) / sigma), 0.0)
        return -float(np.sum(ended - before))

    start = np.array([logs[over].mean(), math.log(max(float(logs[over].std()), 0.05))])
    found = minimize(unlikely, start, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9})
    covariance = np.linalg.inv(_curvature(unlikely, found.x))
    root = np.linalg.cholesky(covariance)
    return LognormalPosterior(
        name=name,
        middle=(float(found.x[0]), float(found.x[1])),
        root=((float(root[0, 0]), 0.0), (float(root[1, 0]), float(root[1, 1]))),
        over=int(over.sum()),
        not_over=int((~over).sum()),
    )


def _curvature(function: Callable[[Floats], float], at: Floats) -> Floats:
    step = 1e-3
    found = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            total = 0.0
            for a in (1, -1):
                for b in (1, -1):
                    moved = at.copy()
                    moved[i] += a * step
                    moved[j] += b * step
                    total += a * b * function(moved)
            found[i, j] = total / (4.0 * step * step)
    return found


def _sound(name: str, times: Sequence[Time]) -> Sequence[Time]:
    for i, t in enumerate(times):
        if not 0.0 <= t.seen_from <= t.days < math.inf:
            message = f"{t.days} days seen from {t.seen_from}: it ends after it is first seen"
            raise Invalid(Problem("value", message, f"{name}[{i}]"))
    if not times:
        raise Invalid(Problem("required", "nobody is given: give those who came and stayed", name))
    return times


def _uniform(name: str, seed: int, number: int) -> float:
    return uniform(mix(mix(run_key(seed, number) ^ name_key(f"posterior {name}")) + GOLDEN))
