"""Chapter: planning. Section 24: what runs say, two kinds of doubt, average flows, past winters."""

from datetime import date

import msgspec
import numpy as np
import pytest

from benchmarks.planning.models import hospital
from joinedup.planning import engine, places
from joinedup.planning.network import (
    Exponential,
    Network,
    Onward,
    PersonClass,
    Route,
    Service,
    steady,
)
from joinedup.planning.places import Place
from joinedup.planning.scenarios import Grant, Option, Pairs, Places, run_pairs
from joinedup.planning.scenarios.answers import answer_all, effect_of, fan_of, headline
from joinedup.planning.scenarios.average import flow_of
from joinedup.planning.scenarios.model import FluLike
from joinedup.planning.scenarios.past import as_published
from joinedup.planning.scenarios.rules import rules_for
from joinedup.planning.scenarios.tornado import tornado

DAY = date(2026, 12, 1)


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    place: Place = places.place("Gloucestershire", on=DAY, days=21)
    grant = Option("grant", (Grant(1_500_000, "community beds"),))
    return run_pairs(place, [grant, Option("no flu", (FluLike("none"),))], runs=48, seed=2)


def test_doubt_and_chance_are_told_apart() -> None:
    """Draws that differ and runs that do not: all doubt; runs of one draw alone: all chance."""
    random = np.random.default_rng(1)
    draws = np.repeat(random.normal(10.0, 2.0, 400), 2)
    chance = random.normal(0.0, 2.0, 800)
    assert effect_of(draws).doubt_share == pytest.approx(1.0)
    assert effect_of(chance).doubt_share < 0.15
    assert effect_of(draws + chance).doubt_share == pytest.approx(0.5, abs=0.1)


def test_the_error_of_a_mean_goes_by_draws() -> None:
    """Two runs of one draw know little more than one: 100 draws of sd 2 give 0.2."""
    values = np.repeat(np.random.default_rng(1).normal(10.0, 2.0, 100), 2)
    assert effect_of(values).error == pytest.approx(0.2, rel=0.2)
    found = effect_of(values)
    assert found.low < found.mean < found.high
    assert np.mean((values >= found.low) & (values <= found.high)) == pytest.approx(0.9, abs=0.02)


def test_an_answer_has_beds_money_and_care(pairs: Pairs) -> None:
    """Pounds a bed day are pounds over beds freed times days; care used is no more than opened."""
    grant, no_flu = answer_all(pairs)
    assert grant.money is not None and grant.money.pounds == pytest.approx(1_500_000)
    assert grant.pounds_a_bed_day == pytest.approx(1_500_000 / (grant.freed.mean * 21))
    assert 0.0 < grant.care["community beds"].mean <= grant.money.places + 1.0
    assert grant.main == grant.freed and no_flu.main == no_flu.taken
    assert no_flu.money is None and no_flu.pounds_a_bed_day is None
    said = headline(grant, 21.0)
    assert said.startswith("grant frees ") and "beds a day over 21 days" in said
    assert headline(no_flu, 21.0).startswith("no flu takes ")


def test_a_fan_holds_its_quantiles_in_order(pairs: Pairs) -> None:
    """Every day: 5 per cent below 25 below the middle below 75 below 95."""
    fan = fan_of(pairs, 0, "in_use")
    assert len(fan.days) == 21 and fan.days[0] == 0.0
    assert all(list(row) == sorted(row) for row in fan.quantiles)


def test_a_tornado_finds_what_an_answer_hangs_on(pairs: Pairs) -> None:
    """An answer made of one parameter hangs on it, and on no more than chance would give."""
    place = pairs.place
    draws = pairs.runs // 2
    from joinedup.planning.files import draw_values

    values = [
        draw_values(place.parameters, seed=2, number=n)["patience_days"] for n in range(draws)
    ]
    answer = np.repeat(np.array(values, dtype=float), 2)
    bars = tornado(pairs, answer)
    assert bars[0].name == "patience_days" and bars[0].low < bars[0].high
    assert bars[0].assumed and len(bars) <= 8
    few = msgspec.structs.replace(
        pairs,
        outcomes=tuple(msgspec.structs.replace(o, counts=o.counts[:4]) for o in pairs.outcomes),
    )
    assert tornado(few, answer[:4]) == ()


def test_the_rules_say_what_they_came_to(pairs: Pairs) -> None:
    """Warm-up and what a pilot says of it; runs enough fall as an effect is better known."""
    answers = answer_all(pairs)
    rules = rules_for(pairs.place, answers, runs=48, seed=2)
    assert rules.warm_up_days == 60 and rules.pilot_days is not None and rules.pilot_days <= 75
    surer = msgspec.structs.replace(
        answers[0],
        freed=msgspec.structs.replace(answers[0].freed, error=answers[0].freed.error / 2),
    )
    again = rules_for(pairs.place, (surer,), runs=48, seed=2)
    assert again.runs_enough["grant"] <= rules.runs_enough["grant"] // 3


def test_average_flows_agree_where_nothing_is_ever_full() -> None:
    """Without limits both are rate times stay (Little)."""
    network = Network(
        services=(Service("beds"), Service("care")),
        classes=(PersonClass("person", "beds", steady(10.0)),),
        routes=(
            Route("person", "beds", Exponential(3.0), (Onward("care", 0.5),)),
            Route("person", "care", Exponential(8.0)),
        ),
        horizon=400.0,
        warm_up=100.0,
    )
    flow = flow_of(network)
    assert flow.in_use["beds"] == pytest.approx(30.0, rel=0.05)
    assert flow.in_use["care"] == pytest.approx(40.0, rel=0.05)
    assert flow.held["beds"] == pytest.approx(0.0, abs=1e-6)


def test_average_flows_miss_the_queue_that_luck_makes() -> None:
    """Hospital (b) of peers.md: 12 people kept by flows, 19 in truth, and a wait for a bed."""
    network = hospital()
    flow = flow_of(msgspec.structs.replace(network, horizon=1460.0))
    truth = engine.simulate(network, seed=3, runs=24)
    assert flow.held["beds"] < 13.0
    assert truth.mean("held", "beds").mean() > 15.0
    assert flow.waiting["beds"] == pytest.approx(0.0, abs=1e-6)
    assert truth.mean("waiting", "beds").mean() > 0.5


def test_a_past_winter_begins_with_its_own_beds() -> None:
    """Published beds of the first week of December; a winter to come is as it was."""
    past = places.place("Gloucestershire", on=date(2018, 12, 1), days=30)
    told = as_published(past)
    assert told.model.parameter("occupied").source.startswith("NHS England winter daily sitreps")
    assert told.model.parameter("occupied").value != past.model.parameter("occupied").value
    pairs = run_pairs(told, [Option("x", (Places("care homes", more=1),))], runs=8, seed=1)
    assert 820.0 < pairs.mean(0, "in_use").mean() < 940.0  # published that December: about 880
    future = places.place("Gloucestershire", on=DAY, days=30)
    assert as_published(future) is future
