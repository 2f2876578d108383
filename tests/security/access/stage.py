"""A stage for the matrix and the sentences: a person for every way of standing to somebody.

Each has one resource of each type. What gives sight is stored as it is in life, without asking who
may write it: that is the guard's chapter.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from joinedup import record
from joinedup.access.permit import (
    Permit,
    person_permit,
    proxy_permit,
    system_permit,
    worker_permit,
)
from joinedup.access.words import Role
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.relationships import CONSENT_KIND, FUNCTION_CODES, area_key
from joinedup.record import Put
from tests.security.access.filled import filled, word
from tests.security.access.scenario import STATES, TYPES

Resource = dict[str, Any]
ORGANISATION, WORKER, OUTWARD = "RZ901", "Practitioner/me", "MQ7"
HOMES = {"person": "self", "proxy": "proxy"}
"""Whom somebody surely sees: a person themselves, a worker who was referred to."""
SYSTEM = system_permit("test")
CARRIERS = ("List", "Appointment", "Provenance")
_SUBJECT = {
    "patient": (
        "RelatedPerson Immunization AllergyIntolerance EpisodeOfCare NutritionOrder Claim"
        " ExplanationOfBenefit Device Consent DetectedIssue FamilyMemberHistory"
    ),
    "for": "Task",
    "beneficiary": "Coverage",
    "deliverTo": "SupplyRequest",
}
_ELEMENT = {name: element for element, names in _SUBJECT.items() for name in names.split()}
_NOBODYS = ("Organization", "Practitioner", "Location", "Questionnaire")


def named(kind: str, state: str) -> str:
    """The id of the resource of a type that is about the person of a state."""
    return state if kind == "Patient" else f"{kind.lower()}-{state}"


def about(kind: str, person: str, **more: Any) -> Resource:
    """A resource of a type about somebody, with no more than says so."""
    reference = {"reference": f"Patient/{person}"}
    made: Resource = {"resourceType": kind, **more}
    if kind in _NOBODYS or kind == "Patient":
        return made
    if kind == "Appointment":
        return {"participant": [{"actor": reference, "status": "accepted"}], **made}
    if kind == "Provenance":
        return {"target": [reference], **made}
    return {_ELEMENT.get(kind, "subject"): reference, **made}


def day(days: int) -> str:
    """The date that many days from today."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def consent(kind: str, person: str, **provision: Any) -> Resource:
    """An active Consent of one of our kinds."""
    allows = "permit" if kind in ("proxy", "permission-given") else "deny"
    category = [{"coding": [{"system": CONSENT_KIND, "code": kind}]}]
    return about(
        "Consent", person, status="active", category=category,
        provision={"type": allows, **provision},
    )  # fmt: skip


def actor(reference: str) -> list[Resource]:
    """Whom a Consent is about."""
    return [{"reference": {"reference": reference}}]


def functions(*names: str) -> list[Resource]:
    """What a Consent is about."""
    return [{"system": FUNCTION_CODES, "code": name} for name in names]


def glass(person: str, start: str, end: str) -> Resource:
    """A Task of broken glass by the worker."""
    return about(
        "Task", person, status="in-progress", requester={"reference": WORKER},
        executionPeriod={"start": start, "end": end},
        code={"coding": [{"system": TASK_KIND, "code": "break-glass"}]},
    )  # fmt: skip


EVERY_FUNCTION = ("contacts summary medicines visits letters plan money who-looked").split()


