"""One check under way: the problems found so far, and the resources contained in this one."""

from typing import Any

from joinedup.fhir.issue import Problem

__all__ = ["MOST_PROBLEMS", "Walk", "shorten"]

MOST_PROBLEMS = 500
"""A hostile resource can hold a million problems; nobody reads more than these."""


_KINDS = {dict: "an object", list: "a list", type(None): "null"}


class Walk:
    """Collects problems; `contained` holds the types of the contained resources, by id."""

    def __init__(self) -> None:
        self.contained: dict[str, str] = {}
        self.unlisted = 0
        self._problems: list[Problem] = []

    @property
    def full(self) -> bool:
        """Return whether further problems are only counted."""
        return len(self._problems) >= MOST_PROBLEMS

    def add(self, code: str, path: str, message: str) -> None:
        """Note a problem: `code` is a FHIR issue type, `path` a FHIRPath."""
        if self.full:
            self.unlisted += 1
        else:
            self._problems.append(Problem(code, message, path))

    def found(self) -> tuple[Problem, ...]:
        """Return the problems in the order they were met."""
        if not self.unlisted:
            return tuple(self._problems)
        more = Problem("too-costly", f"{self.unlisted:,} more problems are not listed")
        return (*self._problems, more)


def shorten(value: Any, length: int = 60) -> str:
    """Return a value as a message may name it: strings in “ ”, cut to `length` characters."""
    if isinstance(value, str):
        if not value:
            return "an empty string"
        return f"“{value[:length]}…”" if len(value) > length else f"“{value}”"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _KINDS.get(type(value)) or f"the number {value}"[:length]
