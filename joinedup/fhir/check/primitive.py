"""FHIR's primitive types: for each, a function from a value to what is wrong with it, or None.

The formats are those of FHIR R4 2.24.0.1, with real calendar dates. A message says what was
found and what is accepted.
"""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from joinedup.fhir.check.walk import shorten
from joinedup.fhir.narrative import narrative_fault

__all__ = ["PRIMITIVES", "Fault"]

Fault = Callable[[Any], str | None]
"""Says what is wrong with a value and what is accepted; None for a good one."""

LONGEST_STRING = 1_048_576
_NOT_IN_STRING = re.compile(r"[\x00\x0b\x0c]")
_YEAR = r"(?!0000)[0-9]{4}"
_DAY = r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
_ZONE = r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
_SPACES = re.compile(r"[ \t\r\n]+")


def _string(value: Any) -> str | None:
    if type(value) is not str or not value:
        return f"{shorten(value)} is not a string of one character or more, in quotes"
    if len(value) > LONGEST_STRING:
        return f"is longer than {LONGEST_STRING:,} characters, the most a string may have"
    if not value.isprintable() and _NOT_IN_STRING.search(value):
        return "holds a control character; only tab, line feed and carriage return are accepted"
    return None


def _matching(pattern: str, wanted: str, *, dated: bool = False) -> Fault:
    """Return the fault of a string type with a pattern; `dated` values also need a real day."""
    matches = re.compile(pattern).fullmatch

    def fault(value: Any) -> str | None:
        if type(value) is not str or not matches(value):
            return f"{shorten(value)} is not {wanted}"
        if dated and len(value) > 9:
            return _day_fault(value)
        return None

    return fault


def _day_fault(value: str) -> str | None:
    try:
        date(int(value[:4]), int(value[5:7]), int(value[8:10]))
    except ValueError:
        return f"{shorten(value)} is not a day of the calendar"
    return None


def _base64(value: Any) -> str | None:
    packed = _SPACES.sub("", value) if type(value) is str else ""
    if not packed:
        return f"{shorten(value)} is not base64 text"
    try:
        a2b_base64(packed, strict_mode=True)
    except (Base64Error, ValueError):
        return "is not base64: A to Z, a to z, 0 to 9, + and /, in fours, padded with ="
    return None


def _boolean(value: Any) -> str | None:
    if type(value) is bool:
        return None
    return f"{shorten(value)} is not true or false, without quotes"


def _integer(lowest: int, wanted: str) -> Fault:
    def fault(value: Any) -> str | None:
        if type(value) is int and lowest <= value <= 2_147_483_647:
            return None
        return f"{shorten(value)} is not {wanted}"

    return fault


def _decimal(value: Any) -> str | None:
    if type(value) is Decimal or type(value) is int:
        return None
    return f"{shorten(value)} is not a number, without quotes"


_WHOLE = "a whole number from {} to 2,147,483,647, without quotes or a decimal point"
_URI = _matching(r"\S+", "a URI: text without spaces")

PRIMITIVES: dict[str, Fault] = {
    "base64Binary": _base64,
    "boolean": _boolean,
    "canonical": _URI,
    "code": _matching(r"\S+( \S+)*", "a code: text with no spaces but single ones inside"),
    "date": _matching(
        rf"{_YEAR}(-(0[1-9]|1[0-2])|-{_DAY})?", "a date: YYYY, YYYY-MM or YYYY-MM-DD", dated=True
    ),
    "dateTime": _matching(
        rf"{_YEAR}(-(0[1-9]|1[0-2])|-{_DAY}(T{_CLOCK}{_ZONE})?)?",
        "a date (YYYY, YYYY-MM or YYYY-MM-DD), or one with a time and zone: YYYY-MM-DDThh:mm:ssZ",
        dated=True,
    ),
    "decimal": _decimal,
    "id": _matching(r"[A-Za-z0-9\-.]{1,64}", "an id: 1 to 64 letters, digits, - and ."),
    "instant": _matching(
        rf"{_YEAR}-{_DAY}T{_CLOCK}{_ZONE}",
        "an instant: YYYY-MM-DDThh:mm:ss and a zone, Z or +01:00",
        dated=True,
    ),
    "integer": _integer(-2_147_483_648, _WHOLE.format("-2,147,483,648")),
    "markdown": _string,
    "oid": _matching(r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+", "an OID: urn:oid:1.2.3"),
    "positiveInt": _integer(1, _WHOLE.format(1)),
    "string": _string,
    "time": _matching(_CLOCK, "a time of day: hh:mm:ss"),
    "unsignedInt": _integer(0, _WHOLE.format(0)),
    "uri": _URI,
    "url": _URI,
    "uuid": _matching(
        r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "a UUID: urn:uuid: and lower case"
    ),
    "xhtml": narrative_fault,
}
