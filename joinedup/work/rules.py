"""What each kind of Task asks for, in words; where it is done, and what may be done with it here.

Pure: a Task and the time come in, a line goes out. Late comes first, then what is due soonest, then
what waits for longest.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.access.words import Label, Role
from joinedup.access.work import WORK, kinds_of
from joinedup.fhir.classes import TASK_KIND, task_kind
from joinedup.fhir.profiles import errand
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.fhir.profiles.readiness import read as read_readiness
from joinedup.fhir.profiles.team_task import ROLES, is_team_task
from joinedup.reference.tables import value

__all__ = [
    "KINDS",
    "VIEWS",
    "Group",
    "Kind",
    "Line",
    "groups_of",
    "in_order",
    "line_of",
    "of_view",
    "pairs_of",
]

VIEWS = ("all", "mine", "team")


class Kind(Struct, frozen=True, kw_only=True):
    """One kind of errand. `page` names an address; `given` says what of the Task it takes.

    `states` are those in which it waits; `ours` where only its owner's organisation answers it;
    `silent` the label of a look that its person learns nothing of; `takes` and `ends` what may be
    done here.
    """

    words: str
    page: str
    given: tuple[str, ...] = ()
    states: tuple[str, ...] = errand.OPEN
    ours: bool = False
    silent: int = 0
    takes: bool = True
    ends: bool = False


_KEPT = int(Label.SERIOUS_HARM | Label.ABOUT_ANOTHER)
_PERSON, _TASK = ("person",), ("task",)

KINDS: Mapping[str, Kind] = {
    "payment": Kind(words="Approve or refuse a payment", page="money-approval", given=_TASK),
    "pay-run": Kind(words="Approve or refuse a pay run", page="money-pay-run", given=("run",)),
    "invoice-exception": Kind(
        words="Decide about a bill that does not match", page="money-exception", given=_TASK
    ),
    "start-lost": Kind(
        words="Take back what was promised for a start that fell through",
        page="money",
        ours=True,
        ends=True,
    ),
    "identity": Kind(
        words="Say whose record this is", page="identity-question", given=_TASK, takes=False
    ),
    "adt-held": Kind(words="Settle a hospital message that waits", page="", takes=False),
    "proxy-request": Kind(
        words="Decide who else may see a record",
        page="proxy-request",
        given=("person", "task"),
        states=("accepted", "received"),
    ),
    "break-glass": Kind(
        words="Ask why a record was opened without a relationship",
        page="broken-glass",
        states=("in-progress",),
    ),
    "access-alert": Kind(
        words="Look into an alert about who looked",
        page="alerts",
        silent=int(Label.PRIVACY_OFFICE),
        takes=False,
    ),
    "record-request": Kind(
        words="Answer a request for a whole record", page="record-request", given=_TASK
    ),
    "withholding": Kind(
        words="Look again at what is kept from a person",
        page="record-requests",
        silent=_KEPT,
        takes=False,
    ),
    "disagreement": Kind(
        words="Answer a person who says that an entry is wrong",
        page="organisation-disagreements",
        ours=True,
    ),
    "readiness": Kind(
        words="Waiting to go home",
        page="stay",
        given=("spell",),
        states=("in-progress", "ready"),
        ours=True,
        takes=False,
    ),
    "hub-referral": Kind(
        words="Find help for somebody to go home",
        page="hub-referral",
        given=("focus",),
        ours=True,
        takes=False,
    ),
    "placement": Kind(words="Find who can come, and when", page="placement", given=_TASK),
    "first-visit-overdue": Kind(
        words="Telephone: nobody has said that the first visit happened",
        page="placement",
        given=("based",),
        ends=True,
    ),
    "safety-net-call": Kind(
        words="Telephone somebody who went home",
        page="person",
        given=_PERSON,
        ours=True,
        ends=True,
    ),
    "stay-ended": Kind(
        words="Read how a stay in hospital ended",
        page="person",
        given=_PERSON,
        ours=True,
        ends=True,
    ),
    "discharge-letter": Kind(
        words="Send the letter about a stay to the practice",
        page="person",
        given=_PERSON,
        ours=True,
        ends=True,
    ),
    "package-held": Kind(
        words="Somebody’s care at home is kept for them while they are in hospital",
        page="person",
        given=_PERSON,
        ours=True,
        ends=True,
    ),
    "help-withdrawn": Kind(
        words="Somebody no longer needs help that was to start",
        page="person",
        given=_PERSON,
        ours=True,
        ends=True,
    ),
    "package-restart": Kind(
        words="Begin somebody’s care at home again",
        page="person",
        given=_PERSON,
        ours=True,
        ends=True,
    ),
    "deferral": Kind(
        words="Say whether somebody’s operation may be put off",
        page="operations",
        ours=True,
        takes=False,
    ),
    "deferral-telling": Kind(
        words="Tell somebody that their operation is put off, and the new date",
        page="operations",
        ours=True,
    ),
    "harm-review": Kind(
        words="Look whether waiting has harmed somebody whose operation was put off",
        page="operations",
        ours=True,
    ),
    "reach": Kind(
        words="Ask somebody how they want to be told",
        page="person",
        given=_PERSON,
        ours=True,
        ends=True,
    ),
}
"""Every kind of `access.work.WORK`. A page that is not there yet is left without a link."""


class Group(Struct, frozen=True):
    """Kinds that are asked for in one search: of the same states, owners and silence."""

    kinds: tuple[str, ...]
    states: tuple[str, ...]
    ours: bool
    silent: int


class Line(Struct, frozen=True, kw_only=True):
    """One errand as the list reads it; references are `Type/id`, "" where there is none."""

    id: str
    version: int
    kind: str
    about: str
    detail: str
    since: str
    due: datetime | None
    earliest: datetime | None
    owner: str
    taken_by: str
    taken_name: str
    given: tuple[str, ...]

    @property
    def what(self) -> Kind:
        """What it asks for."""
        return KINDS[self.kind]

    def is_late(self, now: datetime) -> bool:
        """Whether its time has passed."""
        return self.due is not None and self.due < now


def groups_of(role: Role) -> tuple[Group, ...]:
    """Return what to search for, for a role: as few searches as its kinds allow."""
    found: dict[tuple[Any, ...], list[str]] = {}
    for name in kinds_of(role):
        kind = KINDS[name]
        found.setdefault((kind.states, kind.ours, kind.silent), []).append(name)
    return tuple(Group(tuple(kinds), *key) for key, kinds in found.items())


def pairs_of(group: Group, role: Role, owners: Iterable[str]) -> list[list[tuple[str, str]]]:
    """Return the parameters of each search for a group; `owners` are organisation and worker.

    What is for one role of a team (`Task.performerType`) is on no colleague's list.
    """
    asked = [
        ("code", ",".join(f"{TASK_KIND}|{kind}" for kind in group.kinds)),
        ("status", ",".join(group.states)),
        ("_sort", "authored-on"),
    ]
    if not group.ours:
        return [asked]
    asked.append(("owner", ",".join(owners)))
    anybody, own = ("performer:missing", "true"), ("performer", f"{ROLES}|{role.value}")
    return [[*asked, anybody], [*asked, own]]


def line_of(task: Mapping[str, Any], version: int) -> Line | None:
    """Return a Task as a line; None for what is no errand, or cannot be read as one."""
    kind = task_kind(task)
    if kind not in KINDS or not errand.is_open(task):
        return None
    about = str(task.get("for", {}).get("reference", ""))
    taken, name, _ = errand.taken_by(task)
    detail, due = str(task.get("description", "")), errand.due_of(task)
    since, owner = errand.since_of(task), str(task.get("owner", {}).get("reference", ""))
    if kind == "readiness":
        detail, due, since, owner = _waits_for(task)
    elif kind == "adt-held":
        detail = _words_of(task)
    elif is_team_task(task):
        detail = str(task.get("code", {}).get("text", ""))
    given = _given(task)
    return Line(
        id=str(task["id"]),
        version=version,
        kind=kind,
        about=about,
        detail=detail,
        since=since,
        due=due,
        earliest=errand.earliest_of(task),
        owner=owner,
        taken_by=taken,
        taken_name=name,
        given=tuple(given[part] for part in KINDS[kind].given),
    )


def _given(task: Mapping[str, Any]) -> dict[str, str]:
    """Return the parts of addresses that a Task holds, "" for those it does not."""
    based: Mapping[str, Any] = next(iter(task.get("basedOn", ())), {})
    pointing = {"person": "for", "focus": "focus", "spell": "encounter"}
    found = {part: task.get(element, {}) for part, element in pointing.items()}
    ids = {part: _id(said) for part, said in (found | {"based": based}).items()}
    return {"task": str(task["id"]), "run": _run(task), **ids}


def _id(reference: Mapping[str, Any]) -> str:
    return str(reference.get("reference", "")).partition("/")[2]


def _waits_for(task: Mapping[str, Any]) -> tuple[str, datetime | None, str, str]:
    """Return what somebody ready waits for, by when its owner is chased (DI-03), since when, owner.

    The wait begins when they were ready, never when they were admitted: "" before. Its owner is who
    can end it, and not who keeps the Task.
    """
    try:
        said: Readiness = read_readiness(task)
    except (KeyError, ValueError, TypeError, IndexError):
        return "", None, errand.since_of(task), ""
    since = said.ready.since.isoformat() if said.ready else ""
    if said.delay is None:
        return "", None, since, ""
    owner = f"Organization/{said.delay.owner}"
    try:
        row = value("codes/delay_reasons", said.delay.reason, on=said.delay.since.date())
    except KeyError:
        return "", said.delay.chase_by, since, owner
    return row["words"], said.delay.chase_by, since, owner


def _words_of(task: Mapping[str, Any]) -> str:
    codings = task.get("reasonCode", {}).get("coding", ())
    said = task.get("reasonCode", {}).get("text") or next(
        (str(c["display"]) for c in codings if c.get("display")), ""
    )
    return str(said or task.get("description", ""))


def _run(task: Mapping[str, Any]) -> str:
    for part in task.get("input", ()):
        codings = part.get("type", {}).get("coding", ())
        if any(c.get("code") == "run" for c in codings):
            return str(part.get("valueString", ""))
    return ""


def in_order(lines: Iterable[Line], now: datetime) -> tuple[Line, ...]:
    """Return the lines as they are to be done: late first, soonest due, then longest waiting."""
    return tuple(sorted(lines, key=lambda line: _place(line, now)))


def _place(line: Line, now: datetime) -> tuple[object, ...]:
    due = line.due.timestamp() if line.due else float("inf")
    return (not line.is_late(now), due, line.since or "9999", line.kind, line.id)


def of_view(lines: Sequence[Line], view: str, *, worker: str) -> tuple[Line, ...]:
    """Return the lines of a view: `mine` what I took, `team` what nobody else took, else all."""
    if view == "mine":
        return tuple(line for line in lines if worker in (line.taken_by, line.owner))
    if view == "team":
        return tuple(line for line in lines if not line.taken_by and line.owner != worker)
    return tuple(lines)


assert set(KINDS) == set(WORK), "a kind of errand without words, or without anybody whose it is"
