"""Figures of pots in the words of a page: each with what it is a part of, and how old it is. Pure.

House law 13: a number names its denominator, period and age. Small counts are withheld from who
sees figures alone (`small_numbers`).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from msgspec import Struct

from joinedup.fhir.profiles.agreement import GRANT, Agreement
from joinedup.fhir.search.period import LONDON
from joinedup.ledger.grant import PROXY_WORDS, allocation
from joinedup.ledger.money import Pence, in_pounds
from joinedup.ledger.period import Month
from joinedup.money.agreement_rules import grant_of
from joinedup.money.flow import Flow, Part, draw_flow
from joinedup.money.pot_rules import Aside, Figures, Line, first_and_last
from joinedup.money.small_numbers import FEWEST, shown_counts
from joinedup.web.dates import Moment, say

__all__ = [
    "FEW",
    "ONE_OFF",
    "AsideRow",
    "Council",
    "Figure",
    "Row",
    "Table",
    "as_of",
    "aside_rows",
    "care_table",
    "councils",
    "drawn",
    "figures",
    "month_table",
    "month_words",
    "only_one_off",
    "part_of",
    "period_of",
    "warning_of",
]

FEW = f"fewer than {FEWEST}"
_WITHHELD = "not shown"
ONE_OFF = "It is for {year} alone and is in no later year’s base."
_MOST_BANDS = 6


class Figure(Struct, frozen=True):
    """One figure: its name, its pounds, and what it is a part of."""

    name: str
    pounds: str
    of: str


class Row(Struct, frozen=True):
    """One row of a table, as words."""

    name: str
    given: str
    promised: str
    spent: str
    packages: str


class Table(Struct, frozen=True):
    """Rows and their sum; `withheld` where a count is not told."""

    rows: tuple[Row, ...]
    whole: Row
    withheld: bool = False


class Council(Struct, frozen=True):
    """A council's part of a grant in whole pounds."""

    code: str
    name: str
    pounds: str
    share: str
    own: bool


class AsideRow(Struct, frozen=True, kw_only=True):
    """What is set aside for urgent starts in a month; `has_rest`: some of it may go back."""

    key: str
    month: str
    given: str
    promised: str
    spent: str
    left: str
    has_rest: bool
    is_over: bool


def aside_rows(asides: Iterable[Aside], *, this: Month) -> tuple[AsideRow, ...]:
    """Return what is set aside as words; `this` is the month it is now."""
    return tuple(
        AsideRow(
            key=str(one.month),
            month=month_words(str(one.month)),
            given=in_pounds(one.figures.given),
            promised=in_pounds(one.figures.promised),
            spent=in_pounds(one.figures.spent),
            left=in_pounds(one.figures.left),
            has_rest=one.figures.left > 0,
            is_over=one.month < this,
        )
        for one in asides
    )


def as_of(now: datetime) -> str:
    """Return when the books were read, as a page says it."""
    at = now.astimezone(LONDON)
    return f"{say(Moment(at))}, {at:%H:%M}"


def period_of(agreement: Agreement) -> str:
    """Return the days an agreement is for."""
    begins, ends = first_and_last(agreement.year)
    return f"{_day(begins)} to {_day(ends)}"


def _day(day: date) -> str:
    return say(Moment(datetime(day.year, day.month, day.day, tzinfo=LONDON)))


def warning_of(agreement: Agreement) -> str:
    """Return what stands beside every figure of a grant by proxy shares; "" otherwise."""
    return PROXY_WORDS if agreement.proxy else ""


def only_one_off(agreement: Agreement) -> str:
    """Return that a grant is in no later year's base; "" of a pool."""
    return ONE_OFF.format(year=agreement.year) if agreement.kind == GRANT else ""


def part_of(pence: Pence, whole: Pence) -> str:
    """Return how much of a whole this is: "25.0% of £8.00"; of nothing it is no part.

    A little is not said to be none, nor almost all to be all.
    """
    if whole <= 0:
        return f"of {in_pounds(whole)}"
    per_cent = f"{100 * pence / whole:.1f}%".replace("-", "−")
    if pence > 0 and per_cent == "0.0%":
        per_cent = "under 0.1%"
    if pence < whole and per_cent == "100.0%":
        per_cent = "over 99.9%"
    return f"{per_cent} of {in_pounds(whole)}"


