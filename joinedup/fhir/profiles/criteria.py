"""One review of the eleven criteria to reside, as an Observation: who answered what, when.

Whether somebody meets them is for `discharge.rules.criteria` to judge; a review is never changed,
the next is another.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.fhir.profiles.event import PLACE

__all__ = ["CODES", "REVIEW", "Checklist", "build", "is_checklist", "read"]

Resource = dict[str, Any]
CODES = f"{PLACE}/CodeSystem/criteria-to-reside"
_KIND = f"{PLACE}/CodeSystem/observation"
REVIEW = "criteria-to-reside"
"""Code of an Observation that is a review."""
_ENDED = "-ended"
_SAID = ("answered-as", "news2-cause", "news2-words")


class Checklist(Struct, frozen=True, kw_only=True):
    """One review. `person` is `Patient/...`, `spell` an Encounter's id, `answered_by` a reference.

    `answers` by criterion; `ended` says when an operation or procedure ended. `meets` is the
    verdict; `confirms` the id of the review whose answers were found unchanged.
    """

    person: str
    spell: str
    answered_by: str
    role: str
    at: datetime
    answers: Mapping[str, bool]
    news2: int | None = None
    news_cause: str = ""
    news_words: str = ""
    ended: Mapping[str, datetime] = {}
    meets: bool = False
    confirms: str = ""


def build(checklist: Checklist, resource_id: str) -> Resource:
    """Return the review as a final Observation (FHIR R4 10.1), a component an answer."""
    said = (checklist.role, checklist.news_cause, checklist.news_words)
    components = [_component(c, valueBoolean=yes) for c, yes in checklist.answers.items()]
    components += [
        _component(c + _ENDED, valueDateTime=when.isoformat())
        for c, when in checklist.ended.items()
    ]
    if checklist.news2 is not None:
        components.append(_component("news2-score", valueInteger=checklist.news2))
    components += [_component(c, valueString=w) for c, w in zip(_SAID, said, strict=True) if w]
    resource: Resource = {
        "resourceType": "Observation",
        "id": resource_id,
        "status": "final",
        "code": {"coding": [{"system": _KIND, "code": REVIEW}], "text": "Criteria to reside"},
        "subject": {"reference": checklist.person},
        "encounter": {"reference": f"Encounter/{checklist.spell}"},
        "effectiveDateTime": checklist.at.isoformat(),
        "performer": [{"reference": str(checklist.answered_by)}],
        "valueBoolean": checklist.meets,
        "component": components,
    }
    if checklist.confirms:
        resource["derivedFrom"] = [{"reference": f"Observation/{checklist.confirms}"}]
    return resource


def _component(code: str, **value: Any) -> Resource:
    return {"code": {"coding": [{"system": CODES, "code": code}]}} | value


def is_checklist(resource: Mapping[str, Any]) -> bool:
    """Whether a resource is a review of the criteria to reside."""
    if resource.get("resourceType") != "Observation":
        return False
    codings = resource.get("code", {}).get("coding", ())
    return any(c.get("system") == _KIND and c.get("code") == REVIEW for c in codings)


def read(resource: Mapping[str, Any]) -> Checklist:
    """Return the review that an Observation is; KeyError if it is another thing."""
    if not is_checklist(resource):
        raise KeyError("this is no review of the criteria to reside")
    said = {c["code"]["coding"][0]["code"]: c for c in resource["component"]}
    words = {name: said.get(name, {}).get("valueString", "") for name in _SAID}
    before = resource.get("derivedFrom") or ({"reference": ""},)
    return Checklist(
        person=resource["subject"]["reference"],
        spell=resource["encounter"]["reference"].removeprefix("Encounter/"),
        answered_by=resource["performer"][0]["reference"],
        role=words["answered-as"],
        at=datetime.fromisoformat(resource["effectiveDateTime"]),
        answers={code: c["valueBoolean"] for code, c in said.items() if "valueBoolean" in c},
        news2=int(said["news2-score"]["valueInteger"]) if "news2-score" in said else None,
        news_cause=words["news2-cause"],
        news_words=words["news2-words"],
        ended={
            code.removesuffix(_ENDED): datetime.fromisoformat(c["valueDateTime"])
            for code, c in said.items()
            if "valueDateTime" in c
        },
        meets=resource["valueBoolean"],
        confirms=before[0]["reference"].removeprefix("Observation/"),
    )
