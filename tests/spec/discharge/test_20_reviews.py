"""Going home, chapter 20. Saving a review: the answers and what they make of the stay, at once.

DI-01: a discharge-ready date comes of one review with all eleven answers, by a clinician, and of
nothing else. Two who review the same person at once do not overwrite each other.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.discharge.reviews import (
    Answers,
    FirstReason,
    confirm_criteria,
    last_review,
    review_criteria,
)
from joinedup.discharge.rules.ready_date import ready_date
from joinedup.discharge.standing import standing_of
from joinedup.fhir.issue import NotFound, NotPermitted, Stale, Unprocessable
from joinedup.fhir.profiles import criteria, readiness, spell
from joinedup.fhir.profiles.spell import Spell
from joinedup.record.cluster import Urls
from tests.spec.discharge.stays import answers, november
from tests.spec.record.place import (
    CONFIDENTIALITY,
    COUNCIL,
    GP,
    HOSPITAL,
    NURSE,
    PRACTICE,
    SOCIAL_WORKER,
    joyce,
    label,
    put,
)

STAY = Spell(id="spell-1", person="Patient/joyce", hospital=HOSPITAL, admitted=november(1))
WORKERS = ("ash", "bell", "cole")


@pytest.fixture(autouse=True)
def _joyce_in_hospital(record_database: Urls) -> None:
    assert record_database.application
    put(*({"resourceType": "Organization", "id": o} for o in (PRACTICE, HOSPITAL, COUNCIL)))
    put(*({"resourceType": "Practitioner", "id": name} for name in WORKERS))
    put(joyce(), spell.build(STAY))


def says(*yes: str, **changes: Any) -> Answers:
    """Every question answered no, but for those named; a NEWS2 score of 1."""
    said = {"answers": answers(*yes, at=november(3)), "news2": 1}
    return Answers(**(said | changes))


def review(*yes: str, seen: int = 0, day: int = 3, **changes: Any) -> None:
    """Nurse Bell reviews Joyce at nine."""
    review_criteria(NURSE, "spell-1", says(*yes, **changes), seen=seen, now=november(day))


def test_a_review_with_every_answer_no_sets_the_ready_date() -> None:
    """DI-01. What they wait for begins with it: the decision, the hospital's, chased in a day."""
    review()
    stands = standing_of(NURSE, "spell-1")
    assert ready_date(stands.readiness) == november(3).date()
    assert stands.readiness.state == "ready"
    delay = stands.readiness.delay
    assert delay
    assert (delay.reason, delay.owner) == ("decision", HOSPITAL)
    assert delay.chase_by == november(4)


def test_whoever_marks_somebody_ready_can_say_what_they_wait_for() -> None:
    """DI-03: a reason, who can end it, and when it is chased."""
    first = FirstReason(reason="medicines", owner=HOSPITAL, chase_by=november(3, 15))
    review_criteria(NURSE, "spell-1", says(), seen=0, now=november(3), first=first)
    delay = standing_of(NURSE, "spell-1").readiness.delay
    assert delay
    assert (delay.reason, delay.chase_by) == ("medicines", november(3, 15))


def test_the_answers_are_kept_as_a_review_that_is_never_changed() -> None:
    review("oxygen")
    found = last_review(NURSE, standing_of(NURSE, "spell-1"))
    assert found
    name, seen = found
    assert seen.meets
    assert seen.answers["oxygen"]
    assert (seen.role, seen.answered_by, len(seen.answers)) == (
        "ward-nurse",
        "Practitioner/bell",
        11,
    )
    review(seen=1, day=4)
    stored = record.read(NURSE, "Observation", name)
    assert stored.version == 1
    assert criteria.read(stored.resource) == seen


