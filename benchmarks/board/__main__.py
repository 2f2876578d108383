"""`./dev bench board [--quick]`: the board of a thousand people in hospital, and asking again.

CPU of the pages and of PostgreSQL together, row locks and audit on; bytes as they are sent.
"""

import argparse
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from benchmarks.board.people import hospital, inpatients
from benchmarks.figure import Figure, show
from benchmarks.processes import cpu_seconds, reference_microseconds, tree
from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.record import Put, database
from joinedup.record.cluster import Cluster
from joinedup.record.migrate import migrate

if TYPE_CHECKING:
    from django.test import Client

NOW = datetime(2018, 1, 16, 10, tzinfo=UTC)
BATCH = 500
WAITING = 0.25
ACCOUNT = "ward-manager"


def fill(people: int, waiting: float) -> None:
    """Store the hospital and everybody in it."""
    permit = system_permit("benchmark")
    resources = chain(hospital(people), chain.from_iterable(inpatients(people, waiting, NOW)))
    while batch := [Put(resource) for resource in islice(resources, BATCH)]:
        record.commit(permit, batch, dangling="keep")


def measure(browser: "Client", address: str, postmaster: int, times: int) -> tuple[float, int]:
    """Return CPU milliseconds a request, here and in PostgreSQL, and the bytes of the answer."""
    sizes = [len(_asked(browser, address)) for _ in range(3)]
    before, began = _spent(postmaster), time.process_time()
    for _ in range(times):
        _asked(browser, address)
    web = (time.process_time() - began) / times * 1000
    stored = (_spent(postmaster) - before) / times * 1000
    sys.stderr.write(f"{address}: pages {web:.1f} ms, PostgreSQL {stored:.1f} ms, {sizes[-1]} B\n")
    return web + stored, sizes[-1]


def _asked(browser: "Client", address: str) -> bytes:
    answer = browser.get(address)
    if answer.status_code not in (200, 204):
        raise SystemExit(f"{address} answered {answer.status_code}: {answer.content[:400]!r}")
    return bytes(answer.content)


def _spent(root: int) -> float:
    """Return the seconds PostgreSQL's processes have run: its workers to the nanosecond."""
    total = 0
    for pid in tree(root):
        try:
            total += int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total / 1e9 if total else cpu_seconds(root)


def sign_in() -> "Client":
    """Return a browser in which a ward manager of the hospital is signed in."""
    import django
    from django.conf import settings

    django.setup()
    settings.ALLOWED_HOSTS = ["testserver"]
    from django.test import Client

    browser = Client(headers={"User-Agent": "Firefox/140"})
    answer = browser.post("/sign-in", {"account": ACCOUNT, "next": "/board"})
    if answer.status_code != 302:
        raise SystemExit(f"Signing in answered {answer.status_code}.")
    return browser


def figures(postmaster: int, people: int, waiting: float, times: int) -> list[Figure]:
    """Return what each board costs."""
    browser = sign_in()
    board, size = measure(browser, "/board/again?mark=none", postmaster, times)
    whole, whole_size = measure(browser, "/board", postmaster, times)
    mark = _mark(browser)
    ward, ward_size = measure(browser, "/board/rz901-ward-1/again?mark=none", postmaster, times * 4)
    again, _ = measure(browser, f"/board/again?mark={mark}", postmaster, times * 10)
    part = f"{people:,} people, {waiting:.0%} waiting"
    pace = reference_microseconds()
    return [
        Figure(f"the board of {part}", board, "ms CPU", "<= 60"),
        Figure("the same, by what 1 kB of JSON takes", board * 1000 / pace, "times", "<= 7500"),
        Figure(f"the board of {part}", size / 1000, "kB", "<= 200"),
        Figure("the whole page, with menu and count of work", whole, "ms CPU", "<= 60"),
        Figure("the whole page", whole_size / 1000, "kB", "<= 200"),
        Figure("the board of one of its wards", ward, "ms CPU", "<= 20"),
        Figure("the board of one of its wards", ward_size / 1000, "kB", "<= 30"),
        Figure("asked again, nothing changed (204)", again, "ms CPU", "<= 10"),
    ]


def _mark(browser: "Client") -> str:
    text = _asked(browser, "/board").decode()
    return text.partition("again?mark=")[2].partition('"')[0]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--waiting", type=float, default=WAITING)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as folder:
        home = Path(folder)
        (home / "invented-people").touch()
        os.environ.update(JOINEDUP_HOME=str(home), DJANGO_SETTINGS_MODULE="joinedup.site.settings")
        with Cluster(home / "cluster") as urls:
            migrate(urls.owner)
            database.configure(urls.application, moment=NOW)
            fill(chosen.people, chosen.waiting)
            with psycopg.connect(urls.owner, autocommit=True) as connection:
                connection.execute("vacuum analyze")
            postmaster = int((home / "cluster/data/postmaster.pid").read_text().split()[0])
            found = figures(postmaster, chosen.people, chosen.waiting, 3 if chosen.quick else 20)
            database.close()
    show("The board of a hospital", found)


if __name__ == "__main__":
    main()
