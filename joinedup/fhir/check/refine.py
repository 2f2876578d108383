"""What one element asks beyond its type: where a reference may point, which codes are accepted."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from joinedup.fhir.check.primitive import Fault
from joinedup.fhir.check.walk import Walk, shorten
from joinedup.fhir.definitions import codes_of
from joinedup.fhir.types import TYPE_NUMBERS

__all__ = ["Check", "accepted_codes", "accepted_concepts", "reference_targets"]

Check = Callable[[Any, str, Walk], None]
"""Checks a value at a FHIRPath, adding what is wrong to the walk."""

_TYPE = r"[A-Z][A-Za-z]{1,50}"
_ID = r"[A-Za-z0-9\-.]{1,64}"
_REFERENCE = re.compile(rf"(?P<server>https?://\S+/)?(?P<type>{_TYPE})/{_ID}(/_history/{_ID})?")
_CONDITION = re.compile(rf"(?P<type>{_TYPE})\?\S+")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.\-]*:", re.IGNORECASE)
_CURRENCIES = "http://hl7.org/fhir/ValueSet/currencies"
_MOST_CODES_NAMED = 20


def reference_targets(targets: tuple[str, ...]) -> Check:
    """Return the check of a Reference that may name only these types; none given: any type.

    A type is known from `Type/id`, a URL ending so, `#contained`, or `Reference.type`
    (FHIR R4 2.3.0.1). A URN or another URL passes: what it points at cannot be known here.
    """
    accepted = frozenset(targets)

    def run(value: Any, path: str, walk: Walk) -> None:
        if type(value) is not dict:
            return
        literal, declared = value.get("reference"), value.get("type")
        named = {declared: "type"} if isinstance(declared, str) and "/" not in declared else {}
        if type(literal) is str:
            kind = _type_named(literal, f"{path}.reference", walk)
            if kind is not None:
                named[kind] = "reference"
        for kind, element in named.items():
            if kind not in TYPE_NUMBERS:
                message = f"{shorten(kind)} is not a resource type of R4"
                walk.add("value", f"{path}.{element}", message)
            elif accepted and kind not in accepted:
                message = f"points at a {kind}; accepted here: {', '.join(targets)}"
                walk.add("value", f"{path}.{element}", message)

    return run


def _type_named(literal: str, path: str, walk: Walk) -> str | None:
    """Return the type a literal reference names; None if it does not tell."""
    if literal.startswith("#"):
        if literal != "#" and literal[1:] not in walk.contained:
            message = f"{shorten(literal)} names no contained resource of this resource (ref-1)"
            walk.add("invariant", path, message)
        return walk.contained.get(literal[1:])
    match = _REFERENCE.fullmatch(literal)
    if match is not None and (match["server"] is None or match["type"] in TYPE_NUMBERS):
        return match["type"]
    condition = _CONDITION.fullmatch(literal)
    if condition is not None:
        return condition["type"]
    if not _ELSEWHERE.match(literal):
        wanted = "Type/id, #id of a contained resource, a URL or a URN"
        walk.add("value", path, f"{shorten(literal)} is not a reference: {wanted}")
    return None


def accepted_codes(code_set: str, otherwise: Fault) -> Fault:
    """Return the fault of a `code` that must be in a value set; `otherwise` if it has no list."""
    if code_set == _CURRENCIES:
        return _currency
    systems = codes_of(code_set)
    if systems is None:
        return otherwise
    codes = frozenset(code for listed in systems.values() for code in listed)
    named = _name(code_set, (code for listed in systems.values() for code in listed))

    def fault(value: Any) -> str | None:
        if type(value) is str and value in codes:
            return None
        return f"{shorten(value)} is not accepted; {named}"

    return fault


def accepted_concepts(code_set: str) -> Check | None:
    """Return the check that a CodeableConcept has a coding in a value set (FHIR R4 4.1.5.1)."""
    systems = codes_of(code_set)
    if systems is None:
        return None
    accepted = frozenset((system, code) for system, codes in systems.items() for code in codes)
    named = _name(code_set, (f"{system}|{code}" for system, code in sorted(accepted)))

    def run(value: Any, path: str, walk: Walk) -> None:
        codings = value.get("coding", []) if type(value) is dict else None
        if type(codings) is not list:
            return
        found = {(str(c.get("system")), str(c.get("code"))) for c in codings if type(c) is dict}
        if accepted.isdisjoint(found):
            walk.add("code-invalid", path, f"holds no accepted coding; {named}")

    return run


def _currency(value: Any) -> str | None:
    if type(value) is str and re.fullmatch(r"[A-Z]{3}", value):
        return None
    return f"{shorten(value)} is not a currency: three capital letters (ISO 4217), such as GBP"


def _name(code_set: str, codes: Iterable[str]) -> str:
    listed = list(codes)
    if len(listed) > _MOST_CODES_NAMED:
        return f"use one of the {len(listed)} codes of {code_set}"
    return f"use {' or '.join(filter(None, (', '.join(listed[:-1]), listed[-1])))}"
