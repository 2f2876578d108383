"""What a pound opens and what there is: so that a plan buys no care that nobody could give.

Care at home is measured against everybody of 65 and over whom councils support at home, since the
same workers visit them; community beds against those reckoned from discharges.
"""

from datetime import date, timedelta
from functools import lru_cache

from msgspec import Struct

from joinedup.planning.allocation.winter import Winter
from joinedup.planning.scenarios.model import Care, Grant
from joinedup.planning.scenarios.supply import bought
from joinedup.reference.tables import rows

__all__ = ["AT_HOME", "IN_BEDS", "POOLS", "Supply", "supply_of"]

AT_HOME, IN_BEDS = "care at home", "community beds"
POOLS: dict[Care, str] = {
    "home care": AT_HOME,
    "reablement": AT_HOME,
    "community beds": IN_BEDS,
}
MILLION = 1e6
_ANY_DAY = date(2025, 8, 1)


class Supply(Struct, frozen=True):
    """Places that a pound opens by way, and places there are by kind of care."""

    a_pound: dict[str, float]
    there: dict[str, float]


def supply_of(code: str, winter: Winter) -> Supply:
    """Return a system's supply, with the figures of its table."""
    place = winter.place(code)
    values = place.model.reckon()
    horizon = float(winter.days + (winter.begins - place.model.starts) / timedelta(days=1))
    a_pound: dict[str, float] = {}
    there = {AT_HOME: _supported_at_home(code), IN_BEDS: 0.0}
    for service, pool in POOLS.items():
        grant = Grant(MILLION, service, begins=winter.begins, ends=winter.ends)
        (lot,) = bought(place, grant, place.model.values, horizon=horizon, seed=0, number=0)
        a_pound[service] = lot.places / MILLION
        places = values[f"{service.replace(' ', '_')}_places"]
        assert isinstance(places, int | float)
        there[pool] += float(places)
    return Supply(a_pound, there)


def _supported_at_home(code: str) -> float:
    return _care()[code, "long_term_at_home_65"]


@lru_cache(maxsize=1)
def _care() -> dict[tuple[str, str], float]:
    table = rows("places/care", on=_ANY_DAY)
    return {(r["code"], r["figure"]): float(r["number"]) for r in table}
