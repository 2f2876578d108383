"""The twin's way in: runs one after another, their outcome, and one person's story."""

from collections.abc import Sequence

import numpy as np

from joinedup.planning.network import Network, require_sound
from joinedup.planning.statistics import COUNTS, MEASURES, SUMS, Happening, Outcome, edges
from joinedup.planning.twin.world import World

__all__ = ["replay", "simulate"]


def simulate(network: Network, *, seed: int, runs: int | Sequence[int] = 1) -> Outcome:
    """Play the network plainly; refuses an unsound one with Invalid."""
    require_sound(network)
    wanted = range(runs) if isinstance(runs, int) else runs
    worlds = [World(network, seed, run) for run in wanted]
    for world in worlds:
        world.play()
    services = [s.name for s in network.services]
    pairs = [(r.person_class, r.service) for r in network.routes]
    bounds = range(len(network.wait_bounds))
    books = [world.book for world in worlds]
    counts = [[[b.counts[*p, k] for k in COUNTS] for p in pairs] for b in books]
    sums = [[[b.sums[*p, k] for k in SUMS] for p in pairs] for b in books]
    over = [[[b.over[*p, i] for i in bounds] for p in pairs] for b in books]
    areas = [[[[a[s, m] for m in MEASURES] for s in services] for a, _ in b.kept] for b in books]
    ends = [[[[e[s, m] for m in MEASURES] for s in services] for _, e in b.kept] for b in books]
    return Outcome(
        services=tuple(services),
        pairs=tuple(pairs),
        edges=np.array(edges(network), np.float64),
        counts=np.array(counts, np.int64),
        sums=np.array(sums, np.float64),
        over=np.array(over, np.int64),
        areas=np.array(areas, np.float64),
        ends=np.array(ends, np.int64),
        events=sum(world.events for world in worlds),
    )


def replay(
    network: Network, person_class: str, number: int, *, seed: int, run: int = 0
) -> tuple[Happening, ...]:
    """Return all that happens to one person of a run."""
    world = World(require_sound(network), seed, run)
    world.play()
    person = world.people.get((person_class, number))
    return tuple(person.story) if person is not None else ()
