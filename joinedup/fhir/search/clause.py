"""Clauses: what a search asks of a resource, as values.

`query` builds them, `record` turns them into SQL, `matches` evaluates them plainly. Clauses of
one query are AND-ed, values of one clause OR-ed. Slots name index rows; a clause with several
slots looks in all of them. FHIR R4 3.1.1.
"""

from typing import Literal

from msgspec import Struct

__all__ = [
    "Chain",
    "Clause",
    "Comparator",
    "DateValue",
    "Dates",
    "Either",
    "Ids",
    "Include",
    "Kind",
    "Missing",
    "Query",
    "References",
    "Sort",
    "SortKind",
    "Strings",
    "TokenText",
    "TokenValue",
    "Tokens",
    "Total",
    "Updated",
]

Kind = Literal["token", "string", "date", "reference"]
SortKind = Literal["token", "string", "date", "reference", "id", "updated"]
Total = Literal["none", "accurate", "estimate"]
Comparator = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]


class TokenValue(Struct, frozen=True):
    """A code, a system, or both; never neither.

    `system` None = any system (`code`), "" = no system (`|code`); `code` None = any code of that
    system (`system|`).
    """

    code: str | None
    system: str | None


class Tokens(Struct, frozen=True):
    """Some token row equals some value; with `negate`, no row does (no rows at all fits too)."""

    slots: tuple[int, ...]
    values: tuple[TokenValue, ...]
    negate: bool = False


class TokenText(Struct, frozen=True):
    """Some text row (of `text` slots) starts with some value; values are normalised."""

    slots: tuple[int, ...]
    values: tuple[str, ...]


class Strings(Struct, frozen=True):
    """Some string row fits some value.

    `starts` and `contains` compare normalised texts, `exact` the text as written; values are
    already in the form they are compared in.
    """

    slots: tuple[int, ...]
    values: tuple[str, ...]
    mode: Literal["starts", "exact", "contains"]


class DateValue(Struct, frozen=True):
    """A period [low, high) to compare with a row's [low, high), written as index rows write it.

    With v the value and r the row (FHIR R4 3.1.1.4.7, half open):
    eq: v.low <= r.low and r.high <= v.high · ne: not eq · gt: r.high > v.high ·
    lt: r.low < v.low · ge: gt or eq, that is r.high > v.high or r.low >= v.low ·
    le: lt or eq, that is r.low < v.low or r.high <= v.high · sa: r.low >= v.high ·
    eb: r.high <= v.low · ap: r.low < v.high and r.high > v.low (v is already widened).
    """

    comparator: Comparator
    low: str
    high: str


class Dates(Struct, frozen=True):
    """Some date row compares as asked with some value."""

    slots: tuple[int, ...]
    values: tuple[DateValue, ...]


class References(Struct, frozen=True):
    """Some reference row equals some value: `Type/id`, an absolute URL, or a canonical URL."""

    slots: tuple[int, ...]
    values: tuple[str, ...]


class Missing(Struct, frozen=True):
    """No row in `slots`, nor (tokens) a text row in `text_slots`; if not `missing`, some row."""

    slots: tuple[int, ...]
    kind: Kind
    missing: bool
    text_slots: tuple[int, ...] = ()


class Ids(Struct, frozen=True):
    """The logical id is one of `values`."""

    values: tuple[str, ...]


class Updated(Struct, frozen=True):
    """The moment of the current version, u, compares as a row [u, u + 1 microsecond)."""

    values: tuple[DateValue, ...]


class Chain(Struct, frozen=True):
    """Some reference row in `slots` points at a `target_type` that fits every one of `clauses`."""

    slots: tuple[int, ...]
    target_type: str
    clauses: "tuple[Clause, ...]"


class Either(Struct, frozen=True):
    """All clauses of at least one of `alternatives` fit; none of them is a Chain or an Either."""

    alternatives: "tuple[tuple[Clause, ...], ...]"


Clause = (
    Tokens | TokenText | Strings | Dates | References | Missing | Ids | Updated | Chain | Either
)


class Sort(Struct, frozen=True):
    """One key of `_sort`; for `_id` and `_lastUpdated` (`id`, `updated`) there are no slots.

    With several rows the smallest decides ascending, the largest descending; none comes last.
    """

    code: str
    kind: SortKind
    slots: tuple[int, ...]
    descending: bool = False


class Include(Struct, frozen=True):
    """Resources to send along: what `type`'s `slots` point at, when of one of `targets`.

    In `Query.includes`, `type` is the searched type and the pointed-at resources are sent; in
    `Query.revincludes`, `targets` is the searched type and the pointing resources are sent.
    """

    type: str
    code: str
    slots: tuple[int, ...]
    targets: tuple[str, ...]


class Query(Struct, frozen=True):
    """A search that has been understood; `type` None searches all types. FHIR R4 3.1.1."""

    type: str | None
    clauses: tuple[Clause, ...] = ()
    sort: tuple[Sort, ...] = ()
    count: int = 20
    cursor: str | None = None
    total: Total = "none"
    includes: tuple[Include, ...] = ()
    revincludes: tuple[Include, ...] = ()
