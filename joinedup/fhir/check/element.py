"""One element of an object: one value or a list of them, and the `_name` beside a primitive.

Each function here returns a small function made for one element, which is given the value, the
object that holds it, that object's FHIRPath, and the walk.
"""

from collections.abc import Callable
from typing import Any

from joinedup.fhir.check.primitive import Fault
from joinedup.fhir.check.refine import Check
from joinedup.fhir.check.walk import Walk, shorten

__all__ = [
    "ElementCheck",
    "many_beside",
    "many_objects",
    "many_primitives",
    "one_object",
    "one_primitive",
]

ElementCheck = Callable[[Any, dict[str, Any], str, Walk], None]


def one_primitive(name: str, fault: Fault, code: str) -> ElementCheck:
    """Return the check of a primitive that appears at most once; `code` is the issue type."""

    def run(value: Any, _: dict[str, Any], path: str, walk: Walk) -> None:
        message = fault(value)
        if message is None:
            return
        if type(value) is list:
            _add_not_one(f"{path}.{name}", walk)
        else:
            walk.add(code if type(value) is str else "value", f"{path}.{name}", message)

    return run


def many_primitives(name: str, fault: Fault, code: str) -> ElementCheck:
    """Return the check of a list of primitives; null only where the list beside it has an entry."""
    beside = f"_{name}"

    def run(values: Any, holder: dict[str, Any], path: str, walk: Walk) -> None:
        if not _is_list(values, f"{path}.{name}", walk):
            return
        for index, value in enumerate(values):
            message = fault(value)
            if message is None or (value is None and _has_entry(holder.get(beside), index)):
                continue
            walk.add(code if type(value) is str else "value", f"{path}.{name}[{index}]", message)

    return run


def one_object(name: str, check: Check) -> ElementCheck:
    """Return the check of an object that appears at most once."""

    def run(value: Any, _: dict[str, Any], path: str, walk: Walk) -> None:
        if type(value) is list:
            _add_not_one(f"{path}.{name}", walk)
        else:
            check(value, f"{path}.{name}", walk)

    return run


def many_objects(name: str, check: Check) -> ElementCheck:
    """Return the check of a list of objects."""

    def run(values: Any, _: dict[str, Any], path: str, walk: Walk) -> None:
        if _is_list(values, f"{path}.{name}", walk):
            for index, value in enumerate(values):
                check(value, f"{path}.{name}[{index}]", walk)

    return run


def many_beside(name: str, check: Check) -> ElementCheck:
    """Return the check of `_name` beside a list: as long as the list, null where it has nothing."""
    plain = name.removeprefix("_")

    def run(values: Any, holder: dict[str, Any], path: str, walk: Walk) -> None:
        if not _is_list(values, f"{path}.{name}", walk):
            return
        primitives = holder.get(plain)
        if type(primitives) is list and len(primitives) != len(values):
            message = (
                f"has {len(values)} entries and {plain} has {len(primitives)}; null fills gaps"
            )
            walk.add("structure", f"{path}.{name}", message)
        for index, value in enumerate(values):
            if value is not None or not _has_entry(primitives, index):
                check(value, f"{path}.{name}[{index}]", walk)

    return run


def _has_entry(values: Any, index: int) -> bool:
    return type(values) is list and index < len(values) and values[index] is not None


def _is_list(values: Any, path: str, walk: Walk) -> bool:
    if type(values) is not list:
        walk.add("structure", path, f"is {shorten(values)}; a list is needed, in [ ]")
        return False
    if not values:
        walk.add("structure", path, "is an empty list; leave it out instead")
    return True


def _add_not_one(path: str, walk: Walk) -> None:
    walk.add("structure", path, "is a list; one value is needed, not in [ ]")
