"""Paired runs: every option played on equal luck, by draw of the parameters and by chance.

Run r belongs to draw r // CHANCES of the parameters (posterior, and the winter that comes), and is
run r of the engine's chance: the same in every option, for ever. So options differ by what they do.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from typing import Protocol

import msgspec
import numpy as np
from msgspec import Struct

from joinedup.planning import engine
from joinedup.planning.network import Network
from joinedup.planning.places import Place
from joinedup.planning.scenarios.changes import changed, draw_of, name_in
from joinedup.planning.scenarios.model import AS_NOW, Option
from joinedup.planning.statistics import Floats, Outcome

__all__ = ["CHANCES", "Kept", "Pairs", "joined", "play_draw", "run_pairs"]

CHANCES = 2  # runs a draw: two are enough to part doubt from chance
WEEK = 7.0
TAKEN = ("in_use", "waiting", "closed")

Outcomes = tuple[Outcome, ...]


class Kept(Protocol):
    """Where finished draws are kept, so that what was stopped can go on."""

    def load(self, number: int) -> Outcomes | None:
        """Return what a draw came to, option by option, or None where it is still to be played."""
        ...

    def save(self, number: int, outcomes: Outcomes) -> None:
        """Keep what a draw came to."""
        ...


class Pairs(Struct, frozen=True):
    """What every option did, run by run: `outcomes[i].areas` is by run, period and service.

    `options[0]` is the place as it is (with the background, where there is one).
    """

    place: Place
    options: tuple[Option, ...]
    outcomes: Outcomes
    seed: int
    background: Option = AS_NOW

    @property
    def runs(self) -> int:
        """How many runs each option was played."""
        return len(self.outcomes[0].counts)

    @property
    def days(self) -> float:
        """How many days are measured."""
        edges = self.outcomes[0].edges
        return float(edges[-1] - edges[0])

    def by_period(self, option: int, measure: str, service: str = "beds") -> Floats:
        """Return a measure's mean in each period, by run and period: days, or weeks of England.

        `service` is a kind (`beds`, `home care`): of a place of several systems, all of them.
        `taken` is beds in use, waited for or shut: what a measure frees, whoever then lies there.
        """
        if measure == "taken":
            return _sum([self.by_period(option, one, service) for one in TAKEN])
        outcome = self.outcomes[option]
        names = [name_in(self.place, service, code) for code in self.place.codes]
        return _sum([outcome.by_period(measure, name) for name in names])

    def mean(self, option: int, measure: str, service: str = "beds") -> Floats:
        """Return a measure's mean over the measured time, by run."""
        lengths: Floats = np.diff(self.outcomes[option].edges)
        areas = self.by_period(option, measure, service) * lengths
        return np.asarray(np.cumsum(areas, axis=1)[:, -1] / lengths.sum())

    def difference(self, option: int, measure: str, service: str = "beds") -> Floats:
        """Return option less the place as it is, the mean of the measured time, by run."""
        return self.mean(option, measure, service) - self.mean(0, measure, service)


def run_pairs(
    place: Place,
    options: Sequence[Option],
    *,
    runs: int = 100,
    seed: int = 1,
    threads: int | None = None,
    background: Option = AS_NOW,
    kept: Kept | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Pairs:
    """Play the place as it is and with each option, `runs` times each on equal luck.

    Same place, options, runs and seed give the same bytes, whatever the threads. `progress` is
    told how many runs of how many are done; draws found in `kept` are not played again. Changes
    are taken to be sound (`require_fitting`).
    """
    every = (AS_NOW, *options)
    draws = -(-runs // CHANCES)
    play = partial(play_draw, place, every, background=background, seed=seed, runs=runs)
    found: dict[int, Outcomes] = {}
    if kept is not None:
        found = {n: one for n in range(draws) if (one := kept.load(n)) is not None}
    workers = max(1, min(threads or os.cpu_count() or 1, draws))
    with ThreadPoolExecutor(workers) as pool:
        asked = {pool.submit(play, n): n for n in range(draws) if n not in found}
        try:
            for done in as_completed(asked):
                number = asked[done]
                found[number] = done.result()
                if kept is not None:
                    kept.save(number, found[number])
                if progress is not None:
                    progress(min(len(found) * CHANCES, runs), runs)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    ordered = [found[number] for number in range(draws)]
    outcomes = tuple(joined([one[i] for one in ordered]) for i in range(len(every)))
    return Pairs(place, every, outcomes, seed, background)


def play_draw(
    place: Place,
    options: Sequence[Option],
    number: int,
    *,
    background: Option,
    seed: int,
    runs: int,
) -> Outcomes:
    """Return what one draw of the place comes to in each option: its runs, on equal luck."""
    draw = draw_of(place, seed=seed, number=number)
    mine = [r for r in range(number * CHANCES, (number + 1) * CHANCES) if r < runs]
    found = []
    for option in options:
        network = _measured(place, changed(draw, (*background.changes, *option.changes)))
        found.append(engine.simulate(network, seed=seed, runs=mine, threads=1))
    return tuple(found)


def _measured(place: Place, network: Network) -> Network:
    """Keep weeks, not days, of a place of many systems: the figures of a day would fill memory."""
    if len(place.codes) == 1:
        return network
    return msgspec.structs.replace(network, period=WEEK)


def joined(parts: Sequence[Outcome]) -> Outcome:
    """Return outcomes of one network, run after run."""
    first = parts[0]
    together = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("counts", "sums", "over", "areas", "ends")
    }
    return Outcome(
        services=first.services,
        pairs=first.pairs,
        edges=first.edges,
        events=sum(part.events for part in parts),
        **together,
    )


def _sum(parts: Sequence[Floats]) -> Floats:
    # Added in order, so that the same numbers give the same bytes on every machine.
    found = parts[0]
    for part in parts[1:]:
        found = found + part
    return found
