"""Going home, chapter 7. A plan counts on a carer when they said so, alone, this week (CA-04)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from joinedup.discharge.rules.carers import carer_problems, standing_of
from joinedup.discharge.rules.leaving import gone_home, leaving_problems
from joinedup.fhir.classes import Label, label_of
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.profiles.carer_answer import ANSWERS, CarerAnswer, build
from tests.spec.discharge.stays import NURSE, PERSON, november, on_pathway

DAUGHTER, SON = "RelatedPerson/susan", "RelatedPerson/peter"
TUESDAY = november(4)
THAT_DAY = TUESDAY.date()


def answer(said: str = "yes", *, at: datetime = TUESDAY, **changes: Any) -> CarerAnswer:
    plain = {"carer": DAUGHTER, "alone": True, "able_until": None, "words": ""}
    return CarerAnswer(person=PERSON, asked_at=at, asked_by=NURSE, answer=said, **(plain | changes))


def state(*answers: CarerAnswer, on: date = THAT_DAY) -> str:
    return standing_of(DAUGHTER, answers, on=on).state


def test_not_asked_is_never_a_yes() -> None:
    """Nor is what another carer said."""
    assert state() == "not-asked"
    assert state(answer(carer=SON)) == "not-asked"
    assert not standing_of(DAUGHTER, (), on=TUESDAY.date()).willing


@pytest.mark.parametrize(
    ("said", "then"),
    [("yes", "willing"), ("no", "cannot"), ("partly", "in-part"), ("declined", "declined")],
)
def test_what_was_said_is_what_counts(said: str, then: str) -> None:
    """Of everything but a yes, nothing is planned on."""
    assert state(answer(said)) == then
    assert bool(carer_problems([DAUGHTER], [answer(said)], on=TUESDAY.date())) == (said != "yes")


def test_the_last_answer_counts_and_one_still_to_come_does_not() -> None:
    """A yes on Tuesday and a no on Wednesday is a no from Wednesday on."""
    both = (answer("no", at=november(5)), answer())
    assert state(*both) == "willing"
    assert state(*both, on=date(2025, 11, 5)) == "cannot"


def test_a_yes_in_front_of_the_person_is_asked_again_alone() -> None:
    assert state(answer(alone=False)) == "not-alone"


def test_a_yes_is_seven_days_old_at_most() -> None:
    """CA-04: dated, not assumed; the eighth day it is asked again."""
    assert state(answer(), on=date(2025, 11, 11)) == "willing"
    assert state(answer(), on=date(2025, 11, 12)) == "out-of-date"


def test_not_able_from_thursday_blocks_thursday() -> None:
    """6.5 example 8: until there is something else."""
    until_wednesday = answer(able_until=date(2025, 11, 5))
    assert state(until_wednesday, on=date(2025, 11, 5)) == "willing"
    thursday = november(6)
    problems = carer_problems([DAUGHTER], [until_wednesday], on=thursday.date())
    assert [p.message for p in problems] == ["Carer can go on until 5 November only."]
    standing = on_pathway("0", november(3))
    with pytest.raises(Unprocessable, match="until 5 November only"):
        gone_home(standing, thursday, carers=problems)
    assert gone_home(standing, thursday, carers=carer_problems([], [], on=thursday.date())).left


def test_every_carer_that_a_plan_relies_on_is_asked() -> None:
    problems = carer_problems([DAUGHTER, SON], [answer()], on=TUESDAY.date())
    assert [(p.path, p.severity) for p in problems] == [(SON, "error")]
    standing = on_pathway("0", november(3))
    assert problems[0] in leaving_problems(standing, TUESDAY, carers=problems)


def test_what_a_carer_said_is_kept_from_the_person() -> None:
    """CA-02: every worker sees it; it is labelled as being about another."""
    assert label_of(build(answer("no"), "a")) == Label.ABOUT_ANOTHER


def test_the_words_are_those_people_use() -> None:
    """“Carer cannot continue”, never that she refused."""
    assert ANSWERS["no"] == "Carer cannot continue"
    assert "refus" not in " ".join(ANSWERS.values()).lower()
    later = november(4) + timedelta(days=1)
    assert standing_of(DAUGHTER, [answer("no")], on=later.date()).words == (
        "Carer cannot continue (asked 4 November)."
    )
