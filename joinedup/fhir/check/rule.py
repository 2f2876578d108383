"""Invariants that tables cannot say, as plain code, each named as FHIR R4 names it.

Only those that keep a record sound: about extensions, observations and contained resources.
"""

from collections.abc import Iterator
from typing import Any

from joinedup.fhir.check.refine import Check
from joinedup.fhir.check.walk import Walk

__all__ = ["RULES", "check_contained_rules", "contained_types"]


_NOT_IN_CONTAINED_META = {"versionId": "dom-4", "lastUpdated": "dom-4", "security": "dom-5"}


def contained_types(resource: dict[str, Any]) -> dict[str, str]:
    """Return the type of each contained resource that has an id, by id."""
    return {
        each["id"]: each["resourceType"]
        for each in _objects(resource.get("contained"))
        if type(each.get("id")) is str and type(each.get("resourceType")) is str
    }


def check_contained_rules(resource: dict[str, Any], path: str, walk: Walk) -> None:
    """Check dom-2 to dom-5: contained resources are flat, named, used, and have no life alone."""
    used: set[str] | None = None
    for index, each in enumerate(_objects(resource["contained"])):
        place = f"{path}.contained[{index}]"
        _check_contained_alone(each, place, walk)
        used = _local_names(resource) if used is None else used
        name = each.get("id")
        if type(name) is str and f"#{name}" not in used and "#" not in _local_names(each):
            message = f"nothing in the resource refers to #{name}, nor it to the resource (dom-3)"
            walk.add("invariant", place, message)


def _check_contained_alone(each: dict[str, Any], path: str, walk: Walk) -> None:
    if "contained" in each:
        message = "is inside a contained resource; contained resources hold none (dom-2)"
        walk.add("invariant", f"{path}.contained", message)
    if "id" not in each:
        message = "is missing; a contained resource is referred to by it"
        walk.add("required", f"{path}.id", message)
    meta = each.get("meta")
    for name, rule in _NOT_IN_CONTAINED_META.items():
        if type(meta) is dict and name in meta:
            message = f"is not accepted on a contained resource ({rule})"
            walk.add("invariant", f"{path}.meta.{name}", message)


def _local_names(value: Any) -> set[str]:
    """Return every `#name` in a tree, whichever element holds it."""
    found: set[str] = set()
    _gather_local_names(value, found)
    return found


def _gather_local_names(value: Any, found: set[str]) -> None:
    kind = type(value)
    if kind is str:
        if value.startswith("#"):
            found.add(value)
    elif kind is dict or kind is list:
        for each in value.values() if kind is dict else value:
            _gather_local_names(each, found)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Return the objects of a list; anything else in it is reported where its shape is checked."""
    return (each for each in value if type(each) is dict) if type(value) is list else iter(())


def _check_extension(extension: dict[str, Any], path: str, walk: Walk) -> None:
    has_value = any(name.startswith(("value", "_value")) for name in extension)
    if has_value == ("extension" in extension):
        found = "both" if has_value else "neither"
        walk.add("invariant", path, f"has {found}: a value or extensions, not both (ext-1)")


def _check_observation(observation: dict[str, Any], path: str, walk: Walk) -> None:
    if not any(name.startswith(("value", "_value")) for name in observation):
        return
    if "dataAbsentReason" in observation:
        message = "says that there is no value, but there is one (obs-6)"
        walk.add("invariant", f"{path}.dataAbsentReason", message)
    own = _codings(observation.get("code"))
    for index, component in enumerate(_objects(observation.get("component"))):
        if own & _codings(component.get("code")):
            message = "repeats the code of the observation, which has a value already (obs-7)"
            walk.add("invariant", f"{path}.component[{index}].code", message)


def _codings(concept: Any) -> set[tuple[str, str]]:
    codings = _objects(concept.get("coding")) if type(concept) is dict else iter(())
    return {(str(c.get("system")), str(c.get("code"))) for c in codings}


RULES: dict[str, tuple[Check, ...]] = {
    "Extension": (_check_extension,),
    "Observation": (_check_observation,),
}
