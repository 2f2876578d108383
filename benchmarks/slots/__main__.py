"""`./dev bench slots [--quick]`: 200 coordinators on 50 starts, all at the same moment.

Exactly 50 hold, and everyone else is told so with the next that are free. Each coordinator asks
through `brokerage.actions.hold`, as a page does, from processes that have connections of their own.
"""

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

from benchmarks.figure import Figure, show
from benchmarks.processes import reference_microseconds
from benchmarks.slots.place import NOW, build_place
from benchmarks.slots.race import Told, worker
from joinedup.record import database
from joinedup.record.cluster import Cluster
from joinedup.record.migrate import migrate

COORDINATORS, STARTS, PROCESSES = 200, 50, 2
ROUNDS = 5
Asked = Sequence[tuple[str, str]]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="one round instead of five")
    asked = parser.parse_args()
    rounds = 1 if asked.quick else ROUNDS
    with (
        tempfile.TemporaryDirectory(prefix="joinedup-bench-") as folder,
        Cluster(Path(folder) / "cluster") as urls,
    ):
        migrate(urls.owner)
        database.configure(urls.application, moment=NOW)
        places = build_place(rounds, COORDINATORS, STARTS)
        with psycopg.connect(urls.owner, autocommit=True) as owner:
            owner.execute("vacuum analyze")
        database.close()
        found = [_round(urls.application, one) for one in places]
    sys.stderr.write(f"reading 1 kB of JSON on this machine: {reference_microseconds():.1f} us\n")
    show(f"{COORDINATORS} coordinators on {STARTS} starts, {rounds} rounds", _figures(found))


def _round(address: str, asked: Asked) -> tuple[Told, float]:
    """Let everybody ask at once; who holds, who was told what is free, and how long each waited."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(PROCESSES + 1)
    queue: multiprocessing.Queue[Told] = context.Queue()
    parts = [asked[n::PROCESSES] for n in range(PROCESSES)]
    workers = [context.Process(target=worker, args=(address, part, ready, queue)) for part in parts]
    for each in workers:
        each.start()
    ready.wait(60)
    began = time.perf_counter()
    told = [one for _ in workers for one in queue.get(timeout=60)]
    whole = time.perf_counter() - began
    for each in workers:
        each.join()
    return told, whole


def _figures(found: Sequence[tuple[Told, float]]) -> list[Figure]:
    told = [one for answers, _ in found for one in answers]
    holds = {sum(held for held, _, _ in answers) for answers, _ in found}
    waits = sorted(seconds for _, _, seconds in told)
    return [
        Figure("fewest holds of a round", min(holds), "holds", f">= {STARTS}"),
        Figure("most holds of a round", max(holds), "holds", f"<= {STARTS}"),
        Figure("told, in words", sum(t for _, t, _ in told) / len(told), "of 1", ">= 1"),
        Figure("last of 200 told after", waits[-1], "s", "<= 1"),
        Figure("half told after", waits[len(waits) // 2], "s", "<= 1"),
        Figure("slowest round", max(whole for _, whole in found), "s", "<= 1"),
    ]


if __name__ == "__main__":
    main()
