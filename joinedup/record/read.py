"""Reading the record by name: one resource, one version, a history, everything of one person."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Gone, Invalid, NotFound
from joinedup.fhir.key import resource_key
from joinedup.fhir.types import type_number
from joinedup.record.change import Page, Stored
from joinedup.record.database import (
    connection,
    entered,
    entering,
    presented,
    settings_of,
    traced,
)
from joinedup.record.exchange import answer_of, under
from joinedup.record.rows import PAST_COLUMNS, VERSION_COLUMNS, stored_from_row
from joinedup.record.trace import leaving_trace, trace, trace_arguments

__all__ = ["everything", "history", "last_look", "read", "told", "vread"]

_READ_FROM = b" from record.read(" + b", ".join([b"%s"] * 15) + b") v"
_READ = b"select " + VERSION_COLUMNS + _READ_FROM
_READ_PAST = b"select " + PAST_COLUMNS + _READ_FROM


# Shared resources (class 1) that merely mention the person are not the person's record. Where the
# person is not seen there is no row at all; where nothing fits, one without a version. One more
# than the page holds is looked for: its people are not named.
_WANTED = (
    b" and (%s::bigint is null or h.key > %s) and (%s::timestamptz is null or h.updated >= %s)"
    b" and (%s::int[] is null or h.type = any (%s::int[]))"
)
_HEAD = b"select h.key, h.version, h.person, h.others from record."
_EVERYTHING = (
    b"with seen as materialized (select from record.head h where h.key = %s),"
    b" page as materialized (select w.*, row_number() over (order by w.key) as place from ("
    + _HEAD
    + b"head h where h.person = (select record.kept(%s))"
    + _WANTED
    + b" union "
    + _HEAD
    + b"reference r join record.head h on h.key = r.key"
    b" where r.target = any ((select record.same(%s))::bigint[]) and h.class <> 1"
    + _WANTED
    # One organisation's statement of a person is kept under that person, not under itself.
    + b" union "
    + _HEAD
    + b"head h where h.key = %s"
    + _WANTED
    + b" order by key limit %s) w),"
    b" named as (select record.kept(%s) as person, 0::bigint as place union all"
    b" select u.person, min(g.place) from page g, unnest(g.others) u (person)"
    b" where g.place <= %s and u.person not in (0, -1, (select record.kept(%s)))"
    b" group by u.person), "
    + leaving_trace(b"exists (select from seen)")
    + b" select p.key, "
    + VERSION_COLUMNS
    + b" from seen left join page p on true"
    b" left join record.version v on v.key = p.key and v.version = p.version order by p.place"
)


def read(permit: Permit, kind: str, resource_id: str) -> Stored:
    """Return the current version. Raises NotFound (absent or hidden, the same) or Gone."""
    stored = _read(permit, kind, resource_id, 0)
    if stored.deleted:
        raise Gone(f"{kind}/{resource_id} was deleted. Its history can still be read.")
    return stored


def vread(permit: Permit, kind: str, resource_id: str, version: int) -> Stored:
    """Return one version. Raises NotFound, or Gone where that version is the deletion."""
    stored = _read(permit, kind, resource_id, version)
    if stored.deleted:
        raise Gone(f"Version {version} of {kind}/{resource_id} is its deletion.")
    return stored


def told(permit: Permit, key: int, version: int) -> Stored:
    """Return the version with this key, of which a Provenance speaks; NotFound where unseen."""
    stored = _version(permit, key, version)
    if stored is None:
        raise NotFound("There is no such Provenance that you can see.")
    return stored


def _read(permit: Permit, kind: str, resource_id: str, version: int) -> Stored:
    stored = _version(permit, resource_key(kind, resource_id), version)
    if stored is None:
        raise NotFound(f"There is no {kind}/{resource_id} that you can see.")
    return stored


def _version(permit: Permit, key: int, version: int) -> Stored | None:
    with connection() as lent:
        asked = (*settings_of(permit), *traced(permit), key, version, *presented(permit))
        rows = answer_of(lent, _READ_PAST if version else _READ, asked)
    return stored_from_row(rows[0]) if rows else None


def history(
    permit: Permit, kind: str, resource_id: str, *, count: int = 100, cursor: str | None = None
) -> Page:
    """Return versions of one resource, newest first; what is hidden today shows no history."""
    before = _number(cursor) if cursor else 2**31 - 1
    key = resource_key(kind, resource_id)
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        rows = lent.execute(
            b"select " + PAST_COLUMNS + b", v.person, v.others from record.version v"
            b" where v.key = %s and v.version < %s and (exists (select from record.head h"
            b" where h.key = v.key) or exists (select from record.version g"
            b" where g.key = v.key and g.deleted)) order by v.version desc limit %s",
            (key, before, count + 1),
        ).fetchall()
        people = {p for r in rows for p in (cast(int, r[-2]), *cast("Sequence[int]", r[-1] or ()))}
        trace(lent, permit, "history", people=people, key=key)
    if not rows and cursor is None:
        raise NotFound(f"There is no {kind}/{resource_id} that you can see.")
    entries = tuple(stored_from_row(r) for r in rows[:count])
    return Page(entries, next_cursor=str(entries[-1].version) if len(rows) > count else None)


def _number(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise Invalid("This _cursor does not belong to this history. Start again without it.")
    return int(cursor)


def everything(
    permit: Permit,
    person_id: str,
    *,
    types: Sequence[str] = (),
    since: datetime | None = None,
    count: int | None = None,
    cursor: str | None = None,
    detail: str = "",
) -> Page:
    """Return the person, then all that names them, in key order; `count` None for all at once.

    That is the master Patient, each organisation's own statement of the person, and every resource
    of the person's compartment that the permit sees; of a Patient that was joined to another, all
    of that one's. Raises NotFound when the Patient is not seen.
    """
    person = resource_key("Patient", person_id)
    after = _key(cursor) if cursor else None
    limit = count or 1_000_000
    kinds = [type_number(t) for t in types] or None
    wanted = (person, after, after, since, since, kinds, kinds)
    left = trace_arguments(permit, "everything", key=person, detail=detail)
    arguments = (person, *wanted * 3, limit + 1, person, limit, person, *left)
    with connection() as lent:
        rows = under(lent, entering(permit), _EVERYTHING, arguments)
    if not rows:
        raise NotFound(f"There is no Patient/{person_id} that you can see.")
    found = [r for r in rows if r[1] is not None]
    kept = found[:limit]
    return Page(
        tuple(stored_from_row(r[1:]) for r in kept),
        next_cursor=str(kept[-1][0]) if len(found) > limit else None,
    )


def _key(cursor: str) -> int:
    try:
        key = int(cursor)
    except ValueError:
        key = 2**63
    if abs(key) >= 2**63:
        raise Invalid("This _cursor does not belong to this record. Start again without it.")
    return key


def last_look(permit: Permit, person_id: str, before: datetime) -> datetime | None:
    """Return when this worker last opened the whole record of the person, before a moment.

    A look at part of it for another page, which says so by its `detail`, is none of these.
    """
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        row = lent.execute(
            "select max(e.at) from record.audit_event e"
            " where e.person = any ((select record.same(%s))::bigint[]) and e.action = 'everything'"
            " and e.worker = %s and e.at < %s and coalesce(e.detail, '') = ''",
            (resource_key("Patient", person_id), permit.worker, before),
        ).fetchone()
    return cast("datetime | None", row[0]) if row else None
