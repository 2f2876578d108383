"""Winters played person by person by the planning engine, with and without money, on equal luck.

Four years of a place: every year its own flu, admissions and supply of care; in the last the money
opens places of care. The truth is what the same year without it had more of people waiting in bed.
"""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

import msgspec
import numpy as np
from msgspec import Struct

from joinedup.measures.freed.values import Question, Series, WinterSize
from joinedup.planning import engine, places
from joinedup.planning.files.parameters import draw_values
from joinedup.planning.places import Place
from joinedup.planning.scenarios.by_day import to_days
from joinedup.planning.scenarios.changes import Draw, changed
from joinedup.planning.scenarios.model import Places
from joinedup.planning.statistics import Floats

__all__ = ["Winter", "played_winter"]

CARE = ("home care", "reablement", "community beds", "care homes")
BOUGHT = (("home care",), ("community beds",), ("home care", "reablement", "community beds"))
NAMES = ("Gloucestershire", "Lincolnshire", "Nottinghamshire")
FIGURES_OF = (2022, 2023, 2024, 2025)  # years whose figures are played, in an order by chance
BEGINS, MONEY, ENDS = (9, 1), (12, 1), (2, 28)
PLAYED_DAYS = 182
YEAR_SD = 0.02  # of a year's admissions, and of each supply, about the usual
MISSING = 0.05
SEED = 20181002


class Winter(Struct, frozen=True):
    """A question, and the bed-days that the money truly freed on the days that were counted."""

    question: Question
    truth: float


class _Year(Struct, frozen=True):
    """One year as it was: waiting by kind of care and day, without the money and with it."""

    without: Floats
    with_money: Floats
    came: Floats
    flu: Floats


def played_winter(number: int, *, effect: bool, years: int = 4) -> Winter:
    """Return winter `number`: for ever the same; of each number the place and money differ."""
    luck = np.random.default_rng([SEED, number])
    name = NAMES[number % len(NAMES)]
    bought = BOUGHT[int(luck.integers(len(BOUGHT)))]
    share = float(luck.uniform(0.02, 0.10)) if effect else 0.0
    figures = luck.permutation(np.resize(FIGURES_OF, years))
    lots = []
    for back in range(years):
        place = _place(name, int(figures[back]))
        draw = _year_of(place, number, back, luck)
        option = (bought, share) if back == 0 and effect else ((), 0.0)
        lots.append(_played(draw, number * 16 + back, luck, *option))
    return _asked(lots, [CARE.index(one) for one in bought], luck)


@lru_cache(maxsize=32)
def _place(name: str, year: int) -> Place:
    return places.place(name, on=date(year, *BEGINS), days=PLAYED_DAYS)


def _year_of(place: Place, number: int, back: int, luck: np.random.Generator) -> Draw:
    """Return a year of a place: what is unknown of it the same in all, its winter its own."""
    doubt = draw_values(place.parameters, seed=SEED, number=number)
    winter = draw_values(place.parameters, seed=SEED, number=1_000_000 + number * 16 + back)
    values = {p.name: (winter if p.nature == "winter" else doubt)[p.name] for p in place.parameters}
    usual = values["emergency_a_day"]
    assert isinstance(usual, float)
    values["emergency_a_day"] = usual * math.exp(luck.normal(0.0, YEAR_SD))
    return Draw(place, place.model.network(values), values, SEED, number)


def _played(
    draw: Draw, run: int, luck: np.random.Generator, bought: Sequence[str], share: float
) -> _Year:
    begins = draw.place.model.starts
    supply = [
        Places(one, share=math.exp(luck.normal(0.0, YEAR_SD)) - 1.0, begins=begins) for one in CARE
    ]
    money = date(draw.place.on.year, *MONEY)
    more = [Places(one, share=share, begins=money) for one in bought]
    networks = [changed(draw, supply), changed(draw, [*supply, *more])]
    outcomes = [
        engine.simulate(network, seed=SEED, runs=[run], threads=1)
        for network in networks[: 2 if more else 1]
    ]
    first = outcomes[0]
    at = [first.services.index(one) for one in CARE]
    waiting = [one.ends[0, :, :, 2][:, at].astype(np.float64) for one in outcomes]
    wave = next(c.arrivals for c in networks[0].classes if c.name == "flu")
    assert wave is not None
    expected = to_days(wave, networks[0].horizon)[-PLAYED_DAYS:]
    return _Year(
        without=waiting[0],
        with_money=waiting[-1],
        came=first.areas[0, :, first.services.index("emergency department"), 0],
        flu=luck.poisson(expected).astype(np.float64),
    )


def _asked(lots: Sequence[_Year], touched: Sequence[int], luck: np.random.Generator) -> Winter:
    """Return the years as counts by day, some days missing, the last of them with the money."""
    year = 2026
    counts: list[dict[date, int | None]] = [{} for _ in CARE]
    came: dict[date, float | None] = {}
    flu: dict[date, float | None] = {}
    first, last = date(year, *MONEY), date(year + 1, *ENDS)
    truth = 0.0
    for back, lot in enumerate(lots):
        # Whole weeks apart, so that the days of the week are those that were played.
        starts = date(year, *BEGINS) - timedelta(weeks=52 * back)
        for n in range(PLAYED_DAYS):
            day = starts + timedelta(days=n)
            came[day], flu[day] = float(lot.came[n]), float(lot.flu[n])
            lost = luck.random() < MISSING
            for kind in range(len(CARE)):
                counts[kind][day] = None if lost else int(lot.with_money[n, kind])
            if back == 0 and not lost and first <= day <= last:
                truth += float((lot.without[n] - lot.with_money[n])[list(touched)].sum())
    series = [Series("the hospital", CARE[n], counts[n]) for n in range(len(CARE))]
    question = Question(
        touched=tuple(series[n] for n in touched),
        untouched=tuple(s for n, s in enumerate(series) if n not in touched),
        sizes=(WinterSize("people who came", came), WinterSize("flu", flu)),
        first=first,
        last=last,
        as_of=last + timedelta(days=10),
    )
    return Winter(question, truth)


def doubled(series: Series) -> Series:
    """Return the series with every count twice."""
    return msgspec.structs.replace(
        series, days={day: None if n is None else 2 * n for day, n in series.days.items()}
    )
