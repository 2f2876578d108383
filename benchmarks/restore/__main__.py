"""`./dev bench restore [--quick]`: commits with and without the stream to the backups."""

import argparse
import sys

from benchmarks.figure import show
from benchmarks.processes import reference_microseconds
from benchmarks.restore.writes import measure_writes


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    figures = measure_writes(1.0 if parser.parse_args().quick else 5.0)
    sys.stderr.write(f"reading 1 kB of JSON on this machine: {reference_microseconds():.1f} us\n")
    show("What copies of every change cost a commit", figures)


if __name__ == "__main__":
    main()
