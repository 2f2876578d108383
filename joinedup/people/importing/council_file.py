"""One Client Level Data file: its text, its header, its rows, and whether columns are swapped. Pure
but for reading the stream it is given."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import IO

from msgspec import Struct

from joinedup.fhir.issue import Invalid
from joinedup.fhir.profiles.columns import COLUMNS, Column, fold_header
from joinedup.people.importing.council_values import fits, lists_with
from joinedup.people.importing.sources import Document

__all__ = ["Layout", "Line", "Swaps", "layout", "lines"]

_BY_FOLDED = {fold_header(column.header): column for column in COLUMNS}
_NEEDED = ("LA Person Unique Identifier", "Event Type", "Event Start Date", "Event End Date")
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
_FEW_ROWS = 3
csv.field_size_limit(100_000)


class Layout(Struct, frozen=True):
    """How a file is written: its encoding, and which column stands where (None = unknown)."""

    encoding: str
    columns: tuple[Column | None, ...]
    notes: tuple[str, ...]


class Line(Struct, frozen=True):
    """One row, by column; `number` is as Excel counts, the header being row 1."""

    number: int
    values: dict[str, str]
    problem: str = ""


def layout(document: Document) -> Layout:
    """Return how a file is written; refuses, `Invalid`, one that cannot be read as a return."""
    encoding, notes = _encoding(document)
    with document.open() as stream:
        header = next(_rows(stream, encoding), None)
    if not header or not any(cell.strip() for cell in header):
        raise Invalid("The file is empty: the first row must name the columns.")
    if len(header) == 1 and re.search(r"[;\t|]", header[0]):
        raise Invalid("The columns are not separated by commas. Save the file as CSV UTF-8.")
    columns = tuple(_BY_FOLDED.get(fold_header(cell)) for cell in header)
    known = [column.header for column in columns if column]
    repeated = [name for name, times in Counter(known).items() if times > 1]
    if repeated:
        raise Invalid(f"The column {repeated[0]} is there twice.")
    missing = [name for name in _NEEDED if name not in known]
    if missing:
        raise Invalid(f"This is no Client Level Data: no column {', '.join(missing)}.")
    unknown = [cell.strip() for cell, column in zip(header, columns, strict=True) if column is None]
    if named := [cell for cell in unknown if cell]:
        notes += (f"Columns that are not part of the return were left out: {', '.join(named)}.",)
    return Layout(encoding, columns, notes)


def lines(document: Document, how: Layout) -> Iterator[Line]:
    """Yield the rows of a file in order; a row of another width comes with a problem."""
    headers = [column.header if column else "" for column in how.columns]
    with document.open() as stream:
        for number, cells in enumerate(_rows(stream, how.encoding), 1):
            if number == 1 or not any(cells):
                continue
            if len(cells) != len(headers):
                words = f"The row has {len(cells)} values and the header {len(headers)} columns."
                yield Line(number, {}, words)
                continue
            values = {header: cell for header, cell in zip(headers, cells, strict=True) if header}
            yield Line(number, values)


class Swaps:
    """Counts, column by column, values that belong elsewhere; says so when most of them do."""

    def __init__(self, on: date) -> None:
        self._on = on
        self._filled: Counter[str] = Counter()
        self._misfits: Counter[str] = Counter()
        self._examples: dict[str, str] = {}
        self._elsewhere: dict[str, Counter[str]] = {}
        self._backwards = self._both = 0

    def see(self, values: Mapping[str, str]) -> None:
        """Look at one row."""
        for column in COLUMNS:
            text = " ".join(values.get(column.header, "").split())
            if not text or column.kind in ("text", "identifier", "number", "nhs-number"):
                continue
            self._filled[column.header] += 1
            if not fits(column, text, on=self._on):
                self._misfit(column, text)

    def see_dates(self, start: date | None, end: date | None) -> None:
        """Look at the two dates of one row."""
        if start and end:
            self._both += 1
            self._backwards += end < start

    def problem(self) -> str:
        """Return what is wrong with the columns as a whole, or ""."""
        for header, misfits in self._misfits.items():
            if misfits * 2 > self._filled[header] and (words := self._misplaced(header)):
                return f"{words} Correct the header row. Nothing of the file was stored."
        if self._both >= _FEW_ROWS and self._backwards * 2 > self._both:
            return (
                "Most events end before they start: the columns Event Start Date and Event End "
                "Date are swapped. Nothing of the file was stored."
            )
        return ""

    def _misplaced(self, header: str) -> str:
        example = self._examples[header]
        if places := self._elsewhere[header]:
            other = places.most_common(1)[0][0]
            return (
                f"The column {header} holds values of {other}, such as {example!r}: columns are "
                "swapped."
            )
        if _BY_FOLDED[fold_header(header)].kind in ("date", "council"):
            return (
                f"Most of the column {header} is not of its kind, such as {example!r}: columns are "
                "swapped or shifted."
            )
        return ""

    def _misfit(self, column: Column, text: str) -> None:
        self._misfits[column.header] += 1
        self._examples.setdefault(column.header, text[:60])
        elsewhere = [name for name in lists_with(text, on=self._on) if name != column.header]
        self._elsewhere.setdefault(column.header, Counter()).update(elsewhere)


def _encoding(document: Document) -> tuple[str, tuple[str, ...]]:
    """Return the encoding of a file; refuses text that is neither UTF-8 nor Windows Western."""
    bad_line, bad, multibyte = 0, b"", False
    with document.open() as stream:
        start = stream.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise Invalid("The file is UTF-16 text. In Excel choose Save as, CSV UTF-8.")
        if start.startswith(b"PK"):
            raise Invalid("This is an Excel workbook. In Excel choose Save as, CSV UTF-8.")
    with document.open() as stream:
        for number, line in enumerate(stream, 1):
            if b"\0" in line:
                raise Invalid(
                    f"Line {number} holds a zero byte: the file is not text, or is broken."
                )
            try:
                line.decode("utf-8")
                multibyte = multibyte or _MULTIBYTE.search(line) is not None
            except UnicodeDecodeError:
                if not bad_line:
                    bad_line, bad = number, line
                multibyte = multibyte or _MULTIBYTE.search(line) is not None
    if not bad_line:
        return "utf-8-sig", ()
    if multibyte or not _is_western(bad):
        raise Invalid(
            f"Line {bad_line} is broken text, not UTF-8. Export the file again as CSV UTF-8."
        )
    note = "The file is not UTF-8; it was read as Windows Western text. Check names with accents."
    return "cp1252", (note,)


def _is_western(line: bytes) -> bool:
    try:
        line.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return True


def _rows(stream: IO[bytes], encoding: str) -> Iterator[list[str]]:
    text = codecs.getreader(encoding)(stream)
    try:
        yield from csv.reader(text, strict=True)
    except csv.Error as error:
        raise Invalid(f"The file is no CSV that can be read: {error}.") from None
    except UnicodeDecodeError as error:
        raise Invalid(f"The file holds broken text ({error.reason}). Export it again.") from None
