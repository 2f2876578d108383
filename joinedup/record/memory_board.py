"""The board of the record in memory: the plain twin of `board`, for tests (house.md, law 7).

Worked out from the resources a permit sees, by reading each; it keeps no rows.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from joinedup.access.permit import Permit
from joinedup.fhir.board_row import PersonSaid, PlaceSaid, StaySaid, way_said
from joinedup.fhir.classes import DataClass
from joinedup.fhir.involve import is_statement
from joinedup.fhir.profiles import bed, readiness, spell
from joinedup.fhir.search.extract import is_restricted
from joinedup.record.board import Board, Lying
from joinedup.record.memory_state import State, Version, visible

__all__ = ["found_board"]

Seen = Mapping[str, Version]


def found_board(state: State, permit: Permit, *, hospital: str = "", ward: str = "") -> Board:
    """Return who lies there as far as the permit sees, as `record.board.board` does."""
    seen = visible(state, permit)
    told = visible(state, replace(permit, labels=permit.labels | permit.marks))
    here = dict(_stays(seen, hospital, ward))
    known = dict(_stays(told, hospital, ward))
    hidden = [name for name in known if name not in here and told[f"Encounter/{name}"].label]
    lines = (_line(state, permit, seen, told, stay) for stay in here.values())
    return Board(tuple(lines), len(hidden))


def _stays(seen: Seen, hospital: str, ward: str) -> Iterator[tuple[str, spell.Spell]]:
    for version in seen.values():
        resource = version.resource
        if not spell.is_spell(resource) or resource["status"] not in ("arrived", "in-progress"):
            continue
        stay = spell.read(resource)
        if stay.admitted is None or stay.left or (hospital and stay.hospital != hospital):
            continue
        place = _place(seen, stay.bed.bed if stay.bed else "")
        if not ward or (place is not None and place.ward == ward):
            yield stay.id, stay


def _place(seen: Seen, bed_id: str) -> PlaceSaid | None:
    found = seen.get(f"Location/{bed_id}")
    if found is None or not bed.is_bed(found.resource):
        return None
    kept = bed.read_bed(found.resource)
    return PlaceSaid(kept.id, kept.ward, kept.name, kept.hospital)


def _line(state: State, permit: Permit, seen: Seen, told: Seen, stay: spell.Spell) -> Lying:
    assert stay.admitted
    lies_in = stay.bed.bed if stay.bed else ""
    task = f"Task/{readiness.readiness_id(stay.id)}"
    way, who = seen.get(task), seen.get(stay.person)
    name = stay.person.removeprefix("Patient/")
    return Lying(
        StaySaid(stay.id, stay.hospital, lies_in, stay.admitted),
        way_said(readiness.read(way.resource)) if way else None,
        _person(who.resource) if who and not is_statement(who.resource) else None,
        _place(seen, lies_in),
        way is None and (_is_marked(told, task) or _objects(state, permit, name)),
        who is None and _is_marked(told, stay.person),
    )


def _is_marked(told: Seen, reference: str) -> bool:
    return reference in told and bool(told[reference].label)


def _person(patient: Mapping[str, Any]) -> PersonSaid:
    name = patient["name"][0]
    words = f"{name['given'][0]} {name['family']}"
    return PersonSaid(words, patient.get("birthDate", ""), is_restricted(patient))


def _objects(state: State, permit: Permit, person: str) -> bool:
    """Whether something that this permit knows of stands against showing work of care."""
    now = f"{datetime.now(UTC).isoformat(' ', 'microseconds')[:26]}+00"
    return any(
        stands.classes >> DataClass.WORK & 1
        and not stands.against
        and stands.starts <= now < stands.ends
        for (objecting, party, _), stands in state.objections.items()
        if objecting == person and (party in (0, *permit.parties) or permit.sees_place)
    )
