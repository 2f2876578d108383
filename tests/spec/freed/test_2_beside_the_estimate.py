"""Freed beds, chapter 2. What is shown beside: days back, a credit by start, staff hours."""

from datetime import date, timedelta

import pytest

from joinedup.measures.freed import (
    CameBack,
    Estimate,
    Start,
    Waited,
    credit_of,
    days_back_in_hospital,
    estimate_freed,
    hours_released,
)
from joinedup.measures.freed.credit import median_wait
from tests.spec.freed.series import question_of, usual

FIRST, LAST = date(2018, 1, 1), date(2018, 1, 31)
ASKED = date(2018, 3, 1)


def on(day: int) -> date:
    return FIRST + timedelta(days=day - 1)


def test_a_return_within_28_days_takes_its_nights_off() -> None:
    """Home on the 2nd, back on the 10th, ready again on the 14th: four nights."""
    assert (
        days_back_in_hospital([CameBack("a", on(2), on(10), on(14))], first=FIRST, last=LAST) == 4
    )


def test_a_return_on_day_29_is_another_stay() -> None:
    """28 days after leaving counts, 29 does not."""
    for day, nights in ((30, 1), (31, 0)):
        one = CameBack("a", on(2), on(day), on(day + 1))
        assert days_back_in_hospital([one], first=FIRST, last=LAST) == nights


def test_a_night_counts_once_and_only_within_the_period() -> None:
    """The same night told twice is one; nights after the last day are another period's."""
    twice = [CameBack("a", on(2), on(10), on(12)), CameBack("a", on(3), on(11), on(13))]
    assert days_back_in_hospital(twice, first=FIRST, last=LAST) == 3
    assert days_back_in_hospital([CameBack("a", on(20), on(30))], first=FIRST, last=LAST) == 2


def waits(*days: int, reason: str = "home care") -> list[Waited]:
    begins = date(2017, 1, 1)
    return [Waited(reason, begins, begins + timedelta(days=n)) for n in days]


def test_a_start_is_credited_with_the_days_to_the_middle_wait() -> None:
    """Half of those before had left by day 8: a start on day 3 is five days, on day 11 minus 3."""
    before = waits(*[8] * 20)
    starts = [Start("home care", on(1), on(4)), Start("home care", on(1), on(12))]
    found = credit_of(starts, before, as_of=ASKED)
    assert (found.bed_days, found.starts, found.not_said) == (5 - 3, 2, 0)
    assert found.word == "estimated" and "never add it" in found.method


def test_money_that_does_nothing_earns_no_credit() -> None:
    """Starts that waited as those before did: late ones cancel early ones."""
    lengths = list(range(21))
    starts = [Start("home care", on(1), on(1) + timedelta(days=n)) for n in lengths]
    assert credit_of(starts, waits(*lengths), as_of=ASKED).bed_days == 0


def test_too_few_waits_before_is_not_said() -> None:
    """Nineteen who waited for the reason: its starts are counted as not said, not as nought."""
    found = credit_of([Start("home care", on(1), on(4))], waits(*[8] * 19), as_of=ASKED)
    assert (found.starts, found.not_said) == (0, 1)


def test_waits_that_go_on_are_longer_than_they_are_now() -> None:
    """Ten left after 5 days, eleven wait still: the middle is not 5, it is not known yet."""
    still = [Waited("home care", date(2018, 2, 20), None)] * 11
    assert median_wait(waits(*[5] * 10) + still, "home care", as_of=ASKED) is None
    assert median_wait(waits(*[5] * 12) + still, "home care", as_of=ASKED) == 5


def test_staff_hours_are_the_same_days_times_a_dated_row() -> None:
    """Hours with the interval of the days, the row's date and that it is assumed."""
    estimate = estimate_freed(question_of(usual))
    assert isinstance(estimate, Estimate)
    found = hours_released(estimate)
    assert found.hours == pytest.approx(estimate.bed_days * found.hours_a_day)
    assert (found.low, found.high) == (
        pytest.approx(estimate.low * found.hours_a_day),
        pytest.approx(estimate.high * found.hours_a_day),
    )
    assert found.assumed and found.since <= estimate.last
