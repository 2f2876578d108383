"""Finds where in the JSON a search path leads, by R4's structure definitions.

Used by the generator only: what it finds is in the committed table. Choice elements fork into
one route a datatype, content references are followed, filters stay on the step they test.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from joinedup.fhir.search import path as p
from joinedup.fhir.search.table import JsonStep, Route

__all__ = ["Leaf", "Structures"]

_PROFILE = "http://hl7.org/fhir/StructureDefinition/"
_FHIR_TYPE = f"{_PROFILE}structuredefinition-fhir-type"


class Leaf(Struct, frozen=True):
    """One end of a path: its route, whether it is single, and what it may refer to."""

    route: Route
    single: bool
    targets: tuple[str, ...]


class _Here(Struct, frozen=True):
    """Where a walk stands: `element` inside `structure`, being of `datatype`."""

    structure: str
    element: str
    datatype: str
    steps: tuple[JsonStep, ...] = ()
    single: bool = True
    definition: dict[str, Any] = {}


class Structures:
    """R4's structures, read one definition at a time by `load` (kind, name) -> JSON."""

    def __init__(self, load: Callable[[str, str], dict[str, Any]]) -> None:
        self._load = load
        self._elements: dict[str, dict[str, dict[str, Any]]] = {}

    def leaves(self, path: p.Path) -> tuple[Leaf, ...]:
        """Return every end of a path; ValueError when no structure has it."""
        here = [_Here(path.root, path.root, path.root)]
        for step in path.steps:
            here = [after for before in here for after in self._take(before, step)]
            if not here:
                raise ValueError(f"{path.root}.{path.written()}: nothing at {step}")
        return tuple(self._leaf(end) for end in here)

    def _take(self, here: _Here, step: p.Step) -> list[_Here]:
        match step:
            case p.Field(name):
                return self._children(here, name)
            case p.Cast(name):
                return [here] if here.datatype == name else []
            case p.Where(field, value):
                return [_test(here, "where", field, value)]
            case p.Having(url):
                return [_test(here, "having", "", url)]
            case p.Extension(url):
                found = self._children(here, "extension")
                return [_test(child, "where", "url", url) for child in found]
            case p.Index(place):
                return [replace(_test(here, "at", "", str(place)), single=True)]
            case p.Resolves():
                return [here]

    def _children(self, here: _Here, name: str) -> list[_Here]:
        structure, element = here.structure, here.element
        if here.datatype not in ("BackboneElement", "Element", structure):
            structure = element = here.datatype
        elements = self._structure(structure)
        found = elements.get(f"{element}.{name}") or elements.get(f"{element}.{name}[x]")
        if found is None:
            return []
        choice = found["path"].endswith("[x]")
        if reference := found.get("contentReference"):
            found = elements[reference.removeprefix("#")] | {"max": found["max"]}
        return [
            _Here(
                structure,
                found["path"],
                _datatype(kind),
                (*here.steps, JsonStep(name + _capital(_datatype(kind)) if choice else name)),
                here.single and found["max"] == "1",
                {**found, "type": [kind]},
            )
            for kind in found["type"]
        ]

    def _structure(self, name: str) -> dict[str, dict[str, Any]]:
        if name not in self._elements:
            elements = self._load("StructureDefinition", name)["snapshot"]["element"]
            self._elements[name] = {element["path"]: element for element in elements}
        return self._elements[name]

    def _leaf(self, end: _Here) -> Leaf:
        profiles = (p for kind in end.definition.get("type", ()) for p in _targets(kind))
        targets = tuple(sorted({profile.removeprefix(_PROFILE) for profile in profiles}))
        system = self._system(end.definition) if end.datatype == "code" else ""
        return Leaf(Route(end.steps, end.datatype, system), end.single, targets)

    def _system(self, definition: dict[str, Any]) -> str:
        """Return the one code system of a required binding, or "" when there are several."""
        binding = definition.get("binding", {})
        if binding.get("strength") != "required":
            return ""
        url = binding["valueSet"].split("|")[0]
        if not url.startswith("http://hl7.org/fhir/ValueSet/"):
            return ""
        compose = self._load("ValueSet", url.rsplit("/", 1)[1]).get("compose", {})
        systems = {include.get("system", "") for include in compose.get("include", ())}
        return systems.pop() if len(systems) == 1 else ""


def _test(here: _Here, test: str, field: str, value: str) -> _Here:
    last = replace(here.steps[-1], test=test, field=field, value=value)
    return replace(here, steps=(*here.steps[:-1], last))


def _datatype(kind: dict[str, Any]) -> str:
    # Ids and urls are typed as FHIRPath strings; the FHIR type is in an extension.
    for extension in kind.get("extension", ()):
        if extension["url"] == _FHIR_TYPE:
            return str(extension["valueUrl"])
    return str(kind["code"])


def _targets(kind: dict[str, Any]) -> list[str]:
    return kind.get("targetProfile", []) if kind["code"] == "Reference" else []


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]
