"""Parameters: a number or a series, who says so, of what date, and how unsure we are of it.

A spread is the law of our uncertainty, not of people's differences: those are laws of the network.
A parameter that nobody published is `assumed`, and every table says so.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Literal, assert_never

from msgspec import Struct
from scipy.special import betaincinv

from joinedup.planning.chance.keys import GOLDEN, mix, name_key, run_key, uniform
from joinedup.planning.chance.laws import quantile

__all__ = [
    "Beta",
    "Known",
    "LognormalSpread",
    "NormalSpread",
    "Parameter",
    "Spread",
    "Uniform",
    "draw_values",
    "quantile_of",
    "table",
    "values_of",
]

Value = float | tuple[float, ...]


class Known(Struct, frozen=True, tag="known", forbid_unknown_fields=True):
    """Counted, not estimated: no doubt that matters here."""


class NormalSpread(Struct, frozen=True, tag="normal", forbid_unknown_fields=True):
    """About the value, as likely above as below; `sd` in the value's own unit."""

    sd: float


class LognormalSpread(Struct, frozen=True, tag="lognormal", forbid_unknown_fields=True):
    """For what is never below 0: the value is the middle, `factor_sd` the sd of its logarithm.

    0.1 means within about a tenth more or less, two times in three.
    """

    factor_sd: float


class Beta(Struct, frozen=True, tag="beta", forbid_unknown_fields=True):
    """A share between 0 and 1, with the value as mean and this standard deviation."""

    sd: float


class Uniform(Struct, frozen=True, tag="uniform", forbid_unknown_fields=True):
    """Anything between the two, all alike."""

    low: float
    high: float


Spread = Known | NormalSpread | LognormalSpread | Beta | Uniform


class Parameter(Struct, frozen=True, forbid_unknown_fields=True):
    """One number (or series) of a model with where it comes from.

    `assumed` says that no source gives it; `source` then says why this value is thought fair.
    `nature` says whether the spread is our doubt, or a difference from winter to winter.
    """

    name: str
    value: Value
    source: str
    date: str
    spread: Spread
    assumed: bool = False
    unit: str = ""
    nature: Literal["doubt", "winter"] = "doubt"

    @property
    def standing(self) -> str:
        """How a table names its standing: published, or assumed."""
        return "assumed" if self.assumed else "published"


def values_of(parameters: Iterable[Parameter]) -> dict[str, Value]:
    """Return every value by its name."""
    return {p.name: p.value for p in parameters}


def draw_values(
    parameters: Iterable[Parameter],
    *,
    seed: int,
    number: int,
    nature: Literal["doubt", "winter"] | None = None,
) -> dict[str, Value]:
    """Return draw `number` of every parameter: named chance, so adding one changes no other.

    With a `nature`, only parameters of it are drawn and the others keep their value.
    """
    found: dict[str, Value] = {}
    key = run_key(seed, number)
    for p in parameters:
        if nature is not None and p.nature != nature:
            found[p.name] = p.value
            continue
        mine = mix(key ^ name_key(f"parameter {p.name}"))
        if isinstance(p.value, tuple):
            found[p.name] = tuple(
                quantile_of(p.spread, value, uniform(mix(mine + (i + 1) * GOLDEN)))
                for i, value in enumerate(p.value)
            )
        else:
            found[p.name] = quantile_of(p.spread, p.value, uniform(mix(mine + GOLDEN)))
    return found


def quantile_of(spread: Spread, value: float, chance: float) -> float:
    """Return the value that a parameter stays below with this chance."""
    match spread:
        case Known():
            return value
        case NormalSpread(sd=sd):
            return value + sd * quantile(chance)
        case LognormalSpread(factor_sd=sd):
            return value * math.exp(sd * quantile(chance))
        case Uniform(low=low, high=high):
            return low + (high - low) * chance
        case Beta(sd=sd):
            strength = value * (1.0 - value) / (sd * sd) - 1.0
            return float(betaincinv(value * strength, (1.0 - value) * strength, chance))
        case _:
            assert_never(spread)


def table(
    parameters: Iterable[Parameter],
    posterior: Mapping[str, tuple[float, float, float]] | None = None,
) -> tuple[tuple[str, ...], ...]:
    """Return a printed table of parameters, a header first: value, 90 per cent range, source.

    With a `posterior` (low, middle, high by name) each has what calibration made of it beside.
    """
    rows = [("parameter", "value", "unit", "low 5%", "high 95%", "after calibration",
             "standing", "date", "source")]  # fmt: skip
    for p in parameters:
        first = p.value[0] if isinstance(p.value, tuple) else p.value
        low, high = (quantile_of(p.spread, first, chance) for chance in (0.05, 0.95))
        after = (posterior or {}).get(p.name)
        more = f" and {len(p.value) - 1} more" if isinstance(p.value, tuple) else ""
        rows.append((
            p.name, f"{first:.4g}{more}", p.unit, f"{low:.4g}", f"{high:.4g}",
            "" if after is None else f"{after[1]:.4g} ({after[0]:.4g} to {after[2]:.4g})",
            p.standing, p.date, p.source,
        ))  # fmt: skip
    return tuple(rows)
