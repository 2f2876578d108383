"""Walking the seal's chain: which audit event was changed, removed, swapped or put in.

Not protected, and said so by `joinedup verify`: events younger than the seal's lag, and a chain
that somebody rewrote from a point after the last head kept outside the database.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from struct import Struct as Layout
from typing import cast

from msgspec import Struct

from joinedup.record.database import Connection
from joinedup.record.seal import EVENT, FIRST, copied_rows
from joinedup.record.seal_heads import KeptHead
from joinedup.record.verify_rows import Finding

__all__ = ["Walked", "heads_by_position", "walk_seal"]

AT_ONCE = 50_000
BACKDATED_LIMIT_SECONDS = 3_600
"""An event's time may lie that far before its transaction began: no statement runs so long."""
_AHEAD_LIMIT_SECONDS = 60
_MICROSECONDS = 1_000_000

_HASH_BYTES = 36  # its length, then itself
_PLACED = Layout(">4xq4xq4xq4xQ")  # position, sealed, seq, xid: each behind its length
_EVENT_FROM = _PLACED.size
_NULL = b"\xff\xff\xff\xff"
_DATED = Layout(">12x12x4xq")  # of the event: behind seq and xid, at

_ROWS = f"""
copy (
    select s.hash, s.position, s.sealed, s.seq, s.xid, {EVENT}
    from record.seal s left join record.audit_event e on e.seq = s.seq
    where s.position > %s and s.position <= %s order by s.position
) to stdout (format binary)
"""  # noqa: S608  # nothing from outside
_LAST = "select position, xid::text, seq from record.seal order by position desc limit 1"
_BEFORE = "select hash from record.seal where position = %s"
# The chain rises by (xid, seq), so whatever stands at or below its last row has been sealed.
_PUT_IN = """
select e.seq from record.audit_event e
where (e.xid < %s::xid8 or (e.xid = %s::xid8 and e.seq <= %s))
  and not exists (select from record.seal s where s.seq = e.seq) order by e.seq
"""
_STRAY = """
select distinct p.seq from record.audit_person p
where not exists (select from record.audit_event e where e.seq = p.seq) order by p.seq
"""
_UNSEALED = """
select count(*) from record.audit_event e
where e.xid > %s::xid8 or (e.xid = %s::xid8 and e.seq > %s)
"""

Heads = Mapping[int, tuple[KeptHead, ...]]


class Walked(Struct, frozen=True):
    """What was walked: how many sealed events, how many wait for the sealer, and what differs."""

    sealed: int
    waiting: int
    findings: tuple[Finding, ...]


class _Place(Struct):
    """Where the walk stands: the hash stored there, the one worked out, when it was sealed."""

    position: int
    stored: bytes
    computed: bytes
    order: tuple[int, int] = (0, 0)
    sealed: int = 0
    before: int = -(2**63)  # when the round before that one began


def heads_by_position(heads: Iterable[KeptHead]) -> Heads:
    """Return heads by the position they speak of."""
    found: dict[int, tuple[KeptHead, ...]] = {}
    for head in heads:
        found[head.position] = (*found.get(head.position, ()), head)
    return found


def walk_seal(
    lent: Connection,
    heads: Heads,
    *,
    after: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
) -> Walked:
    """Return what differs along the chain behind position `after`, inside the open snapshot.

    Heads must have been read before the snapshot was taken. A walk from the middle trusts the hash
    it starts at where a head says the same.
    """
    lent.execute("set local client_encoding = 'UTF8'")
    last, xid, seq = cast("tuple[int, str, int]", lent.execute(_LAST).fetchone() or (0, "0", 0))
    place = _start(lent, after)
    findings = [*_unlike_heads(heads, after, place.stored)] if after else []
    while place.position < last:
        until = min(last, place.position + AT_ONCE)
        findings += _stretch(lent, place, until, heads)
        if progress:
            progress("Walking the seal", place.position, last)
    findings += _cut_off(heads, last)
    findings += _outside_chain(lent, xid, seq)
    waiting = lent.execute(_UNSEALED, (xid, xid, seq)).fetchone()
    return Walked(last - after, cast(int, waiting[0]) if waiting else 0, tuple(findings))


