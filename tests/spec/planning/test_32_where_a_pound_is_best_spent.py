"""Where a pound is best spent: curves of gains, the best plan within limits, whole pounds, ranks.

The ranking advises, people decide. Toy places, whose best plan is known by hand, come first.
"""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joinedup.fhir.issue import Invalid
from joinedup.planning.allocation.answer import BEST, BEST_WITHIN, BY_NEED, Spend, Terms, answer
from joinedup.planning.allocation.concave import Curve, fit_curve
from joinedup.planning.allocation.gains import (
    GRID,
    Gains,
    by_age,
    curves_of,
    play_gains,
    played_together,
)
from joinedup.planning.allocation.needs import Needs, proxy_needs, read_needs
from joinedup.planning.allocation.plan import Limits, PlaceCurves, best_plan, freed_by
from joinedup.planning.allocation.pounds import whole_pounds
from joinedup.planning.allocation.ranks import ranked
from joinedup.planning.allocation.supply import AT_HOME, IN_BEDS, Supply, supply_of
from joinedup.planning.allocation.ways import WAYS, option_of, way_named
from joinedup.planning.allocation.winter import Winter
from joinedup.planning.places import names

WINTER = Winter(date(2025, 11, 1), date(2026, 3, 31))
DECEMBER = Winter(date(2025, 12, 1), date(2025, 12, 31))
FREE = Limits(0.0, 100.0, 1e9, 1e9)
Rows = tuple[tuple[float, ...], ...]


def supply(there: float) -> Supply:
    """A pound opens a thousandth of a place of home care, and a millionth of any other."""
    opens = {"home care": 1e-3, "reablement": 1e-6, "community beds": 1e-6}
    return Supply(opens, {AT_HOME: there, IN_BEDS: there})


def place(code: str, there: float = 100.0, **curves: Curve) -> PlaceCurves:
    """A toy place; a pound opens a thousandth of a place of home care."""
    named = {way.replace("_", " "): curve for way, curve in curves.items()}
    return PlaceCurves(code, named, supply(there))


# Whole pounds


def test_the_2018_grant_in_whole_pounds_is_the_published_division() -> None:
    """domain.md 9.9: 240 million by shares of 0.0123 and 0.0077, and all adds up exactly."""
    shares = {"a": 0.0123, "b": 0.0077} | {f"c{i}": 0.98 / 150 for i in range(150)}
    found = whole_pounds(240_000_000, shares)
    assert (found["a"], found["b"]) == (2_952_000, 1_848_000)
    assert sum(found.values()) == 240_000_000


def test_a_pound_that_is_over_goes_to_the_largest_remainder_and_then_by_name() -> None:
    assert whole_pounds(10, {"b": 1.0, "a": 1.0, "c": 1.0}) == {"b": 3, "a": 4, "c": 3}
    assert whole_pounds(10, {"a": 1.0, "b": 1.5, "c": 4.0}) == {"a": 2, "b": 2, "c": 6}
    assert whole_pounds(1, {"none": 0.0, "all": 2.0}) == {"none": 0, "all": 1}


@pytest.mark.parametrize("shares", [{}, {"a": 0.0}, {"a": -0.1, "b": 1.0}, {"a": math.nan}])
def test_shares_of_nothing_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(Invalid, match="at least one of them above 0"):
        whole_pounds(100, shares)


@given(
    st.integers(0, 10**12),
    st.dictionaries(st.text(min_size=1, max_size=4), st.floats(1e-6, 1e6), min_size=1, max_size=60),
)
def test_whole_pounds_add_up_and_no_order_changes_them(
    total: int, shares: dict[str, float]
) -> None:
    found = whole_pounds(total, shares)
    assert sum(found.values()) == total
    whole = math.fsum(shares.values())
    assert all(abs(found[n] - total * s / whole) < 1.0 + total * 1e-12 for n, s in shares.items())
    assert found == whole_pounds(total, dict(reversed(list(shares.items()))))


# Curves


def test_a_curve_goes_through_gains_that_fall_off_as_they_are() -> None:
    curve = fit_curve([1.0, 2.0, 4.0], [5.0, 8.0, 9.0])
    assert curve.gains == pytest.approx((0.0, 5.0, 8.0, 9.0))
    assert curve.gain(1.5) == pytest.approx(6.5)
    assert curve.gain(100.0) == pytest.approx(9.0), "level beyond what was played"


