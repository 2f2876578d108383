"""From outbox lines to who is told of them: rows that say how far each telling is.

Lines are handed on in one transaction with the rows that come of them, so that a line is neither
passed by nor handed on twice. What a receiver would see is asked under the receiver's own permit.
Of the job `system/notices` alone; it shows nothing to anybody, so it leaves no look.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from msgspec import Struct
from psycopg import Rollback

from joinedup.access.permit import Permit, system_permit
from joinedup.fhir.key import hash64
from joinedup.fhir.wire import read_resource
from joinedup.record.arrays import numbers
from joinedup.record.database import connection, entered, entering
from joinedup.record.exchange import under

__all__ = [
    "JOB",
    "Line",
    "Said",
    "Taken",
    "counted",
    "hand_on",
    "last_told",
    "move",
    "recover",
    "said_in",
    "seen_of",
    "take_next",
]

JOB = system_permit("notices")
_OPEN = ("taken", "handing-over")

# Its audit event was written in the same statement, so both bear one moment and one transaction.
_LINES = """
select o.seq, o.keys, o.people,
       e.action, e.worker
from record.outbox o
left join lateral (
    select e.action, e.worker from record.audit_event e
    where e.person = any (o.people) and e.at = o.at and e.xid = o.xid limit 1) e on true
where o.sent is null order by o.seq limit %s
for update of o skip locked
"""
_ADD = """
insert into record.notice (line, receiver, due, changed)
select line, receiver, %s, %s from unnest(%s::bigint[], %s::text[]) u (line, receiver)
on conflict (line, receiver) do nothing
"""
_SENT = "update record.outbox set sent = greatest(at, statement_timestamp()) where seq = any (%s)"
_TAKE = """
with next as (
    select receiver from record.notice where state = 'waiting' and due <= %s
    order by due limit 1 for update skip locked
)
update record.notice n set state = 'taken', tries = n.tries + 1, changed = %s
from next where n.receiver = next.receiver and n.state = 'waiting'
returning n.line, n.receiver, n.tries
"""
_MOVE = """
update record.notice set state = %s, due = coalesce(%s, due), way = %s, message = %s, changed = %s,
       tries = tries - %s::int
where receiver = %s and line = any (%s) and state = any (%s)
"""
_RECOVER = """
update record.notice set state = case state when 'taken' then 'waiting' else 'in-doubt' end,
       due = %s, changed = %s
where state = any (%s) returning state
"""
_SAID = b"""
select v.key, v.version, v.body from record.head h
join record.version v on v.key = h.key and v.version = h.version where h.key = any (%s::bigint[])
"""


class Line(Struct, frozen=True, kw_only=True):
    """One outbox line: what was changed, about whom, how and by whom; "" where no log has it."""

    seq: int
    keys: tuple[int, ...]
    people: tuple[int, ...]
    action: str
    worker: str


class Said(Struct, frozen=True, kw_only=True):
    """A resource as it stands."""

    key: int
    version: int
    resource: dict[str, Any]


class Taken(Struct, frozen=True, kw_only=True):
    """Lines that are told to one receiver in one message, and how often that was tried."""

    receiver: str
    lines: tuple[int, ...]
    tries: int

    @property
    def message(self) -> str:
        """The name of the message: the same at every try, and of no other."""
        return f"{self.lines[0]}-{hash64(self.receiver) & (2**64 - 1):016x}"


def hand_on(decide: Callable[[Line], Iterable[str]], *, now: datetime, most: int = 200) -> int:
    """Hand on the lines that wait, to those whom `decide` names for each; return how many.

    All or none: killed at any moment, it is as if it had not begun. Two at once take other lines.
    """
    with connection() as lent, lent.transaction():
        entered(lent, JOB, generic=False)
        lines = [_line(row) for row in lent.execute(_LINES, (most,)).fetchall()]
        named = [(line.seq, who) for line in lines for who in dict.fromkeys(decide(line))]
        if named:
            receivers = [who for _, who in named]
            lent.execute(_ADD, (now, now, [seq for seq, _ in named], receivers))
        if lines:
            lent.execute(_SENT, ([line.seq for line in lines],))
    return len(lines)


def _line(row: Sequence[Any]) -> Line:
    seq, keys, people, action, worker = row
    return Line(
        seq=seq,
        keys=tuple(keys),
        people=tuple(people),
        action=action or "",
        worker=worker or "",
    )


def said_in(keys: Iterable[int]) -> tuple[Said, ...]:
    """Return the resources with these keys as they stand; what was deleted is not there."""
    return seen_of(JOB, keys)


def seen_of(permit: Permit, keys: Iterable[int]) -> tuple[Said, ...]:
    """Return those that a receiver would see, under the receiver's own permit."""
    with connection() as lent:
        found = under(lent, entering(permit), _SAID, (numbers(keys),))
    return tuple(
        Said(key=cast("int", key), version=cast("int", version), resource=read_resource(str(body)))
        for key, version, body in found
    )


def take_next(now: datetime) -> Taken | None:
    """Take everything that waits for the receiver who has waited longest; None where none does."""
    with connection() as lent, lent.transaction():
        entered(lent, JOB, generic=False)
        rows = cast("list[tuple[Any, ...]]", lent.execute(_TAKE, (now, now)).fetchall())
    if not rows:
        return None
    lines = tuple(sorted(row[0] for row in rows))
    return Taken(receiver=rows[0][1], lines=lines, tries=max(row[2] for row in rows))


def move(
    taken: Taken,
    state: str,
    *,
    now: datetime,
    before: Sequence[str] = ("taken",),
    due: datetime | None = None,
    way: str = "",
    untried: bool = False,
) -> bool:
    """Write down how far a message is; False where another process has moved any of it meanwhile.

    Nothing is moved then: whoever hears False sends nothing. `untried` says that it was only put
    off, which is no try.
    """
    with connection() as lent, lent.transaction() as moved:
        entered(lent, JOB, generic=False)
        held = (taken.receiver, [*taken.lines], [*before])
        asked = (state, due, way, taken.message, now, int(untried), *held)
        done = lent.execute(_MOVE, asked).rowcount
        if done != len(taken.lines):
            raise Rollback(moved)
    return done == len(taken.lines)


def recover(now: datetime) -> tuple[int, int]:
    """Put right what a process that was killed has left, by who has the turn.

    What it had only taken waits again. Of what it was handing over nobody can know whether it went:
    that is in doubt, and is never sent again. Returns how many of each.
    """
    with connection() as lent, lent.transaction():
        entered(lent, JOB, generic=False)
        rows = lent.execute(_RECOVER, (now, now, [*_OPEN])).fetchall()
    states = [str(state) for (state,) in rows]
    return states.count("waiting"), states.count("in-doubt")


def last_told(receiver: str) -> datetime | None:
    """Return when somebody was last told of anything."""
    text = (
        "select max(changed) from record.notice where receiver = %s"
        " and state in ('sent', 'in-doubt')"
    )
    with connection() as lent, lent.transaction():
        entered(lent, JOB, generic=False)
        row = lent.execute(text, (receiver,)).fetchone()
    return cast("datetime | None", row[0]) if row else None


def counted() -> dict[str, int]:
    """Return how many notices are in each state."""
    with connection() as lent, lent.transaction():
        entered(lent, JOB, generic=False)
        rows = lent.execute("select state, count(*) from record.notice group by state").fetchall()
    return {str(state): int(str(count)) for state, count in rows}
