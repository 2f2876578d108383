"""Settling changes against what stands: which version each makes, or why it is refused.

Runs inside the transaction of a commit, under the permit's own sight: what is hidden counts as
absent, so a refusal never tells that something exists.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, cast
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import replace

from joinedup.access.permit import Permit
from joinedup.access.restrictions import shown
from joinedup.access.words import Power
from joinedup.fhir.issue import Gone, Invalid, NotFound, NotPermitted, SeveralMatches, Stale
from joinedup.fhir.key import resource_key
from joinedup.fhir.withholding import keeping_withheld
from joinedup.record.arrays import numbers
from joinedup.record.change import (
    Change,
    Create,
    Delete,
    MatchAppeared,
    Put,
    Source,
    Stored,
    Update,
)
from joinedup.record.database import Connection
from joinedup.record.merge_texts import carried
from joinedup.record.prepare import Prepared, instant, prepare, stored_text
from joinedup.record.rows import CURRENT, stored_from_row
from joinedup.record.search import matching

__all__ = ["Settled", "settle"]

_REPLACES = '"replaces"'
"""In the text of a Patient that another was joined to; few others have it."""

Action = Literal["created", "updated", "unchanged", "deleted"]


class Settled(Struct, frozen=True):
    """One change, settled: `prepared` is None when there is nothing to write.

    `stood` is the text that it replaces; "" for what is new.
    """

    action: Action
    stored: Stored
    prepared: Prepared | None
    stood: str = ""


def settle(
    lent: Connection, permit: Permit, changes: Sequence[Change], now: datetime
) -> list[Settled]:
    """Return every change settled, in order; raises the refusal of the first that cannot be."""
    _refuse_twice(changes)
    current = _current(lent, changes)
    _refuse_gone(lent, changes, current)
    return [_settle_one(lent, permit, change, current, now) for change in changes]


def _named(change: Change) -> tuple[str, str] | None:
    match change:
        case Delete(type=kind, id=resource_id):
            return kind, resource_id
        case Update(resource=resource) | Put(resource=resource):
            return resource["resourceType"], resource["id"]
        case Create(resource=resource, id=str(resource_id)):
            return resource["resourceType"], resource_id
        case _:
            return None


def _refuse_twice(changes: Sequence[Change]) -> None:
    seen: set[tuple[str, str]] = set()
    for change in changes:
        if name := _named(change):
            if name in seen:
                raise Invalid(
                    f"{name[0]}/{name[1]} is changed twice in one transaction. Change it once."
                )
            seen.add(name)


def _current(lent: Connection, changes: Sequence[Change]) -> dict[int, Stored]:
    """Return the versions now current of what is to be changed, as far as the permit sees."""
    keys = [
        resource_key(*name)
        for change in changes
        if not isinstance(change, Create) and (name := _named(change))
    ]
    if not keys:
        return {}
    rows = lent.execute(
        CURRENT + b"h.key = any (%s::bigint[])",
        (numbers(keys),),
    ).fetchall()
    return {resource_key(s.type, s.id): s for s in map(stored_from_row, rows)}


def _refuse_gone(
    lent: Connection, changes: Sequence[Change], current: Mapping[int, Stored]
) -> None:
    """Refuse to put what was deleted here: an import must not undo what somebody decided."""
    absent = {
        key: name
        for change in changes
        if isinstance(change, Put) and (name := _named(change))
        if (key := resource_key(*name)) not in current
    }
    if not absent:
        return
    rows = lent.execute(
        "select key from record.version where key = any (%s::bigint[]) and deleted",
        (numbers(absent),),
    ).fetchall()
    gone = tuple("/".join(absent[cast("int", key)]) for (key,) in rows)
    if gone:
        raise Gone(
            *(
                f"{name} was deleted here, and is not brought back. Leave it out; if it is wanted "
                "again, send it under another id."
                for name in gone
            ),
            references=gone,
        )


def _settle_one(
    lent: Connection,
    permit: Permit,
    change: Change,
    current: Mapping[int, Stored],
    now: datetime,
) -> Settled:
    match change:
        case Create():
            return _create(lent, permit, change, now)
        case Put(resource=resource, source=source, derived=derived):
            stands = current.get(resource_key(resource["resourceType"], resource["id"]))
            if stands is None:
                prepared = prepare(
                    permit, resource, resource["id"], 1, now, source=source, derived=derived
                )
                return Settled("created", prepared.stored, prepared)
            resource = keeping_withheld(stands.body, resource)
            if stands.type == "Patient" and _REPLACES in stands.body:
                resource, derived = carried(stands.resource, resource, whole=True), None
            said = stored_text(resource, stands.id, stands.version, stands.updated)
            if stands.body == said:
                return Settled("unchanged", stands, None)
            prepared = prepare(permit, resource, stands.id, stands.version + 1, now, source=source)
            return Settled("updated", prepared.stored, prepared, stands.body)
        case Update(resource=resource, version=version, source=source):
            stands = _expect(lent, current, resource["resourceType"], resource["id"], version)
            _refuse_subsetted(permit, stands)
            if not permit.may(Power.RELEASE_RECORD):
                resource = keeping_withheld(stands.body, resource)
            if stands.type == "Patient" and _REPLACES in stands.body:
                resource = carried(stands.resource, resource, whole=False)
            prepared = prepare(permit, resource, stands.id, version + 1, now, source=source)
            return Settled("updated", prepared.stored, prepared, stands.body)
        case Delete(type=kind, id=resource_id, version=version):
            stands = _expect(lent, current, kind, resource_id, version)
            _refuse_subsetted(permit, stands)
            return _delete(permit, stands, now)


def _create(lent: Connection, permit: Permit, change: Create, now: datetime) -> Settled:
    if change.if_none_exist is not None:
        found = matching(lent, change.if_none_exist, limit=2)
        if len(found) > 1:
            raise SeveralMatches(
                "More than one resource fits the condition, so none was created. Make it narrower."
            )
        if found and change.must_be_new:
            raise MatchAppeared
        if found:
            return Settled("unchanged", found[0], None)
    prepared = prepare(
        permit, change.resource, change.id or str(uuid4()), 1, now, source=change.source
    )
    return Settled("created", prepared.stored, prepared)


def _expect(
    lent: Connection,
    current: Mapping[int, Stored],
    kind: str,
    resource_id: str,
    version: int | None,
) -> Stored:
    key = resource_key(kind, resource_id)
    stands = current.get(key)
    if stands is None:
        gone = lent.execute(
            "select 1 from record.version where key = %s and deleted", (key,)
        ).fetchone()
        if gone:
            raise Gone(f"{kind}/{resource_id} was deleted. Its history can still be read.")
        raise NotFound(f"There is no {kind}/{resource_id} that you can see.")
    if version is not None and stands.version != version:
        raise Stale(
            f"{kind}/{resource_id} was changed by somebody else: you saw version {version}, "
            f"it is now at version {stands.version}. Read it again and repeat your change."
        )
    return stands


def _refuse_subsetted(permit: Permit, stands: Stored) -> None:
    """Who was shown a part cannot save the whole: what was withheld would be lost."""
    if shown(permit, stands) is not stands:
        raise NotPermitted(
            "This person's record is restricted and you were shown a part of it, so you cannot "
            "save or delete it. Ask your privacy officer."
        )


def _delete(permit: Permit, stands: Stored, now: datetime) -> Settled:
    """The last version: a bare marker that stays under the locks of what it ends."""
    said = Source(permit.organisation, permit.worker, permit.role.value, recorded=instant(now))
    whole = prepare(permit, stands.resource, stands.id, stands.version + 1, now, source=said)
    marker: dict[str, Any] = {"resourceType": stands.type, "meta": {}}
    body = stored_text(marker, stands.id, stands.version + 1, now)
    stored = replace(whole.stored, body=body, deleted=True)
    return Settled("deleted", stored, replace(whole, stored=stored))
