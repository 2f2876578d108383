"""What somebody agreed to, as Consent resources: objections, permission to view, proxies.

Pure: builds them and reads them; what they do is `fhir.relationships` and row security. Each
person has one Consent of ours for each organisation objected to and one for permission to view, so
that two who change the same thing at once meet in one resource, and the second is told.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.fhir.key import hash64
from joinedup.fhir.relationships import CONSENT_KIND, FUNCTION_CODES, consent_kind
from joinedup.fhir.search.period import bounds

__all__ = [
    "Agreed",
    "actors_of",
    "ended",
    "ends_at",
    "functions_of",
    "is_permission",
    "objection",
    "objection_id",
    "permission",
    "permission_id",
    "permission_of",
    "until_of",
]

Resource = Mapping[str, Any]
PERMISSION = "https://joinedup.example/CodeSystem/permission-to-view"
"""Yes, No and Ask of permission to view (domain.md 1.2)."""
_ANSWERS = ("yes", "no", "ask")
_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"


class Agreed(Struct, frozen=True):
    """A Consent as the record holds it: its resource and the version that was seen."""

    id: str
    version: int
    resource: dict[str, Any]

    @property
    def kind(self) -> str:
        """Which of our kinds it is; "" for none."""
        return consent_kind(self.resource)

    @property
    def is_active(self) -> bool:
        """Whether it stands."""
        return self.resource.get("status") == "active"

    @property
    def actors(self) -> tuple[str, ...]:
        """Whom it names, as `Type/id`."""
        return actors_of(self.resource)


def objection_id(person_id: str, organisation: str) -> str:
    """Return the one id of a person's own objection to an organisation."""
    return _id("objection", person_id, organisation)


def permission_id(person_id: str) -> str:
    """Return the one id of a person's own permission to view."""
    return _id("permission", person_id, "")


def _id(kind: str, person_id: str, about: str) -> str:
    return f"{kind}-{hash64(f'{person_id}/{about}') & (2**64 - 1):016x}"


def objection(person_id: str, organisation: str, at: datetime) -> dict[str, Any]:
    """Return a person's objection to an organisation seeing their record."""
    actor = {
        "role": {"coding": [{"system": _PARTICIPATION, "code": "PRCP"}]},
        "reference": {"reference": f"Organization/{organisation}"},
    }
    provision = {"type": "deny", "actor": [actor]}
    return _consent("objection", person_id, objection_id(person_id, organisation), at, provision)


def permission(person_id: str, answer: str, at: datetime) -> dict[str, Any]:
    """Return permission to view: `yes`, `no` or `ask` of everybody but the person's practice."""
    assert answer in _ANSWERS
    provision = {
        "type": "permit" if answer == "yes" else "deny",
        "code": [{"coding": [{"system": PERMISSION, "code": answer}]}],
    }
    return _consent("permission-to-view", person_id, permission_id(person_id), at, provision)


def _consent(
    kind: str, person_id: str, consent_id: str, at: datetime, provision: dict[str, Any]
) -> dict[str, Any]:
    who = {"reference": f"Patient/{person_id}"}
    return {
        "resourceType": "Consent",
        "id": consent_id,
        "status": "active",
        "scope": {"coding": [{"system": _SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": CONSENT_KIND, "code": kind}]}],
        "patient": who,
        "dateTime": at.isoformat(timespec="seconds"),
        "performer": [who],
        "policyRule": {"text": "What the person said themselves"},
        "provision": provision,
    }


def ended(agreed: Agreed, at: datetime) -> dict[str, Any]:
    """Return a Consent that no longer stands; what it said stays in it and in its history."""
    when = at.isoformat(timespec="seconds")
    return {**agreed.resource, "status": "inactive", "dateTime": when}


def is_permission(answer: str) -> bool:
    """Return whether a word typed is one of the answers."""
    return answer in _ANSWERS


def permission_of(resource: Resource) -> str:
    """Return `yes`, `no` or `ask`; a denial that does not say which is `no`."""
    provision = resource.get("provision", {})
    for concept in provision.get("code", ()):
        for coding in concept.get("coding", ()):
            if coding.get("system") == PERMISSION and coding.get("code") in _ANSWERS:
                return str(coding["code"])
    return "no" if provision.get("type") == "deny" else "yes"


def actors_of(resource: Resource) -> tuple[str, ...]:
    """Return whom a Consent names, as `Type/id`."""
    actors = resource.get("provision", {}).get("actor", ())
    found = (a.get("reference", {}).get("reference", "") for a in actors)
    return tuple(f for f in found if f)


def functions_of(resource: Resource) -> tuple[str, ...]:
    """Return what a Consent is about, as codes of our functions; none for everything."""
    classes = resource.get("provision", {}).get("class", ())
    return tuple(str(c.get("code")) for c in classes if c.get("system") == FUNCTION_CODES)


def until_of(resource: Resource) -> str:
    """Return the end that was agreed, as FHIR says it; "" for none."""
    return str(resource.get("provision", {}).get("period", {}).get("end", ""))


def ends_at(resource: Resource) -> datetime | None:
    """Return the moment the end is reached, None for none: a day or a year lasts to its own end.

    It is the moment at which row security ends it (`fhir.relationships`), however it was written.
    """
    text = until_of(resource)
    if not text:
        return None
    low, high = bounds(text)
    try:
        return datetime.fromisoformat(low if "T" in text else high)
    except ValueError:  # the end of 9999, as some systems write "no end"
        return None