def test_a_rise_that_only_chance_can_make_is_evened_out() -> None:
    """0, 1, 4: the second pound may not free more than the first; pooled, both free 2."""
    assert fit_curve([1.0, 2.0], [1.0, 4.0]).slopes == pytest.approx((2.0, 2.0))
    assert fit_curve([1.0, 2.0], [-3.0, -4.0]).gains == (0.0, 0.0, 0.0)


@given(st.lists(st.floats(-50.0, 500.0), min_size=1, max_size=8))
def test_more_money_never_frees_fewer_beds_and_each_pound_frees_no_more(
    gains: list[float],
) -> None:
    curve = fit_curve([float(i + 1) ** 2 for i in range(len(gains))], gains)
    assert np.all(np.diff(curve.gains) >= 0.0)
    assert np.all(np.diff(curve.slopes) <= 1e-9)


# The best plan


def test_the_best_plan_of_a_toy_place_is_the_one_known_by_hand() -> None:
    """Two ways: 5, then 1 a pound; 3 a pound. Of 150: 100 on the first piece, 50 on the other."""
    toy = place("a", home_care=Curve((0.0, 100.0, 200.0), (0.0, 500.0, 600.0)),
                reablement=Curve((0.0, 100.0), (0.0, 300.0)))  # fmt: skip
    plan = best_plan([toy], budget=150.0, needs={"a": 1.0}, limits=FREE)
    assert plan == pytest.approx({("a", "home care"): 100.0, ("a", "reablement"): 50.0})
    assert freed_by(plan, [toy]) == pytest.approx(650.0)


def test_each_place_gets_its_fair_part_before_the_rest_goes_where_it_frees_most() -> None:
    """b frees ten times what a does; of 100 a still gets half of its half, and b no more than
    1.4 of its own: 5 are spent nowhere better than at a."""
    a = place("a", reablement=Curve((0.0, 1000.0), (0.0, 1000.0)))
    b = place("b", reablement=Curve((0.0, 1000.0), (0.0, 10_000.0)))
    needs = {"a": 0.5, "b": 0.5}
    plan = best_plan([a, b], budget=100.0, needs=needs, limits=Limits(0.5, 2.0, 0.1))
    assert plan == pytest.approx({("a", "reablement"): 25.0, ("b", "reablement"): 75.0})
    capped = best_plan([a, b], budget=100.0, needs=needs, limits=Limits(0.5, 1.4, 0.1))
    assert capped == pytest.approx({("a", "reablement"): 30.0, ("b", "reablement"): 70.0})


def test_care_that_nobody_would_work_in_is_not_bought() -> None:
    """100 places, a tenth more at most, a thousandth a pound: 10,000 pounds of home care."""
    toy = place("a", home_care=Curve((0.0, 50_000.0), (0.0, 500.0)))
    plan = best_plan([toy], budget=50_000.0, needs={"a": 1.0}, limits=Limits(0.0, 2.0, 0.1))
    assert plan["a", "home care"] == pytest.approx(10_000.0)


def test_community_beds_are_limited_by_those_there_are() -> None:
    """100 beds, half as many more at most, a millionth a pound."""
    toy = place("a", community_beds=Curve((0.0, 2e8), (0.0, 500.0)))
    plan = best_plan([toy], budget=2e8, needs={"a": 1.0}, limits=Limits(0.0, 2.0, 0.1, 0.5))
    assert plan["a", "community beds"] == pytest.approx(50e6)


def test_what_a_pound_opens_is_measured_against_all_who_are_supported() -> None:
    """Gloucestershire: some thousands of people of 65 and over at home, and community beds."""
    found = supply_of("QR1", WINTER)
    assert 1000 < found.there[AT_HOME] < 10_000
    assert 20 < found.there[IN_BEDS] < 400
    assert found.a_pound["home care"] > found.a_pound["reablement"] > 0.0


def test_limits_that_no_plan_keeps_are_refused() -> None:
    toy = place("a", home_care=Curve((0.0, 50_000.0), (0.0, 500.0)))
    with pytest.raises(Invalid, match="lower the least share, or raise the workers' share"):
        best_plan([toy], budget=50_000.0, needs={"a": 1.0}, limits=Limits(0.9, 2.0, 0.1))
    for wrong in (Limits(1.5, 2.0, 0.1), Limits(0.5, 0.9, 0.1), Limits(0.5, 2.0, -1.0)):
        with pytest.raises(Invalid, match="give a budget above 0"):
            best_plan([toy], budget=1.0, needs={"a": 1.0}, limits=wrong)


