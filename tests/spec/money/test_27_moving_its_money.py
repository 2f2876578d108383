"""Money, chapter 27. How the money of an accepted bill moves: once, from whoever promised it.

One posting lets the promise go and owes the provider as much (BU-01, BU-02, BU-04).
"""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.profiles.invoice import ACCEPTED, ADDITIONAL
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.balance import balances, overdrawn
from joinedup.ledger.posting import Book, Entry, problems_of
from joinedup.money.invoice_posting import posting_id, posting_of
from tests.spec.money.invoices import (
    APPROVED,
    BEGINS,
    COUNCIL,
    ENDS,
    HEALTH,
    PACKAGE,
    POT,
    PREPARED,
    PROVIDER,
    agreed,
    bill,
    line,
    posting,
    promise,
)

ON = date(2018, 1, 16)


def test_an_accepted_bill_moves_its_money_in_one_posting() -> None:
    """The promise is let go as the money is owed: the pot has as much left as before."""
    given_pot = posting("gift", Entry(COUNCIL, -200_000), Entry(POT, 200_000))
    made = posting_of(bill(), agreed(), on=ON, prepared_by=PREPARED, approved_by=APPROVED)
    assert problems_of(made) == ()
    assert made.id == posting_id(bill()) == "invoice/VZ901/2044/joyce-home-care"
    before = balances([given_pot, promise()])
    after = balances([given_pot, promise(), made])
    assert overdrawn(before, made) == {}
    assert after[POT].left == before[POT].left == 200_000 - 155_400
    assert after[PACKAGE].left == 155_400 - 25_900
    assert after[PROVIDER].actual == 25_900
    about = made.entries[0].about
    assert (about.begins, about.ends) == (BEGINS, date(2018, 1, 7))
    assert (about.units, about.unit_cost, about.funder) == (Decimal(14), 1_850, "925")
    assert (about.person, about.plan) == ("Patient/joyce", "CarePlan/c1/_history/3")
    assert {e.about.care for e in made.entries} == {"home care"}
    assert {e.about.person for e in made.entries if not e.account.is_somebodys} == {""}


def test_a_bill_beyond_what_was_agreed_finds_the_package_empty() -> None:
    """BU-04: whoever accepts it, the record refuses."""
    most = bill(line(units=Decimal(85), ends=ENDS))
    made = posting_of(most, agreed(), on=ON, prepared_by=PREPARED, approved_by=APPROVED)
    assert overdrawn(balances([promise()]), made) == {PACKAGE: 1_850, POT: 155_400}


def test_an_additional_charge_is_promised_and_let_go_at_once() -> None:
    """BU-01: it names whose it was, takes nothing of what was promised, and makes no new terms."""
    extra = bill(state=ADDITIONAL, decided_by=APPROVED, words="The storm.")
    made = posting_of(extra, agreed(), on=ON, prepared_by=PREPARED, approved_by=APPROVED)
    assert [(e.account, e.pence, e.book) for e in made.entries] == [
        (POT, -25_900, Book.COMMITTED),
        (PACKAGE, 25_900, Book.COMMITTED),
        (PACKAGE, -25_900, Book.RELEASED),
        (POT, 25_900, Book.RELEASED),
        (POT, -25_900, Book.ACTUAL),
        (PROVIDER, 25_900, Book.ACTUAL),
    ]
    assert {e.about.person for e in made.entries if e.account == PACKAGE} == {"Patient/joyce"}
    assert agreed(promise(), made) == agreed(promise())
    with pytest.raises(Unprocessable, match="agree it first"):
        posting_of(extra, None, on=ON, prepared_by=PREPARED, approved_by=APPROVED)


@pytest.mark.parametrize(
    ("first", "pot"),
    [(date(2017, 12, 1), POT), (date(2018, 1, 2), POT), (date(2018, 3, 1), HEALTH)],
)
def test_an_additional_charge_outside_the_days_agreed_is_of_the_nearest(
    first: date, pot: Account
) -> None:
    """Of the promise before it, or of the first of all."""
    later = promise("later", pot=HEALTH, begins=date(2018, 2, 12), ends=date(2018, 2, 25))
    extra = bill(line(begins=first, ends=first), state=ADDITIONAL)
    made = posting_of(
        extra, agreed(promise(), later), on=ON, prepared_by=PREPARED, approved_by=APPROVED
    )
    assert {e.account for e in made.entries} == {pot, PACKAGE, PROVIDER}


def test_two_pots_share_a_bill_to_the_penny() -> None:
    """BU-02: a health line and a care line, a third and two thirds; nothing is lost."""
    held = agreed(promise(hours=56), promise("health", pot=HEALTH, hours=28, funder="QR1"))
    made = posting_of(bill(), held, on=ON, prepared_by=PREPARED, approved_by=APPROVED)
    assert problems_of(made) == ()
    folded = balances([made])
    assert (folded[POT].actual, folded[HEALTH].actual) == (-17_267, -8_633)
    assert folded[PROVIDER].actual == 25_900
    assert {e.about.funder for e in made.entries} == {"925", "QR1"}


def test_a_pot_that_promised_twice_pays_for_both() -> None:
    """Two promises of the council and one of the NHS, alike: two thirds and a third."""
    again = [promise(hours=28), promise("again", hours=28)]
    held = agreed(*again, promise("health", pot=HEALTH, hours=28, funder="QR1"))
    made = posting_of(bill(), held, on=ON, prepared_by=PREPARED, approved_by=APPROVED)
    assert balances([made])[POT].actual == -17_267


@given(
    st.lists(
        st.tuples(st.decimals("0.25", 90, places=2), st.integers(1, 99_999), st.integers(0, 9_999)),
        min_size=1,
        max_size=6,
    ),
    st.integers(1, 9),
    st.booleans(),
)
def test_whatever_is_billed_the_posting_is_sound(
    figures: list[tuple[Decimal, int, int]], pots: int, additional: bool
) -> None:
    """Sums zero in each book, units times their cost as billed, and what is owed is the bill."""
    lines = [line(units=u, unit_cost=c, vat=v) for u, c, v in figures]
    lines = [ln for ln in lines if ln.net]
    promises = [
        promise(f"p{n}", pot=Account(AccountKind.POT, f"pot-{n}"), hours=n + 1) for n in range(pots)
    ]
    invoice = bill(*(lines or [line()]), state=ADDITIONAL if additional else ACCEPTED)
    made = posting_of(invoice, agreed(*promises), on=ON, prepared_by=PREPARED, approved_by=APPROVED)
    assert problems_of(made) == ()
    assert balances([made])[PROVIDER].actual == invoice.gross
