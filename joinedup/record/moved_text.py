"""What an entry says once it is another person's: pure, from its text as it stood.

Every reference to the wrong person names the right one, without the name and number that stood
beside it; references that would lead back to the wrong person's record are taken out.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from joinedup.fhir.check import check
from joinedup.fhir.issue import Problem

__all__ = ["incomplete", "moved_text", "referred"]


def referred(tree: Any) -> tuple[str, ...]:
    """Return every literal `Type/id` that a resource refers to here, once each, in order."""
    return tuple(dict.fromkeys(_referred(tree)))


def _referred(tree: Any) -> Iterator[str]:
    if isinstance(tree, Mapping):
        if name := _name_of(tree):
            yield name
        for value in tree.values():
            yield from _referred(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from _referred(item)


def _name_of(value: Any) -> str:
    """Return `Type/id` of a literal reference to something kept here; "" for all else."""
    reference = value.get("reference") if isinstance(value, Mapping) else None
    if not isinstance(reference, str) or reference.startswith(("#", "urn:")) or "//" in reference:
        return ""
    parts = reference.split("/")
    return "/".join(parts[:2]) if len(parts) >= 2 else ""


def moved_text(
    resource: Mapping[str, Any], wrong: frozenset[str], right_id: str, lost: frozenset[str]
) -> dict[str, Any]:
    """Return the entry as it is the right person's.

    `wrong` are the references by which it names the wrong person, `lost` those taken out. A
    narrative that was made from the entry is left out, as it may name somebody.
    """
    moved = _tree(resource, wrong, {"reference": f"Patient/{right_id}"}, lost)
    assert isinstance(moved, dict)
    if moved.get("text", {}).get("status") == "generated":
        del moved["text"]
    return moved


def _tree(tree: Any, wrong: frozenset[str], right: dict[str, str], lost: frozenset[str]) -> Any:
    """Return a part of it; None where nothing is left."""
    if isinstance(tree, list):
        found = [(item, _tree(item, wrong, right, lost)) for item in tree]
        # A null that came keeps the place of a value beside it (FHIR R4 2.6.2).
        return [part for item, part in found if part is not None or item is None] or None
    if not isinstance(tree, Mapping):
        return tree
    name = _name_of(tree)
    if name in lost:
        return None
    if name in wrong:
        return dict(right)
    parts = {key: _tree(value, wrong, right, lost) for key, value in tree.items()}
    return {key: value for key, value in parts.items() if value is not None} or None


def incomplete(resource: dict[str, Any]) -> tuple[Problem, ...]:
    """Return what the entry cannot do without, once references were taken out of it."""
    return check(resource)
