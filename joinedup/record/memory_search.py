"""Searches of the record in memory, over what a permit was found to see.

Every step looks at every resource; matching is `fhir.search.matches`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec

from joinedup.fhir.issue import Invalid, TooMuch
from joinedup.fhir.key import hash64
from joinedup.fhir.search import clause as c
from joinedup.fhir.search.matches import matches
from joinedup.fhir.search.served import HEAD_WHEN
from joinedup.record.change import Page, Stored
from joinedup.record.memory_state import Version, main_date

__all__ = ["found_page"]

MOST_INCLUDED = 1_000

Value = str | int | None
Seen = Mapping[str, Version]
Placed = tuple[tuple[Value, ...], int, Version]


def found_page(seen: Seen, query: c.Query) -> Page:
    """Return one page of what fits the query among the resources that a permit sees."""
    fitting = [v for v in seen.values() if _fits_all(v, query.type, query.clauses, seen)]
    placed = _in_order(query, [(_place(query, v), v.key, v) for v in fitting])
    if query.cursor is not None:
        placed = _after(query, placed)
    page = placed[: query.count]
    more = query.count and len(placed) > query.count
    return Page(
        entries=tuple(v.stored for _, _, v in page),
        included=_along(query, [v for _, _, v in page], seen),
        total=len(fitting) if query.total != "none" or not query.count else None,
        next_cursor=_cursor(query, page[-1][0], page[-1][1]) if more else None,
    )


def _fits_all(
    version: Version,
    kind: str | None,
    clauses: Sequence[c.Clause],
    seen: Seen,
) -> bool:
    return version.stored.type == kind and all(_fits(version, each, seen) for each in clauses)


def _fits(version: Version, clause: c.Clause, seen: Seen) -> bool:
    if not isinstance(clause, c.Chain):
        return matches(clause, version.rows, version.resource)
    return any(
        slot in clause.slots
        and target in seen
        and _fits_all(seen[target], clause.target_type, clause.clauses, seen)
        for slot, target in version.rows.references
    )


def _in_order(query: c.Query, rows: Sequence[Placed]) -> list[Placed]:
    """Sort by the last of the order's keys first; who has none of a key stands last either way."""
    placed = sorted(rows, key=lambda row: row[1], reverse=True)
    downwards = [sort.descending for sort in query.sort] or [True]
    for place in reversed(range(len(downwards))):
        having = [row for row in placed if row[0][place] is not None]
        lacking = [row for row in placed if row[0][place] is None]
        having.sort(key=lambda row: cast(str, row[0][place]), reverse=downwards[place])
        placed = having + lacking
    return placed


def _place(query: c.Query, version: Version) -> tuple[Value, ...]:
    """Return a resource's values of the order's keys; the main date where no order is asked.

    Newest first alone is the order there is anyway: there, no date and a period that has always
    been are both as old as can be, and equal.
    """
    newest = HEAD_WHEN.get(version.stored.type)
    if not query.sort or [(s.descending, s.slots) for s in query.sort] == [(True, newest)]:
        return (main_date(version.resource, version.rows),)
    return tuple(_sort_value(sort, version) for sort in query.sort)


def _sort_value(sort: c.Sort, version: Version) -> Value:
    if sort.kind == "id":
        return version.stored.id
    if sort.kind == "updated":
        return version.stored.updated.isoformat(timespec="microseconds")
    rows = version.rows
    values: dict[str, list[tuple[int, Any]]] = {
        "token": [(slot, code) for slot, code, _ in rows.tokens],
        "string": [(slot, text) for slot, text, _ in rows.strings],
        "date": [(slot, low) for slot, low, _ in rows.dates],
        "reference": [(slot, hash64(target) or 1) for slot, target in rows.references],
    }
    mine = [value for slot, value in values[sort.kind] if slot in sort.slots]
    if not mine:
        return None
    return cast(Value, max(mine) if sort.descending else min(mine))


def _cursor(query: c.Query, values: Sequence[Value], key: int) -> str:
    return msgspec.json.encode([repr(_asked(query)), values, key]).decode()


def _after(query: c.Query, placed: Sequence[Placed]) -> list[Placed]:
    """Return the rows behind the one that ended the last page, wherever it may stand by now."""
    try:
        asked, values, key = msgspec.json.decode(
            query.cursor or "", type=tuple[str, tuple[Value, ...], int]
        )
    except msgspec.MsgspecError:
        asked, values, key = "", (), 0
    if asked != repr(_asked(query)):
        raise Invalid("This _cursor does not belong to this search.")
    ended = (values, key, cast(Version, None))
    others = [row for row in placed if row[1] != key or row[0] != values]
    ordered = _in_order(query, [*others, ended])
    return ordered[ordered.index(ended) + 1 :]


def _asked(query: c.Query) -> c.Query:
    return c.Query(query.type, query.clauses, query.sort)


def _along(query: c.Query, page: Sequence[Version], seen: Seen) -> tuple[Stored, ...]:
    """Return what the page's resources point at, and what points at them, as far as asked."""
    on_page = {v.stored.reference for v in page}
    wanted = set(_pointed_at(query, page)) | set(_pointing(query, on_page, seen))
    found = sorted(
        (seen[r] for r in wanted - on_page if r in seen), key=lambda version: version.key
    )
    if len(found) > MOST_INCLUDED:
        raise TooMuch("More than 1,000 resources would be included. Ask for a smaller _count.")
    return tuple(v.stored for v in found)


def _pointed_at(query: c.Query, page: Sequence[Version]) -> Iterator[str]:
    for include in query.includes:
        for version in page:
            for slot, target in version.rows.references:
                if slot in include.slots and target.split("/")[0] in include.targets:
                    yield target


def _pointing(query: c.Query, on_page: set[str], seen: Seen) -> Iterator[str]:
    for include in query.revincludes:
        for version in seen.values():
            if version.stored.type == include.type and any(
                slot in include.slots and target in on_page
                for slot, target in version.rows.references
            ):
                yield version.stored.reference
