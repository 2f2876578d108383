"""The record as a request may use it: what an app's scopes leave out is refused or not found.

Everything the API does with the record goes through here (a test holds it to that). Whoever comes
without scopes passes; the policy and row security decide alone. An app has both, and its scopes.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from joinedup import record
from joinedup.access.apps import everywhere
from joinedup.access.permit import Permit
from joinedup.access.scopes import Right, Scope, clauses_of, right
from joinedup.access.words import Role
from joinedup.discharge import outside
from joinedup.fhir.issue import NotFound, NotPermitted, Refusal, SignInNeeded
from joinedup.fhir.search.clause import Chain, Clause, Either, Ids, Include, Query
from joinedup.fhir.search.served import SERVED
from joinedup.record import (
    Change,
    Committed,
    Create,
    Delete,
    MatchAppeared,
    Outcome,
    Page,
    Stored,
    Update,
)
from joinedup.record.sight import reached
from joinedup.web.clock import now

__all__ = [
    "Change",
    "Committed",
    "Create",
    "Delete",
    "MatchAppeared",
    "Outcome",
    "Page",
    "Stored",
    "Update",
    "audited",
    "commit",
    "ended",
    "everything",
    "history",
    "read",
    "search",
    "told",
    "vread",
]

_DOES = {"c": "create", "r": "read", "u": "change", "d": "delete", "s": "search"}


def _refusal(kind: str, letter: str, why: str = "") -> NotPermitted:
    return NotPermitted(f"This app was not let in to {_DOES[letter]} {kind}{why}.")


def _right(scopes: Sequence[Scope], kind: str, letter: str) -> Right:
    found = right(scopes, kind, letter)
    if found is None:
        raise _refusal(kind, letter)
    return found


def _whole(scopes: Sequence[Scope], kind: str, letter: str, why: str) -> Right:
    """Return a right that no filter goes with; refuses where only some of a type was granted."""
    found = _right(scopes, kind, letter)
    if found.filters:
        raise _refusal(kind, letter, why)
    return found


def _used(permit: Permit, rights: Iterable[Right]) -> Permit:
    """Return the permit for what these rights are about: bound as soon as one of them is."""
    return permit if any(r.is_bound for r in rights) else everywhere(permit)


def _fitting(kind: str, found: Right) -> tuple[Clause, ...]:
    if not found.filters:
        return ()
    return (Either(tuple(clauses_of(kind, filters) for filters in found.filters)),)


def read(permit: Permit, kind: str, resource_id: str) -> Stored:
    """Return the current version, as `record.read`; what no filter of the app fits is not found."""
    if permit.scopes is None:
        return record.read(permit, kind, resource_id)
    found = _right(permit.scopes, kind, "r")
    used = _used(permit, [found])
    if not found.filters:
        return record.read(used, kind, resource_id)
    query = Query(kind, (Ids((resource_id,)), *_fitting(kind, found)), count=1)
    entries = record.search(used, query, detail=f"_id={resource_id}").entries
    if not entries:
        raise NotFound(f"There is no {kind}/{resource_id} that you can see.")
    return entries[0]


def vread(permit: Permit, kind: str, resource_id: str, version: int) -> Stored:
    """Return one version, as `record.vread`; not where the app sees only some of the type."""
    used = _for_versions(permit, kind)
    return record.vread(used, kind, resource_id, version)


def history(
    permit: Permit, kind: str, resource_id: str, *, count: int, cursor: str | None = None
) -> Page:
    """Return versions of one resource, as `record.history`; refuses as `vread` does."""
    used = _for_versions(permit, kind)
    return record.history(used, kind, resource_id, count=count, cursor=cursor)


def _for_versions(permit: Permit, kind: str) -> Permit:
    if permit.scopes is None:
        return permit
    why = " as it was: it sees only some of them, and an earlier version may not be among those"
    return _used(permit, [_whole(permit.scopes, kind, "r", why)])


def told(permit: Permit, key: int, version: int) -> Stored:
    """Return the version a Provenance speaks of, as `record.told`."""
    if permit.scopes is None:
        return record.told(permit, key, version)
    made = _right(permit.scopes, "Provenance", "r")
    stored = record.told(_used(permit, [made]), key, version)
    found = right(permit.scopes, stored.type, "r")
    if found is None or found.filters or (found.is_bound and not made.is_bound):
        raise NotFound("There is no such Provenance that you can see.")
    return stored


def search(permit: Permit, query: Query, *, detail: str = "") -> Page:
    """Return one page, as `record.search`, of what the app's filters fit.

    Whatever else its conditions lead through must be granted whole: one on hidden things would tell
    of them (trust 2, 4). Of what is sent along, only such types are (trust 2, 5).
    """
    if permit.scopes is None:
        return record.search(permit, query, detail=detail)
    kind = query.type or ""
    own = _right(permit.scopes, kind, "s")
    through = [
        _whole(permit.scopes, other, "s", ", which this search leads through")
        for other in sorted(_led_through(query))
    ]
    includes = tuple(_narrowed(permit.scopes, include) for include in query.includes)
    through += [_right(permit.scopes, t, "s") for include in includes for t in include.targets]
    narrow = replace(query, clauses=(*query.clauses, *_fitting(kind, own)), includes=includes)
    return record.search(_used(permit, [own, *through]), narrow, detail=detail)


def _narrowed(scopes: Sequence[Scope], include: Include) -> Include:
    """Return what may be sent along: of the types it points at, those granted whole."""
    found = {t: right(scopes, t, "s") for t in include.targets}
    kept = tuple(t for t, held in found.items() if held is not None and not held.filters)
    if not kept:
        raise _refusal(" or ".join(include.targets), "s", ", which this search would send along")
    return replace(include, targets=kept)


def _led_through(query: Query) -> set[str]:
    return {include.type for include in query.revincludes} | set(_chained(query.clauses))


def _chained(clauses: Iterable[Clause]) -> Iterable[str]:
    for clause in clauses:
        if isinstance(clause, Chain):
            yield clause.target_type
            yield from _chained(clause.clauses)


def everything(
    permit: Permit,
    person_id: str,
    *,
    types: Sequence[str] = (),
    since: datetime | None = None,
    count: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return one person's record, as `record.everything`: of an app's, what it may search whole."""
    asked, used = types, permit
    if permit.scopes is not None:
        rights = {k: right(permit.scopes, k, "s") for k in (types or SERVED)}
        whole = {k: found for k, found in rights.items() if found and not found.filters}
        own = _whole(permit.scopes, "Patient", "r", " whole")
        if not whole:
            raise _refusal("any of these types", "s")
        used = _used(permit, [own, *whole.values()])
        asked = tuple(whole)
    return record.everything(used, person_id, types=asked, since=since, count=count, cursor=cursor)


