"""What paired runs say, in plain values: beds freed, who waits, money, and how sure all that is.

Two layers of doubt: draws (what we do not know, and the winter that comes) and chance within a
draw. An interval is where nine runs in ten lie: of what one winter would show. `error` is another
thing, how far the mean may be from that of endless runs.
"""

import math
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from joinedup.planning.places.body import CARE
from joinedup.planning.scenarios.model import Change, Grant, Places, Workforce
from joinedup.planning.scenarios.money import Money, money_of
from joinedup.planning.scenarios.pairs import CHANCES, Pairs
from joinedup.planning.statistics import Floats, estimate, runs_saved

__all__ = ["Answer", "Effect", "Fan", "answer_all", "effect_of", "fan_of", "headline"]

LOW, HIGH = 0.05, 0.95
FAN = (0.05, 0.25, 0.5, 0.75, 0.95)
SUPPLY = (Grant, Places, Workforce)


class Effect(Struct, frozen=True):
    """A number with where nine runs in ten lie, the error of its mean, and what makes it unsure.

    `doubt_share` is the part of its variance that lies between draws; the rest is chance.
    """

    mean: float
    low: float
    high: float
    error: float
    doubt_share: float


class Answer(Struct, frozen=True):
    """What one option does to a place in one winter; beds are means over the days played.

    `freed` is fewer people kept in a bed waiting for care; `taken` is beds in use, waited for or
    shut, less than as it is; `waiting` is people waiting for a bed, fewer. Under `care` stand
    places of each kind opened and used, more than as it is.
    """

    name: str
    freed: Effect
    taken: Effect
    waiting: Effect
    long_waits: Effect
    care: dict[str, Effect]
    money: Money | None
    pounds_a_bed_day: float | None
    by_supply: bool
    runs_saved: float

    @property
    def main(self) -> Effect:
        """The effect told first: beds freed where care is opened, beds taken where not."""
        return self.freed if self.by_supply else self.taken


class Fan(Struct, frozen=True):
    """A measure over time in one option: for each period its quantiles over runs, `FAN`."""

    option: str
    measure: str
    days: tuple[float, ...]
    quantiles: tuple[tuple[float, ...], ...]


def answer_all(pairs: Pairs) -> tuple[Answer, ...]:
    """Return what each option does, in the order of the file."""
    return tuple(_answer(pairs, i) for i in range(1, len(pairs.options)))


def _answer(pairs: Pairs, i: int) -> Answer:
    option = pairs.options[i]
    freed = effect_of(-pairs.difference(i, "held"))
    money = money_of(pairs.place, option, seed=pairs.seed, draws=-(-pairs.runs // CHANCES))
    bed_days = freed.mean * pairs.days
    return Answer(
        name=option.name,
        freed=freed,
        taken=effect_of(-pairs.difference(i, "taken")),
        waiting=effect_of(-pairs.difference(i, "waiting")),
        long_waits=effect_of(long_waits(pairs, 0) - long_waits(pairs, i)),
        care={one: effect_of(pairs.difference(i, "in_use", one)) for one in CARE},
        money=money,
        pounds_a_bed_day=money.pounds / bed_days if money and bed_days > 0.0 else None,
        by_supply=_by_supply(option.changes),
        runs_saved=runs_saved(pairs.mean(i, "in_use"), pairs.mean(0, "in_use")),
    )


def long_waits(pairs: Pairs, option: int) -> Floats:
    """Return people a day who waited over 12 hours for a bed after the emergency department."""
    outcome = pairs.outcomes[option]
    last = outcome.over.shape[2] - 1
    found = np.zeros(pairs.runs)
    for row, (who, where) in enumerate(outcome.pairs):
        if where.startswith("beds") and not who.startswith("planned"):
            found = found + outcome.over[:, row, last]
    return found / pairs.days


def _by_supply(changes: Sequence[Change]) -> bool:
    return all(isinstance(change, SUPPLY) for change in changes)


def effect_of(values: Floats) -> Effect:
    """Return what values by run say; runs stand together by draw."""
    low, high = (float(np.quantile(values, chance)) for chance in (LOW, HIGH))
    return Effect(
        mean=math.fsum(values) / len(values),
        low=low,
        high=high,
        error=_error(values),
        doubt_share=_doubt_share(values),
    )


def _error(values: Floats) -> float:
    """Return the standard error of the mean: over draws, since runs of one draw are alike."""
    draws = _by_draw(values)
    if len(draws) < 2:
        return estimate(values).error if len(values) > 1 else math.inf
    return estimate(draws.mean(axis=1)).error


def _doubt_share(values: Floats) -> float:
    """Return the part of the variance between draws, by analysis of variance; 0 to 1."""
    draws = _by_draw(values)
    if len(draws) < 2:
        return 0.0
    within = float(draws.var(axis=1, ddof=1).mean())
    between = max(0.0, float(draws.mean(axis=1).var(ddof=1)) - within / CHANCES)
    return between / (between + within) if between + within > 0.0 else 0.0


def _by_draw(values: Floats) -> Floats:
    """Return whole draws, a row each."""
    whole = len(values) // CHANCES
    return np.asarray(values[: whole * CHANCES]).reshape(whole, CHANCES)


def fan_of(pairs: Pairs, option: int, measure: str, service: str = "beds") -> Fan:
    """Return how a measure lies over the runs, period by period; days from the first played."""
    values = pairs.by_period(option, measure, service)
    edges = pairs.outcomes[option].edges
    quantiles = np.quantile(values, FAN, axis=0).T
    days = (edges[:-1] - edges[0]).tolist()
    rows = tuple(tuple(row) for row in quantiles.tolist())
    return Fan(pairs.options[option].name, measure, tuple(days), rows)


def headline(answer: Answer, days: float) -> str:
    """Return the one sentence that an option comes to, with its interval."""
    effect = answer.main
    if answer.by_supply:
        what = f"frees {_beds(effect.mean)} a day"
        range_words = "fewer people kept in a bed waiting for care"
    else:
        what = f"takes {_beds(effect.mean)} a day less"
        range_words = "beds in use, waited for or shut"
    return (
        f"{answer.name} {what} over {days:.0f} days; in nine winters of ten between "
        f"{_number(effect.low)} and {_number(effect.high)} ({range_words})."
    )


def _beds(value: float) -> str:
    return f"{_number(value)} {'bed' if _number(value) == '1' else 'beds'}"


def _number(value: float) -> str:
    """Return a number as people say it: whole from 10 on."""
    if abs(value) >= 10.0:
        return f"{value:,.0f}"
    found = f"{value:.1f}".removesuffix(".0")
    return "0" if found == "-0" else found
