"""Money, chapter 2. A posting: what makes it sound, what takes it back (BU-01, BU-04, BU-05)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from joinedup.fhir.issue import Unprocessable
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.balance import Balance, balances, overdrawn
from joinedup.ledger.period import Month, financial_year, read_year
from joinedup.ledger.posting import About, Book, Entry, Posting, problems_of, refuse, reversal

POT = Account(AccountKind.POT, "winter-2018/925")
PACKAGE = Account(AccountKind.PACKAGE, "p1")
PROVIDER = Account(AccountKind.PROVIDER, "AB1")
COUNCIL = Account(AccountKind.FUNDER, "925")
JOYCE = About(person="Patient/joyce")


def posting(*entries: Entry, **changes: object) -> Posting:
    """A posting of December 2018, prepared by one officer and approved by another."""
    made = Posting(
        id="b1",
        on=date(2018, 12, 3),
        words="Home care for Joyce, 14 hours a week",
        entries=entries,
        source="CarePlan/c1/_history/3",
        prepared_by="Practitioner/patel",
        approved_by="Practitioner/okafor",
    )
    return replace(made, **changes)


def commitment(pence: int = 40_000) -> Posting:
    """A pot promises a package its cost."""
    return posting(Entry(POT, -pence, Book.COMMITTED), Entry(PACKAGE, pence, Book.COMMITTED, JOYCE))


def wrong(made: Posting, *closed: Month) -> str:
    """Everything that is said to be wrong with it."""
    return " ".join(p.message for p in problems_of(made, closed))


def test_every_pound_that_comes_leaves_another_account() -> None:
    """In each book by itself: a promise is not made good by a payment."""
    assert problems_of(commitment()) == ()
    assert "differ by £1.00 (committed)" in wrong(
        posting(Entry(POT, -40_000, Book.COMMITTED), Entry(PACKAGE, 40_100, Book.COMMITTED))
    )
    across = posting(Entry(POT, -40_000, Book.COMMITTED), Entry(PACKAGE, 40_000, Book.ACTUAL))
    assert "(committed)" in wrong(across) and "(actual)" in wrong(across)


def test_only_what_is_somebodys_names_them() -> None:
    """A commissioner reads what left a pot; for whom it was stands with the package."""
    nameless = posting(Entry(POT, -5, Book.COMMITTED), Entry(PACKAGE, 5, Book.COMMITTED))
    assert wrong(nameless) == "package p1: say whose it is."
    for told in (JOYCE, About(plan="CarePlan/c1/_history/3"), About(need="wash")):
        named = posting(
            Entry(POT, -5, Book.COMMITTED, told), Entry(PACKAGE, 5, Book.COMMITTED, JOYCE)
        )
        assert "pot winter-2018/925: this side of the money names nobody" in wrong(named)


def test_who_prepares_does_not_approve_and_nobody_is_paid_by_themselves() -> None:
    """Domain 4.7, 9 and BU-05: the same person twice is refused, each pair of duties."""
    twice = replace(commitment(), approved_by="Practitioner/patel")
    with pytest.raises(Unprocessable, match="cannot approve it"):
        refuse(twice)
    assert "comes to them" in wrong(replace(commitment(), paid_to="Practitioner/okafor"))
    assert "comes to them" in wrong(replace(commitment(), paid_to="Practitioner/patel"))
    held = Account(AccountKind.DIRECT_PAYMENT, "joyce")
    own = posting(
        Entry(POT, -100),
        Entry(held, 100, about=About(person="Patient/okafor")),
        approved_by="Patient/okafor",
    )
    assert "comes to them" in wrong(own)
    assert "who approved" in wrong(replace(commitment(), approved_by=""))


def test_units_times_cost_with_vat_is_what_moves() -> None:
    """BU-01: 14.5 hours at £24.10, £69.89 of VAT; half a penny is rounded either way."""
    about = About(units=Decimal("14.5"), unit_cost=2_410, vat=6_989)
    good = posting(Entry(POT, -41_934, about=about), Entry(PROVIDER, 41_934, about=about))
    assert problems_of(good) == ()
    assert "is £419.34" in wrong(
        posting(Entry(POT, -41_900, about=about), Entry(PROVIDER, 41_900, about=about))
    )


@pytest.mark.parametrize("units", ["NaN", "sNaN", "Infinity", "1E+999999", "1E-999999"])
def test_units_are_a_number_that_can_be_written_out(units: str) -> None:
    """Whatever a file says: no page and no sum breaks of it."""
    said = About(units=Decimal(units), unit_cost=2_410)
    made = posting(Entry(POT, -5, about=said), Entry(PROVIDER, 5, about=said))
    assert "the units are no number" in wrong(made)


def test_a_closed_month_takes_nothing_more() -> None:
    """Nor does a posting without words, a document, entries; or days that end before they begin."""
    assert "2018-12 is closed" in wrong(commitment(), Month(2018, 12))
    assert wrong(commitment(), Month(2018, 11)) == ""
    assert "what the money is for" in wrong(replace(commitment(), words=" "))
    assert "the document" in wrong(replace(commitment(), source=""))
    assert "2 to 1,000 entries" in wrong(replace(commitment(), entries=()))
    back = About(begins=date(2018, 12, 9), ends=date(2018, 12, 3))
    assert "end before they begin" in wrong(
        posting(Entry(POT, -5, about=back), Entry(PROVIDER, 5, about=back))
    )
    assert "moves a penny to" in wrong(posting(Entry(POT, 0), Entry(PROVIDER, 0)))


def test_a_financial_year_begins_in_april() -> None:
    """Written 2018-19, and never 2018 (domain.md 12.3b)."""
    assert financial_year(date(2019, 3, 31)) == "2018-19"
    assert financial_year(date(2019, 4, 1)) == Month(2019, 4).financial_year == "2019-20"
    assert read_year("1999-00") == "1999-00"
    for other in ("2018", "2018-20", "2018/19", "0000-01", "9999-00"):
        with pytest.raises(Exception, match="like 2018-19"):
            read_year(other)


def test_a_reversal_takes_back_all_of_it_and_the_wrong_stays_to_be_seen() -> None:
    """BU-01: corrections are entries of their own, by two people like any other."""
    made = commitment()
    back = reversal(
        made,
        new_id="b2",
        on=date(2019, 1, 4),
        words="Committed twice",
        prepared_by="Practitioner/patel",
        approved_by="Practitioner/okafor",
    )
    assert problems_of(back) == () and back.reverses == "b1"
    assert set(balances([made, back]).values()) == {Balance()}
    with pytest.raises(Unprocessable, match="not reversed"):
        reversal(
            back, new_id="b3", on=back.on, words="x", prepared_by="Practitioner/a", approved_by="b"
        )


def test_promises_count_against_a_pot_before_anything_is_paid() -> None:
    """BU-04: £1,000 given, £900 promised; £101 more is refused, £100 is not."""
    given_ = posting(Entry(COUNCIL, -100_000), Entry(POT, 100_000))
    before = balances([given_, commitment(90_000)])
    assert before[POT].left == 10_000
    assert overdrawn(before, commitment(10_100)) == {POT: 100}
    assert overdrawn(before, commitment(10_000)) == {}
    assert overdrawn(before, commitment(10_100), {POT: -100}) == {}


def test_an_invoice_beyond_what_was_agreed_needs_agreement_first() -> None:
    """What is accepted is let go of the promise in the same posting, and no more than was left."""
    before = balances([posting(Entry(COUNCIL, -100_000), Entry(POT, 100_000)), commitment(40_000)])

    def invoice(pence: int) -> Posting:
        return posting(
            Entry(PACKAGE, -pence, Book.RELEASED),
            Entry(POT, pence, Book.RELEASED),
            Entry(POT, -pence),
            Entry(PROVIDER, pence),
        )

    assert overdrawn(before, invoice(40_000)) == {}
    assert overdrawn(before, invoice(40_001)) == {PACKAGE: 1}


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=30))
def test_a_balance_is_the_fold_of_its_entries(amounts: list[int]) -> None:
    """All accounts of all books together hold nothing: money is moved, never made."""
    held = balances([commitment(pence) for pence in amounts])
    assert held[PACKAGE].left == sum(amounts) == -held[POT].committed
    assert sum(balance.left for balance in held.values()) == 0
