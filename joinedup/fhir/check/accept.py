"""The quick yes: most resources are good, and saying so needs no FHIRPaths and no messages.

`accepts` compiles each shape of the tables to one small function on first use. It says yes only
where `shape` would find nothing; whatever it does not know how to read is a no, and `shape`, the
plain twin, then finds what is wrong, or that nothing is.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from joinedup.fhir.check.primitive import LONGEST_STRING, PRIMITIVES, Fault
from joinedup.fhir.check.refine import Check, accepted_codes, accepted_concepts, reference_targets
from joinedup.fhir.check.rule import RULES, check_contained_rules, contained_types
from joinedup.fhir.check.walk import Walk
from joinedup.fhir.definitions import Element, codes_of, elements_of
from joinedup.fhir.types import TYPE_NUMBERS

__all__ = ["accepts"]

Local = Mapping[str, str]
"""The types of the contained resources, by id."""
Accept = Callable[[Any, Local], bool]
Quick = Callable[[str], object]

MOST_REMEMBERED = 5_000
LONGEST_REMEMBERED = 200
_NONE: Local = {}
_REMEMBERED = ("canonical", "code", "uri", "url")
"""Types whose few values come again and again: systems, units, codes."""

_DAY = (
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_TIME = (
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])"
)
# Days that are in every year; the 29th of February is left to the slower look.
_YEARS = r"(?!0000)[0-9]{4}"
_PATTERNS: dict[str, Quick] = {
    "date": re.compile(rf"{_YEARS}-{_DAY}").fullmatch,
    "dateTime": re.compile(rf"{_YEARS}-{_DAY}(?:{_TIME})?").fullmatch,
    "instant": re.compile(rf"{_YEARS}-{_DAY}{_TIME}").fullmatch,
    "id": re.compile(r"[A-Za-z0-9\-.]{1,64}").fullmatch,
    "string": str.isprintable,
    "markdown": str.isprintable,
}
_RULED_WHEN = {"Observation": frozenset({"component", "dataAbsentReason"})}
"""Elements without which the rules of a type have nothing to say; ext-1 is written out below."""
_RELATIVE = re.compile(r"([A-Z][A-Za-z]{1,50})/[A-Za-z0-9\-.]{1,64}").fullmatch
_NUMBERS: dict[str, tuple[int, int]] = {
    "integer": (-2_147_483_648, 2_147_483_647),
    "unsignedInt": (0, 2_147_483_647),
    "positiveInt": (1, 2_147_483_647),
}


def accepts(resource: Any) -> bool:
    """Return True for a resource in which `shape` finds nothing wrong; False when not sure."""
    if type(resource) is not dict:
        return False
    kind = resource.get("resourceType")
    if type(kind) is not str or kind not in TYPE_NUMBERS:
        return False
    if "contained" not in resource:
        return _shape(kind)(resource, _NONE)
    if not _shape(kind)(resource, contained_types(resource)):
        return False
    walk = Walk()
    check_contained_rules(resource, kind, walk)
    return not walk.found()


class _Tables:
    """What tests each property of a shape, by what JSON gave: text, object, list, or other."""

    def __init__(self, name: str, within: frozenset[str]) -> None:
        self.within = within
        self.texts: dict[str, Quick] = {}
        self.faults: dict[str, Fault] = {}
        self.objects: dict[str, Accept] = {}
        self.lists: dict[str, Accept] = {}
        self.others: dict[str, Callable[[Any], bool]] = {}
        self.choice_of: dict[str, str] = {}
        self.required: tuple[str, ...] = ()
        self.required_choices: tuple[frozenset[str], ...] = ()
        elements = elements_of(name)
        if name in TYPE_NUMBERS:
            self.texts["resourceType"] = frozenset({name}).__contains__
            self.faults["resourceType"] = _refused
        for element in elements:
            for json_name, kind in element.json_names.items():
                self._add(json_name, kind, element)
                if element.choice:
                    self.choice_of[json_name] = element.name
        needed = [e for e in elements if e.minimum]
        self.required = tuple(e.name for e in needed if not e.choice)
        self.required_choices = tuple(frozenset(e.json_names) for e in needed if e.choice)

    def _add(self, name: str, kind: str, element: Element) -> None:
        if kind not in PRIMITIVES:
            accept = _of_object(kind, name, element, self.within)
            if element.many:
                self.lists[name] = _each(accept)
            else:
                self.objects[name] = accept
            return
        quick, fault = _text(kind, element.code_set)
        if element.many:
            self.lists[name] = _each_text(quick, fault)
        elif kind in ("boolean", "decimal") or kind in _NUMBERS:
            self.others[name] = _other(kind)
        else:
            self.texts[name], self.faults[name] = quick, fault


_made: dict[str, Accept] = {}


def _shape(name: str, within: frozenset[str] = frozenset()) -> Accept:
    """Return the function of a shape, compiled with all that may stand inside it.

    `within` are the shapes being compiled: one that may hold itself, as an extension does, looks
    itself up when it runs.
    """
    if name in within:
        return _looked_up(name)
    if (made := _made.get(name)) is None:
        made = _made[name] = _compile(name, within | {name})
    return made


def _looked_up(name: str) -> Accept:
    def accept(value: Any, local: Local) -> bool:
        return _shape(name)(value, local)

    return accept


def _compile(name: str, within: frozenset[str]) -> Accept:
    """Return the one loop over an object's properties; the tables are its own variables."""
    tables = _Tables(name, within)
    texts, faults = tables.texts.get, tables.faults
    objects, lists, others = tables.objects.get, tables.lists.get, tables.others.get
    required, required_choices = tables.required, tables.required_choices
    choice_of = tables.choice_of
    choices = frozenset(choice_of)
    is_extension = name == "Extension"
    rules = RULES.get(name, ())
    ruled = _RULED_WHEN.get(name, frozenset())

    def accept(value: Any, local: Local) -> bool:
        for name, item in value.items():
            kind = type(item)
            if kind is str:
                quick = texts(name)
                if quick is None or not item or len(item) > LONGEST_STRING:
                    return False
                if not quick(item) and faults[name](item) is not None:
                    return False
            elif kind is dict or kind is list:
                test = objects(name) if kind is dict else lists(name)
                if test is None or not test(item, local):
                    return False
            else:
                other = others(name)
                if other is None or not other(item):
                    return False
        for needed in required:
            if needed not in value:
                return False
        if len(value) < 2 and (not value or "id" in value):
            return False
        if choices:
            given = choices.intersection(value)
            if len(given) > 1 and len({choice_of[each] for each in given}) < len(given):
                return False
            for names in required_choices:
                if names.isdisjoint(given):
                    return False
            if is_extension and bool(given) == ("extension" in value):
                return False
        return ruled.isdisjoint(value) or _obeys(rules, value)

    return accept


