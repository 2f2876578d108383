"""Makes the tables in `joinedup/fhir/definitions` from HL7's R4 (4.0.1) definition files.

    python -m joinedup.fhir.generate FOLDER

FOLDER holds StructureDefinition-*.json, ValueSet-*.json and CodeSystem-*.json. The same files
always give the same tables. Profiles are left out: only what every R4 resource must obey.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["make_tables", "write_tables"]

_STRUCTURE = "http://hl7.org/fhir/StructureDefinition/"
_FHIRPATH_STRING = "http://hl7.org/fhirpath/System.String"
_FHIR_TYPE = f"{_STRUCTURE}structuredefinition-fhir-type"
_ABSTRACT = frozenset({"Resource", "DomainResource"})

Json = dict[str, Any]
Codes = dict[str, list[str]]


def write_tables(source: Path, target: Path) -> None:
    """Write every table made from `source` into the folder `target`."""
    for name, content in make_tables(source).items():
        (target / f"{name}.json.gz").write_bytes(gzip.compress(content, mtime=0))


def make_tables(source: Path) -> dict[str, bytes]:
    """Return each table as JSON bytes; ValueError if a value set is composed in a way not known."""
    structures = [s for s in _read_all(source, "StructureDefinition") if _is_plain_type(s)]
    shapes: dict[str, list[list[Any]]] = {}
    for structure in structures:
        shapes |= _shapes_of(structure)
    bound = {element[6] for elements in shapes.values() for element in elements} - {""}
    return {"shapes": _encode(shapes), "codes": _encode(_code_sets(source, bound))}


def _encode(table: Json) -> bytes:
    return json.dumps(table, sort_keys=True, separators=(",", ":")).encode()


def _read_all(source: Path, kind: str) -> Iterator[Json]:
    for path in sorted(source.glob(f"{kind}-*.json")):
        yield json.loads(path.read_bytes())


def _is_plain_type(structure: Json) -> bool:
    return (
        structure["kind"] in ("resource", "complex-type")
        and structure.get("derivation") != "constraint"
        and structure["type"] not in _ABSTRACT
    )


def _shapes_of(structure: Json) -> dict[str, list[list[Any]]]:
    """Return the shape of a type and of every group of elements inside it."""
    definitions = structure["snapshot"]["element"]
    groups = {d["path"].rpartition(".")[0] for d in definitions} - {""}
    shapes: dict[str, list[list[Any]]] = {group: [] for group in sorted(groups)}
    for definition in definitions:
        parent, _, name = definition["path"].rpartition(".")
        if parent:
            shapes[parent].append(_element(definition, name, groups))
    return shapes


def _element(definition: Json, name: str, groups: set[str]) -> list[Any]:
    """Return one row, in the order of `definitions.Element`."""
    types = definition.get("type", [])
    if definition["path"] in groups:
        names = [definition["path"]]
    elif "contentReference" in definition:
        names = [definition["contentReference"].removeprefix("#")]
    else:
        names = [_type_name(definition, each) for each in types]
    return [
        name.removesuffix("[x]"),
        definition["min"],
        definition["max"] != "1",
        name.endswith("[x]"),
        names,
        _targets(types),
        _required_code_set(definition),
    ]


def _type_name(definition: Json, declared: Json) -> str:
    """Return a FHIR type; ids and urls are declared as FHIRPath strings with the type beside."""
    code: str = declared["code"]
    if code != _FHIRPATH_STRING:
        return code
    if definition["base"]["path"] == "Resource.id":
        # R4 declares it a string here, and an id in its prose (2.27.1).
        return "id"
    named = [e["valueUrl"] for e in declared["extension"] if e["url"] == _FHIR_TYPE]
    return str(named[0])


def _targets(types: list[Json]) -> list[str]:
    profiles = [p for t in types if t["code"] == "Reference" for p in t.get("targetProfile", [])]
    names = sorted(p.removeprefix(_STRUCTURE) for p in profiles)
    return [] if "Resource" in names else names


def _required_code_set(definition: Json) -> str:
    binding = definition.get("binding", {})
    if binding.get("strength") != "required":
        return ""
    return str(binding["valueSet"]).partition("|")[0]


def _code_sets(source: Path, wanted: set[str]) -> dict[str, Codes]:
    """Return the wanted value sets that HL7 lists in full, each as code system -> codes."""
    systems = {s["url"]: s for s in _read_all(source, "CodeSystem") if "url" in s}
    sets = {v["url"]: v for v in _read_all(source, "ValueSet") if v["url"] in wanted}
    found = {url: _expand(value_set, systems) for url, value_set in sorted(sets.items())}
    return {url: codes for url, codes in found.items() if codes}


def _expand(value_set: Json, systems: dict[str, Json]) -> Codes | None:
    """Return the codes of a value set; None if it takes in a code system that is not listed."""
    compose = value_set["compose"]
    codes: Codes = {}
    for include in compose["include"]:
        if "exclude" in compose or "filter" in include or "valueSet" in include:
            raise ValueError(f"{value_set['url']} is composed in a way not understood")
        concepts = include.get("concept") or _concepts(systems.get(include["system"], {}))
        if not concepts:
            return None
        codes.setdefault(include["system"], []).extend(c["code"] for c in concepts)
    return codes


def _concepts(holder: Json) -> list[Json]:
    """Return every concept of a code system, those below others included."""
    below = holder.get("concept", [])
    return [concept for each in below for concept in (each, *_concepts(each))]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m joinedup.fhir.generate FOLDER")
    write_tables(Path(sys.argv[1]), Path(__file__).parent / "definitions")