def commit(permit: Permit, changes: Sequence[Change]) -> Committed:
    """Make changes, as `record.commit`; refuses all when the app may not make one of them.

    What the place's own rules make of them (`discharge.outside`) needs no scope of the app's.
    """
    if permit.scopes is None:
        return outside.commit(permit, changes, now=now())
    rights = [found for change in changes for found in _rights_of(permit.scopes, change)]
    return outside.commit(_used(permit, rights), changes, now=now())


def _rights_of(scopes: Sequence[Scope], change: Change) -> Iterable[Right]:
    match change:
        case Delete(type=kind):
            yield _whole(scopes, kind, "d", "")
        case Update(resource=resource):
            yield _whole(scopes, str(resource["resourceType"]), "u", "")
        case Create(resource=resource, if_none_exist=condition):
            kind = str(resource["resourceType"])
            yield _whole(scopes, kind, "c", "")
            if condition is not None:
                yield _whole(scopes, kind, "s", " whole, which a condition needs")
                for other in sorted(_led_through(condition)):
                    yield _whole(scopes, other, "s", ", which a condition leads through")
        case _:
            raise NotPermitted("An app does not write for others.")


def ended(permit: Permit) -> Refusal | None:
    """Return the refusal of an app whose token has ended, None for who may go on.

    Asked before any other refusal is told: what is refused to an ended token is the token.
    """
    if not permit.bearer:
        return None
    try:
        reached(permit, ())
    except SignInNeeded as refusal:
        return refusal
    except Refusal:  # the record is away: what was met stands
        return None
    return None


def audited(permit: Permit, letter: str) -> Permit:
    """Return the permit under which the audit is read; for an app bound to a person, their own."""
    if permit.scopes is None:
        return permit
    found = _right(permit.scopes, "AuditEvent", letter)
    if permit.within and permit.role is not Role.PERSON:
        raise _refusal("AuditEvent", letter, " while it is opened for one person")
    return _used(permit, [found])
