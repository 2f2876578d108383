"""A result that fits both twins, waiting in the invented place for somebody to say whose it is.

domain.md 1.7, example 4. What the matching would make of it, without running it: the same ids and
words each time.
"""

from datetime import timedelta
from typing import Any

from joinedup.demo.cast import HOSPITAL, NOW, TODAY
from joinedup.demo.people import TWINS
from joinedup.people.demographics import demographics_of
from joinedup.people.identity.asking import hold, question_about
from joinedup.people.identity.described import DESCRIBED, without_person
from joinedup.people.identity.question import Held, question_task
from joinedup.people.identity.rules import Candidate, decide
from joinedup.record.change import Put

__all__ = ["twins_result"]

_OWN = f"{DESCRIBED}{HOSPITAL.code.lower()}-twins-result"
_WAITED_DAYS = 3


def twins_result(people: int) -> list[Put]:
    """Return the changes that ask whose the result is; none in a place too small for twins."""
    if people <= max(TWINS):
        return []
    patient: dict[str, Any] = {
        "resourceType": "Patient",
        "id": "described",
        "name": [{"family": "Pickering"}],
        "birthDate": "1941-10-04",
        "address": [{"postalCode": "MQ3 2CA"}],
    }
    who = demographics_of(patient)
    twins = [Candidate(f"person-{n:04d}", who) for n in TWINS]
    question = question_about(
        _OWN,
        {**patient, "id": _OWN},
        decide(who, twins),
        twins,
        organisation=HOSPITAL.code,
        now=NOW - timedelta(days=_WAITED_DAYS),
        what="Observation",
    )
    filed = without_person(_result(patient), _OWN, "described")
    held = Held(question=question.id, resource=filed, organisation=HOSPITAL.code)
    return [Put(question_task(question)), hold(held)]


def _result(patient: dict[str, Any]) -> dict[str, Any]:
    taken = TODAY - timedelta(days=_WAITED_DAYS + 1)
    return {
        "resourceType": "Observation",
        "id": f"{HOSPITAL.code.lower()}-twins-result",
        "contained": [patient],
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "laboratory",
                    }
                ]
            }
        ],
        "code": {
            "coding": [{"system": "http://loinc.org", "code": "718-7"}],
            "text": "Haemoglobin",
        },
        "subject": {"reference": "#described"},
        "effectiveDateTime": taken.isoformat(),
        "valueQuantity": {
            "value": 121,
            "unit": "g/L",
            "system": "http://unitsofmeasure.org",
            "code": "g/L",
        },
    }
