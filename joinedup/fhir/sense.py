"""What is well-formed FHIR and still cannot be true of a person (ID-01, domain.md 1.5)."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from joinedup.fhir.issue import Problem
from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM, is_valid

__all__ = ["impossible_birth", "nonsense"]

OLDEST_YEARS = 120


def nonsense(resource: Mapping[str, Any], today: date) -> tuple[Problem, ...]:
    """Return what cannot be: a wrong check digit, a birth in the future or 120 years ago."""
    if resource["resourceType"] != "Patient":
        return ()
    return (*_numbers(resource), *impossible_birth(resource, today))


def _numbers(patient: Mapping[str, Any]) -> Iterator[Problem]:
    for place, identifier in enumerate(patient.get("identifier", ())):
        value = str(identifier.get("value", ""))
        if identifier.get("system") == NHS_NUMBER_SYSTEM and not is_valid(value):
            yield Problem(
                "value",
                f"{value!r} is not an NHS number: it needs ten digits and a right check digit. "
                "Look at the number again, digit by digit.",
                f"Patient.identifier[{place}].value",
            )


def impossible_birth(patient: Mapping[str, Any], today: date) -> Iterator[Problem]:
    """Yield why a birth date cannot be: in the future, or longer ago than anybody has lived."""
    born = str(patient.get("birthDate", ""))
    if not born:
        return
    if born > today.isoformat()[: len(born)]:
        yield Problem("value", f"The birth date {born} is in the future.", "Patient.birthDate")
    elif int(born[:4]) < today.year - OLDEST_YEARS:
        yield Problem(
            "value", f"The birth date {born} is more than 120 years ago.", "Patient.birthDate"
        )
