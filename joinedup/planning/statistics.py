"""What came out of a run, and what may be said from several: means, intervals, pairs, warm-up.

`Outcome` is the one shape that the engine and the twin both fill, so that they can be compared
byte for byte. Everything is by run first: a run is the unit of chance, never a person in it.
"""

import math
from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from joinedup.planning.network.model import Network

__all__ = [
    "COUNTS",
    "MEASURES",
    "SUMS",
    "WORDS",
    "Estimate",
    "Happening",
    "Outcome",
    "bound_for_many",
    "edges",
    "estimate",
    "paired",
    "runs_saved",
    "settled_after",
]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

# Counted by class and service, of what happened since the warm-up ended.
COUNTS = (
    "asked", "admitted", "waited", "turned_away", "balked", "gave_up",
    "finished", "moved", "delayed", "left",
)  # fmt: skip
# Added up by class and service: waits of the admitted, their squares, time in the place of those
# who left it, and what of it was spent there with the stay over (the delay).
SUMS = ("wait", "wait_squared", "place", "delay")
# Numbers over time by service: places in use, those of them held by people whose stay is over,
# people waiting for the service, those of them who hold no place anywhere, and places shut by
# closures and outbreaks, whether or not somebody is still in them (none where there is no limit).
MEASURES = ("in_use", "held", "waiting", "outside", "closed")
IN_USE, HELD, WAITING, OUTSIDE, CLOSED = range(5)

# What a person's log says, in the order of these words.
WORDS = ("asked", "admitted", "over", "turned away", "balked", "gave up", "gone")
(
    SAYS_ASKED, SAYS_ADMITTED, SAYS_OVER, SAYS_TURNED_AWAY, SAYS_BALKED, SAYS_GAVE_UP, SAYS_GONE
) = range(7)  # fmt: skip


class Happening(Struct, frozen=True):
    """One line of a person's log: when, which of `WORDS`, at or for which service."""

    time: float
    word: str
    service: str


class Outcome(Struct, frozen=True):
    """Everything measured in some runs of one network; the first axis of every array is the run.

    `counts` and `sums` go on by pair (a class at a service: `pairs`, the network's routes) and
    kind; `over` by pair and bound; `areas` (measure times time) and `ends` (the measure as a period
    ends: the midnight census where periods are days) by period, service and measure. `edges` are
    the periods' bounds, `events` how many things happened in all.
    """

    services: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    edges: Floats
    counts: Whole
    sums: Floats
    over: Whole
    areas: Floats
    ends: Whole
    events: int

    def count(self, kind: str, service: str, person_class: str | None = None) -> Floats:
        """Return how many, by run; of all classes where none is named."""
        found = self.counts[:, self._rows(service, person_class), COUNTS.index(kind)]
        return np.asarray(found.sum(axis=1), dtype=np.float64)

    def total(self, kind: str, service: str, person_class: str | None = None) -> Floats:
        """Return one of the sums, by run; of all classes where none is named."""
        found = self.sums[:, self._rows(service, person_class), SUMS.index(kind)]
        # Added in order, so that the same numbers give the same bytes on every machine.
        ordered = np.cumsum(found, axis=1)
        return np.asarray(ordered[:, -1] if found.shape[1] else np.zeros(len(found)))

    def count_over(self, bound: int, service: str, person_class: str | None = None) -> Floats:
        """Return how many waited longer than the network's bound of this place, by run."""
        found = self.over[:, self._rows(service, person_class), bound]
        return np.asarray(found.sum(axis=1), dtype=np.float64)

    def mean_wait(self, service: str, person_class: str | None = None) -> Floats:
        """Return the mean wait of those admitted, by run; not a number where nobody was."""
        with np.errstate(invalid="ignore"):
            return self.total("wait", service, person_class) / self.count(
                "admitted", service, person_class
            )

    def mean_delay(self, service: str, person_class: str | None = None) -> Floats:
        """Return the mean time a place was held after the stay, of all who moved on from it."""
        with np.errstate(invalid="ignore"):
            return self.total("delay", service, person_class) / self.count(
                "moved", service, person_class
            )

    def mean(self, measure: str, service: str) -> Floats:
        """Return a measure's mean over the measured time, by run."""
        areas = self.areas[:, :, self.services.index(service), MEASURES.index(measure)]
        # Added in order, so that the same numbers give the same bytes on every machine.
        return np.cumsum(areas, axis=1)[:, -1] / float(self.edges[-1] - self.edges[0])

    def by_period(self, measure: str, service: str) -> Floats:
        """Return a measure's mean in each period, by run and period."""
        areas = self.areas[:, :, self.services.index(service), MEASURES.index(measure)]
        lengths: Floats = np.diff(self.edges)
        return areas / lengths

    def fingerprint(self) -> bytes:
        """Return every measured byte: two outcomes alike in it are the same."""
        arrays = (self.edges, self.counts, self.sums, self.over, self.areas, self.ends)
        return b"".join(array.tobytes() for array in arrays)

    def _rows(self, service: str, person_class: str | None) -> list[int]:
        return [
            i
            for i, (who, where) in enumerate(self.pairs)
            if where == service and person_class in (None, who)
        ]


def edges(network: Network) -> list[float]:
    """Return the bounds of the periods: warm-up, warm-up + period, ... , horizon."""
    if network.period is None:
        return [network.warm_up, network.horizon]
    found, k = [network.warm_up], 1
    while network.warm_up + k * network.period < network.horizon:
        found.append(network.warm_up + k * network.period)
        k += 1
    return [*found, network.horizon]


class Estimate(Struct, frozen=True):
    """A mean over runs and its standard error."""

    mean: float
    error: float
    runs: int

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return Student's interval of the mean."""
        reach = float(stdtrit(self.runs - 1, 0.5 + confidence / 2)) * self.error
        return self.mean - reach, self.mean + reach

    def errors_from(self, known: float, known_error: float = 0.0) -> float:
        """Return how many standard errors the mean lies from a known value."""
        return (self.mean - known) / math.hypot(self.error, known_error)


def estimate(values: Sequence[float] | Floats) -> Estimate:
    """Return the mean over runs with its standard error; at least two runs are needed."""
    n = len(values)
    assert n >= 2, "one run says nothing of its error"
    mean = math.fsum(values) / n
    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    return Estimate(mean, math.sqrt(variance / n), n)


def paired(after: Floats, before: Floats) -> Estimate:
    """Return the mean difference of two scenarios run by run: what a change does, on equal luck."""
    return estimate(after - before)


def runs_saved(after: Floats, before: Floats) -> float:
    """Return how many times more runs unpaired scenarios would need for the same error."""
    apart = float(np.var(after, ddof=1) + np.var(before, ddof=1))
    together = float(np.var(after - before, ddof=1))
    return apart / together if together > 0.0 else math.inf


def bound_for_many(tests: int, *, chance: float = 0.05) -> float:
    """Return the |z| that none of so many right answers passes but by this chance (Bonferroni)."""
    return -float(ndtri(chance / tests / 2))


def settled_after(series: Sequence[float] | Floats, *, batch: int = 5) -> int:
    """Return how many first values to leave out as warm-up, by MSER-5 (White 1997).

    The cut that makes the standard error of what is left smallest, among the first half.
    """
    values = np.asarray(series, dtype=np.float64)
    count = len(values) // batch
    assert count >= 4, "give at least 20 values"
    means = values[: count * batch].reshape(count, batch).mean(axis=1)
    errors = [float(np.var(means[k:]) / (count - k)) for k in range(count // 2 + 1)]
    return int(np.argmin(errors)) * batch
