"""Known answers: the engine finds what closed forms and small Markov chains say.

20 runs each; a mean may lie 3 standard errors from the known value. Standard errors of 20 runs are
themselves uncertain, so of about 85 right answers one beyond 3 would come by chance in every
second seed (Student's law of 19 degrees: 0.7 per cent each); the bound that all of them keep with
95 per cent is 4.2 (Bonferroni). The seed is fixed, so what is asserted is 3 for this one.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from scipy.special import stdtrit

from joinedup.planning import check, engine
from joinedup.planning.statistics import estimate
from tests.spec.planning.cases import NOT_EXPRESSED, cases

RUNS = 20
SEED = 1
ERRORS = 3.0


@pytest.fixture(scope="module")
def exact(shared: Path) -> dict[str, Any]:
    return json.loads((shared / "bench/planning/exact.json").read_text())


def value_of(known: Any, name: str) -> float:
    """A value by its dotted name: `asu.10`, `Wq.0`."""
    for part in name.split("."):
        known = known[int(part)] if isinstance(known, list) else known[part]
    return float(known)


def test_every_known_answer_is_found(exact: dict[str, Any], full: bool) -> None:
    beyond, tests = {}, 0
    for key, case in cases(10.0 if full else 1.0):
        outcome = engine.simulate(case.network, seed=SEED, runs=RUNS)
        for name, read in case.reads.items():
            z = estimate(read(outcome)).errors_from(value_of(exact[key], name))
            tests += 1
            if abs(z) > ERRORS:
                beyond[f"{key}: {name}"] = round(z, 2)
    assert tests >= 80
    assert bound_of(tests) == pytest.approx(4.2, abs=0.1)
    assert beyond == {}


def bound_of(tests: int) -> float:
    """The bound that as many right answers keep with 95 per cent."""
    return -float(stdtrit(RUNS - 1, 0.05 / tests / 2))


def test_every_known_answer_is_asked_for(exact: dict[str, Any]) -> None:
    """What is left out is left out by name; the exponential season is the lognormal one's twin."""
    asked = {key for key, _ in cases(0.1)} | set(NOT_EXPRESSED)
    assert set(exact) - asked == {"Mt/M/inf beds: 60/day x(1+.15cos), LoS exp 6 d"}


def test_books_are_computed_again_and_agree(exact: dict[str, Any]) -> None:
    """`planning.check` shares no line with the programme that wrote exact.json."""
    ten = exact["M/M/10 a=9 mu=1"]
    assert check.erlang_c(10, 9.0) == pytest.approx(ten["Pwait"], rel=1e-12)
    assert check.mean_wait(10, 9.0) == pytest.approx(ten["Wq"], rel=1e-12)
    assert check.erlang_b(10, 9.0) == pytest.approx(ten["Pblock_loss"], rel=1e-12)
    one = exact["M/G/1 lognormal mean1 sd1.5 lam=.8"]
    assert check.one_server_wait(0.8, 1.0, 1.5) == pytest.approx(one["Wq"])
    by_class = exact["M/M/10 2 priorities 5,4"]["Wq"]
    assert check.mean_wait_by_priority(10, [5.0, 4.0]) == pytest.approx(by_class)
    impatient = check.erlang_a(11.0, 10, 0.5)
    known = exact["M/M/10+M lam=11 mu=1 theta=.5"]
    assert impatient.gives_up == pytest.approx(known["P_abandon"], rel=1e-9)
    assert impatient.waits == pytest.approx(known["P_wait"], rel=1e-9)


@pytest.mark.parametrize("stations", [2, 3, 4, 5])
def test_lines_without_buffers_are_hunts(exact: dict[str, Any], stations: int) -> None:
    known = exact[f"saturated tandem {stations} stations no buffer BAS mu=1"]["throughput"]
    assert check.saturated_line(stations) == pytest.approx(known, rel=1e-9)


def test_bed_blocking_is_a_small_markov_chain(exact: dict[str, Any]) -> None:
    known = exact["bed blocking A"]
    ward = check.bed_blocking(4.0, 1.0, 7, share=0.4, stay=2.0, places=4, most=200)
    assert ward.wait == pytest.approx(known["Wq"], rel=1e-6)
    assert ward.delay == pytest.approx(known["mean_delay_of_those_who_need"], rel=1e-6)
    assert ward.blocked == pytest.approx(known["beds_blocked"], rel=1e-6)


def test_the_wave_of_a_season_is_later_and_lower(exact: dict[str, Any]) -> None:
    """exact.json cuts the longest stays off at 400 days; `check` does not, hence 0.2 per cent."""
    known = exact["Mt/G/inf packages: 7.2/day x(1+.15cos), lognormal mean 60 sd 50"]
    found = check.season(7.2, 0.15, 365.0, 60.0, 50.0)
    assert found.most == pytest.approx(known["peak"], rel=2e-3)
    assert found.lag == pytest.approx(known["lag_days"], rel=2e-3)
