"""Reads from a resource the rows by which searches find it.

The only place that says what a resource is found by; `record` stores what this returns. Rows
are of the kinds served now: token, string, date, reference, and the texts that `:text` reads.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from msgspec import Struct

from joinedup.fhir.search.parameters import INDEXED_KINDS, parameter
from joinedup.fhir.search.plan import Plan
from joinedup.fhir.search.rows import GatheredRows, Place, RowEmit, row_emit
from joinedup.fhir.search.slots import slot
from joinedup.fhir.search.table import JsonStep, PathRow, type_table

__all__ = [
    "CONFIDENTIALITY",
    "HIDDEN_WHEN_RESTRICTED",
    "IndexRows",
    "index_rows",
    "is_restricted",
]

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"

# Where a restricted person lives, and who could say so, cannot be searched for (domain.md 1).
HIDDEN_WHEN_RESTRICTED = (
    "address address-city address-country address-postalcode address-state address-use "
    "telecom phone email general-practitioner organization"
).split()

Row = TypeVar("Row")

_OF_THE_ROW = ("id", "meta.lastUpdated")


class IndexRows(Struct, frozen=True):
    """What a resource is found by; no row is there twice.

    tokens: (slot, code, system, "" for none) · strings: (slot, normalised, as written) ·
    dates: (slot, low, high) · references: (slot, `Type/id` or URL) · texts: (slot, normalised).
    """

    tokens: tuple[tuple[int, str, str], ...] = ()
    strings: tuple[tuple[int, str, str], ...] = ()
    dates: tuple[tuple[int, str, str], ...] = ()
    references: tuple[tuple[int, str], ...] = ()
    texts: tuple[tuple[int, str], ...] = ()


def index_rows(resource: Mapping[str, Any], *, restricted: bool = False) -> IndexRows:
    """Return the rows of a resource that has passed `check`; KeyError for no R4 type.

    A restricted person has no rows for address, contact, GP or organisation; `restricted` says
    that the Patient is a statement about one.
    """
    rows = GatheredRows()
    _plan(resource["resourceType"], restricted or is_restricted(resource)).visit(resource, rows)
    return IndexRows(
        _each_once(rows.tokens),
        _each_once(rows.strings),
        _each_once(rows.dates),
        _each_once(rows.references),
        _each_once(rows.texts),
    )


def _each_once(rows: list[Row]) -> tuple[Row, ...]:
    return tuple(dict.fromkeys(rows) if len(rows) > 1 else rows)


def is_restricted(resource: Mapping[str, Any]) -> bool:
    """Return whether this is a Patient labelled restricted or very restricted."""
    return resource["resourceType"] == "Patient" and any(
        label.get("system") == CONFIDENTIALITY and label.get("code") in ("R", "V")
        for label in resource.get("meta", {}).get("security", ())
    )


@cache
def _plan(type_name: str, restricted: bool) -> Plan[GatheredRows]:
    hidden = _hidden_slots() if restricted else frozenset()
    return Plan(
        route
        for row in type_table(type_name).paths
        if row.kind in INDEXED_KINDS and row.path not in _OF_THE_ROW
        if slot(type_name, row.path, row.kind) not in hidden
        for route in _routes(type_name, row)
    )


def _hidden_slots() -> frozenset[int]:
    found = (parameter("Patient", code) for code in HIDDEN_WHEN_RESTRICTED)
    return frozenset(number for each in found if each for number in each.slots)


def _routes(type_name: str, row: PathRow) -> Iterator[tuple[tuple[JsonStep, ...], RowEmit]]:
    number, text_slot = slot(type_name, row.path, row.kind), slot(type_name, row.path, "text")
    if row.routes[0].datatype == "truth":
        yield (), _truth(number, tuple(route.steps[0].name for route in row.routes))
        return
    for route in row.routes:
        emit = row_emit(row.kind, route.datatype, Place(number, text_slot, route.system))
        if emit:
            yield route.steps, emit


def _truth(number: int, names: tuple[str, ...]) -> RowEmit:
    """`exists() and != false`: a row always, "false" when the element is not there at all."""

    def emit(resource: Mapping[str, Any], rows: GatheredRows) -> None:
        true = any(resource.get(name, False) is not False for name in names)
        rows.tokens.append((number, "true" if true else "false", ""))

    return emit
