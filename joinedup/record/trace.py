"""Leaving a trace: the audit event of a look, in the transaction that looks."""

from collections.abc import Iterable

from joinedup.access.permit import Permit
from joinedup.record.arrays import numbers
from joinedup.record.database import Connection, traced

__all__ = ["trace"]


def trace(
    lent: Connection,
    permit: Permit,
    action: str,
    *,
    people: Iterable[int],
    key: int | None = None,
    version: int | None = None,
    detail: str = "",
) -> None:
    """Write one audit event naming every person of the answer, inside the open transaction."""
    named = [p for p in people if p > 0 or p < -1]
    lent.execute(
        "select record.trace(%s, %s, %s, %s, %s, %s, %s, %s::bigint, %s::int, %s, %s::bigint[])",
        (action, permit.worker, *traced(permit), key, version, detail, numbers(named)),
    )
