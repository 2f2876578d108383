"""An entry marked as entered in error: the one correction that every kind of entry knows. Pure.

The version before stays in the history; what was in error is shown as true nowhere (FHIR R4 2.7,
modifier elements; AllergyIntolerance 9.1.3 and Condition 9.2.3: ait-2, con-5).
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["in_error", "may_be_in_error"]

Resource = Mapping[str, Any]
_VERIFICATION: Mapping[str, str] = {
    "AllergyIntolerance": ("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"),
    "Condition": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
}
_BY_STATUS = frozenset(
    """
    Appointment CarePlan CareTeam ClinicalImpression Communication Consent DetectedIssue
    DeviceRequest DeviceUseStatement DiagnosticReport DocumentReference Encounter EpisodeOfCare
    FamilyMemberHistory Flag ImagingStudy Immunization List MedicationAdministration
    MedicationDispense MedicationRequest MedicationStatement NutritionOrder Observation Procedure
    QuestionnaireResponse RiskAssessment ServiceRequest Task Composition
    """.split()
)


def may_be_in_error(resource: Resource) -> bool:
    """Return whether this kind of entry can say that it was entered in error."""
    kind = resource["resourceType"]
    return kind in _VERIFICATION or kind in _BY_STATUS or kind == "Goal"


def in_error(resource: Resource) -> dict[str, Any]:
    """Return the entry saying that it was entered in error; KeyError for a kind that cannot."""
    kind = resource["resourceType"]
    if kind in _VERIFICATION:
        coding = [{"system": _VERIFICATION[kind], "code": "entered-in-error"}]
        kept = {k: v for k, v in resource.items() if k != "clinicalStatus"}
        return {**kept, "verificationStatus": {"coding": coding}}
    if not may_be_in_error(resource):
        raise KeyError(kind)
    element = "lifecycleStatus" if kind == "Goal" else "status"
    return {**resource, element: "entered-in-error"}
