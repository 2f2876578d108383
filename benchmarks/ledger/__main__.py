"""`./dev bench ledger [--quick] [--entries N]`: posting, sixteen at once, a year's statements."""

import argparse
import sys
import tempfile
from pathlib import Path

import psycopg

from benchmarks.figure import show
from benchmarks.ledger.measure import fill_people, measure_one, measure_sixteen, measure_year
from benchmarks.processes import reference_microseconds
from joinedup.record import database
from joinedup.record.cluster import Cluster
from joinedup.record.migrate import migrate

PEOPLE, TIMES, ENTRIES = 1_220, 2_000, 20_000
OTHERS = 5


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a twentieth of everything")
    parser.add_argument("--entries", type=int, default=ENTRIES, help="posted by sixteen at once")
    asked = parser.parse_args()
    part = 20 if asked.quick else 1
    people = PEOPLE // part
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as folder:
        place = Path(folder) / "cluster"
        with Cluster(place) as urls:
            migrate(urls.owner)
            database.configure(urls.application, connections=17)
            fill_people(people + OTHERS)
            with psycopg.connect(urls.owner, autocommit=True) as owner:
                owner.execute("vacuum analyze")
            postmaster = int((place / "data/postmaster.pid").read_text().split()[0])
            figures = [
                *measure_one(postmaster, TIMES // part),
                *measure_sixteen(asked.entries // part),
                *measure_year(people),
            ]
            database.close()
    sys.stderr.write(f"reading 1 kB of JSON on this machine: {reference_microseconds():.1f} us\n")
    show("The ledger", figures)


if __name__ == "__main__":
    main()