def relationship(state: str, *, person: str = "") -> list[Resource]:
    """What says that somebody stands so to a person."""
    who, here = person or state, {"reference": f"Organization/{ORGANISATION}"}
    begun, over = {"start": day(-90)}, {"start": day(-90), "end": day(-42)}
    match state:
        case "encounter" | "objected":
            found = [
                about("Encounter", who, status="in-progress", serviceProvider=here, period=begun)
            ]
            if state == "objected":
                found.append(consent("objection", who, actor=actor(here["reference"])))
            return found
        case "encounter-ended":
            return [about("Encounter", who, status="finished", serviceProvider=here, period=over)]
        case "referral":
            return [about("ServiceRequest", who, status="active", performer=[here])]
        case "request":
            return [about("Task", who, status="requested", owner=here)]
        case "service" | "service-ended":
            ended = state == "service-ended"
            status, period = ("finished", over) if ended else ("active", begun)
            return [about("EpisodeOfCare", who, status=status, managingOrganization=here,
                          period=period)]  # fmt: skip
        case "team":
            return [about("CareTeam", who, status="active", managingOrganization=[here])]
        case "team-member":
            members = [{"member": {"reference": WORKER}}]
            return [about("CareTeam", who, status="active", participant=members)]
        case "glass":
            return [glass(who, day(-1), day(1))]
        case "glass-over":
            return [glass(who, day(-3), day(-2))]
        case "permission":
            return [consent("permission-given", who, actor=actor(WORKER))]
        case "permission-over":
            period = {"start": day(-9), "end": day(-2)}
            return [consent("permission-given", who, actor=actor(WORKER), period=period)]
        case "proxy":
            return [consent("proxy", who, actor=actor("RelatedPerson/rp"),
                            **{"class": functions(*EVERY_FUNCTION)})]  # fmt: skip
    return []


def person(state: str) -> Resource:
    """The Patient of a state; the practice and the home say two of the relationships."""
    made: Resource = {"resourceType": "Patient", "id": state, "birthDate": "1940-01-02"}
    if state == "registered":
        made["generalPractitioner"] = [{"reference": f"Organization/{ORGANISATION}"}]
    if state == "area":
        made["address"] = [{"postalCode": f"{OUTWARD} 4AB"}]
    return made


def permit_of(role: str) -> Permit:
    """The permit of a role: the worker at the organisation, the person, their proxy, a job."""
    if role == "person":
        return person_permit("self", "Herself")
    if role == "proxy":
        return proxy_permit("rp", "Her daughter")
    if role == "system":
        return SYSTEM
    posts = [area_key(OUTWARD)]
    return worker_permit(WORKER, "Me", Role(role), ORGANISATION, posts=posts)


def target(kind: str, state: str) -> Resource:
    """The resource of a type about the person of a state, as the stage stores it."""
    made = filled(kind, word(kind, state))
    if kind == "Patient":
        return {**person(state), **made}
    return about(kind, state, id=named(kind, state), **made)


def carrier(kind: str, home: str, state: str) -> Resource:
    """A resource about `home` that refers to everything of the person of a state but themselves."""
    refers = [{"reference": f"{k}/{named(k, state)}"} for k in TYPES if k != "Patient"]
    element = {
        "List": {"entry": [{"item": r} for r in refers]},
        "Appointment": {"supportingInformation": refers},
        "Provenance": {"target": [{"reference": f"Patient/{home}"}, *refers]},
    }[kind]
    return {**about(kind, home), **element, "id": f"{kind.lower()}-{home}-to-{state}"}


@contextmanager
def unguarded() -> Iterator[None]:
    """Store what gives sight without asking who may write it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            "joinedup.record.write.refuse_sight_unguarded", lambda *_, **__: None, raising=False
        )
        yield


def store(*resources: Resource, permit: Permit = SYSTEM) -> None:
    """Store resources as an import would; those without an id get one."""
    numbered = [{"id": f"{r['resourceType'].lower()}-x{id(r):x}", **r} for r in resources]
    with unguarded():
        record.commit(permit, [Put(r) for r in numbered], dangling="keep")


def set_stage() -> None:
    """Store everybody, everything about them, and what relates somebody to them."""
    store({"resourceType": "Organization", "id": ORGANISATION})
    for state in STATES:
        found = [target(kind, state) for kind in TYPES]
        for n, each in enumerate(relationship(state)):
            found.append({**each, "id": f"why-{state}-{n}"})
        store(*found)
    for home in ("referral", *HOMES.values()):
        store(*(carrier(kind, home, state) for kind in CARRIERS for state in STATES))
