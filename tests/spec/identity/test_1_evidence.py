"""Identity, chapter 1. How likely it is, and why: evidence in plain words (ID-02, ID-03).

Every agreement and difference is a sentence with points. Gender has none; certainty is for people.
"""

import pytest

from joinedup.people.demographics import Demographics
from joinedup.people.identity.rules import Candidate, Outcome, Weighed, decide, looks_like, weigh

KNOWN = Demographics(
    nhs_number="9990012032",
    status="01",
    families=("pickering",),
    givens=("jean",),
    born="1941-10-04",
    gender="female",
    postcodes=("mq32ca",),
    lines=("8coronationavenue",),
)


def weighed(**changes: object) -> Weighed:
    """Jean but for what is changed, against Jean."""
    stated = {field: getattr(KNOWN, field) for field in KNOWN.__struct_fields__}
    return weigh(Demographics(**{**stated, **changes}), Candidate("jean", KNOWN))


def test_everything_agrees_and_still_it_is_not_certain() -> None:
    """The score stays below 1: a machine never says "certainly" (ID-02)."""
    assert 0.99 < weighed().score < 1.0 and weighed().reasons_against == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"born": "1941-01-01"}, "a possible placeholder"),
        ({"born": "1941-04-10"}, "Day and month of birth are swapped"),
        ({"born": "1941-01-40"}, "digits of the birth date are in another order"),
        ({"born": "1941-10-05"}, "One digit of the birth date differs"),
        ({"families": ("pickerring",)}, "spelt almost alike"),
        ({"families": ("smith", "pickering")}, "an earlier or double name"),
        ({"givens": ("jeanette",)}, "same three letters"),
        ({"nhs_number": "9990012032", "status": "02"}, "but it is not verified"),
    ],
)
def test_what_nearly_agrees_speaks_for_it_in_words(changes: dict[str, str], reason: str) -> None:
    """Less than agreement, more than nothing."""
    said = weighed(**changes)
    assert any(reason in sentence for sentence in said.reasons_for)
    assert said.score < weighed().score


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"born": "1950-02-03"}, "The birth dates differ"),
        ({"families": ("marsh",)}, "The family names differ"),
        ({"givens": ("john",)}, "The first names differ"),
        ({"nhs_number": "9990012040"}, "The NHS numbers differ"),
        ({"postcodes": ("mq11aa",)}, "The postcodes differ"),
        ({"givens": ("joan",)}, "perhaps twins"),
        ({"born": ""}, "A birth date is missing"),
    ],
)
def test_what_differs_or_is_missing_speaks_against_it(changes: dict[str, str], reason: str) -> None:
    """And stands with what speaks for it, so that whoever decides sees both."""
    said = weighed(**changes)
    assert any(reason in sentence for sentence in said.reasons_against)
    assert said.score <= weighed().score


def test_gender_is_no_evidence() -> None:
    """The Personal Demographics Service advises against it (domain.md 1.2, 3)."""
    assert weighed(gender="male") == weighed()


def test_reasons_come_strongest_first() -> None:
    """The number, the birth date, the family name, then the rest."""
    assert weighed().reasons_for[0] == "The NHS number is the same."
    assert weighed().reasons_for[-1] == "The first line of the address is the same."


def test_a_twin_scores_less_than_the_person() -> None:
    """Same home, birth date and family name; only the first name tells them apart."""
    no_number = {"nhs_number": "", "status": ""}
    assert weighed(givens=("joan",), **no_number).score < 0.6 < weighed(**no_number).score


def test_two_verified_numbers_that_differ_are_two_people() -> None:
    """However alike the rest: never proposed as one by likeness."""
    other = Demographics(
        nhs_number="9990012040", families=("pickering",), givens=("jean",), born="1941-10-04"
    )
    assert not looks_like(other, KNOWN)


def test_likeness_alone_links_nobody() -> None:
    """Without a verified number the best that comes of it is a question (ID-03)."""
    said = Demographics(families=("pickering",), givens=("jean",), born="1941-10-04")
    decision = decide(said, [Candidate("jean", KNOWN)])
    assert (decision.outcome, decision.people) == (Outcome.UNSURE, ("jean",))
