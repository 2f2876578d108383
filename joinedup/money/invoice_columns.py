"""The twelve columns of a provider's invoice file, and what each value must be. Pure.

The page `docs/ideas/money_files.md` describes them for who writes such a file.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem
from joinedup.fhir.nhs_number import is_valid
from joinedup.fhir.profiles.columns import fold_header
from joinedup.fhir.profiles.days import read_day
from joinedup.fhir.profiles.invoice import MOST_DAYS, fold_number
from joinedup.ledger.money import Pence, in_pounds, read_pounds
from joinedup.ledger.period import Month
from joinedup.money.csv_text import Row, is_formula

__all__ = ["HEADERS", "MOST_LINE_PENCE", "UNITS", "BilledLine", "places_of", "read_line", "wrong"]

UNITS = ("hour", "visit", "day", "night", "week", "item")
MOST_LINE_PENCE = 100_000_000
"""A million pounds on one line is a slip of the hand."""
_OLDEST_YEARS = 6  # Limitation Act 1980, section 5: a debt of a contract is sued for no longer
_HUNDRED = range(80, 126)
_CODE = re.compile(r"[A-Z0-9][A-Z0-9.\-]{1,19}")
_NUMBER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._/\-]{0,28}[A-Za-z0-9])?")
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_UNITS = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,4})?")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?E[+-]?[0-9]+", re.IGNORECASE)
_SPACED_NUMBER = re.compile(r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}")

HEADERS = (
    "Provider ODS code",
    "Invoice number",
    "Invoice date",
    "Package",
    "NHS number or person",
    "From",
    "To",
    "Units",
    "Unit",
    "Unit cost (pounds)",
    "VAT (pounds)",
    "Net (pounds)",
)


class BilledLine(Struct, frozen=True, kw_only=True):
    """One line of a file as typed, its values read; `row` is its number in the file.

    `person` is an NHS number of ten digits or a person's id here.
    """

    row: int
    provider: str
    number: str
    day: date
    package: str
    person: str
    begins: date
    ends: date
    units: Decimal
    unit: str
    unit_cost: Pence
    vat: Pence
    net: Pence

    @property
    def bill(self) -> tuple[str, str]:
        """Which bill it belongs to: a number, compared as one, and a package."""
        return fold_number(self.number), self.package


def places_of(header: Sequence[str]) -> dict[str, int]:
    """Return where each column stands; refuses, Invalid, one missing, twice or of another name."""
    wanted = {fold_header(name): name for name in HEADERS}
    found = [wanted.get(fold_header(cell), "") for cell in header]
    unknown = [cell for cell, name in zip(header, found, strict=True) if not name]
    missing = [name for name in HEADERS if name not in found]
    twice = [name for name in HEADERS if found.count(name) > 1]
    told = [f"There is no column {name}." for name in missing]
    told += [f"The column {name} is there twice." for name in twice]
    told += [f"The column {cell[:40] or 'without a name'} is none of these." for cell in unknown]
    if told:
        raise Invalid(
            *(Problem("structure", words, "line 1") for words in told),
            Problem("structure", f"The columns are: {', '.join(HEADERS)}.", "line 1"),
        )
    return {name: found.index(name) for name in HEADERS}


def wrong(row: int, column: str, words: str) -> Problem:
    """Return one thing wrong, with its line and column in the words and in the path."""
    return Problem("value", f"Line {row}, {column}: {words}", f"line {row}, {column}")


def read_line(
    row: Row, places: dict[str, int], *, on: date, closed: Sequence[Month]
) -> BilledLine | list[Problem]:
    """Return a line's values, or everything wrong with them."""
    if len(row.cells) != len(places):
        count = f"{len(row.cells)} values and the header {len(places)} columns"
        return [Problem("structure", f"Line {row.number} has {count}.", f"line {row.number}")]
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, (field, reader) in _READERS.items():
        text = row.cells[places[name]]
        try:
            found[field] = reader(_plain(text))
        except Invalid as problem:
            problems.append(wrong(row.number, name, problem.problems[0].message))
    if problems:
        return problems
    line = BilledLine(row=row.number, **found)
    problems = [
        wrong(row.number, name, words) for name, words in _together(line, on=on, closed=closed)
    ]
    return problems or line


def _plain(text: str) -> str:
    if not text:
        raise Invalid("this is blank.")
    if is_formula(text):
        raise Invalid(f"{text[:20]!r} is what a spreadsheet would run. Write the plain value.")
    if set(text) == {"#"}:
        raise Invalid("a column was too narrow to show its value. Widen it and export again.")
    if _SCIENTIFIC.fullmatch(text) and "." in text:
        raise Invalid(f"{text!r}: a spreadsheet has turned this number into another.")
    return text


