"""One process of coordinators who all ask at the same moment, as one worker of a server would."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from benchmarks.slots.place import NOW, NOWAK
from joinedup.brokerage.actions import hold
from joinedup.brokerage.queries import matches_of, placement_of
from joinedup.fhir.issue import Conflict
from joinedup.record import database

__all__ = ["Told", "worker"]

Told = list[tuple[bool, bool, float]]
"""Of each coordinator: whether they hold it, whether they were told in words, after how long."""
_THREADS = 4


def worker(
    address: str, asked: Sequence[tuple[str, str]], ready: Barrier, queue: "Queue[Told]"
) -> None:
    """Ask for everybody in `asked` once all processes are ready, and put what they were told."""
    database.configure(address, moment=NOW, connections=_THREADS)
    with ThreadPoolExecutor(_THREADS) as many:
        list(many.map(lambda _: _warm(asked[0][0]), range(_THREADS * 2)))
        ready.wait(60)
        began = time.perf_counter()
        queue.put(list(many.map(lambda one: _ask(*one, began), asked)))
    database.close()


def _warm(placement: str) -> None:
    matches_of(NOWAK, placement_of(NOWAK, placement).placement, NOW)


def _ask(placement: str, slot: str, began: float) -> tuple[bool, bool, float]:
    try:
        hold(NOWAK, placement, slot, now=NOW)
    except Conflict as refusal:
        said = refusal.problems[1].message
        return False, said.startswith(("Next:", "Nothing else")), time.perf_counter() - began
    return True, True, time.perf_counter() - began
