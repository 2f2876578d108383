"""Going home, chapter 2. Since when somebody is ready, and for how many days they have waited.

The discharge-ready date comes from a review and is never typed. Days are midnights of London.
"""

from datetime import timedelta

import pytest

from joinedup.discharge.rules.leaving import gone_home
from joinedup.discharge.rules.ready_date import marked_meeting, marked_ready, ready_date, waited
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.london import midnights
from tests.spec.discharge.stays import (
    ADMITTED,
    november,
    on_pathway,
    ready,
    review,
    stay,
    waits,
    went,
)


def test_ready_on_the_third_home_on_the_tenth_is_seven_days() -> None:
    """9.9 example 3."""
    home = went("s", since=november(3), at=november(10))
    assert ready_date(home) == november(3).date()
    assert waited(home, november(30)).last_days == 7


def test_home_on_the_day_is_no_days() -> None:
    """9.9 example 3: 3 to 3 November is 0, at any hour."""
    home = went("s", since=november(3, 8), at=november(3, 23, 50))
    assert waited(home, november(30)).last_days == 0


def test_a_date_that_was_reset_is_kept_and_both_are_reported() -> None:
    """9.9 example 3: ready on the 3rd, needs the bed on the 5th, ready again on the 8th."""
    first = ready(november(3))
    again = marked_meeting(first, review("oxygen", at=november(5)))
    assert ready_date(again) is None and again.ready is None and again.delay is None
    assert [s.ended_by for s in again.spans] == ["meets-again"]
    second = ready(november(8), before=again)
    assert ready_date(second) == november(8).date()
    home = gone_home(on_pathway("0", november(8), before=second), november(10))
    wait = waited(home, november(30))
    assert wait.days == (2, 2) and wait.last_days == 2 and wait.all_days == 4


def test_somebody_who_still_waits_is_counted_until_now() -> None:
    assert waited(ready(november(3)), november(6, 0, 1)).last_days == 3


def test_the_night_the_clocks_go_back_is_one_night() -> None:
    """25 hours from noon to noon, and one midnight."""
    noon = november(1, 12) - timedelta(days=7)
    assert midnights(noon, noon + timedelta(hours=25)) == 1


def test_nobody_is_ready_before_they_came_or_after_they_left() -> None:
    """DI-01, domain.md 9.7."""
    early = ADMITTED - timedelta(hours=1)
    with pytest.raises(Unprocessable, match="before they came in"):
        ready(early)
    home = went("spell-1", since=november(3), at=november(10))
    with pytest.raises(Unprocessable, match="They have left"):
        marked_ready(
            home,
            review(at=november(11), person=home.person, spell=home.spell),
            "r",
            delay=waits("medicines", november(11)),
        )


def test_the_date_is_what_a_review_says_and_nothing_else() -> None:
    """A review with a yes, or of another stay, makes nobody ready; a no keeps nobody."""
    at = november(3)
    with pytest.raises(Unprocessable, match="bed is still needed"):
        marked_ready(stay(), review("oxygen", at=at), "r", delay=waits("medicines", at))
    with pytest.raises(Unprocessable, match="another stay"):
        marked_ready(stay(spell="other"), review(at=at), "r", delay=waits("medicines", at))
    with pytest.raises(Unprocessable, match="mark them ready instead"):
        marked_meeting(ready(at), review(at=november(4)))


def test_somebody_is_ready_once_at_a_time() -> None:
    """Being found ready again while ready changes no date."""
    with pytest.raises(Unprocessable, match="cannot follow “ready”"):
        ready(november(4), before=ready(november(3)))


def test_a_new_date_comes_after_the_time_they_needed_the_bed() -> None:
    again = marked_meeting(ready(november(3)), review("oxygen", at=november(5)))
    with pytest.raises(Unprocessable, match="until after this review"):
        ready(november(4), before=again)
    with pytest.raises(Unprocessable, match="before they were ready"):
        marked_meeting(ready(november(5)), review("oxygen", at=november(4)))


def test_whoever_is_ready_waits_for_something_from_that_moment() -> None:
    """DI-02: the first reason begins with the date, so that no day is without one."""
    with pytest.raises(Unprocessable, match="first reason for waiting begins when"):
        marked_ready(stay(), review(at=november(3)), "r", delay=waits("medicines", november(4)))
