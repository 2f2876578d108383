"""How a person wants to be told that there is something new: one Consent each, their own.

A Consent of our kind `notices` (FHIR R4 6.2): permit or deny, what of (`provision.code`), by which
way (`provision.action`). It holds no address: those are the Patient's. What a disability asks for
is a Flag of the Accessible Information Standard (DAPB1605), and is read beside it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.fhir.key import hash64
from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.relationships import CONSENT_KIND, consent_kind

__all__ = [
    "EVERYTHING",
    "EXPECTED",
    "NEEDS",
    "NOTHING",
    "WAYS",
    "Choice",
    "build",
    "choice_id",
    "is_choice",
    "needs_of",
    "read",
]

Resource = dict[str, Any]
NOTICES = "notices"
EVERYTHING, EXPECTED, NOTHING = "everything", "expected", "nothing"
WAYS = ("", "email", "text", "letter", "telephone")
"""By which way; "" leaves it to what the record says."""

_WHAT = f"{PLACE}/CodeSystem/told-of"
_WAY = f"{PLACE}/CodeSystem/told-by"
_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
_SNOMED = "http://snomed.info/sct"

NEEDS: Mapping[str, str] = {
    "936581000000101": "email",
    "936701000000103": "text",
    "795661000000104": "telephone",
    "796161000000101": "easy-read",
    "957331000000109": "large-print",
    "957351000000102": "large-print",
    "415803005": "signs",
    "204331000000107": "signs",
    "936681000000100": "braille",
    "936661000000109": "braille",
    "985021000000106": "read-out",
    "315594003": "interpreter",
}
"""SNOMED CT codes of the Accessible Information Standard -> what it asks of us (domain.md 5.1)."""


class Choice(Struct, frozen=True, kw_only=True):
    """What somebody chose: `what` of, by which `way`."""

    what: str = EXPECTED
    way: str = ""


def choice_id(person_id: str) -> str:
    """Return the one id of a person's choice, so that two tabs meet in one resource."""
    return f"{NOTICES}-{hash64(person_id) & (2**64 - 1):016x}"


def build(person_id: str, choice: Choice, at: datetime) -> Resource:
    """Return the choice as a Consent that the person gave themselves."""
    assert choice.what in (EVERYTHING, EXPECTED, NOTHING) and choice.way in WAYS
    who = {"reference": f"Patient/{person_id}"}
    denied = choice.what == NOTHING
    provision: Resource = {"type": "deny" if denied else "permit"}
    if not denied:
        provision["code"] = [{"coding": [{"system": _WHAT, "code": choice.what}]}]
    if choice.way:
        provision["action"] = [{"coding": [{"system": _WAY, "code": choice.way}]}]
    return {
        "resourceType": "Consent",
        "id": choice_id(person_id),
        "status": "active",
        "scope": {"coding": [{"system": _SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": CONSENT_KIND, "code": NOTICES}]}],
        "patient": who,
        "dateTime": at.isoformat(timespec="seconds"),
        "performer": [who],
        "policyRule": {"text": "How the person wants to be told of something new"},
        "provision": provision,
    }


def is_choice(resource: Mapping[str, Any]) -> bool:
    """Whether a resource is such a choice, and stands."""
    named = resource.get("resourceType") == "Consent" and consent_kind(resource) == NOTICES
    return named and resource.get("status") == "active"


def read(consents: Iterable[Mapping[str, Any]]) -> Choice | None:
    """Return the choice that stands among somebody's Consents, the newest; None where none does."""
    found = sorted((c for c in consents if is_choice(c)), key=lambda c: str(c.get("dateTime", "")))
    if not found:
        return None
    provision = found[-1].get("provision", {})
    way = _code(provision.get("action"), _WAY)
    if provision.get("type") == "deny":
        return Choice(what=NOTHING, way=way if way in WAYS else "")
    what = _code(provision.get("code"), _WHAT)
    return Choice(
        what=what if what in (EVERYTHING, EXPECTED) else EXPECTED, way=way if way in WAYS else ""
    )


def needs_of(flags: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return what somebody's active Flags ask of us, as words of `NEEDS`."""
    codes = (
        coding.get("code")
        for flag in flags
        if flag.get("status") == "active"
        for coding in flag.get("code", {}).get("coding", ())
        if coding.get("system", _SNOMED) == _SNOMED
    )
    return frozenset(NEEDS[code] for code in codes if code in NEEDS)


def _code(concepts: Any, system: str) -> str:
    codings = (c for concept in concepts or () for c in concept.get("coding", ()))
    return next((str(c.get("code", "")) for c in codings if c.get("system") == system), "")
