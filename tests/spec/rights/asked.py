"""Who asks, who answers and what is there, for the chapters on a person's rights."""

from datetime import UTC, datetime
from typing import Any

from joinedup import record
from joinedup.access.permit import Permit, person_permit, proxy_permit, worker_permit
from joinedup.access.words import Role
from joinedup.people.rights.asking import ask_for_copy
from joinedup.people.rights.reviewing import approve, review
from tests.spec.record.place import COUNCIL, HOSPITAL, PRACTICE, joyce, label, put, weight

Resource = dict[str, Any]
JOYCE = person_permit("joyce", "Joyce Hallam", session="hers")
OTHER = person_permit("ray", "Ray Dunn", session="his")
SUSAN = proxy_permit("susan", "Susan Whitlock", session="susan")
OFFICER = worker_permit("Practitioner/oak", "Mr Oak", Role.PRIVACY_OFFICER, COUNCIL)
AT = datetime(2018, 1, 16, 10, 0, tzinfo=UTC)
ORGANISATIONS = {
    PRACTICE: "Fosse Lane Surgery",
    HOSPITAL: "Marlbrook General Hospital",
    COUNCIL: "Marlbrook Council",
}


def a_place() -> None:
    """Joyce, Ray, who works here, and a weight of each."""
    from tests.spec.web.site import set_up

    set_up()
    put(*({"resourceType": "Organization", "id": c, "name": n} for c, n in ORGANISATIONS.items()))
    put(*({"resourceType": "Practitioner", "id": name} for name in ("ash", "bell", "oak")))
    put(joyce(), joyce("ray", name=[{"family": "Dunn", "given": ["Ray"]}]))
    put(weight(), weight("w2", "ray"), source=PRACTICE)


def penicillin(**changes: Any) -> Resource:
    """The surgery says that Joyce is allergic to penicillin."""
    return {
        "resourceType": "AllergyIntolerance",
        "id": "pen",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {
            "coding": [{"system": "http://snomed.info/sct", "code": "764146007"}],
            "text": "Penicillin",
        },
        "patient": {"reference": "Patient/joyce"},
        "criticality": "high",
        **changes,
    }


def labelled(code: str, system: str, identity: str, **changes: Any) -> Resource:
    """A problem of Joyce's under a label."""
    return {
        "resourceType": "Condition",
        "id": identity,
        "meta": label(system, code),
        "code": {"text": f"Secret {identity}"},
        "subject": {"reference": "Patient/joyce"},
        **changes,
    }


def requested(permit: Permit = JOYCE, at: datetime = AT) -> str:
    """Joyce asks for a copy, or somebody does for her; the request's id."""
    return ask_for_copy(permit, "joyce", at=at).id


def approved_copy(at: datetime = AT) -> str:
    """Joyce asks, the officer approves; the request's id."""
    asked = requested(at=at)
    approve(OFFICER, asked, review(OFFICER, asked, now=at).version, at=at)
    return asked


def seen_by(permit: Permit, kind: str, identity: str) -> bool:
    """Whether a permit reads one resource."""
    try:
        record.read(permit, kind, identity)
    except record_refusals():
        return False
    return True


def record_refusals() -> tuple[type[Exception], ...]:
    """How the record says that there is nothing to be seen."""
    from joinedup.fhir.issue import Gone, NotFound

    return (NotFound, Gone)
