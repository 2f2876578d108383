"""Commits to the record in memory: what becomes of each change, and why one is refused.

Nothing here changes a state: a commit returns a new one, so there is nothing to undo.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from msgspec.structs import replace

from joinedup.access.guard import refuse_unguarded
from joinedup.access.permit import Permit
from joinedup.access.restrictions import shown
from joinedup.access.words import Ground, Power, Role
from joinedup.fhir import classes, involve, relationships
from joinedup.fhir.classes import NAMES_NOBODY
from joinedup.fhir.issue import (
    Conflict,
    Gone,
    Invalid,
    NotFound,
    NotPermitted,
    SeveralMatches,
    Stale,
    Unprocessable,
)
from joinedup.fhir.key import resource_key
from joinedup.fhir.search.extract import index_rows, is_restricted
from joinedup.fhir.search.period import bounds
from joinedup.fhir.wire import read_resource, write_resource
from joinedup.fhir.withholding import with_label, withheld_for
from joinedup.record.change import (
    Change,
    Create,
    Delete,
    MatchAppeared,
    Outcome,
    Put,
    Source,
    Stored,
    Update,
)
from joinedup.record.memory_search import found_page
from joinedup.record.memory_state import (
    Given,
    State,
    Version,
    changes,
    last,
    main_date,
    restrict,
    sees,
    visible,
)

__all__ = ["committed"]

_RECORDED_IN = ("recordedDate", "issued", "recorded", "authoredOn", "dateAsserted", "authored")

Action = Literal["created", "updated", "unchanged", "deleted"]
Settled = tuple[Action, Version | Stored]


def committed(
    state: State, permit: Permit, changes: Sequence[Change], now: datetime, *, keeps_dangling: bool
) -> tuple[State, tuple[Outcome, ...]]:
    """Return the record with all the changes in it and what became of each, or refuse."""
    if not permit.may_write:
        raise NotPermitted(f"The role {permit.role.value} may read but not change the record.")
    _refuse_twice(changes)
    settled = [_settle(state, permit, change, now) for change in changes]
    made = [version for _, version in settled if isinstance(version, Version)]
    _refuse_sight_unguarded(state, permit, made)
    _refuse_orphans(visible(state, permit), made)
    if made and not keeps_dangling:
        _refuse_dangling(state, permit, made)
    if permit.role is not Role.SYSTEM:
        _refuse_named(state, made)
    after = _written(state, permit, made)
    return after, tuple(
        Outcome(action, _kept(after, said).stored if isinstance(said, Version) else said)
        for action, said in settled
    )


def _refuse_sight_unguarded(state: State, permit: Permit, made: Sequence[Version]) -> None:
    seen = visible(state, permit)
    for version in made:
        before = seen.get(version.stored.reference)
        person = seen.get(f"Patient/{next(iter(version.people), '')}")
        refuse_unguarded(
            permit,
            before.resource if before else None,
            None if version.stored.deleted else version.resource,
            now=datetime.now(UTC),
            restricted=person is not None and is_restricted(person.resource),
        )


def _kept(state: State, version: Version) -> Version:
    return state.versions[version.stored.reference][version.stored.version - 1]


def _refuse_twice(changes: Sequence[Change]) -> None:
    names = [name for name in map(_name, changes) if not name.endswith("/None")]
    if len(set(names)) < len(names):
        raise Invalid("A resource is changed twice in one transaction. Change it once.")


def _name(change: Change) -> str:
    if isinstance(change, Delete):
        return f"{change.type}/{change.id}"
    identity = change.id if isinstance(change, Create) else change.resource["id"]
    return f"{change.resource['resourceType']}/{identity}"


def _settle(state: State, permit: Permit, change: Change, now: datetime) -> Settled:
    match change:
        case Create():
            return _create(state, permit, change, now)
        case Delete(type=kind, id=resource_id, version=version):
            stands = _standing(state, permit, f"{kind}/{resource_id}", version)
            _refuse_subsetted(permit, stands)
            return "deleted", _deletion(permit, stands, now)
        case Update(resource=resource, version=version, source=source):
            stands = _standing(state, permit, _name(change), version)
            _refuse_subsetted(permit, stands)
            if not permit.may(Power.RELEASE_RECORD):
                resource = _still_withheld(stands.stored, resource)
            return "updated", _version(
                permit, resource, stands.stored.id, version + 1, now, source=source
            )
        case Put(resource=resource, source=source):
            before = visible(state, permit).get(_name(change))
            ended = last(state, _name(change))
            if before is None and ended and ended.stored.deleted and sees(state, permit, ended):
                raise Gone(f"{_name(change)} was deleted here, and is not brought back.")
            if before is None:
                return _create(state, permit, Create(resource, resource["id"], source), now)
            at = before.stored
            resource = _still_withheld(at, resource)
            if at.body == _text(resource, at.id, at.version, at.updated):
                return "unchanged", at
            return "updated", _version(permit, resource, at.id, at.version + 1, now, source=source)


def _still_withheld(before: Stored, resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is kept from the person stays so, whoever writes it again without knowing."""
    code = withheld_for(before.resource)
    return with_label(resource, code) if code and not withheld_for(resource) else resource


