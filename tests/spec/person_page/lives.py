"""Small lives to look at: a person, and what organisations say of them."""

from datetime import datetime
from typing import Any

from joinedup.fhir.search.period import LONDON
from joinedup.people.presenters.life import Life, Source, Statement
from joinedup.people.presenters.true_date import true_moment
from joinedup.web.dates import moment_of

NOW = datetime(2018, 1, 16, 10, 0, tzinfo=LONDON)
SURGERY = Source(code="Y90001", name="Fosse Lane Surgery", lane=1)
HOSPITAL = Source(code="RZ901", name="Marlbrook General Hospital", lane=2)
COUNCIL = Source(code="E99901", name="Marlbrook Council", lane=3)
SNOMED = "http://snomed.info/sct"


def coded(code: str, words: str, system: str = SNOMED) -> dict[str, Any]:
    """Return a CodeableConcept."""
    return {"coding": [{"system": system, "code": code, "display": words}], "text": words}


def state(kind: str, code: str) -> dict[str, Any]:
    """Return a status as HL7's own concept."""
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{kind}", "code": code}]}


def says(
    source: Source,
    resource: dict[str, Any],
    *,
    received: datetime = NOW,
    recorded: datetime = NOW,
) -> Statement:
    """Return a statement of an organisation."""
    resource = {"id": "a", **resource}
    return Statement(
        resource=resource,
        type=resource["resourceType"],
        id=resource["id"],
        organisation=source.code,
        happened=true_moment(resource),
        recorded=moment_of(recorded),
        received=moment_of(received),
    )


def patient(source: Source = SURGERY, **more: Any) -> Statement:
    """Return what an organisation says of who she is."""
    named = {"name": [{"family": "Hallam", "given": ["Joyce"]}], "birthDate": "1933-05-11"}
    return says(source, {"resourceType": "Patient", "id": "joyce"} | named | more)


def life(*statements: Statement, **more: Any) -> Life:
    """Return a life of three sources."""
    kept = {"person": patient(), "sources": (SURGERY, HOSPITAL, COUNCIL)} | more
    return Life(statements=statements, **kept)
