"""`./dev bench adt [--quick] [--connections N]`: messages taken a second, and where the time goes.

One message is one commit (versions, index, claims, audit, outbox), answered after it. The rate by
the clock is what a sender sees; the CPU of this process and of PostgreSQL say what a core could do.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from benchmarks.adt.messages import HOSPITAL, PRACTICE, number_of, person, places, stay
from benchmarks.figure import Figure, show
from benchmarks.processes import cpu_seconds, reference_microseconds
from joinedup.access.permit import system_permit
from joinedup.hl7.door import Door, door_of
from joinedup.hl7.event import header_of, read_event
from joinedup.hl7.listener import Limits, Listener
from joinedup.hl7.message import read_message
from joinedup.hl7.taking import take
from joinedup.record import Put, Source, commit, database
from joinedup.record.cluster import Cluster
from joinedup.record.migrate import migrate
from tests.load.hospital import Sender

PEOPLE, WARDS = 1_100, 80
GOAL = ">= 300"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--connections", type=int, default=4, help="senders at once")
    asked = parser.parse_args()
    people = [n for n in range(PEOPLE // (10 if asked.quick else 1)) if number_of(n)]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "joinedup.site.settings")
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as folder:
        os.environ["JOINEDUP_HOME"] = folder
        place = Path(folder) / "cluster"
        with Cluster(place) as urls:
            migrate(urls.owner)
            database.configure(urls.application, connections=asked.connections + 2)
            _fill(people)
            with psycopg.connect(urls.owner, autocommit=True) as owner:
                owner.execute("vacuum analyze")
            postmaster = int((place / "data/postmaster.pid").read_text().split()[0])
            figures = _measured(people, postmaster, asked.connections)
            database.close()
    sys.stderr.write(f"reading 1 kB of JSON on this machine: {reference_microseconds():.1f} us\n")
    show("A hospital's messages", figures)


def _measured(people: Sequence[int], postmaster: int, connections: int) -> list[Figure]:
    third = len(people) // 3
    door = door_of(HOSPITAL)
    new = _of(people[:third], "first", known=True)
    again = _of(people[:third], "again", known=True)
    nobody = [m for own in people[:third] for m in stay(5_000 + own, f"n{own}", known=False)]
    spread = [_of(people[third + c :: connections], "wide", known=True) for c in range(connections)]
    figures = [_reading(new)]
    figures += _taking("people the hospital knows", lambda: _warmed(door, new, again), postmaster)
    figures += _taking("people new to everybody", lambda: _all(door, nobody), postmaster)
    figures += _taking(
        f"{connections} connections, people new to the hospital",
        lambda: _listened(door, spread),
        postmaster,
    )
    return figures


def _of(people: Sequence[int], what: str, *, known: bool) -> list[bytes]:
    return [m for own in people for m in stay(own, f"{what}{own}", known=known)]


def _reading(messages: Sequence[bytes]) -> Figure:
    began = time.process_time()
    for data in messages:
        message = read_message(data)
        read_event(message, header_of(message), HOSPITAL, datetime.now(UTC))
    rate = len(messages) / (time.process_time() - began)
    return Figure("read and understood, CPU alone", rate, "messages/s", ">= 3000", "hl7apy: 40")


def _taking(name: str, run: Callable[[], "Began"], postmaster: int) -> list[Figure]:
    _postmaster[:] = [postmaster]
    began = run()
    wall = time.perf_counter() - began.wall
    own = time.process_time() - began.own
    theirs = cpu_seconds(postmaster) - began.theirs
    number = began.messages
    return [
        Figure(f"{name}: by the clock", number / wall, "messages/s", GOAL),
        Figure(f"{name}: a core of the listener", number / own, "messages/s", GOAL),
        Figure(f"{name}: a core for both", number / (own + theirs), "messages/s", GOAL),
    ]


class Began:
    """When a measurement began, and how many messages it is of."""

    def __init__(self, messages: int) -> None:
        self.messages = messages
        self.theirs = cpu_seconds(_postmaster[0])
        self.own = time.process_time()
        self.wall = time.perf_counter()


_postmaster: list[int] = []


def _warmed(door: Door, first: Sequence[bytes], messages: Sequence[bytes]) -> Began:
    """The first stays make the hospital's people known; the next are measured."""
    _take(door, first)
    return _all(door, messages)


def _all(door: Door, messages: Sequence[bytes]) -> Began:
    began = Began(len(messages))
    _take(door, messages)
    return began


def _take(door: Door, messages: Sequence[bytes]) -> None:
    for data in messages:
        taken = take(door, data, datetime.now(UTC))
        assert (taken.answer.code, taken.answer.words) == ("AA", ""), taken.answer


def _listened(door: Door, lists: Sequence[Sequence[bytes]]) -> Began:
    limits = Limits(sweep_seconds=600)
    with Listener(door, port=0, limits=limits) as listener:
        senders = [Sender(listener.port, seconds=120) for _ in lists]
        threads = [
            threading.Thread(target=_send, args=pair) for pair in zip(senders, lists, strict=True)
        ]
        began = Began(sum(map(len, lists)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for sender in senders:
            sender.close()
    return began


def _send(sender: Sender, messages: Sequence[bytes]) -> None:
    for message in messages:
        code = sender.send(message)
        assert code == "AA", code


def _fill(people: Sequence[int]) -> None:
    permit = system_permit("bench")
    organisations = [{"resourceType": "Organization", "id": o} for o in (HOSPITAL, PRACTICE)]
    known = [Put(person(own), Source(PRACTICE)) for own in people]
    changes = [*map(Put, organisations), *(Put(p, Source(HOSPITAL)) for p in places(WARDS)), *known]
    for start in range(0, len(changes), 500):
        commit(permit, changes[start : start + 500], dangling="keep")


if __name__ == "__main__":
    main()
