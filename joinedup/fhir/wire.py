"""Reading and writing FHIR JSON: text in, a plain tree out, and back without loss.

In the tree a JSON number with a point or an exponent is a `Decimal`, so 1.50 stays 1.50 (FHIR R4
2.24.0.1); any other number is an `int`. What PostgreSQL or another system could not hold is refused
here, by path. Whether the tree is good FHIR is for `check` to say.
"""

import json
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from joinedup.fhir.issue import Invalid, Problem, TooLarge

__all__ = ["DEEPEST", "MOST_DIGITS", "read_resource", "write_resource"]

DEEPEST = 64
MOST_DIGITS = 64
LARGEST_EXPONENT = 300
"""Numbers lie within 1e-300 and 1e300, so that each also has a double near it to be sorted by."""

Path = tuple["Path", str | int] | None
"""Where a value is: the path of what holds it, and its name or place there."""

_TOO_DEEP = f"objects and arrays are nested more than {DEEPEST} deep"
_TOO_MANY_DIGITS = f"has more than {MOST_DIGITS} digits"
_UNKEEPABLE = Decimal("NaN")


class _Repeating(dict[str, Any]):
    """An object in which the property `repeated` was written twice."""

    repeated: str


def read_resource(data: bytes | str, *, limit_bytes: int = 10_000_000) -> dict[str, Any]:
    """Return the JSON object in `data`, exactly as written.

    Refuses TooLarge above the limit; Invalid, saying where, for what is not UTF-8, not JSON, not an
    object, nested too deep, has a property twice, a number out of range, `\\u0000` or half a
    surrogate pair.
    """
    text = _decode(data, limit_bytes)
    plain = _read_plain(text)
    if plain is not None:
        return plain
    try:
        resource = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Invalid(Problem("structure", f"not JSON at {where}: {error.msg}")) from None
    except RecursionError:
        raise Invalid(Problem("too-long", _TOO_DEEP)) from None
    if not isinstance(resource, dict):
        raise Invalid(Problem("structure", "a FHIR resource is a JSON object, in { }"))
    _inspect(resource, _root(resource), 1, texts="\\u" in text)
    return resource


class _NotPlain(Exception):
    """Something that has to be looked at more closely, to be kept or refused by path."""


def _read_plain(text: str) -> dict[str, Any] | None:
    """Return the object in a text in which nothing could be wrong; None to look more closely.

    Most resources hold no escape by number and no number of unusual length, and are not deep: they
    need no walk through the tree.
    """
    if "\\u" in text:
        return None
    try:
        resource = _PLAIN_DECODER.decode(text)
    except (_NotPlain, ValueError, RecursionError):
        return None
    if type(resource) is not dict:
        return None
    if text.count("{") + text.count("[") <= DEEPEST:
        return resource
    level: list[Any] = [resource]
    for _ in range(DEEPEST):
        level = [
            value
            for holder in level
            for value in (holder.values() if type(holder) is dict else holder)
            if type(value) is dict or type(value) is list
        ]
        if not level:
            return resource
    return None


def write_resource(resource: dict[str, Any]) -> str:
    """Return `resource` as minified JSON with every Decimal to its last digit.

    Refuses Invalid for anything `read_resource` would not read back.
    """
    try:
        text = _ENCODER.encode(resource).decode()
    except (UnicodeEncodeError, RecursionError):
        text = "\\u"
    _inspect(resource, _root(resource), 1, texts="\\u" in text)
    return text


def _decode(data: bytes | str, limit_bytes: int) -> str:
    try:
        raw = data.encode() if isinstance(data, str) else data
        if len(raw) > limit_bytes:
            raise TooLarge(f"{len(raw):,} bytes; the limit is {limit_bytes:,}")
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise Invalid(Problem("structure", f"not UTF-8 at byte {error.start:,}")) from None
    except UnicodeEncodeError as error:
        message = f"half a surrogate pair at character {error.start:,}"
        raise Invalid(Problem("structure", message)) from None
    return text.removeprefix("\ufeff")


