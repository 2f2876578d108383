"""When people of a class come, plainly: their rate over time, used up by chance."""

import itertools
from collections.abc import Iterator

from joinedup.planning.chance import keys
from joinedup.planning.chance.laws import exponential
from joinedup.planning.network import Steps

__all__ = ["arrival_times"]


def arrival_times(
    rate: Steps, class_key: int, horizon: float, *, even: bool = False
) -> Iterator[float]:
    """Yield the arrivals before the horizon: each when its share of the cumulated rate is used up.

    The share is an exponential number of mean 1, named by the person; exactly 1 for even arrivals.
    """
    time = 0.0
    pieces = _pieces(rate)
    value, end = next(pieces)
    for number in itertools.count():
        bits = keys.draw(keys.person_key(class_key, number), 0, 0, keys.GAP)
        owed = 1.0 if even else exponential(bits)
        while not (value > 0.0 and time + owed / value < end):
            if end >= horizon:
                return
            if value > 0.0:
                owed = max(0.0, owed - value * (end - time))
            time = end
            value, end = next(pieces)
        time += owed / value
        if time >= horizon:
            return
        yield time


def _pieces(rate: Steps) -> Iterator[tuple[float, float]]:
    """Yield each step's value and end, for ever."""
    for cycle in itertools.count():
        start = cycle * rate.period if rate.period is not None else 0.0
        for value, end in zip(rate.values, rate.times[1:], strict=False):
            yield value, start + end
        if rate.period is None:
            yield rate.values[-1], float("inf")
        else:
            yield rate.values[-1], (cycle + 1) * rate.period
