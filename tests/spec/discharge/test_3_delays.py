"""Going home, chapter 3. What somebody waits for: one reason now, whose it is, when it is chased.

Each reason ends as the next begins, so their days are the days since the ready date (DI-02, DI-03).
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from joinedup.discharge.rules.delays import (
    changed,
    chased,
    cleared,
    days_by_reason,
    delay_problems,
    offered,
    reason_of,
    waiting_for,
)
from joinedup.discharge.rules.leaving import gone_home
from joinedup.discharge.rules.ready_date import waited
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.reference.codes.discharge import delay_reasons, dtoc_reasons
from tests.spec.discharge.stays import (
    COORDINATOR,
    COUNCIL,
    HUB,
    november,
    now_waits,
    on_pathway,
    ready,
    stay,
    waits,
)

TODAY = date(2025, 11, 3)


def test_each_reason_is_a_national_one_with_an_owner_and_an_attribution() -> None:
    """37 national reasons, and one of ours for which the return has the nearest."""
    listed = delay_reasons(on=TODAY).values()
    assert len({r.national for r in listed}) == 37 and len(listed) == 38
    assert all(r.attribution in ("health", "social-care", "both", "housing") for r in listed)
    assert all(r.owner and r.words and r.group for r in listed)
    assert {r.next for r in listed if r.clears_on} <= {r.code for r in listed}
    assert set("ABCEFGHI") >= {r.dtoc for r in listed if r.dtoc and r.dtoc != "D"}


def test_until_february_2020_delays_had_letters() -> None:
    """The return of delayed transfers ended; its letters are no choice after that."""
    assert dtoc_reasons(on=date(2018, 1, 16))["Di"] == "Residential home placement or availability"
    assert dtoc_reasons(on=date(2020, 3, 1)) == {}


@pytest.mark.parametrize("text", ["SS", "other", "social", "social services", "", "bed blocker"])
def test_a_reason_that_nobody_can_act_on_is_refused_and_the_list_offered(text: str) -> None:
    """domain.md 9.7: free text “SS” says nothing about who could do what."""
    with pytest.raises(Unprocessable) as refused:
        reason_of(text, on=TODAY)
    words = refused.value.problems[0].message
    assert all(reason.words in words for reason in offered(on=TODAY))


def test_a_reason_is_chosen_by_its_code_or_its_words() -> None:
    """Ours or the return's, whatever the case."""
    no_care = delay_reasons(on=TODAY)["p1-care-none"]
    for text in ("p1-care-none", "no care at home is FREE", no_care.national):
        assert reason_of(text, on=TODAY) == no_care


def test_a_reason_has_an_owner_and_is_chased_within_a_week() -> None:
    """DI-03: not before now, not some day."""
    at = november(3)
    with pytest.raises(Unprocessable, match="has an owner"):
        waits("medicines", at, owner="")
    for chase in (at, at - timedelta(hours=1), at + timedelta(days=7, minutes=1)):
        with pytest.raises(Unprocessable, match="by 10 November"):
            waiting_for("medicines", owner=HUB, since=at, chase_by=chase, set_by=COORDINATOR)


def test_two_days_for_medicines_and_five_for_help_make_seven() -> None:
    """9.9 example 5: 3 to 5 November, 5 to 10 November; chart and export are one list."""
    standing = on_pathway("0", november(3))
    standing = now_waits(standing, "restart", november(5))
    days = days_by_reason(standing, november(10))
    assert [(d.reason, d.days) for d in days] == [("medicines", 2), ("restart", 5)]
    assert sum(d.days for d in days) == waited(standing, november(10)).last_days == 7
    home = gone_home(standing, november(10))
    assert [d.days for d in days_by_reason(home, november(30))] == [2, 5]
    assert delay_problems(home) == ()


def test_a_change_ends_the_reason_before_to_the_second() -> None:
    """DI-02: one reason now, the others its history."""
    standing = now_waits(ready(november(3)), "hub-needs", november(5, 14), HUB)
    assert standing.delay is not None and standing.delay.reason == "hub-needs"
    assert standing.delays[0].until == standing.delays[1].since == november(5, 14)


