"""What the public tables say of one system on a day: the year of figures before it, and shares.

Hospital figures are where the hospitals stand. Admissions are published by where people live, and
are carried to hospitals by the shares that cross borders.
"""

from datetime import date, timedelta
from functools import lru_cache

from msgspec import Struct

from joinedup.planning import flu, population
from joinedup.planning.places.names import names
from joinedup.reference.tables import Row, rows

__all__ = ["Figures", "Hospital", "figures", "flu_people", "homes_of"]

_ANY_DAY = date(2025, 8, 1)
MONTHS = 12
REABLEMENT_FLOOR = 0.015  # a system that says it offers less is thought to count otherwise


class Hospital(Struct, frozen=True):
    """A system's hospitals in the year up to `until`: means a day, and places by calendar month."""

    emergency_a_day: float
    flu_a_day: float
    attendances_a_day: float
    by_month: tuple[float, ...]
    occupied: float
    open_by_month: tuple[float, ...]
    until: str
    beds_until: str


class Figures(Struct, frozen=True):
    """A system's figures: its hospitals, its people, readiness and its care."""

    code: str
    on: date
    hospital: Hospital
    people: dict[str, float]
    inpatients_people: dict[str, float]
    flu_factor: float
    remaining: float
    ready_discharged: float
    ready_until: str
    waiting_share: dict[str, float]
    reablement_share: float | None
    own_share: float
    beds_share: float
    homes: dict[str, float]


@lru_cache(maxsize=256)
def figures(code: str, *, on: date) -> Figures:
    """Return what the tables say of a system before a day; before they begin, their first year."""
    homes = homes_of(code)
    ready = _last_weeks(code, on)
    mean = [sum(float(r[c]) for r in ready) / len(ready) for c in _READY]
    bands = population.people((code,), on=on)
    everybody = population.people(tuple(names()), on=on)
    hospital = _hospital(code, homes, on)
    inside = sum(part for home, part in homes.items() if home == code)
    return Figures(
        code=code,
        on=on,
        hospital=hospital,
        people=bands,
        inpatients_people=_weighed(homes, on),
        flu_factor=flu.age_factor(bands, everybody),
        remaining=mean[0] - mean[1],
        ready_discharged=mean[1],
        ready_until=ready[-1]["monday"],
        waiting_share=_waiting_share(code),
        reablement_share=_reablement_share(code),
        own_share=inside,
        beds_share=_open(code, on) / sum(_open(one, on) for one in names()),
        homes=homes,
    )


_READY = ("not_meeting_criteria", "discharged")


@lru_cache(maxsize=64)
def homes_of(code: str) -> dict[str, float]:
    """Return where the people in a system's hospitals live: shares by home, that add up to 1."""
    flows = {}
    for row in rows("places/borders", on=_ANY_DAY):
        if row["hospital"] == code:
            flows[row["home"]] = float(row["share"]) * _admissions(row["home"])
    total = sum(flows.values())
    return {home: flow / total for home, flow in flows.items()}


@lru_cache(maxsize=8192)
def flu_people(code: str, month: str) -> float:
    """Return about how many a day were admitted for flu in a month, of a system's people."""
    days = [date.fromisoformat(f"{month}-01") + timedelta(days=i) for i in range(28)]
    rates = _flu_weeks()
    mondays = [(day - timedelta(days=day.weekday())).isoformat() for day in days]
    rate = sum(rates.get(monday, 0.0) for monday in mondays) / 28 / 7
    return rate * _served(code, days[14].year)


@lru_cache(maxsize=1024)
def _served(code: str, year: int) -> float:
    """Return a system's people in 100,000s of England's ages, as flu counts them."""
    middle = date(year, 7, 1)
    bands = population.people((code,), on=middle)
    factor = flu.age_factor(bands, population.people(tuple(names()), on=middle))
    return factor * sum(bands.values()) / 100_000


def _hospital(code: str, homes: dict[str, float], on: date) -> Hospital:
    into = {h: _share(h, code) for h in homes}
    months = _months_before(on, sorted({r["month"] for r in _table("urgent_care", code)}))
    beds = _table("beds", code)
    bed_months = _months_before(on, [r["month"] for r in beds])
    year = [r for r in beds if r["month"] in bed_months]
    emergency = attendances = flu_a_day = 0.0
    for home, share in into.items():
        for row in _table("urgent_care", home):
            if row["month"] in months:
                days = _days(row["month"]) * len(months)
                emergency += share * float(row["admissions"]) / days
                attendances += share * float(row["attendances"]) / days
                flu_a_day += share * flu_people(home, row["month"]) / len(months)
    return Hospital(
        emergency_a_day=emergency,
        flu_a_day=flu_a_day,
        attendances_a_day=attendances,
        by_month=_by_month(code, on),
        occupied=sum(float(r["occupied"]) for r in year) / len(year),
        open_by_month=_open_by_month(beds, on),
        until=months[-1],
        beds_until=bed_months[-1],
    )


