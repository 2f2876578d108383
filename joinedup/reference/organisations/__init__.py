"""Organisations of health and care in England by code: NHS trusts, other providers, integrated care
boards, GP practices (ODS codes) and councils with adult social care (Client Level Data LA codes).

The table is derived by `derive.py` from published files; organisations met in imports only are
`Organization` resources of the record and not here.
"""

from datetime import date

from msgspec import Struct

from joinedup.reference.tables import value

__all__ = ["Organisation", "organisation"]

_TABLE = "organisations/organisations"


class Organisation(Struct, frozen=True):
    """One organisation; `kind` is trust, provider, icb, practice or council."""

    ods: str
    name: str
    kind: str


def organisation(code: str, *, on: date = date.max) -> Organisation | None:
    """Return the organisation of a code, or None if the table has none (on that day)."""
    try:
        row = value(_TABLE, code.strip().upper(), on=on)
    except KeyError:
        return None
    return Organisation(row["code"], row["name"], row["kind"])