@st.composite
def toy_places(draw: st.DrawFn) -> list[PlaceCurves]:
    """A few places with random concave curves."""
    found = []
    for i in range(draw(st.integers(1, 5))):
        gains = draw(st.lists(st.floats(0.0, 100.0), min_size=3, max_size=3))
        more = draw(st.lists(st.floats(0.0, 100.0), min_size=3, max_size=3))
        amounts = [10.0, 40.0, 100.0]
        found.append(
            place(f"p{i}", 1e9, home_care=fit_curve(amounts, np.cumsum(gains)),
                  reablement=fit_curve(amounts, np.cumsum(more)))
        )  # fmt: skip
    return found


@settings(max_examples=25, deadline=None)
@given(toy_places(), st.floats(5.0, 400.0), st.integers(0, 10**6))
def test_no_plan_within_the_limits_frees_more_and_order_is_nothing(
    toys: list[PlaceCurves], budget: float, chance: int
) -> None:
    """Against plans at random, and against more money; in any order the same beds."""
    needs = {one.code: 1.0 / len(toys) for one in toys}
    best = freed_by(best_plan(toys, budget=budget, needs=needs, limits=FREE), toys)
    assert freed_by(
        best_plan(list(reversed(toys)), budget=budget, needs=needs, limits=FREE), toys
    ) == pytest.approx(best)
    more = best_plan(toys, budget=budget * 1.5, needs=needs, limits=FREE)
    assert freed_by(more, toys) >= best - 1e-6
    keys = [(one.code, way) for one in toys for way in one.curves]
    parts = np.random.default_rng(chance).dirichlet(np.ones(len(keys)), size=20)
    for row in parts:
        other = {key: budget * part for key, part in zip(keys, row.tolist(), strict=True)}
        assert freed_by(other, toys) <= best + 1e-6


# Ranks


def test_an_order_says_how_sure_it_is() -> None:
    chance = np.random.default_rng(1)
    found = ranked({
        "far": chance.normal(20.0, 1.0, 400),
        "one": chance.normal(10.0, 2.0, 400),
        "two": chance.normal(9.9, 2.0, 400),
    })  # fmt: skip
    assert (found[0].name, found[0].rank, found[0].low, found[0].high) == ("far", 1, 1, 1)
    assert {(r.low, r.high) for r in found[1:]} == {(2, 3)}
    assert found[0].first_share == 1.0
    assert found[0].value.low < found[0].value.mean < found[0].value.high


# Needs


