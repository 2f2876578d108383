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
from joinedup.planning.engine.world import (
    World,
    begin_again,
    grow,
    new_world,
    numbers_now,
    tallied,
)
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

# Shares of the runs: few enough to play many in one world, enough that none waits for the last.
SHARES, SHARES_EACH = 64, 4
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
    wanted = list(range(runs) if isinstance(runs, int) else runs)
    workers = min(threads or os.cpu_count() or 1, len(wanted))
    play = partial(play_runs, lowered, seed, agenda=agenda)
    if executor is not None:
        parts = list(executor.map(play, _shares(wanted, SHARES)))
    elif workers > 1:
        with ThreadPoolExecutor(workers) as pool:
            parts = list(pool.map(play, _shares(wanted, workers * SHARES_EACH)))
    else:
        parts = [play(wanted)]
    return _outcome(lowered, [part for share in parts for part in share])


def _shares(wanted: Sequence[int], most: int) -> list[Sequence[int]]:
    """Return the runs in at most so many shares, in order: each is played in one world."""
    size = -(-len(wanted) // most)
    return [wanted[start : start + size] for start in range(0, len(wanted), size)]


def play_runs(
    lowered: Lowered, seed: int, wanted: Sequence[int], *, agenda: Agenda = "wheel"
) -> list[Part]:
    """Play runs one after another in one world."""
    world = new_world(lowered, wheel=agenda == "wheel")
    found = []
    for run in wanted:
        begin_again(world, seed, run)
        _play(world)
        found.append(_part(world))
    return found


def _part(world: World) -> Part:
    network = world.lowered.network
    routes, bounds = len(network.routes), len(network.wait_bounds)
    kept = world.tables["kept"].reshape(-1, len(network.services), len(MEASURES))
    return Part(
        counts=tallied(world, COUNTS),
        sums=tallied(world, SUMS),
        over=world.tables["over"]["number"][: routes * bounds].reshape(routes, bounds).copy(),
        areas=kept["area"].copy(),
        ends=kept["end"].copy(),
        events=int(world.state[0]["events"]),
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
        w = new_world(lowered, wheel=True, log_room=rows)
        begin_again(w, seed, run)
        w.state[0]["watched_class"] = [c.name for c in network.classes].index(person_class)
        w.state[0]["watched_number"] = number
        _play(w)
        logged = int(w.state[0]["logged"])
        if logged <= rows:
            break
        rows = logged
    names = [s.name for s in network.services]
    return tuple(
        Happening(time, WORDS[word], "" if place == NOBODY else names[place])
        for time, word, place in w.tables["log"][:logged].tolist()
    )


def _play(w: World) -> None:
    begin(w.state)
    lowered = w.lowered
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
        pairs=tuple((r.person_class, r.service) for r in lowered.network.routes),
        edges=lowered.plan["edges"]["time"].copy(),
        counts=np.stack([part.counts for part in parts]),
        sums=np.stack([part.sums for part in parts]),
        over=np.stack([part.over for part in parts]),
        areas=np.stack([part.areas for part in parts]),
        ends=np.stack([part.ends for part in parts]),
        events=sum(part.events for part in parts),
    )
