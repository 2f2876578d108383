"""Money, chapter 53. Small numbers cannot be worked out (ME-04), and two folds agree.

The pages fold what moved month by month; `grant_rules` folds the postings themselves.
"""

from collections import defaultdict
from datetime import date
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.grant import Grant
from joinedup.ledger.period import Month
from joinedup.ledger.posting import About, Book, Entry, Posting
from joinedup.money.flow import Part, draw_flow
from joinedup.money.grant_rules import grant_page
from joinedup.money.pot_rules import Figures, Line, by_care, by_month, figures_of
from joinedup.money.presenters import FEW, care_table, part_of
from joinedup.money.small_numbers import Counts, shown_counts
from joinedup.record.books import Movement

POT = Account(AccountKind.POT, "winter-2018/904")
GRANT = Grant(
    name="winter-2018",
    year="2018-19",
    total=100_000_00,
    shares={"904": Fraction(1)},
    shares_source="a letter",
    shares_are_proxy=True,
)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_no_small_number_can_be_worked_out(rows: int) -> None:
    """Of all that looks the same on the page, each row of 1 to 4 could be any of them: also for
    whoever knows how rows are withheld."""
    same_page: defaultdict[object, list[tuple[int, ...]]] = defaultdict(list)
    for counts in product(range(9), repeat=rows):
        same_page[shown_counts(counts)].append(counts)
    for shown, could_be in same_page.items():
        for place, count in enumerate(shown.rows):
            if count is None:
                assert {counts[place] for counts in could_be} == {1, 2, 3, 4}, could_be


def test_what_is_not_small_is_shown() -> None:
    """Nothing at all is no small number: 0 packages point at nobody."""
    assert shown_counts((7, 12, 0)) == Counts((7, 12, 0), 19)
    assert shown_counts((30, 3, 9, 4)) == Counts((30, None, 9, None), None)
    assert shown_counts(()) == Counts((), 0)


def test_who_keeps_the_accounts_sees_them() -> None:
    """The officer pays for each; the commissioner sees figures alone."""
    lines = [Line("home care", Figures(0, 500, 0), 3), Line("reablement", Figures(0, 1, 0), 9)]
    assert [row.packages for row in care_table(lines, exact=True).rows] == ["3", "9"]
    told = care_table(lines, exact=False)
    assert [row.packages for row in told.rows] == [FEW, "9"]
    assert told.withheld and told.whole.packages == "not shown"


Moves = st.lists(
    st.tuples(
        st.sampled_from(["give", "promise", "bill", "let go"]),
        st.integers(1, 10_000),
        st.sampled_from(["home care", "reablement", ""]),
        st.integers(0, 3),
        st.integers(0, 4),
    ),
    max_size=25,
)


def postings_of(moves: list[tuple[str, int, str, int, int]]) -> list[Posting]:
    """Contributions, promises, bills and what was let go, as they are posted."""
    return [_posting(n, move) for n, move in enumerate(moves)]


def _posting(n: int, move: tuple[str, int, str, int, int]) -> Posting:
    what, pence, care, package, month = move
    about = About(care=care, package=f"s{package}", provider="VL9X1")
    own = Account(AccountKind.PACKAGE, f"s{package}")
    provider = Account(AccountKind.PROVIDER, "VL9X1")
    entries = {
        "give": (Entry(Account(AccountKind.FUNDER, "DHSC"), -pence), Entry(POT, pence)),
        "promise": (
            Entry(POT, -pence, Book.COMMITTED, about),
            Entry(own, pence, Book.COMMITTED, about),
        ),
        "let go": (
            Entry(own, -pence, Book.RELEASED, about),
            Entry(POT, pence, Book.RELEASED, about),
        ),
        "bill": (
            Entry(own, -pence, Book.RELEASED, about),
            Entry(POT, pence, Book.RELEASED, about),
            Entry(POT, -pence, Book.ACTUAL, about),
            Entry(provider, pence, Book.ACTUAL, about),
        ),
    }[what]
    return Posting(
        id=f"p{n}",
        on=date(2018, 8 + month, 5),
        words=what,
        entries=entries,
        source="paper",
        prepared_by="a",
        approved_by="b",
    )


def moved_by(postings: list[Posting]) -> list[Movement]:
    """The same as `books.movements` tells it: summed by account, book, month and what it is for."""
    sums: defaultdict[tuple[Book, Month, str, str, str], list[int]] = defaultdict(list)
    for posting in postings:
        for e in posting.entries:
            if e.account == POT:
                said = (e.about.care, e.about.package, e.about.provider)
                sums[(e.book, posting.period, *said)].append(e.pence)
    return [Movement(POT, *key, sum(pence), len(pence)) for key, pence in sums.items()]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(Moves)
def test_both_folds_agree(moves: list[tuple[str, int, str, int, int]]) -> None:
    """House law 7: the figures of the page and those of the postings, to the penny."""
    postings = postings_of(moves)
    moved = moved_by(postings)
    page, own = grant_page(GRANT, postings), figures_of(moved)
    assert own.given == page.whole.allocated
    assert own.promised == page.whole.waiting
    assert own.spent == page.whole.spent
    assert own.left == page.whole.left
    for lines in (by_care(moved), by_month(moved)):
        assert sum(line.figures.promised for line in lines) == own.promised
        assert sum(line.figures.spent for line in lines) == own.spent
    months = {str(month): figures for month, figures in page.by_month.items()}
    for line in by_month(moved):
        assert line.figures.spent == months[line.name].spent
        assert line.figures.promised == months[line.name].waiting


@settings(deadline=None)
@given(st.lists(st.integers(-5_000, 1_000_000), max_size=8))
def test_a_chart_is_drawn_inside_its_frame(parts: list[int]) -> None:
    """Every band within its height, its words too; nothing at all where nothing was bought."""
    flow = draw_flow([Part(f"care {n}", p, ("£1.00", "2 packages")) for n, p in enumerate(parts)])
    assert (flow is None) is (max([0, *parts]) == 0)
    if flow is not None:
        assert len(flow.bands) == len(parts)
        for band in flow.bands:
            said = [float(pair.split(",")[1]) for pair in band.path.split() if "," in pair]
            assert min(said) >= -0.05 and max(said) <= flow.height + 0.05
            assert 10 < float(band.y) < flow.height - 2 * flow.line


def test_a_part_is_said_as_it_is() -> None:
    """No division by an empty pot; a true minus; a little is not none, almost all is not all."""
    assert part_of(5, 0) == "of £0.00"
    assert part_of(-50, 200) == "−25.0% of £2.00"
    assert part_of(1, 1_000_000) == "under 0.1% of £10,000.00"
    assert part_of(999_999, 1_000_000) == "over 99.9% of £10,000.00"
    assert part_of(0, 100) == "0.0% of £1.00" and part_of(100, 100) == "100.0% of £1.00"
