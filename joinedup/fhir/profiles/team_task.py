"""Something that a team is to know or do by a time, because of a stay in hospital: a Task.

Written in the same commit as what caused it; `work` lists it for the team, `jobs` sends word. It
says what happened, and nothing of why somebody is ill. That it is done is `profiles/errand`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.fhir.classes import TASK_KIND, task_kind
from joinedup.fhir.key import hash64
from joinedup.fhir.profiles.event import PLACE

__all__ = ["KINDS", "ROLES", "TeamTask", "build", "is_team_task", "read", "task_id"]

Resource = dict[str, Any]
ROLES = "https://joinedup.example/CodeSystem/role"
_BY_VOICE = f"{PLACE}/StructureDefinition/by-a-person"
KINDS = (
    "stay-ended",
    "safety-net-call",
    "discharge-letter",
    "package-held",
    "package-restart",
    "help-withdrawn",
)
"""Kinds of Task, as `Task.code`; whose work each is says `access.work`."""


class TeamTask(Struct, frozen=True, kw_only=True):
    """`team` is an organisation's id, `role` who of it (a role's code, "" for anybody).

    Not before `earliest`, done by `due`; `by_voice`: a human voice, never a message.
    """

    kind: str
    person: str
    spell: str
    team: str
    role: str
    words: str
    asked_by: str
    asked_at: datetime
    due: datetime
    earliest: datetime | None = None
    by_voice: bool = False
    state: str = "requested"

    @property
    def id(self) -> str:
        """Its id in the record: the same event tells a team once."""
        return task_id(self)


def task_id(task: TeamTask) -> str:
    """Return the id of a Task: of the stay, the kind, whom it tells and when."""
    key = f"{task.spell}/{task.kind}/{task.team}/{task.role}/{task.words}/{task.asked_at}"
    return f"team-{hash64(key) & (2**64 - 1):016x}"


def build(task: TeamTask) -> Resource:
    """Return the Task (FHIR R4 12.9), owned by the team's organisation."""
    period = {"end": task.due.isoformat()}
    if task.earliest is not None:
        period = {"start": task.earliest.isoformat(), **period}
    resource: Resource = {
        "resourceType": "Task",
        "id": task.id,
        "status": task.state,
        "intent": "order",
        "priority": "urgent",
        "code": {
            "coding": [{"system": TASK_KIND, "code": task.kind}],
            "text": task.words,
        },
        "for": {"reference": task.person},
        "encounter": {"reference": f"Encounter/{task.spell}"},
        "authoredOn": task.asked_at.isoformat(),
        "lastModified": task.asked_at.isoformat(),
        "owner": {"reference": f"Organization/{task.team}"},
        "restriction": {"period": period},
    }
    if task.by_voice:
        resource["extension"] = [{"url": _BY_VOICE, "valueBoolean": True}]
    if task.role:
        resource["performerType"] = [{"coding": [{"system": ROLES, "code": task.role}]}]
    if task.asked_by.startswith(("Practitioner/", "PractitionerRole/")):
        resource["requester"] = {"reference": str(task.asked_by)}
    return resource


def is_team_task(resource: Mapping[str, Any]) -> bool:
    """Whether a resource tells a team of a stay."""
    return resource.get("resourceType") == "Task" and task_kind(resource) in KINDS


def read(task: Mapping[str, Any]) -> TeamTask:
    """Return what a Task of these kinds says; KeyError for another."""
    if not is_team_task(task):
        raise KeyError("this Task tells no team of a stay")
    period = task["restriction"]["period"]
    earliest = period.get("start")
    roles = [c.get("code", "") for t in task.get("performerType", ()) for c in t.get("coding", ())]
    return TeamTask(
        kind=task_kind(task),
        person=task["for"]["reference"],
        spell=task["encounter"]["reference"].removeprefix("Encounter/"),
        team=task["owner"]["reference"].removeprefix("Organization/"),
        role=str(next(iter(roles), "")),
        words=task["code"].get("text", ""),
        asked_by=task.get("requester", {}).get("reference", ""),
        asked_at=datetime.fromisoformat(task["authoredOn"]),
        due=datetime.fromisoformat(period["end"]),
        earliest=datetime.fromisoformat(earliest) if earliest else None,
        by_voice=any(e.get("url") == _BY_VOICE for e in task.get("extension", ())),
        state=task["status"],
    )
