"""`./dev bench freed [--quick]`: how often the interval of bed-days freed holds the truth.

200 winters with money that works and 200 with money that does nothing, from each of two
generators: places played by the planning engine, and plain counts. OPENBLAS_NUM_THREADS=1 makes it
faster: the matrices are small.
"""

import os
import sys
from typing import Annotated

import typer

from benchmarks.figure import Figure, show
from benchmarks.freed.coverage import KINDS, Coverage, cover

WINTERS, QUICK = 200, 20
WORDS = {"played": "played by the engine", "plain": "plain counts"}


def figures_of(kind: str, effect: bool, found: Coverage) -> list[Figure]:
    """What the winters of one kind say."""
    name = f"{WORDS[kind]}, {'money that frees' if effect else 'money that does nothing'}"
    share = 100.0 * found.width / found.waited if found.waited else 0.0
    figures = [
        Figure(f"{name}: interval holds the truth", found.held, "share", ">= 0.85"),
        Figure(f"{name}: and not too often", found.held, "share", "<= 0.95"),
        Figure(f"{name}: truth below the interval", found.too_high, "share", "<= 0.1"),
        Figure(f"{name}: truth above the interval", found.too_low, "share", "<= 0.1"),
        Figure(f"{name}: bias", found.bias, f"days, error {found.bias_error:.0f}", "<= 200"),
        Figure(f"{name}: middle width of days waited", share, "%", "<= 200"),
    ]
    if effect:
        figures.append(Figure(f"{name}: interval leaves 0 out", found.power, "share", ">= 0"))
        truth = 100.0 * found.freed / found.waited if found.waited else 0.0
        figures.append(Figure(f"{name}: truly freed, middle", truth, "% of days", ">= 0"))
    return figures


def main(
    quick: Annotated[bool, typer.Option(help="Twenty winters of each.")] = False,
    years: Annotated[int, typer.Option(help="Years, this one in.")] = 4,
    kind: Annotated[str, typer.Option(help="Only these: played or plain.")] = "",
    processes: Annotated[int, typer.Option(help="Processors.")] = os.cpu_count() or 1,
) -> None:
    """Print the figures of the freed-days method."""
    count = QUICK if quick else WINTERS
    figures = []
    for one in [kind] if kind else list(KINDS):
        for effect in (True, False):
            # Other winters without money than with it, so that they are 400 and not 200.
            numbers = range(count) if effect else range(count, 2 * count)
            found = cover(numbers, kind=one, effect=effect, years=years, processes=processes)
            sys.stderr.write(f"{one} {'works' if effect else 'nothing'}: {found}\n")
            figures += figures_of(one, effect, found)
    show("Bed-days freed", figures)


if __name__ == "__main__":
    typer.run(main)
