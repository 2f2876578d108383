"""Going home, chapter 30. One stay through the acts of its page, in the record.

The acceptance examples of domain.md 9.9 that are about a person's own way home.
"""

from datetime import timedelta

import pytest

from joinedup import record
from joinedup.access.permit import person_permit
from joinedup.discharge.actions import (
    DelayWish,
    arrange,
    chase,
    choose_pathway,
    finish_plan,
    name_reason,
    take_risk,
    tell,
)
from joinedup.discharge.caring import CarerWish, ask_carer
from joinedup.discharge.ending import Leaving, leave
from joinedup.discharge.reviews import Answers, review_criteria
from joinedup.discharge.rules.delays import days_by_reason, offered
from joinedup.discharge.rules.leaving import returning_resident
from joinedup.discharge.rules.pathway import OWN_HOME, Going
from joinedup.discharge.rules.ready_date import waited
from joinedup.discharge.standing import Seen
from joinedup.fhir.issue import NotPermitted, Stale, Unprocessable
from joinedup.fhir.profiles import spell
from joinedup.record.cluster import Urls
from tests.spec.discharge import ward
from tests.spec.discharge.stays import answers, november
from tests.spec.discharge.ward import COORDINATOR, NURSE, SPELL, made_ready, seen, stands
from tests.spec.record.place import COUNCIL, HOSPITAL, PLACE, find

NEW_HELP = Going(place=OWN_HOME, lives_there=True, new_care=True)
AS_BEFORE = Going(place=OWN_HOME, lives_there=True, new_care=False)
RISK = "Her daughter stays with her until the first visit."


@pytest.fixture(autouse=True)
def _ward(record_database: Urls) -> None:
    assert record_database.application
    ward.build_ward(november(1))


def test_9_9_1_a_hip_mended_two_days_ago_keeps_her_until_the_hour_has_passed() -> None:
    """Ended Monday 09:00; Wednesday 08:00 is 47 hours and cannot be answered no, 09:01 can."""
    monday = november(3)
    code = next(c for c in answers(at=monday) if "limb" in c)
    said = Answers(answers=answers(at=monday), news2=1, ended={code: monday})
    with pytest.raises(Unprocessable, match="47 hours"):
        review_criteria(NURSE, SPELL, said, seen=seen().version, now=november(5, 8))
    assert stands().ready is None
    review_criteria(NURSE, SPELL, said, seen=seen().version, now=november(5, 9, 1))
    assert stands().ready is not None


def test_9_9_2_a_score_of_three_is_no_reason_and_four_is_unless_it_is_usual_for_her() -> None:
    at = november(3)
    four = Answers(answers=answers(at=at), news2=4)
    with pytest.raises(Unprocessable, match="NEWS2 score of 4 is a reason to stay"):
        review_criteria(NURSE, SPELL, four, seen=seen().version, now=at)
    usual = Answers(
        answers=answers(at=at),
        news2=4,
        news_cause="atrial-fibrillation",
        news_words="Her pulse has been irregular for years",
    )
    review_criteria(NURSE, SPELL, usual, seen=seen().version, now=at)
    assert stands().ready is not None


def test_9_9_3_both_stretches_of_being_ready_are_kept() -> None:
    """Ready on the 3rd, needed the bed again on the 5th, ready on the 8th, home on the 10th."""
    made_ready(november(3), reason="medicines")
    ward.needed_again(november(5))
    made_ready(november(8), reason="medicines")
    choose_pathway(NURSE, seen(), AS_BEFORE, now=november(8, 10))
    leave(NURSE, seen(), Leaving(at=november(10, 14)), now=november(10, 14))
    wait = waited(stands(), november(20))
    assert (wait.days, wait.last_days) == ((2, 2), 2)
    assert [s.ended_by for s in stands().spans] == ["meets-again", "discharged"]


def test_9_9_3_seven_days_and_none() -> None:
    """DRD 3 November, gone on the 10th: 7 days; on the same day: 0."""
    made_ready(november(3), reason="medicines")
    choose_pathway(NURSE, seen(), AS_BEFORE, now=november(3, 10))
    for day, days in ((3, 0), (10, 7)):
        assert waited(stands(), november(day, 18)).last_days == days


