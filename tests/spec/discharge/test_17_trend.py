"""Going home, chapter 17. Is a change a change? Limits of what is ordinary, and what is outside."""

from fractions import Fraction

import pytest

from joinedup.discharge.board_chart import drawn
from joinedup.discharge.board_trend import trend_over
from joinedup.discharge.rules.trend import LEAST_POINTS, Limits, limits, signals, waiting_at
from joinedup.fhir.issue import Unprocessable
from tests.spec.discharge.stays import november

STEADY = (40, 44) * 6
"""Mean 42, each day 4 from the next: limits 42 ± 2.66 x 4."""


def test_limits_are_the_mean_and_2_66_mean_moving_ranges() -> None:
    """By hand: 42, 31.36 and 52.64."""
    found = limits(STEADY)
    assert found == Limits(Fraction(42), Fraction(3136, 100), Fraction(5264, 100))
    assert signals(STEADY, found) == ()


def test_a_count_is_never_below_nothing() -> None:
    assert limits((0, 10) * 6).lower == 0


def test_a_place_that_never_varies_has_no_width() -> None:
    flat = limits((5,) * LEAST_POINTS)
    assert flat.lower == flat.middle == flat.upper == 5
    assert signals((5,) * LEAST_POINTS, flat) == ()


def test_fewer_than_twelve_days_have_no_limits() -> None:
    with pytest.raises(Unprocessable, match="need 12 days; there are 11"):
        limits(STEADY[:11])


def test_a_day_outside_the_limits_is_told() -> None:
    """On the limit is still ordinary."""
    within = limits(STEADY)
    found = signals((42, 53, 31, 52, 32), within)
    assert [(s.first, s.words) for s in found] == [
        (1, "53 is more than varies ordinarily."),
        (2, "31 is fewer than varies ordinarily."),
    ]
    assert signals((10,), Limits(Fraction(5), Fraction(0), Fraction(10))) == ()


@pytest.mark.parametrize(("days", "told"), [(7, 0), (8, 1), (9, 1)])
def test_eight_days_on_one_side_are_told_once(days: int, told: int) -> None:
    found = signals((40, *(43,) * days, 41), limits(STEADY))
    assert len(found) == told
    if found:
        assert (found[0].first, found[0].last) == (1, days)
        assert found[0].words == f"{days} days running more than usual."


def test_a_day_on_the_middle_line_breaks_a_run_and_the_other_side_begins_another() -> None:
    broken = (43, 43, 43, 43, 42, 43, 43, 43, 43)
    assert signals(broken, limits(STEADY)) == ()
    both = signals((41,) * 8 + (43,) * 8, limits(STEADY))
    assert [(s.first, s.last) for s in both] == [(0, 7), (8, 15)]
    assert both[0].words == "8 days running fewer than usual."


def test_people_waiting_at_a_moment_count_once_each() -> None:
    """From the minute they are ready until the minute they leave, or need the bed again."""
    at = [november(day, 8) for day in (3, 4, 5, 6)]
    joyce = ((november(3, 9), november(4, 9)), (november(5, 9), None))
    arthur = ((november(3, 8), november(5, 8)),)
    assert waiting_at([joyce, arthur, ()], at) == (1, 2, 0, 1)


def test_a_trend_has_limits_from_twelve_mornings_on() -> None:
    days = tuple(november(n).date() for n in range(1, 13))
    short = trend_over(days[:11], (5,) * 11)
    assert short.within is None
    assert "12 mornings" in short.ordinarily
    whole = trend_over(days, (4, 9) * 5 + (4, 30))
    assert whole.within is not None
    assert "more than varies ordinarily" in whole.says(11)
    assert whole.says(0) == ""
    assert drawn(whole).levels[0][0] == "upper"
    assert [asks for _, _, asks in drawn(whole).dots].count(True) == 1