def test_a_reason_does_not_begin_before_the_one_now_nor_twice() -> None:
    standing = ready(november(3))
    with pytest.raises(Unprocessable, match="after the one before"):
        now_waits(standing, "transport", november(2))
    with pytest.raises(Unprocessable, match="the reason already"):
        changed(standing, waits("medicines", november(4)))
    with pytest.raises(Unprocessable, match="Only somebody who is ready"):
        changed(stay(), waits("medicines", november(4)))


def test_a_reason_of_another_pathway_is_refused() -> None:
    """Somebody going home waits for no care home, and is not offered one."""
    standing = on_pathway("1", november(3))
    with pytest.raises(Unprocessable, match="is no reason on pathway 1"):
        now_waits(standing, "p3-home-none", november(4))
    assert "p3-home-none" not in {r.code for r in offered(on=TODAY, pathway="1")}


def test_what_is_not_settled_is_chased_again() -> None:
    """DI-03: the reason stays, its time moves; never into the past."""
    standing = chased(ready(november(3)), november(6), at=november(4))
    assert standing.delay is not None and standing.delay.chase_by == november(6)
    assert standing.delay.since == november(3) and delay_problems(standing) == ()
    for wrong in (november(4), november(3), november(11, 9, 1)):
        with pytest.raises(Unprocessable, match="by 11 November"):
            chased(standing, wrong, at=november(4))
    with pytest.raises(Unprocessable, match="Nobody waits"):
        chased(stay(), november(6), at=november(4))


def accept(standing: Readiness, at: datetime) -> Readiness:
    return cleared(standing, "hub-accepted", owner=HUB, at=at, by=COORDINATOR)


def test_waiting_for_the_hub_to_say_ends_when_it_says() -> None:
    """DI-03: nobody clears it by hand, and what is then waited for begins at once."""
    standing = now_waits(on_pathway("1", november(3)), "hub-confirmation", november(4), HUB)
    accepted = accept(standing, november(4, 15))
    assert accepted.delay is not None
    assert (accepted.delay.reason, accepted.delay.owner) == ("hub-needs", HUB)
    assert accepted.delays[-2].ended_by == "hub-accepted"
    assert delay_problems(accepted) == ()


def test_an_acceptance_ends_nothing_else() -> None:
    """Somebody who waits for transport waits for transport."""
    standing = ready(november(3), reason="transport")
    assert accept(standing, november(4)) == standing
    assert accept(stay(), november(4)) == stay()


def test_a_history_with_a_gap_or_two_reasons_at_once_is_found_out() -> None:
    """Whoever wrote it: the record may hold what an import brought."""
    standing = now_waits(ready(november(3)), "restart", november(5))
    early, late = standing.delays
    for wrong in (
        (replace(early, until=november(6)), late),
        (replace(early, until=november(4)), late),
        (replace(early, since=november(4)), late),
        (early, replace(late, until=november(6))),
        (),
    ):
        assert delay_problems(replace(standing, delays=wrong))


@given(hours=st.lists(st.integers(1, 400), min_size=1, max_size=12), end=st.integers(0, 400))
def test_days_of_reasons_always_make_the_days_since_ready(hours: list[int], end: int) -> None:
    """DI-02, through the change of the clocks on 26 October too."""
    at = datetime(2025, 10, 20, 9, 30, tzinfo=UTC)
    standing = ready(at, before=stay(admitted=at - timedelta(days=1)))
    for number, more in enumerate(hours):
        at += timedelta(hours=more)
        standing = changed(standing, waits(("transport", "restart")[number % 2], at, COUNCIL))
    now = at + timedelta(hours=end)
    days = days_by_reason(standing, now)
    assert sum(d.days for d in days) == waited(standing, now).last_days
    assert delay_problems(standing) == ()
