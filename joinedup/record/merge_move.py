"""An entry filed to the wrong person, and how it leaves her record for the right one's.

It keeps its id and its author. Its new version names the right person, so whoever sees the wrong
one alone finds neither it nor any version of it; that it was moved stays in both their logs.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.access.restrictions import shown
from joinedup.access.words import Role
from joinedup.fhir.derive import reference_key
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted, Problem, Stale, Unprocessable
from joinedup.fhir.key import resource_key
from joinedup.fhir.provenance import moved_by
from joinedup.record.arrays import numbers
from joinedup.record.change import Stored
from joinedup.record.database import Connection, entered, judged_at, traced
from joinedup.record.guarded import refuse_sight_unguarded
from joinedup.record.merge_store import alone, reason_of, run
from joinedup.record.moved_text import incomplete, moved_text, referred
from joinedup.record.prepare import instant, prepare, source_of
from joinedup.record.rows import VERSION_COLUMNS, stored_from_row
from joinedup.record.settle import Settled
from joinedup.record.write import Commission, store

__all__ = ["Moved", "move_entry"]

_STANDS = (
    b"select h.person, h.label, h.person <> 0 and exists (select from record.head p"
    b" where p.key = h.person), " + VERSION_COLUMNS + b" from record.head h"
    b" join record.version v on v.key = h.key and v.version = h.version where h.key = %s"
)
_PEOPLE_OF = "select key, person from record.head where key = any (%s::bigint[])"
# Whatever of the wrong person's still points at it.
_POINTING = (
    b"select distinct on (h.key) " + VERSION_COLUMNS + b" from record.reference r"
    b" join record.head h on h.key = r.key"
    b" join record.version v on v.key = h.key and v.version = h.version"
    b" where r.target = %s and h.person = %s and h.key <> r.target order by h.key"
)


class Moved(Struct, frozen=True):
    """An entry that is somebody else's now, and the references to the wrong person's it lost."""

    entry: Stored
    dropped: tuple[str, ...]


class _Move(Struct, frozen=True):
    permit: Permit
    stands: Stored
    wrong: int
    right: int
    label: int


def move_entry(
    permit: Permit,
    reference: str,
    to_person_id: str,
    *,
    reason: str,
    drop_references: bool = False,
    if_version: int | None = None,
) -> Moved:
    """Move an entry (`Type/id`) filed to the wrong person into the record of the right one.

    References from it to entries of the wrong person are refused by name, or taken out with
    `drop_references`; what of hers refers to it is refused by name. Raises NotFound, Stale (it is
    not at `if_version`), NotPermitted (either record is not the writer's to change), Unprocessable
    (one problem for each thing that holds it where it is), Invalid (no reason, or nothing to move).
    """
    why, kind = reason_of(reason), reference.partition("/")[0]
    if kind == "Patient":
        raise Invalid("A person's own details are not moved. Two records of one person are joined.")
    _refuse_who(permit)
    right = resource_key("Patient", to_person_id)

    def work(lent: Connection) -> Moved:
        entered(lent, permit)
        move = _asked(lent, permit, reference, to_person_id, right)
        if if_version is not None and move.stands.version != if_version:
            raise Stale("Somebody else changed this entry meanwhile. Look again, and repeat it.")
        lost = _refuse_held(lent, move, drop_references=drop_references)
        return Moved(_moved(lent, move, to_person_id, why, lost), lost)

    return alone(work)


def _refuse_who(permit: Permit) -> None:
    if permit.role in (Role.PERSON, Role.PROXY) or not permit.may_write:
        raise NotPermitted("Entries are moved by those who care for both people. Ask them to.")
    if permit.by_program:
        raise NotPermitted("Entries are moved by people in their own pages, not by a program.")


_MONEY = (
    "Money was posted for this package, and stays with whose it was. Ask finance to take it back, "
    "end this package, and enter it anew for the right person."
)


def _stands(lent: Connection, reference: str) -> tuple[int, int, bool, Stored]:
    row = lent.execute(_STANDS, (reference_key(reference),)).fetchone()
    if row is None:
        raise NotFound(f"There is no {reference} that you can see.")
    return *cast("tuple[int, int, bool]", row[:3]), stored_from_row(row[3:])


def _asked(lent: Connection, permit: Permit, reference: str, to: str, right: int) -> _Move:
    before = _stands(lent, reference)
    run(lent, "select record.await_joins(%s)", (numbers([before[0], right]),))
    wrong, label, about_somebody, stands = _stands(lent, reference)
    if not about_somebody:
        raise Invalid(f"{reference} is about nobody, so there is nobody to move it from.")
    if shown(permit, stands) is not stands:
        raise NotPermitted("You were shown a part of this, so you cannot move it.")
    found = lent.execute(_PEOPLE_OF, (numbers([right]),)).fetchone()
    if found is None or found[0] != right:
        raise NotFound(f"There is no Patient/{to} that you can see.")
    if found[1] != right:
        raise Invalid(f"Patient/{to} is kept under another record. Move it to that one.")
    if wrong == right:
        raise Invalid("This entry is in that person's record already.")
    return _Move(permit, stands, wrong, right, label)


def _refuse_held(lent: Connection, move: _Move, *, drop_references: bool) -> tuple[str, ...]:
    """Return what is to be taken out of it; refuses, naming each, what may not be."""
    names = {reference_key(r): r for r in referred(move.stands.resource)}
    rows = lent.execute(_PEOPLE_OF, (numbers(names),)).fetchall()
    whose = {cast(int, key): cast(int, person) for key, person in rows}
    of_wrong = [
        name
        for key, name in names.items()
        if whose.get(key, move.wrong) == move.wrong and not name.startswith("Patient/")
    ]
    pointing = lent.execute(
        _POINTING, (reference_key(move.stands.reference), move.wrong)
    ).fetchall()
    problems = [
        Problem("business-rule", f"{s.reference} refers to it. Move or correct that one first.")
        for s in map(stored_from_row, pointing)
    ]
    if not drop_references:
        problems += [
            Problem(
                "business-rule",
                f"It refers to {name}, which is not in the other person's record. Move that one "
                "first, or leave the reference out.",
            )
            for name in of_wrong
        ]
    if move.stands.type == "EpisodeOfCare":
        row = lent.execute("select record.has_money(%s)", (move.stands.id,)).fetchone()
        if row and row[0]:
            problems.append(Problem("business-rule", _MONEY))
    if problems:
        raise Unprocessable(*problems[:100])
    return tuple(of_wrong)


def _moved(lent: Connection, move: _Move, to: str, why: str, lost: Sequence[str]) -> Stored:
    """Write the version that names the right person, and tell both logs and the outbox."""
    now, stands, permit = datetime.now(UTC), move.stands, move.permit
    text = moved_text(
        stands.resource, _ids_of(lent, stands.resource, move.wrong), to, frozenset(lost)
    )
    text = _marked(text, permit, now)
    if problems := incomplete(text):
        raise Unprocessable(*problems)
    made = prepare(permit, text, stands.id, stands.version + 1, now, source=source_of(stands))
    refuse_sight_unguarded(lent, permit, [made], judged_at())
    commission = Commission(permit, (), False, "moved", why, now)
    done = store(lent, commission, [Settled("updated", made.stored, made)], now)
    told = ("moved", permit.worker, *traced(permit), why, [move.wrong, move.right], move.label)
    run(lent, "select record.tell(%s, %s, %s, %s, %s, %s, %s, %s, %s::bigint[], %s)", told)
    return done[0].stored


def _marked(text: dict[str, Any], permit: Permit, now: datetime) -> dict[str, Any]:
    meta = dict(text.get("meta", {}))
    meta["extension"] = [*meta.get("extension", ()), moved_by(permit.name, instant(now))]
    return {**text, "meta": meta}


def _ids_of(lent: Connection, resource: Mapping[str, Any], wrong: int) -> frozenset[str]:
    """Return under which references the entry names the wrong person, whichever of their ids."""
    row = lent.execute("select record.same(%s)", (wrong,)).fetchone()
    same = set(cast("list[int]", row[0])) if row else {wrong}
    return frozenset(r for r in referred(resource) if reference_key(r) in same)
