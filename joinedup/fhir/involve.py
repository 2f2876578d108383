"""Whom a resource is about, and what only it may hold: people, master, claims (house.md, 2 and 3).

What kind of information it is stands in `classes`, who is thereby related to whom in
`relationships`; `record` stores what all three say, `verify` recomputes it.
"""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM, VERIFIED, is_valid, status_of
from joinedup.fhir.profiles.invoice import days_held
from joinedup.fhir.profiles.placement import slots_held
from joinedup.fhir.profiles.referral import held
from joinedup.fhir.profiles.slot import claimed
from joinedup.fhir.profiles.spell import beds_held

__all__ = [
    "Involved",
    "claims",
    "involved",
    "is_statement",
    "master_of",
    "references_in",
]

_PATIENT_REFERENCE = re.compile(r'"reference":"Patient/([A-Za-z0-9.\-]{1,64})["/]')
_REFERENCE = re.compile(r'"reference":"([A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64})["/]')
_NOT_HERE = ("refer", "replaced-by")


class Involved(Struct, frozen=True):
    """The people of a resource by id: `person` is whose record it belongs to ("" = nobody's)."""

    person: str
    others: tuple[str, ...]


def master_of(patient: Mapping[str, Any]) -> str:
    """Return the id of the Patient this one is a statement about, or its own id."""
    for link in patient.get("link", ()):
        target = str(link.get("other", {}).get("reference", ""))
        if link.get("type") in _NOT_HERE and target.startswith("Patient/"):
            return target.removeprefix("Patient/").split("/")[0]
    return str(patient["id"])


def is_statement(resource: Mapping[str, Any]) -> bool:
    """Whether this Patient is one organisation's statement about a person kept elsewhere."""
    return bool(resource["resourceType"] == "Patient" and master_of(resource) != resource["id"])


def involved(resource: Mapping[str, Any], body: str) -> Involved:
    """Return the people named anywhere in the resource; `body` is its text as stored.

    Every literal reference to a Patient counts, wherever it stands, contained and extensions
    included: seeing the resource needs reach to all of them (house.md, law 2).
    """
    named = dict.fromkeys(_PATIENT_REFERENCE.findall(body))
    if resource["resourceType"] == "Patient":
        person = master_of(resource)
        named.pop(str(resource["id"]), None)
    else:
        person = _subject_of(resource) or next(iter(named), "")
    named.pop(person, None)
    return Involved(person, tuple(named))


def references_in(body: str) -> tuple[str, ...]:
    """Return every literal `Type/id` that a stored text refers to, once each, in order."""
    return tuple(dict.fromkeys(_REFERENCE.findall(body)))


def _subject_of(resource: Mapping[str, Any]) -> str:
    for element in ("subject", "patient", "for", "beneficiary"):
        value = resource.get(element)
        reference = value.get("reference", "") if isinstance(value, dict) else ""
        if isinstance(reference, str) and reference.startswith("Patient/"):
            return reference.removeprefix("Patient/").split("/")[0]
    return ""


def claims(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what this resource alone may hold: `nhs-number/9990000018` for a master Patient.

    A number that was replaced, or that is not verified, is nobody's to hold (domain.md 1.2, 4).
    An accepted invoice holds the days it bills (`profiles.invoice.days_held`), a stay in hospital
    the bed that is lain in or kept for somebody (`profiles.spell.beds_held`), a ward's open
    referral to the hub its stay and purpose (`profiles.referral.held`), a placement the slot
    of a provider (`profiles.placement.slots_held`), and a slot taken back itself.
    """
    if resource["resourceType"] == "Task":
        return slots_held(resource)
    if resource["resourceType"] == "Slot":
        return claimed(resource)
    if resource["resourceType"] == "Encounter":
        return beds_held(resource)
    if resource["resourceType"] == "ServiceRequest":
        return held(resource)
    if resource["resourceType"] == "Invoice":
        return days_held(resource)
    if resource["resourceType"] != "Patient" or is_statement(resource):
        return ()
    numbers = (
        str(i.get("value", "")).replace(" ", "").replace("-", "")
        for i in resource.get("identifier", ())
        if i.get("system") == NHS_NUMBER_SYSTEM
        and i.get("use") != "old"
        and status_of(i) in VERIFIED
    )
    return tuple(dict.fromkeys(f"nhs-number/{n}" for n in numbers if is_valid(n)))
