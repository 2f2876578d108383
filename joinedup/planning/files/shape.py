"""From what a TOML text holds to values of the model, reporting everything that does not fit.

Where a number is wanted, a text is arithmetic of parameters; where steps are wanted, a number or
one of `over_time` will do. Every problem is kept with its path, and reading goes on.
"""

import math
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import inspect

from joinedup.fhir.issue import Problem
from joinedup.planning.files.expressions import Value, WrongExpression, evaluate
from joinedup.planning.files.over_time import Daily, Monthly, OverTime, Wave, as_steps
from joinedup.planning.network.model import Steps

__all__ = ["MOST_ITEMS", "Reader"]

MOST_ITEMS = 20_000
MOST = 1e300
MISSING = object()
_KINDS: dict[type[inspect.Type], str] = {
    inspect.FloatType: "a number",
    inspect.IntType: "a whole number",
    inspect.StrType: "text in quotes",
    inspect.BoolType: "true or false",
    inspect.DateType: "a date such as 2026-11-01",
}


class Reader:
    """Reads parts of one file; `problems` fills up as it goes."""

    def __init__(
        self,
        values: Mapping[str, Value],
        *,
        starts: date = date(2000, 1, 1),
        horizon: float = 1.0,
        problems: list[Problem] | None = None,
    ) -> None:
        self.values = values
        self.starts = starts
        self.horizon = horizon
        self.problems: list[Problem] = [] if problems is None else problems

    def read(self, given: object, wanted: Any, path: str) -> Any:
        """Return the value of the wanted type, or MISSING having said what is wrong."""
        return self._any(given, _info(wanted), path)

    def wrong(self, path: str, message: str, code: str = "value") -> object:
        """Keep a problem."""
        self.problems.append(Problem(code, message, path))
        return MISSING

    def _any(self, given: object, wanted: inspect.Type, path: str) -> Any:
        match wanted:
            case inspect.UnionType():
                return self._union(given, wanted, path)
            case inspect.StructType():
                return self._struct(given, wanted, path)
            case inspect.VarTupleType():
                return self._items(given, wanted.item_type, path)
            case inspect.FloatType() | inspect.IntType():
                return self._number(given, path, whole=isinstance(wanted, inspect.IntType))
            case inspect.LiteralType():
                if given in wanted.values:
                    return given
                words = ", ".join(map(str, wanted.values))
                return self.wrong(path, f"{given!r} is given: use one of {words}")
            case inspect.DateType() if type(given) is date:
                return given
            case inspect.StrType() if isinstance(given, str):
                return given
            case inspect.BoolType() if isinstance(given, bool):
                return given
        return self.wrong(path, f"{given!r} is given: {_KINDS.get(type(wanted), 'this')} is wanted")

    def _number(self, given: object, path: str, *, whole: bool) -> Any:
        found = self._value(given, path)
        if found is MISSING:
            return MISSING
        if isinstance(found, tuple):
            return self.wrong(path, f"{given!r} is a series: one number is wanted")
        assert isinstance(found, float | int)
        if whole and isinstance(given, str):
            return round(found)  # arithmetic gives fractions of a place: the nearest whole one
        if whole and found != math.floor(found):
            return self.wrong(path, f"{given!r} is given: a whole number is wanted")
        return int(found) if whole else float(found)

    def _value(self, given: object, path: str) -> Any:
        if isinstance(given, str):
            try:
                return evaluate(given, self.values)
            except WrongExpression as wrong:
                return self.wrong(path, str(wrong))
        if isinstance(given, bool) or not isinstance(given, int | float):
            return self.wrong(path, f"{given!r} is given: a number is wanted")
        if not abs(given) < MOST:
            return self.wrong(path, "a number too large, or none: give one below 1e300")
        return given

    def _items(self, given: object, item: inspect.Type, path: str) -> Any:
        if isinstance(given, str) and isinstance(item, inspect.FloatType):
            found = self._value(given, path)
            if isinstance(found, float):
                return self.wrong(path, f"{given!r} is one number: a series is wanted")
            return found
        if not isinstance(given, list):
            return self.wrong(path, f"{given!r} is given: a list in [ ] is wanted")
        if len(given) > MOST_ITEMS:
            return self.wrong(path, f"{len(given):,} are given: at most {MOST_ITEMS:,}", "too-long")
        read = [self._any(one, item, f"{path}[{i}]") for i, one in enumerate(given)]
        return MISSING if any(one is MISSING for one in read) else tuple(read)

    def _union(self, given: object, wanted: inspect.UnionType, path: str) -> Any:
        kinds = wanted.types
        structs = [t for t in kinds if isinstance(t, inspect.StructType)]
        if isinstance(given, dict) and structs:
            return self._tagged(given, structs, path)
        lists = [t for t in kinds if isinstance(t, inspect.VarTupleType)]
        if lists and isinstance(given, list):
            return self._any(given, lists[0], path)
        plain = [t for t in kinds if isinstance(t, inspect.IntType | inspect.FloatType)]
        if plain:
            return self._any(given, plain[0], path)
        others = [t for t in kinds if not isinstance(t, inspect.NoneType)]
        if structs and not _is_steps(structs[0]):
            words = ", ".join(str(t.tag) for t in structs)
            return self.wrong(path, f"{given!r} is given: {{ type = ... }} of {words} is wanted")
        return self._any(given, others[0], path)

    def _tagged(self, given: dict[str, Any], kinds: list[inspect.StructType], path: str) -> Any:
        steps = any(_is_steps(kind) for kind in kinds)
        if steps or len(kinds) == 1:
            return self._struct(given, kinds[0], path)
        by_tag = {kind.tag: kind for kind in kinds}
        if given.get("type") in by_tag:
            return self._struct(given, by_tag[given["type"]], path)
        words = ", ".join(map(str, by_tag))
        return self.wrong(f"{path}.type", f"{given.get('type')!r} is given: use one of {words}")

    def _struct(self, given: object, wanted: inspect.StructType, path: str) -> Any:
        if _is_steps(wanted):
            if isinstance(given, int | float | str) and not isinstance(given, bool):
                found = self._number(given, path, whole=False)
                return found if found is MISSING else Steps((found,))
            if isinstance(given, dict) and "type" in given:
                return self._over_time(given, path)
        if not isinstance(given, dict):
            wish = "a number or steps are" if _is_steps(wanted) else "a table is"
            return self.wrong(path, f"{given!r} is given: {wish} wanted")
        return self._fields(given, wanted, path)

    def _fields(self, given: dict[str, Any], wanted: inspect.StructType, path: str) -> Any:
        fields = {f.name: f for f in wanted.fields}
        known = set(fields) | ({"type"} if wanted.tag is not None else set())
        before = len(self.problems)
        for name in given:
            if name not in known:
                words = ", ".join(sorted(known))
                self.wrong(
                    _below(path, name), f"{name} is not known here: use {words}", "not-found"
                )
        read: dict[str, Any] = {}
        for name, field in fields.items():
            if name in given:
                read[name] = self._any(given[name], field.type, _below(path, name))
            elif field.required:
                self.wrong(path, f"{name} is missing: add it", "required")
        if len(self.problems) > before:
            return MISSING
        made: msgspec.Struct = wanted.cls(**read)
        return made

    def _over_time(self, given: dict[str, Any], path: str) -> Any:
        kinds: dict[object, type[OverTime]] = {"daily": Daily, "wave": Wave, "monthly": Monthly}
        kind = kinds.get(given["type"])
        if kind is None:
            return self.wrong(
                f"{path}.type",
                f"{given['type']!r} is given: use one of {', '.join(map(str, kinds))}",
            )
        found = self.read(given, kind, path)
        if found is MISSING:
            return MISSING
        for name, length in (("by_month", 12), ("by_weekday", 7), ("places", 12)):
            series = getattr(found, name, ())
            if len(series) not in (length, 0) or (not series and name in given):
                return self.wrong(f"{path}.{name}", f"{len(series)} are given: {length} are wanted")
        if isinstance(found, Wave) and found.width <= 0.0:
            return self.wrong(f"{path}.width", f"{found.width} is given: above 0 is wanted")
        return as_steps(found, starts=self.starts, horizon=self.horizon)


@lru_cache(maxsize=64)
def _info(wanted: Any) -> inspect.Type:
    """What msgspec knows of a type, asked once: asking takes longer than reading a network."""
    return inspect.type_info(wanted)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _is_steps(kind: inspect.StructType) -> bool:
    return kind.cls is Steps
