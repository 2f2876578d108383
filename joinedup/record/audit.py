"""Reading the audit event by event, as AuditEvents are made of it; and the trace of a refusal.

Row security decides which events a permit sees: who answers for access all, a worker their own
looks, a person and a proxy who was granted it those at the person. One person's log in sittings,
as a page shows it, is `looked`.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, cast

from msgspec import Struct
from msgspec.structs import replace

from joinedup.access.permit import Permit
from joinedup.access.words import Ground, Power, Role
from joinedup.fhir.audit_event import ACTIONS, Looked
from joinedup.fhir.issue import NotFound, NotPermitted, Refusal, SignInNeeded
from joinedup.fhir.key import resource_key
from joinedup.fhir.types import TYPES
from joinedup.record.arrays import numbers, quoted
from joinedup.record.change import body_id
from joinedup.record.database import Connection, connection, entered
from joinedup.record.trace import trace

__all__ = ["AuditQuery", "client_of", "leave_refusal", "read_event", "search_events"]

REFUSED_OUTCOME = 4
_LAST = 2**63 - 1

# A version tells create from update where a commit has a name of its own.
_EVENTS = """
select e.seq, e.at, e.action, e.outcome, e.ground, e.worker, e.name, e.role, e.organisation,
       e.purpose, e.key, coalesce(e.version, 0), e.detail,
       array(select a.person from record.audit_named a where a.seq = e.seq
             order by a.person <> e.person, a.person), e.session
from record.audit_event e
where e.seq < %(before)s
  and (%(seq)s::bigint is null or e.seq = %(seq)s::bigint)
  and (%(worker)s::text is null or e.worker = %(worker)s::text)
  and (%(low)s::timestamptz is null or e.at >= %(low)s::timestamptz)
  and (%(high)s::timestamptz is null or e.at < %(high)s::timestamptz)
  and (%(actions)s::text[] is null or e.action = any (%(actions)s::text[])
       or (%(version)s::text is not null and e.action <> all (%(named)s::text[])
           and case %(version)s::text when 'C' then e.version = 1 when 'U' then e.version > 1
               else e.version is null end))
  and PERSON
