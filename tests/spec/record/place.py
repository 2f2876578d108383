"""The people, organisations and workers that the chapters on the record are about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from joinedup import record
from joinedup.access.permit import Permit, system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.search.query import parse_query
from joinedup.record import Change, Committed, Page, Put, Source, Stored

Resource = dict[str, Any]

PRACTICE, HOSPITAL, COUNCIL = "Y90001", "RZ901", "904"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"

GP = worker_permit("Practitioner/ash", "Dr Ash", Role.GP, PRACTICE)
NURSE = worker_permit("Practitioner/bell", "Nurse Bell", Role.WARD_NURSE, HOSPITAL)
SOCIAL_WORKER = worker_permit("Practitioner/cole", "Ms Cole", Role.SOCIAL_WORKER, COUNCIL)
ANALYST = worker_permit("Practitioner/dean", "Mr Dean", Role.ANALYST, COUNCIL)
PLACE = system_permit("import")


def joyce(identity: str = "joyce", **changes: Any) -> Resource:
    """An invented woman; her practice is the surgery's."""
    return {
        "resourceType": "Patient",
        "id": identity,
        "name": [{"family": "Hallam", "given": ["Joyce"]}],
        "birthDate": "1933-05-11",
        "generalPractitioner": [{"reference": f"Organization/{PRACTICE}"}],
        **changes,
    }


def numbered(identity: str, number: str, **changes: Any) -> Resource:
    """Somebody with an NHS number."""
    return joyce(identity, identifier=[{"system": NHS_NUMBER, "value": number}], **changes)


def weight(identity: str = "w1", person: str = "joyce", **changes: Any) -> Resource:
    """A weight of somebody."""
    return {
        "resourceType": "Observation",
        "id": identity,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}], "text": "Weight"},
        "subject": {"reference": f"Patient/{person}"},
        **changes,
    }


def stay(identity: str, person: str, **period: str) -> Resource:
    """An encounter at the hospital."""
    return {
        "resourceType": "Encounter",
        "id": identity,
        "status": "finished" if "end" in period else "in-progress",
        "class": {"code": "IMP"},
        "subject": {"reference": f"Patient/{person}"},
        "serviceProvider": {"reference": f"Organization/{HOSPITAL}"},
        "period": period,
    }


def service(identity: str, person: str, **period: str) -> Resource:
    """Care at home that the council arranged."""
    return {
        "resourceType": "EpisodeOfCare",
        "id": identity,
        "status": "finished" if "end" in period else "active",
        "patient": {"reference": f"Patient/{person}"},
        "managingOrganization": {"reference": f"Organization/{COUNCIL}"},
        "period": period,
    }


def label(system: str, code: str) -> Resource:
    """A resource's meta with one label."""
    return {"security": [{"system": system, "code": code}]}


def days_ago(days: int) -> str:
    """The date that many days before today."""
    return (datetime.now(UTC) - timedelta(days=days)).date().isoformat()


def put(*resources: Resource, source: str = "", permit: Permit = PLACE) -> Committed:
    """Bring resources in as an import does; `source` is who said so."""
    said = Source(source)
    changes: list[Change] = [Put(resource, source=said) for resource in resources]
    return record.commit(permit, changes, dangling="keep")


def find(permit: Permit, kind: str, *, cursor: str | None = None, **asked: str) -> Page:
    """Search; underscores of a name that begins with two stand for FHIR's own parameters."""
    pairs = [(name.replace("__", ":"), value) for name, value in asked.items()]
    pairs += [("_cursor", cursor)] if cursor else []
    return record.search(permit, parse_query(kind, pairs))


def ids(found: Page | tuple[Stored, ...]) -> list[str]:
    """The ids of what was found, in order."""
    return [s.id for s in (found.entries if isinstance(found, Page) else found)]
