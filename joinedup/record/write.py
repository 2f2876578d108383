"""Commit: every change to the record, from a page, the API, an import or a job.

New versions, index rows, claims, reach, audit event and outbox line are one transaction, or
nothing. A commit that loses a deadlock is run again whole, a few times, then refused.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, cast

import psycopg
from msgspec import Struct
from msgspec.structs import replace
from psycopg import errors

from joinedup.access.permit import Permit, following
from joinedup.access.words import Role
from joinedup.fhir.issue import Conflict, NotPermitted, Problem, Unavailable, Unprocessable
from joinedup.fhir.key import hash64, resource_key
from joinedup.fhir.profiles.placement import slots_held
from joinedup.fhir.profiles.referral import held
from joinedup.fhir.profiles.slot import claimed
from joinedup.fhir.profiles.spell import beds_held
from joinedup.fhir.relationships import Ground, Objection, Reach
from joinedup.ledger.text import Books
from joinedup.record.arrays import numbers, plain, write_arguments
from joinedup.record.board_rows import keep_board
from joinedup.record.change import Change, Committed, Create, Delete, Outcome
from joinedup.record.database import (
    Connection,
    connection,
    entered,
    judged_at,
    presented,
    settings_of,
    traced,
)
from joinedup.record.exchange import PreparingConnection, answer_of
from joinedup.record.following import followers, may_follow, under_entry_labels
from joinedup.record.guarded import refuse_sight_unguarded
from joinedup.record.joined import refuse_joined
from joinedup.record.ledger import (
    AGAIN,
    LEDGER_STATE,
    keep_books,
    label_packages,
    refuse_books,
    refuse_unposted,
    refused,
)
from joinedup.record.prepare import Prepared
from joinedup.record.refused import (
    TAKEN,
    not_here,
    referred_in,
    refuse_dangling,
    refuse_named,
    refuse_nameless,
    refuse_orphans,
)
from joinedup.record.restrict import derive_again, keep_restrictions
from joinedup.record.settle import Settled, settle

__all__ = ["ATTEMPTS", "FIRST_PAUSE_SECONDS", "Commission", "commit", "store"]

ATTEMPTS = 6
FIRST_PAUSE_SECONDS = 0.02

_WRITE = b"select record.write(" + b", ".join([b"%s"] * 44) + b")"  # 36 arrays, 8 texts
_WRITE_NEW = b"select record.write_new(" + b", ".join([b"%s"] * 53) + b")"  # permit, referred
_KEEP = b"select record.keep_reach(" + b", ".join([b"%s"] * 16) + b")"


class Commission(Struct, frozen=True):
    """A commit as it was asked for; every attempt begins from it afresh."""

    permit: Permit
    changes: tuple[Change, ...]
    keeps_dangling: bool
    action: str
    detail: str
    now: datetime | None
    postings: tuple[Books, ...] = ()


def commit(
    permit: Permit,
    changes: Sequence[Change],
    postings: Sequence[Books] = (),
    *,
    dangling: Literal["refuse", "keep"] = "refuse",
    action: str = "",
    detail: str = "",
    now: datetime | None = None,
) -> Committed:
    """Store all the changes and postings, or none, and return what became of each change in order.

    `dangling` says what to do with references to nothing this permit sees: imports keep them.
    `action` and `detail` name the commit in the audit.
    Raises NotPermitted (the permit may not write), Stale, NotFound, Gone, Conflict (a claim is
    held), SeveralMatches (a condition fits several), Unprocessable (a reference to nothing, a
    resource that must name a person and does not; a posting that is not sound, or for which an
    account has too little), Unavailable, StorageFull: nothing is stored. A posting whose id was
    posted before with the same content is left as it is.
    """
    if not permit.may_write:
        raise NotPermitted(f"The role {permit.role.value} may read but not change the record.")
    refuse_books(permit, postings)
    commission = Commission(
        permit, tuple(changes), dangling == "keep", action, detail, now, tuple(postings)
    )
    for attempt in range(ATTEMPTS):
        try:
            with connection() as lent:
                return _attempt(lent, commission)
        except (errors.DeadlockDetected, errors.SerializationFailure):
            time.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
        except errors.UniqueViolation as problem:
            if attempt + 1 == ATTEMPTS or not _somebody_was_first(problem):
                raise _conflict(problem, commission) from problem
        except errors.InsufficientPrivilege as problem:
            raise Unprocessable(
                "This names a person who is not in the record or not one you help to care for, "
                "or carries a label you may not give."
            ) from problem
        except psycopg.DatabaseError as problem:
            if problem.sqlstate != LEDGER_STATE:
                raise
            raise refused(problem, commission.permit) from problem
    raise Unavailable(
        "Many people are saving the same thing at once. Nothing was saved; try again."
    )


def _somebody_was_first(problem: errors.UniqueViolation) -> bool:
    """Whether another commit stored the same version between our look and our write.

    The second look then sees it, and settles the change as stale, unchanged or matched.
    """
    return problem.diag.constraint_name in ("version_pkey", "head_pkey", "posting_pkey")


def _conflict(problem: errors.UniqueViolation, commission: Commission) -> Conflict:
    if problem.diag.constraint_name == "claim_pkey":
        if _only_beds(commission.changes):
            words = "Somebody else is recorded in this bed, or it is kept for them. Choose another."
            return Conflict(Problem("conflict", words, "Encounter.location"))
        if any(_is_bill(change) for change in commission.changes):
            return Conflict(
                "Another accepted invoice bills one of these days already. Nothing was accepted."
            )
        if any(_is_open_referral(change) for change in commission.changes):
            words = (
                "This stay has an open referral for that already. Add to it, or cancel it first."
            )
            return Conflict(Problem("conflict", words, "ServiceRequest"))
        if any(_is_start(change) for change in commission.changes):
            return Conflict(Problem("conflict", "Somebody else holds this start of care.", "Slot"))
        return Conflict(
            "Another record already holds this NHS number. Find that person before adding one."
        )
    if problem.diag.constraint_name == "posting_reversed_once":
        return Conflict(AGAIN)
    return Conflict(TAKEN)


def _only_beds(changes: Sequence[Change]) -> bool:
    """Whether a bed is all that these changes may hold alone; PostgreSQL does not tell which."""
    written = [change.resource for change in changes if not isinstance(change, Delete)]
    kinds = {resource["resourceType"] for resource in written}
    return kinds.isdisjoint(("Patient", "Invoice")) and any(map(beds_held, written))


def _is_open_referral(change: Change) -> bool:
    """Whether a change may hold a stay's one referral to the hub for a purpose."""
    return not isinstance(change, Delete) and bool(held(change.resource))


