"""What is wrong with a law of times, or with a value over time."""

import math
from collections.abc import Iterator
from typing import assert_never

from joinedup.fhir.issue import Problem
from joinedup.planning.network.model import (
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    Law,
    Lognormal,
    Steps,
)

__all__ = ["law_problems", "steps_problems"]


def law_problems(law: Law, path: str, *, elapsed: float = 0.0) -> Iterator[Problem]:
    """Return what is wrong with a law, or with its having lasted `elapsed` already."""
    wrong = ""
    match law:
        case Exponential():
            wrong = "" if _positive(law.mean) else "its mean is above 0"
        case Lognormal() | Gamma():
            if not (_positive(law.mean) and _positive(law.sd)):
                wrong = "its mean and sd are above 0; where it never varies, say fixed"
            elif not 1e-3 <= law.sd / law.mean <= 1e3:
                wrong = "its sd is between a thousandth and a thousand times its mean"
        case Fixed():
            wrong = "" if 0.0 <= law.value < math.inf else "its value is 0 or more"
        case Empirical():
            wrong = _wrong_sample(law, elapsed)
        case _:
            assert_never(law)
    if wrong:
        yield Problem("value", f"{type(law).__name__.lower()} time: {wrong}", path)


def _wrong_sample(law: Empirical, elapsed: float) -> str:
    if not law.values or any(not 0.0 <= v < math.inf for v in law.values):
        return "give at least one value, none below 0"
    if law.weights and (
        len(law.weights) != len(law.values)
        or any(not 0.0 <= w < math.inf for w in law.weights)
        or sum(law.weights) <= 0.0
    ):
        return "give one weight of 0 or more for each value, not all 0"
    weights = law.weights or (1.0,) * len(law.values)
    if elapsed > 0.0 and not any(
        v > elapsed for v, w in zip(law.values, weights, strict=True) if w > 0.0
    ):
        return f"nobody in it stayed longer than {elapsed}: add longer stays, or another law"
    return ""


def steps_problems(steps: Steps, path: str, *, whole: bool) -> Iterator[Problem]:
    """Return what is wrong with a value over time; capacities are whole numbers."""
    if len(steps.values) != len(steps.times) or not steps.values:
        yield Problem("value", "give one value for each time", path)
        return
    if steps.times[0] != 0.0 or any(
        not a < b for a, b in zip(steps.times, steps.times[1:], strict=False)
    ):
        yield Problem("value", "times begin at 0 and rise", path)
    if steps.period is not None and not steps.times[-1] < steps.period < math.inf:
        yield Problem("value", "the period is longer than the last of its times", path)
    for value in steps.values:
        if not 0.0 <= value < math.inf:
            yield Problem("value", f"{value} is given: none is below 0", path)
        elif whole and value != math.floor(value):
            yield Problem("value", f"{value} places are given: a place is whole", path)


def _positive(value: float) -> bool:
    return 0.0 < value < math.inf
