"""What kind of thing a statement is, and its title in a list or on the timeline.

One table from resource type to the words a reader uses; a type that is not in it (an
organisation, a worker) is not an event in anybody's life and has no kind.
"""

from collections.abc import Callable, Mapping
from typing import Any

from joinedup.people.presenters.council_words import council_words
from joinedup.people.presenters.life import Life, Resource, Statement
from joinedup.people.presenters.words import concept, human_name

__all__ = ["KINDS", "kind_of", "title_of"]

KINDS: Mapping[str, str] = {
    "stay": "Stays in hospital",
    "contact": "Contacts and visits",
    "appointment": "Appointments",
    "problem": "Problems",
    "allergy": "Allergies",
    "medicine": "Medicines",
    "result": "Results",
    "procedure": "Procedures",
    "service": "Services and requests",
    "assessment": "Assessments",
    "plan": "Plans",
    "document": "Documents",
    "alert": "Alerts and needs",
    "person": "Personal details",
}
_BY_TYPE: Mapping[str, str] = {
    "Appointment": "appointment",
    "Condition": "problem",
    "AllergyIntolerance": "allergy",
    "MedicationRequest": "medicine",
    "MedicationStatement": "medicine",
    "Observation": "result",
    "DiagnosticReport": "result",
    "ImagingStudy": "result",
    "Procedure": "procedure",
    "Immunization": "procedure",
    "ServiceRequest": "service",
    "EpisodeOfCare": "service",
    "Task": "service",
    "QuestionnaireResponse": "assessment",
    "ClinicalImpression": "assessment",
    "RiskAssessment": "assessment",
    "CarePlan": "plan",
    "Goal": "plan",
    "DocumentReference": "document",
    "Composition": "document",
    "Communication": "document",
    "Flag": "alert",
    "NutritionOrder": "service",
    "Patient": "person",
}
STAY_CLASSES = frozenset({"IMP", "ACUTE", "NONAC", "EMER"})
_SETTINGS: Mapping[str, str] = {
    "AMB": "Visit to clinic or surgery",
    "HH": "Home visit",
    "VR": "Telephone or video call",
    "EMER": "Emergency department",
    "IMP": "Hospital stay",
    "ACUTE": "Hospital stay",
    "NONAC": "Hospital stay",
    "SS": "Day case",
    "PRENC": "Before admission",
    "OBSENC": "Observation",
}


def kind_of(statement: Statement) -> str:
    """Return the kind of a statement (a key of `KINDS`), or "" if it is not an event."""
    if statement.type == "Encounter":
        code = (statement.resource.get("class") or {}).get("code", "")
        return "stay" if code in STAY_CLASSES else "contact"
    return _BY_TYPE.get(statement.type, "")


def _first(value: Any) -> Any:
    return next(iter(value or ()), None)


def _encounter(life: Life, resource: Resource) -> str:
    coded = resource.get("class") or {}
    setting = _SETTINGS.get(coded.get("code", ""), coded.get("display", "Contact"))
    return concept(_first(resource.get("type"))) or setting


def _medicine(life: Life, resource: Resource) -> str:
    held = concept(resource.get("medicationCodeableConcept"))
    return held or life.name_of(resource.get("medicationReference")) or "Medicine not named"


def _appointment(life: Life, resource: Resource) -> str:
    coded = concept(resource.get("appointmentType")) or concept(_first(resource.get("serviceType")))
    return coded or resource.get("description", "") or "Appointment"


def _plan(life: Life, resource: Resource) -> str:
    title = resource.get("title") or concept(_first(resource.get("category")))
    return title or resource.get("description", "") or "Plan"


def _goal(life: Life, resource: Resource) -> str:
    return "Goal: " + (concept(resource.get("description")) or "not described")


def _document(life: Life, resource: Resource) -> str:
    title = resource.get("title") or resource.get("description") or concept(resource.get("type"))
    return title or concept(_first(resource.get("category"))) or "Document"


def _coded(life: Life, resource: Resource) -> str:
    return (
        concept(resource.get("code"))
        or concept(resource.get("vaccineCode"))
        or concept(resource.get("type") if isinstance(resource.get("type"), dict) else None)
        or concept(_first(resource.get("type")) if isinstance(resource.get("type"), list) else None)
        or resource.get("description", "")
        or concept(
            _first(resource.get("category")) if isinstance(resource.get("category"), list) else None
        )
        or resource["resourceType"]
    )


def _episode(life: Life, resource: Resource) -> str:
    """A council's service is typed from broad to exact; the exact one is its name."""
    named = [w for t in resource.get("type") or () if (w := concept(t)) and w != "Service"]
    return council_words(named[min(1, len(named) - 1)]) if named else "Care episode"


def _task(life: Life, resource: Resource) -> str:
    return council_words(concept(resource.get("code"))) or str(resource.get("description", "Task"))


def _form(life: Life, resource: Resource) -> str:
    name = str(resource.get("questionnaire", "")).partition("|")[0].rsplit("/", 1)[-1]
    return name.replace("-", " ").capitalize() or "Completed form"


def _person(life: Life, resource: Resource) -> str:
    return f"Personal details: {human_name(resource.get('name'))}"


_TITLES: Mapping[str, Callable[[Life, Resource], str]] = {
    "Encounter": _encounter,
    "MedicationRequest": _medicine,
    "MedicationStatement": _medicine,
    "Appointment": _appointment,
    "CarePlan": _plan,
    "EpisodeOfCare": _episode,
    "Task": _task,
    "QuestionnaireResponse": _form,
    "Goal": _goal,
    "DocumentReference": _document,
    "Composition": _document,
    "Patient": _person,
}


def title_of(life: Life, statement: Statement) -> str:
    """Return what a statement is about, in words, in one line."""
    return _TITLES.get(statement.type, _coded)(life, statement.resource)
