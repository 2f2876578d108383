"""What no commit may do to the record's own order: the refusals that `write` asks for first.

References to nothing, entries about nobody, a person deleted from under what is kept of them, an
id that is in use. Who may write what is `access`; whether versions agree is `settle`.
"""

from collections.abc import Sequence

from joinedup.fhir.derive import NOBODY, reference_key
from joinedup.fhir.issue import Conflict, Problem, Unprocessable
from joinedup.record.arrays import numbers
from joinedup.record.database import Connection
from joinedup.record.prepare import Prepared

__all__ = [
    "TAKEN",
    "not_here",
    "referred_in",
    "refuse_dangling",
    "refuse_named",
    "refuse_nameless",
    "refuse_orphans",
]

TAKEN = "This id is taken in the record. Leave it out, or choose another."


def refuse_dangling(lent: Connection, written: Sequence[Prepared]) -> None:
    """Refuse references to what is not in the record, or not to be seen: the two look the same."""
    named = referred_in(written)
    if named:
        rows = lent.execute(
            "select key from record.head where key = any (%s::bigint[])", (numbers(named),)
        ).fetchall()
        known = {row[0] for row in rows}
        known -= {p.derived.key for p in written if p.stored.deleted}
        if missing := [r for k, r in named.items() if k not in known]:
            raise not_here(missing)
    refuse_nameless(written)


def refuse_orphans(lent: Connection, written: Sequence[Prepared]) -> None:
    """Refuse to delete a person of whom something is still kept: nobody could find it again."""
    gone = [p.derived.key for p in written if p.stored.deleted]
    people = [p.derived.key for p in written if p.stored.deleted and p.stored.type == "Patient"]
    if people:
        left = lent.execute(
            "select 1 from record.head where person = any (%s::bigint[])"
            " and not key = any (%s::bigint[]) limit 1",
            (numbers(people), numbers(gone)),
        ).fetchone()
        if left:
            raise Unprocessable(
                "There are still entries about this person, so the person cannot be deleted. "
                "Delete or correct those first."
            )


def refuse_named(lent: Connection, written: Sequence[Prepared]) -> None:
    """Refuse a new person whom something stored names already, as imports may leave it.

    Whoever stores somebody new has reach to them, and would have it to all that hangs there. The
    refusal is that of an id in use, and tells no more.
    """
    new = [
        p.derived.key
        for p in written
        if p.stored.version == 1
        and p.stored.type == "Patient"
        and p.derived.person == p.derived.key
    ]
    if new:
        row = lent.execute("select record.are_named(%s::bigint[])", (numbers(new),)).fetchone()
        if row and row[0]:
            raise Conflict(TAKEN)


def referred_in(written: Sequence[Prepared]) -> dict[int, str]:
    """Return key -> `Type/id` of what is referred to and is not itself part of the commit."""
    live = [p for p in written if not p.stored.deleted]
    own = {p.derived.key for p in live}
    wanted = {reference_key(r): r for p in live for r in p.derived.referred}
    return {key: reference for key, reference in wanted.items() if key not in own}


def not_here(references: Sequence[str]) -> Unprocessable:
    """Return the refusal of references to nothing, a problem each."""
    return Unprocessable(
        *(
            Problem("not-found", f"{r} is not in the record. Correct the reference.")
            for r in references[:100]
        )
    )


def refuse_nameless(written: Sequence[Prepared]) -> None:
    """Refuse what must name a person and does not; Unprocessable, naming each."""
    nameless = [p.stored for p in written if p.derived.person == NOBODY]
    if nameless:
        raise Unprocessable(
            *(
                Problem("required", f"A {s.type} must name the person it is about.", s.type)
                for s in nameless[:100]
            )
        )
