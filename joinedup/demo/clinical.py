"""Entries about health: problems, allergies, medicines, results, vaccinations, procedures.

Each function returns one R4 resource. `what` is the end of its id; times come in as arguments.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from joinedup.demo.codes import (
    BLOOD_PRESSURE,
    DIASTOLIC,
    LOINC,
    MEN,
    SYSTOLIC,
    Code,
    Measure,
    concept,
)
from joinedup.demo.shape import Worker
from joinedup.demo.writing import Pen, Resource, by, hl7, instant, quantity

__all__ = [
    "allergy",
    "blood_pressure",
    "condition",
    "immunization",
    "measurement",
    "medicine",
    "no_allergies",
    "prescription",
    "procedure",
    "report",
    "stated",
]

When = date | datetime


def _written(when: When) -> str:
    return instant(when) if isinstance(when, datetime) else when.isoformat()


def _notes(text: str) -> dict[str, Any]:
    return {"note": [{"text": text}]} if text else {}


def condition(
    pen: Pen,
    what: str,
    code: Code,
    onset: str,
    *,
    author: Worker,
    recorded: When,
    ended: date | None = None,
    note: str = "",
) -> Resource:
    """Return a problem-list entry; `onset` may be a year, and `ended` makes it resolved."""
    state = "resolved" if ended else "active"
    ending = {"abatementDateTime": ended.isoformat()} if ended else {}
    return (
        pen.start("Condition", what, recorded)
        | {
            "clinicalStatus": hl7("condition-clinical", state),
            "verificationStatus": hl7("condition-ver-status", "confirmed"),
            "category": [hl7("condition-category", "problem-list-item", "Problem List Item")],
            "code": concept(code),
            "subject": pen.patient,
            "onsetDateTime": onset,
        }
        | ending
        | {"recordedDate": _written(recorded), "recorder": by(author)}
        | _notes(note)
    )


def allergy(
    pen: Pen,
    what: str,
    code: Code,
    reaction: Code,
    *,
    author: Worker,
    recorded: When,
    onset: str = "",
    category: str = "medication",
    severity: str = "moderate",
    note: str = "",
) -> Resource:
    """Return an allergy with the reaction it causes, active and confirmed."""
    began = {"onsetDateTime": onset} if onset else {}
    return (
        pen.start("AllergyIntolerance", what, recorded)
        | {
            "clinicalStatus": hl7("allergyintolerance-clinical", "active"),
            "verificationStatus": hl7("allergyintolerance-verification", "confirmed"),
            "type": "allergy",
            "category": [category],
            "code": concept(code),
            "patient": pen.patient,
        }
        | began
        | {
            "recordedDate": _written(recorded),
            "recorder": by(author),
            "reaction": [{"manifestation": [concept(reaction)], "severity": severity}],
        }
        | _notes(note)
    )


def no_allergies(
    pen: Pen, what: str, code: Code, *, author: Worker, recorded: When, note: str = ""
) -> Resource:
    """Return the positive statement that the person was asked and has no known allergies."""
    return (
        pen.start("AllergyIntolerance", what, recorded)
        | {
            "clinicalStatus": hl7("allergyintolerance-clinical", "active"),
            "verificationStatus": hl7("allergyintolerance-verification", "confirmed"),
            "category": ["medication"],
            "code": concept(code),
            "patient": pen.patient,
            "recordedDate": _written(recorded),
            "recorder": by(author),
        }
        | _notes(note)
    )


def medicine(
    pen: Pen,
    what: str,
    drug: str,
    dose: str,
    *,
    author: Worker,
    since: date,
    until: date | None = None,
    reason: Code | None = None,
    note: str = "",
) -> Resource:
    """Return a medicine the person takes, or took until a day."""
    period = {"start": since.isoformat()}
    if until:
        period["end"] = until.isoformat()
    why = {"reasonCode": [concept(reason)]} if reason else {}
    return (
        pen.start("MedicationStatement", what, until or since)
        | {
            "status": "stopped" if until else "active",
            "category": hl7("medication-statement-category", "community", "Community"),
            "medicationCodeableConcept": {"text": drug},
            "subject": pen.patient,
            "effectivePeriod": period,
            "dateAsserted": (until or since).isoformat(),
            "informationSource": by(author),
        }
        | why
        | _notes(note)
        | {"dosage": [{"text": dose}]}
    )


def prescription(
    pen: Pen,
    what: str,
    drug: str,
    dose: str,
    *,
    author: Worker,
    written: datetime,
    status: str = "active",
    encounter: str = "",
    note: str = "",
) -> Resource:
    """Return a medicine prescribed on a ward; `status` is completed or stopped once over."""
    during = {"encounter": {"reference": f"Encounter/{encounter}"}} if encounter else {}
    return (
        pen.start("MedicationRequest", what, written)
        | {
            "status": status,
            "intent": "order",
            "category": [hl7("medicationrequest-category", "inpatient", "Inpatient")],
            "medicationCodeableConcept": {"text": drug},
            "subject": pen.patient,
        }
        | during
        | {"authoredOn": instant(written), "requester": by(author)}
        | _notes(note)
        | {"dosageInstruction": [{"text": dose}]}
    )


def _observation(
    pen: Pen,
    what: str,
    category: str,
    code: dict[str, Any],
    *,
    when: datetime,
    author: Worker,
) -> Resource:
    return pen.start("Observation", what, when) | {
        "status": "final",
        "category": [hl7("observation-category", category)],
        "code": code,
        "subject": pen.patient,
        "effectiveDateTime": instant(when),
        "issued": instant(when),
        "performer": [by(author)],
    }


def _range(measure: Measure) -> dict[str, Any]:
    ends = {
        end: quantity(measure, value)
        for end, value in (("low", measure.low), ("high", measure.high))
        if value
    }
    return {"referenceRange": [ends]} if ends else {}


def measurement(
    pen: Pen,
    what: str,
    measure: Measure,
    value: str | float,
    *,
    when: datetime,
    author: Worker,
) -> Resource:
    """Return one measured value with its unit and usual range."""
    code = concept(Code(measure.text, measure.code, LOINC))
    start = _observation(pen, what, measure.category, code, when=when, author=author)
    usual = MEN.get(measure, measure) if pen.person.gender == "male" else measure
    return start | {"valueQuantity": quantity(measure, value)} | _range(usual)


def blood_pressure(
    pen: Pen, what: str, pair: tuple[int, int], *, when: datetime, author: Worker
) -> Resource:
    """Return a blood pressure: one observation with its two parts."""
    parts = [
        {
            "code": concept(Code(measure.text, measure.code, LOINC)),
            "valueQuantity": quantity(measure, value),
        }
        for measure, value in zip((SYSTOLIC, DIASTOLIC), pair, strict=True)
    ]
    code = concept(BLOOD_PRESSURE)
    return _observation(pen, what, "vital-signs", code, when=when, author=author) | {
        "component": parts
    }


def stated(
    pen: Pen,
    what: str,
    code: Code,
    words: str,
    *,
    when: datetime,
    author: Worker,
    category: str = "social-history",
) -> Resource:
    """Return something observed and put in words, such as how somebody lives or walks."""
    start = _observation(pen, what, category, concept(code), when=when, author=author)
    return start | {"valueString": words}


def report(
    pen: Pen,
    what: str,
    title: str,
    results: Sequence[Resource],
    *,
    when: datetime,
    author: Worker,
    conclusion: str = "",
    category: str = "LAB",
) -> Resource:
    """Return a report over results already written, or an imaging report with words alone."""
    gathered = [{"reference": f"Observation/{r['id']}"} for r in results]
    return (
        pen.start("DiagnosticReport", what, when)
        | {
            "status": "final",
            "category": [hl7("v2-0074", category)],
            "code": {"text": title},
            "subject": pen.patient,
            "effectiveDateTime": instant(when),
            "issued": instant(when),
            "performer": [by(author)],
        }
        | ({"result": gathered} if gathered else {})
        | ({"conclusion": conclusion} if conclusion else {})
    )


def immunization(pen: Pen, what: str, vaccine: Code, day: date, *, author: Worker) -> Resource:
    """Return a vaccination that was given."""
    return pen.start("Immunization", what, day) | {
        "status": "completed",
        "vaccineCode": concept(vaccine),
        "patient": pen.patient,
        "occurrenceDateTime": day.isoformat(),
        "recorded": day.isoformat(),
        "primarySource": True,
        "performer": [{"actor": by(author)}],
    }


def procedure(
    pen: Pen,
    what: str,
    code: Code,
    *,
    start: When,
    end: When | None = None,
    author: Worker,
    note: str = "",
) -> Resource:
    """Return an operation or treatment that was done."""
    when: dict[str, Any] = {"performedDateTime": _written(start)}
    if end:
        when = {"performedPeriod": {"start": _written(start), "end": _written(end)}}
    return (
        pen.start("Procedure", what, end or start)
        | {"status": "completed", "code": concept(code), "subject": pen.patient}
        | when
        | {"performer": [{"actor": by(author)}]}
        | _notes(note)
    )
