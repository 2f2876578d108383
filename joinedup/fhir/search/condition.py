"""Reads one condition of a search, `name:modifier=value` or a chain of names, into a clause.

What stands left of the `=`. FHIR R4 3.1.1.4.4 (modifiers) and 3.1.1.5.1 (chains).
"""

import re
from difflib import get_close_matches
from typing import cast

from msgspec import Struct

from joinedup.fhir.search import clause as c
from joinedup.fhir.search import values as v
from joinedup.fhir.search.normal import clip
from joinedup.fhir.search.parameters import (
    Parameter,
    all_parameters_of,
    parameter,
    parameters_of,
)
from joinedup.fhir.search.refuse import not_served, wrong
from joinedup.fhir.search.served import SERVED

__all__ = ["DEEPEST_CHAIN", "find_parameter", "read_condition"]

DEEPEST_CHAIN = 3

_NAME = re.compile(r"(?P<code>[^:.]+)(?::(?P<modifier>[^.]*))?(?:\.(?P<rest>.+))?", re.DOTALL)
_NOT_SERVED = "_has _text _content _filter _list _query _type _contained _containedType".split()
_MODIFIERS = {
    "string": ("exact", "contains", "missing"),
    "token": ("not", "text", "missing"),
    "date": ("missing",),
    "reference": ("missing",),
}
_FHIR_MODIFIERS = (
    "missing exact contains text not in not-in below above ofType identifier iterate".split()
)


class _Asked(Struct, frozen=True):
    """One name of a condition: what it asks of which type, in the words of the whole request."""

    whole: str
    type_name: str | None
    parameter: Parameter
    modifier: str
    value: str


def read_condition(type_name: str | None, name: str, value: str) -> c.Clause:
    """Return what `name=value` asks of a type's resources; Invalid if it is not understood."""
    return _read(type_name, name, value, name)


def _read(type_name: str | None, name: str, value: str, whole: str, *, depth: int = 0) -> c.Clause:
    found = _NAME.fullmatch(name)
    if found is None:
        raise wrong(whole, "not a parameter name")
    code, modifier, rest = found.groups()
    wanted = find_parameter(type_name, code, whole)
    if modifier == "":
        raise wrong(whole, "a colon without a modifier")
    asked = _Asked(whole, type_name, wanted, modifier or "", value)
    return _read_plain(asked) if rest is None else _read_chain(asked, rest, depth)


def find_parameter(type_name: str | None, code: str, name: str) -> Parameter:
    """Return a parameter that is served for a type; Invalid for an unknown or unserved one."""
    if code in _NOT_SERVED:
        raise not_served(name)
    # A search over all types asks only what every type answers alike.
    found = parameter(type_name or "Basic", code)
    if type_name is None and code not in ("_id", "_lastUpdated"):
        raise wrong(name, "a search over all types takes _id and _lastUpdated only; name a type")
    if found is None:
        near = get_close_matches(code, [p.code for p in parameters_of(type_name or "Basic")], 1)
        hint = f"; did you mean {near[0]}" if near else ""
        raise wrong(name, f"{type_name} has no search parameter {code!r}{hint}")
    if not found.served:
        raise not_served(name, f"{code} ({found.kind})")
    return found


def _read_plain(asked: _Asked) -> c.Clause:
    slots, name = asked.parameter.slots, asked.whole
    if asked.parameter.code in ("_id", "_lastUpdated"):
        return _read_of_row(asked)
    if asked.modifier == "missing":
        return _read_missing(asked)
    parts = v.read_alternatives(name, asked.value)
    if asked.parameter.kind == "reference":
        return _read_references(asked, parts)
    _check_modifier(asked)
    match asked.parameter.kind, asked.modifier:
        case "token", "text":
            texts = tuple(v.read_normal(name, part) for part in parts)
            return c.TokenText(asked.parameter.text_slots, texts)
        case "token", modifier:
            tokens = tuple(v.read_token(name, part) for part in parts)
            return c.Tokens(slots, tokens, negate=modifier == "not")
        case "date", _:
            return c.Dates(slots, tuple(v.read_date(name, part) for part in parts))
        case _, "exact":
            exact = tuple(clip(v.unescape(part)) for part in parts)
            return c.Strings(slots, exact, "exact")
    normal = tuple(v.read_normal(name, part) for part in parts)
    return c.Strings(slots, normal, "contains" if asked.modifier else "starts")


