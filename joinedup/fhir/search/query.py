"""Reads the parameters of a search request into a `Query`.

Conditions are read by `condition`; this reads what shapes the answer: `_sort`, `_count`,
`_total`, `_cursor`, `_include`, `_revinclude`. Nothing is ever ignored. FHIR R4 3.1.1.5.
"""

from collections.abc import Sequence
from typing import cast, get_args

from joinedup.fhir.issue import Invalid
from joinedup.fhir.search.clause import Clause, Include, Query, Sort, SortKind, Total
from joinedup.fhir.search.condition import find_parameter, read_condition
from joinedup.fhir.search.parameters import Parameter
from joinedup.fhir.search.refuse import not_served, wrong
from joinedup.fhir.search.served import SERVED
from joinedup.fhir.types import TYPE_NUMBERS

__all__ = ["LONGEST_QUERY_CHARACTERS", "MOST_INCLUDES", "MOST_SORTS", "parse_query"]

LONGEST_QUERY_CHARACTERS = 8_000
MOST_INCLUDES = 3
MOST_SORTS = 5

_ONCE = ("_sort", "_count", "_total", "_cursor")
_INCLUDES = ("_include", "_revinclude")
_NOT_SERVED = ("_summary", "_elements", "_score")
_SORTS_OF_ROW: dict[str, SortKind] = {"_id": "id", "_lastUpdated": "updated"}

Pairs = Sequence[tuple[str, str]]


def parse_query(
    type_name: str | None, pairs: Pairs, *, default_count: int = 20, max_count: int = 1000
) -> Query:
    """Return what a search asks; Invalid names any parameter, modifier or value not understood.

    `pairs` are the decoded names and values in order; `type_name` None searches all types. A
    `_count` above `max_count` gets `max_count`: FHIR lets a server send smaller pages.
    """
    if type_name is not None and type_name not in TYPE_NUMBERS:
        raise Invalid(f"{type_name} is no FHIR R4 resource type.")
    _check_text(pairs)
    once = _read_once(pairs)
    conditions: list[Clause] = []
    includes: dict[str, list[Include]] = {name: [] for name in _INCLUDES}
    for name, value in pairs:
        code = name.partition(":")[0]
        if code in _INCLUDES:
            includes[code].append(_read_include(type_name, name, value))
        elif code not in _ONCE:
            conditions.append(_read_condition(type_name, name, value))
    if sum(len(each) for each in includes.values()) > MOST_INCLUDES:
        raise wrong("_include", f"more than {MOST_INCLUDES} of _include and _revinclude")
    return Query(
        type=type_name,
        clauses=tuple(conditions),
        sort=_read_sort(type_name, once["_sort"]) if "_sort" in once else (),
        count=_read_count(once["_count"], max_count) if "_count" in once else default_count,
        cursor=once.get("_cursor"),
        total=_read_total(once.get("_total", "none")),
        includes=tuple(includes["_include"]),
        revincludes=tuple(includes["_revinclude"]),
    )


def _check_text(pairs: Pairs) -> None:
    length = sum(len(name) + len(value) + 2 for name, value in pairs)
    if length > LONGEST_QUERY_CHARACTERS:
        raise Invalid(
            f"The search is {length} characters long; at most {LONGEST_QUERY_CHARACTERS} are read."
        )
    for name, value in pairs:
        # No database text holds a NUL, and half a surrogate pair is no character.
        if "\0" in name + value or any("\ud800" <= c <= "\udfff" for c in name + value):
            raise Invalid("The search holds characters that no text can hold.")


def _read_once(pairs: Pairs) -> dict[str, str]:
    once: dict[str, str] = {}
    for name, value in pairs:
        code, colon, _ = name.partition(":")
        if code not in _ONCE:
            continue
        if colon:
            raise wrong(name, f"{code} takes no modifier")
        if name in once:
            raise wrong(name, "given twice")
        if not value:
            raise wrong(name, "an empty value")
        once[name] = value
    return once


def _read_condition(type_name: str | None, name: str, value: str) -> Clause:
    if name.partition(":")[0] in _NOT_SERVED:
        raise not_served(name)
    return read_condition(type_name, name, value)


def _read_count(value: str, max_count: int) -> int:
    if not (value.isascii() and value.isdigit()):
        raise wrong("_count", f"{value!r} is not a number of resources")
    # Nine digits are beyond any page, and longer ones need not be read.
    return max_count if len(value) > 9 else min(int(value), max_count)


def _read_total(value: str) -> Total:
    if value not in get_args(Total):
        raise wrong("_total", f"{value!r} is not none, accurate or estimate")
    return cast(Total, value)


def _read_sort(type_name: str | None, value: str) -> tuple[Sort, ...]:
    keys = value.split(",")
    if len(keys) > MOST_SORTS:
        raise wrong("_sort", f"more than {MOST_SORTS} keys")
    sorts = tuple(_read_sort_key(type_name, key) for key in keys)
    if len({sort.code for sort in sorts}) < len(sorts):
        raise wrong("_sort", "the same key twice")
    return sorts


def _read_sort_key(type_name: str | None, key: str) -> Sort:
    code = key.removeprefix("-")
    if not code or ":" in code or "." in code:
        raise wrong("_sort", f"{key!r} is not a search parameter such as date or -date")
    found = find_parameter(type_name, code, f"_sort={key}")
    kind = _SORTS_OF_ROW.get(code) or cast(SortKind, found.kind)
    return Sort(code, kind, found.slots, descending=key != code)


def _read_include(type_name: str | None, name: str, value: str) -> Include:
    if ":" in name:
        raise not_served(name, f"the modifier :{name.partition(':')[2]}")
    if "*" in value:
        raise not_served(name, "the wildcard *")
    match value.split(":"):
        case [source, code]:
            target = ""
        case [source, code, target] if target:
            pass
        case _:
            raise wrong(name, f"{value!r} is not Type:parameter or Type:parameter:Target")
    if source not in SERVED:
        raise wrong(name, f"{source!r} is no resource type served here")
    found = find_parameter(source, code, f"{name}={value}")
    wanted = _include_targets(name, found, target)
    if name == "_include" and source != type_name:
        raise wrong(name, f"{value} starts at {source}, but the search is for {type_name}")
    if name == "_revinclude":
        if type_name not in wanted:
            raise wrong(name, f"{value} never points at {type_name}")
        wanted = (str(type_name),)
    return Include(source, code, found.slots, wanted)


def _include_targets(name: str, found: Parameter, target: str) -> tuple[str, ...]:
    targets = tuple(each for each in found.targets if each in SERVED)
    if found.kind != "reference" or not targets:
        raise wrong(name, f"{found.code} points at no resource")
    if target and target not in targets:
        raise wrong(name, f"{found.code} never points at {target} here")
    return (target,) if target else targets
