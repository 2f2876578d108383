"""What a permit sees of people, asked without looking at anything of theirs.

Whom of those it was told the names of it reaches, what it is told is withheld, and the trace that
a refusal to open a record leaves. What it then reads is `read`'s and `search`'s.
"""

from collections.abc import Sequence
from typing import cast

from joinedup.access.permit import Permit
from joinedup.access.words import Label
from joinedup.fhir.key import resource_key
from joinedup.record.arrays import numbers
from joinedup.record.database import connection, entered
from joinedup.record.trace import trace

__all__ = ["reached", "refused", "withheld"]

_REFUSED = 4
"""A minor failure (FHIR R4, AuditEvent.outcome)."""


def reached(permit: Permit, person_ids: Sequence[str]) -> frozenset[str]:
    """Return those of these people whose record the permit opens. No look: nothing is shown."""
    keys = {resource_key("Patient", name): name for name in person_ids}
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        rows = lent.execute(
            "select key from record.head where key = any (%s::bigint[])", (numbers(keys),)
        ).fetchall()
    return frozenset(keys[cast("int", key)] for (key,) in rows)


def withheld(permit: Permit, person_id: str) -> Label:
    """Return the labels of which the permit is told that they hold something back, summed.

    A label that is silent to it is never among them: row security shows no mark of it (AC-01).
    """
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        rows = lent.execute(
            "select coalesce(bit_or(label), 0::smallint) from record.mark"
            " where person = %s and (label & ~%s::integer) <> 0",
            (resource_key("Patient", person_id), permit.labels),
        ).fetchall()
    return Label(cast("int", rows[0][0]) & ~permit.labels)


def refused(permit: Permit, person_id: str, detail: str) -> None:
    """Write into the audit that the permit asked for a record and was refused."""
    key = resource_key("Patient", person_id)
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        trace(lent, permit, "everything", people=[key], key=key, detail=detail, outcome=_REFUSED)
