"""Going home, chapter 1. Does somebody still need this bed? Eleven criteria, all answered (DI-01).

A clinician answers them each time; NEWS2 scores and the hours since an operation hold the answers
to what is so. Hours are those that really passed, whatever the clocks show.
"""

from datetime import UTC, datetime, timedelta

import pytest

from joinedup.discharge.rules.criteria import confirmed, ends_meeting_at, judged, problems
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.london import at_clock
from joinedup.fhir.profiles.criteria import Checklist
from joinedup.fhir.search.period import LONDON
from joinedup.reference.codes.discharge import criteria
from tests.spec.discharge.stays import checklist, november, review

MONDAY_NINE = november(3)
LEG = "lower-limb-surgery"


def after_hip(at: datetime, *yes: str) -> Checklist:
    """A review after a hip operation that ended on Monday at nine."""
    return checklist(*yes, at=at, ended={LEG: MONDAY_NINE})


def messages(asked: Checklist) -> str:
    return " ".join(p.message for p in problems(asked))


def test_there_are_eleven_criteria() -> None:
    """Each is a row of a dated table with its source, and none is answered by silence."""
    assert len(criteria(on=MONDAY_NINE.date())) == 11
    some = checklist(at=MONDAY_NINE, answers={"oxygen": False})
    missing = [p for p in problems(some) if p.code == "required"]
    assert len(missing) == 10
    assert "Not answered: Needs intensive or high dependency care." in messages(some)


def test_any_one_is_a_reason_to_stay_and_none_is_none() -> None:
    """No longer meeting any of them is being ready to go home."""
    assert not review(at=MONDAY_NINE).meets
    for criterion in criteria(on=MONDAY_NINE.date()):
        ended = {criterion.code: MONDAY_NINE} if criterion.window_hours else {}
        score = 4 if criterion.code == "news2" else 1
        assert review(criterion.code, at=MONDAY_NINE, ended=ended, news2=score).meets


@pytest.mark.parametrize("role", ["broker", "social-worker", "discharge-coordinator", "person", ""])
def test_only_a_clinician_answers(role: str) -> None:
    """DI-01: a coordinator sees the answers, and does not give them."""
    with pytest.raises(Unprocessable, match="doctor or nurse"):
        judged(checklist(at=MONDAY_NINE, role=role))


def test_hip_surgery_keeps_her_for_48_hours_to_the_minute() -> None:
    """9.9 example 1: ended Monday 09:00; Wednesday 08:00 still meets; 09:01 may be ready."""
    with pytest.raises(Unprocessable, match="It ended 47 hours ago: still within 48 hours"):
        judged(after_hip(november(5, 8)))
    assert judged(after_hip(november(5, 8), LEG)).meets
    assert not judged(after_hip(november(5, 9, 1))).meets
    with pytest.raises(Unprocessable, match="it ended 48 hours ago"):
        judged(after_hip(november(5, 9, 1), LEG))


def test_the_last_minute_of_a_window_belongs_to_it() -> None:
    """Forty-eight hours to the minute is within 48 hours."""
    assert judged(after_hip(november(5, 9), LEG)).meets
    with pytest.raises(Unprocessable):
        judged(after_hip(november(5, 9)))


@pytest.mark.parametrize(("code", "hours"), [(LEG, 48), ("trunk-surgery", 72)])
def test_hours_are_counted_through_the_night_the_clocks_go_back(code: str, hours: int) -> None:
    """25 October 2025 09:00 to the 27th 08:00 by the ward's clock is 48 hours, not 47."""
    ended = at_clock(datetime(2025, 10, 25, tzinfo=UTC).date(), 9)
    last = ended + timedelta(hours=hours)
    assert judged(checklist(code, at=last, ended={code: ended})).meets
    assert last.astimezone(LONDON).hour == 8
    assert not judged(checklist(at=last + timedelta(minutes=1), ended={code: ended})).meets


