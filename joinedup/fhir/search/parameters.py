"""R4's search parameters as the record knows them: what each is called, and its slots.

Every official parameter of every type is here, served or not; `served` tells them apart.
"""

from functools import cache

from msgspec import Struct

from joinedup.fhir.search.slots import slot
from joinedup.fhir.search.table import ParameterRow, type_table
from joinedup.fhir.types import TYPE_NUMBERS

__all__ = [
    "INDEXED_KINDS",
    "Parameter",
    "all_parameters_of",
    "parameter",
    "parameters_of",
    "words_slots",
]

INDEXED_KINDS = ("token", "string", "date", "reference")
# Kept in the row of the resource itself, so no slot holds them.
_OF_THE_ROW = ("_id", "_lastUpdated")
# Sounds-like search needs an index of its own, which there is not.
_REFUSED = ("phonetic",)


class Parameter(Struct, frozen=True):
    """One search parameter of one type.

    `text_slots` hold what `:text` reads (tokens only). `targets` are the types a reference may
    point at, empty when it holds canonical URLs. `narrowed` when its slots also hold
    references to types it does not admit, as `patient` shares the slot of `subject`.
    """

    code: str
    kind: str
    slots: tuple[int, ...]
    targets: tuple[str, ...]
    expression: str
    text_slots: tuple[int, ...] = ()
    narrowed: bool = False
    served: bool = True


@cache
def _by_code(type_name: str) -> dict[str, Parameter]:
    paths = [row.path for row in type_table(type_name).paths]

    def build(row: ParameterRow) -> Parameter:
        of_the_row = row.code in _OF_THE_ROW
        indexed = row.kind in INDEXED_KINDS and bool(row.paths) and row.code not in _REFUSED
        read = [paths[place] for place in row.paths] if indexed and not of_the_row else []
        return Parameter(
            code=row.code,
            kind=row.kind,
            slots=tuple(slot(type_name, path, row.kind) for path in read),
            targets=row.targets,
            expression=row.expression,
            text_slots=tuple(slot(type_name, p, "text") for p in read if row.kind == "token"),
            narrowed=row.narrowed,
            served=of_the_row or bool(read),
        )

    return {row.code: build(row) for row in type_table(type_name).parameters}


def parameter(type_name: str, code: str) -> Parameter | None:
    """Return an official parameter of a type, served or not; None if R4 has no such parameter."""
    return _by_code(type_name).get(code) if type_name in TYPE_NUMBERS else None


def parameters_of(type_name: str) -> tuple[Parameter, ...]:
    """Return every parameter of a type that a query may use now, by name."""
    return tuple(p for p in all_parameters_of(type_name) if p.served)


def all_parameters_of(type_name: str) -> tuple[Parameter, ...]:
    """Return every official parameter of a type, by name; empty if R4 has no such type."""
    return tuple(_by_code(type_name).values()) if type_name in TYPE_NUMBERS else ()


@cache
def words_slots(type_name: str) -> dict[int, int]:
    """Return text slot -> token slot for every path of a type that is read as codes."""
    return {
        slot(type_name, row.path, "text"): slot(type_name, row.path, "token")
        for row in type_table(type_name).paths
        if row.kind == "token"
    }
