"""Everything a resource says, as lines of words: what a short summary of it leaves out. Pure.

For a person's own copy (UK GDPR 15: all of it, and intelligible, 12(1)). Codes are said by their
words, references by the names behind them; the record's own bookkeeping is left out.
"""

import base64
import binascii
import html
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from joinedup.people.presenters.life import Life
from joinedup.people.presenters.words import address_lines, amount, concept, human_name
from joinedup.web.dates import read_moment, say

__all__ = ["lines_in_full"]

Json = Mapping[str, Any]
_LEFT_OUT = frozenset({"resourceType", "id", "meta", "implicitRules", "language", "contained"})
_OF_THE_PERSON = frozenset({"subject", "patient", "for", "beneficiary"})
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TAGS = re.compile(r"<[^>]*>")
_SPACES = re.compile(r"\s+")
_CHOICE = re.compile(
    r"^(value|effective|onset|abatement|occurrence|performed|medication|deceased|multipleBirth|"
    r"allowed|scheduled|timing|product|reported|serviced|statusReason|born|age|fact|rate|asNeeded)"
    r"(?=[A-Z])"
)
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}(T.*)?)?)?")
_MOST_LINES = 400
_DEEPEST = 8


def lines_in_full(life: Life, resource: Json) -> tuple[tuple[str, str], ...]:
    """Return each thing the resource says as its name and its words, in the resource's order."""
    found: list[tuple[str, str]] = []
    for name, value in resource.items():
        if name in _LEFT_OUT or name in _OF_THE_PERSON:
            continue
        found.extend(_lines(life, _words_of_name(name), value, 0))
        if len(found) >= _MOST_LINES:
            found[_MOST_LINES:] = [("More", "the rest is in the machine-readable file")]
            break
    return tuple(dict.fromkeys(found))


def _words_of_name(name: str) -> str:
    named = _CHOICE.match(name)
    short = named[1] if named else name.lstrip("_")
    return _CAMEL.sub(" ", short).lower().capitalize()


def _lines(life: Life, name: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for one in value:
            yield from _lines(life, name, one, depth)
    elif isinstance(value, dict):
        yield from _of_tree(life, name, value, depth)
    elif value is not None and str(value).strip():
        yield name, _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    moment = read_moment(text) if _DATE.fullmatch(text) and len(text) > 4 else None
    return say(moment, time=moment.precision == "minute") if moment else text


def _of_tree(life: Life, name: str, value: Json, depth: int) -> Iterator[tuple[str, str]]:
    said = _as_words(life, value)
    if said is not None:
        if said:
            yield name, said
        return
    if depth >= _DEEPEST:
        yield name, "said in the machine-readable file"
        return
    label = _words_of_name(str(value.get("url", "")).rsplit("/", 1)[-1]) if "url" in value else ""
    for inner, more in value.items():
        if inner in ("id", "url") or (inner == "system" and "value" in value):
            continue
        own = label or (name if inner in ("text", "value") else f"{name}: {_words_of_name(inner)}")
        yield from _lines(life, own, more, depth + 1)


def _as_words(life: Life, value: Json) -> str | None:
    """Return one of FHIR's data types in words; None for what is no such type."""
    keys = set(value)
    if isinstance(value.get("reference"), str):
        return life.name_of(value) or str(value.get("display", ""))
    if isinstance(value.get("coding"), list):
        return concept(value)
    if _is_flat(value, _CODING) and "code" in keys:
        return concept({"coding": [value]})
    if isinstance(value.get("family"), str) or isinstance(value.get("given"), list):
        return human_name([value])
    if keys & {"line", "postalCode", "city"}:
        return ", ".join(address_lines([value]))
    if _is_flat(value, _QUANTITY) and "value" in keys:
        return _amount(value)
    if keys & {"start", "end"} and keys <= {"start", "end"}:
        return _period(value)
    if isinstance(value.get("div"), str):
        return _SPACES.sub(" ", html.unescape(_TAGS.sub(" ", str(value["div"])))).strip()
    if isinstance(value.get("data"), str) and "contentType" in keys:
        return _attached(value)
    return None


_CODING = frozenset({"system", "version", "code", "display", "userSelected"})
_QUANTITY = frozenset({"value", "unit", "system", "code", "comparator"})


def _is_flat(value: Json, elements: frozenset[str]) -> bool:
    """Whether a tree has no other elements than these, and no tree below."""
    return elements >= set(value) and not any(isinstance(v, dict | list) for v in value.values())


def _period(value: Json) -> str:
    start, end = (_plain(value[k]) if k in value else "" for k in ("start", "end"))
    if start and end:
        return start if start == end else f"{start} to {end}"
    return f"from {start}" if start else f"until {end}"


def _amount(value: Json) -> str:
    is_number = isinstance(value["value"], int | float | Decimal)
    return amount(value) if is_number else str(value["value"])


def _attached(value: Json) -> str:
    """Return a text that was attached; anything else is named, and is in the other file."""
    kind = str(value.get("contentType", ""))
    if not kind.startswith("text/"):
        return f"{value.get('title', 'A file')} ({kind}): in the machine-readable file"
    try:
        text = base64.b64decode(str(value["data"]), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return "A file that cannot be read: in the machine-readable file"
    return _TAGS.sub(" ", html.unescape(text)) if kind.startswith("text/html") else text
