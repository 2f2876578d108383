"""Evaluates clauses over one resource's rows, plainly: the meaning that SQL must agree with.

For tests and for the record in memory. Written apart from the SQL, with no care for speed.
Chains need other resources and are followed by whoever holds them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from joinedup.fhir.search import clause as c
from joinedup.fhir.search.extract import IndexRows
from joinedup.fhir.search.period import bounds

__all__ = ["compares", "matches"]


def matches(clause: c.Clause, rows: IndexRows, resource: Mapping[str, Any]) -> bool:
    """Return whether a resource, with its rows, fits a clause; TypeError for a Chain."""
    match clause:
        case c.Tokens(slots, values, negate):
            found = any(
                slot in slots and _token_fits(value, code, system)
                for slot, code, system in rows.tokens
                for value in values
            )
            return found is not negate
        case c.TokenText(slots, values):
            return any(slot in slots and text.startswith(values) for slot, text in rows.texts)
        case c.Strings(slots, values, mode):
            return any(
                slot in slots and _string_fits(mode, value, normal, exact)
                for slot, normal, exact in rows.strings
                for value in values
            )
        case c.Dates(slots, values):
            return any(
                slot in slots and compares(value, low, high)
                for slot, low, high in rows.dates
                for value in values
            )
        case c.References(slots, values):
            return any(slot in slots and target in values for slot, target in rows.references)
        case c.Missing():
            return clause.missing is not any(_present(clause, rows))
        case c.Ids(values):
            return resource["id"] in values
        case c.Updated(values):
            moment = bounds(resource["meta"]["lastUpdated"])[0]
            # The next text after the moment, as the end of a row as short as can be.
            return any(compares(value, moment, f"{moment}~") for value in values)
        case c.Either(alternatives):
            return any(all(matches(each, rows, resource) for each in one) for one in alternatives)
        case c.Chain():
            raise TypeError("a chain is followed by whoever holds the resources it leads to")


def compares(value: c.DateValue, low: str, high: str) -> bool:
    """Return whether a row [low, high) compares as asked with a value (FHIR R4 3.1.1.4.7)."""
    within = value.low <= low and high <= value.high
    match value.comparator:
        case "eq":
            return within
        case "ne":
            return not within
        case "gt":
            return high > value.high
        case "lt":
            return low < value.low
        case "ge":
            return high > value.high or within
        case "le":
            return low < value.low or within
        case "sa":
            return low >= value.high
        case "eb":
            return high <= value.low
        case "ap":
            return low < value.high and high > value.low


def _token_fits(value: c.TokenValue, code: str, system: str) -> bool:
    return value.code in (None, code) and value.system in (None, system)


def _string_fits(mode: str, value: str, normal: str, exact: str) -> bool:
    match mode:
        case "exact":
            return exact == value
        case "contains":
            return value in normal
        case _:
            return normal.startswith(value)


def _present(clause: c.Missing, rows: IndexRows) -> Iterator[bool]:
    found: dict[str, tuple[tuple[Any, ...], ...]] = {
        "token": rows.tokens,
        "string": rows.strings,
        "date": rows.dates,
        "reference": rows.references,
    }
    yield from (row[0] in clause.slots for row in found[clause.kind])
    yield from (row[0] in clause.text_slots for row in rows.texts)
