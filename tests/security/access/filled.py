"""What each type needs to be good FHIR, and the word in it that a page would show.

The word is of one resource alone, so that an answer or a page tells by it what it shows.
"""

from typing import Any

Resource = dict[str, Any]


def word(kind: str, state: str) -> str:
    """The word that only the resource of a type about the person of a state holds."""
    return f"Zz{kind}{state.replace('-', '').capitalize()}"


def filled(kind: str, said: str) -> Resource:
    """Elements that make a resource of a type valid, and say its word where pages look."""
    make = _MAKES.get(kind)
    return make({"text": said}, said) if make else {}


def _named(*elements: str, **more: Any) -> Any:
    """Elements of a CodeableConcept each, and others as they are."""
    return lambda concept, said: {**dict.fromkeys(elements, concept), **more}


_DAY = "2018-01-03"
_MEDICINE = "medicationCodeableConcept"
_MAKES: dict[str, Any] = {
    "Patient": lambda concept, said: {"name": [{"family": said, "given": ["Ida"]}]},
    "RelatedPerson": lambda concept, said: {"name": [{"family": said}]},
    "Condition": _named("code"),
    "AllergyIntolerance": _named("code"),
    "Observation": _named("code", status="final", effectiveDateTime=_DAY),
    "DiagnosticReport": _named("code", status="final", effectiveDateTime=_DAY),
    "Procedure": _named("code", status="completed", performedDateTime=_DAY),
    "Immunization": _named("vaccineCode", status="completed", occurrenceDateTime=_DAY),
    "ImagingStudy": lambda concept, said: {"status": "available", "description": said},
    "Specimen": _named("type"),
    "List": lambda concept, said: {"status": "current", "mode": "working", "title": said},
    "RiskAssessment": _named("code", status="final"),
    "MedicationRequest": _named(_MEDICINE, status="active", intent="order", authoredOn=_DAY),
    "MedicationStatement": _named(_MEDICINE, status="active"),
    "Communication": lambda concept, said: {"status": "completed", "category": [concept]},
    "DocumentReference": lambda concept, said: {
        "status": "current", "description": said, "date": f"{_DAY}T10:00:00Z",
        "content": [{"attachment": {"title": said}}],
    },
    "Composition": lambda concept, said: {
        "status": "final", "type": concept, "date": _DAY, "title": said,
        "author": [{"display": "Somebody"}],
    },
    "MeasureReport": lambda concept, said: {
        "status": "complete", "type": "individual", "measure": "https://example.org/Measure/m",
        "period": {"start": _DAY, "end": _DAY}, "group": [{"code": concept}],
    },
    "ClinicalImpression": lambda concept, said: {"status": "completed", "description": said},
    "Flag": _named("code", status="active"),
    "CarePlan": lambda concept, said: {"status": "active", "intent": "plan", "title": said},
    "CareTeam": lambda concept, said: {"name": said},
    "Goal": _named("description", lifecycleStatus="active"),
    "NutritionOrder": lambda concept, said: {
        "status": "active", "intent": "order", "dateTime": _DAY,
        "oralDiet": {"type": [concept]},
    },
    "Encounter": lambda concept, said: {
        "status": "finished", "class": {"code": "AMB"}, "type": [concept],
    },
    "EpisodeOfCare": lambda concept, said: {"status": "finished", "type": [concept]},
    "QuestionnaireResponse": lambda concept, said: {
        "status": "completed", "item": [{"linkId": "1", "text": said}],
    },
    "ServiceRequest": _named("code", status="completed", intent="order"),
    "Task": _named("code", status="completed", intent="order"),
    "Consent": lambda concept, said: {
        "status": "inactive", "scope": concept, "category": [concept],
        "policyRule": concept,
    },
    "Questionnaire": lambda concept, said: {"status": "active", "title": said},
}  # fmt: skip
_MAKES["Appointment"] = lambda concept, said: {
    "status": "booked", "description": said,
    "start": f"{_DAY}T10:00:00Z", "end": f"{_DAY}T10:10:00Z",
}  # fmt: skip
_MAKES["Provenance"] = lambda concept, said: {
    "recorded": f"{_DAY}T10:00:00Z", "agent": [{"type": concept, "who": {"display": said}}],
}  # fmt: skip
