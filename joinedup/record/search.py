"""Searching the record: a query as one SQL statement, its page, and what goes along with it.

Every table a search touches carries the row locks, inputs and outputs alike, so a search answers
only from what its permit could read. Everybody on a page is named in the audit.
"""

from collections.abc import Sequence
from typing import Any, cast

from joinedup.access.permit import Permit
from joinedup.fhir.issue import TooMuch
from joinedup.fhir.search.clause import Include, Query
from joinedup.fhir.search.served import HEAD_SUBJECT
from joinedup.fhir.types import type_number
from joinedup.record.change import Page, Stored
from joinedup.record.conditions import conditions, names_few
from joinedup.record.database import Connection, connection, entered
from joinedup.record.order import after, cursor, expressions, order_by, plainly_ordered
from joinedup.record.rows import VERSION_COLUMNS, stored_from_row
from joinedup.record.trace import trace

__all__ = ["matching", "search"]

INCLUDED_LIMIT = 1_000

Row = Sequence[Any]


def search(permit: Permit, query: Query, *, detail: str = "") -> Page:
    """Return one page of what fits the query and the permit sees, newest first unless sorted.

    Raises TooMuch when more than 1,000 resources would be included, or the time limit is passed.
    `detail` is kept in the audit beside the people found.
    """
    query = plainly_ordered(query)
    with connection() as lent, lent.transaction():
        entered(lent, permit, generic=any(names_few(query.type or "", c) for c in query.clauses))
        rows = _page(lent, query, query.count + 1) if query.count else []
        more = len(rows) > query.count
        rows = rows[: query.count]
        entries = tuple(stored_from_row(r[_SORT_END:]) for r in rows) if rows else ()
        included = _included(lent, query, [r[0] for r in rows])
        total = _total(lent, query) if query.total != "none" or not query.count else None
        people = {p for r in [*rows, *included] for p in (r[1], *(r[2] or ()))}
        trace(lent, permit, "search", people=people, detail=detail)
    return Page(
        entries=entries,
        included=tuple(stored_from_row(r[_SORT_END:]) for r in included),
        total=total,
        next_cursor=cursor(query, rows[-1][3], rows[-1][0]) if more else None,
    )


_SORT_END = 4  # key, person, others and the sort values stand before a version's own columns


def matching(lent: Connection, query: Query, *, limit: int) -> list[Stored]:
    """Return up to `limit` resources that fit, within a transaction that has entered its permit."""
    return [stored_from_row(r[_SORT_END:]) for r in _page(lent, query, limit)]


def _page(lent: Connection, query: Query, limit: int) -> list[Row]:
    kind = query.type or ""
    where, values = conditions(kind, query.clauses, "h")
    start, start_values = after(query)
    order, extra, order_values = "h.when_low as s0", "", ()
    if query.sort:
        texts, order_values = expressions(query)
        extra = " cross join lateral (select " + texts + ") k"
        order = ", ".join("k.s" + str(i) for i in range(len(query.sort)))
    told = ", ".join("p.s" + str(i) + "::text" for i in range(max(1, len(query.sort))))
    text = (
        "select p.key, p.person, p.others, array["
        + told
        + "], "
        + VERSION_COLUMNS.decode()
        + " from (select h.key, h.version, h.person, h.others, "
        + order
        + " from record.head h"
        + extra
        + " where h.type = %s and "
        + where
        + " and "
        + start
        + " order by "
        + order_by(query, "h.when_low", "k.", "h.key")
        + " limit %s) p"
        " join record.version v on v.key = p.key and v.version = p.version order by "
        + order_by(query, "p.s0", "p.", "p.key")
    )
    parameters = (*order_values, type_number(kind), *values, *start_values, limit)
    return cast("list[Row]", lent.execute(text.encode(), parameters, binary=True).fetchall())


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
