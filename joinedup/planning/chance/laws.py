"""What a number becomes: times of each law, whole or given that they have lasted a while.

Logarithm and power of e are our own, because those of the C library differ in their last bit from
machine to machine. The normal law is by inversion (AS 241, Wichura 1988), so that a person's luck
rises with their number; the gamma law by Marsaglia and Tsang (2000).
"""

import math
from bisect import bisect_right
from collections.abc import Sequence

from joinedup.planning.chance.keys import GOLDEN, mix, uniform
from joinedup.planning.chance.series import exp_part, log_part, quantile_centre, quantile_tail
from joinedup.planning.network.model import Empirical, Exponential, Fixed, Law, Lognormal

__all__ = [
    "LN2_HIGH",
    "LN2_LOW",
    "PER_LN2",
    "ROUNDS",
    "cumulative",
    "draw_time",
    "exponential",
    "gamma_left",
    "gamma_shape",
    "logarithm",
    "lognormal_parameters",
    "lognormal_survival",
    "normal",
    "normal_survival",
    "quantile",
    "raise_e",
]

LN2_HIGH = 6.93147180369123816490e-01  # ln 2 in two parts, the first with 21 zero bits at its end
LN2_LOW = 1.90821492927058770002e-10
PER_LN2 = 1.4426950408889634
ROUNDS = 1.5 * 2.0**52  # a float that is added and taken off again leaves a whole number


def logarithm(x: float) -> float:
    """Return ln x of a normal positive number."""
    mantissa, exponent = math.frexp(x)
    if mantissa < 0.7071067811865476:
        mantissa, exponent = mantissa * 2.0, exponent - 1
    return exponent * LN2_HIGH + (log_part(mantissa) + exponent * LN2_LOW)


def raise_e(x: float) -> float:
    """Return e to the power x, held within e**-700 and e**700."""
    x = min(max(x, -700.0), 700.0)
    n = (x * PER_LN2 + ROUNDS) - ROUNDS
    return exp_part((x - n * LN2_HIGH) - n * LN2_LOW) * math.ldexp(1.0, int(n))


def exponential(bits: int) -> float:
    """Return an exponential number of mean 1, by inversion."""
    return -logarithm(uniform(bits))


def quantile(p: float) -> float:
    """Return the normal law's quantile of 0 < p < 1 (AS 241, 1e-16)."""
    q = p - 0.5
    if -0.425 <= q <= 0.425:
        return quantile_centre(q)
    tail = quantile_tail(math.sqrt(-logarithm(p if q < 0.0 else 1.0 - p)))
    return -tail if q < 0.0 else tail


def normal(bits: int, survival: float = 1.0) -> float:
    """Return a normal number, given that it lies in the upper part of this probability."""
    return -quantile(uniform(bits) * survival)


def normal_survival(z: float) -> float:
    """Return the chance that a normal number is above z: a series, or a continued fraction."""
    if z < 0.0:
        return 1.0 - normal_survival(-z)
    density = raise_e(-0.5 * z * z) * 0.3989422804014327
    if z < 3.0:
        term, total, odd = z, z, 1.0
        while term > total * 1e-17:
            odd += 2.0
            term *= z * z / odd
            total += term
        return 0.5 - density * total
    fraction = z
    for n in range(80, 0, -1):
        fraction = z + n / fraction
    return density / fraction


def lognormal_parameters(mean: float, sd: float) -> tuple[float, float]:
    """Return the mean and standard deviation of the logarithm."""
    variance = logarithm(1.0 + (sd / mean) * (sd / mean))
    return logarithm(mean) - 0.5 * variance, math.sqrt(variance)


def lognormal_survival(mu: float, sigma: float, elapsed: float) -> float:
    """Return the chance of lasting longer than `elapsed`, never below 1e-290."""
    if elapsed <= 0.0:
        return 1.0
    return normal_survival(min((logarithm(elapsed) - mu) / sigma, 36.0))


def gamma_shape(mean: float, sd: float) -> tuple[float, float]:
    """Return the shape and the scale."""
    return (mean / sd) * (mean / sd), sd * sd / mean


def cumulative(law: Empirical) -> tuple[list[float], list[float]]:
    """Return the values in rising order, and the chance of each or a lower one."""
    weights = law.weights or (1.0,) * len(law.values)
    pairs = sorted(zip(law.values, weights, strict=True))
    total = math.fsum(weights)
    running, chances = 0.0, []
    for _, weight in pairs:
        running += weight
        chances.append(running / total)
    return [value for value, _ in pairs], chances


def draw_time(law: Law, bits: int, elapsed: float = 0.0) -> float:
    """Return what is left of a time of this law that has already lasted `elapsed`."""
    if isinstance(law, Exponential):
        return law.mean * exponential(bits)
    if isinstance(law, Fixed):
        return max(0.0, law.value - elapsed)
    if isinstance(law, Lognormal):
        mu, sigma = lognormal_parameters(law.mean, law.sd)
        survival = lognormal_survival(mu, sigma, elapsed)
        return max(0.0, raise_e(mu + sigma * normal(bits, survival)) - elapsed)
    if isinstance(law, Empirical):
        return _seen(*cumulative(law), bits, elapsed)
    shape, scale = gamma_shape(law.mean, law.sd)
    return scale * gamma_left(shape, bits, elapsed / scale)


def _seen(values: Sequence[float], chances: Sequence[float], bits: int, elapsed: float) -> float:
    past = bisect_right(values, elapsed) if elapsed > 0.0 else 0
    below = chances[past - 1] if past else 0.0
    u = below + uniform(bits) * (1.0 - below)
    return values[min(bisect_right(chances, u), len(values) - 1)] - elapsed


def _gamma(shape: float, bits: int, attempt: int) -> tuple[float, int]:
    """Return a gamma number of scale 1 and the next unused attempt (Marsaglia and Tsang)."""
    d = (shape if shape >= 1.0 else shape + 1.0) - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        z = normal(mix(bits + attempt * GOLDEN))
        u = uniform(mix(bits + (attempt + 1) * GOLDEN))
        attempt += 2
        v = 1.0 + c * z
        if v > 0.0:
            v = v * v * v
            if logarithm(u) < 0.5 * z * z + d - d * v + d * logarithm(v):
                break
    if shape >= 1.0:
        return d * v, attempt
    boost = raise_e(logarithm(uniform(mix(bits + attempt * GOLDEN))) / shape)
    return d * v * boost, attempt + 1


def gamma_left(shape: float, bits: int, elapsed: float) -> float:
    """Return what is left beyond `elapsed`: by trying again, or past the mean under a line.

    Past the mean the density is below an exponential that touches it at `elapsed`, so few tries
    are needed however long the stay has lasted.
    """
    attempt = 1
    while elapsed <= shape:
        x, attempt = _gamma(shape, bits, attempt)
        if x >= elapsed:
            return x - elapsed
    slope = 1.0 if shape < 1.0 else 1.0 - (shape - 1.0) / elapsed
    while True:
        more = exponential(mix(bits + attempt * GOLDEN)) / slope
        u = uniform(mix(bits + (attempt + 1) * GOLDEN))
        attempt += 2
        bound = (shape - 1.0) * logarithm(1.0 + more / elapsed)
        if shape >= 1.0:
            bound -= (shape - 1.0) * more / elapsed
        if logarithm(u) < bound:
            return more
