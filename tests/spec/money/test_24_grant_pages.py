"""Money, chapter 24. What the page of a grant and the statement of a pool are counted from.

Domain 4.7, 10 and 9.5; MO-04, MO-06, BU-09.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from joinedup.fhir.issue import Unprocessable
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.balance import NOTHING, balances
from joinedup.ledger.grant import PROXY_WORDS, Grant
from joinedup.ledger.period import Month
from joinedup.ledger.pool import Pool
from joinedup.ledger.posting import About, Book, Entry, Posting, reversal
from joinedup.money.grant_rules import NOT_SAID, GrantPage, grant_page, pool_page
from joinedup.money.pot_rules import Figures as PotFigures
from joinedup.money.pot_rules import by_care, by_month, figures_of
from joinedup.record.books import Movement
from tests.spec.money.invoices import APPROVED, PREPARED, posting

GRANT = Grant(
    name="winter-2018",
    year="2018-19",
    total=100_000_00,
    shares={"925": Fraction(3, 4), "926": Fraction(1, 4)},
    shares_source="People aged 65 and over, mid-2017",
    shares_are_proxy=True,
)
NOVEMBER, DECEMBER, JANUARY = Month(2018, 11), Month(2018, 12), Month(2019, 1)
GIVER = Account(AccountKind.FUNDER, "dhsc")


def day(month: Month) -> date:
    return date(month.year, month.month, 20)


def given_to(council: str, pence: int, month: Month = NOVEMBER) -> Posting:
    """What the department gives a council."""
    entries = (Entry(GIVER, -pence), Entry(GRANT.pot(council), pence))
    return posting(f"given-{council}-{month}-{pence}", *entries, on=day(month))


def _about(package: str, care: str) -> About:
    return About(package=package, care=care, funder="dhsc")


def promised(
    council: str, package: str, pence: int, month: Month = NOVEMBER, *, care: str = "home care"
) -> Posting:
    """A package agreed from a council's part."""
    about = _about(package, care)
    entries = (
        Entry(GRANT.pot(council), -pence, Book.COMMITTED, about),
        Entry(
            Account(AccountKind.PACKAGE, package),
            pence,
            Book.COMMITTED,
            replace(about, person="Patient/joyce"),
        ),
    )
    return posting(f"promised-{package}-{pence}", *entries, on=day(month))


def let_go(council: str, package: str, pence: int, month: Month = DECEMBER) -> Posting:
    """A package that ended early."""
    about = _about(package, "home care")
    entries = (
        Entry(
            Account(AccountKind.PACKAGE, package),
            -pence,
            Book.RELEASED,
            replace(about, person="Patient/joyce"),
        ),
        Entry(GRANT.pot(council), pence, Book.RELEASED, about),
    )
    return posting(f"let-go-{package}-{pence}", *entries, on=day(month))


def billed(council: str, package: str, pence: int, month: Month = DECEMBER) -> Posting:
    """An accepted invoice."""
    about = _about(package, "home care")
    pot = GRANT.pot(council)
    entries = (
        *let_go(council, package, pence).entries,
        Entry(pot, -pence, Book.ACTUAL, about),
        Entry(Account(AccountKind.PROVIDER, "VZ901"), pence, Book.ACTUAL, about),
    )
    return posting(f"invoice-{package}-{month}-{pence}", *entries, on=day(month))


def winter() -> list[Posting]:
    """Two councils' winter: three packages, one ended early, one invoice a month."""
    return [
        given_to("925", 75_000_00),
        given_to("926", 25_000_00),
        promised("925", "joyce", 1_554_00),
        promised("925", "ron", 900_00, DECEMBER, care="reablement"),
        promised("926", "ada", 500_00, DECEMBER),
        billed("925", "joyce", 259_00),
        billed("925", "joyce", 259_00, JANUARY),
        let_go("925", "joyce", 1_036_00, JANUARY),
    ]


def figures(page: GrantPage) -> dict[str, tuple[int, int, int, int, int]]:
    """Allocated, committed, spent, left and packages, as the page shows them by council."""
    return {
        name: (f.allocated, f.committed, f.spent, f.left, f.packages)
        for name, f in page.by_council.items()
    }


def test_a_grant_is_told_by_council_kind_of_care_and_month() -> None:
    """Allocated, committed, spent, left; packages are counted beside the pounds."""
    page = grant_page(GRANT, winter())
    assert figures(page) == {
        "925": (75_000_00, 1_418_00, 518_00, 73_582_00, 2),
        "926": (25_000_00, 500_00, 0, 24_500_00, 1),
    }
    assert {care: (f.committed, f.packages) for care, f in page.by_care.items()} == {
        "home care": (1_018_00, 2),
        "reablement": (900_00, 1),
    }
    assert {str(m): (f.committed, f.spent, f.packages) for m, f in page.by_month.items()} == {
        "2018-11": (1_554_00, 0, 1),
        "2018-12": (1_400_00, 259_00, 2),
        "2019-01": (-1_036_00, 259_00, 0),
    }
    assert page.whole.waiting == 1_918_00 - 518_00


