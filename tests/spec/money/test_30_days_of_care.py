"""Money, chapter 30. A bill belongs to the days of care it bills (decision 0022; BU-09, MO-06)."""

from datetime import date
from fractions import Fraction

import pytest

from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.period import Month
from joinedup.ledger.pool import Pool
from joinedup.money.grant_rules import pool_page
from joinedup.money.invoice_posting import day_of, posting_of
from tests.spec.money.invoices import APPROVED, PREPARED, agreed, bill, line, promise

POOL = Account(AccountKind.POT, "better-care")
LATE = bill(line(begins=date(2018, 3, 19), ends=date(2018, 3, 25)))
APRIL = date(2018, 4, 10)


@pytest.mark.parametrize(
    ("today", "closed", "day"),
    [
        (APRIL, (), date(2018, 3, 25)),
        (APRIL, (Month(2018, 2),), date(2018, 3, 25)),
        (APRIL, (Month(2018, 3),), APRIL),
        (date(2018, 3, 25), (), date(2018, 3, 25)),
        (date(2018, 3, 20), (), date(2018, 3, 20)),
    ],
)
def test_a_bill_belongs_to_its_last_day_while_that_month_is_open(
    today: date, closed: tuple[Month, ...], day: date
) -> None:
    """After that, and for days to come, to the day on which it is taken in."""
    assert day_of(LATE, today=today, closed=closed) == day


def test_the_last_week_of_march_is_in_the_statement_of_its_year() -> None:
    """£259.00 of care in March, billed in April: spent in 2017-18, and not in 2018-19."""
    kept = promise(pot=POOL, begins=date(2018, 3, 1), ends=date(2018, 3, 31))
    posted = posting_of(
        LATE,
        agreed(kept),
        on=day_of(LATE, today=APRIL, closed=()),
        prepared_by=PREPARED,
        approved_by=APPROVED,
    )
    spent = {}
    for year in ("2017-18", "2018-19"):
        halves = {"904": Fraction(1, 2), "QR1": Fraction(1, 2)}
        pool = Pool(
            name=POOL.name,
            host="904",
            year=year,
            contributions={"904": 0, "QR1": 0},
            overspend=halves,
            underspend=halves,
            functions=("Home care",),
            vat_by="904",
            ends="Never",
        )
        spent[year] = sum(p.statement.bears for p in pool_page(pool, [posted]).partners)
    assert spent == {"2017-18": 25_900, "2018-19": 0}
