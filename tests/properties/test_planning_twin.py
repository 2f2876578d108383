"""Engine and twin on random networks: the same bytes, however kept, wherever run.

A failure prints the network's seed: `random_network(seed)` makes it again.
"""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from random import Random

import pytest

from joinedup.planning import engine, twin
from joinedup.planning.network import Network
from tests.properties.random_networks import random_network

SMALL, FULL = 60, 1500


def seeds(full: bool) -> range:
    return range(FULL if full else SMALL)


def test_the_twin_and_the_engine_give_the_same_bytes(full: bool) -> None:
    """House law 7. Counts, sums of waits, areas and census, bit for bit, over heap and wheel."""
    different = []
    for seed in seeds(full):
        network = random_network(seed)
        plain = twin.simulate(network, seed=seed, runs=2)
        for agenda in ("heap", "wheel"):
            played = engine.simulate(network, seed=seed, runs=2, agenda=agenda, threads=1)
            if played.fingerprint() != plain.fingerprint() or played.events != plain.events:
                different.append((seed, agenda))
    assert different == [], "random_network(seed) differs"


def test_random_networks_use_every_rule(full: bool) -> None:
    """The comparison would say little if nobody were delayed, turned away or out of patience."""
    seen = dict.fromkeys(("turned_away", "balked", "gave_up", "moved", "delayed", "waited"), 0.0)
    shut = 0.0
    for seed in seeds(full):
        played = engine.simulate(random_network(seed), seed=seed, threads=1)
        for kind in seen:
            seen[kind] += sum(played.count(kind, name).sum() for name in played.services)
        shut += sum(played.mean("closed", name).sum() for name in played.services)
    assert min(*seen.values(), shut) > 20.0, (shut, seen)


def test_anybody_can_be_played_again_alike_in_both(full: bool) -> None:
    """A person's story, line by line."""
    lines = 0
    for seed in list(seeds(full))[::4]:
        network = random_network(seed)
        for who, number in people_of(network, seed):
            story = engine.replay(network, who, number, seed=seed)
            assert story == twin.replay(network, who, number, seed=seed), (seed, who, number)
            lines += len(story)
    assert lines > 100


def people_of(network: Network, seed: int) -> list[tuple[str, int]]:
    chance = Random(seed)
    return [(chance.choice(network.classes).name, chance.randint(-2, 12)) for _ in range(6)]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_do_not_matter(threads: int) -> None:
    network = random_network(7)
    alone = engine.simulate(network, seed=3, runs=12, threads=1)
    assert engine.simulate(network, seed=3, runs=12, threads=threads).fingerprint() == (
        alone.fingerprint()
    )


def test_order_does_not_matter_and_any_run_can_be_had_alone() -> None:
    network = random_network(11)
    together = engine.simulate(network, seed=5, runs=8)
    backwards = engine.simulate(network, seed=5, runs=[7, 6, 5, 4, 3, 2, 1, 0])
    assert together.sums.tobytes() == backwards.sums[::-1].tobytes()
    assert engine.simulate(network, seed=5, runs=[6]).areas.tobytes() == together.areas[6].tobytes()


def test_an_executor_may_be_given() -> None:
    """Anything with the `map` of concurrent.futures: results come back in order."""
    network = random_network(13)
    with ThreadPoolExecutor(3) as pool:
        given = engine.simulate(network, seed=2, runs=6, executor=pool)
    assert given.fingerprint() == engine.simulate(network, seed=2, runs=6, threads=1).fingerprint()


def test_other_processes_give_the_same_bytes() -> None:
    """What is sent to a worker is values only, so other machines may play runs too."""
    network = random_network(19)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        given = engine.simulate(network, seed=2, runs=3, executor=pool)
    assert given.fingerprint() == engine.simulate(network, seed=2, runs=3, threads=1).fingerprint()


def test_the_seed_matters() -> None:
    network = random_network(17)
    first, second = (engine.simulate(network, seed=seed, runs=4) for seed in (1, 2))
    assert first.fingerprint() != second.fingerprint()
