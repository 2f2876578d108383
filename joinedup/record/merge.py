"""When two person records prove to be one, and when that proves wrong.

The texts of what is about them are never rewritten: what is about the other is seen under the kept
from then on, and under its own again once they are parted (docs/decisions/0013-merge.md). Who is
the same person, and who proposes it, is for `people`; an entry filed to the wrong person is moved
by `merge_move`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from msgspec import Struct

from joinedup.access.permit import Permit, joining, system_permit
from joinedup.access.words import Role
from joinedup.fhir.classes import Label, labels_on
from joinedup.fhir.issue import (
    Conflict,
    Invalid,
    NotFound,
    NotPermitted,
    Stale,
    Unprocessable,
)
from joinedup.fhir.key import resource_key
from joinedup.fhir.types import type_number
from joinedup.record.arrays import numbers
from joinedup.record.change import Stored
from joinedup.record.database import Connection, entered
from joinedup.record.merge_move import Moved, move_entry
from joinedup.record.merge_store import LONGEST_REASON, alone, as_house, reason_of, run
from joinedup.record.merge_texts import is_statement, joined_texts, parted_kept, parted_other
from joinedup.record.prepare import prepare
from joinedup.record.restrict import derive_again
from joinedup.record.rows import CURRENT, VERSION_COLUMNS, stored_from_row
from joinedup.record.settle import Settled
from joinedup.record.trace import trace
from joinedup.record.write import Commission, store

__all__ = ["LONGEST_REASON", "Merged", "Moved", "Parted", "merge", "move_entry", "unmerge"]

_CURRENT = CURRENT + b"h.key = any (%s::bigint[])"
_BEFORE = (
    b"select " + VERSION_COLUMNS + b" from record.version v where v.key = %s and v.version = %s"
)
_STANDS = (
    "select person, target, kept, since, other_version, kept_version"
    " from record.joined where until is null and person = any (%s::bigint[])"
)
_REMAINING = (
    b"select " + VERSION_COLUMNS + b" from record.joined j join record.head h on h.key = j.person"
    b" join record.version v on v.key = h.key and v.version = h.version"
    b" where j.target = %s and j.person <> %s and j.until is null order by j.kept_version"
)
# Whatever has a version since they were joined, by the Patient that version names.
_WRITTEN = (
    b"select v.person, " + VERSION_COLUMNS + b" from record.head h join record.version v"
    b" on v.key = h.key and v.version = h.version"
    b" where h.person = any (%s::bigint[]) and v.received > %s and h.type <> %s order by v.received"
)

_Pair = dict[int, Stored]


class Merged(Struct, frozen=True):
    """Two records that are one now: both Patients as they stand."""

    kept: Stored
    other: Stored


class Parted(Struct, frozen=True):
    """Two records that are two again: both Patients as they stand.

    `written_to_kept` and `written_to_other` are the entries (`Type/id`) written while they were
    one, as far as the permit sees them: a person decides to whom each belongs.
    """

    kept: Stored
    other: Stored
    written_to_kept: tuple[str, ...]
    written_to_other: tuple[str, ...]


class _Joining(Struct, frozen=True):
    """Two people, by id and key, and who joins or parts them, and why."""

    permit: Permit
    kept_id: str
    other_id: str
    reason: str
    now: datetime

    @property
    def kept(self) -> int:
        return resource_key("Patient", self.kept_id)

    @property
    def other(self) -> int:
        return resource_key("Patient", self.other_id)


class _Stands(Struct, frozen=True):
    """A row of `joined` as it stands now."""

    person: int
    target: int
    kept: int
    since: datetime
    other_version: int
    kept_version: int


def merge(
    permit: Permit,
    kept_id: str,
    other_id: str,
    *,
    reason: str,
    if_versions: Mapping[str, int] | tuple[int, int],
) -> Merged:
    """Make two records of one person one: `other_id` is seen under `kept_id` from now on.

    `if_versions` are the versions of both Patients that were compared, by id or in that order.
    Raises NotPermitted (no power to join, or somebody protected), NotFound (either is not seen),
    Stale (either changed since), Conflict (either is joined already), Invalid (no reason, or the
    same record twice), Unprocessable (one organisation's statement, not a person's own record).
    FHIR R4 8.1.4.1, domain.md 1.4 ID-04.
    """
    asked = _asked(permit, kept_id, other_id, reason)
    seen = (
        {kept_id: if_versions[0], other_id: if_versions[1]}
        if isinstance(if_versions, tuple)
        else dict(if_versions)
    )
    return alone(lambda lent: _merge(lent, asked, seen))


def unmerge(permit: Permit, kept_id: str, other_id: str, *, reason: str) -> Parted:
    """Part two records that were joined wrongly; what came from each is each one's own again.

    What was written since stays with the Patient it names, and is listed. Raises NotPermitted,
    NotFound (either is not seen), Conflict (they are not joined, or the kept was joined to a third
    since), Invalid (no reason).
    """
    asked = _asked(permit, kept_id, other_id, reason)
    return alone(lambda lent: _unmerge(lent, asked))


def _asked(permit: Permit, kept_id: str, other_id: str, reason: str) -> _Joining:
    joining(permit)  # refuses first, before anything is looked at
    if kept_id == other_id:
        raise Invalid("These are one record. Choose two different ones.")
    return _Joining(permit, kept_id, other_id, reason_of(reason), datetime.now(UTC))


def _merge(lent: Connection, asked: _Joining, seen: Mapping[str, int]) -> Merged:
    pair = _pair(lent, asked)
    _refuse_stale(pair.values(), seen)
    _refuse_joined(lent, asked)
    _refuse_protected(asked.permit, pair)
    _refuse_telling(pair)
    for stored in pair.values():
        if is_statement(stored.resource):
            raise Unprocessable(
                f"Patient/{stored.id} is what one organisation says of somebody, not a person's "
                "own record."
            )
    kept, other = pair[asked.kept], pair[asked.other]
    texts = joined_texts(kept.resource, other.resource)
    as_house(
        lent,
        "select record.join_people(%s, %s, %s, %s)",
        (asked.other, asked.kept, other.version + 1, kept.version + 1),
    )
    after = _stored(lent, asked, "merged", {kept: texts[0], other: texts[1]})
    _place(lent, asked, [asked.kept, asked.other])
    return Merged(after[0], after[1])


def _unmerge(lent: Connection, asked: _Joining) -> Parted:
    pair = _pair(lent, asked)
    stands = _standing(lent, [asked.other]).get(asked.other)
    if stands is None or stands.target != asked.kept:
        raise Conflict(
            f"Patient/{asked.other_id} is not joined to Patient/{asked.kept_id}, so there is "
            "nothing to part."
        )
    if above := _standing(lent, [asked.kept]):
        raise Conflict(
            f"Patient/{asked.kept_id} was joined to another record itself, since "
            f"{above[asked.kept].since:%-d %B %Y}. Part those two first."
        )
    _refuse_protected(asked.permit, pair)
    group = _same(lent, asked.kept)
    written = _written(lent, group, stands)
    before_other = _before(lent, asked.other, stands.other_version)
    remaining = _remaining(lent, asked)
    kept, other = pair[asked.kept], pair[asked.other]
    as_house(lent, "select record.part_people(%s)", (asked.other,))
    below = _same(lent, asked.other)
    texts = {
        kept: parted_kept(kept.resource, before_other, remaining),
        other: parted_other(other.resource, before_other),
    }
    after = _stored(lent, asked, "parted", texts)
    _place(lent, asked, group)
    of_other = tuple(name for person, name in written if person in below)
    of_kept = tuple(name for person, name in written if person not in below)
    return Parted(after[0], after[1], of_kept, of_other)


def _pair(lent: Connection, asked: _Joining) -> _Pair:
    """Hold everybody who is one of the two, and return both Patients as the permit sees them."""
    entered(lent, asked.permit)
    people = {asked.kept, asked.other}
    held: set[int] = set()
    while people - held:
        run(lent, "select record.hold_people(%s)", (numbers(sorted(people - held)),))
        held |= people
        people |= {p for one in sorted(people) for p in _same(lent, one)}
    rows = lent.execute(_CURRENT, (numbers([asked.kept, asked.other]),)).fetchall()
    found = {resource_key(s.type, s.id): s for s in map(stored_from_row, rows)}
    for key, name in ((asked.kept, asked.kept_id), (asked.other, asked.other_id)):
        if key not in found:
            raise NotFound(f"There is no Patient/{name} that you can see.")
    return found


def _refuse_stale(pair: Any, seen: Mapping[str, int]) -> None:
    for stored in pair:
        if seen.get(stored.id) != stored.version:
            raise Stale(
                f"Patient/{stored.id} was changed by somebody else: you compared version "
                f"{seen.get(stored.id, 0)}, it is now at version {stored.version}. Compare the two "
                "again."
            )


def _refuse_joined(lent: Connection, asked: _Joining) -> None:
    names = {asked.kept: asked.kept_id, asked.other: asked.other_id}
    for key in _standing(lent, list(names)):
        raise Conflict(
            f"Patient/{names[key]} was joined to another record already. Use the one it was "
            "joined to."
        )


def _refuse_protected(permit: Permit, pair: _Pair) -> None:
    """Refuse to join the protected, or to part them, but for who answers for it."""
    if permit.role is Role.PRIVACY_OFFICER:
        return
    if any(labels_on(stored.resource) for stored in pair.values()):
        raise NotPermitted("One of these records is protected. Ask your privacy officer.")


def _refuse_telling(pair: _Pair) -> None:
    """Refuse to join what only one of the two would hide, whoever asks.

    Both texts will name each other, so a label that only one of them carries would be told by the
    other (domain.md 1.5). Once joined they carry the same: `following` sees to it.
    """
    ordinary = Label.RESTRICTED | Label.VERY_RESTRICTED
    hidden = {labels_on(stored.resource) & ~ordinary for stored in pair.values()}
    if len(hidden) > 1:
        raise Unprocessable(
            "One of these identities is protected and the other is not: joined, each would tell of "
            "the other. Protect both alike first, or leave them apart."
        )


def _before(lent: Connection, key: int, version: int) -> dict[str, Any]:
    """Return a Patient as it was before the version that joined it, whoever may see that now."""
    entered(lent, system_permit("merge"))
    row = lent.execute(_BEFORE, (key, version - 1)).fetchone()
    assert row is not None, (key, version)
    return stored_from_row(row).resource


def _remaining(lent: Connection, asked: _Joining) -> list[dict[str, Any]]:
    """Return the Patients that stay joined to the kept, in the order they were joined to it."""
    rows = lent.execute(_REMAINING, (asked.kept, asked.other)).fetchall()
    return [stored_from_row(row).resource for row in rows]


def _written(lent: Connection, group: list[int], stands: _Stands) -> list[tuple[int, str]]:
    rows = lent.execute(_WRITTEN, (numbers(group), stands.since, type_number("Patient"))).fetchall()
    return [(cast(int, row[0]), stored_from_row(row[1:]).reference) for row in rows]


def _stored(
    lent: Connection, asked: _Joining, action: str, texts: Mapping[Stored, Mapping[str, Any]]
) -> list[Stored]:
    """Write the new versions of both Patients, with the audit event and the outbox line of both."""
    permit = joining(asked.permit)
    entered(lent, permit)
    settled = []
    for stands, text in texts.items():
        made = prepare(permit, text, stands.id, stands.version + 1, asked.now)
        settled.append(Settled("updated", made.stored, made))
    commission = Commission(permit, (), False, action, asked.reason, asked.now)
    done = store(lent, commission, settled, asked.now)
    for person in (asked.kept, asked.other):  # an event is told whole in one log alone
        trace(lent, permit, action, people=[person], key=person, detail=asked.reason)
    return [each.stored for each in done]


def _place(lent: Connection, asked: _Joining, people: list[int]) -> None:
    """Put everything about these people where it belongs now; restrictions withhold it at once."""
    as_house(lent, "select record.place_people(%s)", (numbers(people),))
    derive_again(lent, asked.permit, people)


def _same(lent: Connection, person: int) -> list[int]:
    row = lent.execute("select record.same(%s)", (person,)).fetchone()
    assert row is not None
    return cast("list[int]", row[0])


def _standing(lent: Connection, people: list[int]) -> dict[int, _Stands]:
    rows = lent.execute(_STANDS.encode(), (numbers(people),)).fetchall()
    found = [_Stands(*cast("tuple[Any, ...]", row)) for row in rows]
    return {row.person: row for row in found}
