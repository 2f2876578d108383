"""People by place, sex and age band, between the years of the projection.

Mid-year figures of ONS's 2018-based projection on the mid-2020 estimates (`places/population`).
"""

from datetime import date
from functools import lru_cache

from joinedup.reference.tables import rows

__all__ = ["BROAD", "broad", "people", "projected_until"]

# The three ages that stays and care needs are told apart by.
BROAD = {
    "under 65": ("0-4", "5-14", "15-44", "45-54", "55-64"),
    "65 to 84": ("65-74", "75-84"),
    "85 and over": ("85+",),
}
FIRST, LAST = 2018, 2043
projected_until = date(LAST, 6, 30)


def people(codes: tuple[str, ...], *, on: date, sex: str | None = None) -> dict[str, float]:
    """Return people by age band in these systems on a day, straight between mid-years.

    Days before mid-2018 or after mid-2043 get the nearest year's figure.
    """
    return dict(_people(codes, on, sex))


@lru_cache(maxsize=2048)
def _people(codes: tuple[str, ...], on: date, sex: str | None) -> dict[str, float]:
    time = on.year + (on - date(on.year, 7, 1)).days / 365.25
    time = min(max(time, float(FIRST)), float(LAST))
    year = min(int(time), LAST - 1)
    part = time - year
    found: dict[str, float] = {}
    table = _table()
    for code in codes:
        for (one_sex, band), by_year in table[code].items():
            if sex in (None, one_sex):
                now, then = by_year[year - FIRST], by_year[year + 1 - FIRST]
                found[band] = found.get(band, 0.0) + now + (then - now) * part
    return found


def broad(bands: dict[str, float]) -> dict[str, float]:
    """Return people in the three broad ages."""
    return {age: sum(bands[band] for band in parts) for age, parts in BROAD.items()}


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[tuple[str, str], tuple[float, ...]]]:
    found: dict[str, dict[tuple[str, str], tuple[float, ...]]] = {}
    for row in rows("places/population", on=date(2025, 8, 1)):
        values = tuple(float(row[str(year)]) for year in range(FIRST, LAST + 1))
        found.setdefault(row["code"], {})[row["sex"], row["band"]] = values
    return found
