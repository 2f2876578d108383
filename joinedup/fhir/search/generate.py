"""Makes the table of search parameters: `python -m joinedup.fhir.search.generate FOLDER`.

FOLDER holds the JSON files of HL7's R4 (4.0.1) definitions and terminology, one resource a
file. Run by hand when the generator changes; R4 itself is final.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from joinedup.fhir.search.path import Path as SearchPath
from joinedup.fhir.search.path import read_union
from joinedup.fhir.search.resolve import Leaf, Structures
from joinedup.fhir.search.slots import slot
from joinedup.fhir.search.table import ParameterRow, PathRow, Route, TypeTable, write_table
from joinedup.fhir.types import TYPES

__all__ = ["build_tables", "main"]

_HIGHER = ("Resource", "DomainResource")
# Definitions do not say what these may refer to; the search parameter does.
_UNTYPED = ("Extension", "Resource")


def build_tables(folder: Path) -> dict[str, TypeTable]:
    """Return every type's table; ValueError for an expression, path or slot that will not do."""

    def load(kind: str, name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((folder / f"{kind}-{name}.json").read_bytes())
        return content

    structures = Structures(load)
    official = list(_official(folder))
    tables = {name: _TypeBuilder(name, structures).build(official) for name in TYPES}
    _refuse_equal_slots(tables)
    return tables


def _official(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield HL7's own parameters by url; the folder also holds examples of how to write one."""
    for file in sorted(folder.glob("SearchParameter-*.json")):
        content = json.loads(file.read_bytes())
        if content.get("base") and not content["id"].startswith("example"):
            yield content


class _TypeBuilder:
    """Gathers one type's parameters; a path read as one kind appears once."""

    def __init__(self, type_name: str, structures: Structures) -> None:
        self._type = type_name
        self._structures = structures
        self._paths: dict[tuple[str, str], PathRow] = {}

    def build(self, official: list[dict[str, Any]]) -> TypeTable:
        rows: dict[str, ParameterRow] = {}
        for definition in official:
            if {self._type, *_HIGHER} & set(definition["base"]):
                row = self._parameter(definition)
                if row.code in rows:
                    raise ValueError(f"{self._type}.{row.code} is defined twice")
                rows[row.code] = row
        parameters = tuple(rows[code] for code in sorted(rows))
        return TypeTable(tuple(self._paths.values()), parameters)

    def _parameter(self, definition: dict[str, Any]) -> ParameterRow:
        kind, expression = definition["type"], definition.get("expression", "")
        branches = read_union(expression, self._type) if expression else ()
        paths = [path for path in branches if path.root in (self._type, *_HIGHER)]
        if expression and not paths:
            raise ValueError(f"{definition['url']} says nothing of {self._type}")
        leaves = {path: self._leaves(path) for path in paths}
        targets, narrowed = _targets(leaves, definition.get("target", []))
        return ParameterRow(
            code=definition["code"],
            kind=kind,
            expression=" | ".join(_expression(path) for path in paths),
            paths=tuple(dict.fromkeys(self._place(p, kind, leaves[p]) for p in paths)),
            targets=targets if kind == "reference" else (),
            narrowed=narrowed,
        )

    def _leaves(self, path: SearchPath) -> tuple[Leaf, ...]:
        return self._structures.leaves(SearchPath(self._type, path.steps, path.truth))

    def _place(self, path: SearchPath, kind: str, leaves: tuple[Leaf, ...]) -> int:
        key = (path.written(), kind)
        if key not in self._paths:
            single = all(leaf.single for leaf in leaves)
            routes = tuple(_route(path, leaf) for leaf in leaves)
            self._paths[key] = PathRow(*key, single, routes)
        return list(self._paths).index(key)


def _route(path: SearchPath, leaf: Leaf) -> Route:
    return Route(leaf.route.steps, "truth", "") if path.truth else leaf.route


def _expression(path: SearchPath) -> str:
    """Return one branch in full, `resolve()` and all."""
    resolves = "".join(f".where(resolve() is {name})" for name in path.targets)
    return f"{path.root}.{path.written()}".removesuffix(".") + resolves


def _targets(
    leaves: dict[SearchPath, tuple[Leaf, ...]], declared: list[str]
) -> tuple[tuple[str, ...], bool]:
    """Return the types a reference parameter may point at, and whether its paths admit more."""
    admitted: set[str] = set()
    narrowed = False
    for path, ends in leaves.items():
        possible = {name for leaf in ends for name in leaf.targets}
        if "Resource" in possible:
            possible = set(TYPES)
        asked = set(path.targets) or possible
        narrowed = narrowed or not possible <= asked
        admitted |= asked & possible
    if any(leaf.route.datatype in _UNTYPED for ends in leaves.values() for leaf in ends):
        return tuple(sorted(declared)), False
    allowed = admitted & set(declared) if declared else admitted
    return tuple(sorted(allowed or admitted)), narrowed


def _refuse_equal_slots(tables: dict[str, TypeTable]) -> None:
    seen: dict[int, str] = {}
    for type_name, table in tables.items():
        for row in table.paths:
            for kind in (row.kind, "text") if row.kind == "token" else (row.kind,):
                name = f"{type_name}|{row.path}|{kind}"
                if seen.setdefault(slot(type_name, row.path, kind), name) != name:
                    raise ValueError(f"two paths share a slot: {name}")


def main() -> None:
    """Write the table beside this module from the folder named on the command line."""
    tables = build_tables(Path(sys.argv[1]))
    file = Path(__file__).with_name("tables") / "search.json.gz"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(write_table(tables))
    parameters = sum(len(table.parameters) for table in tables.values())
    paths = sum(len(table.paths) for table in tables.values())
    print(f"{len(tables)} types, {parameters} parameters, {paths} paths: {file}")


if __name__ == "__main__":
    main()
