"""What the values of one Client Level Data row must be. Pure: the day is an argument.

A row is refused only for what makes it unsafe or unreadable: text that Excel has changed, dates
that are no dates, no person, no event. A value outside its list is kept as sent and noted, since no
list here is the official one (cld.md).
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from msgspec import Struct

from joinedup.fhir.issue import Problem
from joinedup.fhir.profiles.columns import BY_HEADER, COLUMNS, Column
from joinedup.fhir.profiles.days import read_day, write_day
from joinedup.people import nhs_number
from joinedup.reference.codes import client_level_lists, listed_spelling

__all__ = ["Judged", "fits", "judge"]

_SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d+)?E[+-]?\d+", re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_NUMBER = re.compile(r"£?\s?\d{1,3}(?:,?\d{3})*(?:\.\d+)?")
_COUNCIL_DIGITS = 3
_OLDEST_YEARS = 120
_AS_TEXT = "Format the column as Text in Excel, take the value from its source again, and export."
_PERSON = "LA Person Unique Identifier"


class Judged(Struct, frozen=True):
    """A row as it is kept, why it cannot be (`problems`), and what is odd about it (`notes`)."""

    values: dict[str, str]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def judge(row: Mapping[str, str], *, on: date) -> Judged:
    """Return a row judged value by value and then as a whole; `path` of a problem is its column."""
    values: dict[str, str] = {}
    problems: list[Problem] = []
    notes: list[str] = []
    for column in COLUMNS:
        text = " ".join(row.get(column.header, "").split())
        if text:
            kept, words, note = _value(column, text, on)
            values[column.header] = kept
            if words:
                problems.append(
                    Problem("value", f"{column.header} {text[:60]!r}: {words}", column.header)
                )
            if note:
                notes.append(note)
    problems += _needed(values)
    if not problems:
        problems += _together(values, on)
    return Judged(values, tuple(problems), tuple(notes))


def fits(column: Column, text: str, *, on: date) -> bool:
    """Return whether a value could be of a column at all; texts and identifiers always could."""
    match column.kind:
        case "date":
            return read_day(text) is not None or _SERIAL.fullmatch(text) is not None
        case "list":
            return listed_spelling(column.header, text, on=on) is not None
        case "nhs-number":
            return nhs_number.is_valid(text)
        case "number":
            return _NUMBER.fullmatch(text) is not None
        case "council":
            return text.isalnum() and any(letter.isdigit() for letter in text)
        case _:
            return True


def _value(column: Column, text: str, on: date) -> tuple[str, str, str]:
    """Return (the value kept, why the row must be refused or "", a note or "")."""
    if column.kind != "text" and _SCIENTIFIC.fullmatch(text) and any(c.isdigit() for c in text):
        return "", f"Excel has turned this number into another. {_AS_TEXT}", ""
    if set(text) == {"#"}:
        return "", f"Excel exported a column too narrow to show its value. {_AS_TEXT}", ""
    match column.kind:
        case "date":
            return _date(column, text, on)
        case "council":
            if text.isdigit() and len(text) < _COUNCIL_DIGITS:
                return "", f"a council's code has 3 digits: leading zeros are lost. {_AS_TEXT}", ""
            return text, "", ""
        case "nhs-number":
            if nhs_number.is_valid(text):
                return nhs_number.parse(text), "", ""
            return "", "", "an NHS number is not valid and was left blank"
        case "list":
            return _listed(column, text, on)
        case "number" if not _NUMBER.fullmatch(text):
            return text, "", f"{column.header}: a value is no number and is kept as sent"
        case _:
            return text, "", ""


def _date(column: Column, text: str, on: date) -> tuple[str, str, str]:
    day = read_day(text)
    if day is None and _SERIAL.fullmatch(text):
        words = "Excel has turned this date into a number. Format the column as a date dd/mm/yyyy."
        return "", words, ""
    if day is None:
        return "", "this is no date. Write it dd/mm/yyyy, the year in full.", ""
    if column.header in ("Date of Birth", "Date of Death") and day > on:
        return "", "this date is in the future.", ""
    if column.header == "Date of Birth" and on.year - day.year > _OLDEST_YEARS:
        return "", f"this is more than {_OLDEST_YEARS} years ago.", ""
    return write_day(day), "", ""


def _listed(column: Column, text: str, on: date) -> tuple[str, str, str]:
    listed = listed_spelling(column.header, text, on=on)
    if listed is not None:
        return listed, "", ""
    if column.header == "Event Type":
        return "", "an event is a Request, Assessment, Service or Review.", ""
    if others := lists_with(text, on=on):
        return "", f"this is a value of {others[0]}: are the columns swapped?", ""
    return text, "", f"{column.header}: a value is not in the list and is kept as sent"


@lru_cache(maxsize=4_096)
def lists_with(text: str, *, on: date) -> tuple[str, ...]:
    """Return the columns whose list has this value."""
    names = client_level_lists(on=on)
    return tuple(name for name in names if listed_spelling(name, text, on=on) is not None)


def _needed(values: Mapping[str, str]) -> list[Problem]:
    problems = []
    if not values.get(_PERSON) and not values.get("NHS Number"):
        words = f"{_PERSON} is blank and there is no NHS number: whose event is this?"
        problems.append(Problem("required", words, _PERSON))
    for header in ("Event Type", "Event Start Date"):
        if header not in values:
            problems.append(Problem("required", f"{header} is blank.", header))
    return problems


def _together(values: Mapping[str, str], on: date) -> list[Problem]:
    """Return what is impossible about the row as a whole."""
    assert all(header in BY_HEADER for header in values)
    born, died = (read_day(values.get(h, "")) for h in ("Date of Birth", "Date of Death"))
    start = read_day(values["Event Start Date"])
    assert start is not None, "judged above"
    if born and died and died < born:
        return [Problem("value", "Date of Death is before Date of Birth.", "Date of Death")]
    if born and start < born:
        words = "The event starts before the birth: are the two dates swapped?"
        return [Problem("value", words, "Date of Birth")]
    if start.year > on.year + 1:
        return [Problem("value", "The event starts more than a year from now.", "Event Start Date")]
    return []
