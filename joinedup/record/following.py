"""Labels that follow a label, in the commit that changed it: found here, stored by `write`.

What follows what is pure (`fhir.following`). It is found whether the writer sees it or not, as a
label left behind would tell of what the writer has just hidden.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from joinedup.access.permit import Permit
from joinedup.fhir.classes import TASK_KIND, DataClass, labels_on
from joinedup.fhir.derive import NOBODY, reference_key
from joinedup.fhir.following import (
    PROTECTED,
    LabelsChanged,
    asked_about,
    asking_under_protection,
    asks_about_bill,
    bills_of_package,
    entry_of_disagreement,
    hidden_with,
    labelled_as,
    labels_changed,
    with_labels_changed,
)
from joinedup.fhir.types import type_number
from joinedup.fhir.wire import read_resource
from joinedup.record.change import Stored
from joinedup.record.database import Connection, entered
from joinedup.record.prepare import Prepared, prepare, source_of
from joinedup.record.rows import CURRENT, stored_from_row
from joinedup.record.settle import Settled

__all__ = ["followers", "may_follow", "under_entry_labels"]

_SECURITY = '"security"'
_TURNS = 64
_JOINED = CURRENT + b"h.key = any (record.same(%s)) and h.key <> %s order by h.key"
_STATED = (
    CURRENT + b"h.person = record.kept(%s) and h.type = %s and not h.key = any (record.same(%s))"
    b" order by h.key"
)
_SAID = (
    CURRENT + b"h.key in (select r.key from record.reference r where r.target = %s)"
    b" and h.type = %s order by h.key"
)
_ASKED = (
    CURRENT + b"h.person = %s and h.type = %s and h.class = %s and strpos(v.body, %s) > 0"
    b" order by h.key"
)
_BILLED = (
    CURRENT + b"h.person = (select p.person from record.head p where p.key = %s)"
    b" and h.type = any (%s) and strpos(v.body, %s) > 0 order by h.key"
)
_ENTRY = CURRENT + b"h.key = %s"

Resource = dict[str, Any]


class _Said(Struct, frozen=True):
    """A resource whose labels a commit has changed, as it stood and as it stands."""

    stored: Stored
    before: Resource
    after: Resource
    changed: LabelsChanged


def may_follow(prepared: Prepared) -> bool:
    """Whether a text is said of an entry whose labels it has to have."""
    body = prepared.stored.body
    return prepared.stored.type == "Task" and TASK_KIND in body and not prepared.stored.deleted


def under_entry_labels(
    lent: Connection, permit: Permit, settled: Sequence[Settled], now: datetime
) -> list[Settled]:
    """Return the changes with each disagreement under the labels of the entry it is about.

    Whoever changes those labels waits until this commit is done, or this for them. An entry that
    the permit does not see leaves what was said under the labels it came with.
    """
    written = {s.stored.reference: s.stored.resource for s in settled if _is_live(s)}
    return [_under(lent, permit, s, written, now) for s in settled]


def _is_live(settled: Settled) -> bool:
    return settled.prepared is not None and not settled.stored.deleted


def _under(
    lent: Connection, permit: Permit, said: Settled, written: dict[str, Resource], now: datetime
) -> Settled:
    if said.prepared is None or not may_follow(said.prepared):
        return said
    task = said.stored.resource
    reference = entry_of_disagreement(task)
    if "/" not in reference:
        return said
    key = reference_key(reference)
    lent.execute("select pg_advisory_xact_lock_shared(66, %s)", (key % _TURNS,))
    entry = written.get(reference)
    if entry is None:
        rows = lent.execute(_ENTRY, (key,)).fetchall()
        entry = next((stored_from_row(row).resource for row in rows), None)
    text = labelled_as(task, entry) if entry is not None else task
    if text == task:
        return said
    stored, source = said.stored, source_of(said.stored)
    made = prepare(permit, text, stored.id, stored.version, now, source=source)
    return replace(said, stored=made.stored, prepared=made)


def followers(
    lent: Connection, permit: Permit, settled: Sequence[Settled], now: datetime
) -> list[Settled]:
    """Return the new versions that these changes, stored already, make of what follows them.

    `permit` is `access.permit.following`; it stays entered where there was anything to look for.
    """
    changes = [said for each in settled if (said := _said(each)) is not None]
    if not changes:
        return []
    entered(lent, permit)
    for key in sorted({reference_key(said.stored.reference) % _TURNS for said in changes}):
        lent.execute("select pg_advisory_xact_lock(66, %s)", (key,))
    made: dict[str, Settled] = {}
    for said in changes:
        for stands, rule in _following(lent, said):
            before = made[stands.reference].stored.resource if stands.reference in made else None
            text = rule(before or stands.resource)
            if text != (before or stands.resource):
                made[stands.reference] = _made(permit, stands, text, now)
    return list(made.values())


def _said(settled: Settled) -> _Said | None:
    stored = settled.stored
    if not (settled.stood and _is_live(settled)):
        return None
    if _SECURITY not in settled.stood and _SECURITY not in stored.body:
        return None
    before, after = read_resource(settled.stood), stored.resource
    changed = labels_changed(before, after)
    return _Said(stored, before, after, changed) if changed else None


def _following(
    lent: Connection, said: _Said
) -> Iterator[tuple[Stored, Callable[[Resource], Resource]]]:
    """Yield what follows, each with what becomes of its text."""
    key, task = reference_key(said.stored.reference), type_number("Task")
    for stands in _found(lent, _SAID, (key, task)):
        if entry_of_disagreement(stands.resource) == said.stored.reference:
            yield stands, lambda text: labelled_as(text, said.after)
        if asks_about_bill(stands.resource, said.stored.reference):
            yield stands, lambda text: with_labels_changed(text, said.changed)
    if said.stored.type == "EpisodeOfCare":
        types, package = [type_number("Invoice"), task], said.stored.id
        for stands in _found(lent, _BILLED, (key, types, package)):
            if bills_of_package(stands.resource, package):
                yield stands, lambda text: with_labels_changed(text, said.changed)
    if said.stored.type != "Patient":
        return
    for stands in _found(lent, _JOINED, (key, key)):
        yield stands, lambda text: with_labels_changed(text, said.changed)
    for stands in _found(lent, _STATED, (key, type_number("Patient"), key)):
        yield stands, lambda text: hidden_with(text, said.changed)
    if labels_on(said.after) & ~labels_on(said.before) & PROTECTED:
        asked = (NOBODY, task, DataClass.IDENTITY.value, f'"{said.stored.id}"')
        for stands in _found(lent, _ASKED, asked):
            if said.stored.id in asked_about(stands.resource):
                yield stands, asking_under_protection


def _found(lent: Connection, statement: bytes, arguments: tuple[object, ...]) -> list[Stored]:
    return [stored_from_row(row) for row in lent.execute(statement, arguments).fetchall()]


def _made(permit: Permit, stands: Stored, text: Resource, now: datetime) -> Settled:
    """The next version: another label on what was said; who said it, and when, stay as it was."""
    made = prepare(permit, text, stands.id, stands.version + 1, now, source=source_of(stands))
    return Settled("updated", made.stored, made, stands.body)
