"""Pence, and the pounds people type and read. Every amount inside is a whole number of pence."""

import re

from joinedup.fhir.issue import Invalid

__all__ = ["MOST_PENCE", "Pence", "in_pounds", "read_pounds"]

Pence = int
"""An amount of money in whole pence; what leaves an account is negative."""

MOST_PENCE = 10**14
"""A million million pounds: more than this in one amount is a slip of the hand."""

_POUNDS = re.compile(
    r"(?P<minus>[-−]?)£?(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<pence>[0-9]{1,9}))?"
)


def read_pounds(text: str, *, what: str = "The amount") -> Pence:
    """Return the pence of an amount as people write it: `£14,250.00`, `14250`, `-3.5`.

    Raises Invalid, saying what is wrong with `what` and what to write instead: words, more than two
    decimals, a comma in the wrong place, more than `MOST_PENCE`.
    """
    written = text.strip().replace("\N{NO-BREAK SPACE}", "")
    found = _POUNDS.fullmatch(written)
    if found is None:
        raise Invalid(
            f"{what}, {text!r}, is not an amount. Write pounds and pence, like £1,250.40."
        )
    decimals = (found["pence"] or "").ljust(2, "0")
    if len(decimals) > 2:
        raise Invalid(f"{what}, {text!r}, has a fraction of a penny. Write two decimals at most.")
    pence = int(found["whole"].replace(",", "")) * 100 + int(decimals)
    if pence > MOST_PENCE:
        raise Invalid(f"{what}, {text!r}, is more than {in_pounds(MOST_PENCE)}. Check the zeros.")
    return -pence if found["minus"] else pence


def in_pounds(pence: Pence) -> str:
    """Return an amount as it is shown: `£1,234.50`, and `−£3.00` with a true minus sign."""
    whole, rest = divmod(abs(pence), 100)
    return f"{'−' if pence < 0 else ''}£{whole:,}.{rest:02d}"
