"""The stated rules: how long to warm up, how long to play, how many runs are enough.

*Warm-up*: a place begins in balance and is played WARM_UP_DAYS before anything is measured. MSER-5
on a steady pilot (no flu, the rates of an even year) says how many days are unlike the rest; more
than WARM_UP_DAYS is told. *Length*: a winter has an end, so what is played is the days asked for.
*Runs*: enough when the mean effect is known to a tenth of itself, or to half a bed, at 95 per cent.
"""

import math

import msgspec
import numpy as np
from msgspec import Struct

from joinedup.planning import engine
from joinedup.planning.network.model import Network, Steps
from joinedup.planning.places import Place
from joinedup.planning.places.place import WARM_UP_DAYS
from joinedup.planning.scenarios.answers import Answer
from joinedup.planning.statistics import settled_after

__all__ = ["Rules", "rules_for"]

PILOT_RUNS, PILOT_DAYS = 6, 150
SHARE_ENOUGH, BEDS_ENOUGH, REACH = 0.1, 0.5, 1.96


class Rules(Struct, frozen=True):
    """What the rules came to: days left out, days the pilot says, runs played and runs enough."""

    warm_up_days: int
    pilot_days: int | None
    runs: int
    runs_enough: dict[str, int]


def rules_for(place: Place, answers: tuple[Answer, ...], *, runs: int, seed: int) -> Rules:
    """Return what the rules say of this question; a country is too large for a pilot (None)."""
    pilot = _pilot(place.network(), seed) if len(place.codes) == 1 else None
    enough = {one.name: _enough(one, runs) for one in answers}
    return Rules(WARM_UP_DAYS, pilot, runs, enough)


def _pilot(network: Network, seed: int) -> int:
    """Return how many first days are unlike the rest, in a place where every day is alike."""
    classes = tuple(
        msgspec.structs.replace(c, arrivals=Steps((_even(c.arrivals),)))
        if c.arrivals is not None and c.name != "flu"
        else msgspec.structs.replace(c, arrivals=None)
        for c in network.classes
    )
    steady = msgspec.structs.replace(
        network, classes=classes, horizon=float(PILOT_DAYS), warm_up=0.0
    )
    outcome = engine.simulate(steady, seed=seed, runs=PILOT_RUNS, threads=1)
    days = outcome.by_period("in_use", "beds").mean(axis=0)
    return settled_after(days)


def _even(steps: Steps) -> float:
    """Return the mean of a rate over its days."""
    if len(steps.values) == 1:
        return steps.values[0]
    lengths = np.diff(np.array(steps.times))
    return float(np.dot(steps.values[:-1], lengths) / lengths.sum())


def _enough(answer: Answer, runs: int) -> int:
    """Return how many runs would know the mean as well as the rule wants."""
    effect = answer.main
    wanted = max(SHARE_ENOUGH * abs(effect.mean), BEDS_ENOUGH)
    if not math.isfinite(effect.error):
        return runs
    return max(2, math.ceil(runs * (REACH * effect.error / wanted) ** 2))