def _is_start(change: Change) -> bool:
    """Whether a change may hold a provider's slot, or take one back."""
    return not isinstance(change, Delete) and bool(
        slots_held(change.resource) or claimed(change.resource)
    )


def _is_bill(change: Change) -> bool:
    """Whether a change may hold days that are billed, rather than an NHS number."""
    return not isinstance(change, Delete) and change.resource["resourceType"] == "Invoice"


def _attempt(lent: PreparingConnection, commission: Commission) -> Committed:
    now = commission.now or datetime.now(UTC)
    if _is_plain(commission):
        settled = settle(lent, commission.permit, commission.changes, now)
        written = [s.prepared for s in settled if s.prepared is not None]
        refuse_sight_unguarded(lent, commission.permit, written, judged_at())
        refuse_unposted(commission.permit, written, commission.postings)
        if not any(_gives_sight(p) or may_follow(p) for p in written):
            _write_new(lent, commission, written, now)
            return Committed(tuple(Outcome(s.action, s.stored) for s in settled))
    with lent.transaction():
        entered(lent, commission.permit)
        _wait_for_turn(lent, commission.changes)
        settled = settle(lent, commission.permit, commission.changes, now)
        written = [s.prepared for s in settled if s.prepared is not None]
        refuse_sight_unguarded(lent, commission.permit, written, judged_at())
        refuse_unposted(commission.permit, written, commission.postings)
        if written:
            refuse_orphans(lent, written)
            if not commission.keeps_dangling:
                refuse_dangling(lent, written)
            if commission.permit.role is not Role.SYSTEM:
                refuse_named(lent, written)
            refuse_joined(lent, written)
            settled = under_entry_labels(lent, commission.permit, settled, now)
            settled = store(lent, commission, settled, now)
            _let_labels_follow(lent, commission, settled, now)
            label_packages(lent, [s.prepared for s in settled if s.prepared is not None])
        if commission.postings:
            keep_books(lent, commission.permit, commission.postings, commission.detail)
    return Committed(tuple(Outcome(s.action, s.stored) for s in settled))


def store(
    lent: Connection, commission: Commission, settled: Sequence[Settled], now: datetime
) -> list[Settled]:
    """Write what was settled, with all that hangs on it, in the open transaction that checked it.

    Returns the changes as they are under the restrictions of those they are about.
    """
    kept, changed = keep_restrictions(lent, settled)
    _write(lent, commission, [s.prepared for s in kept if s.prepared is not None], now)
    derive_again(lent, commission.permit, changed)
    return kept


def _let_labels_follow(
    lent: Connection, commission: Commission, settled: Sequence[Settled], now: datetime
) -> None:
    """Store what follows the labels that this commit changed, and what follows that."""
    permit = following(commission.permit)
    following_commission = replace(commission, permit=permit, changes=(), action="", detail="")
    while settled := followers(lent, permit, settled, now):
        for each in settled:
            store(lent, following_commission, [each], now)


def _gives_sight(prepared: Prepared) -> bool:
    derived = prepared.derived
    kept = derived.reach or derived.objections or derived.board
    return bool(kept or prepared.stored.type == "Patient")


