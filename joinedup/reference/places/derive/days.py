"""Tables by day, a week a line: general and acute beds in use, and people ready to go home.

What a forecast of a fortnight is tried on. A day that somebody did not report is left empty: a
sum without one hospital is no figure.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

from joinedup.reference.places.derive.sources import boards, number, read, trust_boards

__all__ = ["DAYS", "bed_days", "ready_days"]

DAYS = tuple("mon tue wed thu fri sat sun".split())
Line = tuple[object, ...]
_PANDEMIC = "2020"  # its winters are like no other, and nothing is tried on them


def bed_days(folder: Path) -> Iterator[Line]:
    """Yield (code, Monday, beds in use each day) of winters to 2019-20, all trusts reporting."""
    board_of = trust_boards(folder)
    found: dict[tuple[str, str], dict[str, dict[str, float]]] = defaultdict(dict)
    for r in read(folder, "04_winter_virus/winter_sitrep_daily_by_trust_2015-16_to_2021-22.csv.gz"):
        board, value = board_of.get(r["org_code"]), number(r["ga_beds_occupied"])
        if board is not None and value and r["winter"] < _PANDEMIC:
            found[board, r["winter"]].setdefault(r["date"], {})[r["org_code"]] = value
    by_day: dict[tuple[str, str], int] = {}
    for (board, _), days in found.items():
        # A trust that joined another within the winter counts for the days it was there.
        most = sorted(len(day) for day in days.values())[len(days) // 2]
        for day, trusts in days.items():
            if len(trusts) >= most:
                by_day[board, day] = round(sum(trusts.values()))
    yield from _weeks(by_day)


def ready_days(folder: Path) -> Iterator[Line]:
    """Yield (code, Monday, people ready to leave and still there at the end of each day).

    Not meeting the criteria to reside, less discharged; 0 or below is a day not reported.
    """
    codes = {ons: code for ons, (code, _) in boards(folder).items()}
    both: dict[tuple[str, str], list[float]] = defaultdict(list)
    for name, column in (
        ("icb_criteria_to_reside_daily.csv.gz", "do_not_meet_criteria_to_reside"),
        ("icb_discharged_patients_daily.csv.gz", "discharged_total"),
    ):
        for r in read(folder, f"03_discharge/{name}"):
            value = number(r[column])
            if value:
                both[codes[r["icb22_code"]], r["date"]].append(value)
    yield from _weeks({
        key: round(values[0] - values[1])
        for key, values in both.items()
        if len(values) == 2 and values[0] > values[1]
    })  # fmt: skip


def _weeks(by_day: Mapping[tuple[str, str], int]) -> Iterator[Line]:
    weeks: dict[tuple[str, str], list[object]] = {}
    for (code, text), value in by_day.items():
        day = date.fromisoformat(text)
        monday = (day - timedelta(days=day.weekday())).isoformat()
        weeks.setdefault((code, monday), [""] * 7)[day.weekday()] = value
    for (code, monday), values in sorted(weeks.items()):
        yield code, monday, *values
