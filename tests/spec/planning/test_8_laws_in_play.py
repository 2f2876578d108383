"""Stays, arrivals, trolleys and a census in play, against books: 20 runs, 3 standard errors.

Of 20 runs one right answer in 140 lies beyond 3 (Student's law of 19 degrees): seeds are fixed.
"""

import math

import pytest

from joinedup.planning import check, engine
from joinedup.planning.engine import layout
from joinedup.planning.network import (
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    Law,
    Lognormal,
    Network,
    Onward,
    PersonClass,
    Present,
    Route,
    Service,
    Steps,
)
from joinedup.planning.statistics import estimate
from tests.spec.planning.textbook import queue

RUNS = 20
LAWS: dict[str, tuple[Law, float]] = {
    "gamma": (Gamma(1.0, 0.5), 0.5),
    "gamma, much spread": (Gamma(1.0, 1.4), 1.4),
    "empirical": (Empirical((0.2, 1.0, 2.0), (1.0, 2.0, 0.9)), 0.0),
    "fixed": (Fixed(1.0), 0.0),
}


def errors(found: object, known: float) -> float:
    return abs(estimate(found).errors_from(known))  # type: ignore[arg-type]  # floats by run


@pytest.mark.parametrize("name", LAWS)
def test_one_server_waits_as_pollaczek_and_khinchine_say(name: str) -> None:
    law, sd = LAWS[name]
    mean = 1.0
    if isinstance(law, Empirical):
        total = sum(law.weights)
        mean = sum(v * w for v, w in zip(law.values, law.weights, strict=True)) / total
        square = sum(v * v * w for v, w in zip(law.values, law.weights, strict=True)) / total
        sd = math.sqrt(square - mean * mean)
    outcome = engine.simulate(queue([0.7], 1, stay=law, horizon=20_000.0), seed=3, runs=RUNS)
    assert errors(outcome.mean_wait("desk"), check.one_server_wait(0.7, mean, sd)) < 3.0


def test_people_come_at_the_rate_of_the_hour() -> None:
    """Nobody at night, ten an hour by day, thirty in the evening: Poisson in each."""
    rate = Steps((0.0, 10.0, 30.0), (0.0, 8.0, 18.0), 24.0)
    network = Network(
        (Service("desk"),),
        (PersonClass("person", "desk", rate),),
        (Route("person", "desk", Fixed(1e-9)),),
        horizon=24.0 * 50,
        period=2.0,
    )
    outcome = engine.simulate(network, seed=3, runs=RUNS)
    assert errors(outcome.count("asked", "desk"), (100.0 + 180.0) * 50) < 3.0
    asked = outcome.count("asked", "desk")
    assert asked.var(ddof=1) == pytest.approx(14_000.0, rel=1.2)
    nights = outcome.by_period("in_use", "desk")[:, [k for k in range(600) if k % 12 < 4]]
    assert nights.max() == 0.0


@pytest.mark.parametrize(
    ("law", "still_there"),
    [
        (Exponential(5.0), math.exp(-4.0 / 5.0)),
        # A stay of 8 +- 6 days that has lasted 3: the chance of 7 over the chance of 3.
        (Lognormal(8.0, 6.0), None),
        (Empirical((2.0, 5.0, 9.0), (5.0, 1.0, 3.0)), 0.75),
    ],
    ids=str,
)
def test_a_census_empties_as_its_stays_say(law: Law, still_there: float | None) -> None:
    """Who has been there 3 days is there after 4 more as the law beyond 3 days says."""
    if still_there is None:
        spread = math.sqrt(math.log1p((6.0 / 8.0) ** 2))
        middle = math.log(8.0) - spread * spread / 2.0
        beyond = [math.erfc((math.log(t) - middle) / spread / math.sqrt(2.0)) for t in (7.0, 3.0)]
        still_there = beyond[0] / beyond[1]
    network = Network(
        (Service("ward"),),
        (PersonClass("person", "ward"),),
        (Route("person", "ward", law),),
        horizon=4.0,
        present=(Present("person", "ward", 3.0, count=400),),
    )
    left = engine.simulate(network, seed=5, runs=RUNS).ends[:, 0, 0, 0]
    assert errors(left, 400 * still_there) < 3.0


def test_a_trolley_is_kept_until_there_is_a_bed_and_an_ambulance_until_there_is_a_trolley() -> None:
    """One rule three times over: the ambulance waits with its person, who waits on a trolley."""
    network = Network(
        services=(Service("ambulance", 2), Service("A&E", 1), Service("ward", 1)),
        classes=(PersonClass("person", "ambulance"),),
        routes=(
            Route("person", "ambulance", Fixed(0.5), (Onward("A&E", 1.0),)),
            Route("person", "A&E", Fixed(1.0), (Onward("ward", 1.0),)),
            Route("person", "ward", Fixed(10.0)),
        ),
        horizon=40.0,
        present=(Present("person", waiting_for="ambulance", count=3),),
    )
    first, second, third = (
        [(h.time, h.service) for h in engine.replay(network, "person", n, seed=1)
         if h.word == "admitted"]
        for n in (-1, -2, -3)
    )  # fmt: skip
    # Both ambulances are there at half an hour: then the lower number goes first.
    assert second == [(0.0, "ambulance"), (0.5, "A&E"), (1.5, "ward")]
    assert first == [(0.0, "ambulance"), (1.5, "A&E"), (11.5, "ward")]
    assert third == [(0.5, "ambulance"), (11.5, "A&E"), (21.5, "ward")]
    outcome = engine.simulate(network, seed=1)
    assert outcome.total("delay", "A&E")[0] == 9.0 + 9.0
    assert outcome.total("delay", "ambulance")[0] == 1.0 + 10.5


def test_waits_over_a_bound_are_counted_as_they_happen() -> None:
    """Three wait for one place of 5 hours each: 0, 5 and 10 hours."""
    network = Network(
        (Service("bed", 1),),
        (PersonClass("person", "bed"),),
        (Route("person", "bed", Fixed(5.0)),),
        horizon=30.0,
        present=(Present("person", waiting_for="bed", count=3),),
        wait_bounds=(4.0, 8.0, 12.0),
    )
    outcome = engine.simulate(network, seed=1)
    assert [outcome.count_over(bound, "bed")[0] for bound in range(3)] == [2, 1, 0]


def test_who_becomes_another_is_counted_where_they_were_as_who_they_were() -> None:
    """The class they had when they got the place; from then on as the class they become."""
    network = Network(
        (Service("ward"), Service("care", 1)),
        (PersonClass("ill", "ward"), PersonClass("frail", "care")),
        (
            Route("ill", "ward", Fixed(1.0), (Onward("care", 1.0, "frail"),)),
            Route("frail", "care", Fixed(3.0)),
        ),
        horizon=20.0,
        present=(Present("ill", "ward", count=2),),
    )
    outcome = engine.simulate(network, seed=1)
    assert outcome.count("left", "ward", "ill")[0] == 2
    assert outcome.total("delay", "ward", "ill")[0] == 3.0
    assert outcome.count("admitted", "care", "frail")[0] == 2
    assert outcome.count("admitted", "care", "ill")[0] == 0


def test_a_person_is_one_line_of_the_processors_cache() -> None:
    """80 bytes with what is next for them; slots of who left are used again."""
    assert layout.PERSON.itemsize == 64
    assert layout.DUE.itemsize == 16