def test_the_chart_goes_from_pounds_to_packages() -> None:
    """How far the grant had come by the end of each month."""
    points = grant_page(GRANT, winter()).series
    assert [(str(p.month), p.committed, p.spent, p.packages) for p in points] == [
        ("2018-11", 1_554_00, 0, 1),
        ("2018-12", 2_954_00, 259_00, 3),
        ("2019-01", 1_918_00, 518_00, 3),
    ]


def test_proxy_shares_are_called_so_beside_the_figures() -> None:
    """Until the 2018 shares are supplied."""
    page = grant_page(GRANT, [])
    assert page.warning == PROXY_WORDS
    assert page.share == {"925": 75_000_00, "926": 25_000_00}
    assert grant_page(replace(GRANT, shares_are_proxy=False), []).warning == ""


def test_a_council_that_has_had_nothing_has_its_row() -> None:
    """Nothing is a figure too."""
    page = grant_page(GRANT, [given_to("925", 100)])
    assert figures(page)["926"] == (0, 0, 0, 0, 0)
    assert page.by_care == {} and len(page.series) == 1


def test_a_package_that_was_taken_back_is_not_counted() -> None:
    """A promise made by mistake bought nothing; nor did one that ended before it began."""
    wrong = promised("925", "joyce", 1_000_00)
    back = reversal(
        wrong,
        new_id="back",
        on=day(DECEMBER),
        words="Wrong person",
        prepared_by=PREPARED,
        approved_by=APPROVED,
    )
    ended = [promised("925", "ron", 300_00), let_go("925", "ron", 300_00)]
    page = grant_page(GRANT, [wrong, back, *ended])
    assert (page.whole.committed, page.whole.packages) == (0, 0)


def test_care_of_no_stated_kind_is_shown_as_such() -> None:
    """It is not left out, and not put with another."""
    page = grant_page(GRANT, [promised("925", "joyce", 1_00, care="")])
    assert set(page.by_care) == {NOT_SAID}


def test_other_pots_are_not_the_grants() -> None:
    """A grant of another name, or a pool, in the same posting."""
    mixed = promised("925", "joyce", 1_00)
    elsewhere = replace(GRANT, name="winter-2019")
    assert grant_page(elsewhere, [mixed]).whole.committed == 0


_STEP = st.tuples(
    st.sampled_from(["give", "promise", "bill", "let go"]),
    st.sampled_from(["925", "926"]),
    st.sampled_from(["joyce", "ron", "ada"]),
    st.integers(1, 10**9),
    st.sampled_from([NOVEMBER, DECEMBER, JANUARY]),
)


@given(st.lists(_STEP, max_size=25), st.randoms())
def test_whatever_happens_the_figures_agree_with_the_books(
    steps: Sequence[tuple[str, str, str, int, Month]], shuffled: Any
) -> None:
    """Left is what the pot has left; every way of looking adds up to the same whole."""
    made = []
    for n, (what, council, package, pence, month) in enumerate(steps):
        one = {
            "give": given_to(council, pence, month),
            "promise": promised(council, package, pence, month),
            "bill": billed(council, package, pence, month),
            "let go": let_go(council, package, pence, month),
        }[what]
        made.append(replace(one, id=f"s{n}"))
    folded = balances(made)
    shuffled.shuffle(made)
    page = grant_page(GRANT, made)
    for council, row in page.by_council.items():
        balance = folded.get(GRANT.pot(council), NOTHING)
        assert row.left == balance.left
        assert row.allocated == row.spent + row.waiting + row.left
        assert row.allocated - row.spent == balance.actual
    for way in (page.by_council, page.by_month):
        assert sum(f.committed for f in way.values()) == page.whole.committed
        assert sum(f.spent for f in way.values()) == page.whole.spent
        assert sum(f.left for f in way.values()) == page.whole.left
    assert sum(f.committed for f in page.by_care.values()) == page.whole.committed
    if page.series:
        assert page.series[-1].committed == page.whole.committed
        assert page.series[-1].packages == page.whole.packages


def moved(made: Sequence[Posting], pot: Account) -> list[Movement]:
    """What moved on a pot, as `record.books.movements` sums it."""
    sums: Counter[tuple[Any, ...]] = Counter()
    for one in made:
        for e in one.entries:
            if e.account == pot:
                said = e.about
                sums[e.book, one.period, said.care, said.package, said.provider] += e.pence
    return [Movement(pot, *key, pence=pence, entries=1) for key, pence in sums.items()]


