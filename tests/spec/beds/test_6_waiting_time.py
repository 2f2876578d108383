"""Beds, chapter 6. The clock from referral to treatment never pauses (WI-02)."""

from datetime import date, timedelta

import pytest

from joinedup.access.words import Role
from joinedup.beds.rules.deferral import deferred
from joinedup.beds.rules.waiting import (
    STOPS,
    entry_problems,
    is_breach,
    paused,
    redate_by,
    stopped,
    two_clocks,
    waited_weeks,
    within_standard,
)
from joinedup.fhir.issue import Unprocessable
from tests.spec.beds.wards import CONSULTANT, DAY, elective, january

WEEK_15 = DAY - timedelta(weeks=15)


def test_put_off_at_week_15_for_five_weeks_is_20_weeks_and_a_breach() -> None:
    """10.3 example 3."""
    entry = elective(clock_start=WEEK_15)
    assert waited_weeks(entry, DAY) == 15 and not is_breach(entry, DAY)
    new = DAY + timedelta(weeks=5)
    later = deferred(entry, new, at=january(9), by=CONSULTANT, role=Role.CONSULTANT)
    assert later.clock_start == WEEK_15
    treated = stopped(later, new, "treated")
    assert waited_weeks(treated, new + timedelta(days=90)) == 20 and is_breach(treated, new)


def test_there_is_no_pause() -> None:
    """10.3 example 3: since 1 October 2015, for nobody's reason."""
    with pytest.raises(Unprocessable, match="never paused"):
        paused(elective())
    assert not any("pause" in reason.lower() for reason in STOPS.values())


def test_126_days_are_within_18_weeks_and_127_are_not() -> None:
    """And the denominator of the 92 per cent is every running clock."""
    inside, outside = (elective(clock_start=DAY - timedelta(days=n)) for n in (126, 127))
    assert not is_breach(inside, DAY) and is_breach(outside, DAY)
    over = elective(clock_stop=DAY, stop_reason="treated")
    assert within_standard([inside, inside, outside, over], DAY) == (2, 3)


def test_cancelled_on_the_day_is_dated_again_within_28_days() -> None:
    """10.3 example 4: 10 January, so by 7 February."""
    assert redate_by(DAY, DAY) == date(2018, 2, 7)
    assert redate_by(DAY + timedelta(days=1), DAY) == date(2018, 2, 7)
    assert redate_by(DAY - timedelta(days=1), DAY) is None


def test_a_clock_starts_and_stops_once() -> None:
    """domain.md 10.2b: an entry without a start."""
    assert entry_problems(elective(), on=DAY) == ()
    assert entry_problems(elective(clock_start=DAY), on=DAY) == ()
    assert entry_problems(elective(clock_start=None), on=DAY)[0].code == "required"
    assert entry_problems(elective(clock_start=DAY + timedelta(1)), on=DAY)[0].code == "value"
    assert entry_problems(elective(priority="soon"), on=DAY)[0].code == "code-invalid"
    done = stopped(elective(), DAY, "treated")
    with pytest.raises(Unprocessable, match="This clock stopped on 10 January 2018"):
        stopped(done, DAY, "treated")
    with pytest.raises(Unprocessable, match="stops no clock"):
        stopped(elective(), DAY, "patient choice")
    with pytest.raises(Unprocessable, match="after it started"):
        stopped(elective(), WEEK_15, "declined")
    with pytest.raises(Unprocessable, match="no clock start"):
        waited_weeks(elective(clock_start=None), DAY)


def test_two_clocks_on_one_referral_are_found() -> None:
    """domain.md 10.2b."""
    pairs = [("r1", elective(1)), ("r1", elective(2)), ("r2", elective(3))]
    assert [p.path for p in two_clocks(pairs)] == ["r1"]
    done = stopped(elective(2), DAY, "treated")
    assert two_clocks([("r1", elective(1)), ("r1", done)]) == ()
