"""Facts that FHIR R4 has no element for, as an extension of named simple values: both ways.

What is None or "" is left out. A reference is a `Reference`, so that it is written as one.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

__all__ = ["Reference", "pack", "parts", "unpack"]

Resource = dict[str, Any]


class Reference(str):
    """A literal `Type/id`; in an element of FHIR's own it is written as plain text, `str(...)`."""

    __slots__ = ()


def pack(url: str, values: Mapping[str, Any]) -> Resource:
    """Return the values as one extension of extensions (FHIR R4 2.4)."""
    inner = [_value(name, v) for name, v in values.items() if v is not None and v != ""]
    return {"url": url, "extension": inner}


def _value(name: str, value: Any) -> Resource:
    match value:
        case bool():
            return {"url": name, "valueBoolean": value}
        case int():
            return {"url": name, "valueInteger": value}
        case datetime():
            assert value.tzinfo is not None, f"{name}: a moment has a zone"
            return {"url": name, "valueDateTime": value.isoformat()}
        case date():
            return {"url": name, "valueDate": value.isoformat()}
        case Reference():
            return {"url": name, "valueReference": {"reference": str(value)}}
        case _:
            return {"url": name, "valueString": str(value)}


def parts(holder: Mapping[str, Any], url: str) -> tuple[dict[str, Any], ...]:
    """Return what each extension of that URL says, in order."""
    found: Iterable[Mapping[str, Any]] = holder.get("extension", ())
    return tuple(unpack(each) for each in found if each.get("url") == url)


def unpack(extension: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of one extension by name; ValueError for a moment that is none."""
    return {str(e["url"]): _read(e) for e in extension.get("extension", ())}


def _read(said: Mapping[str, Any]) -> Any:
    if "valueDateTime" in said:
        return datetime.fromisoformat(said["valueDateTime"])
    if "valueDate" in said:
        return date.fromisoformat(said["valueDate"])
    if "valueReference" in said:
        return Reference(said["valueReference"]["reference"])
    if "valueInteger" in said:
        return int(said["valueInteger"])
    return said["valueBoolean"] if "valueBoolean" in said else str(said["valueString"])
