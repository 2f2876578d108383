"""Everything the record keeps beside a resource's text, computed from the resource alone.

The one pure way from a resource to its rows (house.md, law 1): keys, people, data class, label,
main clinical date, index rows, claims and reach. `record` stores what `derive` returns and
`joinedup verify` recomputes it.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from joinedup.fhir.board_row import BoardRow, board_row
from joinedup.fhir.classes import CLASS_OF_TYPE, DataClass, class_of, label_of, may_name_nobody
from joinedup.fhir.involve import claims, involved, references_in
from joinedup.fhir.key import hash64, resource_key
from joinedup.fhir.relationships import Objection, Reach, objections, reach
from joinedup.fhir.search.extract import IndexRows, index_rows
from joinedup.fhir.search.parameters import words_slots
from joinedup.fhir.search.served import HEAD_SUBJECT, HEAD_WHEN
from joinedup.fhir.types import type_number

__all__ = ["NOBODY", "SHARED_WITH_ALL", "Derived", "derive", "reference_key"]

NOBODY = -1
"""Person key of a resource that must name a person but does not: no party ever reaches it."""

SHARED_WITH_ALL = 0
"""Person key of what names nobody and may: what is shared, the place's money and its returns."""

SERVED_TO_NOBODY = 0
"""Data class of a type that nobody declared: no permit carries it."""

_NEVER = "-infinity"


class Derived(Struct, frozen=True):
    """The rows of one resource, each as its table has it; times are index times."""

    key: int
    type: int
    data_class: int
    label: int
    person: int
    others: tuple[int, ...]
    about: bool
    when_low: str
    when_high: str
    tokens: tuple[tuple[int, str, int, str], ...]
    """(slot, code, system, words beside it); code "" carries words alone, words "" are none"""
    strings: tuple[tuple[int, str, int], ...]
    """(slot, normalised, exact)"""
    dates: tuple[tuple[int, str, str], ...]
    """(slot, low, high)"""
    references: tuple[tuple[int, int], ...]
    """(slot, target)"""
    claims: tuple[str, ...]
    reach: tuple[Reach, ...]
    objections: tuple[Objection, ...]
    board: BoardRow | None
    referred: tuple[str, ...]
    """Every literal `Type/id` the resource refers to, wherever it stands."""


@lru_cache(maxsize=5_000)
def system_key(system: str) -> int:
    """Return the hash of a code system's URL; 0 for none."""
    return hash64(system) if system else 0


@lru_cache(maxsize=20_000)
def reference_key(reference: str) -> int:
    """Return the key of what `Type/id` or an absolute URL refers to."""
    return hash64(reference) or 1


def derive(resource: Mapping[str, Any], body: str, *, restricted: bool = False) -> Derived:
    """Return the rows of a checked resource whose `id` is set; `body` is its text as stored.

    `restricted`: a Patient that is a statement about a restricted person, whose own Patient alone
    says so (domain.md 1.2).
    """
    kind = resource["resourceType"]
    people = involved(resource, body)
    person, others = _person_keys(resource, people.person, people.others)
    somebody = person not in (SHARED_WITH_ALL, NOBODY)
    rows = index_rows(resource, restricted=restricted)
    about, references = _lift_subject(kind, person, rows.references)
    low, high, dates = _lift_when(kind, rows.dates)
    return Derived(
        key=resource_key(kind, resource["id"]),
        type=type_number(kind),
        data_class=class_of(resource, names_somebody=person != SHARED_WITH_ALL) or SERVED_TO_NOBODY,
        label=label_of(resource),
        person=person,
        others=others,
        about=about,
        when_low=low,
        when_high=high,
        tokens=_tokens(kind, rows),
        strings=tuple((s, value, hash64(exact)) for s, value, exact in rows.strings),
        dates=dates,
        references=references,
        claims=claims(resource),
        reach=tuple(reach(resource, person)) if somebody else (),
        objections=tuple(objections(resource, person)) if somebody else (),
        board=board_row(resource),
        referred=references_in(body),
    )


def _tokens(kind: str, rows: IndexRows) -> tuple[tuple[int, str, int, str], ...]:
    """Put words into the rows of their slot's codes; words left over have a row without a code."""
    words: dict[int, list[str]] = {}
    token_slots = words_slots(kind)
    for text_slot, text in rows.texts:
        words.setdefault(token_slots[text_slot], []).append(text)
    found = [
        (slot, code, system_key(system), words[slot].pop(0) if words.get(slot) else "")
        for slot, code, system in rows.tokens
    ]
    found += [(slot, "", 0, text) for slot, left in words.items() for text in left]
    return tuple(found)


def _person_keys(
    resource: Mapping[str, Any], person: str, others: tuple[str, ...]
) -> tuple[int, tuple[int, ...]]:
    if person:
        return resource_key("Patient", person), tuple(resource_key("Patient", o) for o in others)
    shared = CLASS_OF_TYPE.get(resource["resourceType"]) is DataClass.SHARED
    return (SHARED_WITH_ALL if shared or may_name_nobody(resource) else NOBODY), ()


def _lift_subject(
    kind: str, person: int, references: tuple[tuple[int, str], ...]
) -> tuple[bool, tuple[tuple[int, int], ...]]:
    """Move the main subject reference into the head row when it is exactly the person."""
    slot = HEAD_SUBJECT.get(kind)
    about = False
    kept = []
    for row_slot, reference in references:
        target = reference_key(reference)
        if row_slot == slot and target == person:
            about = True
        else:
            kept.append((row_slot, target))
    return about, tuple(kept)


def _lift_when(
    kind: str, dates: tuple[tuple[int, str, str], ...]
) -> tuple[str, str, tuple[tuple[int, str, str], ...]]:
    """Copy the main clinical date into the head row.

    A type with a single such slot keeps its date there alone; where one of several dates is the
    main one, the head row only orders and every date keeps its own row.
    """
    slots = HEAD_WHEN.get(kind, ())
    for slot in slots:
        for row in dates:
            if row[0] == slot:
                kept = tuple(r for r in dates if r is not row) if len(slots) == 1 else dates
                return row[1], row[2], kept
    return _NEVER, _NEVER, dates
