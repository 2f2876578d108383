"""Reading a model file: every problem at once, each with file, line, path, what and what to do."""

import tomllib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from joinedup.fhir.issue import Invalid, Problem, TooLarge
from joinedup.planning.files.expressions import WrongExpression, names_in
from joinedup.planning.files.lines import line_of, lines_by_path
from joinedup.planning.files.model import Model, build
from joinedup.planning.files.parameters import Beta, Parameter
from joinedup.planning.files.shape import MISSING, Reader
from joinedup.planning.network import Network, problems

__all__ = ["MOST_BYTES", "names_used", "read_model", "read_network"]

MOST_BYTES = 8_000_000
MOST_DEPTH = 40
_HEAD = ("title", "starts", "unknown", "parameters", "derived")


def read_model(text: str | Path, *, name: str = "") -> Model:
    """Return the model of a text or a file, its network checked with the values it gives.

    Refuses with Invalid (or TooLarge) naming every problem: `place.toml, line 12,
    services[0].capacity: ...`.
    """
    text, name = _text(text, name)
    given = _parsed(text, name)
    found: list[Problem] = []
    model, unread = _model(given, found)
    # A parameter that could not be read is taken for 1, so that it is told of once.
    network = build(model, {**dict.fromkeys(unread, 1.0), **model.values}, problems=found)
    found += [] if found else problems(network)
    found += _unused(model)
    if found:
        raise Invalid(*_placed(found, text, name))
    return model


def read_network(text: str | Path, *, name: str = "") -> Network:
    """Return the network of a model file, with the values the file gives; refuses as above."""
    return read_model(text, name=name).network()


def _text(text: str | Path, name: str) -> tuple[str, str]:
    if isinstance(text, Path):
        name = name or text.name
        try:
            size = text.stat().st_size
            read = text.read_text(encoding="utf-8") if size <= MOST_BYTES else ""
        except OSError as wrong:
            message = f"{name} cannot be read: {wrong.strerror}. Give the path of a model file"
            raise Invalid(message) from None
        except UnicodeDecodeError:
            raise Invalid(f"{name} is not text in UTF-8: save it as UTF-8") from None
    else:
        read, size, name = text, len(text.encode()), name or "the model"
    if size > MOST_BYTES:
        message = (
            f"{name} has {size:,} bytes: at most {MOST_BYTES:,}. Split it, or leave series out"
        )
        raise TooLarge(message)
    return read, name


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        message = f"{name} is not TOML: {wrong}. Mend that line"
        raise Invalid(message) from None
    except ValueError:
        raise Invalid(f"{name} has a number of thousands of digits: give a shorter one") from None
    except RecursionError:
        raise Invalid(f"{name} is nested too deep: write it flat") from None
    if _depth(given) > MOST_DEPTH:
        raise Invalid(f"{name} is nested deeper than {MOST_DEPTH}: write it flat")
    return given


def _depth(given: object) -> int:
    below: Iterable[object] = ()
    if isinstance(given, dict):
        below = given.values()
    elif isinstance(given, list):
        below = given
    return 1 + max((_depth(one) for one in below), default=0)


def _model(given: dict[str, Any], found: list[Problem]) -> tuple[Model, set[str]]:
    """Return what could be read, and the names of the parameters that could not."""
    reader = Reader({}, problems=found)
    title = reader.read(given.get("title", ""), str, "title")
    starts = reader.read(given.get("starts", date(2000, 1, 1)), date, "starts")
    unknown = reader.read(given.get("unknown", []), tuple[str, ...], "unknown")
    parameters = _parameters(given.get("parameters", {}), reader)
    derived = given.get("derived", {})
    if not isinstance(derived, dict) or not all(
        isinstance(text, str) and name.isidentifier() for name, text in derived.items()
    ):
        reader.wrong("derived", "write each as a line NAME = 'arithmetic of parameters'")
        derived = {}
    if isinstance(given.get("horizon"), str):
        reader.wrong("horizon", "the horizon is a plain number of days")
    model = Model(
        title=title if title is not MISSING else "",
        starts=starts if starts is not MISSING else date(2000, 1, 1),
        parameters=parameters,
        body={key: value for key, value in given.items() if key not in _HEAD},
        derived=derived,
        unknown=unknown if unknown is not MISSING else (),
    )
    every = given.get("parameters", {})
    unread = set(every) - {p.name for p in parameters} if isinstance(every, dict) else set()
    return model, unread


def _parameters(given: object, reader: Reader) -> tuple[Parameter, ...]:
    if not isinstance(given, dict):
        reader.wrong("parameters", "write each as a table [parameters.NAME]")
        return ()
    read = []
    for name, one in given.items():
        path = f"parameters.{name}"
        if not name.isidentifier() or name in ("min", "max"):
            reader.wrong(path, f"{name!r} cannot be used in arithmetic: use letters, digits and _")
        if not isinstance(one, dict):
            reader.wrong(path, "give value, source, date and spread")
            continue
        parameter = reader.read({"name": name, **one}, Parameter, path)
        if parameter is not MISSING:
            _check(parameter, path, reader)
            read.append(parameter)
    return tuple(read)


def _check(parameter: Parameter, path: str, reader: Reader) -> None:
    if not parameter.source.strip():
        why = "say who published it, or assumed = true and why this value is thought fair"
        reader.wrong(f"{path}.source", why, "required")
    every = parameter.value if isinstance(parameter.value, tuple) else (parameter.value,)
    for field in ("sd", "factor_sd"):
        if getattr(parameter.spread, field, 1.0) <= 0.0:
            reader.wrong(
                f"{path}.spread", f"{field} is above 0; where there is no doubt, say known"
            )
    spread = parameter.spread
    if isinstance(spread, Beta) and any(
        not 0.0 < v < 1.0 or spread.sd**2 >= v * (1.0 - v) for v in every
    ):
        message = "a beta spread needs a share above 0 and below 1, and an sd that fits within"
        reader.wrong(f"{path}.spread", message)
    low, high = getattr(spread, "low", 0.0), getattr(spread, "high", 1.0)
    if low >= high:
        reader.wrong(f"{path}.spread", f"low {low} is not below high {high}: exchange them")


def names_used(given: object) -> set[str]:
    """Return every name that arithmetic anywhere in a body uses."""
    used: set[str] = set()
    for text in _texts(given):
        try:
            used |= names_in(text)
        except WrongExpression:
            continue  # a name such as "emergency department"
    return used


def _unused(model: Model) -> list[Problem]:
    """A parameter that nothing uses is a mistyped name, or a number that misleads its reader."""
    used = names_used([model.body, model.derived])
    message = "nothing in the model uses it: use it, or take it out"
    return [
        Problem("business-rule", message, f"parameters.{p.name}")
        for p in model.parameters
        if p.name not in used
    ]


def _texts(given: object) -> Iterable[str]:
    if isinstance(given, str):
        yield given
    elif isinstance(given, dict):
        for one in given.values():
            yield from _texts(one)
    elif isinstance(given, list):
        for one in given:
            yield from _texts(one)


def _placed(found: list[Problem], text: str, name: str) -> list[Problem]:
    lines = lines_by_path(text)
    placed = []
    for p in found:
        line = line_of(p.path, lines)
        where = f"{name}, line {line}, {p.path}" if p.path else f"{name}, line {line}"
        placed.append((line, Problem(p.code, f"{where}: {p.message}", p.path, p.severity)))
    return [p for _, p in sorted(placed, key=lambda pair: pair[0])]