def test_an_invasive_procedure_counts_for_24_hours_where_life_was_at_risk() -> None:
    """Whether it was is for the clinician; after 24 hours it counts no longer."""
    code, ended = "invasive-procedure", {"invasive-procedure": MONDAY_NINE}
    noon = MONDAY_NINE + timedelta(hours=3)
    assert judged(checklist(code, at=noon, ended=ended)).meets
    assert not judged(checklist(at=noon, ended=ended)).meets
    with pytest.raises(Unprocessable, match="it ended 25 hours ago"):
        judged(checklist(code, at=MONDAY_NINE + timedelta(hours=25), ended=ended))


def test_a_window_begins_when_the_operation_ended() -> None:
    """Without that time a yes is not taken, nor with one that has not come yet."""
    assert "say when it ended" in messages(checklist(LEG, at=MONDAY_NINE))
    ahead = {LEG: MONDAY_NINE + timedelta(hours=1)}
    assert "has not ended yet" in messages(checklist(LEG, at=MONDAY_NINE, ended=ahead))


def test_a_news2_score_of_three_is_no_reason_by_itself() -> None:
    """9.9 example 2."""
    assert not review(at=MONDAY_NINE, news2=3).meets
    with pytest.raises(Unprocessable, match="A NEWS2 score of 3 is no reason"):
        judged(checklist("news2", at=MONDAY_NINE, news2=3))


def test_a_news2_score_of_four_is_one_unless_it_is_usual_for_her() -> None:
    """9.9 example 2: atrial fibrillation noted, and why in words; neither alone is enough."""
    assert review("news2", at=MONDAY_NINE, news2=4).meets
    usual = {"news2": 4, "news_cause": "atrial-fibrillation"}
    words = {"news_words": "Her pulse is always irregular at 95, as at her surgery"}
    assert not review(at=MONDAY_NINE, **usual, **words).meets
    assert not review(at=MONDAY_NINE, **usual, news_words="Usual: 95.").meets
    for part in ({"news2": 4}, usual, {"news2": 4, **words}, {**usual, "news_words": "ok"}):
        with pytest.raises(Unprocessable, match="is a reason to stay"):
            judged(checklist(at=MONDAY_NINE, **part))


@pytest.mark.parametrize("score", [None, -1, 21])
def test_a_score_is_given_each_time(score: int | None) -> None:
    assert "Give the NEWS2 score, 0 to 20." in messages(checklist(at=MONDAY_NINE, news2=score))


def test_an_answer_to_nothing_is_refused() -> None:
    """A word that is no criterion is a mistake of whoever sent it."""
    more = {**checklist(at=MONDAY_NINE).answers, "frail": True}
    assert "“frail” is no criterion" in messages(checklist(at=MONDAY_NINE, answers=more))


def test_somebody_unchanged_is_confirmed_in_two_keys() -> None:
    """The answers of the last review stand again, with a fresh score, as a review of its own."""
    before = review("oxygen", at=MONDAY_NINE)
    later = november(3, 17)
    again = confirmed(before, "r-1", at=later, by="Practitioner/x", role="consultant", news2=2)
    assert again.meets and again.confirms == "r-1" and again.at == later and again.news2 == 2
    with pytest.raises(Unprocessable, match="comes after it"):
        confirmed(before, "r-1", at=MONDAY_NINE, by="Practitioner/x", role="gp", news2=2)


def test_time_alone_can_change_an_answer_and_is_not_confirmed_away() -> None:
    """A hip of Monday is no reason on Wednesday afternoon, whatever was answered before."""
    before = judged(after_hip(november(4, 9), LEG))
    assert ends_meeting_at(before) == november(5, 9)
    with pytest.raises(Unprocessable, match="it ended 54 hours ago"):
        confirmed(before, "r", at=november(5, 15), by="Practitioner/x", role="gp", news2=1)
    with pytest.raises(Unprocessable, match="is a reason to stay"):
        confirmed(before, "r", at=november(4, 15), by="Practitioner/x", role="gp", news2=6)


def test_a_board_knows_when_to_ask_again_only_where_hours_decide() -> None:
    """Where oxygen keeps her too, or nothing does, no hour is promised."""
    assert ends_meeting_at(judged(after_hip(november(4), LEG, "oxygen"))) is None
    assert ends_meeting_at(review(at=MONDAY_NINE)) is None
