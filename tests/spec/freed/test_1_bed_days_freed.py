"""Freed beds, chapter 1. Bed-days freed: baseline against actual, or that it cannot be said."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from joinedup.fhir.issue import Invalid
from joinedup.measures.freed import (
    CannotBeSaid,
    Estimate,
    Question,
    Series,
    WinterSize,
    estimate_freed,
    freed_by_part,
)
from tests.spec.freed.series import FIRST, LAST, Count, question_of, usual


def freed(question: Question, *, days_back: int | None = None) -> Estimate:
    found = estimate_freed(question, days_back=days_back)
    assert isinstance(found, Estimate)
    return found


def less(by: int) -> Count:
    """Return the usual counts with so many fewer a day while the money is there."""
    return lambda back, day: usual(back, day) - (by if back == 0 and day >= 0 else 0)


def test_ten_fewer_a_day_than_ever_before_is_found() -> None:
    """42 days of ten fewer: about 420 bed-days, ten beds, and an interval that leaves 0 out."""
    found = freed(question_of(less(10)))
    assert found.low <= 420 <= found.high
    assert found.bed_days == pytest.approx(420, abs=150)
    assert found.says_something
    assert found.beds[0] == pytest.approx(found.bed_days / 42)


def test_a_winter_like_the_others_frees_nothing() -> None:
    """No effect: the interval lies around zero."""
    found = freed(question_of(usual))
    assert found.low < 0 < found.high
    assert not found.says_something


@given(st.integers(1, 400))
@settings(max_examples=5, deadline=None)
def test_counts_that_never_change_free_nothing(count: int) -> None:
    """The same number every day of every year: around zero, and narrow."""
    found = freed(question_of(lambda _back, _day: count))
    assert found.low <= 0 <= found.high
    assert found.high - found.low < 42 * count * 0.2


def test_twice_as_many_people_is_twice_the_estimate() -> None:
    """All counts doubled: estimate and interval are doubled too."""
    once = freed(question_of(less(6)))
    twice = freed(question_of(lambda back, day: 2 * (less(6)(back, day) or 0)))
    for name in ("bed_days", "low", "high", "expected", "actual"):
        assert getattr(twice, name) == pytest.approx(2 * getattr(once, name), rel=1e-6)


def test_names_of_providers_change_nothing() -> None:
    """The same series under each other's names: the same numbers, to the last digit."""
    one = question_of(less(4), usual)
    names = [s.provider for s in one.touched]
    swapped = tuple(
        replace(series, provider=name)
        for series, name in zip(one.touched, reversed(names), strict=True)
    )
    first, other = freed(one), freed(replace(one, touched=tuple(reversed(swapped))))
    assert (first.bed_days, first.low, first.high) == (other.bed_days, other.low, other.high)


def test_a_missing_day_is_missing_and_not_nought() -> None:
    """Days not counted are named, and say nothing: as 0 they would look like 30 beds freed each."""

    def with_gaps(back: int, day: int) -> int | None:
        return None if back == 0 and day in (3, 4, 11, 25) else usual(back, day)

    def with_noughts(back: int, day: int) -> int:
        return with_gaps(back, day) or 0

    found, whole = freed(question_of(with_gaps)), freed(question_of(usual))
    assert (found.days_counted, found.days_missing) == (38, 4)
    assert found.actual < whole.actual
    assert found.bed_days / 38 == pytest.approx(whole.bed_days / 42, abs=1.0)
    assert freed(question_of(with_noughts)).bed_days > found.bed_days + 100


def test_a_day_that_one_provider_did_not_count_is_missing_for_the_whole() -> None:
    """A sum with a part missing is not a smaller sum."""
    gap = question_of(usual, lambda back, day: None if (back, day) == (0, 5) else usual(back, day))
    assert freed(gap).days_missing == 1


def test_the_future_is_not_missing() -> None:
    """With ten days of the money to come, the number is of those that have passed, and says so."""
    found = freed(question_of(usual, as_of=LAST - timedelta(days=10)))
    assert (found.days_counted, found.days_missing) == (32, 0)
    assert found.last == LAST - timedelta(days=10)
    assert found.age_days == 0


