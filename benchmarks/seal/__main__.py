"""`./dev bench seal [--quick]`: events walked and sealed a second, and the seal's lag."""

import argparse
import sys

from benchmarks.figure import show
from benchmarks.processes import reference_microseconds
from benchmarks.seal.lag import measure_seal


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    figures = measure_seal(events=30_000 if quick else 200_000, seconds=5.0 if quick else 20.0)
    sys.stderr.write(f"reading 1 kB of JSON on this machine: {reference_microseconds():.1f} us\n")
    show("The seal over the audit", figures)


if __name__ == "__main__":
    main()
