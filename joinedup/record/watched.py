"""What jobs about access read: the audit behind the seal, who workers are, who trusts whom.

Reads of a job that shows nothing to anybody, so they leave no look of their own; what it stores
does. Each takes the permit of a job of the system, and no other.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.key import resource_key
from joinedup.fhir.types import type_number
from joinedup.fhir.wire import read_resource
from joinedup.record.arrays import numbers
from joinedup.record.change import Stored
from joinedup.record.database import Connection, connection, entered, entering
from joinedup.record.exchange import under
from joinedup.record.rows import CURRENT, stored_from_row

__all__ = [
    "Seen",
    "bodies",
    "kept_of",
    "pointing_at",
    "seen_after",
    "seen_until",
    "stated_of",
    "trusts",
]

_AT_ONCE = 1_000

# In the order of the chain, which stays behind every transaction that still runs: an event can
# neither be passed by nor come in behind.
_SEEN = """
with page as (
    select s.position, e.*
    from record.seal s join record.audit_event e on e.seq = s.seq
    where s.position > %s and e.outcome = 0 and e.person <> 0
      and starts_with(e.worker, 'Practitioner/')
    order by s.position limit %s
)
select p.position, p.at, p.action, p.detail, p.worker, p.name, p.role, p.organisation, n.person,
       p.ground,
       -- To whom this very commit of theirs gives lasting sight, where their own was brief.
       case when p.ground in (10, 11) and n.person = p.person then array(
           select r.party from record.reach r
           join record.version v on v.key = r.key and v.xmin = p.xid::xid
           where r.person = p.person and r.ground between 2 and 9 and v.author = p.worker
       ) else '{}' end
from page p join record.audit_named n on n.seq = p.seq
order by p.position, n.person
"""
_CURRENT = b"""
select h.key, h.person, v.body from record.head h
join record.version v on v.key = h.key and v.version = h.version
"""
_KEPT = CURRENT + b"h.person = (select record.kept(%s)) and h.type = any (%s::int[])"
_OF_KEYS = _CURRENT + b"where h.key = any (%s::bigint[])"


class Seen(Struct, frozen=True, kw_only=True):
    """A worker's event, as the job reads it; `position` is where it stands in the chain."""

    position: int
    at: datetime
    action: str
    detail: str
    worker: str
    name: str
    role: str
    organisation: str
    person: int
    ground: int
    opened_to: tuple[int, ...] = ()
    """Parties to whom it gave lasting sight of a person whom the worker saw only for some hours."""


def seen_until(permit: Permit, reached: int | None = None) -> int:
    """Return how far the job has come along the chain, or write down that it has come so far."""
    with connection() as lent, lent.transaction():
        _enter(lent, permit)
        if reached is not None:
            lent.execute("select record.alerts_reach(%s)", (reached,))
        row = lent.execute("select max(position) from record.alerts_read").fetchone()
    return cast("int", row[0] or 0) if row else 0


def seen_after(permit: Permit, position: int) -> tuple[Sequence[Seen], int]:
    """Return the next events of workers behind a position, and how far that reaches."""
    with connection() as lent, lent.transaction():
        _enter(lent, permit)
        last = lent.execute("select max(position) from record.seal").fetchone()
        rows = lent.execute(_SEEN, (position, _AT_ONCE)).fetchall()
    found = [_seen(row) for row in rows]
    end = cast("int", last[0] or 0) if last else 0
    more = len({seen.position for seen in found}) == _AT_ONCE
    return found, found[-1].position if more else max(end, position)


def _seen(row: tuple[Any, ...]) -> Seen:
    position, at, action, detail, worker, name, role, organisation, person, ground, opened = row
    return Seen(
        position=position,
        at=at,
        action=action,
        detail=detail,
        worker=worker,
        name=name,
        role=role,
        organisation=organisation,
        person=person,
        ground=ground,
        opened_to=tuple(opened),
    )


def bodies(permit: Permit, keys: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return the current resources with these keys, in one trip."""
    _refuse_others(permit)
    with connection() as lent:
        found = under(lent, entering(permit), _OF_KEYS, (numbers(keys),))
    return {cast("int", key): read_resource(str(body)) for key, _, body in found}


def pointing_at(
    permit: Permit, kind: str, targets: Iterable[str]
) -> Sequence[tuple[int, dict[str, Any]]]:
    """Return the resources of a type that refer to any of these, each with whose it is."""
    keys = numbers(resource_key(*target.split("/", 1)) for target in targets)
    asked = (type_number(kind), keys)
    text = (
        "where h.type = %s and h.key in (select r.key from record.reference r"
        " where r.target = any (%s::bigint[]))"
    )
    return _found(permit, text, asked)


def stated_of(
    permit: Permit, kind: str, people: Iterable[int]
) -> Sequence[tuple[int, dict[str, Any]]]:
    """Return the resources of a type that are about any of these people."""
    text = "where h.type = %s and h.person = any (%s::bigint[])"
    return _found(permit, text, (type_number(kind), numbers(people)))


def kept_of(permit: Permit, person_id: str, kinds: Iterable[str]) -> tuple[Stored, ...]:
    """Return the current resources of these types that are about a person, in one trip."""
    _refuse_others(permit)
    asked = (resource_key("Patient", person_id), [type_number(kind) for kind in kinds])
    with connection() as lent:
        rows = under(lent, entering(permit), _KEPT, asked)
    return tuple(stored_from_row(row) for row in rows)


def trusts(permit: Permit) -> Sequence[tuple[int, dict[str, Any]]]:
    """Return every resource that gives a proxy sight, now or once, with whose record it is."""
    return _found(
        permit, "where h.key in (select r.key from record.reach r where r.ground = 13)", ()
    )


def _found(
    permit: Permit, where: str, asked: tuple[Any, ...]
) -> Sequence[tuple[int, dict[str, Any]]]:
    with connection() as lent, lent.transaction():
        _enter(lent, permit)
        rows = lent.execute(_CURRENT + where.encode(), asked).fetchall()
    return [(cast("int", person), read_resource(str(body))) for _, person, body in rows]


def _enter(lent: Connection, permit: Permit) -> None:
    _refuse_others(permit)
    entered(lent, permit)


def _refuse_others(permit: Permit) -> None:
    if permit.role is not Role.SYSTEM:
        raise NotPermitted("This is read by a job of the place, and by nobody else.")
