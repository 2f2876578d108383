"""`./dev bench imports [--quick] [--resources N]`: import bundles of synthetic people, and again.

Above 100,000 they are imported once.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figure import Figure, show
from benchmarks.processes import cpu_seconds, reference_microseconds
from benchmarks.record.people import PER_PERSON, people
from joinedup.access.permit import system_permit
from joinedup.fhir.wire import write_resource
from joinedup.people.importing import import_paths
from joinedup.record import database
from joinedup.record.cluster import Cluster
from joinedup.record.migrate import migrate

ORGANISATION = "Y90001"
FULL = 100_000


def write_bundles(folder: Path, count: int) -> None:
    """Write one collection bundle a person."""
    for person, found in people(0, count):
        entries = [
            {"fullUrl": f"http://surgery.example/{r['resourceType']}/{r['id']}", "resource": r}
            for r in found
        ]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        (folder / f"{person}.json").write_text(write_resource(bundle))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--resources", type=int, default=FULL)
    asked = parser.parse_args()
    count = 30 if asked.quick else asked.resources // PER_PERSON
    titles = ("import", "repeated import") if asked.resources <= FULL else ("import",)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name:
        home, files = Path(name), Path(name) / "files"
        files.mkdir()
        write_bundles(files, count)
        with Cluster(home / "cluster") as urls:
            migrate(urls.owner)
            database.configure(urls.application)
            for title in titles:
                figures += _import(title, files, home / "refusals.ndjson", count * PER_PERSON)
            database.close()
    sys.stderr.write(f"reading 1 kB of JSON on this machine: {reference_microseconds():.1f} us\n")
    show("Bringing files in", figures)


def _import(title: str, files: Path, refusals: Path, resources: int) -> list[Figure]:
    began, spent = time.monotonic(), cpu_seconds(os.getpid())
    report = import_paths(
        [files],
        organisation=ORGANISATION,
        permit=system_permit("import", ORGANISATION),
        refusals_file=refusals,
        progress=lambda *_: None,
    )
    took = time.monotonic() - began
    cpu = cpu_seconds(os.getpid()) - spent
    if report.refusals:
        raise AssertionError(f"{report.refusals} lines were refused")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Figure(f"{title} of {resources:,}", resources / took, "resources/s", ">= 5000"),
        Figure(f"{title}, CPU with PostgreSQL", cpu / resources * 1e6, "us a resource", "<= 400"),
        Figure(f"{title}, memory of the reader", peak, "MB", "<= 500"),
    ]


if __name__ == "__main__":
    main()
