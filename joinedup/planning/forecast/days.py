"""Counts by day: what was in use, and how many were ready to go home, on the days before today.

From a file of a place's own, or the public tables. A day that nobody counted is not a number.
"""

import csv
import io
import math
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem
from joinedup.planning.statistics import Floats
from joinedup.reference.tables import rows

__all__ = ["BEDS", "COLUMNS", "MEASURES", "READY", "Days", "public_days", "read_days"]

BEDS, READY = "beds in use", "ready to go home"
MEASURES = (BEDS, READY)
COLUMNS = {"beds_in_use": BEDS, "ready_to_go_home": READY}
_TABLES = {BEDS: "places/bed_days", READY: "places/ready_days"}
_WEEK = tuple("mon tue wed thu fri sat sun".split())
_ANY_DAY = date(2025, 8, 1)
MOST_LINES = 20_000
MOST_TOLD = 20


class Days(Struct, frozen=True):
    """A measure's count by day."""

    measure: str
    counts: Mapping[date, float]

    def until(self, last: date, days: int) -> Floats:
        """Return so many days up to and with `last`; nan for a day not counted."""
        first = last - timedelta(days=days - 1)
        return self.after(first - timedelta(days=1), days)

    def after(self, day: date, days: int) -> Floats:
        """Return the days that follow."""
        wanted = (day + timedelta(days=k + 1) for k in range(days))
        return np.array([self.counts.get(one, math.nan) for one in wanted])


@lru_cache(maxsize=128)
def public_days(code: str, measure: str) -> Days:
    """Return a system's published days: beds of winters before 2020, readiness 2022 to 2024."""
    found = {}
    for row in rows(_TABLES[measure], on=_ANY_DAY):
        if row["code"] == code:
            monday = date.fromisoformat(row["monday"])
            for k, name in enumerate(_WEEK):
                if row[name]:
                    found[monday + timedelta(days=k)] = float(row[name])
    return Days(measure, MappingProxyType(found))


def read_days(text: str, *, name: str) -> tuple[Days, ...]:
    """Return the measures of a CSV: `day` (yyyy-mm-dd), `beds_in_use`, `ready_to_go_home`.

    Either count may be left empty. Refuses with Invalid, each problem with file, line and remedy:
    another column, a day that is none or comes twice, a count that is none or below 0.
    """
    lines = csv.DictReader(io.StringIO(text))
    heading = set(lines.fieldnames or ())
    if "day" not in heading or not heading & set(COLUMNS) or heading - {"day", *COLUMNS}:
        told = f"{name}, line 1: the columns are {', '.join(sorted(heading)) or 'none'}"
        message = f"{told}: give day, and one or both of {', '.join(COLUMNS)}"
        raise Invalid(Problem("structure", message, name))
    found: dict[str, dict[date, float]] = {m: {} for c, m in COLUMNS.items() if c in heading}
    wrong: list[Problem] = []
    seen: set[date] = set()
    for line in lines:
        if lines.line_num > MOST_LINES or len(wrong) >= MOST_TOLD:
            wrong.append(Problem("too-long", f"{name}: no more was read: mend these first", name))
            break
        try:
            day = _day(line["day"], seen)
            for column, measure in COLUMNS.items():
                if line.get(column):
                    found[measure][day] = _count(column, str(line[column]))
        except ValueError as problem:
            wrong.append(Problem("value", f"{name}, line {lines.line_num}: {problem}", name))
    if wrong:
        raise Invalid(*wrong)
    return tuple(Days(measure, MappingProxyType(counts)) for measure, counts in found.items())


def _day(text: str | None, seen: set[date]) -> date:
    try:
        day = date.fromisoformat((text or "").strip())
    except ValueError:
        raise ValueError(f"day {text!r} is none: write it as 2026-11-01") from None
    if day in seen:
        raise ValueError(f"day {day} comes twice: leave one of the two out")
    seen.add(day)
    return day


def _count(column: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 <= value < 1e7:
        raise ValueError(f"{column} {text!r} is no count: give 0 or more, or leave it empty")
    return value
