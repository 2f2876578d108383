"""Kill -9 of web workers while transactions arrive: served again, nothing lost, half or doubled.

Every bundle that went unanswered is sent again with a condition on each entry, until it is
answered. Three kills in the ordinary run, 200 with --full; every third takes all workers at once.
The server of workers gives up when one dies twice in 5.5 seconds, so no younger one is killed.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.place import Place

ORDINARY_KILLS, FULL_KILLS = 3, 200
WORKERS, WRITERS = 2, 4
ACKNOWLEDGED_BETWEEN_KILLS = 15
ANSWERS_AGAIN_SECONDS = 15.0  # the goal is 5, on a machine that does nothing else
ALL_BACK_SECONDS = 30.0
GROWN_SECONDS = 6.0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place with two workers, whose writers repeat."""
    place = Place(tmp_path / "cluster", workers=WORKERS, repeats=True)
    yield place
    place.close()


def test_a_killed_worker_costs_nothing(place: Place, full: bool) -> None:
    """F1: who was answered is right, who was not asks again, and each bundle is there once."""
    place.start_writing(WRITERS)
    again: dict[int, list[float]] = {1: [], WORKERS: []}
    for number in range(1, (FULL_KILLS if full else ORDINARY_KILLS) + 1):
        place.wait_for_more(ACKNOWLEDGED_BETWEEN_KILLS)
        at_once = WORKERS if number % 3 == 0 else 1
        for worker in _grown_workers(place, at_once)[:at_once]:
            os.kill(worker, signal.SIGKILL)
        again[at_once].append(place.wait_for_more(1))
    place.wait_for_more(ACKNOWLEDGED_BETWEEN_KILLS)
    place.stop_writing()
    one, all_at_once = (max(seconds) for seconds in again.values())
    print(
        f"{sum(map(len, again.values()))} kills: {place.judge()}; served again after at most "
        f"{one:.1f} s of one worker, {all_at_once:.1f} s of all"
    )
    assert max(one, all_at_once) < ANSWERS_AGAIN_SECONDS


def _grown_workers(place: Place, number: int) -> list[int]:
    """So many workers or more, oldest first, that were started a while ago."""
    end = time.monotonic() + ALL_BACK_SECONDS
    while len(found := place.api.workers(GROWN_SECONDS)) < number:
        assert time.monotonic() < end, place.api.said()
        time.sleep(0.05)
    return found
