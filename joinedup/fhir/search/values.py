"""Reads the values of search parameters: lists, escapes, prefixes, systems, references.

What stands right of the `=`, a function a kind. FHIR R4 3.1.1.4.
"""

import re
from collections.abc import Iterator
from typing import cast

from joinedup.fhir.search.clause import Comparator, DateValue, TokenValue
from joinedup.fhir.search.normal import clip, normalise
from joinedup.fhir.search.parameters import Parameter
from joinedup.fhir.search.period import bounds, widen
from joinedup.fhir.search.refuse import wrong
from joinedup.fhir.search.served import SERVED
from joinedup.fhir.types import TYPE_NUMBERS

__all__ = [
    "MOST_VALUES",
    "read_alternatives",
    "read_date",
    "read_id",
    "read_normal",
    "read_references",
    "read_token",
    "read_truth",
    "unescape",
]

MOST_VALUES = 100

_ESCAPED = re.compile(r"\\([,|$\\])")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_RELATIVE = re.compile(r"([A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?")
_PREFIX = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.*)", re.DOTALL)


def read_alternatives(name: str, value: str) -> tuple[str, ...]:
    """Return the values of a comma-separated list, still escaped; empty ones are refused."""
    parts = tuple(_split(value, ","))
    if not all(part.strip() for part in parts):
        raise wrong(name, "an empty value; to ask for what is not there, use :missing=true")
    if len(parts) > MOST_VALUES:
        raise wrong(name, f"{len(parts)} values; at most {MOST_VALUES} may be given")
    return parts


def unescape(text: str) -> str:
    r"""Return a value without its escapes: `\,` `\|` `\$` and `\\`. FHIR R4 3.1.1.4.5."""
    return _ESCAPED.sub(r"\1", text)


def _split(text: str, separator: str) -> Iterator[str]:
    start = place = 0
    while place < len(text):
        if text[place] == separator:
            yield text[start:place]
            start = place + 1
        place += 2 if text[place] == "\\" else 1
    yield text[start:]


def read_token(name: str, text: str) -> TokenValue:
    """Return `code`, `system|code`, `|code` (no system) or `system|` (any code of it)."""
    parts = [unescape(part) for part in _split(text, "|")]
    match parts:
        case [code]:
            return TokenValue(code, None)
        case [system, code] if system or code:
            return TokenValue(code or None, system)
    raise wrong(name, f"{text!r} is not code, system|code, |code or system|")


def read_normal(name: str, text: str) -> str:
    """Return a text in the form that normalised texts are compared in."""
    normal = normalise(unescape(text))
    if not normal:
        raise wrong(name, "an empty value")
    return clip(normal)


def read_date(name: str, text: str) -> DateValue:
    """Return a date with its comparator, `ge2024-03`; without one it is `eq`.

    `ap` looks three times as wide as what was written: a day either side of a day, and so on.
    FHIR leaves the width to the server, and this one knows no clock here.
    """
    found = _PREFIX.fullmatch(unescape(text))
    prefix, date = found.groups() if found else (None, text)
    try:
        period = bounds(date)
    except ValueError:
        raise wrong(name, f"{text!r} is not a date such as 2024-03-31 or ge2024-03") from None
    comparator = cast(Comparator, prefix or "eq")
    return DateValue(comparator, *(widen(period) if comparator == "ap" else period))


def read_id(name: str, text: str) -> str:
    """Return a logical id; what could be no id is refused."""
    if not _ID.fullmatch(text):
        raise wrong(name, f"{text!r} is not a FHIR id")
    return text


def read_truth(name: str, text: str) -> bool:
    """Return whether `:missing` asks for what is missing."""
    if text not in ("true", "false"):
        raise wrong(name, f"{text!r} is neither true nor false")
    return text == "true"


def read_references(name: str, text: str, asked: Parameter, of_type: str) -> tuple[str, ...]:
    """Return every reference a value may mean: `Type/id`, a URL, or an id of any target type.

    A version in the value is dropped: rows hold what is pointed at. `of_type` is the type
    modifier, "" for none; a type the parameter cannot point at is refused.
    """
    value = unescape(text)
    targets = (of_type,) if of_type else asked.targets
    if found := _RELATIVE.fullmatch(value):
        type_name, identity = found.groups()
        _admit(name, type_name, targets)
        return (f"{type_name}/{identity}",)
    if ":" in value:
        tail = value.partition("/_history/")[0].split("/")[-2:]
        if len(tail) == 2 and tail[0] in TYPE_NUMBERS:
            _admit(name, tail[0], targets)
        return (value.partition("/_history/")[0],)
    if not targets:
        raise wrong(name, f"{text!r} is not a URL")
    identity = read_id(name, value)
    return tuple(f"{target}/{identity}" for target in targets if target in SERVED)


def _admit(name: str, type_name: str, targets: tuple[str, ...]) -> None:
    if type_name not in TYPE_NUMBERS:
        raise wrong(name, f"{type_name!r} is no FHIR R4 resource type")
    if targets and type_name not in targets:
        raise wrong(name, f"it points at {', '.join(targets)}, never at {type_name}")
