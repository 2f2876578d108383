"""Reads the FHIRPath that official search parameters are written in into steps.

Only the part of FHIRPath that R4's search parameters use; anything else is refused loudly,
so a new expression cannot be half understood. Used by the generator; knows no types.
"""

import re

from msgspec import Struct

__all__ = ["Cast", "Extension", "Field", "Having", "Index", "Path", "Resolves", "Step", "Where"]
__all__ += ["read_union"]


class Field(Struct, frozen=True):
    """`.name`: every child of that name."""

    name: str


class Cast(Struct, frozen=True):
    """`as X`, `.as(X)`, `.ofType(X)`: only values of that type."""

    type: str


class Where(Struct, frozen=True):
    """`.where(field='value')`: only elements whose field is that text."""

    field: str
    value: str


class Having(Struct, frozen=True):
    """`.where(hasExtension('url'))`: only elements with that extension."""

    url: str


class Extension(Struct, frozen=True):
    """`.extension('url')`: the extensions of that name."""

    url: str


class Index(Struct, frozen=True):
    """`[0]`: only the element at that place."""

    place: int


class Resolves(Struct, frozen=True):
    """`.where(resolve() is X)`: only references to that type."""

    type: str


Step = Field | Cast | Where | Having | Extension | Index | Resolves


class Path(Struct, frozen=True):
    """One branch of a union: the type it starts at and its steps.

    `truth` marks R4's one logical expression, `a.exists() and a != false`.
    """

    root: str
    steps: tuple[Step, ...]
    truth: bool = False

    @property
    def targets(self) -> tuple[str, ...]:
        """The types that `resolve() is` admits; empty when any is."""
        return tuple(step.type for step in self.steps if isinstance(step, Resolves))

    def written(self) -> str:
        """Return the one spelling of this path that slots are named by, without `resolve()`."""
        text = "".join(_spell(step) for step in self.steps).removeprefix(".")
        return f"{text}.exists() and {text} != false" if self.truth else text


_TOKEN = re.compile(
    r"\s+as\s+(?P<infix>\w+)"
    r"|\.(?:as|ofType)\(\s*(?P<cast>\w+)\s*\)"
    r"|\.where\(\s*resolve\(\)\s+is\s+(?P<resolves>\w+)\s*\)"
    r"|\.where\(\s*hasExtension\('(?P<having>[^']+)'\)\s*\)"
    r"|\.where\(\s*(?P<field>\w+)\s*=\s*'(?P<value>[^']*)'\s*\)"
    r"|\.extension\('(?P<extension>[^']+)'\)"
    r"|\[(?P<place>\d+)\]"
    r"|\.(?P<name>\w+)(?!\()"
)
_TRUTH = re.compile(r"(?P<path>[\w.]+)\.exists\(\) and (?P=path) != false")


def read_union(expression: str, type_name: str) -> tuple[Path, ...]:
    """Return the branches of an expression; ValueError names what is not understood.

    A branch that starts at no type (`name | alias`) starts at `type_name`.
    """
    parts = (part.strip() for part in _split(expression))
    return tuple(
        _read_path(f"{type_name}.{part}" if part[:1].islower() else part) for part in parts
    )


def _split(expression: str) -> list[str]:
    # A bar inside quotes or brackets belongs to its branch.
    parts, depth, quoted, start = [], 0, False, 0
    for place, character in enumerate(expression):
        if character == "'":
            quoted = not quoted
        elif not quoted:
            depth += (character == "(") - (character == ")")
            if character == "|" and depth == 0:
                parts.append(expression[start:place])
                start = place + 1
    return [*parts, expression[start:]]


def _read_path(text: str) -> Path:
    if found := _TRUTH.fullmatch(text):
        inner = _read_path(found["path"])
        return Path(inner.root, inner.steps, truth=True)
    if text.startswith("("):
        end = text.index(")")
        inner = _read_path(text[1:end])
        return Path(inner.root, inner.steps + _read_steps(text[end + 1 :]))
    root = re.match(r"\w+", text)
    if root is None:
        raise ValueError(f"not a path: {text!r}")
    return Path(root[0], _read_steps(text[root.end() :]))


def _read_steps(text: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise ValueError(f"not understood: {text[place:]!r}")
        steps.append(_step({k: v for k, v in found.groupdict().items() if v is not None}))
        place = found.end()
    return tuple(steps)


def _step(found: dict[str, str]) -> Step:
    match found:
        case {"infix": name} | {"cast": name}:
            return Cast(name)
        case {"resolves": name}:
            return Resolves(name)
        case {"having": url}:
            return Having(url)
        case {"field": field, "value": value}:
            return Where(field, value)
        case {"extension": url}:
            return Extension(url)
        case {"place": place}:
            return Index(int(place))
        case _:
            return Field(found["name"])


def _spell(step: Step) -> str:
    match step:
        case Field(name):
            return f".{name}"
        case Cast(name):
            return f".ofType({name})"
        case Where(field, value):
            return f".where({field}='{value}')"
        case Having(url):
            return f".where(extension('{url}').exists())"
        case Extension(url):
            return f".extension('{url}')"
        case Index(place):
            return f"[{place}]"
        case Resolves():
            return ""
