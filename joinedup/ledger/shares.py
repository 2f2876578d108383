"""By what shares a grant is given out: a file that a place supplies, checked line by line.

The shares of the 2018 grant (the adult social care relative needs formula by council) are in no
public table here; until they are supplied a proxy stands in, and everything says so.
"""

import csv
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem
from joinedup.ledger.grant import Grant
from joinedup.reference.tables import text as table_text
from joinedup.reference.tables import value

__all__ = [
    "COLUMNS",
    "MOST_LETTERS",
    "MOST_LINES",
    "Shares",
    "proxy_shares_2018",
    "read_shares",
    "winter_2018",
]

COLUMNS = ("council", "name", "share")
MOST_LETTERS = 100_000
MOST_LINES = 1_000
_MOST_TOLD = 20
_MOST_NOTE = 500
_MOST_OFF = Fraction(1, 1_000)
_CODE = re.compile(r"[A-Za-z0-9]{1,12}")
_NAME = re.compile(r"[^\W\d_][\w ,.'’&()\-]{0,99}")
_SHARE = re.compile(r"[0-9]{0,6}(?:\.(?P<decimals>[0-9]{1,12}))?")
_PERCENT = "Write a part of one: 3.4 per cent is 0.034"


class Shares(Struct, frozen=True):
    """Each council's part of one by its code, what it is called, and whose figures they are."""

    parts: dict[str, Fraction]
    names: dict[str, str]
    source: str
    is_proxy: bool


class _Line(Struct, frozen=True):
    council: str
    name: str
    share: Fraction
    decimals: int


def read_shares(text: str, *, name: str) -> Shares:
    """Return the shares of a supplied file.

    Notes come first: `# source: ...` (whose figures, of what day) and `# proxy: yes` or `no`; then
    the columns council, name, share, a line a council. Together they make one, but for what
    rounding each figure can come to. Invalid names file, line and remedy of everything wrong: a
    note that is missing, another column, a council given twice, a share below zero or in per
    cent, shares that do not make one, more than MOST_LINES councils.
    """
    if len(text) > MOST_LETTERS:
        raise Invalid(f"{name} is longer than {MOST_LETTERS:,} letters: a line a council is meant.")
    lines = text.removeprefix("\ufeff").splitlines()
    first = next((n for n, one in enumerate(lines) if not one.startswith("#")), len(lines))
    source, is_proxy = _notes(lines[:first], name)
    found = _read(lines[first:], first, name)
    _refuse_sum(found, name)
    return Shares(
        {line.council: line.share for line in found},
        {line.council: line.name for line in found},
        source,
        is_proxy,
    )


def _notes(notes: Sequence[str], name: str) -> tuple[str, bool]:
    said: dict[str, str] = {}
    for note in notes:
        key, _, words = note.removeprefix("#").partition(":")
        said.setdefault(key.strip().lower(), words.strip())
    source, proxy = said.get("source", ""), said.get("proxy", "").lower()
    if not 0 < len(source) <= _MOST_NOTE or not source.isprintable():
        raise _wrong(name, "begin with a line `# source: ...`: whose shares they are, of what day")
    if proxy not in ("yes", "no"):
        raise _wrong(
            name,
            "add a line `# proxy: no`, or `# proxy: yes` if these are not the shares that the "
            "grant was given by",
        )
    return source, proxy == "yes"


def _read(lines: Sequence[str], before: int, name: str) -> list[_Line]:
    reader = csv.reader(lines, strict=True)
    found: list[_Line] = []
    wrong: list[Problem] = []
    try:
        if tuple(cell.strip() for cell in next(reader, [])) != COLUMNS:
            raise _wrong(name, f"line {before + 1}: name the columns {', '.join(COLUMNS)}")
        for cells in reader:
            place = f"{name}, line {before + reader.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            try:
                if len(found) >= MOST_LINES:
                    raise ValueError(f"more than {MOST_LINES:,} councils: England has about 150")
                found.append(_line([cell.strip() for cell in cells], found))
            except ValueError as problem:
                wrong.append(Problem("value", f"{place}: {problem}", name))
                if len(wrong) >= _MOST_TOLD or len(found) >= MOST_LINES:
                    break
    except csv.Error as problem:
        raise _wrong(
            name, f"line {before + reader.line_num} is no line of a CSV file: {problem}"
        ) from None
    if wrong:
        raise Invalid(*wrong)
    return found


def _line(cells: Sequence[str], before: Sequence[_Line]) -> _Line:
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(cells)} cells where three are meant: council, name, share")
    code, name, share = cells
    if not _CODE.fullmatch(code):
        raise ValueError(f"council {code[:20]!r}: write its code in letters and figures, like 904")
    if not _NAME.fullmatch(name):
        raise ValueError(f"{code}: write the council's name, at most 100 letters")
    if any(one.council == code or one.name.lower() == name.lower() for one in before):
        raise ValueError(f"{name} ({code}) is given twice: leave one out")
    written = _SHARE.fullmatch(share) if share else None
    if share.startswith(("-", "−")):
        raise ValueError(f"the share of {name} is below zero. {_PERCENT}")
    if written is None:
        raise ValueError(f"the share of {name}, {share[:20]!r}, cannot be read. {_PERCENT}")
    return _Line(code, name, Fraction(Decimal(share)), len(written["decimals"] or ""))


def _refuse_sum(lines: Sequence[_Line], name: str) -> None:
    whole = sum((line.share for line in lines), Fraction(0))
    if 99 <= whole <= 101:
        raise _wrong(
            name, f"the shares add up to {_short(whole)}, so they are per cent. {_PERCENT}"
        )
    above = [line.name for line in lines if line.share > 1]
    if above:
        raise _wrong(name, f"the share of {', '.join(above[:_MOST_TOLD])} is above one. {_PERCENT}")
    # Figures that were each rounded cannot be further off one than this.
    off = sum((Fraction(1, 2 * 10**line.decimals) for line in lines), Fraction(0))
    if not lines or abs(whole - 1) > min(off, _MOST_OFF):
        raise _wrong(
            name,
            f"the shares add up to {_short(whole)} and not to 1: a council is missing, given "
            "twice or mistyped",
        )


def _short(number: Fraction) -> str:
    return f"{float(number):.10f}".rstrip("0").rstrip(".")


def _wrong(name: str, message: str) -> Invalid:
    return Invalid(Problem("value", f"{name}: {message}.", name))


@lru_cache(maxsize=1)
def proxy_shares_2018() -> Shares:
    """Return the stand-in for the shares of 2018: people of 65 and over by council, mid-2017."""
    return read_shares(
        table_text("money/winter_2018_proxy_shares"), name="winter_2018_proxy_shares"
    )


def winter_2018(shares: Shares) -> Grant:
    """Return the winter grant of 2018 by some shares: 240 million pounds, for 2018-19 alone."""
    given = value("money/grants", "winter-2018", on=date(2018, 11, 1))
    return Grant(
        name=given["name"],
        year=given["year"],
        total=int(given["pence"]),
        shares=shares.parts,
        shares_source=shares.source,
        shares_are_proxy=shares.is_proxy,
    )
