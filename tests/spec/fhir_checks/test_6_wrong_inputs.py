"""Two dozen mistakes that real systems make, each found with its place.

The table of `stack.md` 4: the fastest checkers catch 13 to 21 of them.
"""

from decimal import Decimal
from typing import Any

import pytest

from joinedup.fhir.check import check

CONCEPT = {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}
XHTML = '<div xmlns="http://www.w3.org/1999/xhtml">a</div>'


def patient(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "p", "active": True, **content}


def observation(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", "code": CONCEPT, **content}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a gender of another system": (patient(gender="m"), "Patient.gender"),
    "a gender that is no code": (patient(gender="not-a-code"), "Patient.gender"),
    "a date the British way": (patient(birthDate="02/03/1941"), "Patient.birthDate"),
    "a day that never was": (patient(birthDate="1941-02-30"), "Patient.birthDate"),
    "a boolean in quotes": (patient(active="true"), "Patient.active"),
    "a number in quotes": (
        observation(valueQuantity={"value": "36.6"}),
        "Observation.valueQuantity.value",
    ),
    "a fraction where a whole number goes": (
        patient(multipleBirthInteger=Decimal("1.5")),
        "Patient.multipleBirthInteger",
    ),
    "a whole number too large": (
        patient(multipleBirthInteger=3_000_000_000),
        "Patient.multipleBirthInteger",
    ),
    "an empty list": (patient(name=[]), "Patient.name"),
    "an empty object": (patient(maritalStatus={}), "Patient.maritalStatus"),
    "an empty string": (patient(name=[{"family": ""}]), "Patient.name[0].family"),
    "null": (patient(birthDate=None), "Patient.birthDate"),
    "one name without a list": (patient(name={"family": "A"}), "Patient.name"),
    "a list of one gender": (patient(gender=["male"]), "Patient.gender"),
    "an element of another version": (patient(animal={"species": CONCEPT}), "Patient"),
    "a misspelt element": (patient(nmae=[{"family": "A"}]), "Patient"),
    "no status": ({"resourceType": "Observation", "code": CONCEPT}, "Observation.status"),
    "two values": (observation(valueString="a", valueBoolean=True), "Observation.value"),
    "a value of a type not offered": (observation(valueMoney={"value": 1}), "Observation"),
    "an organisation as the subject": (
        observation(subject={"reference": "Organization/RTE"}),
        "Observation.subject.reference",
    ),
    "an id with a slash": (patient(id="a/b"), "Patient.id"),
    "an extension without a URL": (
        patient(extension=[{"valueString": "a"}]),
        "Patient.extension[0].url",
    ),
    "a narrative without a status": (patient(text={"div": XHTML}), "Patient.text.status"),
    "a time without a zone": (
        observation(effectiveDateTime="2024-01-16T10:00:00"),
        "Observation.effectiveDateTime",
    ),
    "an unknown type of resource": ({"resourceType": "Client", "id": "p"}, "resourceType"),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_the_mistake_is_found_where_it_is(mistake: str) -> None:
    resource, path = WRONG[mistake]
    assert [each.path for each in check(resource)] == [path]


def test_the_resources_they_were_made_from_are_good() -> None:
    assert check(patient()) == check(observation()) == ()
