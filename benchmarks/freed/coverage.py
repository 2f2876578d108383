"""How often the interval holds the truth, over many winters; and how wide, biased and sharp."""

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from msgspec import Struct

from benchmarks.freed.plain import plain_winter
from benchmarks.freed.played import Winter, played_winter
from joinedup.measures.freed.estimate import estimate_freed
from joinedup.measures.freed.values import Estimate

__all__ = ["KINDS", "Coverage", "Tried", "cover", "tried"]

KINDS: dict[str, Callable[..., Winter]] = {"played": played_winter, "plain": plain_winter}


class Tried(Struct, frozen=True):
    """One winter: what was true, and what was said of it; all in bed-days."""

    truth: float
    said: float
    low: float
    high: float
    waited: float

    @property
    def held(self) -> bool:
        """Whether the interval holds the truth."""
        return self.low <= self.truth <= self.high


class Coverage(Struct, frozen=True):
    """What many winters say of the method. Bias and width are in bed-days; power counts intervals
    that leave 0 out."""

    winters: int
    not_said: int
    held: float
    too_high: float
    too_low: float
    bias: float
    bias_error: float
    width: float
    power: float
    waited: float
    freed: float


def tried(number: int, *, kind: str, effect: bool, years: int = 4) -> Tried | None:
    """Try the method on one winter; None where it says nothing."""
    winter = KINDS[kind](number, effect=effect, years=years)
    found = estimate_freed(winter.question, days_back=0)
    if not isinstance(found, Estimate):
        return None
    waited = found.actual + winter.truth
    return Tried(winter.truth, found.bed_days, found.low, found.high, waited)


def cover(
    numbers: Iterable[int], *, kind: str, effect: bool, years: int = 4, processes: int = 1
) -> Coverage:
    """Return what these winters say; each is tried in its own right, on so many processors."""
    one = partial(tried, kind=kind, effect=effect, years=years)
    if processes > 1:
        with ProcessPoolExecutor(processes) as pool:
            every = list(pool.map(one, numbers, chunksize=5))
    else:
        every = [one(number) for number in numbers]
    told = [t for t in every if t is not None]
    off = np.array([t.said - t.truth for t in told])
    return Coverage(
        winters=len(every),
        not_said=len(every) - len(told),
        held=float(np.mean([t.held for t in told])),
        too_high=float(np.mean([t.low > t.truth for t in told])),
        too_low=float(np.mean([t.high < t.truth for t in told])),
        bias=float(off.mean()),
        bias_error=float(off.std(ddof=1) / np.sqrt(len(off))),
        width=float(np.median([t.high - t.low for t in told])),
        power=float(np.mean([t.low > 0.0 or t.high < 0.0 for t in told])),
        waited=float(np.median([t.waited for t in told])),
        freed=float(np.median([t.truth for t in told])),
    )
