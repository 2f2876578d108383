"""The order of a search and where its next page starts.

Pages follow on from the last row seen (its sort values and key), never from a count of rows, so
what others write in between neither repeats nor skips a row that did not change.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from joinedup.fhir.issue import Invalid
from joinedup.fhir.key import hash64
from joinedup.fhir.search.clause import Query, Sort
from joinedup.fhir.search.served import HEAD_SUBJECT
from joinedup.record.conditions import Condition, head_date

__all__ = ["after", "cursor", "expressions", "order_by", "plainly_ordered"]

_NEWEST_FIRST = (Sort("date", "date", (), descending=True),)
_CASTS = {
    "token": "text",
    "string": "text",
    "date": "timestamptz",
    "reference": "bigint",
    "id": "text",
    "updated": "timestamptz",
}
_TABLES = {
    "token": ("token", "code"),
    "string": ("string", "value"),
    "date": ("date", "low"),
    "reference": ("reference", "target"),
}


def plainly_ordered(query: Query) -> Query:
    """Return the query without its sort where that asks for the order there is anyway."""
    slots = (head_date(query.type or ""),)
    if len(query.sort) == 1 and query.sort[0].descending and query.sort[0].slots == slots:
        return replace(query, sort=())
    return query


def _sorts(query: Query) -> tuple[Sort, ...]:
    return query.sort or _NEWEST_FIRST


def _expression(kind: str, sort: Sort) -> Condition:
    """Return what one key of the order is for the head row h; null where it has none."""
    if sort.kind == "updated":
        return "h.updated", ()
    if sort.kind == "id":
        return (
            "(select split_part(left(i.body, 200), '\"', 8) from record.version i"
            " where i.key = h.key and i.version = h.version)",
            (),
        )
    if not sort.slots:
        return "h.when_low", ()
    if sort.kind == "date" and sort.slots == (head_date(kind),):
        return "(case when h.when_high > '-infinity' then h.when_low end)", ()
    table, column = _TABLES[sort.kind]
    pick = "max" if sort.descending else "min"
    text = (
        "(select " + pick + "(x." + column + ") from record." + table + " x"
        " where x.key = h.key and x.slot = any (%s::int[])"
        + (" and x.code <> ''" if table == "token" else "")
        + ")"
    )
    values: tuple[Any, ...] = (list(sort.slots),)
    if sort.kind == "reference" and HEAD_SUBJECT.get(kind) in sort.slots:
        both = "greatest" if sort.descending else "least"
        text = both + "(case when h.about then h.person end, " + text + ")"
    if sort.kind == "date" and head_date(kind) in sort.slots:
        both = "greatest" if sort.descending else "least"
        text = both + "(case when h.when_high > '-infinity' then h.when_low end, " + text + ")"
    return text, values


def expressions(query: Query) -> Condition:
    """Return the order's values as columns s0, s1, ... for `cross join lateral (select ...)`."""
    pieces: list[str] = []
    values: list[Any] = []
    for place, sort in enumerate(_sorts(query)):
        text, found = _expression(query.type or "", sort)
        pieces.append(text + " as s" + str(place))
        values.extend(found)
    return ", ".join(pieces), tuple(values)


def order_by(query: Query, newest: str, prefix: str, key: str) -> str:
    """Return the ORDER BY list; rows without a value come last whichever way it goes.

    `newest` is the column of the main date, `prefix` stands before s0, s1, ..., `key` ends the tie.
    """
    if not query.sort:
        return newest + " desc, " + key + " desc"
    keys = [
        prefix + "s" + str(place) + (" desc" if sort.descending else "") + " nulls last"
        for place, sort in enumerate(_sorts(query))
    ]
    return ", ".join([*keys, key + " desc"])


def _mark(query: Query) -> str:
    return format(hash64(repr((query.type, query.clauses, query.sort))) & 0xFFFFFFFF, "08x")


def cursor(query: Query, values: Sequence[str | None], key: int) -> str:
    """Return where the next page starts, after a row with these sort values (as text) and key."""
    packed = msgspec.json.encode([_mark(query), [*values], key])
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _read_cursor(query: Query) -> tuple[list[str | None], int]:
    text = query.cursor or ""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        mark, values, key = msgspec.json.decode(packed, type=tuple[str, list[str | None], int])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        mark, values, key = "", [], 0
    if mark != _mark(query) or len(values) != len(_sorts(query)) or abs(key) >= 2**63:
        raise Invalid("This _cursor does not belong to this search. Start again without it.")
    return values, key


def after(query: Query) -> Condition:
    """Return the condition that a row comes after the query's cursor; true when it has none."""
    if query.cursor is None:
        return "true", ()
    values, key = _read_cursor(query)
    if not query.sort:
        return "(h.when_low, h.key) < (%s::timestamptz, %s)", (values[0], key)
    pieces: list[str] = []
    parameters: list[Any] = []
    for place in range(len(values) + 1):
        text, found = _tie(query, values[:place])
        if place == len(values):
            text, found = text + " and h.key < %s", (*found, key)
        else:
            beyond, more = _beyond(_sorts(query)[place], place, values[place])
            text, found = text + " and " + beyond, (*found, *more)
        pieces.append("(" + text + ")")
        parameters.extend(found)
    return "(" + " or ".join(pieces) + ")", tuple(parameters)


def _tie(query: Query, values: Sequence[str | None]) -> Condition:
    text = "true"
    for place, _ in enumerate(values):
        cast = _CASTS[_sorts(query)[place].kind]
        text += " and k.s" + str(place) + " is not distinct from %s::" + cast
    return text, tuple(values)


def _beyond(sort: Sort, place: int, value: str | None) -> Condition:
    if value is None:
        return "false", ()
    column = "k.s" + str(place)
    sign = " < " if sort.descending else " > "
    return (
        "(" + column + sign + "%s::" + _CASTS[sort.kind] + " or " + column + " is null)",
        (value,),
    )
