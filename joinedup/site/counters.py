"""Counting requests: how many, by route and status, and how long they took; and the processes.

Each worker counts in a small file of its own, mapped into memory; whichever worker is asked
for /metrics adds up the files of all, so every scrape sees the whole server. Labels are routes
(`fhir/<str:type>`), never addresses, so no person's data can be in them.
"""

import mmap
import os
import struct
import threading
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

__all__ = ["BUCKETS_SECONDS", "Counters", "exposition"]

BUCKETS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
_LABEL_BYTES = 160
_ROW = struct.Struct(f"<{_LABEL_BYTES}sqd{len(BUCKETS_SECONDS)}q")
_SUMS = struct.Struct("<qd")
_NUMBER = struct.Struct("<q")
_ROWS = 512
_OTHER = ("OTHER", "other", 0)

Label = tuple[str, str, int]


class Counters:
    """This worker's counts; one instance a process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{os.getpid()}.counts"
        with path.open("w+b") as file:
            file.truncate(_ROW.size * _ROWS)
            self._memory = mmap.mmap(file.fileno(), 0)
        self._rows: dict[Label, int] = {}
        self._lock = threading.Lock()

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Add one answered request; past 512 labels all further ones share one row."""
        label = (method, route[: _LABEL_BYTES - 20], status)
        with self._lock:
            if label not in self._rows and len(self._rows) >= _ROWS - 1:
                label = _OTHER
            offset = self._rows.get(label)
            if offset is None:
                offset = self._rows[label] = len(self._rows) * _ROW.size
                name = "\t".join(map(str, label)).encode()
                _ROW.pack_into(self._memory, offset, name, *(0,) * (2 + len(BUCKETS_SECONDS)))
            offset += _LABEL_BYTES
            requests, total = _SUMS.unpack_from(self._memory, offset)
            _SUMS.pack_into(self._memory, offset, requests + 1, total + seconds)
            if (place := bisect_left(BUCKETS_SECONDS, seconds)) < len(BUCKETS_SECONDS):
                offset += _SUMS.size + place * _NUMBER.size
                (count,) = _NUMBER.unpack_from(self._memory, offset)
                _NUMBER.pack_into(self._memory, offset, count + 1)


def exposition(folder: Path) -> str:
    """Return what every worker counted, in Prometheus's text format."""
    sums: dict[Label, list[float]] = {}
    for path in sorted(folder.glob("*.counts")):
        for label, numbers in _rows_of(path.read_bytes()):
            kept = sums.setdefault(label, [0.0] * len(numbers))
            sums[label] = [a + b for a, b in zip(kept, numbers, strict=True)]
    lines = ["# TYPE joinedup_request_seconds histogram"]
    for label, (requests, total, *buckets) in sorted(sums.items()):
        lines += _histogram(label, requests, total, buckets)
    pids = [int(path.stem) for path in sorted(folder.glob("*.counts"))]
    return "\n".join([*lines, *_processes(pids), ""])


def _rows_of(content: bytes) -> Iterator[tuple[Label, list[float]]]:
    for row in _ROW.iter_unpack(content[: len(content) // _ROW.size * _ROW.size]):
        name = row[0].rstrip(b"\0").decode()
        if not name:
            return
        method, route, status = name.split("\t")
        yield (method, route, int(status)), [float(number) for number in row[1:]]


def _histogram(label: Label, requests: float, total: float, buckets: list[float]) -> Iterator[str]:
    method, route, status = label
    safe = route.replace("\\", "\\\\").replace('"', '\\"')
    words = f'method="{method}",route="{safe}",status="{status}"'
    # In the file each bucket counts its own; Prometheus's hold all the shorter ones as well.
    for limit, number in zip(BUCKETS_SECONDS, accumulate(buckets), strict=True):
        yield f'joinedup_request_seconds_bucket{{{words},le="{limit}"}} {number:.0f}'
    yield f'joinedup_request_seconds_bucket{{{words},le="+Inf"}} {requests:.0f}'
    yield f"joinedup_request_seconds_sum{{{words}}} {total:.6f}"
    yield f"joinedup_request_seconds_count{{{words}}} {requests:.0f}"


def _processes(pids: list[int]) -> Iterator[str]:
    yield "# TYPE process_cpu_seconds_total counter"
    yield "# TYPE process_resident_memory_bytes gauge"
    ticks, page_bytes = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    for pid in pids:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except OSError:  # a worker that has ended: its requests still count, it no longer does
            continue
        seconds = (int(stat[11]) + int(stat[12])) / ticks
        yield f'process_cpu_seconds_total{{worker="{pid}"}} {seconds:.2f}'
        yield f'process_resident_memory_bytes{{worker="{pid}"}} {resident * page_bytes}'
