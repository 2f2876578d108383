"""Reading a scenario file: every problem at once, each with file, line, path and what to do."""

import tomllib
from pathlib import Path
from typing import Any

from joinedup.fhir.issue import Invalid, Problem, Refusal, TooLarge
from joinedup.planning.files.lines import line_of, lines_by_path
from joinedup.planning.files.shape import MISSING, Reader
from joinedup.planning.places import code_of
from joinedup.planning.scenarios.model import Scenario
from joinedup.planning.scenarios.sound import scenario_problems

__all__ = ["MOST_BYTES", "as_text", "read_scenario"]

MOST_BYTES = 1_000_000


def read_scenario(text: str | Path, *, name: str = "") -> Scenario:
    """Return the scenario of a text or a file.

    Refuses with Invalid (or TooLarge) naming every problem: `winter.toml, line 9,
    options[0].changes[0].buys: ...`.
    """
    text, name = as_text(text, name)
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise Invalid(f"{name} is not TOML: {wrong}. Mend that line") from None
    except (ValueError, RecursionError):
        message = f"{name} has a number too long, or is nested too deep: write it shorter, or flat"
        raise Invalid(message) from None
    found: list[Problem] = []
    scenario = _Plain({}, problems=found).read(given, Scenario, "")
    if scenario is not MISSING:
        assert isinstance(scenario, Scenario)
        found += _place_problems(scenario)
        found += scenario_problems(scenario)
    if found:
        raise Invalid(*_placed(found, text, name))
    assert isinstance(scenario, Scenario)
    return scenario


class _Plain(Reader):
    """A reader in whose files a number is a number: there are no parameters to reckon with."""

    def _value(self, given: object, path: str) -> Any:
        if isinstance(given, str):
            message = f"{given!r} is text: write digits without quotes, such as 500_000 or 0.25"
            return self.wrong(path, message)
        return super()._value(given, path)


def as_text(text: str | Path, name: str) -> tuple[str, str]:
    """Return the text of a file and its name; refuses what cannot be read, or is too large."""
    if isinstance(text, str):
        read, name = text, name or "the scenario"
        size = len(text.encode())
    else:
        name = name or text.name
        try:
            size = text.stat().st_size
            read = text.read_text(encoding="utf-8") if size <= MOST_BYTES else ""
        except OSError as wrong:
            message = f"{name} cannot be read: {wrong.strerror}. Give the path of a scenario file"
            raise Invalid(message) from None
        except UnicodeDecodeError:
            raise Invalid(f"{name} is not text in UTF-8: save it as UTF-8") from None
    if size > MOST_BYTES:
        message = f"{name} has {size:,} bytes: at most {MOST_BYTES:,}. Leave out what is no option"
        raise TooLarge(message)
    return read, name


def _place_problems(scenario: Scenario) -> list[Problem]:
    if scenario.place.strip().lower() == "england":
        return []
    try:
        code_of(scenario.place)
    except Refusal as refusal:
        return [Problem("not-found", refusal.problems[0].message, "place")]
    return []


def _placed(found: list[Problem], text: str, name: str) -> list[Problem]:
    lines: dict[str, Any] = lines_by_path(text)
    placed = []
    for p in found:
        line = line_of(p.path, lines)
        where = f"{name}, line {line}, {p.path}" if p.path else f"{name}, line {line}"
        placed.append((line, Problem(p.code, f"{where}: {p.message}", p.path, p.severity)))
    return [p for _, p in sorted(placed, key=lambda pair: pair[0])]