order by e.seq desc limit %(count)s
"""
_OF_PERSON = (
    "e.seq = any (array(select a.seq from record.audit_named a"
    " where a.person = any ((select record.same(%(person)s))::bigint[])))"
)
_NAMES = """
select h.key, v.type, v.body from record.head h
join record.version v on v.key = h.key and v.version = h.version
where h.key = any (%s::bigint[])
"""


class AuditQuery(Struct, frozen=True, kw_only=True):
    """What of the audit is asked for; an empty one asks for all that the permit sees.

    `low` and `high` bound when it was recorded, `action` is a letter of AuditEvent.action.
    """

    patient: str = ""
    agent: str = ""
    action: str = ""
    low: datetime | None = None
    high: datetime | None = None
    before: int = _LAST
    count: int = 100


def read_event(permit: Permit, seq: int) -> Looked:
    """Return one event. Raises NotFound for one that is not there or not seen, the same."""
    found = _found(permit, AuditQuery(count=1), seq)
    if not found:
        raise NotFound("There is no such AuditEvent that you can see.")
    return found[0]


def search_events(permit: Permit, query: AuditQuery) -> tuple[Looked, ...]:
    """Return events, newest first: those before `query.before`. It is a look itself, once."""
    return _found(permit, query, None)


def _found(permit: Permit, query: AuditQuery, seq: int | None) -> tuple[Looked, ...]:
    person = _person(permit, query)
    statement = _EVENTS.replace("PERSON", _OF_PERSON if person else "true")
    arguments = _arguments(permit, query, seq) | {"person": person}
    with connection() as lent, lent.transaction():
        entered(lent, permit, generic=False)
        rows = lent.execute(statement.encode(), arguments).fetchall()
        people = dict.fromkeys(p for r in rows for p in cast("list[int]", r[13]))
        names = _names(lent, {*people, *(cast(int, r[10]) for r in rows if r[10])})
        asked = [person] if person else []
        trace(lent, permit, "who-looked", people=[*asked, *people], key=person)
    return tuple(_looked(permit, row, names) for row in rows)


def _person(permit: Permit, query: AuditQuery) -> int | None:
    """Whose log is asked for: a person who names nobody asks for their own."""
    own = permit.worker.removeprefix("Patient/") if permit.role is Role.PERSON else ""
    asked = query.patient or own
    return resource_key("Patient", asked) if asked else None


def _arguments(permit: Permit, query: AuditQuery, seq: int | None) -> dict[str, object]:
    """A worker who does not answer for access has no looks but their own to search among."""
    reviews = permit.may(Power.REVIEW_ACCESS) or permit.sees_place
    is_asked_by_worker = permit.role not in (Role.PERSON, Role.PROXY) and not reviews
    worker = query.agent or (permit.worker if is_asked_by_worker else None)
    named = [name for names in ACTIONS.values() for name in names]
    by_version = query.action if query.action in ("C", "U", "E") else None
    return {
        "before": query.before,
        "seq": seq,
        "worker": worker,
        "low": query.low,
        "high": query.high,
        "actions": quoted(ACTIONS[query.action]) if query.action else None,
        "version": by_version,
        "named": quoted(named),
        "count": query.count,
    }


def _names(lent: Connection, keys: Iterable[int]) -> dict[int, str]:
    """Return `Type/id` of those of the keys that the permit sees."""
    rows = lent.execute(_NAMES, (numbers(keys),)).fetchall()
    return {
        cast(int, key): f"{TYPES[cast(int, kind) - 1]}/{body_id(cast(str, body))}"
        for key, kind, body in rows
    }


def _looked(permit: Permit, row: tuple[Any, ...], names: Mapping[int, str]) -> Looked:
    """A person is told the role and organisation of a worker, and not what was typed to search."""
    seq, at, action, outcome, ground, worker, name, role, organisation, purpose = row[:10]
    key, version, detail, people, session = row[10:]
    is_outside = permit.role in (Role.PERSON, Role.PROXY) and worker != permit.worker
    hidden = is_outside and worker.startswith("Practitioner/")
    what = names.get(key, "") if key and key not in people else ""
    return Looked(
        seq=seq,
        at=at,
        action=action,
        outcome=outcome,
        ground=ground,
        worker="" if hidden else worker,
        name="" if hidden else name,
        role=role,
        organisation=organisation,
        purpose=purpose,
        people=tuple((names.get(p, ""), p) for p in people),
        what=what,
        version=version,
        query="" if is_outside else detail,
        client=client_of(session),
    )


def client_of(session: str) -> str:
    """Return which app a sitting was of (`app:<id>:<agreement>`); "" where it was none."""
    kind, _, rest = session.partition(":")
    return rest.partition(":")[0] if kind == "app" else ""


def leave_refusal(permit: Permit, refusal: Refusal, asked: str, person_id: str = "") -> None:
    """Write, in a transaction of its own, that a permit was refused; outcome 4 (AuditEvent).

    Written when the role does not allow it, and when a person was named whose record is hidden or
    absent: the two are written alike, so that not even their cost tells them apart. `asked` is the
    method and route, never an address. Where the audit cannot be reached the refusal stands. Of
    a token that is over, the permit it was writes this line and can do nothing else.
    """
    is_over = isinstance(refusal, SignInNeeded)
    is_hidden = bool(person_id) and isinstance(refusal, NotFound)
    if not (is_over or is_hidden or isinstance(refusal, NotPermitted)):
        return
    if is_over:
        nothing = (0,) * len(Ground)
        permit = replace(permit, bearer="", parties=(), sees=nothing, changes=nothing)
    key = resource_key("Patient", person_id) if person_id else None
    with suppress(Refusal), connection() as lent, lent.transaction():
        entered(lent, permit)
        trace(
            lent,
            permit,
            "refused",
            people=[key] if key else [],
            key=key,
            detail=asked,
            outcome=REFUSED_OUTCOME,
        )
