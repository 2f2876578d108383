"""Building the invented place in an empty record, through the same `commit` as everything else.

Each entry is stored as its organisation's statement, with the time it was written and the time it
would have reached us: what is older than a week came with the first load, the rest night by night.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from joinedup.access.permit import system_permit
from joinedup.demo.beds import infection_of, inpatients, stay_of
from joinedup.demo.bundles import Sheaf, event_resources, sheaves
from joinedup.demo.cast import COUNCIL, HOSPITAL, NOW, SEED, TODAY, WOMAN
from joinedup.demo.going_home import send_home
from joinedup.demo.identity import patient
from joinedup.demo.money import arrange_money
from joinedup.demo.people import make_people
from joinedup.demo.providers import arrange_care
from joinedup.demo.trust import arrange_trust
from joinedup.demo.whose import twins_result
from joinedup.demo.winter import arrange_winter
from joinedup.demo.writing import Pen, Resource, at
from joinedup.fhir.classes import CLASS_OF_TYPE, DataClass
from joinedup.fhir.issue import NotFound
from joinedup.record.change import Create, Source
from joinedup.record.read import read
from joinedup.record.write import commit

__all__ = ["BuildReport", "Progress", "build", "is_built"]

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and of how much."""

PERMIT = system_permit("demo")
FIRST_LOAD = at(TODAY - timedelta(days=8), 4)
ENTRIES_A_COMMIT = 1000
_AUTHORS = ("recorder", "requester", "informationSource", "author", "performer", "participant")


class BuildReport(Struct, frozen=True):
    """What was built: people, resources stored, and how long it took."""

    people: int
    resources: int
    seconds: float


class Entry(Struct, frozen=True):
    """One resource as it goes into the record, and when it reached us."""

    received: datetime
    stage: int
    change: Create


def build(people: int = 300, seed: int = SEED, progress: Progress | None = None) -> BuildReport:
    """Store the whole place in an empty record; raises Conflict where any of it is there already.

    The same people and seed give the same resources, ids and times.
    """
    began = time.monotonic()
    entries = sorted(_entries(seed, people), key=lambda e: (e.received, e.stage))
    tell = progress or (lambda what, done, whole: None)
    done = 0
    for part in _parts(entries):
        tell("Building Marlbrook", done, len(entries))
        changes = [entry.change for entry in part]
        commit(PERMIT, changes, dangling="keep", action="import", now=part[0].received)
        done += len(part)
    arrange_trust()
    send_home(seed)
    arrange_care(seed)
    arrange_winter(people, seed)
    tell("Doing Marlbrook's books", done, len(entries))
    arrange_money(make_people(seed, people), seed)
    if waits := twins_result(people):
        commit(PERMIT, waits, dangling="keep", action="import", now=NOW)
    tell("Building Marlbrook", done, len(entries))
    return BuildReport(people, len(entries), time.monotonic() - began)


def is_built() -> bool:
    """Return whether the record holds the invented place already."""
    try:
        read(PERMIT, "Patient", WOMAN.id)
    except NotFound:
        return False
    return True


def _parts(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """Yield entries that arrived at the same time and are of one stage, some at a time."""
    start = 0
    for n, entry in enumerate(entries):
        first = entries[start]
        moved_on = (entry.received, entry.stage) != (first.received, first.stage)
        if moved_on or n - start == ENTRIES_A_COMMIT:
            yield entries[start:n]
            start = n
    if start < len(entries):
        yield entries[start:]


def _entries(seed: int, people: int) -> Iterator[Entry]:
    for sheaf in sheaves(seed, people):
        for resource in sheaf.resources:
            yield _entry(sheaf.organisation, _joined(sheaf, resource))
    for person in make_people(seed, people):
        for resource in event_resources(person, seed):
            yield _entry(COUNCIL.code, resource)
    for sheaf in _inpatients(seed):
        for resource in sheaf.resources:
            yield _entry(sheaf.organisation, _joined(sheaf, resource))


def _inpatients(seed: int) -> Iterator[Sheaf]:
    """Yield what is known of people from other towns: who they are, and where they lie."""
    for lies in inpatients(seed):
        who, came = lies.outline, lies.came.date()
        yield Sheaf(who.practice, who, (patient(Pen(who.practice, who), came),))
        known = (patient(Pen(HOSPITAL.code, who), came), stay_of(lies), *infection_of(lies))
        yield Sheaf(HOSPITAL.code, who, known)


def _entry(organisation: str, resource: Resource) -> Entry:
    recorded = str(resource["meta"]["lastUpdated"])
    author, role = _author(resource)
    source = Source(organisation, author=author, role=role, recorded=recorded)
    change = Create(resource, id=str(resource["id"]), source=source)
    return Entry(
        _received(organisation, datetime.fromisoformat(recorded)), _stage(resource), change
    )


def _stage(resource: Resource) -> int:
    """Masters before what names them: 0 the place, 1 master Patients, 2 all else."""
    kind = resource["resourceType"]
    if CLASS_OF_TYPE.get(kind) is DataClass.SHARED:
        return 0
    return 1 if kind == "Patient" and "link" not in resource else 2


def _received(organisation: str, recorded: datetime) -> datetime:
    """Return when an entry reached us: the hospital's hourly, the others' at four at night."""
    if recorded <= FIRST_LOAD:
        return FIRST_LOAD
    local = recorded.astimezone(NOW.tzinfo)
    if organisation == HOSPITAL.code:
        return min(local.replace(minute=0, second=0) + timedelta(hours=1), NOW)
    night = at(local.date(), 4)
    return night if night >= local else night + timedelta(days=1)


def _joined(sheaf: Sheaf, resource: Resource) -> Resource:
    """Return the entry as it stands in one record: about the master, who is one Patient."""
    person = sheaf.person
    if person is None or sheaf.organisation == person.practice:
        return resource
    if resource["resourceType"] == "Patient":
        link = {"other": {"reference": person.reference}, "type": "refer"}
        return resource | {"link": [link]}
    own = f"Patient/{sheaf.organisation.lower()}-{person.id}"
    joined: Resource = _pointed(resource, own, person.reference)
    return joined


def _pointed(value: Any, own: str, master: str) -> Any:
    if isinstance(value, dict):
        return {k: _pointed(v, own, master) for k, v in value.items()}
    if isinstance(value, list):
        return [_pointed(v, own, master) for v in value]
    return master if value == own else value


def _author(resource: Resource) -> tuple[str, str]:
    """Return the reference and the post of whoever an entry says wrote it; blanks for nobody."""
    for element in _AUTHORS:
        value = resource.get(element)
        for one in value if isinstance(value, list) else [value]:
            named = one or {}
            named = named.get("actor") or named.get("individual") or named
            if str(named.get("reference", "")).startswith("PractitionerRole/"):
                return named["reference"], str(named.get("display", "")).partition(", ")[2]
    return "", ""