def _obeys(rules: tuple[Check, ...], value: dict[str, Any]) -> bool:
    walk = Walk()
    for rule in rules:
        rule(value, "", walk)
    return not walk.found()


def _refused(_: Any) -> str:
    return "is not accepted"


def _text(kind: str, code_set: str) -> tuple[Quick, Fault]:
    """Return the quick test of a text, and what looks again at those it does not know."""
    fault = PRIMITIVES[kind]
    if kind == "code" and code_set:
        fault = accepted_codes(code_set, fault)
        if systems := codes_of(code_set):
            return frozenset(
                c for listed in systems.values() for c in listed
            ).__contains__, _refused
    if kind in _REMEMBERED and fault is PRIMITIVES[kind]:
        return _remembering(kind)
    return _PATTERNS.get(kind, _unknown), fault


def _unknown(_: str) -> bool:
    return False


@cache
def _remembering(kind: str) -> tuple[Quick, Fault]:
    """Return a test that knows values it has seen: a few, none of them long."""
    known: set[str] = set()
    fault = PRIMITIVES[kind]

    def look(value: Any) -> str | None:
        found = fault(value)
        if found is None and len(known) < MOST_REMEMBERED and len(value) <= LONGEST_REMEMBERED:
            known.add(value)
        return found

    return known.__contains__, look


def _each(accept: Accept) -> Accept:
    def run(values: Any, local: Local) -> bool:
        for value in values:
            if type(value) is not dict or not accept(value, local):
                return False
        return bool(values)

    return run


def _each_text(quick: Quick, fault: Fault) -> Accept:
    """Return the test of a list of primitives; a null needs an extension, so it is a no."""

    def run(values: Any, _: Local) -> bool:
        for value in values:
            known = type(value) is str and 0 < len(value) <= LONGEST_STRING and quick(value)
            if not known and fault(value) is not None:
                return False
        return bool(values)

    return run


def _other(kind: str) -> Callable[[Any], bool]:
    if kind == "boolean":
        return lambda value: type(value) is bool
    if kind == "decimal":
        return lambda value: type(value) is Decimal or type(value) is int
    lowest, highest = _NUMBERS[kind]
    return lambda value: type(value) is int and lowest <= value <= highest


def _of_object(kind: str, name: str, element: Element, within: frozenset[str]) -> Accept:
    if kind == "Resource":
        return _contained if name == "contained" else _never
    accept = _shape(kind, within)
    if kind == "Reference":
        return _reference(accept, element.targets)
    if kind == "CodeableConcept" and element.code_set:
        concept = accepted_concepts(element.code_set)
        return accept if concept is None else _also(accept, concept)
    return accept


def _never(_: Any, __: Local) -> bool:
    return False


def _contained(value: Any, local: Local) -> bool:
    kind = value.get("resourceType")
    return type(kind) is str and kind in TYPE_NUMBERS and _shape(kind)(value, local)


def _reference(accept: Accept, targets: tuple[str, ...]) -> Accept:
    """Return the test of a Reference: `Type/id` here, anything else as `refine` reads it."""
    accepted = frozenset(targets) or frozenset(TYPE_NUMBERS)
    otherwise = reference_targets(targets)

    def run(value: Any, local: Local) -> bool:
        if not accept(value, local):
            return False
        if "type" not in value:
            literal = value.get("reference")
            if literal is None:
                return True
            if (found := _RELATIVE(literal)) and found[1] in accepted:
                return True
        walk = Walk()
        walk.contained = dict(local)
        otherwise(value, "", walk)
        return not walk.found()

    return run


def _also(accept: Accept, further: Callable[[Any, str, Walk], None]) -> Accept:
    def run(value: Any, local: Local) -> bool:
        if not accept(value, local):
            return False
        walk = Walk()
        further(value, "", walk)
        return not walk.found()

    return run
