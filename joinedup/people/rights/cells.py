"""Cells of a CSV file that a spreadsheet will not run. Pure (trust.md 8: formulas in exports)."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

__all__ = ["csv_lines", "safe_cell"]

_RUNS = frozenset("=+-@\t\r\n|%＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula, wide forms and old ones included."""


def safe_cell(text: str) -> str:
    """Return the text as a spreadsheet shows it; what could begin a formula gets an apostrophe."""
    return (
        f"'{text}" if text.lstrip(" \u00a0\ufeff\u200b")[:1] in _RUNS and text.strip(" ") else text
    )


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a CSV file line by line, every cell safe; Excel reads it as UTF-8 by its mark."""
    yield "\ufeff" + _line(header)
    for row in rows:
        yield _line([safe_cell(cell) for cell in row])


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(cells)
    return written.getvalue()
