"""Who a person is, as each organisation states it, and who the organisations and workers are.

The person's own practice writes the master Patient. Others write their own statement with the
same NHS number and their own id; the import joins them (domain.md 1).
"""

from datetime import date
from typing import Any

from joinedup.demo.beds import OPENED, ward_resources
from joinedup.demo.cast import HOSPITAL, STAFF
from joinedup.demo.codes import HL7, NHS_NUMBER
from joinedup.demo.shape import Organisation, Outline, Worker
from joinedup.demo.writing import Pen, Resource, instant

__all__ = ["organisation_resources", "patient"]

UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
UK_CODES = "https://fhir.hl7.org.uk/CodeSystem/UKCore-"
ETHNICITIES = {
    "A": "White - British", "B": "White - Irish", "C": "White - Any other White background",
    "D": "Mixed - White and Black Caribbean", "F": "Mixed - White and Asian",
    "H": "Asian or Asian British - Indian", "J": "Asian or Asian British - Pakistani",
    "K": "Asian or Asian British - Bangladeshi", "M": "Black or Black British - Caribbean",
    "N": "Black or Black British - African", "R": "Chinese", "S": "Any other ethnic group",
    "Z": "Not stated",
}  # fmt: skip
KINDS = {
    "gp": "GP practice", "trust": "NHS trust", "council": "Council", "home-care": "Home care",
}  # fmt: skip


def _number(outline: Outline) -> Resource:
    status = {
        "coding": [
            {
                "system": UK_CODES + "NHSNumberVerificationStatusEngland",
                "code": "01",
                "display": "Number present and verified",
            }
        ]
    }
    extension = {
        "url": UK_CORE + "NHSNumberVerificationStatus",
        "valueCodeableConcept": status,
    }
    return {"extension": [extension], "system": NHS_NUMBER, "value": outline.nhs_number}


def _ethnicity(code: str) -> Resource:
    coding = {
        "system": UK_CODES + "EthnicCategoryEngland",
        "code": code,
        "display": ETHNICITIES[code],
    }
    return {"url": UK_CORE + "EthnicCategory", "valueCodeableConcept": {"coding": [coding]}}


def _telecom(outline: Outline) -> list[Resource]:
    lines = ((outline.telephone, "home"), (outline.mobile, "mobile"))
    return [{"system": "phone", "value": value, "use": use} for value, use in lines if value]


def patient(pen: Pen, recorded: date, **more: Any) -> Resource:
    """Return the organisation's own Patient for the person; `more` adds elements, as `contact`."""
    person = pen.person
    name: Resource = {"use": "official", "family": person.family, "given": list(person.given)}
    if person.prefix:
        name["prefix"] = [person.prefix]
    names = [name]
    if person.known_as:
        names.append({"use": "usual", "family": person.family, "given": [person.known_as]})
    resource = pen.start("Patient", "", recorded) | {"id": pen.patient_id}
    if person.restricted:
        system = HL7 + "v3-Confidentiality"
        label = {"system": system, "code": "R", "display": "restricted"}
        resource["meta"] = resource["meta"] | {"security": [label]}
    resource |= {"extension": [_ethnicity(person.ethnicity)], "identifier": [_number(person)]}
    resource |= {"active": True, "name": names}
    if telecom := _telecom(person):
        resource["telecom"] = telecom
    resource |= {"gender": person.gender, "birthDate": person.born.isoformat()}
    if person.died:
        resource["deceasedDateTime"] = person.died.isoformat()
    lives = {"line": [person.address.line], "city": person.address.town}
    resource["address"] = [{"use": "home", **lives, "postalCode": person.address.postcode}]
    if person.twin:
        resource["multipleBirthInteger"] = person.twin
    if person.language != "English":
        resource["communication"] = [{"language": {"text": person.language}, "preferred": True}]
    resource["generalPractitioner"] = [{"reference": f"Organization/{person.practice}"}]
    return resource | more


def _organisation(organisation: Organisation) -> Resource:
    identifier = {"system": "https://fhir.nhs.uk/Id/ods-organization-code"}
    return {
        "resourceType": "Organization",
        "id": organisation.code,
        "meta": {"lastUpdated": instant(OPENED)},
        "identifier": [identifier | {"value": organisation.code}],
        "active": True,
        "type": [{"text": KINDS[organisation.kind]}],
        "name": organisation.name,
        "telecom": [{"system": "phone", "value": organisation.telephone, "use": "work"}],
        "address": [
            {
                "line": [organisation.address],
                "city": "Wexby" if organisation.postcode.startswith("W") else "Marlbrook",
                "postalCode": organisation.postcode,
            }
        ],
    }


def _practitioner(worker: Worker) -> Resource:
    name: Resource = {"family": worker.family, "given": [worker.given]}
    if worker.prefix:
        name["prefix"] = [worker.prefix]
    return {
        "resourceType": "Practitioner",
        "id": worker.id,
        "meta": {"lastUpdated": instant(OPENED)},
        "active": True,
        "name": [name],
    }


def _role(worker: Worker) -> Resource:
    return {
        "resourceType": "PractitionerRole",
        "id": f"{worker.id}-role",
        "meta": {"lastUpdated": instant(OPENED)},
        "active": True,
        "practitioner": {"reference": worker.reference, "display": worker.name},
        "organization": {"reference": f"Organization/{worker.organisation}"},
        "code": [{"text": worker.post}],
        "telecom": [{"system": "phone", "value": worker.telephone, "use": "work"}],
    }


def organisation_resources(organisation: Organisation) -> list[Resource]:
    """Return an organisation with its named workers, and for the hospital its wards and beds."""
    workers = [w for w in STAFF if w.organisation == organisation.code]
    places = ward_resources() if organisation == HOSPITAL else []
    return [
        _organisation(organisation),
        *places,
        *(_practitioner(w) for w in workers),
        *(_role(w) for w in workers),
    ]
