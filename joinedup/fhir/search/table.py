"""The derived table of R4's search parameters: its shape, its reading and its writing.

Made by `generate` from the official definitions, committed as `tables/search.json.gz`. Each
type's part is decoded when first asked for.
"""

import gzip
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

__all__ = ["JsonStep", "ParameterRow", "PathRow", "Route", "TypeTable", "type_table", "write_table"]


class JsonStep(Struct, frozen=True, array_like=True, omit_defaults=True):
    """One member of a JSON object to walk into, and which of its elements.

    `test` is "" (all), "where" (member `field` is `value`), "having" (an extension whose url is
    `value`) or "at" (the element at place `value`).
    """

    name: str
    test: str = ""
    field: str = ""
    value: str = ""


class Route(Struct, frozen=True, array_like=True, omit_defaults=True):
    """Where in the JSON one datatype of a path is; `system` is the system of a `code` there."""

    steps: tuple[JsonStep, ...]
    datatype: str
    system: str = ""


class PathRow(Struct, frozen=True, array_like=True):
    """An atomic path read as one kind; `single` when there can be one value at most."""

    path: str
    kind: str
    single: bool
    routes: tuple[Route, ...]


class ParameterRow(Struct, frozen=True, array_like=True):
    """An official search parameter of one type; `paths` are places in the type's list of paths.

    `narrowed` when it admits fewer types than its paths do, as `patient` on `subject`.
    """

    code: str
    kind: str
    expression: str
    paths: tuple[int, ...]
    targets: tuple[str, ...]
    narrowed: bool


class TypeTable(Struct, frozen=True):
    """Everything searchable of one resource type."""

    paths: tuple[PathRow, ...]
    parameters: tuple[ParameterRow, ...]


@cache
def _raw_tables() -> dict[str, msgspec.Raw]:
    data = files("joinedup.fhir.search").joinpath("tables/search.json.gz").read_bytes()
    return msgspec.json.decode(gzip.decompress(data), type=dict[str, msgspec.Raw])


@cache
def type_table(type_name: str) -> TypeTable:
    """Return one type's part of the table; KeyError if R4 has no such type."""
    return msgspec.json.decode(_raw_tables()[type_name], type=TypeTable)


def write_table(tables: dict[str, TypeTable]) -> bytes:
    """Return the table as it is committed: the same bytes for the same definitions."""
    return gzip.compress(msgspec.json.encode(tables, order="sorted"), 9, mtime=0)
