"""Where a person lives and how to telephone them, as one organisation states it.

Pure: reading it from a Patient, what is wrong with what was typed, and the Patient it makes. An
organisation changes its own statement and never another's (domain.md 19).
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from msgspec import Struct

from joinedup.fhir.issue import Problem

__all__ = ["Contact", "contact_of", "contact_problems", "with_contact"]

_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}", re.IGNORECASE)
_LONGEST = 100


class Contact(Struct, frozen=True):
    """The fields of the form; "" means not stated."""

    telephone: str = ""
    line: str = ""
    town: str = ""
    postcode: str = ""


def contact_of(patient: Mapping[str, Any]) -> Contact:
    """Return the current home address and first telephone of a Patient."""
    address: Mapping[str, Any] = next(iter(_current(patient.get("address"))), {})
    phones = [t for t in _current(patient.get("telecom")) if t.get("system") == "phone"]
    return Contact(
        telephone=str(phones[0].get("value", "")) if phones else "",
        line=", ".join(address.get("line", ())),
        town=str(address.get("city", "")),
        postcode=str(address.get("postalCode", "")),
    )


def _current(values: Any) -> list[Mapping[str, Any]]:
    return [v for v in values or () if v.get("use") != "old" and "end" not in v.get("period", {})]


def contact_problems(contact: Contact) -> tuple[Problem, ...]:
    """Return what is wrong with what was typed, each with the field it belongs to."""
    problems = []
    digits = re.sub(r"[\s()-]", "", contact.telephone)
    if digits and not re.fullmatch(r"\+?[0-9]{7,15}", digits):
        problems.append(
            Problem(
                "value",
                "Enter a telephone number, like 01632 960 001. Leave out words and extensions.",
                "telephone",
            )
        )
    if contact.postcode and not _POSTCODE.fullmatch(contact.postcode):
        problems.append(Problem("value", "Enter a full UK postcode, like MQ1 4AB.", "postcode"))
    for name in ("line", "town"):
        if len(getattr(contact, name)) > _LONGEST:
            problems.append(Problem("too-long", "Shorten this to 100 characters.", name))
    return tuple(problems)


def with_contact(patient: Mapping[str, Any], contact: Contact) -> dict[str, Any]:
    """Return the Patient with this as its current address and telephone; former ones stay."""
    changed = deepcopy(dict(patient))
    changed["telecom"] = _replaced(
        changed.get("telecom", []),
        lambda t: t.get("system") == "phone",
        {"system": "phone", "value": contact.telephone, "use": "home"},
        bool(contact.telephone),
    )
    address: dict[str, Any] = {"use": "home"}
    if contact.line:
        address["line"] = [part.strip() for part in contact.line.split(",") if part.strip()]
    if contact.town:
        address["city"] = contact.town
    if contact.postcode:
        address["postalCode"] = contact.postcode.upper()
    changed["address"] = _replaced(
        changed.get("address", []), lambda _: True, address, len(address) > 1
    )
    return {name: value for name, value in changed.items() if value != []}


def _replaced(values: list[Any], fits: Any, new: dict[str, Any], stated: bool) -> list[Any]:
    """The first current value that fits gives way to the new one, or goes if none is stated."""
    current = [v for v in _current(values) if fits(v)]
    first = current[0] if current else None
    kept = [v for v in values if v is not first]
    return [new, *kept] if stated else kept
