"""Whom the chapter on identity is about: twins, a woman whose number was replaced, workers."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from joinedup import record
from joinedup.access.permit import Permit, system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.search.query import parse_query
from joinedup.people.identity.question import Answer, Question, question_of
from joinedup.people.importing import ImportReport
from joinedup.record import Put, Source, Stored
from tests.spec.imports.conftest import Importing

Resource = dict[str, Any]
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
LABELS = "https://joinedup.example/CodeSystem/label"
PRACTICE, HOSPITAL, COUNCIL = "Y90001", "RZ901", "904"
JEAN, JOAN = "9990012032", "9990012040"
PLACE: Permit = system_permit("import")
RECEPTION = worker_permit("Practitioner/pauline", "Pauline Croft", Role.RECEPTIONIST, PRACTICE)
COORDINATOR = worker_permit("Practitioner/tom", "T Nowak", Role.DISCHARGE_COORDINATOR, HOSPITAL)
OFFICER = worker_permit("Practitioner/edwin", "Edwin Marlow", Role.PRIVACY_OFFICER, COUNCIL)
NURSE = worker_permit("Practitioner/bell", "Nurse Bell", Role.WARD_NURSE, HOSPITAL)
NOW = datetime(2018, 1, 16, 10, tzinfo=UTC)
HOME = [{"use": "home", "line": ["8 Coronation Avenue"], "postalCode": "MQ3 2CA"}]


def twin(identity: str, given: str, number: str = "", **changes: Any) -> Resource:
    """One of the twins Pickering, as an organisation's Patient."""
    numbered = {"identifier": [{"system": NHS_NUMBER, "value": number}]} if number else {}
    return {
        "resourceType": "Patient",
        "id": identity,
        **numbered,
        "name": [{"family": "Pickering", **({"given": [given]} if given else {})}],
        "gender": "female",
        "birthDate": "1941-10-04",
        "address": HOME,
        **changes,
    }


def result(identity: str, **changes: Any) -> Resource:
    """A laboratory's result that says within itself whom it is about."""
    described = {
        "resourceType": "Patient",
        "id": "p",
        "name": [{"family": "Pickering"}],
        "birthDate": "1941-10-04",
        "address": [{"postalCode": "MQ3 2CA"}],
    }
    return {
        "resourceType": "Observation",
        "id": identity,
        "contained": [{**described, **changes}],
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "718-7"}]},
        "subject": {"reference": "#p"},
        "effectiveDateTime": "2018-01-12",
        "valueQuantity": {"value": 121, "unit": "g/L"},
    }


def weight(identity: str, patient: str) -> Resource:
    """A weight of somebody a file calls so."""
    return {
        "resourceType": "Observation",
        "id": identity,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "subject": {"reference": patient},
    }


def stored(*people: Resource, source: str = PRACTICE) -> None:
    """Put people into the record as they are."""
    changes = [Put(p, Source(source)) for p in people]
    record.commit(PLACE, changes, dangling="keep")


def twins() -> None:
    """Both twins, known by their practice."""
    stored(twin("jean", "Jean", JEAN), twin("joan", "Joan", JOAN))


def everything(kind: str, permit: Permit = PLACE, **asked: str) -> list[Stored]:
    """What a permit sees of a type."""
    query = parse_query(kind, list(asked.items()), default_count=1000)
    return list(record.search(permit, query).entries)


def questions(permit: Permit = PLACE) -> list[Question]:
    """What waits, or waited, as far as the permit sees it."""
    found = (question_of(s.resource, s.version) for s in everything("Task", permit))
    return [q for q in found if q]


def send(importing: Importing, *resources: Resource, organisation: str = HOSPITAL) -> ImportReport:
    """Import a bundle of an organisation."""
    path: Path = importing.bundle(f"{organisation}-{resources[0]['id']}.json", *resources)
    return importing(path, organisation=organisation)


def said(what: str, person: str = "", by: Permit = RECEPTION, words: str = "") -> Answer:
    """An answer of somebody."""
    return Answer(said=what, by=by.worker, at=NOW, person=person, words=words)
