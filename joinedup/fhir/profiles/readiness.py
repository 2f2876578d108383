"""How somebody in hospital stands towards going home, as one Task a spell.

Since when they are ready, the pathway, one delay reason now and those before, what is arranged, who
was told, who bears a risk. Earlier versions of the Task are its history; its rules are
`discharge.rules`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import asdict, replace

from joinedup.fhir.classes import TASK_KIND, task_kind
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.key import hash64
from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.profiles.parts import Reference, pack, parts

__all__ = [
    "READINESS",
    "Check",
    "Delay",
    "PathwayChoice",
    "Readiness",
    "ReadySpan",
    "Reviewed",
    "RiskOwner",
    "Start",
    "Told",
    "build",
    "is_readiness",
    "read",
    "readiness_id",
    "with_start",
    "without_start",
]

Resource = dict[str, Any]
READINESS = "readiness"
_STATES = f"{PLACE}/CodeSystem/readiness"
_URL = f"{PLACE}/StructureDefinition/readiness-"
_STATUS = {
    "admitted": "received",
    "meets-criteria": "on-hold",
    "plan-ready": "ready",
    "discharged": "completed",
    "self-discharged": "completed",
    "died": "cancelled",
    "transferred": "cancelled",
    "discharge-failed": "failed",
}
"""Task.status of each state; every other is in progress."""


class ReadySpan(Struct, frozen=True, kw_only=True):
    """One stretch of being ready; `ended_by` is `meets-again`, `discharged`, `died` and so on."""

    since: datetime
    checklist: str
    until: datetime | None = None
    ended_by: str = ""


class Delay(Struct, frozen=True, kw_only=True):
    """One reason for waiting: `owner` is the organisation's id that can end it, by `chase_by`."""

    reason: str
    owner: str
    since: datetime
    chase_by: datetime
    set_by: Reference
    until: datetime | None = None
    ended_by: str = ""


class PathwayChoice(Struct, frozen=True, kw_only=True):
    """The way home: `returning` for somebody who goes back to the care home they live in."""

    code: str
    destination: str
    decided_by: Reference
    decided_at: datetime
    new_care: bool
    returning: bool = False
    why: str = ""


class Check(Struct, frozen=True, kw_only=True):
    """One thing that must be arranged; `state` is waiting, done or not-needed."""

    kind: str
    state: str
    by: Reference
    at: datetime


class Told(Struct, frozen=True, kw_only=True):
    """That somebody was told: `who` is person or carer, `way` their format."""

    who: str
    way: str
    by: Reference
    at: datetime
    consent: str = ""


class Start(Struct, frozen=True, kw_only=True):
    """When help at home begins, as the provider confirmed it."""

    at: datetime
    provider: str
    confirmed_by: Reference
    confirmed_at: datetime


class RiskOwner(Struct, frozen=True, kw_only=True):
    """Who answers by name for somebody leaving before a start is confirmed, and why."""

    worker: Reference
    why: str
    at: datetime


class Reviewed(Struct, frozen=True, kw_only=True):
    """The last review of the criteria to reside (`criteria`): its id, its verdict, who and when."""

    checklist: str
    at: datetime
    by: Reference
    meets: bool


class Readiness(Struct, frozen=True, kw_only=True):
    """One spell's way home. `person` is `Patient/...`, `spell` an Encounter's id, `hospital` an
    organisation's; `state` one of `discharge.rules.states`. `left`, `method` and `destination` say
    how the stay ended."""

    person: str
    spell: str
    hospital: str
    admitted: datetime
    state: str = "admitted"
    spans: tuple[ReadySpan, ...] = ()
    pathway: PathwayChoice | None = None
    delays: tuple[Delay, ...] = ()
    checks: tuple[Check, ...] = ()
    told: tuple[Told, ...] = ()
    start: Start | None = None
    risk_owner: RiskOwner | None = None
    reviewed: Reviewed | None = None
    left: datetime | None = None
    method: str = ""
    destination: str = ""

    @property
    def id(self) -> str:
        """Its id in the record: one a spell."""
        return readiness_id(self.spell)

    @property
    def ready(self) -> ReadySpan | None:
        """The stretch of being ready that still runs."""
        last = self.spans[-1] if self.spans else None
        return last if last and last.until is None else None

    @property
    def delay(self) -> Delay | None:
        """The one reason now."""
        last = self.delays[-1] if self.delays else None
        return last if last and last.until is None else None


def readiness_id(spell: str) -> str:
    """Return the id of the Task of a spell."""
    return f"readiness-{hash64(spell) & (2**64 - 1):016x}"


