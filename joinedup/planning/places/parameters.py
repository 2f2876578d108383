"""From figures to parameters: every number with its source, its date and how unsure it is."""

from datetime import date
from functools import lru_cache

from joinedup.planning import flu, norovirus, population
from joinedup.planning.files.parameters import (
    Beta,
    Known,
    LognormalSpread,
    NormalSpread,
    Parameter,
    Spread,
)
from joinedup.planning.places.figures import Figures, figures
from joinedup.planning.places.names import names
from joinedup.reference.tables import Row, notes, value

__all__ = ["AGES", "from_table", "national_parameters", "system_parameters"]

# What the broad ages are called in names of parameters.
AGES = {"under 65": "younger", "65 to 84": "middle", "85 and over": "older"}
_NATIONAL = (
    "short_share", "short_days", "elective_days", "elective_sd_days", "stay_older_factor",
    "stay_middle_factor", "stay_younger_factor", "stay_variation", "admissions_per_1000_younger",
    "admissions_per_1000_middle", "admissions_per_1000_older", "care_need_younger",
    "care_need_older", "home_care_days", "home_care_sd_days", "reablement_days",
    "reablement_sd_days", "community_bed_days", "community_bed_sd_days", "care_home_days",
    "care_home_sd_days", "patience_days", "emergency_department_days", "flu_days", "flu_sd_days",
    "usable_share",
)  # fmt: skip
_MONDAY_FIRST = (1.08, 1.01, 0.99, 0.98, 0.98, 0.97, 0.99)
_PLANNED_WEEK = (1.25, 1.3, 1.3, 1.3, 1.2, 0.35, 0.3)
_SHUT_BY_MONTH = (1.0, 1.0, 1.0, 0.8, 0.5, 0.3, 0.3, 0.3, 0.3, 0.5, 0.8, 1.0)
_ADMISSIONS = "NHS England, emergency admissions by system, taken as by where people live"
_ATTENDANCES = "NHS England, A&E attendances by system, taken as by where people live"
_BEDS = "NHS England, general and acute beds by trust, where the trusts stand"
_READY = "NHS England, acute discharge sitrep by system, a year's mean"
_REASONS = "NHS England, delays of stays over 7 days by reason, Jun 2024 - May 2025"
_BORDERS = "OHID/ONS, share of each trust's patients by system, and beds"
_PEOPLE = "ONS mid-2020 estimates and 2018-based projection"
_RECKONED = "no source; reckoned fair by joinedup"


def national_parameters(*, on: date, without: tuple[str, ...] = ()) -> tuple[Parameter, ...]:
    """Return the parameters that all systems share; winters named in `without` are not fitted."""
    found = [from_table(name, on) for name in _NATIONAL]
    found += _needs(on)
    found += flu.flu_parameters(without=without)
    shut = norovirus.norovirus_parameters("ENG", without=without)
    found += [p for p in shut if p.name != "norovirus_share"]

    def assumed(name: str, values: tuple[float, ...], sd: float) -> Parameter:
        return Parameter(
            name, values, _RECKONED, "2024", LognormalSpread(sd), assumed=True, unit="factor"
        )

    return (
        *found,
        assumed("emergency_by_weekday", _MONDAY_FIRST, 0.02),
        assumed("planned_by_weekday", _PLANNED_WEEK, 0.05),
        assumed("norovirus_by_month", _SHUT_BY_MONTH, 0.2),
    )


def system_parameters(
    code: str, prefix: str, *, on: date, without: tuple[str, ...] = ()
) -> tuple[Parameter, ...]:
    """Return one system's own parameters, their names beginning with the prefix."""
    f = figures(code, on=on)
    return tuple(
        Parameter(prefix + name, found, source, day, spread, assumed=assumed, unit=unit)
        for name, found, source, day, spread, unit, assumed in (
            *_hospital(f),
            *_people(f),
            *_care(f),
        )
    ) + tuple(
        Parameter(
            prefix + p.name, p.value, p.source, p.date, p.spread, unit=p.unit, nature="winter"
        )
        for p in norovirus.norovirus_parameters(code, without=without)
        if p.name == "norovirus_share"
    )


Line = tuple[str, float | tuple[float, ...], str, str, Spread, str, bool]


def _hospital(f: Figures) -> list[Line]:
    h = f.hospital
    # Beyond the year of figures: people grow older, and nothing else is foreseen.
    growth = _grown(f)
    return [
        ("emergency_a_day", h.emergency_a_day * growth - h.flu_a_day, f"{_ADMISSIONS}, without flu",
         h.until, LognormalSpread(0.02), "people a day", False),
        ("attendances_a_day", h.attendances_a_day * growth, _ATTENDANCES, h.until,
         LognormalSpread(0.02), "people a day", False),
        ("emergency_by_month", h.by_month, _ADMISSIONS + ", without flu", h.until,
         LognormalSpread(0.012), "factor", False),
        ("occupied", h.occupied, _BEDS, h.beds_until, LognormalSpread(0.01), "beds", False),
        ("beds_by_month", h.open_by_month, _BEDS, h.beds_until, Known(), "beds", False),
        ("beds_open", sum(h.open_by_month) / 12, _BEDS, h.beds_until, Known(), "beds", False),
        ("flu_a_day", max(h.flu_a_day, 0.01), "UKHSA weekly rates of that year for its ages",
         h.until, LognormalSpread(0.2), "people a day", False),
        ("planned_a_day", _england("elective_inpatients_year", f.on) / 365 * f.beds_share,
         "NHS England, National Cost Collection 2024-25, shared out by beds", "2025-03",
         LognormalSpread(0.15), "people a day", False),
    ]  # fmt: skip


