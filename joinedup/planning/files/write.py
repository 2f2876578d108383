"""Writing a network or a model as TOML that reads back equal."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from joinedup.planning.files.model import Model
from joinedup.planning.files.parameters import Parameter
from joinedup.planning.network import Network

__all__ = ["write_model", "write_network"]

_WIDE = 96


def write_network(network: Network, *, title: str = "", starts: date | None = None) -> str:
    """Return a network as a model file without parameters."""
    model = Model(title, starts or date(2000, 1, 1), (), _built(network))
    return write_model(model)


def write_model(model: Model) -> str:
    """Return a model as a file that `read_model` reads back equal."""
    head: dict[str, Any] = {"title": model.title, "starts": model.starts}
    if model.unknown:
        head["unknown"] = list(model.unknown)
    plain = {k: v for k, v in model.body.items() if not _is_tables(v)}
    parts = [_pairs(head | plain)]
    for parameter in model.parameters:
        parts.append(f"[parameters.{parameter.name}]\n{_pairs(_told(parameter))}")
    if model.derived:
        parts.append(f"[derived]\n{_pairs(model.derived)}")
    tables = {k: v for k, v in model.body.items() if _is_tables(v)}
    for name, rows in tables.items():
        parts += [f"[[{name}]]\n{_pairs(row)}" for row in rows]
    return "\n".join(parts)


def _told(parameter: Parameter) -> dict[str, Any]:
    told = _built(parameter)
    told.pop("name")
    return told


def _built(value: msgspec.Struct) -> dict[str, Any]:
    """Return a struct as plain values, leaving out what is as it would be anyway."""
    found: dict[str, Any] = {}
    tag = value.__struct_config__.tag
    if tag is not None:
        found["type"] = tag
    for field in msgspec.structs.fields(value):
        mine = getattr(value, field.name)
        if field.required or mine != field.default:
            found[field.name] = _plain(mine)
    return found


def _plain(value: object) -> Any:
    if isinstance(value, msgspec.Struct):
        return _built(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _pairs(table: Mapping[str, Any]) -> str:
    return "".join(f"{_key(key)} = {_value(value, len(key) + 3)}\n" for key, value in table.items())


def _key(key: str) -> str:
    bare = key.replace("_", "").replace("-", "")
    return key if bare.isascii() and bare.isalnum() else _text(key)


def _value(value: object, before: int = 0) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dict):
        inside = ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items())
        return f"{{ {inside} }}"
    assert isinstance(value, list), f"{value!r} has no TOML"
    return _list([_value(one) for one in value], before)


def _list(items: list[str], before: int) -> str:
    flat = f"[{', '.join(items)}]"
    if not before or len(flat) + before <= _WIDE:
        return flat
    lines, line = [], "   "
    for item in items:
        if len(line) + len(item) + 2 > _WIDE and line.strip():
            lines.append(line)
            line = "   "
        line += f" {item},"
    return "\n".join(["[", *lines, line, "]"])


def _text(value: str) -> str:
    # TOML's basic strings escape as JSON's do, but for one character that JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