def test_9_9_5_the_reasons_sum_to_the_days() -> None:
    """3 to 5 November medicines (2 days), 5 to 10 care at home (5): 7, whoever asks."""
    made_ready(november(3), reason="medicines")
    choose_pathway(NURSE, seen(), NEW_HELP, now=november(3, 10))
    name_reason(NURSE, seen(), DelayWish(_home_care(), COUNCIL, november(6)), now=november(5))
    take_risk(COORDINATOR, seen(), RISK, now=november(10, 9))
    leave(NURSE, seen(), Leaving(at=november(10, 14)), now=november(10, 14))
    days = [d.days for d in days_by_reason(stands(), november(20))]
    assert (days, sum(days)) == ([2, 5], waited(stands(), november(20)).last_days)


def _home_care() -> str:
    found = offered(on=november(5).date(), pathway="1")
    return next(r.code for r in found if r.words == "No care at home is free")


def test_9_9_7_a_resident_who_goes_back_to_her_care_home_is_on_pathway_0() -> None:
    made_ready(november(3), reason="medicines")
    back = Going(place="independent-care-home", lives_there=True, new_care=False)
    choose_pathway(NURSE, seen(), back, now=november(3, 10))
    leave(NURSE, seen(), Leaving(at=november(3, 14)), now=november(3, 14))
    way = stands().pathway
    assert way is not None
    assert (way.code, stands().destination, returning_resident(stands())) == ("0", "85", True)
    left = spell.read(record.read(PLACE, "Encounter", SPELL).resource)
    assert (left.destination, left.method, left.bed) == ("85", "1", None)


def test_nobody_leaves_on_pathway_1_before_a_start_or_a_named_risk_owner() -> None:
    """DI-04; and what was refused is written nowhere."""
    made_ready(november(3))
    choose_pathway(NURSE, seen(), NEW_HELP, now=november(3, 10))
    with pytest.raises(Unprocessable, match="nobody leaves before a start is confirmed"):
        leave(NURSE, seen(), Leaving(at=november(4)), now=november(4))
    assert ward.status("Encounter", SPELL) == "in-progress"
    with pytest.raises(NotPermitted, match="in their own name"):
        take_risk(NURSE, seen(), RISK, now=november(4))
    with pytest.raises(Unprocessable, match="Say why leaving cannot wait"):
        take_risk(COORDINATOR, seen(), "soon", now=november(4))
    take_risk(COORDINATOR, seen(), RISK, now=november(4))
    leave(NURSE, seen(), Leaving(at=november(4)), now=november(4))
    assert ward.status("Encounter", SPELL) == "finished"
    assert stands().risk_owner is not None


def test_going_home_raises_the_letter_and_the_call() -> None:
    """DI-06: within 24 hours; DI-07: between 24 and 48 hours after."""
    made_ready(november(3), reason="medicines")
    choose_pathway(NURSE, seen(), AS_BEFORE, now=november(3, 10))
    leave(NURSE, seen(), Leaving(at=november(3, 14)), now=november(3, 15))
    (letter,), (call,) = ward.tasks("discharge-letter"), ward.tasks("safety-net-call")
    assert letter["restriction"]["period"]["end"] == november(4, 14).isoformat()
    assert call["restriction"]["period"] == {
        "start": november(4, 14).isoformat(),
        "end": november(5, 14).isoformat(),
    }


def test_two_who_change_one_stay_at_once_do_not_overwrite_each_other() -> None:
    """The first act makes the Task; whoever saw none as well is told."""
    made_ready(november(3))
    stale = Seen(SPELL, 0)
    with pytest.raises(Stale, match="Somebody changed this"):
        choose_pathway(NURSE, stale, AS_BEFORE, now=november(3, 10))


def test_before_a_review_says_so_nothing_is_decided() -> None:
    with pytest.raises(Unprocessable, match="Review the criteria to reside first"):
        choose_pathway(NURSE, seen(), AS_BEFORE, now=november(3))


