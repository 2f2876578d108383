"""The one loader of reference tables.

A table is a CSV file in this package: lines beginning `#` are notes, then a header. Columns `from`
and `until` (yyyy-mm-dd, half open, empty = always) say when a row holds; `source` says who says so,
or a note line `# source <name>: ...` explains the short name the column uses.
"""

import csv
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

__all__ = ["Row", "every", "notes", "rows", "text", "value"]

Row = Mapping[str, str]
_ROOT = Path(__file__).parent
_NOTE = "#"


def rows(table: str, *, on: date) -> tuple[Row, ...]:
    """Return the rows of `table` (such as `codes/client_level_data`) that hold on a day."""
    day = on.isoformat()
    return tuple(
        row
        for row in _all_rows(table)
        if row.get("from", "") <= day and (not row.get("until") or day < row["until"])
    )


def value(table: str, key: str, *, on: date) -> Row:
    """Return the one row whose first column is `key` on that day; KeyError if there is none."""
    for row in _by_key(table).get(key, ()):
        day = on.isoformat()
        if row.get("from", "") <= day and (not row.get("until") or day < row["until"]):
            return row
    raise KeyError(f"{table} has no {key!r} on {on.isoformat()}")


def every(table: str) -> tuple[Row, ...]:
    """Return the rows of a table of all days, in its order."""
    return _all_rows(table)


def text(table: str) -> str:
    """Return a table as it stands, for the reader of a file that a place may supply instead."""
    return "\n".join(_lines(table)) + "\n"


def notes(table: str) -> tuple[str, ...]:
    """Return the notes of a table: publishers, licences and what was derived from what."""
    lines = _lines(table)
    return tuple(line[1:].strip() for line in lines if line.startswith(_NOTE))


@lru_cache(maxsize=64)
def _all_rows(table: str) -> tuple[Row, ...]:
    body = [line for line in _lines(table) if not line.startswith(_NOTE)]
    return tuple(csv.DictReader(body))


@lru_cache(maxsize=64)
def _by_key(table: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in _all_rows(table):
        found.setdefault(next(iter(row.values())), []).append(row)
    return found


def _lines(table: str) -> list[str]:
    assert ".." not in table, "a table is named by its place below this package"
    return (_ROOT / f"{table}.csv").read_text(encoding="utf-8").splitlines()
