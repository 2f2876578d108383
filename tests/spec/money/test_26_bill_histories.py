"""Money, chapter 26. Whatever providers send, what is accepted was agreed, done, and billed once.

Random lives of a package: promises, rises, stays in hospital, bills good and bad, sent again.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from joinedup.fhir.profiles import invoice as invoices
from joinedup.fhir.profiles.invoice import ACCEPTED, Invoice
from joinedup.ledger.balance import balances, overdrawn
from joinedup.ledger.posting import Entry, Posting, problems_of
from joinedup.money.away import Stay
from joinedup.money.commitments import commitment_of
from joinedup.money.general_ledger import journal, journal_file, read_journal
from joinedup.money.invoice_posting import posting_of
from joinedup.money.matching_rules import Margins, match
from joinedup.money.pay_run_rules import authorise, owed, postings_of, prepare
from tests.spec.money.invoices import (
    APPROVED,
    BEGINS,
    COUNCIL,
    HEALTH,
    PACKAGE,
    POT,
    PREPARED,
    PROVIDER,
    SAID,
    bill,
    line,
    posting,
    promise,
    visits,
)

ALLOWED = Margins(units_over=Fraction(5), visits_short=Fraction(10))
LAST = date(2018, 3, 31)
DAYS = st.integers(-3, 50)

SENT = st.tuples(
    st.integers(1, 9),
    st.one_of(st.sampled_from([0, 7, 14, 21, 28, 35, 42, 49]), DAYS),
    st.integers(0, 13),
    st.sampled_from(["2", "2", "2", "1.75", "2.1", "2.2", "0.5", "9"]),
    st.sampled_from([0, 0, 0, 0, 0, 1_900]),
    st.sampled_from([0, 0, 0, 0, 0, 100]),
)
"""A bill's number, first day, further days, hours a day, price (0: as agreed), VAT."""


def _sent(figures: tuple[int, int, int, str, int, int]) -> Invoice:
    number, first, more, hours, price, vat = figures
    begins = BEGINS + timedelta(first)
    one = line(
        begins=begins,
        ends=begins + timedelta(more),
        units=Decimal(hours) * (more + 1),
        unit_cost=price or (1_850 if first < 42 else 1_900),
        vat=vat,
    )
    return bill(one, number=f"INV {number}")


def _agreed(two_pots: bool, rise: bool) -> list[Posting]:
    gifts = [
        posting(f"gift-{pot.name}", Entry(COUNCIL, -900_000), Entry(pot, 900_000))
        for pot in (POT, HEALTH)
    ]
    hours = 56 if two_pots else 84
    made = [*gifts, promise(hours=hours)]
    if two_pots:
        made.append(promise("health", pot=HEALTH, hours=28, funder="QR1"))
    if rise:
        after = {"begins": date(2018, 2, 12), "ends": date(2018, 2, 25)}
        made.append(promise("rise", hours=28, unit_cost=1_900, **after))
    return made


@settings(max_examples=60, deadline=None)
@given(
    st.lists(SENT, min_size=4, max_size=15),
    st.lists(st.tuples(DAYS, st.integers(1, 20)), max_size=2),
    st.sampled_from([60, 100, 110, 120, 120, 180]),
    st.booleans(),
    st.booleans(),
)
def test_what_is_accepted_was_agreed_done_and_billed_once(
    sent: Sequence[tuple[int, int, int, str, int, int]],
    away: Sequence[tuple[int, int]],
    minutes: int,
    two_pots: bool,
    rise: bool,
) -> None:
    """House laws 1 and 3, BU-02, BU-04: sums zero, nothing overdrawn, no day twice, paid once."""
    books = _agreed(two_pots, rise)
    stays = [
        Stay(BEGINS + timedelta(first), BEGINS + timedelta(first + more)) for first, more in away
    ]
    made = [v for v in visits(63, minutes=minutes) if not any(stay.keeps(v.day) for stay in stays)]
    kept: dict[str, Invoice] = {}
    for figures in [*sent, *sent[:3]]:
        invoice = _sent(figures)
        commitment = commitment_of(SAID, books)
        found = match(
            invoice,
            commitment,
            visits=made,
            stays=stays,
            before=tuple(kept.values()),
            allowed=ALLOWED,
        )
        if not found.is_accepted:
            assert found.again or found.reasons
            kept.setdefault(invoice.id, invoice)
            continue
        accepted = replace(invoice, state=ACCEPTED, decided_by=APPROVED)
        money = posting_of(
            accepted, commitment, on=LAST, prepared_by=PREPARED, approved_by=APPROVED
        )
        assert problems_of(money) == ()
        assert overdrawn(balances(books), money) == {}
        books.append(money)
        kept[invoice.id] = accepted
    _assert_sound(books, [b for b in kept.values() if b.state == ACCEPTED])


def _assert_sound(books: list[Posting], accepted: Sequence[Invoice]) -> None:
    held = Counter(day for b in accepted for day in invoices.days_held(invoices.build(b)))
    assert all(times == 1 for times in held.values())
    folded = balances(books)
    gross = sum(b.gross for b in accepted)
    assert (folded[PROVIDER].actual if PROVIDER in folded else 0) == gross
    assert folded[PACKAGE].left >= 0 and folded[PACKAGE].released == -gross
    due = owed(books, LAST)
    assert sum(due.values()) == gross
    if due:
        run = prepare("march", due, on=LAST, due_to=LAST, prepared_by=PREPARED)
        books += postings_of(authorise(run, APPROVED))
        assert owed(books, LAST) == {}
    assert read_journal(journal_file(journal(books)).encode()) == sum(
        e.pence for p in books for e in p.entries if e.pence > 0
    )