def test_needs_are_read_from_a_file_and_made_to_add_up() -> None:
    text = "place,share\nGloucestershire,0.01\nQJM,0.015\nDevon,0.02\n"
    needs = read_needs(text, ("QR1", "QJM"), name="rnf.csv")
    assert needs.shares == pytest.approx({"QR1": 0.4, "QJM": 0.6})
    assert (needs.source, needs.proxy) == ("rnf.csv", False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,share\n", "line 1: give the columns place, share"),
        ("place,share\nAtlantis,0.1\n", "line 2: there is no place 'Atlantis'"),
        ("place,share\nQR1,0.1\nGlos,0.1\n", "line 3: Gloucestershire is given twice"),
        ("place,share\nQR1,12\n", "line 2: share '12' is none: give a part of 1"),
        ("place,share\nQJM,0.1\n", "no share is given for Gloucestershire: add a line"),
        ("place,share\nQR1,0.9\nQJM,0.9\n", "the shares add up to 1.8000: give parts of 1"),
    ],
)
def test_needs_that_are_none_are_refused_by_file_and_line(text: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_needs(text, ("QR1",), name="rnf.csv")
    assert refused.value.problems[0].message.startswith("rnf.csv")
    assert said in refused.value.problems[0].message


def test_the_stand_in_for_needs_says_that_it_is_one() -> None:
    needs = proxy_needs(tuple(names()), on=WINTER.begins)
    assert needs.proxy and "not the relative needs formula" in needs.source
    assert math.fsum(needs.shares.values()) == pytest.approx(1.0)


# What money buys, played


def test_every_way_says_what_it_does_and_whether_anybody_published_it() -> None:
    gloucestershire = WINTER.place("QR1")
    for way in WAYS:
        option = option_of(gloucestershire, way, 1e6, begins=WINTER.begins, ends=WINTER.ends)
        (change,) = option.changes
        assert way.assumed == ("reckoned" in str(getattr(change, "source", "")))
    with pytest.raises(KeyError, match="use one of home care, reablement"):
        way_named("leeches")


@pytest.fixture(scope="module")
def played() -> Gains:
    """Gloucestershire played for a December: two draws, two runs each."""
    return play_gains("QR1", DECEMBER, share_pounds=6e5, draws=2, threads=1)


def test_played_in_pairs_money_frees_beds(played: Gains) -> None:
    assert played.amounts == tuple(6e5 * part for part in GRID)
    for way in ("reablement", "community beds", "prevention"):
        assert played.gain(way, 6e5).mean() > 0.2
    curves = curves_of(played, supply(1e9)).curves
    assert all(np.all(np.diff(curve.gains) >= 0.0) for curve in curves.values())
    assert played.gain("home care", 0.0).tolist() == [0.0, 0.0]


def test_a_plan_played_at_once_says_who_is_helped_by_age(played: Gains) -> None:
    pairs = played_together("QR1", DECEMBER, {"community beds": 6e5}, draws=2, threads=1)
    ages = by_age(pairs, 1)
    assert set(ages) == {"under 65", "65 to 84", "85 and over"}
    assert sum(float(freed.mean()) for freed in ages.values()) > 0.0


# The answer


def toy_gains(code: str, per_million: float, seed: int) -> Gains:
    """Played gains of a place made up: straight to its share of 2 million, then half as much."""
    chance = np.random.default_rng(seed)
    amounts = tuple(2e6 * part for part in GRID)

    def rows(times: float) -> Rows:
        found = []
        for _ in range(8):
            luck = per_million * times * float(chance.uniform(0.8, 1.2))
            found.append(tuple(min(a, 2e6) / 1e6 * luck + max(a - 2e6, 0) / 2e6 * luck
                               for a in amounts))  # fmt: skip
        return tuple(found)

    freed = {way.name: rows(1.0 if way.name == "reablement" else 0.3) for way in WAYS}
    return Gains(code, amounts, freed)


def toy_answer(gains: list[Gains]) -> Spend:
    needs = Needs({"QR1": 0.5, "QJM": 0.5}, "by hand", proxy=False)
    ways = ("home care", "reablement", "community beds")
    plenty = dict.fromkeys(needs.shares, supply(1e9))
    return answer(gains, WINTER, Terms(4_000_001, needs, plenty, Limits(), ways), seed=1)


def test_the_answer_of_toy_places_is_the_one_known_by_hand() -> None:
    """Lincolnshire frees 10 a million, Gloucestershire 4, half of it past 2 million. So of 4
    million Lincolnshire gets its 2, then both curves are at 5 and 4: 3 million, and 1 million."""
    found = toy_answer([toy_gains("QR1", 4.0, 1), toy_gains("QJM", 10.0, 2)])
    by_code = {lot.code: lot for lot in found.lots}
    assert by_code["QJM"].by_way["reablement"] == pytest.approx(3_000_000, abs=2)
    assert by_code["QR1"].by_way["reablement"] == pytest.approx(1_000_000, abs=2)
    assert [one.name for one in found.places] == ["Lincolnshire", "Gloucestershire"]
    assert found.kinds[0].name == "reablement"
    assert [one.name for one in found.compared] == [BY_NEED, BEST_WITHIN, BEST]
    by_need, within, best = (one.freed.mean for one in found.compared)
    assert by_need < within < best


def test_pounds_add_up_to_the_budget_and_the_order_of_places_is_nothing() -> None:
    places = [toy_gains("QR1", 4.0, 1), toy_gains("QJM", 10.0, 2)]
    found = toy_answer(places)
    assert sum(lot.need_pounds for lot in found.lots) == 4_000_001
    assert sum(lot.pounds for lot in found.lots) == 4_000_001
    assert all(sum(lot.by_way.values()) == lot.pounds for lot in found.lots)
    assert toy_answer(list(reversed(places))) == found


def test_a_plan_is_scored_on_draws_it_was_not_made_from() -> None:
    """Twenty kinds of noise: the best of them frees nothing where it is held against others."""
    chance = np.random.default_rng(7)
    amounts = tuple(2e6 * part for part in GRID)

    def noise() -> Rows:
        return tuple(tuple(float(chance.normal(0.0, 5.0)) for _ in amounts) for _ in range(8))

    gains = [Gains(code, amounts, {way.name: noise() for way in WAYS}) for code in ("QR1", "QJM")]
    honest = toy_answer(gains).compared[2].freed.mean
    plan = best_plan(
        [curves_of(one, supply(1e9)) for one in gains], budget=4e6, needs={"QR1": 0.5, "QJM": 0.5},
        limits=Limits(),
    )  # fmt: skip
    hoped = freed_by(plan, [curves_of(one, supply(1e9)) for one in gains])
    assert honest < hoped
