"""A place's own figures: a CSV that stands before the published ones, each line with its source.

House law 12: what no source gives is marked and can be set. Nothing here is kept; who reads the
file says where it lies.
"""

import csv
import io
from collections.abc import Sequence
from datetime import date

from joinedup.fhir.issue import Invalid, Problem
from joinedup.reference.money.prices import CASH, Amount, UnitCost

__all__ = ["COLUMNS", "read_own"]

COLUMNS = ("kind", "pence", "unit", "from", "until", "source")
MOST_LETTERS = 100_000
MOST_PENCE = 10**10
_MOST_TOLD = 20


def read_own(text: str, *, name: str) -> tuple[UnitCost, ...]:
    """Return the figures of a file; Invalid names file, line and remedy of whatever is wrong.

    Pounds where pence are meant show by their decimals; days that overlap for one kind, a line
    without a source or with other columns are refused. Empty days mean always.
    """
    if len(text) > MOST_LETTERS:
        raise Invalid(f"{name} is longer than {MOST_LETTERS:,} letters: keep one line a figure.")
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    found: list[UnitCost] = []
    wrong: list[Problem] = []
    try:
        if tuple(next(lines, [])) != COLUMNS:
            raise Invalid(Problem("structure", f"{name}, line 1: write {','.join(COLUMNS)}", name))
        for cells in lines:
            try:
                found.append(_figure([cell.strip() for cell in cells], found))
            except ValueError as problem:
                wrong.append(Problem("value", f"{name}, line {lines.line_num}: {problem}", name))
            if len(wrong) >= _MOST_TOLD:
                break
    except csv.Error as problem:
        raise Invalid(Problem("structure", f"{name}, line {lines.line_num}: {problem}")) from None
    if wrong:
        raise Invalid(*wrong)
    return tuple(found)


def _figure(cells: Sequence[str], before: Sequence[UnitCost]) -> UnitCost:
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(cells)} cells where {len(COLUMNS)} are meant: no commas in figures")
    line = dict(zip(COLUMNS, cells, strict=True))
    if not all(cell.isprintable() for cell in cells):
        raise ValueError("it holds a sign that cannot be shown: type the line again")
    if not (line["kind"] and line["unit"] and line["source"]):
        raise ValueError("say what it is, of which unit, and who says so (kind, unit, source)")
    if not (line["pence"].isascii() and line["pence"].isdigit()):
        raise ValueError(f"pence {line['pence']!r}: write whole pence, 2356 for 23.56 pounds")
    pence = int(line["pence"][:20])
    if pence > MOST_PENCE:
        raise ValueError(f"pence {line['pence'][:20]}: that is above 100 million pounds a unit")
    for column in ("from", "until"):
        if line[column]:
            try:
                date.fromisoformat(line[column])
            except ValueError:
                raise ValueError(f"{column} {line[column]!r}: write a day as 2018-04-01") from None
    if line["until"] and line["until"] <= line["from"]:
        raise ValueError(f"it ends on {line['until']}, before it begins: mend one of the two")
    figure = UnitCost(
        kind=line["kind"],
        amount=Amount(pence, CASH),
        unit=line["unit"],
        begins=line["from"],
        ends=line["until"],
        source=line["source"],
        assumed=False,
    )
    if any(_overlap(figure, other) for other in before):
        raise ValueError(f"{figure.kind} has two figures for one day: leave one out")
    return figure


def _overlap(one: UnitCost, other: UnitCost) -> bool:
    return (
        one.kind == other.kind
        and (not one.ends or other.begins < one.ends)
        and (not other.ends or one.begins < other.ends)
    )
