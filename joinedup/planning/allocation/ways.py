"""Six ways to spend money on a place's winter, as changes of a scenario.

Places of care are bought at published prices. What assessing together, carers' breaks and
prevention do for their money nobody publishes: those figures are assumed (`places/ways`), wide.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from msgspec import Struct

from joinedup.planning.places import Place
from joinedup.planning.scenarios.model import (
    CareBreaks,
    Change,
    Grant,
    Option,
    Prevention,
    TurnRound,
)
from joinedup.reference.tables import Row, value

__all__ = ["WAYS", "Way", "option_of", "way_named"]

_AGED = ("middle", "older")
_ANY_DAY = date(2025, 8, 1)
MOST_SHARE = 0.5  # nothing here halves admissions: a share beyond it would be a fault of the sums


class Way(Struct, frozen=True):
    """A way to spend: its name for people, and whether a source gives what it does."""

    name: str
    assumed: bool
    workers: bool


WAYS = (
    Way("home care", assumed=False, workers=True),
    Way("reablement", assumed=False, workers=True),
    Way("community beds", assumed=False, workers=False),
    Way("assessing together", assumed=True, workers=False),
    Way("carers' breaks", assumed=True, workers=False),
    Way("prevention", assumed=True, workers=False),
)


def way_named(name: str) -> Way:
    """Return a way by its name; KeyError names those there are."""
    for way in WAYS:
        if way.name == name:
            return way
    raise KeyError(f"there is no way {name!r}: use one of {', '.join(w.name for w in WAYS)}")


def option_of(place: Place, way: Way, pounds: float, *, begins: date, ends: date) -> Option:
    """Return what so many pounds do when spent evenly on one way in one place."""
    return Option(f"{way.name} {pounds:.0f}", (change_of(place, way, pounds, begins, ends),))


def change_of(place: Place, way: Way, pounds: float, begins: date, ends: date) -> Change:
    """Return the change that the money makes from a day to a day, both included."""
    days = (ends - begins).days + 1
    match way.name:
        case "home care":
            return Grant(pounds, "home care", begins=begins, ends=ends)
        case "reablement":
            return Grant(pounds, "reablement", begins=begins, ends=ends)
        case "community beds":
            return Grant(pounds, "community beds", begins=begins, ends=ends)
        case "assessing together":
            return _together(place, pounds, days)
        case "carers' breaks":
            fewer, told, sd = _avoided(place, pounds, days, "break")
            return CareBreaks(fewer, 0.0, told, sd)
    fewer, told, sd = _avoided(place, pounds, days, "prevention")
    return Prevention(fewer, told, sd)


def _together(place: Place, pounds: float, days: int) -> TurnRound:
    """Assess as many together as the money pays; the mean over all who need care is that part."""
    known = _known(place)
    needing = known["needing"] * days
    part = min(1.0, pounds / _figure("assessment_pounds") / needing)
    row = _row("assessment_sooner_days")
    return TurnRound(part * float(row["value"]), row["source"], float(row["size"]))


def _avoided(place: Place, pounds: float, days: int, kind: str) -> tuple[float, str, float]:
    """Return the share of admissions of people of 65 and over that do not happen."""
    known = _known(place)
    aged = sum(known["long_a_day"] * known[f"share_{age}"] for age in _AGED) * days
    row = _row(f"{kind}_admissions_avoided")
    fewer = pounds / _figure(f"{kind}_pounds") * float(row["value"])
    return min(MOST_SHARE, fewer / aged), row["source"], float(row["size"])


def _known(place: Place) -> Mapping[str, float]:
    return {k: v for k, v in place.model.reckon().items() if isinstance(v, int | float)}


def _figure(name: str) -> float:
    return float(_row(name)["value"])


@lru_cache(maxsize=32)
def _row(name: str) -> Row:
    return value("places/ways", name, on=_ANY_DAY)
