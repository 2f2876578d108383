"""CSV as people export it, read and written: rows with the number a spreadsheet shows. Pure.

What is read is text in UTF-8 or Windows Western, separated by commas; anything else is refused with
what to do. What is written can be opened in a spreadsheet without anything in it being run.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from joinedup.fhir.issue import Invalid, TooLarge

__all__ = ["MOST_BYTES", "MOST_ROWS", "Row", "Table", "is_formula", "read_table", "write_table"]

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
_NUMBER = re.compile(r"[-+]?£?[0-9][0-9,.]*")


class Row(Struct, frozen=True):
    """One row; `number` is as a spreadsheet counts, the header being row 1."""

    number: int
    cells: tuple[str, ...]


class Table(Struct, frozen=True):
    """A file's header, its rows that are not blank, and what was odd about its text."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def read_table(data: bytes, *, most_bytes: int = MOST_BYTES, most_rows: int = MOST_ROWS) -> Table:
    """Return the rows of a file; refuses TooLarge above the limits, Invalid what is no such CSV."""
    if len(data) > most_bytes:
        raise TooLarge(
            f"The file has {len(data):,} bytes; at most {most_bytes:,} are read. Send it in parts."
        )
    text, notes = _text(data)
    rows = _rows(text, most_rows)
    if not rows:
        raise Invalid("The file is empty: the first row must name the columns.")
    header = rows[0].cells
    if len(header) == 1 and re.search(r"[;\t|]", header[0]):
        raise Invalid("The columns are not separated by commas. Save the file as CSV UTF-8.")
    return Table(header, rows[1:], notes)


def _text(data: bytes) -> tuple[str, tuple[str, ...]]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Invalid("The file is UTF-16 text. In Excel choose Save as, CSV UTF-8.")
    if data.startswith(b"PK"):
        raise Invalid("This is an Excel workbook. In Excel choose Save as, CSV UTF-8.")
    if b"\0" in data:
        raise Invalid("The file holds a zero byte: it is not text, or is broken.")
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
    broken = f"Line {line} is broken text, not UTF-8. Export the file again as CSV UTF-8."
    if _MULTIBYTE.search(data):
        raise Invalid(broken)
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        raise Invalid(broken) from None
    return text, ("The file is not UTF-8; it was read as Windows Western text.",)


def _rows(text: str, most_rows: int) -> tuple[Row, ...]:
    found: list[Row] = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            if not any(cell.strip() for cell in cells):
                continue
            if any("\n" in cell or "\r" in cell for cell in cells):
                raise Invalid(
                    f"Line {number}: a value goes on over several lines. Is a quote open?"
                )
            found.append(Row(number, tuple(" ".join(cell.split()) for cell in cells)))
            if len(found) > most_rows + 1:
                raise TooLarge(f"The file has more than {most_rows:,} lines. Send it in parts.")
    except csv.Error as problem:
        raise Invalid(f"The file is no CSV that can be read: {problem}.") from None
    return tuple(found)


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would run what a cell says; a plain number below zero is none."""
    plain = cell.replace("\ufeff", "").lstrip()
    if not plain.startswith(("=", "+", "-", "@", "\t", "\r", "|", "%")):
        return False
    return _NUMBER.fullmatch(plain) is None


def write_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a CSV whose cells a spreadsheet shows and never runs: a formula gets a `'` before."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_shown(cell) for cell in row])
    return out.getvalue()


def _shown(cell: str) -> str:
    plain = " ".join(cell.replace("\0", "").split())
    return f"'{plain}" if is_formula(plain) else plain
