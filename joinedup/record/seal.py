"""The seal: every audit event is bound to all before it by a chain of hashes (trust.md 6).

Here: which bytes of an event are hashed, and one round of the sealer. When rounds happen and
where heads go is `seal_loop` and `seal_heads`; finding what was changed is `seal_check`.
"""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from struct import Struct as Layout
from typing import cast

from msgspec import Struct

from joinedup.access.permit import system_permit
from joinedup.record.database import Connection, entered

__all__ = ["EVENT", "FIRST", "Head", "copied_rows", "seal_round"]

FIRST = bytes(32)
"""What stands for the hash before the first row of the chain."""

EVENT = """
e.seq, e.xid, e.at, e.person, e.key, e.version, e.outcome, e.ground, e.label, e.action, e.worker,
e.name, e.role, e.organisation, e.purpose, e.session, e.detail,
(select string_agg(int8send(p.seq) || int8send(p.person) || timestamptz_send(p.at)
                   || int4send(octet_length(p.action)) || textsend(p.action), ''
                   order by p.person, p.at, p.action collate "C")
 from record.audit_person p where p.seq = e.seq)
"""
"""Every column of an event, then every column of the further people it names, as they are hashed.

A row is hashed as PostgreSQL writes it in binary COPY: each column as its length (four bytes, -1
for none) and its bytes. docs/decisions/0010-seal.md says why.
"""

_LOCK = 0x7365616C  # "seal": one sealer at a time, whoever runs it
_AT_ONCE = 10_000

_SIGNATURE = b"PGCOPY\n\xff\r\n\0"
_HEADER_BYTES = len(_SIGNATURE) + 8
_TRAILER = b"\xff\xff"
_COUNT_BYTES = 2  # how many columns follow
_PLACED = Layout(">4xq4xq4xq4xQ")  # position, sealed, seq, xid: each behind its length

_LAST = "select position, hash, xid::text, seq from record.seal order by position desc limit 1"
# Whoever is below this has ended; what they wrote shows to every later statement.
_BOUNDARY = "select pg_snapshot_xmin(pg_current_snapshot())::text, clock_timestamp()"
_NEXT = f"""
copy (
    select %s + row_number() over (order by e.xid, e.seq), %s::timestamptz, e.seq, e.xid, {EVENT}
    from record.audit_event e
    where e.xid >= %s::xid8 and e.xid < %s::xid8 and (e.xid > %s::xid8 or e.seq > %s)
    order by e.xid, e.seq limit {_AT_ONCE}
) to stdout (format binary)
"""  # noqa: S608  # nothing from outside
_FOLLOW = """
insert into record.seal (position, seq, xid, sealed, hash)
select u.position, u.seq, u.xid, %s, u.hash
from unnest(%s::bigint[], %s::bigint[], %s::text[]::xid8[], %s::bytea[])
     u (position, seq, xid, hash)
"""


class Head(Struct, frozen=True):
    """How far the chain goes: its last position and hash; and whose event that is."""

    position: int
    hash: bytes
    xid: int = 0
    seq: int = 0


def copied_rows(lent: Connection, statement: str, arguments: tuple[object, ...]) -> Iterator[bytes]:
    """Return the rows of a binary COPY, each without the number of its columns.

    PostgreSQL sends exactly one message a row (PostgreSQL 15, 55.2.6).
    """
    with lent.cursor().copy(statement.encode(), arguments) as copy:
        for block in copy:
            row = bytes(block)
            if row.startswith(_SIGNATURE):
                row = row[_HEADER_BYTES:]
            if row and row != _TRAILER:
                yield row[_COUNT_BYTES:]


def seal_round(lent: Connection) -> Head | None:
    """Seal every event of transactions older than the oldest that runs; return the chain's head.

    None when another sealer is at it. Takes a connection of the application role; one transaction.
    """
    with lent.transaction():
        lent.execute("set local statement_timeout = 0")
        lent.execute("set local client_encoding = 'UTF8'")
        entered(lent, system_permit("seal"))
        row = lent.execute("select pg_try_advisory_xact_lock(%s)", (_LOCK,)).fetchone()
        if row is None or not row[0]:
            return None
        head = _last(lent)
        until, began = cast("tuple[str, datetime]", lent.execute(_BOUNDARY).fetchone())
        while (further := _followed(lent, head, until, began)) is not None:
            head = further
        return head


def _last(lent: Connection) -> Head:
    row = lent.execute(_LAST).fetchone()
    if row is None:
        return Head(0, FIRST)
    position, digest, xid, seq = cast("tuple[int, bytes, str, int]", row)
    return Head(position, bytes(digest), int(xid), seq)


def _followed(lent: Connection, head: Head, until: str, began: datetime) -> Head | None:
    """Seal the next events and return the new head; None when there are none."""
    after = str(head.xid)
    arguments = (head.position, began, after, until, after, head.seq)
    positions: list[int] = []
    seqs: list[int] = []
    xids: list[str] = []
    hashes: list[bytes] = []
    previous = head.hash
    for row in copied_rows(lent, _NEXT, arguments):
        position, _, seq, xid = _PLACED.unpack_from(row)
        previous = sha256(previous + row).digest()
        positions.append(position)
        seqs.append(seq)
        xids.append(str(xid))
        hashes.append(previous)
    if not seqs:
        return None
    lent.execute(_FOLLOW, (began, positions, seqs, xids, hashes))
    return Head(positions[-1], previous, int(xids[-1]), seqs[-1])
