"""What identity is judged on: the names, birth date, number and address of one Patient. Pure.

Texts are normalised once here, so that `matching` and `find_rules` compare like with like.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from joinedup.fhir.nhs_number import status_of
from joinedup.fhir.search.extract import CONFIDENTIALITY
from joinedup.people import nhs_number

__all__ = [
    "RESTRICTED",
    "Demographics",
    "demographics_of",
    "family_names",
    "is_placeholder_date",
    "normal_name",
    "normal_postcode",
    "postcode_of",
    "telephone_of",
    "town_of",
]

RESTRICTED = {"system": CONFIDENTIALITY, "code": "R"}
"""The label that keeps back where and how to find somebody."""
_UNKNOWN_NAMES = {"unknown", "unk", "not known", "surname unknown", "no name", "anonymous"}
_NOT_YET_NAMED = re.compile(r"(baby|infant|newborn|twin|triplet)\b", re.IGNORECASE)
_DOUBLE = re.compile(r"[\s\-\u2010-\u2015]+")
_PARTICLE_LENGTH = 3
NO_FIXED_ABODE = "zz993vz"


class Demographics(Struct, frozen=True, kw_only=True):
    """Who somebody is said to be. Empty means not stated; names and postcode are normalised."""

    nhs_number: str = ""
    status: str = ""
    more_numbers: tuple[str, ...] = ()
    """Further NHS numbers that are said to be in use: one person has one (domain.md 1.5)."""
    old_numbers: tuple[str, ...] = ()
    """NHS numbers that theirs has replaced."""
    families: tuple[str, ...] = ()
    givens: tuple[str, ...] = ()
    born: str = ""
    gender: str = ""
    postcodes: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    birth_order: int = 0


def demographics_of(patient: Mapping[str, Any]) -> Demographics:
    """Return what a Patient resource says of identity; old names and addresses count too."""
    names = patient.get("name", ())
    numbers = _numbers(patient, old=False)
    number, status = numbers[0] if numbers else ("", "")
    return Demographics(
        nhs_number=number,
        status=status,
        more_numbers=_distinct(n for n, _ in numbers if n != number),
        old_numbers=_distinct(n for n, _ in _numbers(patient, old=True)),
        families=_distinct(part for name in names for part in family_names(name.get("family", ""))),
        givens=_distinct(_given_name(next(iter(name.get("given", ())), "")) for name in names),
        born=str(patient.get("birthDate", "")),
        gender=str(patient.get("gender", "")),
        postcodes=_distinct(
            normal_postcode(str(place.get("postalCode", ""))) for place in _homes(patient)
        ),
        lines=_distinct(
            normal_name(str(next(iter(place.get("line", ())), ""))) for place in _homes(patient)
        ),
        birth_order=_birth_order(patient),
    )


def normal_name(name: str) -> str:
    """Return a name as it is compared: no accents, case, spaces, hyphens or apostrophes.

    "unknown" and its kin are no name at all (domain.md 1.5): they come back empty.
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    if " ".join(plain.split()) in _UNKNOWN_NAMES:
        return ""
    return "".join(letter for letter in plain if letter.isalnum())


def family_names(family: str) -> tuple[str, ...]:
    """Return a family name as it is compared, whole first, then the parts of a double name.

    Short parts (de, van, Mc, O') are nobody's family name by themselves.
    """
    whole = normal_name(family)
    parts = _DOUBLE.split(family)
    if not whole or len(parts) == 1:
        return (whole,)
    halves = (normal_name(part) for part in parts)
    return (whole, *(half for half in halves if len(half) > _PARTICLE_LENGTH))


def normal_postcode(postcode: str) -> str:
    """Return a postcode as it is compared; ZZ99 3VZ, no fixed abode, is nobody's address."""
    plain = "".join(letter for letter in postcode.casefold() if letter.isalnum())
    return "" if plain == NO_FIXED_ABODE else plain


def is_placeholder_date(born: str) -> bool:
    """Return whether a birth date may stand for "some day that year": 1 January (domain.md 1.2)."""
    return born.endswith("-01-01") or len(born) == len("1932")


def postcode_of(patient: Mapping[str, Any]) -> str:
    """Return the postcode of the current home address, or "" if none is stated."""
    for place in _current(patient.get("address", ())):
        if place.get("postalCode"):
            return str(place["postalCode"])
    return ""


def town_of(patient: Mapping[str, Any]) -> str:
    """Return the town of the current home address, or "" if none is stated."""
    return next((str(p["city"]) for p in _current(patient.get("address", ())) if p.get("city")), "")


def telephone_of(patient: Mapping[str, Any]) -> str:
    """Return the first telephone number in use, or "" if none is stated."""
    for contact in _current(patient.get("telecom", ())):
        if contact.get("system") in ("phone", "sms") and contact.get("value"):
            return str(contact["value"])
    return ""


def _current(values: Any) -> Iterator[Mapping[str, Any]]:
    """Yield what is in use, homes first; old and temporary ones are not where somebody lives."""
    usable = [v for v in values if v.get("use") not in ("old", "temp")]
    return iter(sorted(usable, key=lambda v: v.get("use") != "home"))


def _numbers(patient: Mapping[str, Any], *, old: bool) -> list[tuple[str, str]]:
    """Return the NHS numbers in use, or those replaced, each with its verification status."""
    found = []
    for identifier in patient.get("identifier", ()):
        text = str(identifier.get("value", ""))
        is_one = identifier.get("system") == nhs_number.SYSTEM and nhs_number.is_valid(text)
        if is_one and (identifier.get("use") == "old") == old:
            found.append((nhs_number.parse(text), status_of(identifier)))
    return found


def _homes(patient: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return where somebody lives or lived: where they only stay is nobody's home."""
    return [place for place in patient.get("address", ()) if place.get("use") != "temp"]


def _given_name(given: str) -> str:
    """Return a first name as it is compared; "Baby of Jane" and "Twin 1" are no names yet."""
    return "" if _NOT_YET_NAMED.match(given.strip()) else normal_name(given)


def _birth_order(patient: Mapping[str, Any]) -> int:
    order = patient.get("multipleBirthInteger")
    return order if isinstance(order, int) else 0


def _distinct(values: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
