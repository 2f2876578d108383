"""The stream of changes under faults: killed, cut off, its disk full, left behind.

Commits go on in every case, and what was acknowledged is in the backups as soon as they are
whole again.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from joinedup.record import database
from joinedup.record.backup import make_backup
from joinedup.record.restore import coverage, restore
from joinedup.record.wal_stream import GRACE_SECONDS, NAME, StreamState, WalStream
from tests.faults.backed_up import BackedUp, kept_batches

SOON_SECONDS = 5.0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackedUp]:
    """A backed-up place that streams its changes; each test leaves it so."""
    place = BackedUp(tmp_path_factory.mktemp("streaming"), None)
    place.open_stream()
    make_backup(place.cluster, place.folder)
    yield place
    place.close()


def everything_comes_back(place: BackedUp, into: Path) -> None:
    """The newest state in the backups holds every batch that was acknowledged."""
    place.stream.catch_up()
    done = restore(place.folder, into, None)
    assert kept_batches(done.home, None) == set(place.batches)


def receiver_of(place: BackedUp) -> int:
    """The process that receives the changes."""
    assert place.stream._receiver is not None
    return place.stream._receiver.pid


def ask(place: BackedUp, statement: str) -> object:
    """The first value an administrator of the database gets."""
    with psycopg.connect(place.cluster.administrator_url, autocommit=True) as connection:
        answer = connection.execute(statement.encode())
        found = answer.fetchone() if answer.description else None
    return found[0] if found else None


def fill(disk: Path) -> Path:
    """Write to a disk until it is full; return the file that fills it."""
    with (disk / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while filler.write(bytes(100_000)):
            continue
    return disk / "filler"


def test_the_receiver_is_killed(place: BackedUp, tmp_path: Path) -> None:
    """Another one is started, commits hardly notice, and nothing is missing."""
    for _ in range(3):
        place.wait_for(StreamState.WAITED_FOR)
        first = receiver_of(place)
        os.kill(first, signal.SIGKILL)
        began = time.monotonic()
        place.write_once()
        assert time.monotonic() - began < GRACE_SECONDS
        assert receiver_of(place) != first
    everything_comes_back(place, tmp_path / "new")


def test_the_receiver_hangs(place: BackedUp) -> None:
    """A commit waits some seconds and then goes on; when it moves again, commits wait again."""
    place.wait_for(StreamState.WAITED_FOR)
    receiver = receiver_of(place)
    os.kill(receiver, signal.SIGSTOP)
    try:
        began = time.monotonic()
        place.write_once()
        assert 1 < time.monotonic() - began < GRACE_SECONDS + SOON_SECONDS
        place.wait_for(StreamState.BEHIND)
    finally:
        os.kill(receiver, signal.SIGCONT)
    place.wait_for(StreamState.WAITED_FOR)
    place.stream.catch_up()


def test_the_server_is_killed_and_started_again(place: BackedUp, tmp_path: Path) -> None:
    """The stream finds it again by itself."""
    place.write_once()
    place.cluster.kill()
    database.configure(place.cluster.start().application)
    place.write_once()
    everything_comes_back(place, tmp_path / "new")


@pytest.mark.full
def test_the_disk_of_the_backups_is_full(tmp_path: Path) -> None:
    """Commits go on without it, are told so, and are caught up with when there is room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=120m,mode=0700", "tmpfs", str(disk)]
    if subprocess.run(words, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted by root only")
    place = BackedUp(tmp_path, None, disk / "backups")
    try:
        place.open_stream()
        make_backup(place.cluster, place.folder)
        filler = fill(disk)
        ask(place, "select pg_switch_wal()")
        began = time.monotonic()
        place.write_once()
        assert time.monotonic() - began < GRACE_SECONDS + SOON_SECONDS
        place.wait_for(StreamState.BEHIND)
        place.write_once()
        filler.unlink()
        place.wait_for(StreamState.WAITED_FOR)
        everything_comes_back(place, tmp_path / "new")
    finally:
        place.close()
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.full
def test_the_stream_was_away_too_long(place: BackedUp, tmp_path: Path) -> None:
    """A gap is told, is never bridged, and a new backup covers what comes after it."""
    place.write_once()
    place.stream.catch_up()
    place.stream.__exit__()
    seen_before = set(place.batches)
    ask(place, f"select pg_drop_replication_slot('{NAME}')")
    place.write_once()
    for _ in range(3):
        ask(place, "select pg_switch_wal()")
        ask(place, "select pg_current_xact_id()")
        ask(place, "checkpoint")
    place.stream = WalStream(place.cluster, place.folder, place.told.append)
    place.open_stream()
    assert StreamState.GAP in place.told
    done = restore(place.folder, tmp_path / "before-the-gap", None)
    assert kept_batches(done.home, None) == seen_before
    make_backup(place.cluster, place.folder)
    place.write_once()
    place.stream.catch_up()
    assert [one.until is not None for one in coverage(place.folder)] == [True, True]
    everything_comes_back(place, tmp_path / "after-the-gap")


# The last: the place does not stream after it.
def test_everything_is_killed_while_commits_wait(place: BackedUp) -> None:
    """The next start waits for nobody, even if nothing is streamed any more."""
    place.wait_for(StreamState.WAITED_FOR)
    until = time.monotonic() + SOON_SECONDS  # PostgreSQL reads its settings again in its own time
    while ask(place, "show synchronous_standby_names") != NAME and time.monotonic() < until:
        time.sleep(0.1)
    assert ask(place, "show synchronous_standby_names") == NAME
    place.cluster.kill()
    place.stream.__exit__()
    place.stream.state = StreamState.STARTING
    urls = place.cluster.start()
    database.configure(urls.application)
    began = time.monotonic()
    place.write_once()
    assert time.monotonic() - began < SOON_SECONDS
    assert ask(place, "show synchronous_standby_names") == ""
