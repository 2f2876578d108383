"""Who this is: the strip at the top of every page about a person.

Restricted people show no address, telephone or practice (domain.md 1.2, step 7), whatever the
record holds.
"""

from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.access.restrictions import is_restricted
from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM
from joinedup.people.presenters.life import Life, Resource
from joinedup.people.presenters.words import (
    Telephone,
    address_lines,
    concept,
    human_name,
    nhs_number_words,
    telephones,
)
from joinedup.web.dates import When, read_moment, when, years_between

__all__ = ["Identity", "nhs_number_of", "present_identity"]

_VERIFIED = (
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
)
_GENDERS = {"female": "Woman", "male": "Man", "other": "Other", "unknown": "Gender not known"}


class Identity(Struct, frozen=True, kw_only=True):
    """Who a person is, in words."""

    id: str
    name: str
    first_name: str
    known_as: str
    age: str
    born: When | None
    placeholder_birth_date: bool
    gender: str
    nhs_number: str
    nhs_number_said: str
    old_numbers: tuple[str, ...]
    address: tuple[str, ...]
    telephones: tuple[Telephone, ...]
    died: str
    language: str
    restricted: bool


def nhs_number_of(patient: Resource) -> tuple[str, str]:
    """Return the NHS number of a Patient and how far it has been checked, in words."""
    for identifier in patient.get("identifier") or ():
        if identifier.get("system") == NHS_NUMBER_SYSTEM and identifier.get("use") != "old":
            status = next(
                (e for e in identifier.get("extension") or () if e.get("url") == _VERIFIED), None
            )
            return identifier.get("value", ""), _verified_words(status)
    return "", ""


def _old_numbers(patient: Resource, now: datetime) -> tuple[str, ...]:
    """Return the NHS numbers that were replaced, each with the day it ended where that is known."""
    found = []
    for identifier in patient.get("identifier") or ():
        if identifier.get("system") == NHS_NUMBER_SYSTEM and identifier.get("use") == "old":
            number = nhs_number_words(identifier.get("value", ""))
            ended = when(read_moment(identifier.get("period", {}).get("end", "")), now)
            found.append(f"{number}, until {ended.words}" if ended else number)
    return tuple(found)


def _verified_words(extension: dict[str, Any] | None) -> str:
    if extension is None:
        return ""
    code = next(iter(_codes(extension)), "")
    known = {"01": "checked", "number-present-and-verified": "checked"}
    return known.get(code, "not checked")


def _codes(extension: dict[str, Any]) -> list[str]:
    return [c.get("code", "") for c in extension.get("valueCodeableConcept", {}).get("coding", ())]


def present_identity(life: Life, now: datetime) -> Identity:
    """Return who the person is, from the master Patient."""
    patient = life.person.resource
    restricted = life.restricted or is_restricted(patient)
    number, said = nhs_number_of(patient)
    born = read_moment(patient.get("birthDate", ""))
    return Identity(
        id=life.person.id,
        name=human_name(patient.get("name")) or "Name not recorded",
        first_name=_first_name(patient),
        known_as=_known_as(patient),
        age=_age(patient, now),
        born=when(born, now),
        placeholder_birth_date=patient.get("birthDate", "").endswith("-01-01"),
        gender=_GENDERS.get(patient.get("gender", ""), ""),
        nhs_number=nhs_number_words(number),
        nhs_number_said=said,
        old_numbers=_old_numbers(patient, now),
        address=() if restricted else address_lines(patient.get("address")),
        telephones=() if restricted else telephones(patient.get("telecom")),
        died=_died(patient, now),
        language=_language(patient),
        restricted=restricted,
    )


def _first_name(patient: Resource) -> str:
    given = (g for n in patient.get("name") or () for g in n.get("given", ()))
    return next(given, "") or human_name(patient.get("name"))


def _known_as(patient: Resource) -> str:
    usual = [n for n in patient.get("name") or () if n.get("use") in ("nickname", "usual")]
    shown = human_name(patient.get("name"))
    names = [" ".join(n.get("given", ())) or n.get("text", "") for n in usual]
    return next((n for n in names if n and n not in shown), "")


def _age(patient: Resource, now: datetime) -> str:
    born = read_moment(patient.get("birthDate", ""))
    if born is None or born.precision != "day":
        return "age not known"
    ended = read_moment(str(patient.get("deceasedDateTime", "")))
    years = years_between(born.day, (ended.at if ended else now).date())
    return f"{years} years" if years != 1 else "1 year"


def _died(patient: Resource, now: datetime) -> str:
    at = when(read_moment(str(patient.get("deceasedDateTime", ""))), now)
    if at is not None:
        return f"Died {at.words}"
    return "Has died" if patient.get("deceasedBoolean") is True else ""


def _language(patient: Resource) -> str:
    spoken = [concept(c.get("language")) for c in patient.get("communication") or ()]
    return next((s for s in spoken if s and not s.lower().startswith(("en", "english"))), "")
