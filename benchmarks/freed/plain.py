"""Winters from a plain generator: Poisson counts whose logarithm hangs together from day to day.

Every winter draws how strongly, its level, season, weekdays, flu, a year's own level, and how much
it shares with what the money could not touch. The money takes each day of waiting away with a
chance that rises over three weeks; the truth is how many it took.
"""

from datetime import date, timedelta

import numpy as np
from msgspec import Struct

from benchmarks.freed.played import Winter
from joinedup.measures.freed.values import Question, Series, WinterSize
from joinedup.planning.statistics import Floats

__all__ = ["plain_winter"]

FIRST = date(2026, 12, 1)
BEFORE, DAYS = 96, 90
MISSING = 0.05
SEED = 240


class _Law(Struct, frozen=True):
    """What all years of one winter's place have in common; logarithms, but for `memory`."""

    memory: float
    sd: float
    level: float
    year_sd: float
    season: float
    weekdays: Floats
    flu: float
    shared: float


def plain_winter(number: int, *, effect: bool, years: int = 4) -> Winter:
    """Return winter `number`: for ever the same."""
    luck = np.random.default_rng([SEED, number])
    law = _Law(
        memory=float(luck.uniform(0.7, 0.97)),
        sd=float(luck.uniform(0.1, 0.4)),
        level=float(np.log(luck.uniform(8.0, 80.0))),
        year_sd=float(luck.uniform(0.0, 0.3)),
        season=float(luck.uniform(0.0, 0.3)),
        weekdays=luck.normal(0.0, 0.08, 7),
        flu=float(luck.uniform(0.0, 0.3)),
        shared=float(luck.uniform(0.0, 1.0)),
    )
    taken = float(luck.uniform(0.1, 0.4)) if effect else 0.0
    touched: dict[date, int | None] = {}
    untouched: dict[date, int | None] = {}
    flu: dict[date, float | None] = {}
    truth = 0.0
    for back in range(years):
        starts = FIRST.replace(year=FIRST.year - back) - timedelta(days=BEFORE)
        mine, others, wave = _year(law, starts.weekday(), luck)
        chance = taken * np.clip((np.arange(len(mine)) - BEFORE) / 21.0, 0.0, 1.0) * (back == 0)
        left = luck.binomial(mine, 1.0 - chance)
        for n in range(len(mine)):
            day = starts + timedelta(days=n)
            lost = luck.random() < MISSING
            touched[day] = None if lost else int(left[n])
            untouched[day] = int(others[n])
            flu[day] = float(wave[n])
            truth += 0.0 if lost else float(mine[n] - left[n])
    last = FIRST + timedelta(days=DAYS - 1)
    question = Question(
        touched=(Series("the hospital", "bought", touched),),
        untouched=(Series("the hospital", "not bought", untouched),),
        sizes=(WinterSize("flu", flu),),
        first=FIRST,
        last=last,
        as_of=last,
    )
    return Winter(question, truth)


def _year(law: _Law, weekday: int, luck: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Return counts of what was bought, of what was not, and people with flu, by day."""
    days = np.arange(BEFORE + DAYS)
    peak, size = luck.normal(BEFORE + 40.0, 15.0), np.exp(luck.normal(0.0, 0.5))
    wave = size * np.exp(-0.5 * ((days - peak) / 25.0) ** 2)
    season = law.season * np.sin(2.0 * np.pi * (days - BEFORE + 36.0) / 200.0)
    common, own_year = _wander(law, luck), luck.normal(0.0, law.year_sd)
    apart = np.sqrt(1.0 - law.shared**2)
    mine = law.level + own_year + season + law.weekdays[(weekday + days) % 7] + law.flu * wave
    mine = mine + apart * _wander(law, luck) + law.shared * common
    others = law.level - 0.5 + 0.5 * (own_year + season + law.flu * wave)
    others = others + luck.normal(0.0, law.year_sd / 2.0)
    others = others + apart * _wander(law, luck) + law.shared * common
    return luck.poisson(np.exp(mine)), luck.poisson(np.exp(others)), luck.poisson(20.0 * wave)


def _wander(law: _Law, luck: np.random.Generator) -> Floats:
    steps = luck.normal(0.0, law.sd, BEFORE + DAYS)
    found = steps.copy()
    for n in range(1, len(found)):
        found[n] = law.memory * found[n - 1] + np.sqrt(1.0 - law.memory**2) * steps[n]
    return found
