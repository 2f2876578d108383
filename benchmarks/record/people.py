"""Synthetic people for the benchmark: one Patient, one Encounter and 98 Observations each."""

import random
from collections.abc import Iterator
from typing import Any

__all__ = ["PER_PERSON", "family_name", "observation", "people", "resources"]

PER_PERSON = 100
_A_FAMILY = 5  # people of one family name, however many people there are
_CODES = [f"{n}-{n % 10}" for n in range(2000, 2040)]


def observation(person: str, number: int, chance: random.Random) -> dict[str, Any]:
    """Return an Observation of about 700 bytes of JSON."""
    code = _CODES[number % len(_CODES)]
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "laboratory",
                        "display": "Laboratory",
                    }
                ]
            }
        ],
        "code": {
            "coding": [
                {"system": "http://loinc.org", "code": code, "display": f"Measurement {code}"}
            ],
            "text": f"Measurement {code}",
        },
        "subject": {"reference": f"Patient/{person}"},
        "encounter": {"reference": f"Encounter/{person}-e"},
        "effectiveDateTime": f"20{chance.randrange(8, 26):02d}-{chance.randrange(1, 13):02d}-"
        f"{chance.randrange(1, 29):02d}T09:{chance.randrange(60):02d}:00Z",
        "valueQuantity": {
            "value": chance.randrange(1, 400),
            "unit": "mmol/L",
            "system": "http://unitsofmeasure.org",
            "code": "mmol/L",
        },
    }


def family_name(number: int) -> str:
    """Return the family name of the person with this number; five people share each."""
    return f"Family{number // _A_FAMILY:06d}"


def resources(person: str, number: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield one person's 100 resources, ids given."""
    family = family_name(number)
    yield {
        "resourceType": "Patient",
        "id": person,
        "name": [{"family": family, "given": [f"Given{number % 97}"]}],
        "gender": "female" if number % 2 else "male",
        "birthDate": f"19{chance.randrange(20, 99)}-0{chance.randrange(1, 10)}-15",
        "address": [{"line": [f"{number} High Street"], "city": "Marlbrook"}],
        "generalPractitioner": [{"reference": "Organization/Y90001"}],
    }
    yield {
        "resourceType": "Encounter",
        "id": f"{person}-e",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": f"Patient/{person}"},
        "period": {"start": "2020-01-01T09:00:00Z", "end": "2020-01-01T09:10:00Z"},
    }
    for place in range(PER_PERSON - 2):
        yield {**observation(person, place, chance), "id": f"{person}-o{place}"}


def people(first: int, last: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield (person id, resources) of the people numbered first to last - 1, always the same."""
    for number in range(first, last):
        person = f"bench-{number}"
        yield person, list(resources(person, number, random.Random(number)))
