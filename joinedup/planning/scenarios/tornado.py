"""What an answer hangs on: how it differs between draws with a parameter low and with it high.

Draws are parted by each parameter into a low, a middle and a high third; a bar is the mean answer
of the low third and of the high. Bars that chance alone would give (two standard errors) are left
out. No run is played for it.
"""

import math

import numpy as np
from msgspec import Struct

from joinedup.planning.files.expressions import Value
from joinedup.planning.files.parameters import Known, draw_values
from joinedup.planning.scenarios.pairs import CHANCES, Pairs
from joinedup.planning.statistics import Floats

__all__ = ["Bar", "tornado"]

MOST_BARS = 8
LEAST_DRAWS = 12
ERRORS = 2.0


class Bar(Struct, frozen=True):
    """The mean answer where a parameter is low (its own mean there) and where it is high."""

    name: str
    unit: str
    low_value: float
    high_value: float
    low: float
    high: float
    assumed: bool
    source: str


def tornado(pairs: Pairs, answers: Floats) -> tuple[Bar, ...]:
    """Return the widest bars of an answer given by run, widest first; none of too few draws."""
    draws = len(answers) // CHANCES
    if draws < LEAST_DRAWS:
        return ()
    means = np.asarray(answers[: draws * CHANCES]).reshape(draws, CHANCES).mean(axis=1)
    place = pairs.place
    drawn = [draw_values(place.parameters, seed=pairs.seed, number=n) for n in range(draws)]
    found = []
    for p in place.parameters:
        # Of a series only its level could be parted, and it is drawn month by month.
        if isinstance(p.spread, Known) or isinstance(p.value, tuple):
            continue
        values = np.array([_number(one[p.name]) for one in drawn])
        order = np.argsort(values, kind="stable")
        third = draws // 3
        low, high = order[:third], order[-third:]
        apart = float(means[high].mean() - means[low].mean())
        error = math.sqrt((means[high].var(ddof=1) + means[low].var(ddof=1)) / third)
        if abs(apart) <= ERRORS * error:
            continue
        found.append(
            Bar(
                p.name,
                p.unit,
                float(values[low].mean()),
                float(values[high].mean()),
                float(means[low].mean()),
                float(means[high].mean()),
                p.assumed,
                p.source,
            )
        )
    found.sort(key=lambda bar: -abs(bar.high - bar.low))
    return tuple(found[:MOST_BARS])


def _number(value: Value) -> float:
    assert not isinstance(value, tuple)
    return float(value)
