"""Invented resources for tests of the API, each with what its type needs and no more."""

import itertools
import os
from typing import Any
from uuid import uuid4

from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM, is_valid

__all__ = [
    "NHS",
    "condition",
    "delete",
    "in_care",
    "new_number",
    "observation",
    "patient",
    "post",
    "put",
]

NHS = NHS_NUMBER_SYSTEM
Resource = dict[str, Any]
_numbers = itertools.count(os.getpid() * 97 % 800_000)


def new_number() -> str:
    """Return an NHS number of the 999 range that this run has not used yet."""
    while True:
        start = f"999{next(_numbers) % 1_000_000:06d}"
        for digit in "0123456789":
            if is_valid(start + digit):
                return start + digit


def patient(family: str = "", **more: Any) -> Resource:
    """Return a Patient of a family name that nobody else has, unless one is given."""
    family = family or f"Fam{uuid4().hex[:12]}"
    return {
        "resourceType": "Patient",
        "name": [{"family": family, "given": ["Ida"]}],
        "gender": "female",
        "birthDate": "1940-03-02",
        **more,
    }


def observation(person: str, **more: Any) -> Resource:
    """Return an Observation about `Patient/...`."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}], "text": "Weight"},
        "subject": {"reference": person},
        "effectiveDateTime": "2017-12-01T09:30:00Z",
        **more,
    }


def in_care(person: str, organisation: str, **more: Any) -> Resource:
    """Return a CareTeam that gives an organisation a legitimate relationship to somebody."""
    return {
        "resourceType": "CareTeam",
        "status": "active",
        "subject": {"reference": person},
        "managingOrganization": [{"reference": f"Organization/{organisation}"}],
        **more,
    }


def condition(person: str, **more: Any) -> Resource:
    """Return a Condition of `Patient/...`."""
    return {
        "resourceType": "Condition",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "38341003"}]},
        "subject": {"reference": person},
        "recordedDate": "2016-05-04",
        **more,
    }


def post(resource: Resource, full_url: str = "", **request: str) -> Resource:
    """Return the entry of a transaction that makes a resource."""
    entry = {
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"], **request},
    }
    return {"fullUrl": full_url, **entry} if full_url else entry


def put(resource: Resource, version: str) -> Resource:
    """Return the entry of a transaction that changes a resource."""
    url = f"{resource['resourceType']}/{resource['id']}"
    return {
        "resource": resource,
        "request": {"method": "PUT", "url": url, "ifMatch": version},
    }


def delete(reference: str) -> Resource:
    """Return the entry of a transaction that deletes."""
    return {"request": {"method": "DELETE", "url": reference}}