def _create(state: State, permit: Permit, change: Create, now: datetime) -> Settled:
    if change.if_none_exist is not None:
        found = found_page(visible(state, permit), replace(change.if_none_exist, count=2)).entries
        if len(found) > 1:
            raise SeveralMatches("More than one resource fits the condition.")
        if found and change.must_be_new:
            raise MatchAppeared
        if found:
            return "unchanged", found[0]
    identity = change.id or str(uuid4())
    return "created", _version(permit, change.resource, identity, 1, now, source=change.source)


def _standing(state: State, permit: Permit, reference: str, version: int | None) -> Version:
    ended = last(state, reference)
    if ended is None or not sees(state, permit, ended):
        raise NotFound(f"There is no {reference} that you can see.")
    if ended.stored.deleted:
        raise Gone(f"{reference} was deleted.")
    if version is not None and ended.stored.version != version:
        raise Stale(f"{reference} is at version {ended.stored.version}, you saw {version}.")
    return ended


def _refuse_subsetted(permit: Permit, stands: Version) -> None:
    if shown(permit, stands.stored) is not stands.stored:
        raise NotPermitted("You were shown a part of this, so you cannot save or delete it.")


def _version(
    permit: Permit,
    resource: Mapping[str, Any],
    resource_id: str,
    version: int,
    now: datetime,
    *,
    source: Source | None,
) -> Version:
    body = _text(resource, resource_id, version, now)
    whole = read_resource(body)
    rows = index_rows(whole)
    said = source or Source(permit.organisation, permit.worker, permit.role.value)
    happened = bounds(said.happened)[0] if said.happened else main_date(whole, rows)
    recorded = said.recorded or next((whole[n] for n in _RECORDED_IN if n in whole), None)
    people = involve.involved(whole, body)
    named = tuple(p for p in (people.person, *people.others) if p)
    return Version(
        Stored(
            type=whole["resourceType"],
            id=resource_id,
            version=version,
            body=body,
            updated=now,
            deleted=False,
            source=said.organisation,
            author=said.author,
            role=said.role,
            happened=_moment(happened),
            recorded=(_moment(bounds(recorded)[0]) if recorded else None) or now,
            received=now,
        ),
        whole,
        rows,
        named,
        classes.class_of(whole, names_somebody=bool(named)) or 0,
        classes.label_of(whole),
    )


def _deletion(permit: Permit, ended: Version, now: datetime) -> Version:
    at = ended.stored
    marker = {"resourceType": at.type}
    return replace(
        ended,
        stored=replace(
            at,
            version=at.version + 1,
            body=_text(marker, at.id, at.version + 1, now),
            updated=now,
            deleted=True,
            source=permit.organisation,
            author=permit.worker,
            role=permit.role.value,
            happened=_moment(main_date(ended.resource, ended.rows)),
            recorded=now,
            received=now,
        ),
    )


def _text(resource: Mapping[str, Any], resource_id: str, version: int, updated: datetime) -> str:
    told = dict(resource.get("meta", {}))
    told["versionId"] = str(version)
    told["lastUpdated"] = updated.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    first = {"resourceType": resource["resourceType"], "id": resource_id, "meta": told}
    return write_resource(first | {k: v for k, v in resource.items() if k not in first})


