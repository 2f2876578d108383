"""A place's own figures: a CSV that stands before the published ones, each line with its source.

House law 12: what no source gives is marked and can be set. Nothing here is kept; who reads the
file says where it lies.
"""

import csv
import io
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
    lines = csv.DictReader(io.StringIO(text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")))
    if tuple(lines.fieldnames or ()) != COLUMNS:
        raise Invalid(Problem("structure", f"{name}, line 1: write {','.join(COLUMNS)}", name))
    found: list[UnitCost] = []
    wrong: list[Problem] = []
    for line in lines:
        try:
            figure = _figure({column: (line[column] or "").strip() for column in COLUMNS})
            if any(_overlap(figure, other) for other in found):
                raise ValueError(f"{figure.kind} has two figures for one day: leave one out")
            found.append(figure)
        except ValueError as problem:
            wrong.append(Problem("value", f"{name}, line {lines.line_num}: {problem}", name))
        if len(wrong) >= _MOST_TOLD:
            break
    if wrong:
        raise Invalid(*wrong)
    return tuple(found)


def _figure(line: dict[str, str]) -> UnitCost:
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
    return UnitCost(
        kind=line["kind"],
        amount=Amount(pence, CASH),
        unit=line["unit"],
        begins=line["from"],
        ends=line["until"],
        source=line["source"],
        assumed=False,
    )


def _overlap(one: UnitCost, other: UnitCost) -> bool:
    return (
        one.kind == other.kind
        and (not one.ends or other.begins < one.ends)
        and (not other.ends or one.begins < other.ends)
    )
