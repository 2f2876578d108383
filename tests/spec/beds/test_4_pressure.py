"""Beds, chapter 4. How hard-pressed: a level reckoned from measures, a level declared (WI-01)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinedup.beds.rules.opel import LEVELS, as_return, declared, reckoned
from joinedup.fhir.check import check
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.profiles import returned
from joinedup.fhir.wire import read_resource, write_resource
from joinedup.reference.codes.discharge import pressures
from joinedup.reference.tables import rows
from tests.spec.beds.wards import CONSULTANT, DAY, HOSPITAL, january

TABLE = pressures(on=DAY)
CALM = {p.code: Decimal(0) if p.up else Decimal(100) for p in TABLE}


def at_threshold(score: int) -> dict[str, Decimal]:
    """Every measure just at the threshold of a score."""
    return {p.code: p.thresholds[score - 1] for p in TABLE}


def test_thresholds_are_rows_that_a_place_sets() -> None:
    """None is in the code, and each is marked as assumed."""
    assert len(TABLE) == 10
    assert all(row["assumption"] == "yes" for row in rows("codes/opel", on=DAY))


def test_a_calm_place_is_one_and_a_place_at_its_limits_is_four() -> None:
    assert reckoned(CALM, on=DAY).level == 1
    assert reckoned(at_threshold(1), on=DAY).level == 2
    assert reckoned(at_threshold(2), on=DAY).level == 3
    assert reckoned(at_threshold(3), on=DAY).level == 4


def test_the_score_says_what_it_is_out_of() -> None:
    assert reckoned(at_threshold(2), on=DAY).words == "Score 20 of 30 from 10 of 10 measures"


def test_a_measure_that_is_missing_is_not_calm() -> None:
    """It is named, and taken out of both the score and what it could be."""
    some = {**at_threshold(3), "occupancy-percent": None}
    some.pop("handover-minutes")
    found = reckoned(some, on=DAY)
    assert found.missing == ("handover-minutes", "occupancy-percent") and found.level == 4
    assert found.words == "Score 24 of 24 from 8 of 10 measures"
    with pytest.raises(Unprocessable, match="Nothing was measured"):
        reckoned({}, on=DAY)


def test_fewer_people_seen_in_four_hours_is_more_pressure() -> None:
    low, high = ({**CALM, "four-hour-percent": Decimal(n)} for n in (60, 79))
    assert reckoned(low, on=DAY).scores["four-hour-percent"] == 3
    assert reckoned(high, on=DAY).scores["four-hour-percent"] == 0


def test_reckoned_three_declared_two_shows_as_two_with_the_three() -> None:
    """10.3 example 8: visible to partners as 2 (calc 3), with the reason kept."""
    three = reckoned(at_threshold(2), on=DAY)
    why = "Ten community beds open at noon"
    said = declared(HOSPITAL, three, 2, by=CONSULTANT, at=january(10, 9), why=why)
    assert said.words == "2 (calc 3)" and said.why == why
    kept = as_return(said, 1)
    assert (kept.counts["declared"], kept.counts["reckoned"], kept.why) == (2, 3, why)


def test_another_level_than_reckoned_needs_a_reason_and_a_name() -> None:
    """WI-01."""
    three = reckoned(at_threshold(2), on=DAY)
    at = january(10, 9)
    assert declared(HOSPITAL, three, 3, by=CONSULTANT, at=at).words == "3"
    with pytest.raises(Unprocessable, match=r"give 3\. Say why 2"):
        declared(HOSPITAL, three, 2, by=CONSULTANT, at=at, why="quiet")
    with pytest.raises(Unprocessable, match="by name"):
        declared(HOSPITAL, three, 3, by="Organization/RX9", at=at)


@pytest.mark.parametrize("level", [0, 5])
def test_there_is_no_level_five(level: int) -> None:
    with pytest.raises(Unprocessable, match=f"no level {level}"):
        declared(HOSPITAL, reckoned(CALM, on=DAY), level, by=CONSULTANT, at=january(10))


def test_what_is_measured_is_one_of_the_measures_and_not_below_nothing() -> None:
    with pytest.raises(Unprocessable, match="No measure of pressure: mood"):
        reckoned({**CALM, "mood": Decimal(1)}, on=DAY)
    with pytest.raises(Unprocessable, match="below nothing"):
        reckoned({**CALM, "handover-minutes": Decimal(-1)}, on=DAY)


def test_both_levels_are_kept_as_a_return_that_names_nobody() -> None:
    said = declared(HOSPITAL, reckoned(CALM, on=DAY), 1, by=CONSULTANT, at=january(10, 9))
    written = read_resource(write_resource(returned.build(as_return(said, 1))))
    assert check(written) == () and returned.read(written) == as_return(said, 1)


@given(
    base=st.fixed_dictionaries({p.code: st.decimals(0, 150, places=1) for p in TABLE}),
    which=st.sampled_from(TABLE),
    more=st.decimals(0, 100, places=1),
)
def test_a_worse_measure_never_lowers_the_level(
    base: dict[str, Decimal], which: object, more: Decimal
) -> None:
    before = reckoned(base, on=DAY)
    value = base[which.code]
    worse = {**base, which.code: value + more if which.up else max(Decimal(0), value - more)}
    assert reckoned(worse, on=DAY).level >= before.level
    assert before.level in LEVELS