def _wait_for_turn(lent: Connection, changes: Sequence[Change]) -> None:
    """Let commits with the same condition pass one at a time, so that the second sees the first."""
    turns = {
        hash64(repr(c.if_none_exist))
        for c in changes
        if isinstance(c, Create) and c.if_none_exist is not None
    }
    for turn in sorted(turns):
        lent.execute("select pg_advisory_xact_lock(%s)", (turn,))


def _is_plain(commission: Commission) -> bool:
    """Whether everything is new, unconditional and a worker's own: it needs no look beforehand."""
    return (
        commission.permit.role is not Role.SYSTEM
        and not commission.keeps_dangling
        and bool(commission.changes)
        and not commission.postings
        and all(isinstance(c, Create) and c.if_none_exist is None for c in commission.changes)
    )


def _write_new(
    lent: PreparingConnection, commission: Commission, written: Sequence[Prepared], now: datetime
) -> None:
    """Look and write in one call; nobody new, so no reach has to be given first."""
    refuse_nameless(written)
    referred = referred_in(written)
    permit = commission.permit
    rows = answer_of(
        lent,
        _WRITE_NEW,
        (
            *settings_of(permit),
            numbers(referred),
            *_written(commission, written, now),
            *presented(permit),
        ),
    )
    missing = cast("list[int]", rows[0][0])
    if missing:
        raise not_here([referred[key] for key in missing])


def _write(
    lent: Connection, commission: Commission, written: Sequence[Prepared], now: datetime
) -> None:
    _reach_first(lent, commission.permit, written)
    lent.execute(_WRITE, _written(commission, written, now))
    keep_board(lent, written)
    _keep_reach(lent, written)


def _written(commission: Commission, written: Sequence[Prepared], now: datetime) -> tuple[str, ...]:
    """Return the arguments of record.write: the rows, and what the commit leaves behind."""
    return (
        *write_arguments(written, now),
        commission.action or _done(written),
        commission.permit.worker,
        *traced(commission.permit),
        commission.detail,
    )


def _done(written: Sequence[Prepared]) -> str:
    """What the audit calls a commit that has no name of its own."""
    if len(written) > 1:
        return "batch"
    stored = written[0].stored
    return "deleted" if stored.deleted else "created" if stored.version == 1 else "updated"


def _reach_first(lent: Connection, permit: Permit, written: Sequence[Prepared]) -> None:
    """Give the reach that a commit itself needs: to somebody new, and through broken glass.

    Whoever writes about somebody known has reach already, or is refused by the row locks: writing
    never widens it. Who enters somebody new may finish that work (`NEW_PERSON`).
    """
    rows = [
        (r, p.derived.key)
        for p in written
        if not p.stored.deleted
        for r in p.derived.reach
        if r.ground == Ground.BREAK_GLASS
    ]
    party = resource_key("Organization", permit.organisation)
    rows += [
        (_newly_entered(p, party), 0)
        for p in written
        if permit.role is not Role.SYSTEM and _is_new_person(p)
    ]
    if rows:
        _keep(lent, (), rows)


NEW_PERSON_DAYS = 28


def _is_new_person(prepared: Prepared) -> bool:
    return prepared.derived.person == prepared.derived.key and prepared.stored.version == 1


def _newly_entered(prepared: Prepared, party: int) -> Reach:
    """Who entered a person reaches them from now: where a place stands still, from its hour."""
    starts = min(prepared.stored.updated, judged_at())
    ends = starts + timedelta(days=NEW_PERSON_DAYS)
    person = prepared.derived.person
    return Reach(person, party, Ground.NEW_PERSON, starts.isoformat(" "), ends.isoformat(" "))


def _keep_reach(lent: Connection, written: Sequence[Prepared]) -> None:
    replaced = [p.derived.key for p in written if p.stored.version > 1]
    live = [p for p in written if not p.stored.deleted]
    rows = [(r, p.derived.key) for p in live for r in p.derived.reach]
    stands = [(o, p.derived.key) for p in live for o in p.derived.objections]
    if rows or replaced or stands:
        _keep(lent, replaced, rows, stands)


def _keep(
    lent: Connection,
    replaced: Sequence[int],
    rows: Sequence[tuple[Reach, int]],
    stands: Sequence[tuple[Objection, int]] = (),
) -> None:
    lent.execute(
        _KEEP,
        (
            numbers(replaced),
            numbers(r.person for r, _ in rows),
            numbers(r.party for r, _ in rows),
            numbers(key for _, key in rows),
            numbers(r.ground for r, _ in rows),
            numbers(r.withheld for r, _ in rows),
            plain(r.starts for r, _ in rows),
            plain(r.ends for r, _ in rows),
            numbers(o.person for o, _ in stands),
            numbers(o.party for o, _ in stands),
            numbers(key for _, key in stands),
            numbers(o.classes for o, _ in stands),
            numbers(o.against for o, _ in stands),
            plain(o.said for o, _ in stands),
            plain(o.starts for o, _ in stands),
            plain(o.ends for o, _ in stands),
        ),
    )
