"""What a commit costs with and without the stream of changes to the backups.

The same commits of one resource each, by one writer and by four, in one process without a web
server. The way not taken, PostgreSQL's archive_command, is there to compare.
"""

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.record.people import people
from joinedup.access.permit import system_permit
from joinedup.record import Create, Put, commit, database
from joinedup.record.backup_folder import BackupFolder
from joinedup.record.cluster import Cluster
from joinedup.record.migrate import migrate
from joinedup.record.wal_stream import StreamState, WalStream

__all__ = ["measure_writes"]

WAYS = ("no copies", "archive_command", "copies not waited for", "each commit waits")
WRITERS = (1, 4)
PERMIT = system_permit("import", "Y90001")


def measure_writes(seconds: float) -> list[Figure]:
    """Return milliseconds a commit and commits a second for each way, in turn, three rounds."""
    taken: dict[tuple[str, int], list[float]] = {}
    rates: dict[tuple[str, int], list[float]] = {}
    for _ in range(3):
        for way in WAYS:
            with _place(way):
                for writers in WRITERS:
                    found = _written(writers, seconds)
                    taken.setdefault((way, writers), []).extend(found)
                    rates.setdefault((way, writers), []).append(len(found) / seconds)
    figures = []
    for (way, writers), each in taken.items():
        name = f"{way}, {writers} writing"
        plain = statistics.median(taken[WAYS[0], writers])
        figures += [
            Figure(f"{name}: a commit", statistics.median(each) * 1000, "ms", "<= 50"),
            Figure(f"{name}: slowest of 100", _slowest(each) * 1000, "ms", "<= 200"),
            Figure(f"{name}: against none", statistics.median(each) / plain, "times", "<= 2"),
            Figure(f"{name}: commits", statistics.median(rates[way, writers]), "/s", ">= 50"),
        ]
    return figures


@contextmanager
def _place(way: str) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        archive = folder / "archive"
        archive.mkdir()
        copy = {"archive_mode": "on", "archive_command": f"cp %p {archive}/%f"}
        settings = copy if way == "archive_command" else {}
        cluster = Cluster(folder / "home" / "database", settings=settings)
        urls = stack.enter_context(cluster)
        migrate(urls.owner)
        if way in WAYS[2:]:
            waits = way == "each commit waits"
            stream = WalStream(cluster, BackupFolder(folder / "backups"), commits_wait=waits)
            stack.enter_context(stream)
            while stream.state not in (StreamState.WAITED_FOR, StreamState.RECEIVED):
                time.sleep(0.05)
        database.configure(urls.application)
        stack.callback(database.close)
        yield


def _written(writers: int, seconds: float) -> list[float]:
    resources = [{k: v for k, v in found[0].items() if k != "id"} for _, found in people(0, 50)]
    commit(PERMIT, [Put({"resourceType": "Organization", "id": "Y90001", "name": "A practice"})])
    taken: list[float] = []
    end = time.monotonic() + seconds

    def write() -> None:
        number = 0
        while time.monotonic() < end:
            began = time.monotonic()
            commit(PERMIT, [Create(resources[number % 50])])
            taken.append(time.monotonic() - began)
            number += 1

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def _slowest(each: list[float]) -> float:
    return sorted(each)[int(len(each) * 0.99)]
