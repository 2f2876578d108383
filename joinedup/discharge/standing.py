"""How somebody in hospital stands now, to be changed: their stay, its Task, and the version seen.

The Task is made by the first who changes anything; two who do at once are told apart by its id.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.issue import Conflict, NotFound, Stale, Unprocessable
from joinedup.fhir.profiles import readiness as profile
from joinedup.fhir.profiles import spell as spells
from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.profiles.readiness import Readiness, readiness_id
from joinedup.fhir.profiles.spell import Spell
from joinedup.record import Change, Create, Stored, Update

__all__ = [
    "STALE",
    "Seen",
    "Standing",
    "as_before",
    "fresh",
    "keep",
    "labels_of",
    "saved",
    "seen_now",
    "standing_of",
]

Resource = dict[str, Any]
_OWN = f"{PLACE}/StructureDefinition/readiness-"
STALE = "Somebody changed this while you were reading. Look at what stands now, then save again."


class Seen(Struct, frozen=True):
    """Which stay a page showed, and which version of how it stands; 0: nothing was written yet."""

    spell: str
    version: int


class Standing(Struct, frozen=True, kw_only=True):
    """A stay as the record holds it, and how its person stands; `version` 0: not written yet.

    `encounter` and `task` are the resources as they stand, `task` empty where there is none.
    """

    spell: Spell
    encounter: Mapping[str, Any]
    encounter_version: int
    readiness: Readiness
    version: int
    task: Mapping[str, Any] = {}

    def labelled(self, resource: Mapping[str, Any]) -> Resource:
        """Return a new resource about this stay under the labels of its Task, or of the stay."""
        labels = labels_of(self.task or self.encounter)
        return {**resource, "meta": {"security": labels}} if labels else {**resource}


def standing_of(permit: Permit, spell_id: str) -> Standing:
    """Return how a stay stands; NotFound for none that the permit sees, and for another contact."""
    stay = record.read(permit, "Encounter", spell_id)
    if not spells.is_spell(stay.resource):
        raise NotFound(f"There is no stay {spell_id} that you can see.")
    here = spells.read(stay.resource)
    try:
        task = record.read(permit, "Task", readiness_id(spell_id))
    except NotFound:
        task = None
    return Standing(
        spell=here,
        encounter=stay.resource,
        encounter_version=stay.version,
        readiness=profile.read(task.resource) if task else fresh(here),
        version=task.version if task else 0,
        task=task.resource if task else {},
    )


def seen_now(permit: Permit, seen: Seen) -> Standing:
    """Return how a stay stands where nobody changed it since it was seen; Stale where somebody did.

    Unprocessable for somebody who has not come in yet.
    """
    standing = standing_of(permit, seen.spell)
    if standing.version != seen.version:
        raise Stale(STALE)
    return standing


def fresh(here: Spell) -> Readiness:
    """Return how somebody stands of whom nothing was written; Unprocessable before they came in."""
    if here.admitted is None:
        raise Unprocessable("They have not come in yet: nothing is arranged for going home.")
    return Readiness(
        person=here.person, spell=here.id, hospital=here.hospital, admitted=here.admitted
    )


def labels_of(resource: Mapping[str, Any]) -> list[Any]:
    """Return the labels a resource carries, as `meta.security` has them."""
    return list(resource.get("meta", {}).get("security", ()))


def as_before(before: Mapping[str, Any], after: Mapping[str, Any]) -> Resource:
    """Return a resource built anew with the labels of the one it follows."""
    labels = labels_of(before)
    return {**after, "meta": {"security": labels}} if labels else {**after}


def saved(standing: Standing, readiness: Readiness) -> Change:
    """Return the change that stores how somebody stands now; marks of others on the Task stay."""
    resource = standing.labelled(profile.build(readiness))
    marks = [
        e for e in standing.task.get("extension", ()) if not str(e.get("url")).startswith(_OWN)
    ]
    if marks:
        resource["extension"] = [*resource.get("extension", ()), *marks]
    if standing.version:
        return Update(resource, standing.version)
    return Create(resource, readiness.id)


def keep(
    permit: Permit,
    standing: Standing,
    readiness: Readiness,
    *,
    action: str,
    also: Sequence[Change] = (),
) -> Stored:
    """Store how somebody stands, and what belongs to it, in one commit; return the Task.

    Raises Stale where somebody else wrote meanwhile, whichever came first, and as `commit`.
    """
    changes = [saved(standing, readiness), *also]
    try:
        return record.commit(permit, changes, action=action).stored[0]
    except Conflict as taken:
        if standing.version == 0 and taken.problems[0].path == "":
            raise Stale(STALE) from taken
        raise
