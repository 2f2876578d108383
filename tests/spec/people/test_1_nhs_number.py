"""People, chapter 1. The NHS number (rule ID-01)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinedup.fhir.issue import Invalid
from joinedup.people import nhs_number

FIRST_NINE = st.text("0123456789", min_size=9, max_size=9)


def test_spaces_and_dashes_are_dropped() -> None:
    """People write `999 000 0018` or `999-000-0018`; both are the same ten digits."""
    assert nhs_number.parse("999 000 0018") == "9990000018"
    assert nhs_number.parse(" 999-000-0018 ") == "9990000018"
    assert nhs_number.parse("999–000\u00a00018") == "9990000018"


def test_a_wrong_check_digit_is_refused_by_name() -> None:
    """`9000000000` has the wrong last digit, and the message says "check digit" (domain 1.7, 1)."""
    with pytest.raises(Invalid, match="check digit"):
        nhs_number.parse("9000000000")
    with pytest.raises(Invalid, match="check digit"):
        nhs_number.parse("943 476 5918")


@pytest.mark.parametrize("tenth", range(10))
def test_a_number_whose_check_digit_would_be_ten_does_not_exist(tenth: int) -> None:
    """No tenth digit makes 943 476 582_ valid (domain 1.7, 1)."""
    assert not nhs_number.is_valid(f"943476582{tenth}")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter an NHS number"),
        ("94347659", "has 10 digits; this has 8"),
        ("943476591", "has 10 digits; this has 9"),
        ("94347659190", "has 10 digits; this has 11"),
        ("943476591X", "digits only"),
        ("9.43E+09", "Excel has changed this number"),
        ("1.0E+10", "Excel has changed this number"),
        ("999000001", "Excel may have dropped a zero"),
        ("٩٤٣٤٧٦٥٩١٩", "digits only"),
    ],
)
def test_nothing_is_padded_or_guessed(typed: str, message: str) -> None:
    """Nine digits stay nine digits: a lost zero is never put back."""
    with pytest.raises(Invalid, match=message):
        nhs_number.parse(typed)


def test_numbers_are_shown_three_three_four() -> None:
    """As they are read aloud; what is no number is shown as it is."""
    assert nhs_number.show("9990000018") == "999 000 0018"
    assert nhs_number.show("unknown") == "unknown"


def test_invented_people_have_numbers_from_the_999_range() -> None:
    """No number of that range was ever issued to anybody."""
    assert nhs_number.in_test_range("9990012008")
    assert not nhs_number.in_test_range("9434765919")


@given(FIRST_NINE)
def test_at_most_one_tenth_digit_is_right(first: str) -> None:
    """So a single mistyped digit is always noticed."""
    right = [tenth for tenth in range(10) if nhs_number.is_valid(f"{first}{tenth}")]
    assert len(right) <= 1


@given(FIRST_NINE, st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(first: str, place: int, change: int) -> None:
    """Whichever of the ten digits it is."""
    whole = next((f"{first}{t}" for t in range(10) if nhs_number.is_valid(f"{first}{t}")), None)
    if whole is not None:
        wrong = str((int(whole[place]) + change) % 10)
        assert not nhs_number.is_valid(whole[:place] + wrong + whole[place + 1 :])
