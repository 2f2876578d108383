"""What a permit sees of people, asked without looking at anything of theirs.

Whom of those it was told the names of it reaches, and what it is told is withheld. What it then
reads is `read`'s and `search`'s; the trace of a refusal is `audit`'s.
"""

from collections.abc import Sequence
from typing import cast

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.fhir.key import resource_key
from joinedup.record.arrays import numbers
from joinedup.record.database import connection, entered

__all__ = ["Withheld", "reached", "withheld"]


class Withheld(Struct, frozen=True, order=True):
    """That something of a class carries labels this permit is told of and does not see."""

    label: int
    data_class: int


def reached(permit: Permit, person_ids: Sequence[str]) -> frozenset[str]:
    """Return those of these people whose record the permit opens. No look: nothing is shown."""
    keys = {resource_key("Patient", name): name for name in person_ids}
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        rows = lent.execute(
            "select key from record.head where key = any (%s::bigint[])", (numbers(keys),)
        ).fetchall()
    return frozenset(keys[cast("int", key)] for (key,) in rows)


def withheld(permit: Permit, person_id: str) -> tuple[Withheld, ...]:
    """Return which labels hold something back that the permit is told of, never how much.

    A label that is silent to it is never among them: row security shows no mark of it (AC-01).
    """
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        rows = lent.execute(
            "select distinct label & ~%s::integer, class from record.mark"
            " where person = (select record.kept(%s)) and (label & ~%s::integer) <> 0",
            (permit.labels, resource_key("Patient", person_id), permit.labels),
        ).fetchall()
    return tuple(sorted(Withheld(cast("int", r[0]), cast("int", r[1])) for r in rows))
