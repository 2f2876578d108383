"""The verification status of an NHS number, codes 01 to 08, on the identifier itself. Pure.

domain.md 1.3: UK Core's extension NHSNumberVerificationStatus. A number that is not verified is
shown with its status and is never what joins two records.
"""

from collections.abc import Mapping
from typing import Any

from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM

__all__ = ["STATUSES", "with_status"]

EXTENSION = (
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
)
CODES = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
STATUSES: Mapping[str, str] = {
    "01": "Number present and verified",
    "02": "Number present but not traced",
    "03": "Trace required",
    "04": "Trace attempted: no match or several",
    "05": "Trace needs a conflict to be resolved",
    "06": "Trace in progress",
    "07": "Number not present, and trace not required",
    "08": "Trace postponed: a baby under six weeks old",
}

Resource = Mapping[str, Any]


def with_status(patient: Resource, status: str) -> dict[str, Any]:
    """Return the Patient with this status on each NHS number in use; KeyError for no such code."""
    coding = {"system": CODES, "code": status, "display": STATUSES[status]}
    told = {"url": EXTENSION, "valueCodeableConcept": {"coding": [coding]}}
    identifiers = []
    for identifier in patient.get("identifier", ()):
        if identifier.get("system") == NHS_NUMBER_SYSTEM and identifier.get("use") != "old":
            others = [e for e in identifier.get("extension", ()) if e.get("url") != EXTENSION]
            identifier = {**identifier, "extension": [*others, told]}
        identifiers.append(identifier)
    return {**patient, **({"identifier": identifiers} if identifiers else {})}
