"""Results with their trends: one row a kind of result, its latest value, and the line it draws.

Values are grouped by code and unit, never across units. A result outside the range its own
laboratory gave is marked in words, not by colour alone.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.people.presenters.absence import Notice, present_notices
from joinedup.people.presenters.items import newest_first, status_of
from joinedup.people.presenters.life import Life, Resource, Statement, Told, told
from joinedup.people.presenters.words import amount, codes_of, concept, concept_key
from joinedup.web.charts import Sparkline, draw_sparkline
from joinedup.web.dates import When, when

__all__ = ["Result", "Results", "Value", "present_results"]

_MARKS = {
    "H": "high",
    "HH": "very high",
    "L": "low",
    "LL": "very low",
    "A": "abnormal",
    "AA": "very abnormal",
    "HU": "very high",
    "LU": "very low",
    "POS": "positive",
}
_ORDER = ("laboratory", "vital-signs", "survey", "social-history", "imaging", "exam", "")
_TITLES = {
    "laboratory": "Blood and laboratory tests",
    "vital-signs": "Measurements",
    "survey": "Scores and questionnaires",
    "social-history": "Home and habits",
    "imaging": "Imaging",
    "exam": "Examinations",
    "": "Other results",
}
_SPARK_VALUES = 24
_TABLE_VALUES = 8


class Value(Struct, frozen=True, kw_only=True):
    """One value on one date, who gave it, and whether it is outside its range."""

    words: str
    mark: str
    told: Told
    at: When | None


class Result(Struct, frozen=True, kw_only=True):
    """One kind of result: newest value first, and its trend where there are two or more numbers."""

    anchor: str
    title: str
    values: tuple[Value, ...]
    total: int
    range: str
    trend: Sparkline | None


class Results(Struct, frozen=True, kw_only=True):
    """The results part of the page, in groups."""

    groups: tuple[tuple[str, tuple[Result, ...]], ...]
    total: int
    shown: int
    notices: tuple[Notice, ...]


class _Reading(Struct, frozen=True):
    statement: Statement
    part: Resource
    title: str
    key: str


def present_results(life: Life, now: datetime, *, limit: int | None = 14) -> Results:
    """Return results grouped by kind, most recently measured first, `limit` kinds at most."""
    readings = [r for s in newest_first(life.of("Observation")) for r in _readings(s)]
    rows: dict[str, list[_Reading]] = {}
    for reading in readings:
        rows.setdefault(reading.key, []).append(reading)
    chosen = list(rows.values())[:limit]
    grouped: dict[str, list[Result]] = {}
    for row in chosen:
        grouped.setdefault(_category(row[0].statement.resource), []).append(_result(life, row, now))
    return Results(
        groups=tuple((_TITLES[c], tuple(grouped[c])) for c in _ORDER if c in grouped),
        total=len(rows),
        shown=len(chosen),
        notices=present_notices(life, "results", is_empty=not rows, now=now),
    )


def _readings(statement: Statement) -> Iterator[_Reading]:
    if status_of(statement) in ("entered-in-error", "cancelled"):
        return
    resource = statement.resource
    components = resource.get("component") or ()
    own = concept(resource.get("code"))
    if not components or "valueQuantity" in resource or _value(resource):
        yield _Reading(statement, resource, own, _key(resource))
        return
    if _is_pressure(resource):
        yield _Reading(statement, resource, own, _key(resource))
        return
    for part in components:
        yield _Reading(statement, part, concept(part.get("code")), _key(part))


def _key(part: Resource) -> str:
    quantity = part.get("valueQuantity") or {}
    return f"{concept_key(part.get('code'))}|{quantity.get('unit', '')}"


def _is_pressure(resource: Resource) -> bool:
    """Blood pressure is two numbers that are read as one, upper over lower."""
    return len(_pressures(resource)) == 2


def _pressures(resource: Resource) -> list[Any]:
    wanted = ("8480-6", "8462-4")
    found: list[Any] = []
    for code in wanted:
        for part in resource.get("component") or ():
            if code in codes_of(part.get("code")) and part.get("valueQuantity"):
                found.append(part["valueQuantity"])
                break
    return found


def _category(resource: Resource) -> str:
    codes = {c for category in resource.get("category") or () for c in codes_of(category)}
    return next((c for c in _ORDER if c in codes), "")


def _value(part: Resource) -> str:
    if "valueQuantity" in part:
        return amount(part["valueQuantity"])
    if "valueCodeableConcept" in part:
        return concept(part["valueCodeableConcept"])
    if _is_pressure(part):
        upper, lower = _pressures(part)
        return f"{amount({'value': upper.get('value')})}/{amount(lower)}"
    for key in ("valueString", "valueInteger", "valueDateTime", "valueBoolean"):
        if key in part:
            return {True: "yes", False: "no"}.get(part[key], str(part[key]))
    absent = concept(part.get("dataAbsentReason"))
    return f"No value: {absent}" if absent else ""


def _number(part: Resource) -> float | None:
    value = (part.get("valueQuantity") or {}).get("value")
    if value is None and _is_pressure(part):
        value = _pressures(part)[0].get("value")
    return None if value is None else float(value)


def _range(part: Resource) -> tuple[float | None, float | None, str]:
    found: Resource = next(iter(part.get("referenceRange") or ()), {})
    low, high = (found.get(k) or {} for k in ("low", "high"))
    words = found.get("text", "")
    if not words and (low or high):
        shown = (amount({"value": q["value"]}) if "value" in q else "" for q in (low, high))
        lower, upper = shown
        words = (
            f"{lower} to {upper}"
            if lower and upper
            else f"{lower} or more"
            if lower
            else f"up to {upper}"
        )
    as_number = (float(q["value"]) if "value" in q else None for q in (low, high))
    first, second = as_number
    return first, second, words


def _mark(part: Resource) -> str:
    codes = {c for i in part.get("interpretation") or () for c in codes_of(i)}
    said = next((_MARKS[c] for c in _MARKS if c in codes), "")
    if said or codes:
        return said
    number, (low, high, _) = _number(part), _range(part)
    if number is None:
        return ""
    return (
        "low"
        if low is not None and number < low
        else "high"
        if high is not None and number > high
        else ""
    )


def _result(life: Life, row: list[_Reading], now: datetime) -> Result:
    latest = row[0]
    low, high, words = _range(latest.part)
    points = [
        (r.statement.happened.at.timestamp(), number)
        for r in reversed(row[:_SPARK_VALUES])
        if r.statement.happened and (number := _number(r.part)) is not None
    ]
    return Result(
        anchor=f"Observation-{latest.statement.id}",
        title=latest.title or "Result not named",
        values=tuple(_row_value(life, r, now) for r in row[:_TABLE_VALUES]),
        total=len(row),
        range=words,
        trend=draw_sparkline(points, low=low, high=high) if len(points) > 1 else None,
    )


def _row_value(life: Life, reading: _Reading, now: datetime) -> Value:
    return Value(
        words=_value(reading.part) or "No value given",
        mark=_mark(reading.part),
        told=told(life, reading.statement, now),
        at=when(reading.statement.happened, now),
    )
