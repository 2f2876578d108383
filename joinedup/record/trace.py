"""Leaving a trace: the audit event of a look, in the transaction that looks."""

from collections.abc import Iterable

from joinedup.access.permit import Permit
from joinedup.record.arrays import numbers
from joinedup.record.database import Connection, traced

__all__ = ["leaving_trace", "named", "trace", "trace_arguments"]

_TRACE = b"select record.trace(" + b", ".join([b"%s"] * 12) + b")"

# The event of a statement that also answers: part of it, so it is written whenever that is run.
# `named` holds the people of the answer, each once.
_LEFT = b"""
event as (
    insert into record.audit_event (action, worker, name, role, organisation, purpose, session,
                                    key, detail, person, ground)
    select %s, %s, %s, %s, %s, %s, %s, %s::bigint, %s, first.person,
           record.ground_of(first.person)
    from (select coalesce((select n.person from named n order by n.place limit 1), 0) as person)
         first
    where WANTED
    returning seq, person, action
), further as (
    insert into record.audit_person (seq, person, action)
    select e.seq, n.person, e.action from event e join named n on n.person <> e.person
)"""


def leaving_trace(wanted: bytes = b"true") -> bytes:
    """Return the parts of a WITH that write the event, where `wanted`, of a part called `named`.

    A part that writes is run once and to its end, whatever is read of the rest (PostgreSQL 15,
    7.8.4). Its arguments are `trace_arguments`.
    """
    return _LEFT.replace(b"WANTED", wanted)


def trace_arguments(
    permit: Permit, action: str, *, key: int | None = None, detail: str = ""
) -> tuple[object, ...]:
    """Return the arguments of `leaving_trace`."""
    return (action, permit.worker, *traced(permit), key, detail)


def trace(
    lent: Connection,
    permit: Permit,
    action: str,
    *,
    people: Iterable[int],
    key: int | None = None,
    version: int | None = None,
    detail: str = "",
    outcome: int = 0,
) -> None:
    """Write one audit event naming every person of the answer, inside the open transaction.

    The first of the people stands in the event itself: put whom it is about there. `outcome` is
    0 for success, 4 for a refusal, 8 for a serious one (FHIR R4, AuditEvent.outcome).
    """
    lent.execute(
        _TRACE,
        (
            action,
            permit.worker,
            *traced(permit),
            key,
            version,
            detail,
            named(people),
            outcome,
        ),
    )


def named(people: Iterable[int]) -> str:
    """Return people as the array that `record.trace` takes: each once, in order, nobody left out.

    0 and -1 stand for rows about nobody and are no people.
    """
    return numbers(p for p in dict.fromkeys(people) if p not in (0, -1))
