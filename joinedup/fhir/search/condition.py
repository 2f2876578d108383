"""Reads one condition of a search, `name:modifier=value` or a chain of names, into a clause.

What stands left of the `=`. FHIR R4 3.1.1.4.4 (modifiers) and 3.1.1.5.1 (chains).
"""

import re
from difflib import get_close_matches
from typing import Literal, cast

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
_STRING_MODES: dict[str, Literal["starts", "exact", "contains"]] = {
    "": "starts",
    "exact": "exact",
    "contains": "contains",
}


def read_condition(type_name: str | None, name: str, value: str, depth: int = 0) -> c.Clause:
    """Return what `name=value` asks of a type's resources; Invalid if it is not understood."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise wrong(name, "not a parameter name")
    code, modifier, rest = found["code"], found["modifier"] or "", found["rest"]
    asked = find_parameter(type_name, code, name)
    if found["modifier"] == "":
        raise wrong(name, "a colon without a modifier")
    if rest is not None:
        return _read_chain(asked, modifier, rest, value, name, depth)
    return _read_plain(type_name, asked, modifier, value, name)


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


def _read_plain(
    type_name: str | None, asked: Parameter, modifier: str, value: str, name: str
) -> c.Clause:
    if asked.code in ("_id", "_lastUpdated"):
        return _read_of_row(asked, modifier, value, name)
    if modifier == "missing":
        return _read_missing(type_name, asked, value, name)
    parts = v.read_alternatives(name, value)
    if asked.kind == "reference":
        return _read_references(asked, modifier, parts, name)
    _check_modifier(asked, modifier, name)
    match asked.kind, modifier:
        case "token", "text":
            return c.TokenText(asked.text_slots, tuple(v.read_normal(name, p) for p in parts))
        case "token", _:
            tokens = tuple(v.read_token(name, part) for part in parts)
            return c.Tokens(asked.slots, tokens, negate=modifier == "not")
        case "date", _:
            return c.Dates(asked.slots, tuple(v.read_date(name, part) for part in parts))
        case _, "exact":
            exact = tuple(clip(v.unescape(part)) for part in parts)
            return c.Strings(asked.slots, exact, "exact")
    normal = tuple(v.read_normal(name, part) for part in parts)
    return c.Strings(asked.slots, normal, _STRING_MODES[modifier])


def _read_of_row(asked: Parameter, modifier: str, value: str, name: str) -> c.Clause:
    """Read `_id` and `_lastUpdated`, which every resource has exactly once."""
    if modifier:
        raise wrong(name, f"{asked.code} takes no modifier")
    parts = v.read_alternatives(name, value)
    if asked.code == "_id":
        return c.Ids(tuple(v.read_id(name, part) for part in parts))
    return c.Updated(tuple(v.read_date(name, part) for part in parts))


def _check_modifier(asked: Parameter, modifier: str, name: str) -> None:
    if modifier and modifier not in _MODIFIERS[asked.kind]:
        if modifier in _FHIR_MODIFIERS:
            raise not_served(name, f"the modifier :{modifier} on a {asked.kind}")
        raise wrong(name, f"{asked.code} has no modifier :{modifier}")


def _read_missing(type_name: str | None, asked: Parameter, value: str, name: str) -> c.Clause:
    if asked.narrowed:
        # Its slots also hold references it does not admit, so they cannot say what it lacks.
        others = all_parameters_of(type_name or "")
        wider = [o.code for o in others if o.slots == asked.slots and not o.narrowed]
        hint = f"; {wider[0]}:missing can be asked" if wider else ""
        raise wrong(name, f"what is missing cannot be told apart from other references{hint}")
    missing = v.read_truth(name, value)
    return c.Missing(asked.slots, cast(c.Kind, asked.kind), missing, asked.text_slots)


def _read_references(
    asked: Parameter, modifier: str, parts: tuple[str, ...], name: str
) -> c.Clause:
    if modifier and not modifier[0].isupper():
        _check_modifier(asked, modifier, name)
    if modifier and modifier not in asked.targets:
        raise wrong(name, f"{asked.code} never points at {modifier}")
    found = (v.read_references(name, part, asked, modifier) for part in parts)
    return c.References(asked.slots, tuple(dict.fromkeys(r for each in found for r in each)))


def _read_chain(
    asked: Parameter, of_type: str, rest: str, value: str, name: str, depth: int
) -> c.Clause:
    if asked.kind != "reference" or not asked.targets:
        raise wrong(name, f"{asked.code} points at no resource, so nothing can follow its dot")
    if depth == DEEPEST_CHAIN:
        raise wrong(name, f"a chain of more than {DEEPEST_CHAIN} references")
    target = _chain_target(asked, of_type, rest, name)
    return c.Chain(asked.slots, target, (read_condition(target, rest, value, depth + 1),))


def _chain_target(asked: Parameter, of_type: str, rest: str, name: str) -> str:
    """Return the type a chain leads to: the one named, or the only one that has the next name."""
    targets = [target for target in asked.targets if target in SERVED]
    if of_type:
        if of_type not in targets:
            raise wrong(name, f"{asked.code} never points at {of_type} here")
        return of_type
    next_code = re.split("[:.]", rest)[0]
    if next_code in _NOT_SERVED:
        raise not_served(name, next_code)
    having = [t for t in targets if (found := parameter(t, next_code)) and found.served]
    if len(having) == 1:
        return having[0]
    if not having:
        raise wrong(name, f"nothing {asked.code} points at can be searched by {next_code!r}")
    raise wrong(name, f"name the type, as in {asked.code}:{having[0]}.{rest}")
