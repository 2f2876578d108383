"""Going home, chapter 9. Leaving of one's own accord, dying, another hospital, coming back.

What stops with it and who hears how soon are one table; nothing is sent from here.
"""

from datetime import timedelta

import pytest

from joinedup.discharge.rules.endings import (
    ACTS,
    ENDINGS,
    Ended,
    came_back,
    came_back_within,
    ended,
    home,
)
from joinedup.discharge.rules.leaving import gone_home
from joinedup.fhir.issue import Unprocessable
from tests.spec.discharge.stays import ADMITTED, november, on_pathway, ready, stay

AT_NIGHT = november(5, 2)
CODES = {"self-discharged": ("6", "19"), "died": ("4", "79"), "transferred": ("1", "51")}


def end(kind: str, *, method: str = "", destination: str = "") -> Ended:
    codes = CODES[kind]
    return ended(
        on_pathway("1", november(3)),
        kind,
        AT_NIGHT,
        method=method or codes[0],
        destination=destination or codes[1],
    )


@pytest.mark.parametrize("kind", ENDINGS)
def test_each_ends_the_wait_and_frees_the_bed(kind: str) -> None:
    then = end(kind)
    assert then.readiness.state == kind and then.readiness.left == AT_NIGHT
    assert then.readiness.ready is None and then.readiness.delay is None
    assert {"free-bed", "end-wait"} <= set(then.acts) <= set(ACTS)


def test_at_two_in_the_morning_hub_and_provider_are_told_within_five_minutes() -> None:
    """9.9 example 11, the pure part: no visit is left that expects a plan."""
    then = end("self-discharged")
    soon = {t.who: t.within for t in then.tells}
    assert soon["hub"] == soon["provider"] == timedelta(minutes=5)
    assert {"stop-visits", "withdraw-offers", "cancel-referral", "call-home"} <= set(then.acts)
    assert all("own accord" in t.words for t in then.tells)


def test_a_relative_can_take_somebody_home() -> None:
    """Method 7, by a relative or advocate."""
    assert end("self-discharged", method="7").readiness.method == "7"


def test_a_death_stops_everything_and_nobody_hears_of_it_from_a_machine() -> None:
    """Letters stop; a human voice tells the carer; the person is told nothing."""
    then = end("died")
    assert {"stop-visits", "stop-letters", "close-appointments", "cancel-referral"} <= set(
        then.acts
    )
    assert [t.who for t in then.tells if t.by_a_person] == ["carer"]
    assert "person" not in {t.who for t in then.tells}


def test_another_hospital_takes_over_and_nothing_is_thrown_away() -> None:
    then = end("transferred")
    assert {"hold-referral", "hold-package"} <= set(then.acts)
    assert "cancel-referral" not in then.acts


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("died", ("1", "79")),
        ("died", ("4", "19")),
        ("self-discharged", ("1", "19")),
        ("self-discharged", ("2", "19")),
        ("transferred", ("1", "19")),
    ],
)
def test_codes_that_contradict_the_ending_are_refused(kind: str, codes: tuple[str, str]) -> None:
    with pytest.raises(Unprocessable, match="do not fit"):
        end(kind, method=codes[0], destination=codes[1])


def test_nobody_ends_twice_or_before_they_came() -> None:
    left = gone_home(on_pathway("0", november(3)), november(4))
    with pytest.raises(Unprocessable, match="cannot follow “discharged”"):
        ended(left, "died", november(5), method="4", destination="79")
    with pytest.raises(Unprocessable, match="before they came in"):
        ended(stay(), "died", ADMITTED - timedelta(1), method="4", destination="79")
    with pytest.raises(Unprocessable, match="no way to leave"):
        ended(stay(), "absconded", november(5), method="6", destination="19")


def test_somebody_not_ready_can_leave_otherwise_too() -> None:
    """A fact is never refused because a form was not filled in."""
    then = ended(stay(), "self-discharged", november(5), method="6", destination="19")
    assert then.readiness.spans == ()
    with pytest.raises(Unprocessable, match="before they were ready"):
        ended(ready(november(6)), "died", november(5), method="4", destination="79")


def test_back_within_a_day_is_a_discharge_that_failed() -> None:
    """24 hours to the minute; after that a readmission, for 28 days."""
    left = gone_home(on_pathway("0", november(3)), november(4))
    assert came_back_within(left, november(5)) == "failed"
    assert came_back_within(left, november(5, 9, 1)) == "readmitted"
    assert came_back_within(left, november(4) + timedelta(days=28, minutes=1)) == ""
    assert came_back_within(left, november(3)) == came_back_within(stay(), november(5)) == ""
    again = came_back(left, november(4, 23))
    assert again.readiness.state == "discharge-failed"
    assert {"stop-visits", "hold-package", "ask-carer"} <= set(again.acts) <= set(ACTS)
    assert {"hub", "provider", "carer", "practice"} <= {t.who for t in again.tells}
    with pytest.raises(Unprocessable, match="back within 24 hours"):
        came_back(left, november(6))


def test_the_dead_do_not_come_back() -> None:
    assert came_back_within(end("died").readiness, november(5, 3)) == ""


def test_going_home_as_planned_is_told_first_to_the_person_and_their_carer() -> None:
    tells = home(gone_home(on_pathway("0", november(3)), november(4)))
    assert [t.who for t in tells][:2] == ["person", "carer"]
    assert {"hub", "provider", "practice"} <= {t.who for t in tells}
