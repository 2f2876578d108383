"""People, chapter 2. Is this the same person? (rules ID-02 and ID-03)

A machine attaches statements to a person only when the NHS number, and what it is checked against,
agree. Everything else is for people to decide.
"""

from typing import Any

import pytest

from joinedup.people.demographics import Demographics, demographics_of, family_names
from joinedup.people.identity.rules import Candidate, Decision, Outcome, decide

JOYCE = {
    "nhs_number": "9990012008",
    "families": ("hallam",),
    "givens": ("joyce",),
    "born": "1933-05-11",
    "gender": "female",
    "postcodes": ("mq14ab",),
}


def who(**changes: Any) -> Demographics:
    """Joyce, but for what is changed."""
    return Demographics(**{**JOYCE, **changes})


def decided(*known: Demographics, **changes: Any) -> Decision:
    """What is decided of Joyce-but-for-changes when these people are known."""
    candidates = [Candidate(f"p{place}", one) for place, one in enumerate(known)]
    return decide(who(**changes), candidates)


def test_number_birth_date_and_family_name_agree() -> None:
    """The only case that is attached without a person looking."""
    decision = decided(who())
    assert (decision.outcome, decision.people, decision.status) == (Outcome.SAME, ("p0",), "01")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"born": "1983-05-11"}, "the birth dates differ"),
        ({"families": ("marsh",)}, "the family names differ"),
        ({"families": (), "born": ""}, "there to check the number against"),
    ],
)
def test_a_number_alone_never_proves_identity(change: dict[str, Any], reason: str) -> None:
    """ID-02: a number on the wrong person is a conflict (status 05), and nothing is attached."""
    decision = decided(who(), **change)
    assert (decision.outcome, decision.status) == (Outcome.CONFLICT, "05")
    assert reason in decision.reasons[0]


def test_one_of_the_two_checks_may_be_missing() -> None:
    """A council's row without a name still has a birth date to check the number against."""
    assert decided(who(), families=(), givens=()).outcome is Outcome.SAME
    assert decided(who(), born="").outcome is Outcome.SAME


def test_a_number_the_sender_has_not_verified_links_nobody() -> None:
    """Statuses 02 to 08 say the sender does not know whose number it is."""
    decision = decided(who(), status="02")
    assert (decision.outcome, decision.status) == (Outcome.CONFLICT, "02")


def test_two_people_with_one_number_are_a_conflict() -> None:
    """Neither is chosen."""
    assert decided(who(), who(givens=("ellen",))).outcome is Outcome.CONFLICT


def test_first_of_january_may_be_a_placeholder() -> None:
    """1 January of the same year, and the same first name: the same person, with a reason."""
    decision = decided(who(born="1933-01-01"))
    assert decision.outcome is Outcome.SAME
    assert any("placeholder" in reason for reason in decision.reasons)
    assert decided(who(born="1933-01-01", givens=("ellen",))).outcome is Outcome.CONFLICT
    assert decided(who(born="1934-01-01")).outcome is Outcome.CONFLICT


def test_gender_is_never_held_against_anybody() -> None:
    """The Personal Demographics Service advises against it (domain 1.2, 3)."""
    assert decided(who(), gender="male").outcome is Outcome.SAME


def test_names_are_compared_without_accents_case_hyphens_or_apostrophes() -> None:
    """`O'Brien`, `OBRIEN` and `O’Brien` are one name; so are `Zoë` and `ZOE`."""
    assert family_names("Zoë") == family_names("ZOE")
    assert family_names("O'Brien") == family_names("OBRIEN") == family_names("O’Brien")
    assert "hallam" in family_names("Hallam-Reid")


def test_a_double_name_agrees_with_either_half() -> None:
    """People marry; half of a double name is still a check. Particles are not."""
    assert decided(who(), families=family_names("Hallam-Reid")).outcome is Outcome.SAME
    assert family_names("de la Cruz") == ("delacruz", "cruz")


def test_unknown_is_no_name() -> None:
    """ "Unknown" as a surname agrees with nobody's (domain 1.5)."""
    said = demographics_of({"name": [{"family": "Unknown", "given": ["Baby"]}]})
    assert said.families == ()


def test_no_fixed_abode_is_no_address() -> None:
    """ZZ99 3VZ is shared by everybody without a home (domain 1.5)."""
    assert demographics_of({"address": [{"postalCode": "ZZ99 3VZ"}]}).postcodes == ()


def test_twins_are_never_told_apart_by_a_machine() -> None:
    """Surname, birth date and postcode fit two people: not filed (domain 1.7, 4)."""
    twins = (who(nhs_number="9990000018"), who(nhs_number="9990000026", givens=("ellen",)))
    decision = decided(*twins, nhs_number="", givens=())
    assert (decision.outcome, decision.people) == (Outcome.SEVERAL, ("p0", "p1"))
    assert decision.reasons[0].startswith("2 candidates")


def test_birth_order_tells_twins_apart() -> None:
    """The same number on the other child of one birth is a conflict."""
    assert decided(who(birth_order=1), birth_order=2).outcome is Outcome.CONFLICT


def test_without_a_number_one_likely_person_is_only_a_suggestion() -> None:
    """ID-03: linked automatically only if unique and verified; this is unique and not verified."""
    decision = decided(who(), nhs_number="")
    assert (decision.outcome, decision.people, decision.status) == (Outcome.UNSURE, ("p0",), "03")


def test_nobody_like_this() -> None:
    """A new person."""
    assert decided(who(families=("marsh",)), nhs_number="").outcome is Outcome.NEW
    assert decided(nhs_number="9990000018").outcome is Outcome.NEW
