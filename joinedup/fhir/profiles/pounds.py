"""Whole pence inside, FHIR's Money and Fractions outside: both ways to the penny, or refused."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from joinedup.fhir.issue import Invalid

__all__ = ["money_of", "pence_of", "read_share", "write_share"]

_LONGEST_SHARE = 200


def money_of(pence: int) -> dict[str, Any]:
    """Return an amount as FHIR Money in pounds: 1250 is 12.50 GBP (FHIR R4 2.24.0.8)."""
    return {"value": Decimal(pence).scaleb(-2), "currency": "GBP"}


def pence_of(money: Mapping[str, Any]) -> int:
    """Return the pence of an amount of pounds; refuses, Invalid, other money and part pennies."""
    value, currency = money.get("value"), money.get("currency")
    if currency != "GBP" or isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Invalid(f"An amount is a number of pounds in GBP, not {value} {currency}.")
    pence = Fraction(value) * 100
    if pence.denominator != 1:
        raise Invalid(f"£{value} has a fraction of a penny. Write two decimals at most.")
    return int(pence)


def write_share(share: Fraction) -> str:
    """Return a share so that it reads back exactly: `3/5`."""
    return f"{share.numerator}/{share.denominator}"


def read_share(text: str) -> Fraction:
    """Return a share as `write_share` wrote it; refuses, Invalid, anything else."""
    over, stroke, under = text.partition("/")
    plain = over.removeprefix("-") + under
    if not (stroke and len(text) <= _LONGEST_SHARE and plain.isascii() and plain.isdigit()):
        raise Invalid(f"{text[:40]!r} is not a share such as 3/5.")
    if not under or not over.removeprefix("-") or int(under) == 0:
        raise Invalid(f"{text[:40]!r} is not a share such as 3/5.")
    return Fraction(int(over), int(under))