def _read_code(text: str) -> str:
    if not _CODE.fullmatch(text.upper()):
        raise Invalid(f"{text[:40]!r} is no code of an organisation, such as VN123.")
    return text.upper()


def _read_number(text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise Invalid(f"{text[:40]!r} is no invoice number: 30 letters, digits, . / - at most.")
    return text


def _read_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise Invalid(f"{text[:40]!r} is no package's number. Take it from the order.")
    return text


def _read_person(text: str) -> str:
    if _SPACED_NUMBER.fullmatch(text):
        digits = text.replace(" ", "").replace("-", "")
        if not is_valid(digits):
            raise Invalid(f"{text!r} is no NHS number: a digit is wrong.")
        return digits
    if not _ID.fullmatch(text):
        raise Invalid(f"{text[:40]!r} is no NHS number and no person's number here.")
    return text


def _read_day(text: str) -> date:
    day = read_day(text)
    if day is None:
        raise Invalid(f"{text[:40]!r} is no date. Write it 31/01/2018, the year in full.")
    return day


def _read_units(text: str) -> Decimal:
    if text.startswith(("-", "−")):
        raise Invalid(f"{text[:40]!r} is below zero. Ask for a wrong bill to be reversed instead.")
    if not _UNITS.fullmatch(text):
        raise Invalid(f"{text[:40]!r} is no number of units, such as 14 or 3.75.")
    units = Decimal(text)
    if units == 0:
        raise Invalid("no units are billed. Leave the line out.")
    return units


def _read_unit(text: str) -> str:
    plain = text.lower()
    for unit in UNITS:
        if plain in (unit, f"{unit}s"):
            return unit
    raise Invalid(f"{text[:40]!r} is none of {', '.join(UNITS)}.")


def _read_vat(text: str) -> Pence:
    pence = read_pounds(text, what="the VAT")
    if pence < 0:
        raise Invalid(f"{text!r} is below zero. Ask for a wrong bill to be reversed instead.")
    return _in_reach(pence)


def _read_price(text: str) -> Pence:
    pence = read_pounds(text, what="the amount")
    if pence <= 0:
        raise Invalid(f"{text!r} is not above zero. Ask for a wrong bill to be reversed instead.")
    return _in_reach(pence)


def _in_reach(pence: Pence) -> Pence:
    if pence > MOST_LINE_PENCE:
        most = in_pounds(MOST_LINE_PENCE)
        raise Invalid(f"{in_pounds(pence)} is more than {most}. Are pence typed as pounds?")
    return pence


_READERS: dict[str, tuple[str, Callable[[str], Any]]] = dict(
    zip(
        HEADERS,
        (
            ("provider", _read_code),
            ("number", _read_number),
            ("day", _read_day),
            ("package", _read_id),
            ("person", _read_person),
            ("begins", _read_day),
            ("ends", _read_day),
            ("units", _read_units),
            ("unit", _read_unit),
            ("unit_cost", _read_price),
            ("vat", _read_vat),
            ("net", _read_price),
        ),
        strict=True,
    )
)


def _together(line: BilledLine, *, on: date, closed: Sequence[Month]) -> list[tuple[str, str]]:
    """Return what cannot be true of a line as a whole, by column."""
    found = [*_days(line, on)]
    if Month.of(line.day) in closed:
        month = f"{line.day:%B %Y}"
        words = f"{month} is closed. Date the invoice in an open month; it may bill days before."
        found.append(("Invoice date", words))
    worth = line.units * line.unit_cost
    for many, few in ((Decimal(line.net), worth), (worth, Decimal(line.net))):
        if round(many / few) in _HUNDRED:
            words = f"{in_pounds(line.net)} and {line.units} at {in_pounds(line.unit_cost)} are a "
            words += "hundred times apart. Is one of them in pence? Write pounds."
            found.append(("Net (pounds)", words))
    return found


def _days(line: BilledLine, on: date) -> list[tuple[str, str]]:
    found = [
        (name, f"{day:%d/%m/%Y} is in the future. Bill what has been done.")
        for name, day in (("Invoice date", line.day), ("To", line.ends))
        if day > on
    ]
    if line.ends < line.begins:
        found.append(("To", "the days billed end before they begin."))
    elif (line.ends - line.begins).days >= MOST_DAYS:
        found.append(("From", f"one line bills {MOST_DAYS} days at most."))
    if on.year - line.begins.year > _OLDEST_YEARS:
        words = f"{line.begins:%d/%m/%Y} is more than {_OLDEST_YEARS} years ago."
        found.append(("From", words))
    return found
