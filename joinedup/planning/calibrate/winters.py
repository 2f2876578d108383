"""What past winters showed: weekly means of a system's beds in use, and of people ready to leave.

Each begins with the first whole week of December: the last thing known when a forecast is made.
"""

from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from msgspec import Struct

from joinedup.planning.statistics import Floats
from joinedup.reference.tables import Row, rows

__all__ = ["BEDS_WINTERS", "READY_WINTERS", "WEEKS", "Winter", "beds_in_use", "ready_to_leave"]

WEEKS = 10
BEDS_WINTERS = ("2015-16", "2016-17", "2017-18", "2018-19", "2019-20")
READY_WINTERS = ("2022-23", "2023-24")
_ANY_DAY = date(2025, 8, 1)


class Winter(Struct, frozen=True):
    """A winter of one system: the mean of its first week, and of each week after it.

    `open` is beds open in the first week (0 where the series has none).
    """

    name: str
    monday: date
    origin: float
    weeks: Floats
    open: float = 0.0

    @property
    def starts(self) -> date:
        """The first day that is forecast."""
        return self.monday + timedelta(days=7)


def beds_in_use(code: str, winter: str) -> Winter | None:
    """Return general and acute beds in use (winter sitreps); None where a week is missing."""
    first = _first_monday(winter)
    found = {
        row["monday"]: (float(row["occupied"]), float(row["open"]))
        for row in _by_code("winters")[code]
        if row["winter"] == winter
    }
    days = [(first + timedelta(days=7 * week)).isoformat() for week in range(WEEKS + 1)]
    if any(day not in found for day in days):
        return None
    values = np.array([found[day][0] for day in days])
    return Winter(winter, first, float(values[0]), values[1:], found[days[0]][1])


def ready_to_leave(code: str, winter: str) -> Winter | None:
    """Return people ready to leave and still there (acute discharge sitrep)."""
    first = _first_monday(winter)
    found = {
        row["monday"]: float(row["not_meeting_criteria"]) - float(row["discharged"])
        for row in _by_code("ready")[code]
    }
    days = [(first + timedelta(days=7 * week)).isoformat() for week in range(WEEKS + 1)]
    if any(day not in found for day in days):
        return None
    values = np.array([found[day] for day in days])
    return Winter(winter, first, float(values[0]), values[1:])


def _first_monday(winter: str) -> date:
    day = date(int(winter[:4]), 12, 1)
    return day + timedelta(days=-day.weekday() % 7)


@lru_cache(maxsize=2)
def _by_code(table: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows(f"places/{table}", on=_ANY_DAY):
        found.setdefault(row["code"], []).append(row)
    return found
