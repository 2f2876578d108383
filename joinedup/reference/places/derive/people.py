"""Tables of people: the systems, their population by age and sex, general practice, flu by age."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from joinedup.reference.places.derive.sources import (
    BOARD_OF_AREA,
    boards,
    boards_of_districts,
    number,
    read,
)

__all__ = ["BANDS", "flu_ages", "flu_weeks", "population", "practice", "systems"]

# The bands in which UKHSA publishes flu; older than 84 is where stays and care needs are longest.
BANDS = ("0-4", "5-14", "15-44", "45-54", "55-64", "65-74", "75-84", "85+")
_STARTS = (0, 5, 15, 45, 55, 65, 75, 85)
_YEARS = [str(year) for year in range(2018, 2044)]
_FLU = "04_winter_virus/ukhsa_flu_hospital_admission_rate_weekly_england_2015_2025.csv"
Line = tuple[object, ...]


def systems(folder: Path) -> Iterator[Line]:
    """Yield (code, ONS code, name) of the 42 integrated care systems."""
    for ons, (code, name) in sorted(boards(folder).items(), key=lambda one: one[1]):
        plain = re.sub(r"^NHS (.*) Integrated Care Board$", r"\1", name)
        yield code, ons, plain


def population(folder: Path) -> Iterator[Line]:
    """Yield (code, sex, band, people in mid-2018, ... mid-2043).

    The mid-2020 estimate of each district, shared out by small areas, times the growth that the
    2018-based projection gives the board's areas of 2018 in that band.
    """
    now = _estimates(folder)
    growth: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0.0] * len(_YEARS))
    for r in read(folder, "01_population/ons_snpp_2018based_ccg_5yr_age_sex_2018_2043.csv.gz"):
        area = re.sub(r"^NHS | CCG$| CC$", "", r["area"]).strip()
        board = BOARD_OF_AREA.get(area)
        first = re.match(r"\d+", r["age_group"])
        if board is None or first is None or r["sex"] not in ("Males", "Females"):
            continue
        key = (board, r["sex"].lower(), _band(int(first[0])))
        growth[key] = [a + float(r[y]) for a, y in zip(growth[key], _YEARS, strict=True)]
    base = _YEARS.index("2020")
    for key in sorted(growth):
        path = growth[key]
        yield *key, *(round(now[key] * value / path[base]) for value in path)


def practice(folder: Path) -> Iterator[Line]:
    """Yield (code, registered people, GPs per 100,000, share of appointments over 4 weeks)."""
    registered = {
        r["ICB"]: float(r["Population"])
        for r in read(
            folder, "07_money_unit_costs/icb_allocation_weighted_populations_by_icb_2025-26.csv"
        )
    }
    doctors = "Primary care workforce (FTEs) per 100,000 population (GP)"
    waits = "Proportion of attended GP appointments (over 4 weeks wait time)"
    panel: dict[tuple[str, str], tuple[str, float]] = {}
    name = "02_urgent_care_beds/icb_annual_panel_demand_capacity_performance_2012_2023.csv.gz"
    for r in read(folder, name):
        value = number(r["value"])
        if r["metric"] in (doctors, waits) and value is not None:
            key = (r["org"], r["metric"])
            panel[key] = max(panel.get(key, ("", 0.0)), (r["year"], value))
    for code in sorted(registered):
        fte, late = panel[code, doctors][1], panel[code, waits][1]
        yield code, round(registered[code]), round(fte, 1), round(late / 100.0, 4)


def flu_weeks(folder: Path) -> Iterator[Line]:
    """Yield (winter, Monday, admissions per 100,000), England, of all ages."""
    for r in sorted(read(folder, _FLU), key=lambda row: row["date"]):
        if r["age"] == "all":
            yield _winter(r["date"]), r["date"], r["value"]


def flu_ages(folder: Path) -> Iterator[Line]:
    """Yield (winter, band, admissions per 100,000 of the band in the whole winter)."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for r in read(folder, _FLU):
        if r["age"] == "all" or number(r["value"]) is None:
            continue
        band = next((b for b in BANDS if b == r["age"].removeprefix("0").replace("-0", "-")), "")
        band = band or {"00-04": "0-4", "05-14": "5-14"}[r["age"]]
        sums[_winter(r["date"]), band] += float(r["value"])
    for (winter, band), total in sorted(sums.items()):
        yield winter, band, round(total, 2)


def _winter(day: str) -> str:
    year = int(day[:4]) - (day[5:7] < "07")
    return f"{year}-{(year + 1) % 100:02d}"


def _estimates(folder: Path) -> dict[tuple[str, str, str], float]:
    shares = boards_of_districts(folder)
    found: dict[tuple[str, str, str], float] = defaultdict(float)
    name = "01_population/ons_mid_year_estimates_la_sex_syoa_2015_2020.csv.gz"
    for r in read(folder, name):
        if r["year"] != "2020" or r["code"] not in shares:
            continue
        sex = {"M": "males", "F": "females"}[r["sex"]]
        for age in range(91):
            for board, share in shares[r["code"]].items():
                found[board, sex, _band(age)] += share * float(r[str(age)])
    return found


def _band(age: int) -> str:
    return BANDS[max(i for i, start in enumerate(_STARTS) if start <= age)]
