"""Every official search parameter of R4 reads what its FHIRPath says.

The committed table is held against HL7's definitions, and what it reads against fhirpathpy: on
HL7's 732 examples, and for every path on a resource made to have it.
"""

import gzip
import json
import re
import tarfile
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import fhirpathpy
import pytest
from fhirpathpy.models import models

from joinedup.fhir.search import served, table
from joinedup.fhir.search.extract import IndexRows, index_rows
from joinedup.fhir.search.generate import build_tables
from joinedup.fhir.search.matches import matches
from joinedup.fhir.search.parameters import (
    Parameter,
    all_parameters_of,
    parameter,
    parameters_of,
)
from joinedup.fhir.search.plan import Plan
from joinedup.fhir.search.query import parse_query
from joinedup.fhir.search.table import JsonStep, ParameterRow, Route, type_table
from joinedup.fhir.types import TYPES

CONFORMANCE = Path(__file__).resolve().parents[3] / "shared" / "conformance"

pytestmark = pytest.mark.skipif(
    not CONFORMANCE.is_dir(), reason="HL7's definitions and examples are not beside the checkout"
)

# HL7 gives these no expression, so there is nothing to read: each is refused by name.
WITHOUT_EXPRESSION = {
    "_text": "searches the narrative",
    "_content": "searches the whole text",
    "_query": "names a stored query",
    "_filter": "is a language of its own",
    "age": "an example extension, computed from the clock",
    "birthOrderBoolean": "an example extension without an expression",
}


def archive(name: str) -> Path:
    return CONFORMANCE / f"fhir-r4-4.0.1-{name}.tar.xz"


def contents(name: str, start: str = "") -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive(name)) as files:
        for member in files:
            found = files.extractfile(member) if member.name.startswith(start) else None
            if found is not None:
                yield member.name, found.read()


@cache
def official_expressions() -> dict[tuple[str, str], str]:
    found = {}
    for _, data in contents("definitions", "SearchParameter-"):
        definition = json.loads(data)
        if not definition["id"].startswith("example"):
            for base in definition.get("base", ()):
                found[base, definition["code"]] = definition.get("expression", "")
    return found


@cache
def examples() -> dict[str, list[dict[str, Any]]]:
    by_type: dict[str, list[dict[str, Any]]] = {}
    for _, data in contents("example-instances"):
        resource = json.loads(data, parse_float=Decimal)
        by_type.setdefault(resource["resourceType"], []).append(resource)
    return by_type


def as_fhirpath(type_name: str, code: str) -> str:
    """HL7's expression in FHIRPath that fhirpathpy knows. Four things are said otherwise:

    - `resolve() is X` needs the other resource; the parameter carries X as its target instead;
    - `as` takes one value in FHIRPath, but R4 uses it on lists, where `ofType` is meant;
    - `hasExtension(url)` is not FHIRPath, and means `extension(url).exists()`;
    - `Resource` names a supertype, which fhirpathpy does not look for.
    """
    official = official_expressions()
    expression = next(
        official[base, code]
        for base in (type_name, "Resource", "DomainResource")
        if (base, code) in official
    )
    expression = re.sub(r"\.where\(resolve\(\) is \w+\)", "", expression)
    expression = re.sub(r"\(([\w.]+) as (\w+)\)", r"\1.ofType(\2)", expression)
    expression = re.sub(r"\.as\((\w+)\)", r".ofType(\1)", expression)
    expression = re.sub(r"hasExtension\(('[^']+')\)", r"extension(\1).exists()", expression)
    return re.sub(r"\bResource\.", f"{type_name}.", expression)


@cache
def compiled(expression: str) -> Any:
    return fhirpathpy.compile(expression, models["r4"])


def texts(values: list[Any]) -> set[str]:
    # A FHIRPath union holds each value once, so values are compared as sets.
    return {json.dumps(value, sort_keys=True, default=str) for value in values}


def read_by_fhirpath(type_name: str, code: str, resource: dict[str, Any]) -> set[str]:
    return texts(compiled(as_fhirpath(type_name, code))(resource))


def read_by_table(row: ParameterRow, resource: dict[str, Any]) -> set[str]:
    found: list[Any] = []
    routes = (
        r for place in row.paths for r in type_table(resource["resourceType"]).paths[place].routes
    )
    Plan((route.steps, lambda value, rows: rows.append(value)) for route in routes).visit(
        resource, found
    )
    return texts(found)


def compared(type_name: str) -> list[ParameterRow]:
    # `deceased` is computed from what is not there too; it has a test of its own below.
    return [
        row
        for row in type_table(type_name).parameters
        if row.paths and (type_name, row.code) != ("Patient", "deceased")
    ]


def test_the_committed_table_is_what_the_definitions_say(tmp_path: Path) -> None:
    for name in ("definitions", "terminology"):
        for file, data in contents(name):
            if file.startswith(("SearchParameter-", "StructureDefinition-", "ValueSet-")):
                (tmp_path / file).write_bytes(data)
    made = table.write_table(build_tables(tmp_path))
    committed = Path(table.__file__).with_name("tables") / "search.json.gz"
    assert gzip.decompress(made) == gzip.decompress(committed.read_bytes())


