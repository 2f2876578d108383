"""Chance, compiled: the same bits as `planning.chance`, which is written apart and says why.

The integer half is here again, since wrapping at 64 bits is another language in each world; the
polynomials of `chance.series` are compiled from their one source.
"""

import math
from typing import Any

import numpy as np

from joinedup.planning.chance import keys, laws, series
from joinedup.planning.engine.compiled import compiled
from joinedup.planning.engine.layout import EXPONENTIAL, FIXED, GAMMA, LOGNORMAL, law_at, seen_at

__all__ = ["draw", "draw_time", "exponential", "person_key", "uniform"]

log_part = compiled(series.log_part)
exp_part = compiled(series.exp_part)
quantile_centre = compiled(series.quantile_centre)
quantile_tail = compiled(series.quantile_tail)

GOLDEN = np.uint64(keys.GOLDEN)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
BITS_30, BITS_27, BITS_31, BITS_12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
LN2_HIGH, LN2_LOW, PER_LN2, ROUNDS = laws.LN2_HIGH, laws.LN2_LOW, laws.PER_LN2, laws.ROUNDS
FRACTION = np.int64((1 << 52) - 1)
HALF = np.int64(1022 << 52)


@compiled
def mix(value: Any) -> Any:
    """Scramble 64 bits."""
    value = (value ^ (value >> BITS_30)) * FIRST
    value = (value ^ (value >> BITS_27)) * SECOND
    return value ^ (value >> BITS_31)


@compiled
def person_key(in_class: Any, number: int) -> Any:
    """Return a person's key."""
    return mix(in_class + np.uint64(number) * GOLDEN)


@compiled
def draw(person: Any, place: Any, visit: int, purpose: int) -> Any:
    """Return the bits a person draws for a purpose at a place on a visit."""
    return mix(person + place + np.uint64(8 * visit + purpose) * GOLDEN)


@compiled
def again(bits: Any, attempt: int) -> Any:
    """Return further bits of the same draw."""
    return mix(bits + np.uint64(attempt) * GOLDEN)


@compiled
def uniform(bits: Any) -> float:
    """Return a number strictly between 0 and 1."""
    return (np.int64(bits >> BITS_12) + 0.5) * 2.0**-52


@compiled
def logarithm(x: float) -> float:
    """Return ln x of a normal positive number."""
    bits = np.float64(x).view(np.int64)
    exponent = (bits >> 52) - 1022
    mantissa = np.int64((bits & FRACTION) | HALF).view(np.float64)
    if mantissa < 0.7071067811865476:
        mantissa, exponent = mantissa * 2.0, exponent - 1
    return exponent * LN2_HIGH + (log_part(mantissa) + exponent * LN2_LOW)


@compiled
def raise_e(x: float) -> float:
    """Return e to the power x, held within e**-700 and e**700."""
    x = min(max(x, -700.0), 700.0)
    n = (x * PER_LN2 + ROUNDS) - ROUNDS
    power = np.int64((np.int64(n) + 1023) << 52).view(np.float64)
    return exp_part((x - n * LN2_HIGH) - n * LN2_LOW) * power


@compiled
def exponential(bits: Any) -> float:
    """Return an exponential number of mean 1."""
    return -logarithm(uniform(bits))


@compiled
def normal(bits: Any, survival: float) -> float:
    """Return a normal number, given that it lies in the upper part of this probability."""
    p = uniform(bits) * survival
    q = p - 0.5
    if -0.425 <= q <= 0.425:
        return -quantile_centre(q)
    tail = quantile_tail(math.sqrt(-logarithm(p if q < 0.0 else 1.0 - p)))
    return tail if q < 0.0 else -tail


@compiled
def gamma(shape: float, bits: Any, attempt: int) -> tuple[float, int]:
    """Return a gamma number of scale 1, and the next unused attempt."""
    d = (shape if shape >= 1.0 else shape + 1.0) - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    v = 0.0
    while True:
        z = normal(again(bits, attempt), 1.0)
        u = uniform(again(bits, attempt + 1))
        attempt += 2
        v = 1.0 + c * z
        if v > 0.0:
            v = v * v * v
            if logarithm(u) < 0.5 * z * z + d - d * v + d * logarithm(v):
                break
    if shape >= 1.0:
        return d * v, attempt
    return d * v * raise_e(logarithm(uniform(again(bits, attempt))) / shape), attempt + 1


@compiled
def gamma_left(shape: float, bits: Any, elapsed: float) -> float:
    """Return what is left of a gamma number of scale 1 that is at least `elapsed`."""
    attempt = 1
    while elapsed <= shape:
        x, attempt = gamma(shape, bits, attempt)
        if x >= elapsed:
            return x - elapsed
    slope = 1.0 if shape < 1.0 else 1.0 - (shape - 1.0) / elapsed
    while True:
        more = exponential(again(bits, attempt)) / slope
        u = uniform(again(bits, attempt + 1))
        attempt += 2
        bound = (shape - 1.0) * logarithm(1.0 + more / elapsed)
        if shape >= 1.0:
            bound -= (shape - 1.0) * more / elapsed
        if logarithm(u) < bound:
            return more


@compiled
def seen(w: Any, law: Any, bits: Any, elapsed: float) -> float:
    """Return what is left of a time drawn from those seen."""
    end = law.first + law.count
    place, below = law.first, 0.0
    if elapsed > 0.0:
        while place < end and seen_at(w.seen, place).value <= elapsed:
            below = seen_at(w.seen, place).chance
            place += 1
    u = below + uniform(bits) * (1.0 - below)
    low, high = law.first, end
    while low < high:
        middle = (low + high) // 2
        if seen_at(w.seen, middle).chance > u:
            high = middle
        else:
            low = middle + 1
    return seen_at(w.seen, min(low, end - 1)).value - elapsed


@compiled
def draw_time(w: Any, law_index: int, bits: Any, elapsed: float, survival: float) -> float:
    """Return what is left of a time of this law that has already lasted `elapsed`."""
    law = law_at(w.laws, law_index)
    if law.kind == LOGNORMAL:
        return max(0.0, raise_e(law.a + law.b * normal(bits, survival)) - elapsed)
    if law.kind == EXPONENTIAL:
        return law.a * exponential(bits)
    if law.kind == FIXED:
        return max(0.0, law.a - elapsed)
    if law.kind == GAMMA:
        return law.b * gamma_left(law.a, bits, elapsed / law.b)
    return seen(w, law, bits, elapsed)
