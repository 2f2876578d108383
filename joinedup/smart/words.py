"""Scopes in plain words, for whoever is asked to let an app in."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from joinedup.access.scopes import Scope

__all__ = ["Line", "lines", "spoken"]

_THINGS: Mapping[str, str] = {
    "*": "everything in the record",
    "AllergyIntolerance": "allergies",
    "Appointment": "appointments",
    "AuditEvent": "who looked at the record",
    "CarePlan": "care and support plans",
    "CareTeam": "who is in the care team",
    "ClinicalImpression": "clinical opinions",
    "Communication": "messages and conversations",
    "Composition": "letters and summaries",
    "Condition": "problems and diagnoses",
    "Consent": "what was agreed and objected to",
    "Device": "equipment and devices",
    "DiagnosticReport": "reports of tests",
    "DocumentReference": "documents",
    "Encounter": "visits and hospital stays",
    "EpisodeOfCare": "times of care",
    "Flag": "alerts and needs",
    "Goal": "goals",
    "HealthcareService": "services",
    "ImagingStudy": "scans and X-rays",
    "Immunization": "vaccinations",
    "List": "lists, such as of problems",
    "Location": "places",
    "Medication": "what medicines are",
    "MedicationRequest": "prescribed medicines",
    "MedicationStatement": "medicines taken",
    "NutritionOrder": "diets",
    "Observation": "test results and measurements",
    "Organization": "organisations",
    "Patient": "name, birth date, address and NHS number",
    "Practitioner": "workers",
    "PractitionerRole": "the posts of workers",
    "Procedure": "operations and treatments",
    "Provenance": "who wrote what, and when",
    "Questionnaire": "forms",
    "QuestionnaireResponse": "assessments and answers to forms",
    "RelatedPerson": "family and others close",
    "RiskAssessment": "assessments of risk",
    "ServiceRequest": "referrals and requests",
    "Specimen": "samples",
    "Task": "tasks",
}
_KINDS: Mapping[tuple[str, str], str] = {
    ("Observation", "laboratory"): "results of laboratory tests",
    ("Observation", "vital-signs"): "measurements such as blood pressure and weight",
    ("Observation", "social-history"): "ways of life, such as smoking",
    ("Observation", "survey"): "answers to questionnaires and scores",
    ("Observation", "imaging"): "findings of scans",
    ("Observation", "exam"): "findings of examinations",
    ("Observation", "therapy"): "results of therapy",
    ("Observation", "procedure"): "what was measured in operations",
    ("Observation", "activity"): "exercise and activity",
    ("Condition", "problem-list-item"): "lasting problems",
    ("Condition", "encounter-diagnosis"): "diagnoses made at visits",
    ("Condition", "health-concern"): "worries about health",
}
_DOES = {"c": "add", "u": "change", "d": "remove"}


class Line(Struct, frozen=True):
    """One thing an app asks for: `says` to read, `scope` what ticking it grants."""

    scope: str
    says: str
    writes: bool


def lines(scopes: Iterable[Scope], whose: str, everybody: str) -> list[Line]:
    """Return a line a scope, in the order of their words.

    `whose` says whose the record of the launch is, `everybody` what stands for all beyond it.
    """
    found = [
        Line(s.text, _says(s, whose, everybody), bool(set("cud") & set(s.letters))) for s in scopes
    ]
    return sorted(found, key=lambda line: (line.writes, line.says))


def _says(scope: Scope, whose: str, everybody: str) -> str:
    about = whose if scope.level == "patient" else everybody
    return f"{_verbs(scope.letters)} {spoken(scope)}{about}"


def _verbs(letters: str) -> str:
    said = ["see"] if set("rs") & set(letters) else []
    said += [_DOES[c] for c in "cud" if c in letters]
    text = ", ".join(said[:-1]) + " and " + said[-1] if len(said) > 1 else said[0]
    return text[0].upper() + text[1:]


def spoken(scope: Scope) -> str:
    """Return what a scope is about, such as "allergies"; of a filter no more than is known."""
    things = _THINGS[scope.kind]
    if not scope.filters:
        return things
    if len(scope.filters) == 1 and scope.filters[0][0] == "category":
        code = scope.filters[0][1].rpartition("|")[2]
        if known := _KINDS.get((scope.kind, code)):
            return known
    asked = " and ".join(f"{name} is {value.rpartition('|')[2]}" for name, value in scope.filters)
    return f"{things}, only where {asked}"