def test_every_parameter_has_a_path_or_a_reason() -> None:
    assert {type_name for type_name, _ in official_expressions()} <= {
        *TYPES, "Resource", "DomainResource"
    }  # fmt: skip
    unread = {row.code for name in TYPES for row in type_table(name).parameters if not row.paths}
    assert unread == set(WITHOUT_EXPRESSION)


@pytest.mark.parametrize("type_name", TYPES)
def test_examples_are_read_as_fhirpath_reads_them(type_name: str) -> None:
    for resource in examples().get(type_name, ()):
        for row in compared(type_name):
            asked = f"{type_name}/{resource.get('id')} {row.code}: {row.expression}"
            read = read_by_table(row, resource)
            assert read == read_by_fhirpath(type_name, row.code, resource), asked


@pytest.mark.parametrize("type_name", TYPES)
def test_every_path_finds_what_is_put_there(type_name: str) -> None:
    for row in compared(type_name):
        for place in row.paths:
            for route in type_table(type_name).paths[place].routes:
                resource = made_to_have(type_name, route)
                read = read_by_table(row, resource)
                assert read, f"{type_name} {row.code}: {route}"
                assert read == read_by_fhirpath(type_name, row.code, resource), row.expression


def made_to_have(type_name: str, route: Route) -> dict[str, Any]:
    """A resource with one value at the end of a route; not valid in other ways."""
    primitive = route.datatype[0].islower()
    content: Any = {"id": "here"}
    if primitive:
        content = True if route.datatype == "boolean" else "here"
    for step in reversed(route.steps):
        content = {step.name: [passing(step, content)] if step.test else content}
    return {"resourceType": type_name, **content}


def passing(step: JsonStep, content: Any) -> Any:
    match step.test:
        case "where":
            return content | {step.field: step.value}
        case "having":
            return content | {"extension": [{"url": step.value, "valueBoolean": True}]}
        case _:
            return content


@pytest.mark.parametrize(
    ("dead", "code"),
    [
        ({}, "false"),
        ({"deceasedBoolean": False}, "false"),
        ({"deceasedBoolean": True}, "true"),
        ({"deceasedDateTime": "2024-01-16"}, "true"),
    ],
)
def test_whether_a_person_has_died_is_read_of_everybody(dead: dict[str, Any], code: str) -> None:
    patient = {"resourceType": "Patient", "id": "a", **dead}
    deceased = parameter("Patient", "deceased")
    assert deceased is not None
    assert (deceased.slots[0], code, "") in index_rows(patient).tokens
    fhirpath = compiled(as_fhirpath("Patient", "deceased"))(patient)
    assert fhirpath == [code == "true"]


def test_parameters_that_read_the_same_share_their_rows() -> None:
    subject, patient = parameter("Observation", "subject"), parameter("Observation", "patient")
    assert subject and patient and subject.slots == patient.slots
    assert patient.targets == ("Patient",)
    assert patient.narrowed
    assert not subject.narrowed
    both = parameter("Observation", "combo-code")
    code, part = parameter("Observation", "code"), parameter("Observation", "component-code")
    assert both and code and part and both.slots == code.slots + part.slots


@pytest.mark.parametrize("type_name", served.SERVED)
def test_heads_are_searchable_and_single(type_name: str) -> None:
    rows = {(row.path, row.kind): row for row in type_table(type_name).paths}
    subject = served.HEAD_SUBJECT_PATHS.get(type_name)
    heads = [(subject, "reference")] if subject else []
    heads += [(path, "date") for path in served.HEAD_WHEN_PATHS.get(type_name, ())]
    assert all(rows[head].single for head in heads)
    slots = {number for each in all_parameters_of(type_name) for number in each.slots}
    assert slots >= {*served.HEAD_WHEN.get(type_name, ())}
    assert served.HEAD_SUBJECT.get(type_name, min(slots)) in slots


def test_every_head_is_of_a_served_type() -> None:
    assert {*served.HEAD_SUBJECT, *served.HEAD_WHEN} <= set(served.SERVED) <= set(TYPES)


@pytest.mark.parametrize("type_name", served.SERVED)
def test_examples_are_found_by_each_of_their_own_rows(type_name: str) -> None:
    for resource in examples().get(type_name, ()):
        rows = index_rows(resource)
        for asked in parameters_of(type_name):
            for request in questions(asked, rows):
                (clause,) = parse_query(type_name, [request]).clauses
                assert matches(clause, rows, resource), f"{type_name}/{resource['id']} {request}"


def questions(asked: Parameter, rows: IndexRows) -> Iterator[tuple[str, str]]:
    """Each row of a parameter, asked for as a request would."""

    def escaped(text: str) -> str:
        return re.sub(r"([\\,|$])", r"\\\1", text)

    for slot, code, system in rows.tokens:
        if slot in asked.slots:
            yield asked.code, f"{escaped(system)}|{escaped(code)}"
    for slot, _, exact in rows.strings:
        if slot in asked.slots:
            yield asked.code, escaped(exact)
            yield f"{asked.code}:exact", escaped(exact)
    for slot, target in rows.references:
        # A type the parameter does not admit is refused: a device for `patient`, and what two
        # of HL7's examples point at where R4's definitions do not let them.
        if slot in asked.slots and (
            not asked.targets or target.rpartition("/")[0].rpartition("/")[2] in asked.targets
        ):
            yield asked.code, escaped(target)
    for slot, text in rows.texts:
        if slot in asked.text_slots:
            yield f"{asked.code}:text", escaped(text)