def _moment(text: str) -> datetime | None:
    return None if text.endswith("infinity") else datetime.fromisoformat(text)


def _refuse_orphans(seen: Mapping[str, Version], made: Sequence[Version]) -> None:
    """Refuse to delete a person of whom something is still kept."""
    gone = {v.stored.reference for v in made if v.stored.deleted}
    for reference, version in seen.items():
        if reference not in gone and f"Patient/{next(iter(version.people), '')}" in gone:
            raise Unprocessable("There are still entries about this person.")


def _refuse_dangling(state: State, permit: Permit, made: Sequence[Version]) -> None:
    kept = [v for v in made if not v.stored.deleted]
    ended = {v.stored.reference for v in made if v.stored.deleted}
    known = (set(visible(state, permit)) | {v.stored.reference for v in kept}) - ended
    for version in kept:
        for reference in involve.references_in(version.stored.body):
            if reference not in known:
                raise Unprocessable(f"{reference} is not in the record.")
    for version in made:
        if not version.people and version.data_class not in NAMES_NOBODY:
            raise Unprocessable(f"A {version.stored.type} must name the person it is about.")


def _refuse_named(state: State, made: Sequence[Version]) -> None:
    """Refuse somebody new whom anything stored ever named: it would come to light with them."""
    for version in made:
        identity = version.stored.id
        if (version.stored.type, version.stored.version) != ("Patient", 1):
            continue
        named = (identity in v.people for past in state.versions.values() for v in past)
        if version.people[0] == identity and any(named):
            raise Conflict("This id is taken in the record.")


def _written(state: State, permit: Permit, made: Sequence[Version]) -> State:
    """Return the record with the new versions in it, or refuse."""
    state = State(dict(state.versions), dict(state.reach), dict(state.objections))
    for version in made:
        at = version.stored
        new = at.type == "Patient" and at.version == 1 and version.people[0] == at.id
        if new and permit.role is not Role.SYSTEM:
            party = resource_key("Organization", permit.organisation)
            times = (at.received.astimezone(UTC), at.received.astimezone(UTC) + timedelta(days=28))
            starts, ends = (f"{t.isoformat(' ', 'microseconds')[:26]}+00" for t in times)
            given = Given(Ground.NEW_PERSON, 0, starts, ends)
            state.reach.setdefault((at.id, party, ""), given)
    for version in made:
        reference = version.stored.reference
        if not changes(state, permit, version):
            raise Unprocessable("This names a person who is not one you help to care for.")
        if len(state.versions.get(reference, ())) != version.stored.version - 1:
            raise Conflict("This id is taken in the record.")
        state.versions[reference] = (*state.versions.get(reference, ()), version)
    _refuse_claimed_twice(state)
    for version in made:
        _keep_reach(state, version)
    restrict(state)
    return state


def _refuse_claimed_twice(state: State) -> None:
    held: set[str] = set()
    for versions in state.versions.values():
        if versions[-1].stored.deleted:
            continue
        for claim in involve.claims(versions[-1].resource):
            if claim in held:
                raise Conflict("Another record already holds this NHS number.")
            held.add(claim)


def _keep_reach(state: State, version: Version) -> None:
    by = version.stored.reference
    for row in [row for row in state.reach if row[2] == by]:
        del state.reach[row]
    for row in [row for row in state.objections if row[2] == by]:
        del state.objections[row]
    if version.stored.deleted or not version.people:
        return
    person = version.people[0]
    for given in relationships.reach(version.resource, resource_key("Patient", person)):
        held = Given(given.ground, given.withheld, given.starts, _index_time(given.ends))
        state.reach.setdefault((person, given.party, by), held)
    for stands in relationships.objections(version.resource, 0):
        held_back = replace(stands, ends=_index_time(stands.ends))
        state.objections.setdefault((person, stands.party, by), held_back)


def _index_time(text: str) -> str:
    """Write an end as index times are, so that texts compare as times do."""
    return text if text == "infinity" else bounds(text.replace(" ", "T"))[0]
