"""Money, chapter 3. What partners share, and what is given once (BU-07, BU-09, MO-04, MO-06)."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from joinedup.fhir.issue import Invalid, Unprocessable
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.grant import (
    PROXY_WORDS,
    BudgetLine,
    Grant,
    allocation,
    base_of,
    refuse_outside,
)
from joinedup.ledger.pool import Pool, refuse_pool, statements
from joinedup.ledger.posting import Entry, Posting
from joinedup.ledger.recalculation import Weekly, differences

SIXTY = {"council": Fraction(6, 10), "board": Fraction(4, 10)}
POOL = Pool(
    name="Better care",
    host="council",
    year="2018-19",
    contributions={"council": 600_000_000, "board": 400_000_000},
    overspend=SIXTY,
    underspend=SIXTY,
    functions=("home care", "reablement", "equipment"),
    vat_by="council",
    ends="With six months' notice; assets by contribution.",
)
GRANT = Grant(
    name="winter-2018",
    year="2018-19",
    total=240_000_000_00,
    shares={"925": Fraction(123, 10_000), "916": Fraction(9_877, 10_000)},
    shares_source="Invented for this test, 2026",
    shares_are_proxy=True,
)


def test_an_overspend_is_shared_by_the_agreement_to_the_penny() -> None:
    """Domain 4.7, 10: £6.0m and £4.0m, 60:40, £500,000 over: £300,000 and £200,000."""
    council, board = statements(POOL, 1_050_000_000)
    assert (council.difference, board.difference) == (30_000_000, 20_000_000)
    assert (council.bears, board.bears) == (630_000_000, 420_000_000)


@given(st.integers(0, 10**12), st.integers(1, 99))
def test_what_partners_bear_is_what_was_spent(spent: int, percent: int) -> None:
    """Whatever was spent, whatever the parts: no penny more, none less."""
    parts = {"council": Fraction(percent, 100), "board": Fraction(100 - percent, 100)}
    found = statements(replace(POOL, overspend=parts, underspend=parts), spent)
    assert sum(each.bears for each in found) == spent


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"host": "somebody"}, "none of the partners"),
        ({"vat_by": ""}, "reclaims the VAT"),
        ({"contributions": {"council": 5}}, "two partners"),
        ({"contributions": {"council": -5, "board": 5}}, "below zero"),
        ({"overspend": {"council": Fraction(1)}}, "make one whole"),
        ({"underspend": {"council": Fraction(1, 2), "board": Fraction(1, 3)}}, "make one whole"),
        ({"functions": ()}, "what the pool may be spent on"),
        ({"ends": " "}, "how the agreement ends"),
        ({"minimums": {"board": 400_000_001}}, "less than the minimum"),
    ],
)
def test_an_agreement_states_what_every_agreement_must(
    changes: dict[str, object], said: str
) -> None:
    """BU-09: host, contributions, functions, risk share, VAT, exit; MO-06: the minimum."""
    refuse_pool(POOL)
    with pytest.raises(Unprocessable, match=said):
        refuse_pool(replace(POOL, **changes))


def test_a_grant_says_so_when_its_shares_are_not_the_real_ones() -> None:
    """Until the published shares are at hand; and never without their source."""
    assert allocation(GRANT)["925"] == 2_952_000_00
    assert sum(allocation(GRANT).values()) == GRANT.total
    assert GRANT.warning == PROXY_WORDS == "proxy shares, not the 2018 allocation"
    assert replace(GRANT, shares_are_proxy=False).warning == ""
    with pytest.raises(Invalid, match="where the shares"):
        allocation(replace(GRANT, shares_source=""))


def test_a_grant_is_gone_when_its_year_is() -> None:
    """MO-04: neither spent nor handed back in another year; other pots do not mind."""

    def moved(on: date, pot: Account) -> Posting:
        return Posting(
            id="b",
            on=on,
            words="Home care",
            entries=(Entry(pot, -5), Entry(Account(AccountKind.PROVIDER, "AB1"), 5)),
            source="invoice/1",
            prepared_by="a",
            approved_by="b",
        )

    refuse_outside(GRANT, moved(date(2019, 3, 31), GRANT.pot("925")))
    refuse_outside(GRANT, moved(date(2019, 4, 1), Account(AccountKind.POT, "mainstream")))
    for day in (date(2019, 4, 1), date(2018, 3, 31)):
        with pytest.raises(Unprocessable, match="for 2018-19 alone"):
            refuse_outside(GRANT, moved(day, GRANT.pot("925")))


def test_a_one_off_pound_is_in_no_later_base() -> None:
    """Domain 12.4, 3: a one-off £1.5m of 2018-19 is not in the base of 2019-20."""
    lines = [
        BudgetLine("home care", "2018-19", 42_000_000_00, one_off=False),
        BudgetLine("winter grant", "2018-19", 1_500_000_00, one_off=True),
        BudgetLine("home care", "2017-18", 40_000_000_00, one_off=False),
    ]
    assert base_of("2018-19", lines) == 42_000_000_00


def test_a_change_that_reaches_back_shows_both_and_who_is_owed_what() -> None:
    """BU-07: week by week and payer by payer, also where nothing changed."""
    first, second = date(2019, 3, 4), date(2019, 3, 11)
    before = [Weekly(first, {"council": 39_450, "person": 2_550}), Weekly(second, {"council": 500})]
    after = [Weekly(first, {"board": 42_000}), Weekly(second, {"council": 500})]
    found = [(d.begins, d.payer, d.before, d.after, d.due) for d in differences(before, after)]
    assert found == [
        (first, "board", 0, 42_000, 42_000),
        (first, "council", 39_450, 0, -39_450),
        (first, "person", 2_550, 0, -2_550),
        (second, "council", 500, 500, 0),
    ]
    assert sum(due for _, _, _, _, due in found) == 0
    with pytest.raises(Invalid, match="stands twice"):
        differences([before[0], before[0]], after)
