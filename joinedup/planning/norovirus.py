"""Norovirus: beds shut by outbreaks, their number, size and length fitted to past winters.

From the winter sitreps of 2015-16 to 2019-20 (reference `places/winters`), the last that counted
them. A shut bed may have somebody in it, who goes on needing it: what admissions lose is the
empty ones, and closures in the model are those.
"""

import math
from datetime import date

import numpy as np
from msgspec import Struct
from scipy.optimize import brentq

from joinedup.planning.files.parameters import LognormalSpread, Parameter
from joinedup.planning.statistics import Floats
from joinedup.reference.tables import Row, rows

__all__ = ["Closing", "closing", "norovirus_parameters"]

_ANY_DAY = date(2025, 8, 1)
_SOURCE = (
    "fitted by joinedup to NHS England winter daily sitreps, beds closed by diarrhoea and "
    "vomiting, {} to {}"
)
MOST_SHARE, LEAST_SHARE = 0.03, 0.0005


class Closing(Struct, frozen=True):
    """A place's closures: share of beds shut on a winter's day; England's spread over winters.

    A place's own winters differ more, by the luck of its few outbreaks, which the model plays.
    `beds` are shut by one outbreak for `days`; of them `empty_share` are empty.
    """

    share: float
    winters_sd: float
    beds: float
    days: float
    empty_share: float
    winters: tuple[str, ...]


def closing(code: str, *, without: tuple[str, ...] = ()) -> Closing:
    """Return the fit for a system (or ENG); size and length are pooled over England's systems.

    A system's level is its own winters' mean. Size and length come from how weekly means vary
    and hang together (an outbreak of S beds gives a variance of S times the mean, and one of D
    days an autocorrelation that falls by e in D days), corrected for short series.
    """
    weeks = _weeks(without)
    mine = {winter: table for (one, winter), table in weeks.items() if one == code}
    levels = np.array([table[:, 1].sum() / table[:, 0].sum() for table in mine.values()])
    level = float(np.clip(levels.mean(), LEAST_SHARE, MOST_SHARE))
    beds, days = _outbreak(weeks)
    all_of_it = [table for (one, _), table in weeks.items() if one == "ENG"]
    england = np.concatenate(all_of_it)
    logs = np.log([table[:, 1].sum() / table[:, 0].sum() for table in all_of_it])
    return Closing(
        share=level,
        winters_sd=float(logs.std(ddof=1)),
        beds=beds,
        days=days,
        empty_share=float(england[:, 2].sum() / england[:, 1].sum()),
        winters=tuple(sorted(mine)),
    )


def norovirus_parameters(code: str, *, without: tuple[str, ...] = ()) -> tuple[Parameter, ...]:
    """Return the parameters of a system's closures; the level differs from winter to winter."""
    fit = closing(code, without=without)
    source = _SOURCE.format(fit.winters[0], fit.winters[-1])

    def parameter(name: str, value: float, sd: float, unit: str, *, winter: bool) -> Parameter:
        spread = LognormalSpread(sd)
        return Parameter(
            name, value, source, "2020-03", spread,
            unit=unit, nature="winter" if winter else "doubt",
        )  # fmt: skip

    more = math.sqrt(1.0 + 1.0 / len(fit.winters))
    level = parameter(
        "norovirus_share", fit.share, fit.winters_sd * more, "share of beds shut", winter=True
    )
    return (
        level,
        parameter("norovirus_beds", fit.beds, 0.25, "beds an outbreak", winter=False),
        parameter("norovirus_days", fit.days, 0.25, "days", winter=False),
        parameter("norovirus_empty", fit.empty_share, 0.1, "share of shut beds", winter=False),
    )


def _weeks(without: tuple[str, ...]) -> dict[tuple[str, str], Floats]:
    """Return (open, closed, closed and empty) by week for every system's winter."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows("places/winters", on=_ANY_DAY):
        if row["closed"] and row["winter"] < "2020" and row["winter"] not in without:
            found.setdefault((row["code"], row["winter"]), []).append(row)
    return {
        key: np.array([
            [float(r["open"]), float(r["closed"]), float(r["closed_empty"] or 0.0)]
            for r in sorted(table, key=lambda r: r["monday"])
        ])
        for key, table in found.items()
    }  # fmt: skip


def _outbreak(weeks: dict[tuple[str, str], Floats]) -> tuple[float, float]:
    """Return beds and days of an outbreak, from all systems' winters of at least eight weeks."""
    along, own, means, lengths = [], [], [], []
    for (code, _), table in weeks.items():
        closed = table[:, 1]
        if code == "ENG" or len(closed) < 8:
            continue
        apart = closed - closed.mean()
        along.append(float((apart[1:] * apart[:-1]).mean()))
        own.append(float(apart @ apart / (len(closed) - 1)))
        means.append(float(closed.mean()))
        lengths.append(len(closed))
    seen = sum(along) / sum(own)
    length = sum(lengths) / len(lengths)
    # The autocorrelation of a short series is seen too low by (1 + 3 r) / n (Marriott, Pope 1954).
    correlation = min((seen * length + 1.0) / (length - 3.0), 0.95)
    weeks_to_days = brentq(lambda x: _weekly_correlation(x) - correlation, 0.05, 20.0)
    spread = 2.0 * (weeks_to_days - 1.0 + math.exp(-weeks_to_days)) / weeks_to_days**2
    return sum(own) / sum(means) / spread, 7.0 / weeks_to_days


def _weekly_correlation(x: float) -> float:
    """Return the correlation of neighbouring weekly means of what falls by e in 7 / x days."""
    return (1.0 - math.exp(-x)) ** 2 / (2.0 * (x - 1.0 + math.exp(-x)))
