"""What the record in memory holds, and who sees which of it.

A version keeps its people by name; sight is worked out from `fhir.involve` each time it is asked.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from joinedup.access.permit import Permit
from joinedup.access.words import Ground
from joinedup.fhir.classes import NAMES_NOBODY
from joinedup.fhir.involve import is_statement
from joinedup.fhir.key import resource_key
from joinedup.fhir.relationships import Objection
from joinedup.fhir.search.extract import IndexRows, index_rows, is_restricted
from joinedup.fhir.search.period import BEGINNING
from joinedup.fhir.search.served import HEAD_WHEN
from joinedup.record.change import Stored

__all__ = [
    "Given",
    "State",
    "Version",
    "changes",
    "last",
    "main_date",
    "restrict",
    "restricted_people",
    "sees",
    "visible",
]


class Version(Struct, frozen=True):
    """One version with what decides who sees it; a deletion keeps the people of what it ended."""

    stored: Stored
    resource: dict[str, Any]
    rows: IndexRows
    people: tuple[str, ...]
    data_class: int
    label: int

    @property
    def key(self) -> int:
        """The key that ends a tie in every order."""
        return resource_key(self.stored.type, self.stored.id)


class Given(Struct, frozen=True):
    """One relationship, with its times as index times."""

    ground: int
    withheld: int
    starts: str
    ends: str


class State(Struct):
    """Every version of each `Type/id`, who has whom in care, and what people object to.

    `reach` is (person id, party, `Type/id` that says so, "" for having entered somebody new);
    `objections` is what stands, by (person id, party or 0, `Type/id`).
    """

    versions: dict[str, tuple[Version, ...]]
    reach: dict[tuple[str, int, str], Given]
    objections: dict[tuple[str, int, str], Objection]


def last(state: State, reference: str) -> Version | None:
    """Return the last version of `Type/id`, seen or not."""
    versions = state.versions.get(reference)
    return versions[-1] if versions else None


def visible(state: State, permit: Permit) -> dict[str, Version]:
    """Return every current resource that the permit sees, by `Type/id`."""
    return {
        reference: versions[-1]
        for reference, versions in state.versions.items()
        if not versions[-1].stored.deleted and sees(state, permit, versions[-1])
    }


def sees(state: State, permit: Permit, version: Version) -> bool:
    """Whether the permit sees a version: its class, its labels, and all the people it names."""
    return _may(state, permit, version, permit.sees)


def changes(state: State, permit: Permit, version: Version) -> bool:
    """Whether the permit may write a version."""
    return _may(state, permit, version, permit.changes)


def _may(state: State, permit: Permit, version: Version, masks: tuple[int, ...]) -> bool:
    bit = 1 << version.data_class
    if version.label & ~permit.labels:
        return False
    if masks[Ground.PLACE] & bit:
        return True
    if not version.people:
        nobodys = version.data_class in NAMES_NOBODY
        return nobodys and bool(masks[Ground.NONE] & bit)
    return all(_reaches(state, permit, person, bit, masks) for person in version.people)


def _reaches(state: State, permit: Permit, person: str, bit: int, masks: tuple[int, ...]) -> bool:
    now = f"{datetime.now(UTC).isoformat(' ', 'microseconds')[:26]}+00"
    standing = [
        stands
        for (objecting, party, _), stands in state.objections.items()
        if objecting == person and party in (0, *permit.parties)
        if stands.classes & bit and stands.starts <= now < stands.ends
    ]
    for (reached, party, _), given in state.reach.items():
        if reached != person or party not in permit.parties:
            continue
        if permit.within and resource_key("Patient", person) != permit.within:
            continue
        if not given.starts <= now < given.ends or not masks[given.ground] & ~given.withheld & bit:
            continue
        if not _objected(standing, party, given):
            return True
    return False


def _objected(standing: list[Objection], party: int, given: Given) -> bool:
    """Whether an objection that stands closes the class it is about to this relationship."""
    if given.ground == Ground.PROXY:
        return any(s.against == Ground.PROXY and s.party in (0, party) for s in standing)
    if given.ground in (Ground.BREAK_GLASS, Ground.SELF):
        return False
    in_care = [s for s in standing if not s.against]
    if given.ground == Ground.PERMISSION:
        return any(s.said > given.starts for s in in_care)
    return any(s.party or given.ground != Ground.REGISTERED for s in in_care)


def main_date(resource: Mapping[str, Any], rows: IndexRows) -> str:
    """Return when a resource was true: the first of its type's main dates that it has."""
    for slot in HEAD_WHEN.get(resource["resourceType"], ()):
        for row_slot, low, _ in rows.dates:
            if row_slot == slot:
                return low
    return BEGINNING


def restricted_people(state: State) -> set[str]:
    """Return who is restricted now, as `Patient/id`."""
    return {
        f"Patient/{living[-1].stored.id}"
        for reference, versions in state.versions.items()
        if reference.startswith("Patient/")
        if (living := [v for v in versions if not v.stored.deleted])
        if is_restricted(living[-1].resource)
    }


def restrict(state: State) -> None:
    """Withhold what is stated about everybody who is restricted now, and give back the rest."""
    restricted = restricted_people(state)
    for reference, versions in state.versions.items():
        if reference.startswith("Patient/"):
            state.versions[reference] = tuple(_restricted(v, restricted) for v in versions)


def _restricted(version: Version, restricted: set[str]) -> Version:
    if not is_statement(version.resource):
        return version
    under = f"Patient/{version.people[0]}" in restricted
    return replace(
        version,
        stored=replace(version.stored, restricted=under),
        rows=index_rows(version.resource, restricted=under),
    )
