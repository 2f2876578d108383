"""Rates and capacities over time, as steps: the same all the time, by weekday, by season.

A step is exact in every engine; a smooth curve is cut into steps by its value at their start.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence

from joinedup.planning.network.model import Service, Steps

__all__ = ["NO_LIMIT", "capacity_changes", "seasonal", "steady", "weekly"]

NO_LIMIT = 2**62


def steady(value: float) -> Steps:
    """Return the same value all the time."""
    return Steps((float(value),))


def weekly(values: Sequence[float], *, day_length: float = 1.0) -> Steps:
    """Return seven values that repeat, the first for the day that holds time 0."""
    assert len(values) == 7, "a week has seven days"
    times = tuple(day * day_length for day in range(7))
    return Steps(tuple(map(float, values)), times, 7 * day_length)


def seasonal(
    mean: float, swing: float, *, peak: float, period: float = 365.0, steps: int = 365
) -> Steps:
    """Return mean (1 + swing cos 2 pi (t - peak) / period), cut into equal steps that repeat."""
    times = tuple(step * period / steps for step in range(steps))
    values = (mean * (1 + swing * math.cos(2 * math.pi * (time - peak) / period)) for time in times)
    return Steps(tuple(values), times, period)


def capacity_changes(service: Service, horizon: float) -> list[tuple[float, int, int]]:
    """Return when the places change, from time 0 on: by the schedule, and less the closures."""
    whole = _schedule(service, horizon)
    times = {time for time, _ in whole}
    times |= {t for c in service.closures for t in (c.start, c.end) if t < horizon}
    found: list[tuple[float, int, int]] = []
    starts = [start for start, _ in whole]
    for time in sorted(times):
        planned = places = whole[bisect_right(starts, time) - 1][1]
        for closure in service.closures:
            if closure.start <= time < closure.end:
                places = 0 if closure.places is None else max(0, places - closure.places)
        if not found or found[-1][1:] != (planned, places):
            found.append((time, planned, places))
    return found


def _schedule(service: Service, horizon: float) -> list[tuple[float, int]]:
    if service.capacity is None:
        return [(0.0, NO_LIMIT)]
    if isinstance(service.capacity, int):
        return [(0.0, service.capacity)]
    steps = service.capacity
    if steps.period is None:
        return [(t, int(v)) for t, v in zip(steps.times, steps.values, strict=True) if t < horizon]
    cycles = range(math.ceil(horizon / steps.period))
    return [
        (cycle * steps.period + time, int(value))
        for cycle in cycles
        for time, value in zip(steps.times, steps.values, strict=True)
        if cycle * steps.period + time < horizon
    ]
