"""CPU time and memory of whole process trees, from /proc."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

__all__ = [
    "cpu_seconds",
    "peak_megabytes",
    "reference_microseconds",
    "round_trip_microseconds",
    "tree",
]

_TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    text = Path(f"/proc/{pid}/stat").read_text()
    return text[text.rindex(")") + 2 :].split()


def reference_microseconds() -> float:
    """Return the CPU time of reading one kilobyte of fixed JSON: how fast this machine is just now.

    Figures of two runs, or of two machines, compare by their ratio to it.
    """
    text = json.dumps({"k": [{"system": "http://example.org", "value": n / 7} for n in range(20)]})
    best = float("inf")
    for _ in range(20):
        began = time.thread_time()
        for _ in range(200):
            json.loads(text)
        best = min(best, (time.thread_time() - began) / 200)
    return best * 1_000_000 * 1_000 / len(text)


def round_trip_microseconds(ask: Callable[[], object], server: int) -> float:
    """Return the CPU time, here and in the server's processes, of a question that asks nothing.

    The median of several hundreds at a time: beside it a request's own cost can be read.
    """
    found = []
    for _ in range(9):
        before, began = _scheduled_seconds(server), time.thread_time()
        for _ in range(300):
            ask()
        took = time.thread_time() - began + _scheduled_seconds(server) - before
        found.append(took / 300)
    return median(found) * 1_000_000


def _scheduled_seconds(root: int) -> float:
    """Return the seconds a tree's processes have run, to the nanosecond where Linux tells it."""
    total = 0
    for pid in tree(root):
        try:
            total += int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total / 1e9


def tree(root: int) -> list[int]:
    """Return a process and everything below it."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents.setdefault(int(_stat(int(folder.name))[1]), []).append(int(folder.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting.extend(parents.get(pid, ()))
    return found


def cpu_seconds(root: int) -> float:
    """Return user and system seconds of a tree, with children that ended and were waited for."""
    total = 0
    for pid in tree(root):
        try:
            total += sum(map(int, _stat(pid)[11:15]))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total / _TICKS


def peak_megabytes(pid: int) -> float:
    """Return the highest resident size of one process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
