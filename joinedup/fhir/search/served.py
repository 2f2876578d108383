"""Which resource types the record serves, and what heads a row of each.

The checker and the search table cover every R4 type; the record stores these.
"""

__all__ = ["SERVED"]

SERVED: tuple[str, ...] = tuple(
    """
Patient RelatedPerson Practitioner PractitionerRole Organization Location HealthcareService
Encounter EpisodeOfCare Condition AllergyIntolerance Observation DiagnosticReport Procedure
Immunization MedicationRequest MedicationStatement Medication CarePlan CareTeam Goal
ServiceRequest Task Flag Consent Communication Appointment DocumentReference Composition
QuestionnaireResponse Questionnaire ImagingStudy Device Specimen List Provenance RiskAssessment
NutritionOrder ClinicalImpression
""".split()
)
