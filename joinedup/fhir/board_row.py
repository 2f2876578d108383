"""What the board of a hospital keeps of a resource: one flat row, derived from it alone.

Four kinds: a stay (Encounter), its way home (Task), who somebody is (Patient), a bed or a ward
(Location). Each is under the lock of the resource it comes from, so that a line shows what its
reader may see and no more. What a line says is `discharge.rules.board`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any

import msgspec
from msgspec import Struct

from joinedup.fhir.involve import is_statement
from joinedup.fhir.key import resource_key
from joinedup.fhir.profiles import readiness, spell
from joinedup.fhir.profiles.bed import is_bed, is_ward
from joinedup.fhir.search.extract import is_restricted

__all__ = [
    "BOARD_TYPES",
    "ENDLESS",
    "BoardRow",
    "Kind",
    "PersonSaid",
    "PlaceSaid",
    "StaySaid",
    "WaySaid",
    "board_row",
    "way_said",
]

Resource = Mapping[str, Any]
ENDLESS = "infinity"
_DONE = ("done", "not-needed")
_AGAIN = "meets-again"
_UNREAD = (KeyError, ValueError, TypeError, AttributeError, IndexError)
_NAME_ORDER = ("official", "usual", "", "temp")


class Kind(IntEnum):
    """What a row comes from. Stored in every row; a number is never reused."""

    STAY = 1
    WAY = 2
    PERSON = 3
    PLACE = 4


class BoardRow(Struct, frozen=True):
    """One row. `hospital` is an Organization's key; `place` the bed of a stay, the ward of a bed;
    `pair` the Task of a stay, the Encounter of a way home; 0 for none. `ends` is when the person
    left, `infinity` while they are there; `said` one of the structs below, as JSON."""

    kind: int
    hospital: int
    place: int
    pair: int
    ends: str
    said: str


class StaySaid(Struct, frozen=True, array_like=True, gc=False):
    """Who lies where: ids of the Encounter, the hospital and the bed ("" = none is recorded)."""

    spell: str
    hospital: str
    bed: str
    admitted: datetime


class WaySaid(Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """How somebody stands towards going home: every stretch of being ready, the reason now, what
    is arranged. `ready` is when the stretch of their discharge-ready date began."""

    state: str
    spans: tuple[tuple[datetime, datetime | None], ...] = ()
    ready: datetime | None = None
    pathway: str = ""
    reason: str = ""
    reason_since: datetime | None = None
    owner: str = ""
    chase_by: datetime | None = None
    done: tuple[str, ...] = ()
    start: datetime | None = None
    reviewed: datetime | None = None
    meets: bool = False


class PersonSaid(Struct, frozen=True, array_like=True, gc=False):
    """Who somebody is: a name as it is read aloud, a birth date as FHIR has it, and whether where
    to find them is withheld."""

    name: str
    born: str
    restricted: bool


class PlaceSaid(Struct, frozen=True, array_like=True, gc=False):
    """A bed or, where `ward` is "", a ward: ids and what it is called."""

    id: str
    ward: str
    name: str
    hospital: str


def board_row(resource: Resource) -> BoardRow | None:
    """Return the row of a resource; None for what no board shows.

    Asked of whatever is stored: it refuses nothing. A way home that cannot be read says so.
    """
    rule = _RULES.get(resource["resourceType"])
    return rule(resource) if rule else None


def _of_encounter(encounter: Resource) -> BoardRow | None:
    """A stay that runs; one that is planned or over is on no board."""
    if not spell.is_spell(encounter) or encounter.get("status") not in ("arrived", "in-progress"):
        return None
    try:
        stay = spell.read(encounter)
    except _UNREAD:
        return None
    if stay.admitted is None or stay.left is not None:
        return None
    bed = stay.bed.bed if stay.bed else ""
    said = StaySaid(stay.id, stay.hospital, bed, stay.admitted)
    way = resource_key("Task", readiness.readiness_id(stay.id))
    place = resource_key("Location", bed) if bed else 0
    return BoardRow(Kind.STAY, _organisation(stay.hospital), place, way, ENDLESS, _text(said))


def _of_task(task: Resource) -> BoardRow | None:
    if not readiness.is_readiness(task):
        return None
    try:
        stay = readiness.read(task)
        said = way_said(stay)
        ends = stay.left.isoformat() if stay.left else ENDLESS
        hospital, pair = stay.hospital, stay.spell
    except _UNREAD:
        said, ends = WaySaid(state=""), ENDLESS
        hospital = _after(task.get("owner"), "Organization/")
        pair = _after(task.get("encounter"), "Encounter/")
    if not pair:
        return None
    stay_key = resource_key("Encounter", pair)
    return BoardRow(Kind.WAY, _organisation(hospital), 0, stay_key, ends, _text(said))


def _after(reference: Any, kind: str) -> str:
    said = reference.get("reference", "") if isinstance(reference, Mapping) else ""
    return str(said).removeprefix(kind) if str(said).startswith(kind) else ""


def way_said(stay: readiness.Readiness) -> WaySaid:
    """Return what a board keeps of how somebody stands."""
    delay = stay.delay
    return WaySaid(
        state=stay.state,
        spans=tuple((span.since, span.until) for span in stay.spans),
        ready=next((s.since for s in reversed(stay.spans) if s.ended_by != _AGAIN), None),
        pathway=stay.pathway.code if stay.pathway else "",
        reason=delay.reason if delay else "",
        reason_since=delay.since if delay else None,
        owner=delay.owner if delay else "",
        chase_by=delay.chase_by if delay else None,
        done=tuple(check.kind for check in stay.checks if check.state in _DONE),
        start=stay.start.at if stay.start else None,
        reviewed=stay.reviewed.at if stay.reviewed else None,
        meets=bool(stay.reviewed and stay.reviewed.meets),
    )


def _of_patient(patient: Resource) -> BoardRow | None:
    """The person; what an organisation states of somebody kept elsewhere has no row."""
    if is_statement(patient):
        return None
    said = PersonSaid(_name(patient), str(patient.get("birthDate", "")), is_restricted(patient))
    return BoardRow(Kind.PERSON, 0, 0, 0, ENDLESS, _text(said))


def _name(patient: Resource) -> str:
    names = [n for n in patient.get("name", ()) if n.get("use", "") in _NAME_ORDER]
    if not names:
        return ""
    best = min(names, key=lambda name: _NAME_ORDER.index(name.get("use", "")))
    first = next(iter(best.get("given") or ()), "")
    parts = (str(first or ""), str(best.get("family", "")))
    return " ".join(part for part in parts if part) or str(best.get("text", ""))


def _of_location(location: Resource) -> BoardRow | None:
    if not is_bed(location) and not is_ward(location):
        return None
    hospital = _after(location.get("managingOrganization"), "Organization/")
    ward = _after(location.get("partOf"), "Location/") if is_bed(location) else ""
    said = PlaceSaid(str(location["id"]), ward, str(location.get("name", "")), hospital)
    place = resource_key("Location", ward) if ward else 0
    return BoardRow(Kind.PLACE, _organisation(hospital), place, 0, ENDLESS, _text(said))


def _organisation(hospital: str) -> int:
    return resource_key("Organization", hospital) if hospital else 0


def _text(said: Struct) -> str:
    return msgspec.json.encode(said).decode()


_RULES: Mapping[str, Callable[[Resource], BoardRow | None]] = {
    "Encounter": _of_encounter,
    "Task": _of_task,
    "Patient": _of_patient,
    "Location": _of_location,
}
BOARD_TYPES = frozenset(_RULES)
"""Types whose resources may have a row."""