def with_start(readiness: Readiness, start: Start) -> Readiness:
    """Return the readiness with a confirmed start; refuses, Unprocessable, one in the past."""
    if start.at < start.confirmed_at:
        raise Unprocessable("A start is confirmed before it happens: this one is in the past.")
    if not start.provider:
        raise Unprocessable("Say which provider confirmed the start.")
    return replace(readiness, start=start)


def without_start(readiness: Readiness) -> Readiness:
    """Return the readiness once a confirmed start fell through: a plan that was ready is not.

    The state it goes back to is that of the act `undo` in `discharge.rules.states`.
    """
    state = "accepted-by-hub" if readiness.state == "plan-ready" else readiness.state
    return replace(readiness, start=None, state=state)


_ONCE: tuple[tuple[str, str, type], ...] = (
    ("pathway", "pathway", PathwayChoice),
    ("start", "start", Start),
    ("risk-owner", "risk_owner", RiskOwner),
    ("reviewed", "reviewed", Reviewed),
)
_MANY: tuple[tuple[str, str, type], ...] = (
    ("span", "spans", ReadySpan),
    ("delay", "delays", Delay),
    ("check", "checks", Check),
    ("told", "told", Told),
)


def build(readiness: Readiness) -> Resource:
    """Return the Task (FHIR R4 12.9): its owner is the hospital, until the person has left."""
    ended = {"method": readiness.method, "destination": readiness.destination}
    said = [pack(f"{_URL}ended", ended)] if readiness.left else []
    said += [
        pack(f"{_URL}{name}", asdict(fact))
        for name, field, _ in _ONCE
        if (fact := getattr(readiness, field)) is not None
    ]
    for name, field, _ in _MANY:
        said += [pack(f"{_URL}{name}", asdict(fact)) for fact in getattr(readiness, field)]
    resource: Resource = {
        "resourceType": "Task",
        "id": readiness.id,
        "status": _STATUS.get(readiness.state, "in-progress"),
        "businessStatus": {"coding": [{"system": _STATES, "code": readiness.state}]},
        "intent": "plan",
        "code": {"coding": [{"system": TASK_KIND, "code": READINESS}], "text": "Going home"},
        "for": {"reference": readiness.person},
        "encounter": {"reference": f"Encounter/{readiness.spell}"},
        "executionPeriod": {"start": readiness.admitted.isoformat()},
        "owner": {"reference": f"Organization/{readiness.hospital}"},
    }
    if said:
        resource["extension"] = said
    if readiness.left is not None:
        resource["executionPeriod"]["end"] = readiness.left.isoformat()
    return resource


def is_readiness(resource: Mapping[str, Any]) -> bool:
    """Whether a resource says how somebody stands towards going home."""
    return resource.get("resourceType") == "Task" and task_kind(resource) == READINESS


Fact = TypeVar("Fact", bound=Struct)


def read(task: Mapping[str, Any]) -> Readiness:
    """Return what a Task of this kind says; KeyError for another, ValueError where it says two
    things that can be only one (two pathways), TypeError for a fact that lacks a part."""
    if not is_readiness(task):
        raise KeyError("this Task is no readiness")
    ended = next(iter(parts(task, f"{_URL}ended")), {})
    period = task["executionPeriod"]
    return Readiness(
        person=task["for"]["reference"],
        spell=task["encounter"]["reference"].removeprefix("Encounter/"),
        hospital=task["owner"]["reference"].removeprefix("Organization/"),
        admitted=datetime.fromisoformat(period["start"]),
        state=task["businessStatus"]["coding"][0]["code"],
        spans=_every(task, "span", ReadySpan),
        pathway=_one(task, "pathway", PathwayChoice),
        delays=_every(task, "delay", Delay),
        checks=_every(task, "check", Check),
        told=_every(task, "told", Told),
        start=_one(task, "start", Start),
        risk_owner=_one(task, "risk-owner", RiskOwner),
        reviewed=_one(task, "reviewed", Reviewed),
        left=datetime.fromisoformat(period["end"]) if "end" in period else None,
        method=ended.get("method", ""),
        destination=ended.get("destination", ""),
    )


def _every(task: Mapping[str, Any], name: str, kind: type[Fact]) -> tuple[Fact, ...]:
    return tuple(kind(**said) for said in parts(task, f"{_URL}{name}"))


def _one(task: Mapping[str, Any], name: str, kind: type[Fact]) -> Fact | None:
    found = _every(task, name, kind)
    if len(found) > 1:
        raise ValueError(f"a readiness says its {name} once, not {len(found)} times")
    return found[0] if found else None
