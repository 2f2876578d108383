"""The arithmetic a model file may use: numbers, names of parameters, + - * / ( ), min and max.

Nothing else is understood, so a file from outside can compute and do nothing more.
"""

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

__all__ = ["MOST_CHARACTERS", "Value", "WrongExpression", "evaluate", "names_in"]

MOST_CHARACTERS = 1000
Value = float | tuple[float, ...]

_TWO: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
}
_MANY: dict[str, Callable[[Sequence[float]], float]] = {"min": min, "max": max}


class WrongExpression(ValueError):
    """What is wrong with an expression, in words for who wrote it."""


def evaluate(text: str, values: Mapping[str, Value]) -> Value:
    """Return the value of an expression; a series in it makes a series, value by value.

    Refuses with WrongExpression what is not arithmetic, names nothing known, or is not finite.
    """
    try:
        found = _value(_parsed(text), values)
    except RecursionError:
        raise WrongExpression("nested too deep: name a part of it") from None
    except OverflowError:
        raise WrongExpression("a number too large") from None
    every = found if isinstance(found, tuple) else (found,)
    if not all(math.isfinite(one) for one in every):
        raise WrongExpression(f"{text!r} is not a finite number")
    return found


@lru_cache(maxsize=8192)
def names_in(text: str) -> frozenset[str]:
    """Return the parameters an expression names."""
    found = {node.id for node in ast.walk(_parsed(text)) if isinstance(node, ast.Name)}
    return frozenset(found - set(_MANY))


@lru_cache(maxsize=8192)
def _parsed(text: str) -> ast.expr:
    if len(text) > MOST_CHARACTERS:
        raise WrongExpression(f"longer than {MOST_CHARACTERS} characters: name a part of it")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        message = f"{text!r} is not a number, nor arithmetic of parameters such as beds * 0.9"
        raise WrongExpression(message) from None


def _value(node: ast.expr, values: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return _named(name, values)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _together([_value(operand, values)], lambda parts: -parts[0])
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _TWO:
            apply = _TWO[type(op)]
            both = [_value(left, values), _value(right, values)]
            return _together(both, lambda parts: _divided(apply, parts))
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as parts, keywords=[]) if name in _MANY:
            return _together([_value(part, values) for part in parts], _MANY[name])
    message = f"{ast.unparse(node)!r} is not understood: use numbers, parameters, + - * / min max"
    raise WrongExpression(message)


def _named(name: str, values: Mapping[str, Value]) -> Value:
    if name not in values:
        near = ", ".join(sorted(values)[:30]) or "none is given"
        raise WrongExpression(f"{name} is no parameter: add it under [parameters] (there: {near})")
    return values[name]


def _divided(apply: Callable[[float, float], float], parts: Sequence[float]) -> float:
    try:
        return apply(parts[0], parts[1])
    except (ZeroDivisionError, OverflowError):
        raise WrongExpression("a division by 0, or a number too large") from None


def _together(parts: Sequence[Value], apply: Callable[[Sequence[float]], float]) -> Value:
    """Apply to numbers, or to series of one length place by place."""
    lengths = {len(part) for part in parts if isinstance(part, tuple)}
    if not lengths:
        return apply([part for part in parts if isinstance(part, float)])
    if len(lengths) > 1:
        raise WrongExpression("series of different lengths are put together")
    return tuple(
        apply([part[i] if isinstance(part, tuple) else part for part in parts])
        for i in range(lengths.pop())
    )
