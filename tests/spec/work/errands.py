"""Errands of several kinds about Joyce, her practice, a hub, finance, and the list each opens."""

from datetime import UTC, datetime, timedelta
from typing import Any

from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.profiles import errand
from tests.spec.record.place import HOSPITAL, PRACTICE, days_ago, joyce, put, stay

NOW = datetime(2018, 1, 16, 10, tzinfo=UTC)
COORDINATOR = worker_permit("Practitioner/cole", "Cara Cole", Role.DISCHARGE_COORDINATOR, HOSPITAL)
COLLEAGUE = worker_permit("Practitioner/dunn", "Dev Dunn", Role.DISCHARGE_COORDINATOR, HOSPITAL)
NURSE = worker_permit("Practitioner/bell", "Sister Bell", Role.WARD_NURSE, HOSPITAL)
OFFICER = worker_permit("Practitioner/pryce", "Mo Pryce", Role.PRIVACY_OFFICER, HOSPITAL)
DOCTOR = worker_permit("Practitioner/rao", "Dr Rao", Role.GP, PRACTICE)
ANALYST = worker_permit("Practitioner/wren", "Ann Wren", Role.ANALYST, HOSPITAL)


def set_scene() -> None:
    """Joyce and Mary lie in the hospital; workers have names."""
    put(
        {"resourceType": "Organization", "id": HOSPITAL, "name": "Marlbrook General"},
        {"resourceType": "Organization", "id": PRACTICE, "name": "Orchard Row Surgery"},
    )
    put(joyce("joyce", name=[{"family": "Hallam", "given": ["Joyce"]}]), joyce("mary"))
    put(*(stay(f"s-{who}", who, start=days_ago(2)) for who in ("joyce", "mary")))
    put(
        *(
            {"resourceType": "Practitioner", "id": name, "name": [{"text": said}]}
            for name, said in (
                ("cole", "Cara Cole"),
                ("dunn", "Dev Dunn"),
                ("bell", "Sister Bell"),
                ("pryce", "Mo Pryce"),
                ("rao", "Dr Rao"),
            )
        )
    )


def call(identity: str, person: str = "joyce", *, due: timedelta | None = None) -> dict[str, Any]:
    """A telephone call that the hospital's team owes somebody who went home (DI-07)."""
    return errand.build(
        "safety-net-call",
        identity,
        "Telephone somebody who went home",
        person=f"Patient/{person}",
        owner=f"Organization/{HOSPITAL}",
        at=NOW - timedelta(days=1),
        due=None if due is None else NOW + due,
    )


def task(kind: str, identity: str, **more: Any) -> dict[str, Any]:
    """A Task of one of our kinds, with no more than says so."""
    return {
        "resourceType": "Task",
        "id": identity,
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": kind}]},
        **more,
    }


def permit_at(role: Role, organisation: str = HOSPITAL) -> Permit:
    """A worker of a role that nobody else here is."""
    return worker_permit("Practitioner/other", "Somebody", role, organisation)
