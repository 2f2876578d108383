"""Running: many runs of one network over an executor, their outcome, and one person's story.

An executor is anything with the `map` of `concurrent.futures.Executor`: threads by default (the
engine runs without Python's lock), other machines where one is given. Results do not depend on it.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Literal, Protocol

import numpy as np
from msgspec import Struct

from joinedup.fhir.issue import TooMuch
from joinedup.planning.engine.kernel import FULL, advance, begin
from joinedup.planning.engine.layout import NOBODY
from joinedup.planning.engine.lower import Lowered, lower
from joinedup.planning.engine.world import World, fresh_world, grow, numbers_now, tallied
from joinedup.planning.network import Network, require_sound
from joinedup.planning.statistics import (
    COUNTS,
    MEASURES,
    SUMS,
    WAITING,
    WORDS,
    Happening,
    Outcome,
)

__all__ = ["Agenda", "Executor", "replay", "simulate"]

Agenda = Literal["wheel", "heap"]


class Executor(Protocol):
    """What runs a function over many inputs and gives the results in their order."""

    def map(self, function: Callable[[Any], Any], *inputs: Iterable[Any]) -> Iterator[Any]:
        """Return the function's results, in the order of the inputs."""
        ...


class Part(Struct, frozen=True):
    """What one run measured."""

    counts: Any
    sums: Any
    over: Any
    areas: Any
    ends: Any
    events: int


def simulate(
    network: Network,
    *,
    seed: int,
    runs: int | Sequence[int] = 1,
    agenda: Agenda = "wheel",
    executor: Executor | None = None,
    threads: int | None = None,
) -> Outcome:
    """Play the network and return what was measured; run r of a seed is the same for ever.

    `runs` is how many (from run 0), or which; the heap is the slower agenda, kept to compare with.
    Refuses an unsound network with Invalid, and one whose people grow beyond `most_present` with
    TooMuch, naming the longest queue.
    """
    lowered = lower(require_sound(network))
    wanted = range(runs) if isinstance(runs, int) else runs
    play = partial(play_run, lowered, seed, agenda=agenda)
    if executor is not None:
        parts = list(executor.map(play, wanted))
    else:
        workers = min(threads or os.cpu_count() or 1, len(wanted))
        if workers > 1:
            with ThreadPoolExecutor(workers) as pool:
                parts = list(pool.map(play, wanted))
        else:
            parts = [play(run) for run in wanted]
    return _outcome(lowered, parts)


def play_run(lowered: Lowered, seed: int, run: int, *, agenda: Agenda = "wheel") -> Part:
    """Play one run."""
    w = fresh_world(lowered, seed, run, wheel=agenda == "wheel")
    _play(lowered, w)
    network = lowered.network
    c, n, bounds = len(network.classes), len(network.services), len(network.wait_bounds)
    kept = w.tables["kept"].reshape(-1, n, len(MEASURES))
    return Part(
        counts=tallied(w, COUNTS, c),
        sums=tallied(w, SUMS, c),
        over=w.tables["over"]["number"][: c * n * bounds].reshape(c, n, bounds),
        areas=kept["area"],
        ends=kept["end"],
        events=int(w.state[0]["events"]),
    )


def replay(
    network: Network, person_class: str, number: int, *, seed: int, run: int = 0
) -> tuple[Happening, ...]:
    """Return all that happens to one person of a run: their number among their class's arrivals.

    Arrivals count from 0; people present at the start from -1 down, in the order given.
    """
    lowered = lower(require_sound(network))
    rows = 64
    while True:
        w = fresh_world(lowered, seed, run, wheel=True, log_room=rows)
        w.state[0]["watched_class"] = [c.name for c in network.classes].index(person_class)
        w.state[0]["watched_number"] = number
        _play(lowered, w)
        logged = int(w.state[0]["logged"])
        if logged <= rows:
            break
        rows = logged
    names = [s.name for s in network.services]
    return tuple(
        Happening(time, WORDS[word], "" if place == NOBODY else names[place])
        for time, word, place in w.tables["log"][:logged].tolist()
    )


def _play(lowered: Lowered, w: World) -> None:
    begin(w.state)
    most = lowered.network.most_present + lowered.calendar_slots
    while advance(w.state) == FULL:
        if len(w.tables["people"]) >= most:
            raise TooMuch(_too_many(lowered.network, w))
        grow(w)


def _too_many(network: Network, w: World) -> str:
    waiting = numbers_now(w, WAITING)
    longest = int(np.argmax(waiting))
    return (
        f"More than {network.most_present:,} people are in the network at time "
        f"{w.state[0]['now']:.6g}, and {int(waiting[longest]):,} of them wait for "
        f"{network.services[longest].name}: it is asked for more than it has. Add places, limit "
        "waiting, play a shorter time, or raise most_present"
    )


def _outcome(lowered: Lowered, parts: Sequence[Part]) -> Outcome:
    return Outcome(
        services=tuple(s.name for s in lowered.network.services),
        classes=tuple(c.name for c in lowered.network.classes),
        edges=lowered.plan["edges"]["time"].copy(),
        counts=np.stack([part.counts for part in parts]),
        sums=np.stack([part.sums for part in parts]),
        over=np.stack([part.over for part in parts]),
        areas=np.stack([part.areas for part in parts]),
        ends=np.stack([part.ends for part in parts]),
        events=sum(part.events for part in parts),
    )