def _root(resource: dict[str, Any]) -> Path:
    kind = resource.get("resourceType")
    return (None, kind) if isinstance(kind, str) else None


def _inspect(value: Any, path: Path, depth: int, *, texts: bool) -> None:
    """Refuse the first thing inside an object or array that could not be stored or sent on.

    Strings are looked at only if `texts`: a bad one cannot come without an escape in the JSON.
    """
    if depth > DEEPEST:
        raise Invalid(Problem("too-long", _TOO_DEEP, _spell(path)))
    is_array = type(value) is list
    if not is_array and (texts or type(value) is _Repeating):
        _inspect_names(value, path)
    for key, item in enumerate(value) if is_array else value.items():
        kind = type(item)
        if kind is str:
            fault = _text_fault(item) if texts else None
        elif kind is list or kind is dict or kind is _Repeating:
            _inspect(item, (path, key), depth + 1, texts=texts)
            continue
        else:
            fault = _scalar_fault(item)
        if fault is not None:
            raise Invalid(Problem("value", fault, _spell((path, key))))


def _inspect_names(value: dict[str, Any], path: Path) -> None:
    if type(value) is _Repeating:
        message = f"“{value.repeated[:64]}” appears twice in one object"
        raise Invalid(Problem("structure", message, _spell(path)))
    fault = _text_fault("".join(value))
    if fault is not None:
        raise Invalid(Problem("structure", f"a property name {fault}", _spell(path)))


def _text_fault(text: str) -> str | None:
    if "\0" in text:
        return "contains the character \\u0000, which no FHIR string may hold"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "contains half a surrogate pair, which is not a character"
    return None


def _scalar_fault(value: Any) -> str | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return None if abs(value) < 10**MOST_DIGITS else _TOO_MANY_DIGITS
    if not isinstance(value, Decimal):
        return f"is a Python {type(value).__name__}, which is not a JSON value kept exactly"
    if not value.is_finite():
        return "is not a number that can be kept, such as NaN, Infinity or 1e999999999999999999"
    if len(value.as_tuple().digits) > MOST_DIGITS:
        return _TOO_MANY_DIGITS
    if max(abs(value.adjusted()), abs(int(value.as_tuple().exponent))) > LARGEST_EXPONENT:
        return f"is out of range: below 1e-{LARGEST_EXPONENT} or above 1e{LARGEST_EXPONENT}"
    return None


def _spell(path: Path) -> str:
    """Return a path as FHIRPath; spelt only for a refusal, because names may be megabytes long."""
    if path is None:
        return ""
    holder, key = path
    before = _spell(holder)
    if isinstance(key, int):
        return f"{before}[{key}]"
    return f"{before}.{key[:64]}" if before else key[:64]


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeating = _Repeating(found)
    counts = Counter(name for name, _ in pairs)
    repeating.repeated = counts.most_common(1)[0][0]
    return repeating


def _read_decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return _UNKEEPABLE


def _read_integer(text: str) -> int | Decimal:
    # Python itself refuses to read an integer of more than 4,300 digits.
    return int(text) if len(text) <= MOST_DIGITS + 1 else Decimal(text)


def _plain_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotPlain
    return found


def _plain_decimal(text: str) -> Decimal:
    if len(text) > MOST_DIGITS or "e" in text or "E" in text:
        raise _NotPlain
    return Decimal(text)


def _plain_integer(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise _NotPlain
    return int(text)


def _plain_constant(_: str) -> None:
    raise _NotPlain


_PLAIN_DECODER = json.JSONDecoder(
    object_pairs_hook=_plain_object,
    parse_float=_plain_decimal,
    parse_int=_plain_integer,
    parse_constant=_plain_constant,
)
_DECODER = json.JSONDecoder(
    object_pairs_hook=_read_object,
    parse_float=_read_decimal,
    parse_int=_read_integer,
    parse_constant=lambda _: _UNKEEPABLE,
)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