@given(st.lists(_STEP, max_size=25))
def test_two_book_keepers_tell_the_same(steps: Sequence[tuple[str, str, str, int, Month]]) -> None:
    """House law 7: the pages' sums by month, and the fold of postings one by one."""
    made = [given_to("925", 10**9)]
    for n, (what, _, package, pence, month) in enumerate(steps):
        promise = replace(promised("925", package, pence, month), id=f"p{n}")
        after = billed("925", package, pence, month) if what == "bill" else None
        after = let_go("925", package, pence, month) if what == "let go" else after
        made += [promise, *([replace(after, id=f"a{n}")] if after else [])]
    page, sums = grant_page(GRANT, made), moved(made, GRANT.pot("925"))
    own = page.by_council["925"]
    assert told(figures_of(sums)) == (own.allocated, own.waiting, own.spent, own.left)
    lines = {one.name: one for one in by_care(sums)}
    assert {name: told(one.figures)[1:3] for name, one in lines.items()} == {
        name: (f.waiting, f.spent) for name, f in page.by_care.items()
    }
    assert {name: one.packages for name, one in lines.items()} == {
        name: f.packages for name, f in page.by_care.items()
    }
    assert {one.name: told(one.figures) for one in by_month(sums)} == {
        str(m): (f.allocated, f.waiting, f.spent, f.left) for m, f in page.by_month.items()
    }


def told(found: PotFigures) -> tuple[int, int, int, int]:
    return (found.given, found.promised, found.spent, found.left)


POOL = Pool(
    name="better-care",
    host="E99901",
    year="2018-19",
    contributions={"E99901": 600_000_000, "QR1": 400_000_000},
    overspend={"E99901": Fraction(3, 5), "QR1": Fraction(2, 5)},
    underspend={"E99901": Fraction(3, 5), "QR1": Fraction(2, 5)},
    functions=("Care at home", "Reablement"),
    vat_by="E99901",
    ends="Six months after either partner says so.",
)
POOL_POT = Account(AccountKind.POT, "better-care")


def pool_year(spent: int) -> list[Posting]:
    """Both partners give; the pool spends, and a little of another year stands beside it."""
    provider = Account(AccountKind.PROVIDER, "VZ901")
    about = About(care="reablement", package="joyce")
    gifts = [
        posting(
            f"gift-{partner}",
            Entry(Account(AccountKind.FUNDER, partner), -pence),
            Entry(POOL_POT, pence),
            on=date(2018, 4, 3),
        )
        for partner, pence in (("E99901", 600_000_000), ("QR1", 300_000_000))
    ]
    paid = (Entry(POOL_POT, -spent, Book.ACTUAL, about), Entry(provider, spent, Book.ACTUAL, about))
    return [
        *gifts,
        posting("year", *paid, on=date(2019, 3, 31)),
        posting("next", *paid, on=date(2019, 4, 1)),
    ]


def test_a_pools_statement_is_to_the_penny() -> None:
    """Domain 4.7, 10: £10.0m given, £10.5m spent; 60 to 40 of the difference each bears."""
    page = pool_page(POOL, pool_year(1_050_000_000))
    council, board = page.partners
    assert (council.statement.difference, board.statement.difference) == (30_000_000, 20_000_000)
    assert sum(p.statement.bears for p in page.partners) == page.figures.spent == 1_050_000_000
    assert (council.received, board.received) == (600_000_000, 300_000_000)
    assert page.by_care["reablement"].spent == 1_050_000_000
    about = About(care="home care", package="joyce")
    package = Account(AccountKind.PACKAGE, "joyce")
    waits = (
        Entry(POOL_POT, -5_00, Book.COMMITTED, about),
        Entry(package, 5_00, Book.COMMITTED, replace(about, person="Patient/joyce")),
    )
    more = pool_page(POOL, [*pool_year(1), posting("promised", *waits, on=date(2018, 5, 1))])
    assert (more.by_care["home care"].committed, more.by_care["home care"].spent) == (5_00, 0)


@given(st.integers(1, 10**12))
def test_partners_together_bear_what_the_pool_spent(spent: int) -> None:
    """BU-09, whatever it spent; what one partner has still to give does not change that."""
    page = pool_page(POOL, pool_year(spent))
    assert sum(p.statement.bears for p in page.partners) == spent
    assert page.figures.allocated == 900_000_000


def test_a_pool_without_what_its_agreement_must_state_has_no_statement() -> None:
    """BU-09: contributions, functions, risk share, VAT, how it ends."""
    with pytest.raises(Unprocessable, match="what the pool may be spent on"):
        pool_page(replace(POOL, functions=()), [])


def test_units_of_care_do_not_change_pounds() -> None:
    """Figures are folded from pence alone."""
    made = promised("925", "joyce", 1_554_00)
    counted = tuple(
        replace(e, about=replace(e.about, unit_cost=1_850, units=Decimal(84))) for e in made.entries
    )
    assert grant_page(GRANT, [made]) == grant_page(GRANT, [replace(made, entries=counted)])
