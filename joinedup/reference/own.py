"""A place's own rows of a table of codes: they stand before the published ones of the same key.

House law 12: what no source gives is marked and can be set. The file has the table's own columns;
nothing here is kept, and who reads the file says where it lies.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from joinedup.fhir.issue import Invalid, Problem
from joinedup.reference.tables import Row, every, rows

__all__ = ["SETTABLE", "laid_over", "read_own_rows"]

SETTABLE = {
    "codes/opel": ("first", "second", "third"),
    "codes/opel_levels": ("from_percent",),
    "codes/infections": ("symptom_free_hours",),
    "calendars/timings": ("value",),
}
"""Tables of which a place may set rows, with the columns that are numbers."""
MOST_LETTERS = 100_000
_MOST_TOLD = 20


def read_own_rows(table: str, text: str, *, name: str) -> tuple[Row, ...]:
    """Return a place's rows for a table; Invalid names file, line and remedy of what is wrong.

    Other columns, a key that the table does not have, numbers that are none, days that are none or
    end before they begin, and a line without a source are refused.
    """
    if table not in SETTABLE:
        raise Invalid(f"{table} is no table that a place sets: {', '.join(SETTABLE)}.")
    if len(text) > MOST_LETTERS:
        raise Invalid(f"{name} is longer than {MOST_LETTERS:,} letters: keep one line a row.")
    columns = list(every(table)[0])
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    found: list[Row] = []
    wrong: list[Problem] = []
    try:
        if next(reader, []) != columns:
            words = f"{name}, line 1: write {','.join(columns)}"
            raise Invalid(Problem("structure", words, name))
        for cells in reader:
            row = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
            said = "cells and columns differ" if len(cells) != len(columns) else ""
            for words in [said] if said else _wrong(table, row):
                wrong.append(Problem("value", f"{name}, line {reader.line_num}: {words}", name))
            found.append(row)
    except csv.Error as problem:
        raise Invalid(Problem("structure", f"{name}, line {reader.line_num}: {problem}")) from None
    if wrong:
        raise Invalid(*wrong[:_MOST_TOLD])
    return tuple(found)


def _wrong(table: str, row: Row) -> Iterator[str]:
    key = next(iter(row.values()))
    if key not in {next(iter(known.values())) for known in every(table)}:
        yield f"{key[:40]!r} is not in the table: its rows are set, none is added"
    for column in SETTABLE[table]:
        if not _is_number(row[column]):
            yield f"{column} {row[column][:20]!r}: write a number of 0 and more"
    if not row["source"]:
        yield "say who says so (source)"
    days = [row["from"], row["until"]]
    if not all(_is_day(day) for day in days if day):
        yield "write days as 2018-04-01"
    elif all(days) and days[1] <= days[0]:
        yield "it ends before it begins: mend one of the two"


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite() and Decimal(text) >= 0
    except InvalidOperation:
        return False


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def laid_over(table: str, own: Sequence[Row], *, on: date) -> tuple[Row, ...]:
    """Return the rows of a table on a day, each replaced by the place's own of that key and day."""
    day = on.isoformat()
    mine = {
        next(iter(row.values())): row
        for row in own
        if row["from"] <= day and (not row["until"] or day < row["until"])
    }
    return tuple(mine.get(next(iter(row.values())), row) for row in rows(table, on=on))
