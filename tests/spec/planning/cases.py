"""Every known answer of `exact.json` as a network: its key, how it is played, what is read.

`EVENTS` is about how many happenings a run has in the ordinary size.
"""

import math
from collections.abc import Iterator

import numpy as np

from joinedup.planning.network import Exponential, Lognormal
from joinedup.planning.statistics import Floats, Outcome
from tests.spec.planning.textbook import (
    Case,
    bed_blocking,
    line,
    number,
    queue,
    rate,
    season,
    share,
    wait_of,
)

EVENTS = 24_000
# What a network cannot say: a person holds one place at a time, and a call on both links needs two
# at once.
NOT_EXPRESSED = {"loss network 2 links": "a person would hold two places at once"}


def cases(size: float) -> Iterator[tuple[str, Case]]:
    """Every case by its key in exact.json, each run about EVENTS x size happenings long."""
    yield from _queues(size)
    yield from _priorities_and_patience(size)
    yield from _blocking(size)
    yield from _seasons(size)
    yield from _stroke(size)


def _queues(size: float) -> Iterator[tuple[str, Case]]:
    loads = (
        (1, 0.5),
        (1, 0.9),
        (2, 1.8),
        (5, 4.5),
        (10, 9.0),
        (50, 45.0),
        (100, 95.0),
        (500, 475.0),
    )
    for places, load in loads:
        horizon = EVENTS * size / load + 50.0
        key = f"M/M/{places} a={load:g} mu=1"
        reads = {"Wq": wait_of(), "Pwait": share("waited", "admitted"), "Lq": number("waiting")}
        yield key, Case(queue([load], places, horizon=horizon * 2), reads)
        lost = {"Pblock_loss": share("turned_away")}
        yield key, Case(queue([load], places, limit=0, horizon=horizon / 2), lost)
    stay = Lognormal(1.0, 1.5)
    key = "M/G/1 lognormal mean1 sd1.5 lam=.8"
    yield key, Case(queue([0.8], 1, stay=stay, horizon=EVENTS * size * 2), {"Wq": wait_of()})


def _priorities_and_patience(size: float) -> Iterator[tuple[str, Case]]:
    horizon = EVENTS * size
    both = {"Wq.0": wait_of("class 0"), "Wq.1": wait_of("class 1")}
    yield "M/M/1 2 priorities .2,.6", Case(queue([0.2, 0.6], 1, horizon=horizon), both)
    yield "M/M/10 2 priorities 5,4", Case(queue([5.0, 4.0], 10, horizon=horizon / 6), both)
    impatient = queue([11.0], 10, patience=Exponential(2.0), horizon=horizon / 11)
    reads = {
        "P_abandon": share("gave_up"),
        "Lq": number("waiting"),
        "P_wait": lambda o: 1.0 - (o.count("admitted", "desk") - o.count("waited", "desk"))
        / o.count("asked", "desk"),
    }  # fmt: skip
    yield "M/M/10+M lam=11 mu=1 theta=.5", Case(impatient, reads)


def _blocking(size: float) -> Iterator[tuple[str, Case]]:
    for n in (2, 3, 4, 5):
        key = f"saturated tandem {n} stations no buffer BAS mu=1"
        last = f"station {n - 1}"
        yield key, Case(line(n, horizon=EVENTS * size / 2), {"throughput": rate("finished", last)})
    reads = {
        "Wq": wait_of(service="ward"),
        "mean_delay_of_those_who_need": lambda o: o.mean_delay("ward"),
        "beds_blocked": number("held", "ward"),
        "beds_occupied": number("in_use", "ward"),
        "places_used": number("in_use", "care"),
    }
    wards = {
        "bed blocking A": (4.0, 1.0, 7, 0.4, 2.0, 4),
        "bed blocking B": (1.0, 1.0, 2, 0.3, 2.0, 1),
        "bed blocking C (ward of 20)": (3.0, 5.0, 20, 0.25, 10.0, 9),
        "tandem M/M/1 -> ./M/1 no buffer BAS lam=.5 mu=1,1": (0.5, 1.0, 1, 1.0, 1.0, 1),
    }
    for key, (lam, treatment, beds, p, stay, places) in wards.items():
        network = bed_blocking(
            lam, treatment, beds, share=p, stay=stay, places=places, horizon=2 * EVENTS * size / lam
        )
        yield key, Case(network, reads)


def _seasons(size: float) -> Iterator[tuple[str, Case]]:
    years = max(1, round(size))
    reads = {
        "mean": lambda o: _wave(o)[0],
        "peak": lambda o: _wave(o)[0] + _wave(o)[1],
        "trough": lambda o: _wave(o)[0] - _wave(o)[1],
        "lag_days": lambda o: _wave(o)[2],
    }
    key = "Mt/G/inf beds: 60/day x(1+.15cos), LoS lognormal mean 6 sd 8"
    yield key, Case(season(60.0, 6.0, 8.0, years=years), reads)
    key = "Mt/G/inf packages: 7.2/day x(1+.15cos), lognormal mean 60 sd 50"
    yield key, Case(season(7.2, 60.0, 50.0, years=4 * years), reads)


def _wave(o: Outcome) -> tuple[Floats, Floats, Floats]:
    """Mean, height and lag of the yearly wave in the daily numbers, by run."""
    days = o.by_period("in_use", "beds")
    angle = 2 * math.pi * (np.arange(days.shape[1]) + 0.5) / 365.0
    along = 2 * (days * np.cos(angle)).mean(axis=1)
    across = 2 * (days * np.sin(angle)).mean(axis=1)
    lag = np.arctan2(across, along) / (2 * math.pi) * 365.0
    return days.mean(axis=1), np.hypot(along, across), lag


def _stroke(size: float) -> Iterator[tuple[str, Case]]:
    """Stays are lognormal: who is turned away depends on their mean alone (Sevastyanov 1957)."""
    acute, rehabilitation = 8.145492831541219, 9.718217562619024
    units = {"asu": (acute, range(9, 16)), "rehab": (rehabilitation, range(10, 17))}
    units["pooled"] = (acute + rehabilitation, range(22, 27, 4))
    for unit, (load, all_beds) in units.items():
        for beds in all_beds:
            network = queue(
                [load], beds, stay=Lognormal(1.0, 0.8), limit=0, horizon=EVENTS * size / load
            )
            yield "stroke (Monks 2016)", Case(network, {f"{unit}.{beds}": share("turned_away")})
