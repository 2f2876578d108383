"""`./dev bench planning [--quick] [--peer PYTHON]`: the figures, and the peers' as they published.

With --peer, a Python that has simpy 4.1.2 runs the same two models in the same minute, from
../shared/bench/planning: rates move with the machine, ratios much less.
"""

import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from benchmarks.figure import Figure, show
from benchmarks.planning.england import england
from benchmarks.planning.models import PACKAGES, hospital, ten_servers
from joinedup.planning import engine
from joinedup.planning.network import Network
from joinedup.planning.statistics import runs_saved

PEERS = Path(__file__).resolve().parents[3] / "shared/bench/planning"
RATES_PEER = {
    "a": "SimPy 94,004; Ciw 35,120; cimba 3.29 M (peers.md B2, their machine)",
    "b": "SimPy 34,740; Ciw 8,612; cimba 279,902 (peers.md B2, their machine)",
}
GOALS = {"a": (">= 6,000,000", ">= 64"), "b": (">= 4,000,000", ">= 115")}


def rate(network: Network, runs: int, *, agenda: engine.Agenda = "wheel") -> float:
    """Customers a CPU second on one thread, the middle of three tries."""
    found = []
    for attempt in range(3):
        began = time.process_time()
        outcome = engine.simulate(network, seed=1 + attempt, runs=runs, agenda=agenda, threads=1)
        seconds = time.process_time() - began
        measured = (network.horizon - network.warm_up) / network.horizon
        arrived = float(outcome.count("asked", network.services[0].name).sum()) / measured
        found.append(arrived / seconds)
    return statistics.median(found)


def two_threads(network: Network, runs: int) -> float:
    """How many times faster by the clock on two threads than on one; the middle of five tries."""
    ratios = []
    for attempt in range(5):
        seconds = []
        for threads in (1, 2):
            began = time.perf_counter()
            engine.simulate(network, seed=attempt, runs=runs, threads=threads)
            seconds.append(time.perf_counter() - began)
        ratios.append(seconds[0] / seconds[1])
    return statistics.median(ratios)


def pairing(runs: int) -> list[Figure]:
    """Runs that equal luck saves when ten packages are added, beside unpaired ones."""
    before = engine.simulate(hospital(), seed=1, runs=runs)
    after = engine.simulate(hospital(PACKAGES + 10), seed=1, runs=runs)
    found = []
    for name, measure, peer in (
        ("occupied beds", "in_use", "same seed, one stream: x1.3"),
        ("blocked beds", "held", "same seed, one stream: x1.2"),
    ):
        saved = runs_saved(after.mean(measure, "beds"), before.mean(measure, "beds"))
        found.append(Figure(f"pairing saves runs, {name}", saved, "times", ">= 5", peer))
    return found


def six_options(runs: int) -> Figure:
    """How long a place's choice takes by the clock: so many paired runs of six options, a winter.

    Model (b) from empty for 30 days of warm-up and 150 days, with 0 to 50 packages more.
    """
    began = time.perf_counter()
    for more in range(0, 60, 10):
        option = msgspec.structs.replace(hospital(PACKAGES + more), horizon=180.0, warm_up=30.0)
        engine.simulate(option, seed=1, runs=runs)
    seconds = (time.perf_counter() - began) * 100 / runs
    return Figure("six options, 100 paired runs of a winter", seconds, "s", "<= 5", "")


def whole_country(scale: float) -> list[Figure]:
    """England for a year in one coupled network; where `scale` is less than 1, so much of it."""
    network = england(scale=scale)
    began = time.process_time()
    outcome = engine.simulate(network, seed=1, threads=1)
    seconds = (time.process_time() - began) / scale
    people = float(sum(outcome.count("asked", s).sum() for s in outcome.services if _enters(s)))
    year = f"England for a year ({people / scale:,.0f} people)"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Figure(year, seconds, "CPU s", "<= 30", "prototype about 10 s (their machine)"),
        Figure("England, memory of the process", memory, "MB", "<= 1000", "prototype 326 MB"),
    ]


def _enters(service: str) -> bool:
    return service.endswith(("A&E", "day"))


def simpy_rate(python: str, model: str) -> float:
    """SimPy's customers a CPU second, here and now."""
    words = [python, "-B", "m_simpy.py", model, "1", "1"]
    said = subprocess.run(words, cwd=PEERS, capture_output=True, text=True, check=True).stdout
    result = json.loads(said.removeprefix("RESULT "))
    return float(result["customers"] / result["cpu"])


def main(
    quick: Annotated[bool, typer.Option(help="A few seconds.")] = False,
    peer: Annotated[str, typer.Option(help="A Python with simpy, to be run beside.")] = "",
) -> None:
    """Print the figures of the planning engine."""
    runs = 8 if quick else 40
    models = {"a": ten_servers(), "b": hospital()}
    began = time.perf_counter()
    engine.simulate(models["b"], seed=1, threads=1)
    first = time.perf_counter() - began
    figures = [Figure("first call, compiled or read", first, "s", "<= 40", "")]
    for name, network in models.items():
        figure_name = f"model ({name}), one core"
        ours = rate(network, runs)
        goal, ratio_goal = GOALS[name]
        figures.append(Figure(figure_name, ours, "people/CPU s", goal, RATES_PEER[name]))
        if peer:
            theirs = simpy_rate(peer, name)
            # Once before and once after: the machine may have changed its pace meanwhile.
            ratio = (ours + rate(network, runs)) / 2 / theirs
            figures.append(Figure(f"{figure_name}, beside SimPy", ratio, "times", ratio_goal))
    figures.append(
        Figure("two threads, model (b)", two_threads(models["b"], runs), "times", ">= 1.8", "")
    )
    figures += pairing(60 if quick else 300)
    figures.append(six_options(20 if quick else 100))
    figures += whole_country(0.1 if quick else 1.0)
    show("Planning engine", figures)


if __name__ == "__main__":
    sys.exit(typer.run(main))