def _people(f: Figures) -> list[Line]:
    day = f.on.isoformat()
    found: list[Line] = [
        (f"people_{AGES[age]}", share, f"{_PEOPLE}, of people served", day, Known(), "share", False)
        for age, share in f.inpatients_people.items()
    ]  # fmt: skip
    # In units of the wave's size, which is people per 100,000 of England's ages.
    served = sum(f.people.values()) * f.flu_factor / 100_000
    source = f"{_PEOPLE}; UKHSA flu admissions by age"
    return [*found, ("flu_people", served, source, day, LognormalSpread(0.1), "100,000s", False)]


def _care(f: Figures) -> list[Line]:
    own = min(f.own_share, 0.999)
    found: list[Line] = [
        ("remaining", f.remaining, _READY, f.ready_until, LognormalSpread(0.05), "people", False),
        ("own_share", own, _BORDERS, "2022", Beta(min(0.01, 0.3 * (1.0 - own))), "share", False),
    ]
    for pathway, share in f.waiting_share.items():
        middle = min(max(share, 0.005), 0.9)
        spread = LognormalSpread(0.25)
        name = f"waiting_share_{pathway}"
        found.append((name, middle, _REASONS, "2025-05", spread, "share", False))
    part, assumed = _reablement_part(f)
    source = (
        "England's share: the system's own count is not believed"
        if assumed
        else "DHSC, ASCOF 2024-25 2D(2), beside England's and pathway 1"
    )
    line: Line = ("reablement_part", part, source, "2025-03", Beta(0.12 if assumed else 0.06),
                  "share of pathway 1", assumed)  # fmt: skip
    return [*found, line]


def _reablement_part(f: Figures) -> tuple[float, bool]:
    """Return the part of pathway 1 that is reablement: the system's share beside England's."""
    middle = _middle_reablement(f.on)
    # 120,005 people aged 65+ a year (ASCOF 2024-25), of pathway 1's discharges.
    part = 120_005 / 52.0 / _england("pathway1_week", f.on)
    if f.reablement_share is None:
        return part, True
    return min(max(part * f.reablement_share / middle, 0.05), 0.9), False


@lru_cache(maxsize=32)
def _middle_reablement(on: date) -> float:
    counted = [figures(code, on=on).reablement_share for code in names()]
    england = [share for share in counted if share is not None]
    return sum(england) / len(england)


@lru_cache(maxsize=32)
def _needs(on: date) -> tuple[Parameter, ...]:
    """Return how many of the 65 to 84 who stay long need pathway 1, 2 and 3.

    England's discharges on each pathway a day over its long stays, weighed by need and age.
    """
    weighed = 0.0
    for code in names():
        f = figures(code, on=on)
        ages = {
            AGES[age]: share * _england(f"admissions_per_1000_{AGES[age]}", on)
            for age, share in f.inpatients_people.items()
        }
        need = ages["middle"] + ages["younger"] * _england("care_need_younger", on)
        need += ages["older"] * _england("care_need_older", on)
        long = f.hospital.emergency_a_day * (1.0 - _england("short_share", on))
        weighed += long * need / sum(ages.values())
    one = _england("pathway1_week", on) / 7 / weighed
    two = _england("pathway2_week", on) / 7 / weighed
    three = one * _england("pathway3_over_1", on)
    sources = ("hf-care", "hf-care", "hf-pathways")
    return tuple(
        Parameter(
            f"need_{i}", need, f"{_told(source)}, over long stays by age", "2023",
            LognormalSpread(0.3 if i == 3 else 0.1), unit="share of 65 to 84",
        )
        for i, (need, source) in enumerate(zip((one, two, three), sources, strict=True), 1)
    )  # fmt: skip


def _grown(f: Figures) -> float:
    """Return the growth of admissions by people and ages alone, since the middle of the year."""
    middle = date.fromisoformat(f"{f.hospital.until}-15").replace(day=1)
    middle = date(middle.year - (middle.month <= 6), (middle.month - 7) % 12 + 1, 15)

    def wanted(day: date) -> float:
        return sum(
            part * people * _england(f"admissions_per_1000_{AGES[age]}", f.on)
            for home, part in f.homes.items()
            for age, people in population.broad(population.people((home,), on=day)).items()
        )

    return wanted(f.on) / wanted(middle)


def from_table(name: str, on: date) -> Parameter:
    """Return a national figure as a parameter; KeyError where the table has none."""
    row = _row(name, on)
    size = float(row["size"] or 0.0)
    spreads: dict[str, Spread] = {
        "lognormal": LognormalSpread(size),
        "normal": NormalSpread(size),
        "beta": Beta(size),
        "known": Known(),
    }
    return Parameter(
        name=name,
        value=float(row["value"]),
        source=_told(row["source"]),
        date=row["from"],
        spread=spreads[row["spread"]],
        assumed=row["assumed"] == "yes",
        unit=row["unit"],
    )


def _england(name: str, on: date) -> float:
    return float(_row(name, on)["value"])


@lru_cache(maxsize=1024)
def _row(name: str, on: date) -> Row:
    # A figure first published after the day asked for is still the best there is.
    return value("places/england", name, on=max(on, date(2025, 12, 31)))


def _told(source: str) -> str:
    """Return the words that a note of the table gives a short source."""
    start = f"source {source}: "
    said = next(line for line in notes("places/england") if line.startswith(start))
    return said.removeprefix(start).split(" (")[0]