def figures(found: Figures, expected: Pence, what: str, aside: Pence = 0) -> tuple[Figure, ...]:
    """Return a pot's four figures; `expected` is what the agreement says would be given.

    `aside` is what of the rest is set aside for urgent starts: in the figures already.
    """
    given = found.given
    apart = f"; {in_pounds(aside)} of it set aside for urgent starts" if aside else ""
    return (
        Figure("Given", in_pounds(given), f"{part_of(given, expected)} {what}"),
        Figure("Promised", in_pounds(found.promised), f"{part_of(found.promised, given)} given"),
        Figure("Spent", in_pounds(found.spent), f"{part_of(found.spent, given)} given"),
        Figure("Left", in_pounds(found.left), f"{part_of(found.left, given)} given{apart}"),
    )


def care_table(lines: Sequence[Line], *, exact: bool) -> Table:
    """Return spending by kind of care; small counts of packages stand open only where `exact`."""
    counts = [line.packages for line in lines]
    shown = shown_counts(counts)
    if exact:
        words, whole = [f"{count:,}" for count in counts], f"{sum(counts):,}"
    else:
        words = [FEW if count is None else f"{count:,}" for count in shown.rows]
        whole = _WITHHELD if shown.whole is None else f"{shown.whole:,}"
    rows = tuple(
        _row(line.name, line.figures, said) for line, said in zip(lines, words, strict=True)
    )
    withheld = not exact and shown.whole is None
    return Table(rows, _row("All care", _sum(lines), whole), withheld)


def month_table(lines: Sequence[Line]) -> Table:
    """Return what was given, promised and spent month by month; no packages are counted."""
    rows = tuple(_row(month_words(line.name), line.figures, "") for line in lines)
    return Table(rows, _row("All months", _sum(lines), ""))


def month_words(name: str) -> str:
    """Return `2018-11` as people say it."""
    year, month = map(int, name.split("-"))
    return say(Moment(datetime(year, month, 1, tzinfo=LONDON), "month"))


def _row(name: str, found: Figures, packages: str) -> Row:
    return Row(
        name[:1].upper() + name[1:],
        in_pounds(found.given),
        in_pounds(found.promised),
        in_pounds(found.spent),
        packages,
    )


def _sum(lines: Iterable[Line]) -> Figures:
    whole = Figures()
    for line in lines:
        whole = Figures(
            whole.given + line.figures.given,
            whole.promised + line.figures.promised,
            whole.spent + line.figures.spent,
        )
    return whole


def drawn(lines: Sequence[Line], table: Table) -> Flow | None:
    """Return the chart from pounds to packages: the dearest kinds of care, the rest as one."""
    named = list(zip(lines, table.rows, strict=True))
    parts = [
        Part(row.name, line.pence, (in_pounds(line.pence), _packages(row.packages)))
        for line, row in named[:_MOST_BANDS]
    ]
    if rest := sum(line.pence for line, _ in named[_MOST_BANDS:]):
        parts.append(Part("Other care", rest, (in_pounds(rest),)))
    return draw_flow(parts)


def _packages(said: str) -> str:
    return f"{said} package" if said == "1" else f"{said} packages"


def councils(agreement: Agreement, wanted: str) -> tuple[Council, ...]:
    """Return who gets which part of a grant, this place's own first; `wanted` narrows the rest.

    Parts are whole pounds that sum to the grant exactly (domain.md 9.5).
    """
    pence = allocation(grant_of(agreement))
    sought = wanted.strip().lower()
    found = [
        Council(
            part.name,
            part.title or part.name,
            f"£{pence[part.name] // 100:,}",
            f"{float(part.share or 0):.4%}",
            part.name == agreement.host,
        )
        for part in agreement.parts
        if part.name == agreement.host
        or sought in part.title.lower()
        or sought == part.name.lower()
    ]
    return tuple(sorted(found, key=lambda one: (not one.own, one.name)))
