"""Going home, chapter 22. The round: bed by bed, two keys for somebody who is unchanged.

The score is typed afresh each time; the answers of before stand in the form, and go with it.
"""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from joinedup.discharge.reviews import last_review
from joinedup.discharge.round import (
    NEWS,
    NOT_ANSWERED,
    Said,
    answers_said,
    first_reasons,
    following,
    is_reviewed,
    read_said,
    round_of,
    said_before,
    save_review,
)
from joinedup.discharge.standing import standing_of
from joinedup.fhir.issue import Invalid, Stale, Unprocessable
from joinedup.fhir.london import at_clock
from joinedup.record.cluster import Urls
from joinedup.reference.codes.discharge import criteria
from tests.spec.discharge.stays import november
from tests.spec.discharge.wards import NOW, build_wards
from tests.spec.record.place import NURSE

CODES = [c.code for c in criteria(on=NOW.date()) if c.code != NEWS]


@pytest.fixture
def _wards(record_database: Urls) -> None:
    assert record_database.application
    build_wards()


def said(*yes: str, score: str = "1", **changes: Any) -> Said:
    """A form in which everything is answered no, but for those named."""
    answers = {code: "yes" if code in yes else "no" for code in CODES}
    return Said(**({"score": score, "answers": answers, "reason": "decision"} | changes))


def save(who: str, form: Said, *, seen: int | None = None, now: Any = NOW) -> bool:
    """Nurse Bell sends the form of somebody; returns whether it confirmed the last review."""
    from joinedup.discharge.board import place_of

    assert place_of(NURSE, "w7")
    standing = standing_of(NURSE, f"s-{who}")
    found = last_review(NURSE, standing)
    before = found[1] if found else None
    version = standing.version if seen is None else seen
    return save_review(NURSE, standing, before, form, seen=version, now=now)[1]


def ward_round(now: Any = NOW) -> Any:
    from joinedup.discharge.board import place_of

    return round_of(NURSE, place_of(NURSE, "w7"), now)


def test_a_form_is_read_as_it_was_typed() -> None:
    form = {"score": " 3 ", "answer-oxygen": "yes", "ended-trunk-surgery": "2025-11-09T09:00"}
    found = read_said({**form, "rest": "no"}, NOW)
    assert (found.score, found.answers["oxygen"], found.answers["fluids"]) == ("3", "yes", "")
    assert found.ended["trunk-surgery"] == "2025-11-09T09:00"
    assert found.rest_no


def test_every_question_that_is_left_open_is_named() -> None:
    """DI-01: all eleven; the score answers its own."""
    with pytest.raises(Invalid) as refused:
        answers_said(Said(score=""), NOW)
    problems = refused.value.problems
    assert [p.path for p in problems] == ["score", *(f"answer-{code}" for code in CODES)]
    assert {p.message for p in problems[1:]} == {NOT_ANSWERED}


def test_no_to_all_the_rest_answers_each_of_them() -> None:
    """One button, and eleven answers are kept."""
    found = answers_said(Said(score="0", answers={"oxygen": "yes"}, rest_no=True), NOW)
    assert len(found.answers) == 11
    assert [code for code, yes in found.answers.items() if yes] == ["oxygen"]


@pytest.mark.parametrize(("score", "meets"), [("3", False), ("4", True), ("20", True)])
def test_a_score_above_three_is_a_yes_by_itself(score: str, meets: bool) -> None:
    """9.9, example 2."""
    assert answers_said(said(score=score), NOW).answers[NEWS] is meets


def test_a_score_that_is_usual_for_somebody_is_a_no_with_words() -> None:
    form = said(score="5", cause="chronic-breathing", words="Her usual score at home is 5")
    found = answers_said(form, NOW)
    assert (found.answers[NEWS], found.news_cause) == (False, "chronic-breathing")
    calm = answers_said(replace(form, score="2"), NOW)
    assert (calm.news_cause, calm.news_words) == ("", "")


@pytest.mark.parametrize("typed", ["", "x", "-1", "999", "4.5"])
def test_what_is_no_score_is_asked_again(typed: str) -> None:
    with pytest.raises(Invalid, match="NEWS2 score of now"):
        answers_said(said(score=typed), NOW)