def _start(lent: Connection, after: int) -> _Place:
    row = lent.execute(_BEFORE, (after,)).fetchone() if after else None
    stored = bytes(cast(bytes, row[0])) if row else FIRST
    return _Place(after, stored, stored)


def _stretch(lent: Connection, place: _Place, until: int, heads: Heads) -> Iterator[Finding]:
    """Walk to `until`, moving `place` along."""
    for row in copied_rows(lent, _ROWS, (place.position, until)):
        stored, body = row[4:_HASH_BYTES], row[_HASH_BYTES:]
        position, sealed, seq, xid = _PLACED.unpack_from(body)
        if position != place.position + 1:
            yield _gap(place.position + 1, position - 1)
        computed = sha256(place.stored + body).digest()
        wrong = _changed(place, body, stored, computed)
        if not wrong:  # only what is whole says when and in which order
            wrong = _misplaced(place, body, sealed, (xid, seq))
            if sealed != place.sealed:
                place.before, place.sealed = place.sealed or place.before, sealed
            place.order = (xid, seq)
        if wrong:
            yield Finding(f"audit event {seq}", wrong)
        if position in heads:
            yield from _unlike_heads(heads, position, stored)
        place.position, place.stored, place.computed = position, stored, computed
    if place.position < until:
        yield _gap(place.position + 1, until)
        place.position = until


def _changed(place: _Place, body: bytes, stored: bytes, computed: bytes) -> str:
    """Return how a row is not as it was sealed; "" for one that is.

    A row behind one whose stored hash was changed is whole: that was told there.
    """
    if body.startswith(_NULL, _EVENT_FROM):
        return "an audit event was removed after it was sealed"
    if computed != stored and sha256(place.computed + body).digest() != stored:
        return "an audit event is not as it was sealed"
    return ""


def _misplaced(place: _Place, body: bytes, sealed: int, order: tuple[int, int]) -> str:
    """Return what is wrong with an event whose hash is right; "" for nothing."""
    if order <= place.order:
        return "an audit event was sealed out of its order"
    (at,) = _DATED.unpack_from(body, _EVENT_FROM)
    before = place.before if sealed == place.sealed else place.sealed or place.before
    if at < before - BACKDATED_LIMIT_SECONDS * _MICROSECONDS:
        return "an audit event is dated before the transaction that wrote it"
    if at > sealed + _AHEAD_LIMIT_SECONDS * _MICROSECONDS:
        return "an audit event is dated after it was sealed"
    return ""


def _gap(first: int, last: int) -> Finding:
    where = f"seal position {first}" if first == last else f"seal positions {first} to {last}"
    return Finding(where, "rows of the seal are missing")


def _unlike_heads(heads: Heads, position: int, stored: bytes) -> Iterator[Finding]:
    for head in heads.get(position, ()):
        if head.hash != stored.hex():
            where = f"seal position {position}"
            yield Finding(where, "the seal was rewritten: a head kept outside says otherwise")


def _cut_off(heads: Heads, last: int) -> Iterator[Finding]:
    beyond = max(heads, default=0)
    if beyond > last:
        yield Finding(
            f"seal positions {last + 1} to {beyond}",
            "the end of the seal was cut off: a head kept outside knows more",
        )


def _outside_chain(lent: Connection, xid: str, seq: int) -> Iterator[Finding]:
    for (found,) in lent.execute(_PUT_IN, (xid, xid, seq)):
        yield Finding(f"audit event {found}", "an audit event was put in behind the seal")
    for (found,) in lent.execute(_STRAY):
        yield Finding(
            f"audit event {found}", "people are named by an audit event that is not there"
        )
