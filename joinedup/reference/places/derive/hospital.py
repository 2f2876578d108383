"""Tables of hospitals: A&E and admissions, beds, readiness, winters, borders, delay reasons."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from joinedup.reference.places.derive.sources import boards, number, read, trust_boards

__all__ = ["beds", "borders", "ready", "reasons", "urgent_care", "weekdays", "winters"]

Line = tuple[object, ...]
_SITREP = "04_winter_virus/winter_sitrep_daily_by_trust_2015-16_to_2021-22.csv.gz"
_BEDS = "02_urgent_care_beds/ga_and_critical_beds_monthly_by_trust.csv.gz"
# Months whose figures repeat another month's to the last digit in every row: not published so.
_COPIES = {"urgent": ("2025-02", "2025-03"), "beds": ("2022-08",)}


def urgent_care(folder: Path) -> Iterator[Line]:
    """Yield (code, month, A&E attendances, emergency admissions)."""
    codes = {ons: code for ons, (code, _) in boards(folder).items()}
    for r in read(folder, "02_urgent_care_beds/icb_ae_monthly.csv"):
        attended, admitted = number(r["total_attendances"]), number(r["total_emergency_admissions"])
        if attended and admitted and r["month"] not in _COPIES["urgent"]:
            yield codes[r["icb22_code"]], r["month"], round(attended), round(admitted)


def beds(folder: Path) -> Iterator[Line]:
    """Yield (code, month, general and acute beds open, occupied), where the hospitals stand."""
    board_of = trust_boards(folder)
    found: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for r in read(folder, _BEDS):
        board = board_of.get(r["nhs_trust22_code"])
        if board is None or r["month"] in _COPIES["beds"]:
            continue
        both = (r["general_acute_beds_available"], r["general_acute_beds_occupied"])
        for i, text in enumerate(both):
            found[board, r["month"]][i] += number(text) or 0.0
    for (board, month), (open_beds, occupied) in sorted(found.items()):
        yield board, month, round(open_beds), round(occupied)


def ready(folder: Path) -> Iterator[Line]:
    """Yield (code, Monday, people not meeting criteria to reside, of them discharged): means a day.

    Full weeks only.
    """
    codes = {ons: code for ons, (code, _) in boards(folder).items()}
    days: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for name, column in (
        ("icb_criteria_to_reside_daily.csv.gz", "do_not_meet_criteria_to_reside"),
        ("icb_discharged_patients_daily.csv.gz", "discharged_total"),
    ):
        for r in read(folder, f"03_discharge/{name}"):
            value = number(r[column])
            if value is not None:
                days[codes[r["icb22_code"]], _monday(r["date"])][column].append(value)
    for (code, monday), both in sorted(days.items()):
        if all(len(both[c]) == 7 for c in ("do_not_meet_criteria_to_reside", "discharged_total")):
            means = [sum(values) / 7 for values in both.values()]
            yield code, monday, round(means[0], 1), round(means[1], 1)


def weekdays(folder: Path) -> Iterator[Line]:
    """Yield (what, Monday's factor, ... Sunday's), England, discharges of 2023 and 2024."""
    totals: dict[str, float] = defaultdict(float)
    for r in read(folder, "03_discharge/icb_discharged_patients_daily.csv.gz"):
        if r["date"] >= "2023":
            totals[r["date"]] += number(r["discharged_total"]) or 0.0
    by_day: list[list[float]] = [[] for _ in range(7)]
    for day, total in totals.items():
        by_day[date.fromisoformat(day).weekday()].append(total)
    means = [sum(values) / len(values) for values in by_day]
    yield "discharges", *(round(7 * mean / sum(means), 4) for mean in means)


def winters(folder: Path) -> Iterator[Line]:
    """Yield (code, winter, Monday, beds open, occupied, closed by norovirus, of them empty).

    Means a day of the days each trust reported, added up over trusts; England is ENG. Empty where
    a winter does not give a figure.
    """
    board_of = trust_boards(folder) | {"-": "ENG"}
    columns = (
        "ga_beds_open",
        "ga_beds_occupied",
        "beds_closed_dv_norovirus",
        "beds_closed_unoccupied_dv_norovirus",
    )
    found: dict[tuple[str, str, str], dict[str, dict[str, list[float]]]] = {}
    for r in read(folder, _SITREP):
        board = board_of.get(r["org_code"])
        if board is None:
            continue
        week = found.setdefault((board, r["winter"], _monday(r["date"])), {})
        for column in columns:
            value = number(r[column])
            if value is not None and (column != columns[0] or value > 0):
                week.setdefault(column, {}).setdefault(r["org_code"], []).append(value)
    for key, week in sorted(found.items()):
        sums = [
            sum(sum(v) / len(v) for v in week[c].values()) if c in week else None for c in columns
        ]
        if sums[0] and sums[1] and _days(week[columns[1]]) >= 5:
            yield *key, *("" if s is None else round(s, 1) for s in sums)


def borders(folder: Path) -> Iterator[Line]:
    """Yield (home code, hospital code, share of the home's people in beds who are in that one's).

    Each trust's occupied beds (the latest year) times the share of its patients from each board.
    """
    codes = {ons: code for ons, (code, _) in boards(folder).items()}
    board_of = trust_boards(folder)
    occupied: dict[str, list[float]] = defaultdict(list)
    for r in read(folder, _BEDS):
        if r["month"] >= "2023-09":
            occupied[r["nhs_trust22_code"]].append(number(r["general_acute_beds_occupied"]) or 0.0)
    flow: dict[tuple[str, str], float] = defaultdict(float)
    for r in read(folder, "00_lookups/lookup_nhs_trusts22_icb22.csv"):
        trust = r["nhs_trust22_code"]
        if trust in occupied and trust in board_of:
            people = sum(occupied[trust]) / len(occupied[trust])
            share = float(r["proportion_trust_came_from_icb"])
            flow[codes[r["icb22_code"]], board_of[trust]] += people * share
    for home in sorted({home for home, _ in flow}):
        total = sum(people for (h, _), people in flow.items() if h == home)
        for (h, hospital), people in sorted(flow.items()):
            if h == home and people / total >= 0.005:
                yield home, hospital, round(people / total, 4)


def reasons(folder: Path) -> Iterator[Line]:
    """Yield (code, cause, pathway, mean number delayed): stays over 7 days, Jun 2024 - May 2025."""
    board_of = trust_boards(folder)
    found: dict[tuple[str, str, str], float] = defaultdict(float)
    months = set()
    for r in read(folder, "03_discharge/delayed_discharge_reasons_monthly_by_trust.csv.gz"):
        board, count = board_of.get(r["nhs_trust22_code"]), number(r["delay_count"])
        months.add(r["date"])
        if board is None or count is None:
            continue
        cause = r["delay_reason"].split("–")[0].split(" - ")[0].strip().lower()
        words = r["delay_reason"]
        pathway = next((p for p in "123" if f"(Pathway {p})" in words), "")
        for who in (board, "ENG"):
            found[who, cause, pathway] += count
    for key, count in sorted(found.items()):
        yield *key, round(count / len(months), 1)


def _monday(day: str) -> str:
    found = date.fromisoformat(day)
    return (found - timedelta(days=found.weekday())).isoformat()


def _days(by_trust: dict[str, list[float]]) -> int:
    return max(len(values) for values in by_trust.values())
