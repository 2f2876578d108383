"""`./dev bench record [--quick]`: fill the record to each size, then measure every request."""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psycopg

from benchmarks.figure import Figure, show
from benchmarks.processes import cpu_seconds
from benchmarks.record.load import run
from benchmarks.record.people import PER_PERSON, family_name, observation, people
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


def head(token: str, method: str, path: str, body: bytes = b"", more: str = "") -> bytes:
    """Return one HTTP request."""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Accept: application/fhir+json\r\nContent-Type: application/fhir+json\r\n{more}"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def requests(token: str, size: int) -> dict[str, tuple[Callable[[random.Random], bytes], str, str]]:
    """Return name -> (request maker, goal in ms, the peer's ms)."""
    count = size // PER_PERSON

    def person(chance: random.Random) -> str:
        return f"bench-{chance.randrange(count)}"

    def family(chance: random.Random) -> str:
        return family_name(chance.randrange(count))

    def bundle(chance: random.Random) -> bytes:
        who = person(chance)
        entries = [
            {
                "resource": observation(who, n, chance),
                "request": {"method": "POST", "url": "Observation"},
            }
            for n in range(100)
        ]
        whole = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        return head(token, "POST", "/fhir", json.dumps(whole).encode())

    def get(path: Callable[[random.Random], str]) -> Callable[[random.Random], bytes]:
        return lambda chance: head(token, "GET", path(chance))

    return {
        "read by id": (
            get(lambda c: f"/fhir/Observation/{person(c)}-o{c.randrange(98)}"),
            "0.8",
            "1.0",
        ),
        "subject search of 20": (
            get(lambda c: f"/fhir/Observation?subject=Patient/{person(c)}&_count=20"),
            "1.5",
            "3.0",
        ),
        "subject and code, newest 5": (
            get(
                lambda c: (
                    f"/fhir/Observation?subject=Patient/{person(c)}"
                    "&code=http://loinc.org|2003-3&_sort=-date&_count=5"
                )
            ),
            "1.5",
            "2.6",
        ),
        "chained": (
            get(
                lambda c: (
                    f"/fhir/Observation?subject:Patient.family={family(c)}&code=2003-3&_count=20"
                )
            ),
            "3",
            "12.5",
        ),
        "name search": (
            get(lambda c: f"/fhir/Patient?family={family(c)}&given=Given&_count=20"),
            "3",
            "5.9 growing to 50",
        ),
        "everything of 100": (
            get(lambda c: f"/fhir/Patient/{person(c)}/$everything?_count=100"),
            "5",
            "75",
        ),
        "create": (
            lambda c: head(
                token,
                "POST",
                "/fhir/Observation",
                json.dumps({**observation(person(c), c.randrange(98), c)}).encode(),
            ),
            "2",
            "5.7",
        ),
        "transaction of 100, per resource": (bundle, "0.8", "8"),
    }


def measure(size: int, server: int, postmaster: int, seconds: float) -> list[Figure]:
    """Return CPU milliseconds a request of server and PostgreSQL together."""
    figures = []
    token = issue_token("gp")
    for name, (make, goal, peer) in requests(token, size).items():
        run(PORT, make, seconds=min(1.0, seconds))
        before = cpu_seconds(server), cpu_seconds(postmaster)
        load = run(PORT, make, seconds=seconds)
        spent = cpu_seconds(server) - before[0], cpu_seconds(postmaster) - before[1]
        per = PER_PERSON if "per resource" in name else 1
        value = sum(spent) / load.answers * 1000 / per
        sys.stderr.write(
            f"{name}: {load.answers} answers, {load.refused} refused, {load.last_bytes} bytes, "
            f"web {spent[0] / load.answers * 1000 / per:.3f} ms, "
            f"PostgreSQL {spent[1] / load.answers * 1000 / per:.3f} ms\n"
        )
        figures.append(Figure(f"{name} at {size:,}", value, "ms CPU", f"<= {goal}", peer))
    return figures


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
    quick = parser.parse_args().quick
    sizes = (3_000,) if quick else (30_000, 300_000)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as folder:
        home = Path(folder)
        os.environ.update(JOINEDUP_HOME=str(home), DJANGO_SETTINGS_MODULE="joinedup.site.settings")
        with Cluster(home / "cluster") as urls:
            migrate(urls.owner)
            database.configure(urls.application)
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
        postmaster = int((home / "cluster" / "data" / "postmaster.pid").read_text().split()[0])
        return measure(size, server.pid, postmaster, seconds)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
