"""Where in a TOML text each key stands, so that a problem can name its line.

Reads headers and keys only; what is inside a value is at the line its key begins on.
"""

import re
from collections.abc import Iterator

__all__ = ["line_of", "lines_by_path"]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*="""
)
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")
_QUIET = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*')


def lines_by_path(text: str) -> dict[str, int]:
    """Return the line of every header and key, by path such as `services[0].capacity`."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in _statements(text):
        if header := _HEADER.match(line):
            table = _open(header[2], many=header[1] == "[[", counts=counts)
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            path = table
            for part in _parts(key[1]):
                path = f"{path}.{part}" if path else part
                found.setdefault(path, number)
    return found


def line_of(path: str, lines: dict[str, int]) -> int:
    """Return the line of a path, or of the nearest thing around it; 1 where there is none."""
    while path:
        if path in lines:
            return lines[path]
        path = re.sub(r"(\.[^.\[\]]+|\[\d+\]|^[^.\[\]]+)$", "", path)
    return 1


def _open(name: str, *, many: bool, counts: dict[str, int]) -> str:
    """Return the path of a table; one of an array of tables is numbered."""
    path = ""
    parts = _parts(name)
    for place, part in enumerate(parts):
        path = f"{path}.{part}" if path else part
        last = place == len(parts) - 1
        if last and many:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = f"{path}[{counts[path]}]"
    return path


def _parts(name: str) -> list[str]:
    return ["".join(groups) for groups in _PART.findall(name)]


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines on which a statement begins: not inside a bracket, nor in a long string."""
    depth, quote = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if quote:
            quote = "" if line.count(quote) % 2 else quote
            continue
        if depth == 0:
            yield number, line
            if _HEADER.match(line):
                continue
        for mark in ('"""', "'''"):
            if line.count(mark) % 2:
                quote = mark
        bare = _QUIET.sub("", line) if not quote else ""
        depth += sum(bare.count(c) for c in "[{") - sum(bare.count(c) for c in "]}")
        depth = max(depth, 0)