def test_a_yes_means_the_bed_is_needed_and_ends_a_date_that_stood() -> None:
    """9.9, example 3: both dates are kept."""
    review(day=3)
    review("fluids", seen=1, day=5)
    review(seen=2, day=8)
    stands = standing_of(NURSE, "spell-1").readiness
    assert [s.since for s in stands.spans] == [november(3), november(8)]
    assert stands.spans[0].ended_by == "meets-again"


def test_ten_answers_are_no_review() -> None:
    """DI-01: all eleven."""
    ten = {k: v for k, v in answers(at=november(3)).items() if k != "oxygen"}
    with pytest.raises(Unprocessable, match="Not answered"):
        review(answers=ten)
    with pytest.raises(NotFound):
        record.read(NURSE, "Task", readiness.readiness_id("spell-1"))


def test_nobody_but_a_clinician_answers() -> None:
    """DI-01: a social worker, a coordinator or a carer does not set the date."""
    with pytest.raises(NotPermitted):
        review_criteria(SOCIAL_WORKER, "spell-1", says(), seen=0, now=november(3))


def test_an_unchanged_person_is_confirmed_with_the_score_of_now() -> None:
    """The answers of before stand in a review of its own, which names the one it confirms."""
    review("oxygen")
    confirm_criteria(NURSE, "spell-1", news2=2, seen=1, now=november(4))
    stands = standing_of(NURSE, "spell-1")
    found = last_review(NURSE, stands)
    assert found
    assert (found[1].answers["oxygen"], found[1].news2, found[1].meets) == (True, 2, True)
    assert found[1].confirms
    assert found[1].confirms != found[0]


def test_somebody_ready_who_is_confirmed_keeps_their_date_and_reason() -> None:
    """DI-02: a second look changes neither since when they wait nor why."""
    review(day=3)
    before = standing_of(NURSE, "spell-1").readiness
    confirm_criteria(NURSE, "spell-1", news2=0, seen=1, now=november(4))
    after = standing_of(NURSE, "spell-1").readiness
    assert replace(after, reviewed=before.reviewed) == before
    assert after.reviewed
    assert after.reviewed.at == november(4)


def test_who_was_never_reviewed_cannot_be_confirmed() -> None:
    with pytest.raises(Unprocessable, match="no earlier review"):
        confirm_criteria(NURSE, "spell-1", news2=1, seen=0, now=november(3))


def test_time_can_change_an_answer_and_then_a_confirmation_is_refused() -> None:
    """9.9, example 1: 48 hours after the operation the leg alone keeps nobody here."""
    ended = {"lower-limb-surgery": november(3, 9)}
    now = november(5, 8)
    said = says("lower-limb-surgery", ended=ended)
    review_criteria(NURSE, "spell-1", said, seen=0, now=now)
    with pytest.raises(Unprocessable, match="it ended 48 hours ago"):
        confirm_criteria(NURSE, "spell-1", news2=1, seen=1, now=now + timedelta(hours=1, minutes=1))


def test_of_eight_who_review_the_same_person_at_once_one_is_first() -> None:
    """The version decides; everybody else is told that somebody was there before them."""

    def answer(number: int) -> str:
        try:
            review("oxygen" if number % 2 else "fluids")
        except Stale as refused:
            return str(refused)
        return "saved"

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(answer, range(8)))
    assert told.count("saved") == 1
    assert sum("Look again" in words for words in told) == 7
    assert standing_of(NURSE, "spell-1").version == 1


def test_a_review_of_a_labelled_stay_is_kept_under_its_labels() -> None:
    """What is hidden of a stay is not told by its reviews."""
    put({**spell.build(STAY), "meta": label(CONFIDENTIALITY, "R")})
    with pytest.raises(NotFound):
        standing_of(NURSE, "spell-1")
    review_criteria(GP, "spell-1", says(), seen=0, now=november(3))
    stands = standing_of(GP, "spell-1")
    assert stands.task["meta"]["security"]
    assert last_review(GP, stands)
    with pytest.raises(NotFound):
        standing_of(NURSE, "spell-1")
