"""The fortnight forecast tried on public series: many past days, each forecast from what was then.

Only totals are published, so `by people` begins with the stays of a ward in balance: it is tried
without what a census adds. Spreads and levels know only the days before.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
from msgspec import Struct

from joinedup.planning import engine
from joinedup.planning.calibrate.play import begun
from joinedup.planning.calibrate.winters import WEEKS, Winter
from joinedup.planning.files.parameters import draw_values
from joinedup.planning.forecast.days import BEDS, READY, public_days
from joinedup.planning.forecast.fan import DAYS, Fan, as_last_week, as_now, fan_of, widened
from joinedup.planning.forecast.fortnight import BY_LEVEL, BY_PEOPLE, DOUBT, by_level
from joinedup.planning.forecast.level import LEAST_DAYS, MOST_DAYS
from joinedup.planning.forecast.scoring import Score, score_of
from joinedup.planning.forecast.stored import AS_LAST_WEEK, AS_NOW
from joinedup.planning.places import place
from joinedup.planning.statistics import HELD, IN_USE, Floats

__all__ = ["KINDS", "Tried", "days_to_try", "try_all", "try_day"]

KINDS = (BY_PEOPLE, BY_LEVEL, AS_NOW, AS_LAST_WEEK)
# Days after which a system's beds before the pandemic end: later winters are not like it.
_LAST = {BEDS: date(2020, 2, 15), READY: date(2024, 8, 17)}
_EVERY = {BEDS: 9, READY: 23}  # days, so that every weekday is begun on
_MOST_UNKNOWN = 3


class Tried(Struct, frozen=True):
    """One day's forecast of one system: the level it began at, and the score of each kind."""

    code: str
    measure: str
    made: date
    level: float
    scores: dict[str, Score]


def days_to_try(code: str, measure: str) -> tuple[date, ...]:
    """Return the days of a system that have enough days counted before and after."""
    series = public_days(code, measure)
    first, last = min(series.counts), min(max(series.counts), _LAST[measure])
    found = []
    day = first + timedelta(days=LEAST_DAYS + 6)
    while day <= last:
        past, seen = series.until(day, MOST_DAYS), series.after(day, DAYS)
        enough = int((~np.isnan(past[-LEAST_DAYS - 7 :])).sum()) >= LEAST_DAYS + 2
        if enough and not np.isnan(past[-1]) and int(np.isnan(seen).sum()) <= _MOST_UNKNOWN:
            found.append(day)
        day += timedelta(days=_EVERY[measure])
    return tuple(found)


def try_day(code: str, measure: str, made: date, *, draws: int, seed: int = 1) -> Tried:
    """Return how each kind of forecast made on a day did on the fortnight after it."""
    series = public_days(code, measure)
    past, seen = series.until(made, MOST_DAYS), series.after(made, DAYS)
    first = made + timedelta(days=1)
    today = float(past[-1])
    fans: dict[str, Fan] = {AS_NOW: as_now(first, past), AS_LAST_WEEK: as_last_week(first, past)}
    level = by_level(series, made, today)
    assert level is not None, "days to try have three weeks before them"
    fans[BY_LEVEL] = level
    if draws:
        samples = _played(code, measure, made, today, draws=draws, seed=seed)
        fans[BY_PEOPLE] = fan_of(first, widened(samples, DOUBT[measure]))
    scores = {kind: score_of(fan, seen) for kind, fan in fans.items()}
    return Tried(code, measure, made, today, {k: s for k, s in scores.items() if s is not None})


def try_all(
    codes: Sequence[str],
    measure: str,
    *,
    draws: int,
    told: Callable[[str], None] = lambda _: None,
) -> list[Tried]:
    """Try every day of the systems."""
    found = []
    for code in codes:
        found += [try_day(code, measure, day, draws=draws) for day in days_to_try(code, measure)]
        told(code)
    return found


def _played(code: str, measure: str, made: date, today: float, *, draws: int, seed: int) -> Floats:
    beds = measure == BEDS
    first = made + timedelta(days=1)
    winter = f"{first.year - (first.month < 7)}-{(first.year + (first.month >= 7)) % 100:02d}"
    of = place(code, on=first, days=DAYS, without=(winter,), warm_up_days=0)
    then = Winter(winter, made - timedelta(days=6), today, np.zeros(WEEKS))
    found = np.empty((draws, DAYS))
    for n in range(draws):
        values = draw_values(of.parameters, seed=seed, number=n)
        network, others = begun(of, values, then, beds=beds)
        outcome = engine.simulate(network, seed=seed, runs=[n], threads=1)
        at = outcome.services.index("beds")
        found[n] = outcome.ends[0, :, at, IN_USE if beds else HELD] + others
    return found
