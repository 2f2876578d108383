"""Whom a resource is about, and what that makes it: people, data class, labels, claims, reach.

One pure table for every type (house.md, laws 2 and 3). What a row policy tests, and what only one
resource may hold, comes from here and nowhere else; `record` stores it, `verify` recomputes it.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from joinedup.fhir.key import resource_key
from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM, is_valid
from joinedup.fhir.search.extract import CONFIDENTIALITY
from joinedup.fhir.search.period import bounds

__all__ = [
    "CLASS_OF",
    "Involved",
    "Reach",
    "claims",
    "involved",
    "is_statement",
    "label_of",
    "reach",
]

# Numbers of joinedup.access.words.DataClass; `access` is a floor above and cannot be imported here.
SHARED, DEMOGRAPHIC, CLINICAL, SOCIAL_CARE, FINANCIAL, ACCESS = 1, 2, 3, 4, 5, 6

_SHARED_TYPES = (
    "Practitioner PractitionerRole Organization Location HealthcareService Medication "
    "Questionnaire Device"
).split()

CLASS_OF: Mapping[str, int] = {
    **dict.fromkeys(_SHARED_TYPES, SHARED),
    "Patient": DEMOGRAPHIC,
    "RelatedPerson": DEMOGRAPHIC,
    "Consent": ACCESS,
}
"""Data class of a type; every type not named here holds clinical information."""

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_LABEL_BITS = {
    (CONFIDENTIALITY, "R"): 1,
    (CONFIDENTIALITY, "V"): 2,
    (ACT_CODE, "SEX"): 4,
    (ACT_CODE, "STD"): 4,
    (ACT_CODE, "SDV"): 32,
    (ACT_CODE, "DVL"): 32,
}

REACH_GRACE = timedelta(days=28)
"""How long a relationship still reaches after it ended, for letters and loose ends."""

_PATIENT_REFERENCE = re.compile(r'"reference":"Patient/([A-Za-z0-9.\-]{1,64})["/]')
_REFERENCE = re.compile(r'"reference":"([A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64})["/]')
_NOT_HERE = ("refer", "replaced-by")


class Involved(Struct, frozen=True):
    """The people of a resource by id: `person` is whose record it belongs to ("" = nobody's)."""

    person: str
    others: tuple[str, ...]


class Reach(Struct, frozen=True):
    """A party that has a person in its care, in [starts, ends) as index times."""

    person: int
    party: int
    starts: str
    ends: str


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


def label_of(resource: Mapping[str, Any]) -> int:
    """Return the label bits of `meta.security`.

    On a Patient, restricted means where and how to find her is withheld, not that she exists
    (domain.md 1.2): the bit is left off and the fields are removed on the way out.
    """
    bits = 0
    for coding in resource.get("meta", {}).get("security", ()):
        bits |= _LABEL_BITS.get((coding.get("system"), coding.get("code")), 0)
    return bits & ~3 if resource["resourceType"] == "Patient" else bits


def claims(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what this resource alone may hold: `nhs-number/9990000018` for a master Patient."""
    if resource["resourceType"] != "Patient" or is_statement(resource):
        return ()
    numbers = (
        str(i.get("value", "")).replace(" ", "").replace("-", "")
        for i in resource.get("identifier", ())
        if i.get("system") == NHS_NUMBER_SYSTEM and i.get("use") != "old"
    )
    return tuple(dict.fromkeys(f"nhs-number/{n}" for n in numbers if is_valid(n)))


def reach(resource: Mapping[str, Any], person: int) -> Iterator[Reach]:
    """Yield the parties this resource gives the person's care to (domain.md 1.2).

    Registered practice, the organisation managing a record, an encounter, an episode or a care
    team, and whoever a referral or task is given to, each for as long as its period says.
    """
    for reference, period in _relationships(resource):
        target = reference.get("reference", "") if isinstance(reference, dict) else ""
        if isinstance(target, str) and target.startswith("Organization/"):
            organisation = target.removeprefix("Organization/").split("/")[0]
            starts, ends = _span(period)
            yield Reach(person, resource_key("Organization", organisation), starts, ends)


def _relationships(resource: Mapping[str, Any]) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    kind = resource["resourceType"]
    always: Mapping[str, Any] = {}
    if kind == "Patient":
        yield resource.get("managingOrganization"), always
        for practice in resource.get("generalPractitioner", ()):
            yield practice, always
    elif kind == "Encounter":
        yield resource.get("serviceProvider"), resource.get("period", always)
    elif kind == "EpisodeOfCare":
        yield resource.get("managingOrganization"), resource.get("period", always)
    elif kind == "CareTeam":
        for organisation in resource.get("managingOrganization", ()):
            yield organisation, resource.get("period", always)
    elif kind == "ServiceRequest":
        for performer in resource.get("performer", ()):
            yield performer, always
    elif kind == "Task":
        yield resource.get("owner"), resource.get("executionPeriod", always)


def _span(period: Mapping[str, Any]) -> tuple[str, str]:
    starts = bounds(period["start"])[0] if period.get("start") else "-infinity"
    if not period.get("end"):
        return starts, "infinity"
    try:
        ends = datetime.fromisoformat(bounds(period["end"])[1]) + REACH_GRACE
    except (ValueError, OverflowError):  # the end of 9999, as some systems write "no end"
        return starts, "infinity"
    return starts, ends.isoformat(" ")