def test_a_carer_who_was_not_asked_is_never_a_yes() -> None:
    """CA-04; nor one asked in front of her, nor one whose yes has ended."""
    made_ready(november(3))
    choose_pathway(NURSE, seen(), NEW_HELP, now=november(3, 10))
    with pytest.raises(Unprocessable, match="Not asked is never yes"):
        arrange(NURSE, seen(), {"carer": "done"}, now=november(3, 11))
    _asked("one", alone=False)
    with pytest.raises(Unprocessable, match="in front of the person"):
        arrange(NURSE, seen(), {"carer": "done"}, now=november(3, 12))
    _asked("two", alone=True, hour=13)
    arrange(NURSE, seen(), {"carer": "done"}, now=november(3, 14))
    _asked("three", alone=True, hour=15, answer="no")
    take_risk(COORDINATOR, seen(), RISK, now=november(4))
    with pytest.raises(Unprocessable, match="Carer cannot continue"):
        leave(NURSE, seen(), Leaving(at=november(4)), now=november(4))
    arrange(NURSE, seen(), {"carer": "not-needed"}, now=november(4))
    leave(NURSE, seen(), Leaving(at=november(4)), now=november(4))


def _asked(token: str, *, alone: bool, hour: int = 11, answer: str = "yes") -> None:
    wish = CarerWish(carer=ward.SUSAN, answer=answer, alone=alone, words="I am worn out.")
    ask_carer(NURSE, SPELL, wish, token=token, now=november(3, hour))


def test_what_the_carer_said_is_not_the_persons_to_see() -> None:
    """CA-02: neither the answer nor that anybody asked."""
    made_ready(november(3))
    _asked("one", alone=True)
    hers = person_permit("joyce", "Joyce Hallam")
    assert [s.id for s in find(NURSE, "Observation").entries if "carer" in s.id]
    assert [s.id for s in find(hers, "Observation").entries if "carer" in s.id] == []


def test_a_plan_is_ready_once_everything_is_and_what_falls_through_undoes_it() -> None:
    made_ready(november(3), reason="medicines")
    choose_pathway(NURSE, seen(), AS_BEFORE, now=november(3, 10))
    with pytest.raises(Unprocessable, match="Not arranged yet: medicines to take home, transport"):
        finish_plan(NURSE, seen(), now=november(3, 10))
    done = dict.fromkeys(("medicines", "transport", "equipment"), "done")
    arrange(NURSE, seen(), {**done, "carer": "not-needed"}, now=november(3, 11))
    finish_plan(NURSE, seen(), now=november(3, 12))
    assert stands().state == "plan-ready"
    arrange(NURSE, seen(), {"transport": "waiting"}, now=november(3, 13))
    assert stands().state == "pathway-decided"


def test_who_was_told_and_in_which_form_is_kept() -> None:
    """DI-06: with their consent, or why nobody could ask for it."""
    made_ready(november(3))
    with pytest.raises(Unprocessable, match="in which form"):
        tell(NURSE, seen(), "person", "", now=november(3, 10))
    tell(NURSE, seen(), "person", "Large print", consent="Agreed", now=november(3, 10))
    (said,) = stands().told
    assert (said.who, said.way, said.consent, str(said.by)) == (
        "person",
        "Large print",
        "Agreed",
        NURSE.worker,
    )


def test_a_reason_is_listed_owned_and_chased_within_a_week() -> None:
    """9.7: “other” and “SS” are no reasons; DI-03."""
    made_ready(november(3))
    for text in ("other", "SS"):
        wish = DelayWish(text, COUNCIL, november(4))
        with pytest.raises(Unprocessable, match="no reason that anybody can act on"):
            name_reason(NURSE, seen(), wish, now=november(3, 10))
    with pytest.raises(Unprocessable, match="has an owner"):
        name_reason(NURSE, seen(), DelayWish("medicines", "", november(4)), now=november(3, 10))
    late = november(3, 10) + timedelta(days=8)
    with pytest.raises(Unprocessable, match="Say when it will be chased"):
        name_reason(NURSE, seen(), DelayWish("medicines", HOSPITAL, late), now=november(3, 10))
    chase(NURSE, seen(), november(5), now=november(3, 10))
    delay = stands().delay
    assert delay is not None and delay.chase_by == november(5)
