"""From "help is being looked for" to "somebody came", as one Task a referral (decision 0020).

What is wanted, in words of need; to whom it was offered and what they said; the slot that is held
and until when; the start, the package that pays for it, and the first visit. Its rules are
`brokerage.rules`, its states those of `referral_states`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from joinedup.fhir.classes import TASK_KIND, task_kind
from joinedup.fhir.key import hash64
from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.profiles.parts import Reference, pack, parts
from joinedup.fhir.profiles.slot import claim_of

__all__ = [
    "LINK",
    "PLACEMENT",
    "Begun",
    "Offer",
    "Placement",
    "Wanted",
    "build",
    "is_placement",
    "placement_id",
    "read",
    "slots_held",
]

Resource = dict[str, Any]
PLACEMENT = "placement"
LINK = f"{PLACE}/Id/offer-link"
"""Hashes of the secret links by which providers answer; the secrets are kept nowhere."""
_STATES = f"{PLACE}/CodeSystem/hub-referral"
_URL = f"{PLACE}/StructureDefinition/placement-"
_STATUS = {
    "package-sought": "requested",
    "offers": "received",
    "accepted-offer": "accepted",
    "start-confirmed": "ready",
    "started": "completed",
    "cancelled": "cancelled",
}
_OVER = ("cancelled", "failed", "rejected", "entered-in-error")


class Wanted(Struct, frozen=True, kw_only=True):
    """What is asked for: `visits` a day of `minutes` with `carers` at once, in an `area` (outward
    postcode) in these time `bands`, with these `skills`, from `begins`. `urgent`: reablement, or
    urgent care that nothing may delay (Care Act 2014 s19(3))."""

    service: str
    area: str
    begins: date
    bands: tuple[str, ...] = ()
    visits: int = 1
    minutes: int = 30
    carers: int = 1
    skills: tuple[str, ...] = ()
    personal_care: bool = True
    nursing: bool = False
    urgent: bool = True
    short_reason: str = ""
    words: str = ""


class Offer(Struct, frozen=True, kw_only=True):
    """To whom it was offered: `state` is open, accepted, declined, lapsed, withdrawn or lost.

    `until` is when the time to answer ends; `starts` what a yes proposed; `reason` a coded no.
    `allowed_by` and the three after it are the named override for a provider rated inadequate.
    """

    id: str
    location: str
    provider: str
    slot: str
    at: datetime
    by: Reference
    until: datetime
    state: str = "open"
    link: str = ""
    answered_at: datetime | None = None
    answered_by: str = ""
    reason: str = ""
    words: str = ""
    starts: datetime | None = None
    allowed_by: str = ""
    allowed_post: str = ""
    allowed_why: str = ""
    allowed_review: date | None = None


class Begun(Struct, frozen=True, kw_only=True):
    """The start as it was confirmed: when, by whom and what pays; `came` is the first visit."""

    at: datetime
    confirmed_by: Reference
    confirmed_at: datetime
    package: str = ""
    team: str = ""
    visit: str = ""
    came: datetime | None = None
    came_by: str = ""


class Placement(Struct, frozen=True, kw_only=True):
    """One referral's way to help. `referral` is a ServiceRequest's id, `spell` an Encounter's,
    `hub` an organisation's; `slot` is held until `held_until`, where that is None without end."""

    person: str
    referral: str
    spell: str
    hub: str
    wanted: Wanted
    asked_by: Reference
    asked_at: datetime
    changed_at: datetime
    state: str = "package-sought"
    offers: tuple[Offer, ...] = ()
    slot: str = ""
    held_until: datetime | None = None
    begun: Begun | None = None
    reason: str = ""

    @property
    def id(self) -> str:
        """Its id in the record: one a referral."""
        return placement_id(self.referral)

    @property
    def accepted(self) -> Offer | None:
        """The offer that was said yes to, while it stands."""
        return next((o for o in self.offers if o.state == "accepted"), None)


def placement_id(referral: str) -> str:
    """Return the id of the Task about a referral."""
    return f"placement-{hash64(referral) & (2**64 - 1):016x}"


def build(placement: Placement) -> Resource:
    """Return the Task (FHIR R4 12.9); the hub owns it, and its focus is the slot that is held."""
    wanted = asdict(placement.wanted) | {
        "bands": " ".join(placement.wanted.bands),
        "skills": " ".join(placement.wanted.skills),
    }
    said = [pack(f"{_URL}wanted", wanted)]
    said += [pack(f"{_URL}offer", asdict(offer)) for offer in placement.offers]
    if placement.begun:
        said.append(pack(f"{_URL}begun", asdict(placement.begun)))
    resource: Resource = {
        "resourceType": "Task",
        "id": placement.id,
        "extension": said,
        "status": _STATUS[placement.state],
        "businessStatus": {"coding": [{"system": _STATES, "code": placement.state}]},
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": PLACEMENT}], "text": "Find care"},
        "basedOn": [{"reference": f"ServiceRequest/{placement.referral}"}],
        "for": {"reference": placement.person},
        "encounter": {"reference": f"Encounter/{placement.spell}"},
        "authoredOn": placement.asked_at.isoformat(),
        "lastModified": placement.changed_at.isoformat(),
        "requester": {"reference": str(placement.asked_by)},
        "owner": {"reference": f"Organization/{placement.hub}"},
    }
    if links := [{"system": LINK, "value": o.link} for o in placement.offers if o.link]:
        resource["identifier"] = links
    if placement.slot:
        resource["focus"] = {"reference": f"Slot/{placement.slot}"}
    if placement.held_until:
        resource["restriction"] = {"period": {"end": placement.held_until.isoformat()}}
    if placement.reason:
        resource["statusReason"] = {"text": placement.reason}
    return resource


def is_placement(resource: Mapping[str, Any]) -> bool:
    """Whether a resource is a placement."""
    return resource.get("resourceType") == "Task" and task_kind(resource) == PLACEMENT


def slots_held(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the claim of a placement on the slot it holds, for good once somebody came."""
    named = str(resource.get("focus", {}).get("reference", ""))
    holds = resource.get("status") not in _OVER and named.startswith("Slot/")
    return (claim_of(named.removeprefix("Slot/")),) if holds and is_placement(resource) else ()


def read(task: Mapping[str, Any]) -> Placement:
    """Return the placement a Task is; KeyError for another, TypeError for one that lacks a part."""
    if not is_placement(task):
        raise KeyError("this Task is no placement")
    said = parts(task, f"{_URL}wanted")[0]
    wanted = said | {name: tuple(said.get(name, "").split()) for name in ("bands", "skills")}
    begun = parts(task, f"{_URL}begun")
    until = task.get("restriction", {}).get("period", {}).get("end")
    return Placement(
        person=task["for"]["reference"],
        referral=task["basedOn"][0]["reference"].removeprefix("ServiceRequest/"),
        spell=task["encounter"]["reference"].removeprefix("Encounter/"),
        hub=task["owner"]["reference"].removeprefix("Organization/"),
        wanted=Wanted(**wanted),
        asked_by=Reference(task["requester"]["reference"]),
        asked_at=datetime.fromisoformat(task["authoredOn"]),
        changed_at=datetime.fromisoformat(task["lastModified"]),
        state=task["businessStatus"]["coding"][0]["code"],
        offers=tuple(Offer(**offer) for offer in parts(task, f"{_URL}offer")),
        slot=task.get("focus", {}).get("reference", "").removeprefix("Slot/"),
        held_until=datetime.fromisoformat(until) if until else None,
        begun=Begun(**begun[0]) if begun else None,
        reason=task.get("statusReason", {}).get("text", ""),
    )
