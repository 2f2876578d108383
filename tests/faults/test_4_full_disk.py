"""A full disk while transactions arrive: refused with 507 and why, served again once there is room.

The home is a tmpfs, which needs the right to mount; without it the test is skipped. A file beside
the data takes up what is left and is removed again. One cycle in the ordinary run, 50 with --full
(trust.md F2).
"""

import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.place import Place

ORDINARY_CYCLES, FULL_CYCLES = 1, 50
DISK_MEGABYTES = 400
WRITERS = 4
ACKNOWLEDGED_BEFORE = 25
REFUSED_WHILE_FULL = 20
LIMIT_SECONDS = 60.0
RECOVERS_SECONDS = 10.0
_PIECES_BYTES = (1_000_000, 4_096)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of this test's own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "joinedup-test", str(disk)]
    try:
        made = subprocess.run(words, capture_output=True, text=True, check=False)
    except OSError as problem:
        pytest.skip(f"no disk of our own can be mounted here: {problem}")
    if made.returncode:
        pytest.skip(f"no disk of our own can be mounted here: {made.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.fixture
def place(disk: Path) -> Iterator[Place]:
    """A place on that disk, whose writers repeat what was refused."""
    place = Place(disk / "cluster", repeats=True)
    place.refused_with = {507}
    yield place
    place.close()


def test_a_full_disk_costs_nothing(place: Place, disk: Path, full: bool) -> None:
    """F2: clear refusals, nothing lost or half, and it recovers by itself."""
    place.start_writing(WRITERS)
    again = []
    for _ in range(FULL_CYCLES if full else ORDINARY_CYCLES):
        place.wait_for_more(ACKNOWLEDGED_BEFORE)
        _fill(disk)
        _wait_until_refused(place)
        (disk / "filler").unlink()
        again.append(place.wait_for_more(WRITERS))
    place.wait_for_more(ACKNOWLEDGED_BEFORE)
    place.stop_writing()
    print(f"{len(again)} times full: {place.judge()}; served again after {max(again):.1f} s")
    assert place.refused[507] >= REFUSED_WHILE_FULL
    assert max(again) < RECOVERS_SECONDS


def _fill(disk: Path) -> None:
    """Take up every block that is left."""
    with (disk / "filler").open("wb", buffering=0) as filler:
        for size in _PIECES_BYTES:
            with suppress(OSError):  # no room for a piece of this size
                while True:
                    filler.write(bytes(size))


def _wait_until_refused(place: Place) -> None:
    wanted, end = place.refused[507] + REFUSED_WHILE_FULL, time.monotonic() + LIMIT_SECONDS
    while place.refused[507] < wanted:
        assert time.monotonic() < end, (place.refused, place.other, place.api.said())
        time.sleep(0.05)