def test_an_operation_ended_as_clocks_in_england_showed_it() -> None:
    """In summer too: what was typed is London's time."""
    july = at_clock(november(1).date().replace(month=7), 9)
    form = said("lower-limb-surgery", ended={"lower-limb-surgery": "2025-07-01T08:30"})
    ended = answers_said(form, july).ended["lower-limb-surgery"]
    assert july - ended == timedelta(minutes=30)
    with pytest.raises(Invalid, match="Write a day and a time"):
        answers_said(said(ended={"trunk-surgery": "yesterday"}), NOW)


@pytest.mark.usefixtures("_wards")
def test_the_round_goes_bed_by_bed() -> None:
    """Bed 2 before bed 10; whoever was reviewed in the last hours is done."""
    lines = ward_round()
    assert [line.said.spell for line in lines] == ["s-olive", "s-arthur", "s-joyce"]
    assert following(lines, "", NOW) == "s-olive"
    save("olive", said("oxygen"))
    lines = ward_round()
    assert [is_reviewed(line, NOW) for line in lines] == [True, False, False]
    assert following(lines, "s-olive", NOW) == "s-arthur"
    assert following(lines, "s-joyce", NOW) == "s-arthur", "those passed over come again"
    later = NOW + timedelta(hours=5)
    assert not any(is_reviewed(line, later) for line in ward_round(later)), "twice a day"


@pytest.mark.usefixtures("_wards")
def test_when_everybody_was_reviewed_the_round_is_over() -> None:
    for who in ("olive", "arthur", "joyce"):
        save(who, said("oxygen"))
    assert following(ward_round(), "s-joyce", NOW) == ""


@pytest.mark.usefixtures("_wards")
def test_the_score_alone_confirms_somebody_who_is_unchanged() -> None:
    """Two keys, a digit and Enter: the answers of before go with it, and are named as confirmed."""
    assert not save("olive", said("oxygen", "fluids"))
    review = last_review(NURSE, standing_of(NURSE, "s-olive"))
    assert review
    form = said_before(review[1], NOW)
    assert form.score == "", "the score is asked afresh"
    later = NOW + timedelta(hours=6)
    assert save("olive", replace(form, score="2"), now=later)
    again = last_review(NURSE, standing_of(NURSE, "s-olive"))
    assert again
    assert (again[1].confirms, again[1].news2, again[1].meets) == (review[0], 2, True)
    assert again[1].answers == review[1].answers


@pytest.mark.usefixtures("_wards")
def test_a_changed_answer_is_a_review_of_its_own() -> None:
    save("olive", said("oxygen"))
    assert not save("olive", said(), now=NOW + timedelta(hours=6))
    stands = standing_of(NURSE, "s-olive").readiness
    assert stands.state == "ready"
    assert stands.delay and stands.delay.reason == "decision"


@pytest.mark.usefixtures("_wards")
def test_a_score_that_rose_above_three_changes_the_answer() -> None:
    save("olive", said())
    review = last_review(NURSE, standing_of(NURSE, "s-olive"))
    assert review
    form = replace(said_before(review[1], NOW), score="6")
    assert not save("olive", form, now=NOW + timedelta(hours=6))
    assert standing_of(NURSE, "s-olive").readiness.state == "meets-criteria"


@pytest.mark.usefixtures("_wards")
def test_time_that_passed_is_told_when_somebody_confirms() -> None:
    """9.9, example 1: an operation alone keeps nobody after its hours."""
    form = said("lower-limb-surgery", ended={"lower-limb-surgery": "2025-11-09T12:00"})
    save("olive", form)
    with pytest.raises(Unprocessable, match="it ended 49 hours ago"):
        save("olive", form, now=november(11, 13, 30))


@pytest.mark.usefixtures("_wards")
def test_two_who_do_the_same_round_do_not_write_over_each_other() -> None:
    """The second is told, and looks again."""
    seen = standing_of(NURSE, "s-arthur").version
    save("arthur", said("oxygen"), seen=seen)
    with pytest.raises(Stale, match="Somebody else has reviewed"):
        save("arthur", said(), seen=seen)
    assert standing_of(NURSE, "s-arthur").readiness.state == "meets-criteria"


def test_first_reasons_are_those_the_hospital_can_end() -> None:
    """Others are chosen on the page of the stay, with whose they are."""
    assert {reason.owner for reason in first_reasons(NOW)} == {"hospital"}
    assert "decision" in {reason.code for reason in first_reasons(NOW)}
