"""Any object and any resource: known elements, required ones, one of a choice, contained resources.

A `Shape` compiles its row of the tables on first use: a resource type nobody sends costs nothing.
"""

from difflib import get_close_matches
from functools import cache, cached_property
from typing import Any

from joinedup.fhir.check import element as elements
from joinedup.fhir.check.element import ElementCheck
from joinedup.fhir.check.primitive import PRIMITIVES
from joinedup.fhir.check.refine import (
    Check,
    accepted_codes,
    accepted_concepts,
    reference_targets,
)
from joinedup.fhir.check.rule import RULES, check_contained_rules, contained_types
from joinedup.fhir.check.walk import Walk, shorten
from joinedup.fhir.definitions import Element, elements_of
from joinedup.fhir.types import TYPE_NUMBERS

__all__ = ["check_resource"]


def check_resource(value: Any, path: str, walk: Walk) -> None:
    """Check a resource that stands by itself: the root, or one inside a Bundle or Parameters."""
    kind = _type_of(value, path, walk)
    if kind is None:
        return
    path = path or kind
    outer = walk.contained
    walk.contained = contained_types(value)
    _shape(kind).check(value, path, walk)
    if "contained" in value:
        check_contained_rules(value, path, walk)
    walk.contained = outer


def _check_contained(value: Any, path: str, walk: Walk) -> None:
    kind = _type_of(value, path, walk)
    if kind is not None:
        _shape(kind).check(value, path, walk)


def _type_of(value: Any, path: str, walk: Walk) -> str | None:
    if type(value) is not dict:
        walk.add("structure", path, f"is {shorten(value)}; a resource is an object, in {{ }}")
        return None
    kind = value.get("resourceType")
    if type(kind) is str and kind in TYPE_NUMBERS:
        return kind
    message = f"{shorten(kind)} is not one of R4's 146 resource types, such as Patient"
    if "resourceType" not in value:
        message = "is missing; it names the type, such as Patient"
    walk.add("structure", f"{path}.resourceType" if path else "resourceType", message)
    return None


class Shape:
    """One kind of object, compiled: what checks each property, and what must be there."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rules = RULES.get(name, ())

    def check(self, value: Any, path: str, walk: Walk) -> None:
        """Add everything wrong with an object of this shape to the walk."""
        if type(value) is not dict:
            walk.add("structure", path, f"is {shorten(value)}; an object is needed, in {{ }}")
            return
        checks = self.checks
        for name, item in value.items():
            run = checks.get(name)
            if run is None:
                self._add_unknown(name, path, walk)
            else:
                run(item, value, path, walk)
        for name, names in self.required:
            if name not in value and names.isdisjoint(value):
                walk.add("required", f"{path}.{name}", f"is missing; {self.name} must have it")
        for name, names in self.choices:
            if not names.isdisjoint(value):
                _check_one_choice(name, names, value, path, walk)
        for rule in self.rules:
            rule(value, path, walk)
        if not value or (len(value) == 1 and "id" in value):
            walk.add("structure", path, "is empty; leave it out, or give it a value (ele-1)")

    def _add_unknown(self, name: str, path: str, walk: Walk) -> None:
        near = [] if walk.full else get_close_matches(name[:64], self.checks, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        walk.add("structure", path, f"{shorten(name)} is not an element of {self.name}{hint}")

    @cached_property
    def checks(self) -> dict[str, ElementCheck]:
        """Return what checks each property an object of this shape may have."""
        is_resource = self.name in TYPE_NUMBERS
        checks: dict[str, ElementCheck] = {"resourceType": _accept} if is_resource else {}
        for element in elements_of(self.name):
            for name, kind in element.json_names.items():
                # XML attributes and xhtml take no extensions, so nothing stands beside them.
                is_attribute = kind == "xhtml" or (self.name, name) == ("Extension", "url")
                is_attribute |= name == "id" and not is_resource
                checks[name] = _element_check(name, kind, element)
                if kind in PRIMITIVES and not is_attribute:
                    checks[f"_{name}"] = _beside_check(f"_{name}", many=element.many)
        return checks

    @cached_property
    def required(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """Return each element that must be there, with the properties that may give it."""
        found = (e for e in elements_of(self.name) if e.minimum)
        return tuple((e.name, _properties(e)) for e in found)

    @cached_property
    def choices(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """Return each element of which only one type may be given, with all its properties."""
        found = (e for e in elements_of(self.name) if e.choice)
        return tuple((e.name, _properties(e)) for e in found)


@cache
def _shape(name: str) -> Shape:
    return Shape(name)


def _accept(value: Any, holder: dict[str, Any], path: str, walk: Walk) -> None:
    """Pass `resourceType`, which chose the shape."""


def _check_one_choice(
    name: str, names: frozenset[str], value: dict[str, Any], path: str, walk: Walk
) -> None:
    given = {each.removeprefix("_") for each in names.intersection(value)}
    if len(given) > 1:
        message = f"is given as {' and '.join(sorted(given))}; only one is accepted"
        walk.add("structure", f"{path}.{name}", message)


def _properties(element: Element) -> frozenset[str]:
    names = element.json_names
    return frozenset(names) | frozenset(f"_{name}" for name in names)


def _element_check(name: str, kind: str, element: Element) -> ElementCheck:
    if kind not in PRIMITIVES:
        of_objects = elements.many_objects if element.many else elements.one_object
        return of_objects(name, _object_check(kind, name, element))
    fault, code = PRIMITIVES[kind], "value"
    if kind == "code" and element.code_set:
        fault, code = accepted_codes(element.code_set, fault), "code-invalid"
    of_primitives = elements.many_primitives if element.many else elements.one_primitive
    return of_primitives(name, fault, code)


def _beside_check(name: str, *, many: bool) -> ElementCheck:
    beside = elements.many_beside if many else elements.one_object
    return beside(name, _shape("Element").check)


def _object_check(kind: str, name: str, element: Element) -> Check:
    if kind == "Resource":
        return _check_contained if name == "contained" else check_resource
    check = _shape(kind).check
    further = None
    if kind == "Reference":
        further = reference_targets(element.targets)
    elif kind == "CodeableConcept" and element.code_set:
        further = accepted_concepts(element.code_set)
    return check if further is None else _both(check, further)


def _both(first: Check, second: Check) -> Check:
    def run(value: Any, path: str, walk: Walk) -> None:
        first(value, path, walk)
        second(value, path, walk)

    return run
