"""FHIR data types in words: concepts, names, addresses, telephone numbers, statuses, amounts.

Pure functions over JSON values; nothing here knows of a page or a person's record.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import Any

from msgspec import Struct

__all__ = [
    "Telephone",
    "address_lines",
    "amount",
    "codes_of",
    "concept",
    "concept_key",
    "human_name",
    "nhs_number_words",
    "status_words",
    "telephones",
]

Json = Mapping[str, Any]
_STATUS = {
    "in-progress": "in progress",
    "on-hold": "on hold",
    "entered-in-error": "entered in error",
    "not-done": "not done",
    "noshow": "did not attend",
    "checked-in": "arrived",
    "not-taken": "not taken",
    "finished": "ended",
    "proposed": "proposed",
}
_THREE_FIGURES = Context(prec=3)
_TAG = re.compile(r"\s*\((disorder|finding|procedure|situation|regime/therapy|qualifier value)\)$")


class Telephone(Struct, frozen=True):
    """A telephone number: `label` is home, mobile or work; `href` is for the link."""

    label: str
    number: str
    href: str


def concept(value: Json | None) -> str:
    """Return the words of a CodeableConcept: its text, else a display, else a code."""
    if not value:
        return ""
    codings = value.get("coding") or ()
    words = value.get("text") or next((c["display"] for c in codings if c.get("display")), "")
    return _TAG.sub("", words) or next((c["code"] for c in codings if c.get("code")), "")


def concept_key(value: Json | None) -> str:
    """Return what makes two concepts the same thing: the first code, else the words, folded."""
    codings = (value or {}).get("coding") or ()
    coded = next((f"{c.get('system', '')}|{c['code']}" for c in codings if c.get("code")), "")
    return coded or concept(value).casefold().strip()


def codes_of(value: Json | None) -> frozenset[str]:
    """Return every code of a CodeableConcept."""
    codings = (value or {}).get("coding") or ()
    return frozenset(c["code"] for c in codings if c.get("code"))


def human_name(names: Sequence[Json] | None) -> str:
    """Return the name to call a person by: official first, never an old one if another is held."""
    current = [n for n in names or () if not (n.get("period") or {}).get("end")]
    order = {"official": 0, "usual": 1, "": 2}
    ranked = sorted(current or list(names or ()), key=lambda n: order.get(n.get("use", ""), 3))
    if not ranked:
        return ""
    name = ranked[0]
    parts = [*name.get("prefix", ()), *name.get("given", ()), name.get("family", "")]
    return " ".join(p for p in parts if p) or name.get("text", "")


def address_lines(addresses: Sequence[Json] | None) -> tuple[str, ...]:
    """Return the lines of where a person lives now: a current home address first."""
    current = [
        a
        for a in addresses or ()
        if a.get("use") != "old" and not (a.get("period") or {}).get("end")
    ]
    ranked = sorted(current, key=lambda a: a.get("use", "home") != "home")
    if not ranked:
        return ()
    found = ranked[0]
    lines = (*found.get("line", ()), found.get("city", ""), found.get("postalCode", ""))
    return tuple(line for line in lines if line) or tuple(filter(None, (found.get("text", ""),)))


def telephones(telecom: Sequence[Json] | None) -> tuple[Telephone, ...]:
    """Return current telephone numbers, in the order they are preferred."""
    phones = [
        t
        for t in telecom or ()
        if t.get("system") in ("phone", "sms") and t.get("use") != "old" and t.get("value")
    ]
    ranked = sorted(phones, key=lambda t: t.get("rank", 99))
    return tuple(
        Telephone(t.get("use", "phone"), t["value"], "tel:" + re.sub(r"[^0-9+]", "", t["value"]))
        for t in ranked
    )


def nhs_number_words(number: str) -> str:
    """Return an NHS number as people read it aloud, 3-3-4."""
    return f"{number[:3]} {number[3:6]} {number[6:]}" if len(number) == 10 else number


def status_words(code: str) -> str:
    """Return a FHIR status in plain words."""
    return _STATUS.get(code, code.replace("-", " "))


def amount(quantity: Json | None) -> str:
    """Return a quantity as it was stated: value, unit and comparator, at most 2 decimal places more
    than a reader can use; the stored value is not changed."""
    if not quantity or "value" not in quantity:
        return ""
    value = quantity["value"]
    unit = quantity.get("unit") or quantity.get("code") or ""
    unit = "" if unit.startswith("{") else unit
    gap = "" if unit in ("%", "") else " "
    return f"{quantity.get('comparator', '')}{plain_number(value)}{gap}{unit}"


def plain_number(value: Decimal | int | float) -> str:
    """Return a number for reading: as stated up to four places, else two places or three figures.

    A small number never becomes 0.
    """
    number = Decimal(str(value))
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -4:
        return f"{number:f}"
    if abs(number) >= 1:
        return f"{number:.2f}"
    return f"{number.normalize(_THREE_FIGURES):f}"
