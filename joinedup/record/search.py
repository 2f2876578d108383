"""Searching the record: a query as one SQL statement, its page, and what goes along with it.

Every table a search touches carries the row locks, inputs and outputs alike, so a search answers
only from what its permit could read. Everybody on a page is named in the audit.
"""

from collections.abc import Sequence
from typing import Any, cast

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Invalid, TooMuch
from joinedup.fhir.search.clause import Include, Query
from joinedup.fhir.search.served import HEAD_SUBJECT
from joinedup.fhir.types import type_number
from joinedup.record.change import Page, Stored
from joinedup.record.conditions import conditions, names_few
from joinedup.record.database import Connection, connection, entered, entering
from joinedup.record.exchange import under
from joinedup.record.order import after, cursor, expressions, order_by, plainly_ordered
from joinedup.record.rows import VERSION_COLUMNS, stored_from_row
from joinedup.record.trace import leaving_trace, trace, trace_arguments

__all__ = ["matching", "search", "standing"]

INCLUDED_LIMIT = 1_000

Row = Sequence[Any]


def search(permit: Permit, query: Query, *, detail: str = "") -> Page:
    """Return one page of what fits the query and the permit sees, newest first unless sorted.

    Raises Invalid for a query of no type, TooMuch when more than 1,000 resources would be included
    or the time limit is passed.
    `detail` is kept in the audit beside the people found.
    """
    if not query.type:
        raise Invalid("Say which type of resource to search for: all at once is not offered.")
    query = plainly_ordered(query)
    narrow = any(names_few(query.type or "", c) for c in query.clauses)
    with connection() as lent:
        if query.count and query.total == "none" and not (query.includes or query.revincludes):
            settings = entering(permit, generic=narrow)
            found = under(lent, settings, *_traced_page(query, permit, detail))
            return _shown(query, found, (), None)
        with lent.transaction():
            entered(lent, permit, generic=narrow)
            rows = _page(lent, query, query.count + 1) if query.count else []
            kept = rows[: query.count]
            included = _included(lent, query, [r[0] for r in kept])
            total = _total(lent, query) if query.total != "none" or not query.count else None
            people = (p for r in [*kept, *included] for p in (r[1], *(r[2] or ())))
            trace(lent, permit, "search", people=people, detail=detail)
    return _shown(query, rows, included, total)


def standing(permit: Permit, queries: Sequence[Query]) -> tuple[int, int]:
    """Return how many resources fit any of the queries, and a number that tells when one changed.

    Only what the permit sees is counted. It names nobody and shows nothing, so it leaves no look:
    a page asks it whether there is anything new to look at.
    """
    if not queries:
        return 0, 0
    pieces, values = [], []
    for query in queries:
        where, found = conditions(query.type or "", query.clauses, "h")
        pieces.append("select h.key, h.version from record.head h where h.type = %s and " + where)
        values += [type_number(query.type or ""), *found]
    text = (
        "select count(*), coalesce(sum(hashint8extended(f.key, f.version)), 0)::text from ("
        + " union ".join(pieces)
        + ") f"
    )
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        row = lent.execute(text.encode(), values).fetchone()
    return (int(str(row[0])), int(str(row[1])) & (2**63 - 1)) if row else (0, 0)


def _shown(query: Query, rows: Sequence[Row], included: Sequence[Row], total: int | None) -> Page:
    """Return the page of rows that were asked for with one more than it holds."""
    kept = rows[: query.count]
    return Page(
        entries=tuple(stored_from_row(r[_SORT_END:]) for r in kept),
        included=tuple(stored_from_row(r[_SORT_END:]) for r in included),
        total=total,
        next_cursor=cursor(query, kept[-1][3], kept[-1][0]) if len(rows) > len(kept) else None,
    )


_SORT_END = 4  # key, person, others and the sort values stand before a version's own columns


def matching(lent: Connection, query: Query, *, limit: int) -> list[Stored]:
    """Return up to `limit` resources that fit, within a transaction that has entered its permit."""
    return [stored_from_row(r[_SORT_END:]) for r in _page(lent, query, limit)]


def _page(lent: Connection, query: Query, limit: int) -> list[Row]:
    found, values = _found(query, limit)
    text = "select " + _columns(query) + " from (" + found + ") p" + _VERSION
    text += " order by " + order_by(query, "p.s0", "p.", "p.key")
    return cast("list[Row]", lent.execute(text.encode(), values, binary=True).fetchall())


