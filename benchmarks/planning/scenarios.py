"""`python -m benchmarks.planning.scenarios [--quick]`: a place's question from the command.

One place, 100 paired runs of six options (the place as it is and five others) for one winter, the
clock from the command's start to its end; and what pairing saves on occupancy and on beds kept.
"""

import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from benchmarks.figure import Figure, show
from joinedup.planning import places
from joinedup.planning.scenarios import Option, Places, run_pairs
from joinedup.planning.scenarios.model import Deferral, FluLike, TurnRound
from joinedup.planning.statistics import runs_saved

FIVE = "".join(
    f'[[options]]\nname = "{more} more"\n[[options.changes]]\ntype = "places"\n'
    f'service = "home care"\nmore = {more}\n'
    for more in (10, 20, 30, 40, 50)
)
QUESTION = f'title = "x"\nplace = "Lincolnshire"\nstarts = 2026-12-01\ndays = 90\n{FIVE}'
OPTIONS = {
    "a fifth more community beds": Option("beds", (Places("community beds", share=0.2),)),
    "ten packages more": Option("ten", (Places("home care", more=10.0),)),
    "assessment half a day sooner": Option("sooner", (TurnRound(0.5, "benchmark"),)),
    "half of planned put off": Option(
        "put off", (Deferral(0.5, date(2027, 1, 2), date(2027, 1, 31)),)
    ),
    "mild flu": Option("mild", (FluLike("mild"),)),
}


def from_the_command(runs: int) -> list[Figure]:
    """The clock and the processor from the command's start to its end, the best of three."""
    clock, cpu = [], []
    with TemporaryDirectory() as folder:
        file = Path(folder) / "x.toml"
        file.write_text(QUESTION)
        words = [sys.executable, "-m", "joinedup.site.command", "plan", "run", str(file)]
        for _ in range(3):
            began, before = time.perf_counter(), _children()
            subprocess.run([*words, "--runs", str(runs)], check=True, capture_output=True)
            clock.append(time.perf_counter() - began)
            cpu.append(_children() - before)
    name = f"six options, {runs} paired runs, from the command"
    return [
        Figure(f"{name}, clock", min(clock), "s", "<= 5 (100 runs)", "prototype about 3 s"),
        Figure(f"{name}, CPU", min(cpu), "s", "", ""),
    ]


def _children() -> float:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def pairing(runs: int) -> list[Figure]:
    """How many times more runs unpaired options would need, on beds in use and beds kept."""
    place = places.place("Lincolnshire", on=date(2026, 12, 1), days=90)
    pairs = run_pairs(place, list(OPTIONS.values()), runs=runs, seed=1)
    found = []
    for i, name in enumerate(OPTIONS, 1):
        for words, measure in (("occupancy", "in_use"), ("beds kept", "held")):
            saved = runs_saved(pairs.mean(i, measure), pairs.mean(0, measure))
            goal = ">= 5" if measure == "in_use" else ""
            found.append(Figure(f"pairing saves runs, {words}, {name}", saved, "times", goal, ""))
    return found


def main(quick: Annotated[bool, typer.Option(help="Fewer runs.")] = False) -> None:
    """Print the figures of scenarios."""
    figures = from_the_command(20 if quick else 100)
    figures += pairing(20 if quick else 100)
    show("Scenarios", figures)


if __name__ == "__main__":
    typer.run(main)
