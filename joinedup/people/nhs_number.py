"""The NHS number as people type, read and show it. Pure; the sum itself is `fhir.nhs_number`.

A well-formed number may never have been issued, and an issued one may belong to somebody else:
whether it is *this* person's is for `matching`.
"""

import re

from joinedup.fhir import nhs_number as rule
from joinedup.fhir.issue import Invalid

__all__ = ["SYSTEM", "in_test_range", "is_valid", "parse", "show"]

SYSTEM = rule.NHS_NUMBER_SYSTEM

_LENGTH = 10
_BY_EXCEL = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]{1,2}", re.IGNORECASE)
_SEPARATORS = dict.fromkeys(map(ord, " \t\u00a0\u2009\u202f-\u2010\u2011\u2012\u2013\u2014"))
_TEST_PREFIX = "999"


def parse(text: str) -> str:
    """Return the ten digits of an NHS number (rule ID-01, NHS Data Dictionary: NHS NUMBER).

    Spaces and dashes are dropped and nothing is ever added: nine digits stay nine digits. Refuses
    with `Invalid` naming what is wrong: letters, the count of digits, or the check digit.
    """
    digits = text.translate(_SEPARATORS)
    if not digits:
        raise Invalid("Enter an NHS number")
    if _BY_EXCEL.fullmatch(text.strip()):
        raise Invalid(
            "Excel has changed this number (such as 1.0E+10), and digits are lost. Take it from "
            "its source again, and format the column as Text"
        )
    if not (digits.isascii() and digits.isdigit()):
        raise Invalid("An NHS number is made of digits only")
    if len(digits) != _LENGTH:
        lost = ". Excel may have dropped a zero at its start" if len(digits) == _LENGTH - 1 else ""
        raise Invalid(f"An NHS number has 10 digits; this has {len(digits)}{lost}")
    if not rule.is_valid(digits):
        raise Invalid("The check digit of this NHS number is wrong: read it again from its source")
    return digits


def is_valid(text: str) -> bool:
    """Return whether `parse` would accept the text."""
    try:
        parse(text)
    except Invalid:
        return False
    return True


def show(number: str) -> str:
    """Return ten digits as people read them aloud, `999 001 2008`; other text unchanged."""
    if len(number) != _LENGTH or not number.isdigit():
        return number
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def in_test_range(number: str) -> bool:
    """Return whether the number is of the range kept for invented people (it begins 999)."""
    return number.startswith(_TEST_PREFIX)
