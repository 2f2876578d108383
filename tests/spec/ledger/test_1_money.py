"""Money, chapter 1. Whole pence, and shares that lose none of them (domain.md 4.3 BU-02, 9.5)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinedup.fhir.issue import Invalid
from joinedup.ledger.money import MOST_PENCE, in_pounds, read_pounds
from joinedup.ledger.split import allocate_pounds, split


@pytest.mark.parametrize(
    ("written", "pence"),
    [
        ("£14,250.00", 1_425_000),
        ("14250", 1_425_000),
        (" £3.5 ", 350),
        ("-£3.05", -305),
        ("−0.01", -1),
        ("£1,000,000", 100_000_000),
    ],
)
def test_pounds_are_read_as_people_write_them(written: str, pence: int) -> None:
    """With or without the sign, the commas and the second decimal."""
    assert read_pounds(written) == pence


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("£14,250.00-ish", "is not an amount"),
        ("12.345", "fraction of a penny"),
        ("1,42,50", "is not an amount"),
        ("twelve", "is not an amount"),
        ("", "is not an amount"),
        ("1e6", "is not an amount"),
        ("٣", "is not an amount"),
        ("9" * 30, "Check the zeros"),
    ],
)
def test_what_is_no_amount_is_refused_with_what_to_write(written: str, said: str) -> None:
    """Domain 4.5: what was typed, what is wrong with it, what to write."""
    with pytest.raises(Invalid, match=said):
        read_pounds(written, what="The weekly price")


@given(st.integers(-MOST_PENCE, MOST_PENCE))
def test_what_is_shown_reads_back(pence: int) -> None:
    """Every amount, to the penny."""
    assert read_pounds(in_pounds(pence)) == pence


def test_an_odd_penny_goes_to_one_partner_and_is_not_made_twice() -> None:
    """Domain 4.7, 4: half each of £101.01, a third each of £100.00."""
    assert split(10_101, [1, 1]) == (5_051, 5_050)
    assert split(10_000, [1, 1, 1]) == (3_334, 3_333, 3_333)
    assert split(-10_101, [1, 1]) == (-5_051, -5_050)


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.fractions(0, 1000, max_denominator=997), min_size=1, max_size=40).filter(any),
)
def test_shares_sum_to_the_whole_and_none_is_a_penny_off(
    amount: int, weights: list[Fraction]
) -> None:
    """Largest remainder: each share is its exact part rounded down or up."""
    shares = split(amount, weights)
    assert sum(shares) == amount
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - amount * weight / sum(weights)) < 1
    assert split(-amount, weights) == tuple(-s for s in shares)


def test_a_grant_is_allocated_in_whole_pounds_that_add_up_to_it() -> None:
    """Domain 9.9, 9: £240m by shares of 0.0123, 0.0077 and 150 others sums to £240,000,000."""
    shares = {"Lincolnshire": Fraction(123, 10_000), "Gloucestershire": Fraction(77, 10_000)}
    rest = 1 - sum(shares.values())
    shares |= {f"council {n:03d}": rest * n / 11_325 for n in range(1, 151)}
    parts = allocate_pounds(24_000_000_000, shares)
    assert parts["Lincolnshire"] == 2_952_000_00
    assert parts["Gloucestershire"] == 1_848_000_00
    assert sum(parts.values()) == 240_000_000_00
    assert all(part % 100 == 0 for part in parts.values())


@given(st.permutations([f"council {n}" for n in range(7)]))
def test_the_order_of_a_file_decides_no_pound(names: list[str]) -> None:
    """Equal remainders go by the alphabet."""
    parts = allocate_pounds(1_000_00, dict.fromkeys(names, Fraction(1, 7)))
    assert parts == allocate_pounds(1_000_00, dict.fromkeys(sorted(names), Fraction(1, 7)))
    assert list(parts) == names


@pytest.mark.parametrize("weights", [[], [0], [1, -1], [0, 0]])
def test_shares_of_nobody_are_refused(weights: list[int]) -> None:
    """No weights, a negative one, none above zero."""
    with pytest.raises(Invalid):
        split(100, weights)
    with pytest.raises(Invalid, match="no pence"):
        allocate_pounds(101, {"a": Fraction(1)})