def test_days_back_in_hospital_are_taken_off_all_three() -> None:
    """Estimate and both ends are less by days back within 28 days; unknown is said, not 0."""
    gross, net = freed(question_of(less(10))), freed(question_of(less(10)), days_back=25)
    assert gross.days_back is None and "not known" in gross.method
    for name in ("bed_days", "low", "high"):
        assert getattr(net, name) == pytest.approx(getattr(gross, name) - 25)


def test_it_says_what_it_is() -> None:
    """House law 13: the word "estimated", denominator, period, age, method."""
    found = freed(question_of(less(10), as_of=LAST + timedelta(days=3)))
    assert found.word == "estimated"
    assert found.age_days == 3
    assert "42 days from 2017-12-01 to 2018-01-11" in found.denominator
    assert "2014, 2015, 2016" in found.denominator
    assert found.method.startswith("Estimated:")
    assert "package" not in found.method + found.denominator


def test_what_the_money_could_not_touch_is_compared_with() -> None:
    """When every reason falls together by ten, the money is not credited with all of it."""
    alone = question_of(less(10))
    others = Series("hospital 9", "diagnostic test", question_of(less(10)).touched[0].days)
    beside = replace(alone, untouched=(others,))
    assert freed(beside).bed_days < freed(alone).bed_days
    assert len(freed(beside).compared_with) == 1


def test_a_size_of_the_winter_with_gaps_is_not_used_and_named() -> None:
    """Flu known on the days of one year only cannot be compared: it is left out, by name."""
    flu = WinterSize("flu", {FIRST + timedelta(days=n): 3.0 for n in range(42)})
    assert freed(replace(question_of(usual), sizes=(flu,))).not_used == ("flu",)


def test_parts_are_estimated_apart() -> None:
    """Each provider and reason has its own number and interval."""
    parts = freed_by_part(question_of(less(10), usual))
    found = {name: one for name, one in parts.items() if isinstance(one, Estimate)}
    assert found["hospital 0", "home care"].says_something
    assert not found["hospital 1", "home care"].says_something


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (question_of(usual, years=1), "1 earlier year:"),
        (question_of(usual, years=0), "0 earlier years"),
        (question_of(usual, as_of=FIRST + timedelta(days=20)), "21 days"),
        (question_of(usual, as_of=FIRST - timedelta(days=1)), "not come yet"),
        (question_of(lambda b, d: None if b == 0 and d > 20 else usual(b, d)), "too many"),
        (question_of(lambda b, d: None if b == 0 and d < -20 else usual(b, d)), "needs 28"),
        (question_of(lambda _b, _d: 0), "nothing to free"),
    ],
)
def test_where_it_cannot_be_said_no_number_is_given(question: Question, why: str) -> None:
    """Too few days, none before the money, no earlier years, nobody waiting: words, not a 0."""
    found = estimate_freed(question)
    assert isinstance(found, CannotBeSaid)
    assert why in found.why


def test_days_left_out_compare_with_nothing() -> None:
    """A winter with money of its own, or another way of counting, is no baseline."""
    question = replace(question_of(usual), left_out=((date(2016, 9, 1), date(2017, 3, 31)),))
    assert freed(question).years == (2014, 2015)


def test_questions_that_contradict_themselves_are_refused() -> None:
    """Ends before it begins, nothing touched, a series twice, a count below 0: all told at once."""
    good = question_of(usual)
    below = Series("hospital 0", "home care", {FIRST: -1})
    for question, problems in (
        (replace(good, last=FIRST - timedelta(days=1)), 1),
        (replace(good, last=FIRST + timedelta(days=400)), 1),
        (replace(good, touched=()), 1),
        (replace(good, untouched=(below,)), 2),
    ):
        with pytest.raises(Invalid) as refused:
            estimate_freed(question)
        assert len(refused.value.problems) == problems
