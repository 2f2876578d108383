"""The figures of a grant and of a pool, folded from postings: pounds to packages. Pure.

Each pot's figures keep one rule: what was allocated is what is spent, what is promised and not yet
spent, and what is left. Pages and exports of a grant by proxy shares say so beside each.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from msgspec import Struct

from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.authority import main_pot
from joinedup.ledger.grant import Grant, allocation
from joinedup.ledger.money import Pence
from joinedup.ledger.period import Month
from joinedup.ledger.pool import Pool, Statement, statements
from joinedup.ledger.posting import Book, Entry, Posting

__all__ = [
    "NOT_SAID",
    "Figures",
    "GrantPage",
    "PartnerFigures",
    "Point",
    "PoolPage",
    "grant_page",
    "pool_page",
]

NOT_SAID = "not said"
"""The kind of care of entries that do not say one."""


class Figures(Struct, frozen=True, kw_only=True):
    """One row, in pence. `committed` counts every promise that stands, what of it is spent too."""

    allocated: Pence = 0
    committed: Pence = 0
    spent: Pence = 0
    packages: int = 0

    @property
    def waiting(self) -> Pence:
        """What is promised and not yet spent."""
        return self.committed - self.spent

    @property
    def left(self) -> Pence:
        """What is neither promised nor spent."""
        return self.allocated - self.committed


class Point(Struct, frozen=True, kw_only=True):
    """How far a grant had come by the end of a month: pounds promised and spent, packages."""

    month: Month
    committed: Pence
    spent: Pence
    packages: int


class GrantPage(Struct, frozen=True, kw_only=True):
    """A grant's figures: `whole`, each way of looking at it, and the line of its chart.

    `share` is what the shares give each council by the grant's own arithmetic, beside what was
    posted to it; `warning` stands beside every figure, "" where the shares are the real ones.
    """

    warning: str
    whole: Figures
    by_council: dict[str, Figures]
    by_care: dict[str, Figures]
    by_month: dict[Month, Figures]
    share: dict[str, Pence]
    series: tuple[Point, ...]


class PartnerFigures(Struct, frozen=True, kw_only=True):
    """One partner's year: its statement, and what of its contribution has come."""

    statement: Statement
    received: Pence


class PoolPage(Struct, frozen=True, kw_only=True):
    """A pool's figures: its partners in the order of the agreement, what is promised and spent."""

    partners: tuple[PartnerFigures, ...]
    figures: Figures
    by_care: dict[str, Figures]


class _Move(Struct, frozen=True, kw_only=True):
    """One entry of a pot, as what it does to the figures."""

    pot: str
    month: Month
    care: str
    package: str
    funder: str
    allocated: Pence
    committed: Pence
    spent: Pence


def grant_page(grant: Grant, postings: Iterable[Posting]) -> GrantPage:
    """Return the figures of a grant from the postings that touch its pots, in any order."""
    own = {grant.pot(council).name: council for council in grant.shares}
    moves = tuple(_moves(postings, own))
    months = sorted({m.month for m in moves})
    return GrantPage(
        warning=grant.warning,
        whole=_figures(moves),
        by_council=_grouped(moves, [(own[m.pot], m) for m in moves], first=grant.shares),
        by_care=_grouped(moves, [(m.care, m) for m in moves if m.committed or m.spent]),
        by_month={month: _figures([m for m in moves if m.month == month]) for month in months},
        share=allocation(grant),
        series=tuple(_points(moves, months)),
    )


def pool_page(pool: Pool, postings: Iterable[Posting]) -> PoolPage:
    """Return the figures of a pool and its partners' statements for its year (BU-09, MO-06).

    Postings of other years are left out. Raises as `ledger.pool.refuse_pool`.
    """
    year = (p for p in postings if p.period.financial_year == pool.year)
    moves = tuple(_moves(year, {pool.name: pool.name}))
    whole = _figures(moves)
    received: defaultdict[str, Pence] = defaultdict(int)
    for move in moves:
        received[move.funder] += move.allocated
    return PoolPage(
        partners=tuple(
            PartnerFigures(statement=statement, received=received[statement.partner])
            for statement in statements(pool, whole.spent)
        ),
        figures=whole,
        by_care=_grouped(moves, [(m.care, m) for m in moves if m.committed or m.spent]),
    )


def _moves(postings: Iterable[Posting], pots: dict[str, str]) -> Iterator[_Move]:
    """Yield what each entry of these pots does: given by a funder, promised, let go, spent."""
    for posting in postings:
        if _stays(posting):
            continue
        givers = [e for e in posting.entries if e.account.kind is AccountKind.FUNDER]
        funders = {e.account for e in givers}
        for entry in posting.entries:
            if entry.account.kind is AccountKind.POT and main_pot(entry.account).name in pots:
                yield _move(posting, entry, funders)


def _stays(posting: Posting) -> bool:
    """Whether money only went from a pot to what is set aside from it, or back."""
    return len({main_pot(entry.account) for entry in posting.entries}) == 1


def _move(posting: Posting, entry: Entry, funders: set[Account]) -> _Move:
    """Spending what was promised lets the promise go by as much: the promise then still counts."""
    given = entry.pence if entry.book is Book.ACTUAL and funders else 0
    spent = -entry.pence if entry.book is Book.ACTUAL and not funders else 0
    promised = -entry.pence if entry.book is not Book.ACTUAL else 0
    named = entry.about.funder
    if not named and len(funders) == 1:
        named = next(iter(funders)).name
    return _Move(
        pot=main_pot(entry.account).name,
        month=posting.period,
        care=entry.about.care or NOT_SAID,
        package=entry.about.package,
        funder=named,
        allocated=given,
        committed=promised + spent,
        spent=spent,
    )


def _figures(moves: Iterable[_Move]) -> Figures:
    allocated = committed = spent = 0
    bought: defaultdict[str, Pence] = defaultdict(int)
    for move in moves:
        allocated += move.allocated
        committed += move.committed
        spent += move.spent
        if move.package:
            bought[move.package] += move.committed
    return Figures(
        allocated=allocated,
        committed=committed,
        spent=spent,
        packages=sum(pence > 0 for pence in bought.values()),
    )


def _grouped(
    moves: Iterable[_Move], named: Iterable[tuple[str, _Move]], *, first: Iterable[str] = ()
) -> dict[str, Figures]:
    groups: dict[str, list[_Move]] = {name: [] for name in first}
    for name, move in named:
        groups.setdefault(name, []).append(move)
    order = groups if first else sorted(groups)
    return {name: _figures(groups[name]) for name in order}


def _points(moves: tuple[_Move, ...], months: list[Month]) -> Iterator[Point]:
    for month in months:
        so_far = _figures(move for move in moves if move.month <= month)
        yield Point(
            month=month,
            committed=so_far.committed,
            spent=so_far.spent,
            packages=so_far.packages,
        )
