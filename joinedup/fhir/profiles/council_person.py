"""A person as a council's Client Level Data states them, as that council's Patient resource.

Identity columns live here and only here; columns about their situation stay with each event.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM
from joinedup.fhir.profiles.columns import slug
from joinedup.fhir.profiles.days import read_day, write_day
from joinedup.fhir.profiles.event import (
    EXTENSION,
    Resource,
    first_of,
    identifier_system,
    profile_url,
    stated_columns,
)

__all__ = ["CouncilPerson", "build", "columns", "read", "reported"]

_REPORTED = "Reporting Period End Date"

_GENDERS = {"male": "Male", "female": "Female", "other": "Other", "unknown": "Unknown"}
_CODES = {words.casefold(): code for code, words in _GENDERS.items()}


class CouncilPerson(Struct, frozen=True, kw_only=True):
    """Who a person is to a council; empty or None is not stated."""

    council: str
    person_id: str
    nhs_number: str = ""
    given: str = ""
    family: str = ""
    gender: str = ""
    born: date | None = None
    died: date | None = None
    postcode: str = ""
    practice_code: str = ""
    practice_name: str = ""
    reported: date | None = None


def build(person: CouncilPerson, resource_id: str) -> Resource:
    """Return the council's Patient; `gender` outside the list leaves it out."""
    identifiers = []
    if person.person_id:
        system = identifier_system("person", person.council)
        identifiers.append({"system": system, "value": person.person_id})
    if person.nhs_number:
        identifiers.insert(0, {"system": NHS_NUMBER_SYSTEM, "value": person.nhs_number})
    resource: Resource = {
        "resourceType": "Patient",
        "id": resource_id,
        "meta": {"profile": [profile_url("person")]},
    }
    if person.reported:
        day = {"url": slug(_REPORTED), "valueString": write_day(person.reported)}
        resource["extension"] = [{"url": EXTENSION, "extension": [day]}]
    resource["identifier"] = identifiers
    name = {
        **({"family": person.family} if person.family else {}),
        **({"given": person.given.split()} if person.given else {}),
    }
    if name:
        resource["name"] = [{**name, "use": "official"}]
    if gender := _CODES.get(person.gender.casefold()):
        resource["gender"] = gender
    if person.born:
        resource["birthDate"] = person.born.isoformat()
    if person.died:
        resource["deceasedDateTime"] = person.died.isoformat()
    if person.postcode:
        resource["address"] = [{"use": "home", "postalCode": person.postcode}]
    if practice := _practice(person):
        resource["generalPractitioner"] = [practice]
    resource["managingOrganization"] = {"reference": f"Organization/{person.council}"}
    return resource


def read(resource: Mapping[str, Any]) -> CouncilPerson:
    """Return the person of a Patient that `build` made; KeyError if it is another thing."""
    council = resource["managingOrganization"]["reference"].removeprefix("Organization/")
    numbers = {i["system"]: i["value"] for i in resource["identifier"]}
    name = first_of(resource, "name")
    practice = first_of(resource, "generalPractitioner")
    return CouncilPerson(
        council=council,
        person_id=numbers.get(identifier_system("person", council), ""),
        nhs_number=numbers.get(NHS_NUMBER_SYSTEM, ""),
        given=" ".join(name.get("given", ())),
        family=name.get("family", ""),
        gender=_GENDERS.get(resource.get("gender", ""), ""),
        born=read_day(resource.get("birthDate", "")),
        died=read_day(resource.get("deceasedDateTime", "")[:10]),
        postcode=first_of(resource, "address").get("postalCode", ""),
        practice_code=practice.get("reference", "").removeprefix("Organization/"),
        practice_name=practice.get("display", ""),
        reported=reported(resource),
    )


def reported(resource: Mapping[str, Any]) -> date | None:
    """Return the end of the reporting period that a council's resource was last stated in."""
    return read_day(stated_columns(resource).get(_REPORTED, ""))


def columns(person: CouncilPerson) -> dict[str, str]:
    """Return the identity columns of the return, by header."""
    return {
        "NHS Number": person.nhs_number,
        "LA Person Unique Identifier": person.person_id,
        "First Name": person.given,
        "Last Name": person.family,
        "GP Practice Name": person.practice_name,
        "GP Practice Code": person.practice_code,
        "Date of Birth": write_day(person.born),
        "Date of Death": write_day(person.died),
        "Postcode": person.postcode,
    }


def _practice(person: CouncilPerson) -> Resource:
    practice: Resource = {}
    if person.practice_code:
        practice["reference"] = f"Organization/{person.practice_code}"
    if person.practice_name:
        practice["display"] = person.practice_name
    return practice
