"""Pages of a list: how many, where from, and the link to the next."""

from urllib.parse import urlencode

from joinedup.api.request import Asked, parameters
from joinedup.fhir.issue import Invalid

__all__ = ["count_and_cursor", "next_link"]


def count_and_cursor(
    asked: Asked, *, most: int, default: int = 100
) -> tuple[int, str | None, list[tuple[str, str]]]:
    """Return _count (1 to `most`), _cursor, and the parameters that are neither."""
    pairs = parameters(asked)
    told = {name: value for name, value in pairs if name in ("_count", "_cursor")}
    rest = [p for p in pairs if p[0] not in told]
    text = told.get("_count", str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 7 and int(text) > 0):
        raise Invalid(f"_count must be a whole number from 1 to {most}.")
    return min(int(text), most), told.get("_cursor"), rest


def next_link(asked: Asked, cursor: str) -> str:
    """Return the address of the page after this one."""
    pairs = [(n, v) for n, v in parameters(asked) if n != "_cursor"]
    return asked.address + "?" + urlencode([*pairs, ("_cursor", cursor)])
