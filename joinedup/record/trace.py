"""Leaving a trace: the audit event of a look, in the transaction that looks."""

from collections.abc import Iterable

from joinedup.access.permit import Permit
from joinedup.record.arrays import numbers
from joinedup.record.database import Connection, traced

__all__ = ["named", "trace"]

_TRACE = b"select record.trace(" + b", ".join([b"%s"] * 13) + b")"


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
    ground: int = 0,
) -> None:
    """Write one audit event naming every person of the answer, inside the open transaction.

    The first of the people stands in the event itself: put whom it is about there. `outcome` is
    0 for success, 4 for a refusal, 8 for a serious one (FHIR R4, AuditEvent.outcome); `ground` is
    the number of the relationship that allowed it.
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
            ground,
        ),
    )


def named(people: Iterable[int]) -> str:
    """Return people as the array that `record.trace` takes: each once, in order, nobody left out.

    0 and -1 stand for rows about nobody and are no people.
    """
    return numbers(p for p in dict.fromkeys(people) if p not in (0, -1))