def _traced_page(query: Query, permit: Permit, detail: str) -> tuple[bytes, tuple[Any, ...]]:
    """Return the statement of one page that names everybody on it in the audit.

    It finds one row more than the page holds, which is not shown and whose people are not named.
    """
    found, values = _found(query, query.count + 1)
    text = (
        "with page as materialized (select f.*, row_number() over (order by "
        + order_by(query, "f.s0", "f.", "f.key")
        + ") as place from ("
        + found
        + ") f), named as (select u.person, min(g.place * 1000 + u.nth) as place from"
        " page g, unnest(g.person || g.others) with ordinality u (person, nth)"
        " where g.place <= %s and u.person not in (0, -1) group by u.person), "
        + leaving_trace().decode()
        + " select "
        + _columns(query)
        + " from page p"
        + _VERSION
        + " order by p.place"
    )
    return text.encode(), (*values, query.count, *trace_arguments(permit, "search", detail=detail))


_VERSION = " join record.version v on v.key = p.key and v.version = p.version"


def _columns(query: Query) -> str:
    told = ", ".join("p.s" + str(i) + "::text" for i in range(max(1, len(query.sort))))
    return "p.key, p.person, p.others, array[" + told + "], " + VERSION_COLUMNS.decode()


def _found(query: Query, limit: int) -> tuple[str, tuple[Any, ...]]:
    """Return the head rows of one page: key, version, people, and what they are sorted by."""
    kind = query.type or ""
    where, values = conditions(kind, query.clauses, "h")
    start, start_values = after(query)
    order, extra, order_values = "h.when_low as s0", "", ()
    if query.sort:
        texts, order_values = expressions(query)
        extra = " cross join lateral (select " + texts + ") k"
        order = ", ".join("k.s" + str(i) for i in range(len(query.sort)))
    text = (
        "select h.key, h.version, h.person, h.others, "
        + order
        + " from record.head h"
        + extra
        + " where h.type = %s and "
        + where
        + " and "
        + start
        + " order by "
        + order_by(query, "h.when_low", "k.", "h.key")
        + " limit %s"
    )
    return text, (*order_values, type_number(kind), *values, *start_values, limit)


def _total(lent: Connection, query: Query) -> int:
    where, values = conditions(query.type or "", query.clauses, "h")
    text = "select count(*) from record.head h where h.type = %s and " + where
    row = lent.execute(text.encode(), (type_number(query.type or ""), *values)).fetchone()
    return int(str(row[0])) if row else 0


def _included(lent: Connection, query: Query, keys: Sequence[int]) -> list[Row]:
    if not keys or not (query.includes or query.revincludes):
        return []
    pieces: list[str] = []
    values: list[Any] = []
    for include in query.includes:
        text, found = _pointed_at(include, keys)
        pieces.append(text)
        values.extend(found)
    for include in query.revincludes:
        text, found = _pointing(include, keys)
        pieces.append(text)
        values.extend(found)
    wanted = (
        "select h.key, h.person, h.others, null, "
        + VERSION_COLUMNS.decode()
        + " from (select distinct key from ("
        + " union all ".join(pieces)
        + ") u) w join record.head h on h.key = w.key"
        " join record.version v on v.key = h.key and v.version = h.version"
        " where not h.key = any (%s::bigint[]) order by h.key limit %s"
    )
    rows = lent.execute(wanted.encode(), (*values, list(keys), INCLUDED_LIMIT + 1)).fetchall()
    if len(rows) > INCLUDED_LIMIT:
        raise TooMuch("More than 1,000 resources would be included. Ask for a smaller _count.")
    return cast("list[Row]", rows)


def _pointed_at(include: Include, keys: Sequence[int]) -> tuple[str, list[Any]]:
    """Keys that the page's resources point at, of the types asked for."""
    types = [type_number(t) for t in include.targets]
    text = (
        "select t.key from record.reference r join record.head t on t.key = r.target"
        " where r.key = any (%s::bigint[]) and r.slot = any (%s::int[])"
        " and t.type = any (%s::int[])"
    )
    values: list[Any] = [list(keys), list(include.slots), types]
    if HEAD_SUBJECT.get(include.type) in include.slots and "Patient" in include.targets:
        text += (
            " union select s.person from record.head s where s.key = any (%s::bigint[]) and s.about"
        )
        values.append(list(keys))
    return text, values


def _pointing(include: Include, keys: Sequence[int]) -> tuple[str, list[Any]]:
    """Keys of the resources of one type that point at the page's."""
    kind = type_number(include.type)
    text = (
        "select r.key from record.reference r"
        " where r.target = any (%s::bigint[]) and r.slot = any (%s::int[])"
    )
    values: list[Any] = [list(keys), list(include.slots)]
    if HEAD_SUBJECT.get(include.type) in include.slots:
        text += (
            " union select s.key from record.head s"
            " where s.person = any (%s::bigint[]) and s.type = %s and s.about"
        )
        values += [list(keys), kind]
    return text, values