def _by_month(code: str, on: date) -> tuple[float, ...]:
    """Return each month's admissions a day without flu, beside the mean of all months.

    By the months before the day; where they are no whole year, by the first year of all.
    """
    sums: dict[int, list[float]] = {month: [] for month in range(1, 13)}
    table = _table("urgent_care", code)
    last = _months_before(on, [r["month"] for r in table])[-1]
    for row in table:
        month = row["month"]
        if month > last:
            break
        a_day = float(row["admissions"]) / _days(month) - flu_people(code, month)
        sums[int(month[5:])].append(a_day / _level(code, month))
    means = [sum(values) / len(values) for _, values in sorted(sums.items())]
    middle = sum(means) / 12
    return tuple(round(mean / middle, 4) for mean in means)


@lru_cache(maxsize=4096)
def _level(code: str, month: str) -> float:
    """Return the mean daily admissions of the year around a month, so that growth is no season."""
    table = _table("urgent_care", code)
    at = next(i for i, r in enumerate(table) if r["month"] == month)
    first = min(max(0, at - MONTHS // 2), max(0, len(table) - MONTHS))
    year = table[first : first + MONTHS]
    return sum(float(r["admissions"]) / _days(r["month"]) for r in year) / len(year)


def _open_by_month(beds: tuple[Row, ...], on: date) -> tuple[float, ...]:
    """Return beds open by calendar month: the latest such month before the day.

    A month not seen yet is taken as the mean of those seen.
    """
    months = _months_before(on, [r["month"] for r in beds])
    known = [r for r in beds if r["month"] <= months[-1]]
    latest = {int(r["month"][5:]): float(r["open"]) for r in known}
    middle = round(sum(latest.values()) / len(latest))
    return tuple(latest.get(month, float(middle)) for month in range(1, 13))


def _open(code: str, on: date) -> float:
    beds = _table("beds", code)
    months = _months_before(on, [r["month"] for r in beds])
    return sum(float(r["open"]) for r in beds if r["month"] in months) / len(months)


def _months_before(on: date, months: list[str]) -> list[str]:
    """Return the last twelve months before a day, or the first twelve of all."""
    before = [month for month in months if month < on.isoformat()[:7]]
    return before[-MONTHS:] if len(before) >= MONTHS else months[:MONTHS]


def _last_weeks(code: str, on: date) -> tuple[Row, ...]:
    weeks = _table("ready", code)
    before = [r for r in weeks if r["monday"] < (on - timedelta(days=6)).isoformat()]
    return tuple(before[-52:] if len(before) >= 52 else weeks[:52])


def _weighed(homes: dict[str, float], on: date) -> dict[str, float]:
    """Return the broad ages of the people a system's hospitals serve, in parts of 1."""
    found = dict.fromkeys(population.BROAD, 0.0)
    for home, share in homes.items():
        ages = population.broad(population.people((home,), on=on))
        for age, people in ages.items():
            found[age] += share * people / sum(ages.values())
    return found


def _waiting_share(code: str) -> dict[str, float]:
    """Return what share of the delayed wait for a place on pathways 1 to 3; England's where few."""
    mine = _table("reasons", code)
    total = sum(float(r["delayed"]) for r in mine)
    if total < 20:
        return _waiting_share("ENG")
    found = dict.fromkeys("123", 0.0)
    for r in mine:
        if r["cause"] == "capacity" and r["pathway"] in found:
            found[r["pathway"]] += float(r["delayed"]) / total
    return found


def _reablement_share(code: str) -> float | None:
    """Return the share of discharges of people 65+ with reablement; None where not believed."""
    counts = {r["figure"]: float(r["number"]) for r in _table("care", code)}
    share = counts["reablement_after_hospital_65"] / counts["hospital_discharges_65"]
    return share if share >= REABLEMENT_FLOOR else None


def _admissions(code: str) -> float:
    table = _table("urgent_care", code)
    return sum(float(r["admissions"]) for r in table) / len(table)


@lru_cache(maxsize=4096)
def _share(home: str, hospital: str) -> float:
    """Return the share of a home's admissions that go to a hospital; kept shares add up to 1."""
    mine = {
        r["hospital"]: float(r["share"])
        for r in rows("places/borders", on=_ANY_DAY)
        if r["home"] == home
    }
    return mine.get(hospital, 0.0) / sum(mine.values())


@lru_cache(maxsize=512)
def _table(name: str, code: str) -> tuple[Row, ...]:
    found = [r for r in rows(f"places/{name}", on=_ANY_DAY) if r["code"] == code]
    return tuple(sorted(found, key=lambda r: r.get("month", r.get("monday", ""))))


@lru_cache(maxsize=1)
def _flu_weeks() -> dict[str, float]:
    table = rows("places/flu_weeks", on=_ANY_DAY)
    return {r["monday"]: float(r["per_100000"]) for r in table}


def _days(month: str) -> int:
    first = date.fromisoformat(f"{month}-01")
    return ((first + timedelta(days=31)).replace(day=1) - first).days
