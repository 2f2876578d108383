"""A ward's referral to the care transfer hub, and the hub's answer to it.

The referral (a ServiceRequest) describes needs and is the ward's; where it stands is the hub's
Task, so that the two never write over each other. One is open a spell and purpose (domain.md 9.2).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.fhir.classes import TASK_KIND, task_kind
from joinedup.fhir.key import hash64
from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.profiles.parts import pack, parts

__all__ = [
    "HUB_REFERRAL",
    "NEED",
    "PURPOSES",
    "HubAnswer",
    "Need",
    "Referral",
    "answer_id",
    "build",
    "build_answer",
    "held",
    "is_referral",
    "read",
    "read_answer",
]

Resource = dict[str, Any]
HUB_REFERRAL = "hub-referral"
PURPOSES = f"{PLACE}/CodeSystem/hospital-referral"
"""Category of a ServiceRequest that a ward sent to the hub: what it is for."""
_STATES = f"{PLACE}/CodeSystem/hub-referral"
NEED = f"{PLACE}/StructureDefinition/referral-need"
_OVER = {"completed", "revoked", "entered-in-error"}
_STATUS = {"draft": "draft", "started": "completed", "rejected": "revoked", "cancelled": "revoked"}
_TASK_STATUS = {
    "draft": "draft",
    "sent": "requested",
    "received": "received",
    "accepted": "accepted",
    "rejected": "rejected",
    "info-requested": "on-hold",
    "started": "completed",
    "cancelled": "cancelled",
}


class Need(Struct, frozen=True):
    """What somebody needs help with, in words; `area` is one of `need_areas`."""

    area: str
    words: str


class Referral(Struct, frozen=True, kw_only=True):
    """What a ward asks: `hub` and `hospital` are organisations' ids, `asked_by` a reference."""

    person: str
    spell: str
    purpose: str
    needs: tuple[Need, ...]
    hospital: str
    hub: str
    asked_by: str
    asked_at: datetime
    state: str = "draft"

    @property
    def claim(self) -> str:
        """What only one open referral may hold."""
        return f"active-referral/{self.spell}/{self.purpose}"


class HubAnswer(Struct, frozen=True, kw_only=True):
    """Where a referral stands with the hub; `reason` is said where it is rejected or more is asked.

    `referral` is the ServiceRequest's id.
    """

    referral: str
    person: str
    hub: str
    state: str
    at: datetime
    by: str = ""
    reason: str = ""


def build(referral: Referral, resource_id: str) -> Resource:
    """Return the referral as a ServiceRequest (FHIR R4 12.10)."""
    return {
        "resourceType": "ServiceRequest",
        "id": resource_id,
        "extension": [pack(NEED, {"area": n.area, "words": n.words}) for n in referral.needs],
        "status": _STATUS.get(referral.state, "active"),
        "intent": "order",
        "category": [{"coding": [{"system": PURPOSES, "code": referral.purpose}]}],
        "code": {"text": "Help to go home from hospital"},
        "subject": {"reference": referral.person},
        "encounter": {"reference": f"Encounter/{referral.spell}"},
        "authoredOn": referral.asked_at.isoformat(),
        "requester": {"reference": str(referral.asked_by)},
        "performer": [{"reference": f"Organization/{referral.hub}"}],
        "supportingInfo": [{"reference": f"Organization/{referral.hospital}"}],
        "orderDetail": [{"coding": [{"system": _STATES, "code": referral.state}]}],
    }


def is_referral(resource: Mapping[str, Any]) -> bool:
    """Whether a resource is a ward's referral to the hub."""
    return resource.get("resourceType") == "ServiceRequest" and bool(_purpose(resource))


def _purpose(resource: Mapping[str, Any]) -> str:
    codings = (c for each in resource.get("category", ()) for c in each.get("coding", ()))
    return next((str(c.get("code", "")) for c in codings if c.get("system") == PURPOSES), "")


def read(resource: Mapping[str, Any]) -> Referral:
    """Return the referral a ServiceRequest is; KeyError if it is another thing."""
    if not is_referral(resource):
        raise KeyError("this is no referral to the hub")
    return Referral(
        person=resource["subject"]["reference"],
        spell=resource["encounter"]["reference"].removeprefix("Encounter/"),
        purpose=_purpose(resource),
        needs=tuple(Need(n["area"], n["words"]) for n in parts(resource, NEED)),
        hospital=resource["supportingInfo"][0]["reference"].removeprefix("Organization/"),
        hub=resource["performer"][0]["reference"].removeprefix("Organization/"),
        asked_by=resource["requester"]["reference"],
        asked_at=datetime.fromisoformat(resource["authoredOn"]),
        state=resource["orderDetail"][0]["coding"][0]["code"],
    )


def held(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the claim of an open referral: `active-referral/<spell>/<purpose>`, otherwise none."""
    spell = str(resource.get("encounter", {}).get("reference", "")).removeprefix("Encounter/")
    if not is_referral(resource) or resource.get("status") in _OVER or not spell:
        return ()
    return (f"active-referral/{spell}/{_purpose(resource)}",)


def answer_id(referral: str) -> str:
    """Return the id of the hub's Task about a referral: one each."""
    return f"hub-{hash64(referral) & (2**64 - 1):016x}"


def build_answer(answer: HubAnswer) -> Resource:
    """Return where it stands as a Task that the hub owns (FHIR R4 12.9)."""
    resource: Resource = {
        "resourceType": "Task",
        "id": answer_id(answer.referral),
        "status": _TASK_STATUS.get(answer.state, "in-progress"),
        "businessStatus": {"coding": [{"system": _STATES, "code": answer.state}]},
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": HUB_REFERRAL}]},
        "focus": {"reference": f"ServiceRequest/{answer.referral}"},
        "for": {"reference": answer.person},
        "lastModified": answer.at.isoformat(),
        "owner": {"reference": f"Organization/{answer.hub}"},
    }
    if answer.by:
        resource["requester"] = {"reference": str(answer.by)}
    if answer.reason:
        resource["statusReason"] = {"text": answer.reason}
    return resource


def read_answer(task: Mapping[str, Any]) -> HubAnswer:
    """Return the hub's answer that a Task is; KeyError if it is another thing."""
    if task_kind(task) != HUB_REFERRAL:
        raise KeyError("this Task is no answer of a hub")
    return HubAnswer(
        referral=task["focus"]["reference"].removeprefix("ServiceRequest/"),
        person=task["for"]["reference"],
        hub=task["owner"]["reference"].removeprefix("Organization/"),
        state=task["businessStatus"]["coding"][0]["code"],
        at=datetime.fromisoformat(task["lastModified"]),
        by=task.get("requester", {}).get("reference", ""),
        reason=task.get("statusReason", {}).get("text", ""),
    )