def _read_of_row(asked: _Asked) -> c.Clause:
    """Read `_id` and `_lastUpdated`, which every resource has exactly once."""
    code, name = asked.parameter.code, asked.whole
    if asked.modifier:
        raise wrong(name, f"{code} takes no modifier")
    parts = v.read_alternatives(name, asked.value)
    if code == "_id":
        return c.Ids(tuple(v.read_id(name, part) for part in parts))
    return c.Updated(tuple(v.read_date(name, part) for part in parts))


def _check_modifier(asked: _Asked) -> None:
    code, kind, modifier = asked.parameter.code, asked.parameter.kind, asked.modifier
    if modifier and modifier not in _MODIFIERS[kind]:
        if modifier in _FHIR_MODIFIERS:
            raise not_served(asked.whole, f"the modifier :{modifier} on a {kind}")
        raise wrong(asked.whole, f"{code} has no modifier :{modifier}")


def _read_missing(asked: _Asked) -> c.Clause:
    wanted = asked.parameter
    if wanted.narrowed:
        # Its slots also hold references it does not admit, so they cannot say what it lacks.
        others = all_parameters_of(asked.type_name or "")
        wider = [o.code for o in others if o.slots == wanted.slots and not o.narrowed]
        hint = f"; {wider[0]}:missing can be asked" if wider else ""
        raise wrong(
            asked.whole, f"what is missing cannot be told apart from other references{hint}"
        )
    missing = v.read_truth(asked.whole, asked.value)
    return c.Missing(wanted.slots, cast(c.Kind, wanted.kind), missing, wanted.text_slots)


def _read_references(asked: _Asked, parts: tuple[str, ...]) -> c.Clause:
    wanted, modifier, name = asked.parameter, asked.modifier, asked.whole
    if modifier and not modifier[0].isupper():
        _check_modifier(asked)
    if modifier and modifier not in wanted.targets:
        raise wrong(name, f"{wanted.code} never points at {modifier}")
    found = (v.read_references(name, part, wanted, modifier) for part in parts)
    return c.References(wanted.slots, tuple(dict.fromkeys(r for each in found for r in each)))


def _read_chain(asked: _Asked, rest: str, depth: int) -> c.Clause:
    wanted, name = asked.parameter, asked.whole
    if wanted.kind != "reference" or not wanted.targets:
        raise wrong(name, f"{wanted.code} points at no resource, so nothing can follow its dot")
    if depth == DEEPEST_CHAIN:
        raise wrong(name, f"a chain of more than {DEEPEST_CHAIN} references")
    target = _chain_target(asked, rest)
    return c.Chain(wanted.slots, target, (_read(target, rest, asked.value, name, depth=depth + 1),))


def _chain_target(asked: _Asked, rest: str) -> str:
    """Return the type a chain leads to: the one named, or the only one that has the next name."""
    code, name = asked.parameter.code, asked.whole
    targets = [target for target in asked.parameter.targets if target in SERVED]
    if asked.modifier:
        if asked.modifier not in targets:
            raise wrong(name, f"{code} never points at {asked.modifier} here")
        return asked.modifier
    next_code = re.split("[:.]", rest)[0]
    if next_code in _NOT_SERVED:
        raise not_served(name, next_code)
    having = [t for t in targets if (found := parameter(t, next_code)) and found.served]
    if len(having) == 1:
        return having[0]
    if not having:
        raise wrong(name, f"nothing {code} points at can be searched by {next_code!r}")
    raise wrong(
        name, f"{code} may point at {', '.join(having)}; name one: {code}:{having[0]}.{rest}"
    )
