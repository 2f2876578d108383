"""Which resource types the record serves, and what heads a row of each.

The checker and the search table cover every R4 type; the record stores these. A head is read
from index rows that can be there once at most, so it is found without ordering many.
"""

from joinedup.fhir.search.slots import slot

__all__ = ["HEAD_SUBJECT", "HEAD_SUBJECT_PATHS", "HEAD_WHEN", "HEAD_WHEN_PATHS", "SERVED"]

SERVED: tuple[str, ...] = tuple(
    """
Patient RelatedPerson Practitioner PractitionerRole Organization Location HealthcareService
Encounter EpisodeOfCare Condition AllergyIntolerance Observation DiagnosticReport Procedure
Immunization MedicationRequest MedicationStatement Medication CarePlan CareTeam Goal
ServiceRequest Task Flag Consent Communication Appointment DocumentReference Composition
QuestionnaireResponse Questionnaire ImagingStudy Device Specimen List Provenance RiskAssessment
NutritionOrder ClinicalImpression MeasureReport
""".split()
)

# The one person, or other subject, that a resource is about. Where none is listed a resource
# is about nobody, or about several.
HEAD_SUBJECT_PATHS: dict[str, str] = {
    "AllergyIntolerance": "patient",
    "CarePlan": "subject",
    "CareTeam": "subject",
    "ClinicalImpression": "subject",
    "Communication": "subject",
    "Composition": "subject",
    "Condition": "subject",
    "Consent": "patient",
    "Device": "patient",
    "DiagnosticReport": "subject",
    "DocumentReference": "subject",
    "Encounter": "subject",
    "EpisodeOfCare": "patient",
    "Flag": "subject",
    "Goal": "subject",
    "ImagingStudy": "subject",
    "Immunization": "patient",
    "List": "subject",
    "MeasureReport": "subject",
    "MedicationRequest": "subject",
    "MedicationStatement": "subject",
    "NutritionOrder": "patient",
    "Observation": "subject",
    "Procedure": "subject",
    "QuestionnaireResponse": "subject",
    "RelatedPerson": "patient",
    "RiskAssessment": "subject",
    "ServiceRequest": "subject",
    "Specimen": "subject",
    "Task": "for",
}

# When it was true of the person, best first; where R4 cannot search for that, when it was said.
HEAD_WHEN_PATHS: dict[str, tuple[str, ...]] = {
    "AllergyIntolerance": ("recordedDate",),
    "Appointment": ("start",),
    "CarePlan": ("period",),
    "CareTeam": ("period",),
    "ClinicalImpression": ("date",),
    "Communication": ("sent", "received"),
    "Composition": ("date",),
    "Condition": ("onset.ofType(dateTime)", "onset.ofType(Period)", "recordedDate"),
    "Consent": ("dateTime",),
    "DiagnosticReport": ("effective", "issued"),
    "DocumentReference": ("context.period", "date"),
    "Encounter": ("period",),
    "EpisodeOfCare": ("period",),
    "Flag": ("period",),
    "Goal": ("start.ofType(date)",),
    "ImagingStudy": ("started",),
    "Immunization": ("occurrence",),
    "List": ("date",),
    "MeasureReport": ("period",),
    "MedicationRequest": ("authoredOn",),
    "MedicationStatement": ("effective",),
    "NutritionOrder": ("dateTime",),
    "Observation": ("effective",),
    "PractitionerRole": ("period",),
    "Procedure": ("performed",),
    "Provenance": ("occurred.ofType(dateTime)", "recorded"),
    "Questionnaire": ("date",),
    "QuestionnaireResponse": ("authored",),
    "RiskAssessment": ("occurrence.ofType(dateTime)",),
    "ServiceRequest": ("authoredOn",),
    "Specimen": ("collection.collected",),
    "Task": ("authoredOn",),
}

HEAD_SUBJECT: dict[str, int] = {
    name: slot(name, path, "reference") for name, path in HEAD_SUBJECT_PATHS.items()
}
HEAD_WHEN: dict[str, tuple[int, ...]] = {
    name: tuple(slot(name, path, "date") for path in paths)
    for name, paths in HEAD_WHEN_PATHS.items()
}
