"""`./dev bench reach [--quick]`: a permit that reaches 10,000 people against no row security.

The same search is asked twice of one record of 300,000 resources: by a practice with a list of
10,000 through the application's role, and by a superuser, for whom PostgreSQL judges no row. The
figure is how many times as much CPU the first costs.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.figure import Figure, show
from benchmarks.processes import cpu_seconds
from benchmarks.record.people import observation
from joinedup import record
from joinedup.access.permit import system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.search.query import parse_query
from joinedup.record import Put, Source, database
from joinedup.record.cluster import Cluster
from joinedup.record.migrate import migrate

PER_PERSON = 10
REACHED, PEOPLE = 10_000, 30_000
BATCH = 500
GOAL = "<= 2"
GP = worker_permit("Practitioner/bench", "Dr Bench", Role.GP, "Y90001")
SEARCHES = {
    "results of one code, newest first": (
        "Observation", {"code": "http://loinc.org|2003-3", "_sort": "-date", "_count": "50"},
    ),
    "results of one code since a day, newest first": (
        "Observation",
        {"code": "http://loinc.org|2003-3", "date": "ge2020-01-01", "_sort": "-date",
         "_count": "50"},
    ),
    "people born since a day": ("Patient", {"birthdate": "ge1950-01-01", "_count": "50"}),
    "how many people of a family name": (
        "Patient", {"family": "Family0001", "_total": "accurate", "_count": "0"},
    ),
}  # fmt: skip


def person(number: int, reached: int) -> Iterator[dict[str, Any]]:
    """Yield a person's resources; every so many is on the list of the practice that asks."""
    chance, name = random.Random(number), f"reach-{number}"
    practice = "Y90001" if number % 3 == 0 and number // 3 < reached else "Y90002"
    yield {
        "resourceType": "Patient",
        "id": name,
        "name": [{"family": f"Family{number // 5:06d}", "given": ["Ida"]}],
        "birthDate": f"19{chance.randrange(20, 99)}-0{chance.randrange(1, 10)}-15",
        "generalPractitioner": [{"reference": f"Organization/{practice}"}],
    }
    for place in range(PER_PERSON - 1):
        made = observation(name, place, chance)
        del made["encounter"]
        yield {**made, "id": f"{name}-o{place}"}


def fill(people: int, reached: int) -> None:
    """Store everybody through `commit`, as an import does."""
    permit, source = system_permit("benchmark"), Source("Y90001", "benchmark", "system")
    batch: list[Put] = []
    for number in range(people):
        batch += [Put(r, source=source) for r in person(number, reached)]
        if len(batch) >= BATCH or number == people - 1:
            record.commit(permit, batch, dangling="keep")
            batch.clear()


def cost_ms(url: str, postmaster: int, search: tuple[str, dict[str, str]], seconds: float) -> float:
    """Return PostgreSQL's CPU milliseconds for one search on connections to this address."""
    database.configure(url, connections=1)
    kind, asked = search
    query = parse_query(kind, list(asked.items()))
    found = len(record.search(GP, query).entries)
    for _ in range(3):
        record.search(GP, query)
    before, end, count = cpu_seconds(postmaster), time.monotonic() + seconds, 0
    while time.monotonic() < end or count < 20:
        record.search(GP, query)
        count += 1
    used = (cpu_seconds(postmaster) - before) * 1000 / count
    sys.stderr.write(f"{kind} {asked}: {found} found, {count} times, {used:.2f} ms\n")
    return used


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a hundredth of the people")
    quick = parser.parse_args().quick
    people, reached = (PEOPLE // 100, REACHED // 100) if quick else (PEOPLE, REACHED)
    seconds = 1.0 if quick else 8.0
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as folder:
        cluster = Cluster(Path(folder) / "cluster")
        with cluster as urls:
            migrate(urls.owner)
            database.configure(urls.application)
            fill(people, reached)
            with psycopg.connect(urls.owner, autocommit=True) as owner:
                owner.execute("vacuum analyze")
            postmaster = int((Path(folder) / "cluster/data/postmaster.pid").read_text().split()[0])
            unjudged = cluster.administrator_url.replace("/postgres?", "/joinedup?")
            figures = [
                _ratio(name, people * PER_PERSON, reached, [
                    cost_ms(url, postmaster, search, seconds)
                    for url in (urls.application, unjudged)
                ])
                for name, search in SEARCHES.items()
            ]  # fmt: skip
            database.close()
    show(f"A permit with reach of {reached:,} people against no row security", figures)


def _ratio(name: str, size: int, reached: int, costs: list[float]) -> Figure:
    ours, owners = costs
    full = f"{name}: reach of {reached:,}, at {size:,}"
    return Figure(full, ours / owners, "times the owner's CPU", GOAL, f"{owners:.2f} ms")


if __name__ == "__main__":
    main()
