"""Walks a resource once for many search paths.

Routes that begin alike share their walk: a plan is a tree of JSON member names, and a visit
costs by what the resource holds, not by how many parameters its type has.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from joinedup.fhir.search.table import JsonStep

__all__ = ["Emit", "Plan"]

Rows = TypeVar("Rows")
Emit = Callable[[Any, Rows], None]
Pick = Callable[[list[Any]], list[Any]]


class Plan(Generic[Rows]):
    """Routes with what to do at the end of each; `visit` runs them over a resource."""

    def __init__(self, routes: Iterable[tuple[tuple[JsonStep, ...], Emit[Rows]]]) -> None:
        self._root: _Node[Rows] = _Node(None)
        for steps, emit in routes:
            self._root.reach(steps).emits.append(emit)

    def visit(self, resource: Mapping[str, Any], rows: Rows) -> None:
        """Hand every value at the end of a route, and `rows`, to what the route does."""
        for emit in self._root.emits:
            emit(resource, rows)
        _walk(self._root.children, resource, rows)


class _Node(Generic[Rows]):
    __slots__ = ("children", "emits", "pick", "steps")

    def __init__(self, pick: Pick | None) -> None:
        self.pick = pick
        self.emits: list[Emit[Rows]] = []
        self.steps: dict[JsonStep, _Node[Rows]] = {}
        self.children: dict[str, list[_Node[Rows]]] = {}

    def reach(self, steps: tuple[JsonStep, ...]) -> "_Node[Rows]":
        if not steps:
            return self
        step = steps[0]
        if step not in self.steps:
            self.steps[step] = _Node(_picker(step))
            self.children.setdefault(step.name, []).append(self.steps[step])
        return self.steps[step].reach(steps[1:])


def _walk(children: Mapping[str, "list[_Node[Rows]]"], tree: Mapping[str, Any], rows: Rows) -> None:
    for name, value in tree.items():
        nodes = children.get(name)
        if nodes is None:
            continue
        every = value if type(value) is list else [value]
        for node in nodes:
            for item in every if node.pick is None else node.pick(every):
                # A null holds the place of a primitive that has only extensions.
                if item is None:
                    continue
                for emit in node.emits:
                    emit(item, rows)
                if node.children:
                    _walk(node.children, item, rows)


def _picker(step: JsonStep) -> Pick | None:
    field, value = step.field, step.value
    match step.test:
        case "where":
            return lambda items: [item for item in items if item.get(field) == value]
        case "having":
            return lambda items: [item for item in items if _has_extension(item, value)]
        case "at":
            place = int(value)
            return lambda items: items[place : place + 1]
        case _:
            return None


def _has_extension(item: Mapping[str, Any], url: str) -> bool:
    return any(extension.get("url") == url for extension in item.get("extension", ()))
