"""What a carer said, asked alone, about going on caring: an Observation kept from the person.

It is labelled as being about another (CA-02): every worker sees it, the person it is filed under
does not. Not asked is no Observation at all, and never a yes (CA-04).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from joinedup.fhir.classes import LABEL_CODES
from joinedup.fhir.profiles.event import PLACE

__all__ = ["ANSWERS", "ASKED", "CarerAnswer", "build", "is_carer_answer", "read"]

Resource = dict[str, Any]
ASKED = "carer-willing-and-able"
"""Code of an Observation that is such an answer."""
_KIND = {"system": f"{PLACE}/CodeSystem/observation", "code": ASKED}
_CODES = f"{PLACE}/CodeSystem/carer-answer"
ANSWERS: Mapping[str, str] = {
    "yes": "Willing and able to go on caring",
    "partly": "Can go on with some of it",
    "no": "Carer cannot continue",
    "declined": "Does not want to answer",
}


class CarerAnswer(Struct, frozen=True, kw_only=True):
    """`carer` is `RelatedPerson/...` or `Patient/...`; `alone`: the person was not in the room.

    `able_until` is the last day of a yes that holds for a while; `words` are the carer's own.
    """

    person: str
    carer: str
    asked_at: datetime
    asked_by: str
    alone: bool
    answer: str
    able_until: date | None = None
    words: str = ""


def build(answer: CarerAnswer, resource_id: str) -> Resource:
    """Return the answer as a final Observation (FHIR R4 10.1) whose focus is the carer."""
    said: list[Resource] = [_component("alone", valueBoolean=answer.alone)]
    if answer.able_until:
        said.append(_component("able-until", valueDateTime=answer.able_until.isoformat()))
    resource: Resource = {
        "resourceType": "Observation",
        "id": resource_id,
        "meta": {"security": [{"system": LABEL_CODES, "code": "about-another"}]},
        "status": "final",
        "code": {"coding": [dict(_KIND)], "text": "Carer willing and able"},
        "subject": {"reference": answer.person},
        "focus": [{"reference": str(answer.carer)}],
        "effectiveDateTime": answer.asked_at.isoformat(),
        "performer": [{"reference": str(answer.asked_by)}],
        "valueCodeableConcept": {
            "coding": [{"system": _CODES, "code": answer.answer}],
            "text": ANSWERS[answer.answer],
        },
        "component": said,
    }
    return resource | ({"note": [{"text": answer.words}]} if answer.words else {})


def _component(code: str, **value: Any) -> Resource:
    return {"code": {"coding": [{"system": _CODES, "code": code}]}} | value


def is_carer_answer(resource: Mapping[str, Any]) -> bool:
    """Whether a resource is what a carer answered."""
    if resource.get("resourceType") != "Observation":
        return False
    return _KIND in resource.get("code", {}).get("coding", ())


def read(resource: Mapping[str, Any]) -> CarerAnswer:
    """Return the answer an Observation is; KeyError if it is another thing."""
    if not is_carer_answer(resource):
        raise KeyError("this is no answer of a carer")
    said = {c["code"]["coding"][0]["code"]: c for c in resource["component"]}
    until = said.get("able-until", {}).get("valueDateTime")
    return CarerAnswer(
        person=resource["subject"]["reference"],
        carer=resource["focus"][0]["reference"],
        asked_at=datetime.fromisoformat(resource["effectiveDateTime"]),
        asked_by=resource["performer"][0]["reference"],
        alone=said["alone"]["valueBoolean"],
        answer=resource["valueCodeableConcept"]["coding"][0]["code"],
        able_until=date.fromisoformat(until) if until else None,
        words=next((n["text"] for n in resource.get("note", ())), ""),
    )
