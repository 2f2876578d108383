"""Reading the audit of one person: who looked, who changed what, and on what ground.

Row security decides what of it a permit sees: the person, a proxy who was granted it, and whoever
answers for access. Several looks of one worker in one sitting come as one. Words are for pages.
"""

from datetime import datetime
from typing import cast

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.key import resource_key
from joinedup.fhir.types import TYPES
from joinedup.record.audit import client_of
from joinedup.record.database import connection, entered
from joinedup.record.trace import trace

__all__ = ["Sitting", "sittings"]


class Sitting(Struct, frozen=True, kw_only=True):
    """What one worker did with one person's record in one sitting, on one day.

    `place` is where it stands in the log, for the next page; `did` holds each action once, and
    `wrote` the actions that wrote one resource, each with its type ("" where that is not seen).
    `client` is the app it was done through, "" for none.
    """

    place: int
    began: datetime
    ended: datetime
    worker: str
    name: str
    role: str
    organisation: str
    ground: int
    refused: bool
    did: tuple[str, ...]
    wrote: tuple[tuple[str, str], ...]
    client: str = ""


_OWNED = b"select record.owns_log(%s) or record.reviews_access()"
# Ground 10 is broken glass; 0 and 1 say nothing of a relationship.
# A log is of all of somebody's ids, and of those they were once joined to, while they were.
_SITTINGS = b"""
with looks as (
    select e.seq, e.at, e.action, e.worker, e.name, e.role, e.organisation, e.session, e.ground,
           e.outcome, v.type
    from record.audit_event e
    left join record.version v on v.key = e.key and v.version = e.version
    where e.person = any ((select record.same(%s))::bigint[])
    union all
    select f.seq, f.at, f.action, f.worker, f.name, f.role, f.organisation, f.session, 0, 0, null
    from unnest(record.same(%s)) own (person) cross join lateral record.found_in(own.person) f
    union all
    select w.seq, w.at, w.action, w.worker, w.name, w.role, w.organisation, w.session, w.ground, 0,
           null
    from record.seen_while_joined(%s) w
)
select max(seq), min(at), max(at), worker, max(name), role, organisation,
       coalesce(min(ground) filter (where ground > 1), max(ground)), outcome <> 0,
       array_agg(distinct action),
       array_agg(distinct action || ':' || coalesce(type::text, '')), max(session)
from looks
group by worker, role, organisation, session, ground = 10, outcome <> 0,
         (at at time zone 'Europe/London')::date
having max(seq) < %s
order by max(seq) desc limit %s"""
_LAST = 2**63 - 1


def sittings(
    permit: Permit, person_id: str, *, before: int | None = None, count: int = 25
) -> tuple[Sitting, ...]:
    """Return sittings newest first, those before a place in the log where one is given.

    It is a look itself. Raises NotPermitted for whom the log does not belong to (domain.md 5.2,
    ON-02): a proxy without that grant, and every worker but who answers for access.
    """
    person = resource_key("Patient", person_id)
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        owned = lent.execute(_OWNED, (person,)).fetchone()
        if owned is None or not owned[0]:
            raise NotPermitted("Who looked at this record is not yours to see.")
        rows = lent.execute(_SITTINGS, (person, person, person, before or _LAST, count)).fetchall()
        trace(lent, permit, "who-looked", people=[person], key=person)
    return tuple(_sitting(row) for row in rows)


def _sitting(row: tuple[object, ...]) -> Sitting:
    place, began, ended, worker, name, role, organisation, ground, refused, did, wrote, session = (
        row
    )
    return Sitting(
        place=cast(int, place),
        began=cast(datetime, began),
        ended=cast(datetime, ended),
        worker=cast(str, worker),
        name=cast(str, name),
        role=cast(str, role),
        organisation=cast(str, organisation),
        ground=cast(int, ground),
        refused=cast(bool, refused),
        did=tuple(cast("list[str]", did)),
        wrote=tuple(_written(w) for w in cast("list[str]", wrote)),
        client=client_of(cast(str, session)),
    )


def _written(text: str) -> tuple[str, str]:
    action, _, number = text.rpartition(":")
    return action, TYPES[int(number) - 1] if number else ""
