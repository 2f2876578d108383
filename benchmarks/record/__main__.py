"""`./dev bench record [--quick]`: fill the record to each size, then measure every request."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psycopg

from benchmarks.figure import Figure, show
from benchmarks.processes import cpu_seconds, reference_microseconds, round_trip_microseconds
from benchmarks.record.load import run
from benchmarks.record.people import PER_PERSON, people
from benchmarks.record.requests import asked
from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.record import Put, Source, database
from joinedup.record.cluster import Cluster
from joinedup.record.migrate import migrate
from joinedup.signin.tokens import issue_token

PORT = 18331
ORGANISATION = "Y90001"
BATCH = 500


def fill(first: int, last: int) -> None:
    """Store the people numbered first to last - 1 through `commit`, as an import does."""
    permit = system_permit("benchmark", ORGANISATION)
    source = Source(ORGANISATION, "benchmark", "system")
    batch = []
    for _, found in people(first, last):
        batch += [Put(r, source=source) for r in found]
        if len(batch) >= BATCH:
            record.commit(permit, batch, dangling="keep")
            batch.clear()
    if batch:
        record.commit(permit, batch, dangling="keep")


def measure(size: int, server: int, postmaster: int, seconds: float) -> list[Figure]:
    """Return CPU milliseconds a request of server and PostgreSQL together."""
    figures = []
    for question in asked(issue_token("gp"), size):
        run(PORT, question.make, seconds=min(1.0, seconds))
        before = cpu_seconds(server), cpu_seconds(postmaster)
        load = run(PORT, question.make, seconds=seconds)
        if load.refused:
            raise SystemExit(
                f"{question.name}: {load.refused} of {load.answers} requests were refused, so what "
                "they cost says nothing. Put right what is asked, or who asks."
            )
        each = load.answers * question.resources / 1000
        web = (cpu_seconds(server) - before[0]) / each
        database_ms = (cpu_seconds(postmaster) - before[1]) / each
        sys.stderr.write(
            f"{question.name}: {load.answers} answers, {load.refused} refused, {load.last_bytes} "
            f"bytes, web {web:.3f} ms, PostgreSQL {database_ms:.3f} ms\n"
        )
        figures.append(
            Figure(
                f"{question.name} at {size:,}",
                web + database_ms,
                "ms CPU",
                question.goal,
                question.peer,
            )
        )
    return figures


def pace(home: Path, url: str) -> list[Figure]:
    """Return how fast this machine is just now: figures of two runs compare by their ratio to it.

    The goals came from a machine that reads 1 kB of JSON in 8 us.
    """
    with psycopg.connect(url, autocommit=True, prepare_threshold=0) as connection:
        trip = round_trip_microseconds(lambda: connection.execute("select 1"), _postmaster(home))
    return [
        Figure("pace: 1 kB of JSON read", reference_microseconds(), "us CPU", "<= 8"),
        Figure("pace: an empty round trip", trip, "us CPU", "<= 50"),
    ]


def _postmaster(home: Path) -> int:
    return int((home / "cluster" / "data" / "postmaster.pid").read_text().split()[0])


def bytes_an_observation(owner: str) -> float:
    """Return what one 700-byte Observation takes on disk: every table and index, history too.

    Measured as the growth of the whole schema over the last filling, divided by its resources.
    """
    with psycopg.connect(owner) as connection:
        row = connection.execute(
            "select sum(pg_total_relation_size(c.oid)) from pg_class c"
            " join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname = 'record' and c.relkind = 'r'"
        ).fetchone()
    return float(row[0]) if row else 0.0


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--size", type=int, help="measure at this many resources only")
    chosen = parser.parse_args()
    quick = chosen.quick
    sizes = (chosen.size,) if chosen.size else (3_000,) if quick else (30_000, 300_000)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as folder:
        home = Path(folder)
        os.environ.update(JOINEDUP_HOME=str(home), DJANGO_SETTINGS_MODULE="joinedup.site.settings")
        with Cluster(home / "cluster") as urls:
            migrate(urls.owner)
            database.configure(urls.application)
            figures += pace(home, urls.application)
            stored = 0
            for size in sizes:
                before = bytes_an_observation(urls.owner)
                began = time.monotonic()
                fill(stored // PER_PERSON, size // PER_PERSON)
                took = time.monotonic() - began
                grown = (bytes_an_observation(urls.owner) - before) / (size - stored)
                figures.append(
                    Figure(f"stored to {size:,}", (size - stored) / took, "resources/s", ">= 5000")
                )
                figures.append(
                    Figure(f"disk at {size:,}", grown, "bytes a resource", "<= 2000", "4600")
                )
                stored = size
                with psycopg.connect(urls.owner, autocommit=True) as connection:
                    connection.execute("vacuum analyze")
                figures += _serve_and_measure(home, urls.application, size, 2.0 if quick else 6.0)
            figures += pace(home, urls.application)
            database.close()
    show("The record (peer: Medplum 5.0 on the same kind of machine)", figures)


def _serve_and_measure(home: Path, url: str, size: int, seconds: float) -> list[Figure]:
    variables = {
        **os.environ,
        "JOINEDUP_HOME": str(home),
        "JOINEDUP_DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "joinedup.site.settings",
    }
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(PORT), "--workers", "1", "--blocking-threads", "4", "--no-ws"]
    command += ["--http", "1", "joinedup.site.wsgi:application"]
    server = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/livez", timeout=2)
                break
            except OSError:
                time.sleep(0.1)
        return measure(size, server.pid, _postmaster(home), seconds)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
