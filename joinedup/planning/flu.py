"""Flu: a wave of admissions each winter, its size, peak and width fitted to past winters.

Fitted to UKHSA's weekly admission rates (reference `places/flu_weeks`). Winters differ, so size,
peak and width are parameters of nature "winter": each played winter draws its own, by name.
"""

import math
from datetime import date

import numpy as np
from msgspec import Struct
from scipy.optimize import curve_fit

from joinedup.planning.files.parameters import LognormalSpread, NormalSpread, Parameter
from joinedup.planning.statistics import Floats
from joinedup.reference.tables import rows

__all__ = [
    "LEFT_OUT",
    "FluWinter",
    "age_factor",
    "fit_table",
    "flu_parameters",
    "past_winters",
    "wave_on",
]

# Two winters of the pandemic had no flu to speak of; the last in the table had not ended.
LEFT_OUT = ("2014-15", "2020-21", "2021-22", "2025-26")
_SOURCE = "fitted by joinedup to UKHSA weekly admission rates, England, {} winters {} to {}"
_ANY_DAY = date(2025, 8, 1)


class FluWinter(Struct, frozen=True):
    """A winter's wave: people admitted per 100,000, the peak in days from 1 October, its width.

    `explained` is the share of the weekly variance explained; `largest_residual` is per 100,000 a
    week.
    """

    winter: str
    people_per_100000: float
    peak_day: float
    width_days: float
    explained: float
    largest_residual: float


def wave_on(days: Floats, people: float, peak: float, width: float) -> Floats:
    """Return admissions a day of a wave, at days from 1 October."""
    found: Floats = (
        people / (width * math.sqrt(2.0 * math.pi)) * np.exp(-0.5 * ((days - peak) / width) ** 2)
    )
    return found


def past_winters(*, without: tuple[str, ...] = ()) -> tuple[FluWinter, ...]:
    """Return the fitted wave of every whole winter that had flu, but for those left out."""
    weeks: dict[str, list[tuple[float, float]]] = {}
    for row in rows("places/flu_weeks", on=_ANY_DAY):
        first = date(int(row["winter"][:4]), 10, 1)
        middle = (date.fromisoformat(row["monday"]) - first).days + 3.5
        weeks.setdefault(row["winter"], []).append((middle, float(row["per_100000"])))
    return tuple(
        _fit(winter, weeks[winter])
        for winter in sorted(weeks)
        if winter not in LEFT_OUT and winter not in without
    )


def _fit(winter: str, weeks: list[tuple[float, float]]) -> FluWinter:
    days, rate = np.array(weeks).T
    start = (rate.sum(), days[rate.argmax()], 25.0)
    (people, peak, width), _ = curve_fit(lambda t, *p: 7.0 * wave_on(t, *p), days, rate, p0=start)
    left = rate - 7.0 * wave_on(days, people, peak, width)
    return FluWinter(
        winter=winter,
        people_per_100000=float(people),
        peak_day=float(peak),
        width_days=float(abs(width)),
        explained=float(1.0 - left.var() / rate.var()),
        largest_residual=float(np.abs(left).max()),
    )


def flu_parameters(*, without: tuple[str, ...] = ()) -> tuple[Parameter, ...]:
    """Return size, peak and width as parameters that differ from winter to winter.

    The spread is that of a winter not seen: the winters' own, and that of their mean. The three
    are drawn apart: of eight winters the largest correlation (peak and width, 0.6) would come by
    chance once in ten.
    """
    seen = past_winters(without=without)
    more = math.sqrt(1.0 + 1.0 / len(seen))
    source = _SOURCE.format(len(seen), seen[0].winter, seen[-1].winter)
    size = np.log([w.people_per_100000 for w in seen])
    peak = np.array([w.peak_day for w in seen])
    width = np.log([w.width_days for w in seen])

    def parameter(name: str, value: float, spread: LognormalSpread | NormalSpread) -> Parameter:
        unit = "people per 100,000" if name == "flu_size" else "days"
        return Parameter(name, value, source, seen[-1].winter, spread, unit=unit, nature="winter")

    return (
        parameter("flu_size", math.exp(size.mean()), LognormalSpread(_sd(size) * more)),
        parameter("flu_peak", float(peak.mean()), NormalSpread(_sd(peak) * more)),
        parameter("flu_width", math.exp(width.mean()), LognormalSpread(_sd(width) * more)),
    )


def _sd(values: Floats) -> float:
    return float(values.std(ddof=1))


def age_factor(people: dict[str, float], england: dict[str, float]) -> float:
    """Return how many more are admitted per person than in England, for a place's ages.

    By the admission rates of each age band in the winters published by age.
    """
    rates: dict[str, float] = {}
    for row in rows("places/flu_ages", on=_ANY_DAY):
        if row["winter"] not in LEFT_OUT:
            rates[row["band"]] = rates.get(row["band"], 0.0) + float(row["per_100000"])

    def mean(bands: dict[str, float]) -> float:
        return sum(bands[band] * rates[band] for band in bands) / sum(bands.values())

    return mean(people) / mean(england)


def fit_table() -> tuple[tuple[str, ...], ...]:
    """Return the fit of every winter with its residuals, a header first."""
    head = ("winter", "per 100,000", "peak", "width, days", "explained", "largest residual a week")
    found = [head]
    for w in past_winters():
        peak = date.fromordinal(date(int(w.winter[:4]), 10, 1).toordinal() + round(w.peak_day))
        found.append((
            w.winter, f"{w.people_per_100000:.1f}", peak.strftime("%d %b"), f"{w.width_days:.0f}",
            f"{w.explained:.2f}", f"{w.largest_residual:.2f}",
        ))  # fmt: skip
    return tuple(found)
