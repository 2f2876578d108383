"""Code lists of going home and of winter: criteria, pathways, delay reasons, infections, OPEL.

Each is a dated table beside this file; what a code means for a person is for the rooms' rules.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct

from joinedup.reference.own import laid_over
from joinedup.reference.tables import Row, rows

__all__ = [
    "Criterion",
    "DelayReason",
    "Infection",
    "Pathway",
    "Pressure",
    "criteria",
    "delay_reasons",
    "destinations",
    "dtoc_reasons",
    "infection",
    "infections",
    "methods",
    "need_areas",
    "opel_levels",
    "pathway",
    "pathways",
    "pressures",
]


class Criterion(Struct, frozen=True):
    """One criterion to reside; `judged`: inside its window a clinician may still answer no."""

    code: str
    words: str
    window_hours: int | None
    judged: bool


class Pathway(Struct, frozen=True):
    """One way out of hospital, with the national destination codes that fit it."""

    code: str
    words: str
    new_care: bool
    destinations: tuple[str, ...]


class DelayReason(Struct, frozen=True):
    """Why somebody waits: `national` as a return has it; no pathways named means any.

    `clears_on` is the event that ends it by itself, `next` the reason that then begins.
    """

    code: str
    words: str
    group: str
    national: str
    pathways: tuple[str, ...]
    attribution: str
    owner: str
    clears_on: str
    next: str
    dtoc: str


class Infection(Struct, frozen=True):
    """An infection that closes wards, and what must be true before one opens again."""

    code: str
    words: str
    symptom_free_hours: int
    clean_first: bool


class Pressure(Struct, frozen=True):
    """One measure of OPEL: the thresholds from which it scores 1, 2 and 3; `up`: more is worse."""

    code: str
    words: str
    unit: str
    up: bool
    thresholds: tuple[Decimal, Decimal, Decimal]


@lru_cache(maxsize=32)
def criteria(*, on: date) -> tuple[Criterion, ...]:
    """Return the criteria to reside of a day, in order."""
    return tuple(
        Criterion(
            row["code"],
            row["words"],
            int(row["window_hours"]) if row["window_hours"] else None,
            row["judged"] == "yes",
        )
        for row in rows("codes/criteria_to_reside", on=on)
    )


@lru_cache(maxsize=32)
def pathways(*, on: date) -> tuple[Pathway, ...]:
    """Return the pathways of a day, in order."""
    return tuple(
        Pathway(r["code"], r["words"], r["new_care"] == "yes", tuple(r["destinations"].split()))
        for r in rows("codes/pathways", on=on)
    )


def pathway(code: str, *, on: date) -> Pathway:
    """Return one pathway; KeyError for a code that is none."""
    found = {p.code: p for p in pathways(on=on)}
    return found[code]


@lru_cache(maxsize=32)
def delay_reasons(*, on: date) -> dict[str, DelayReason]:
    """Return the reasons of a day by code, in the order they are offered."""
    return {
        row["code"]: DelayReason(
            code=row["code"],
            words=row["words"],
            group=row["group"],
            national=row["national"],
            pathways=tuple(row["pathways"].split()),
            attribution=row["attribution"],
            owner=row["owner"],
            clears_on=row["clears_on"],
            next=row["next"],
            dtoc=row["dtoc"],
        )
        for row in rows("codes/delay_reasons", on=on)
    }


def dtoc_reasons(*, on: date) -> dict[str, str]:
    """Return the letters of a delayed transfer of care with their words; none from March 2020."""
    return _words("dtoc_reasons", on)


def methods(*, on: date) -> dict[str, str]:
    """Return how somebody can have left hospital, by national code."""
    return _words("discharge_methods", on)


def destinations(*, on: date) -> dict[str, str]:
    """Return where somebody can have gone from hospital, by national code."""
    return _words("discharge_destinations", on)


def need_areas(*, on: date) -> dict[str, str]:
    """Return the areas of daily life in which a ward describes needs."""
    return _words("need_areas", on)


def infection(code: str, *, on: date, own: Sequence[Row] = ()) -> Infection:
    """Return an infection that closes wards, by a place's own row first; KeyError for none."""
    row = {row["code"]: row for row in laid_over("codes/infections", own, on=on)}[code]
    hours = int(row["symptom_free_hours"])
    return Infection(row["code"], row["words"], hours, row["clean_first"] == "yes")


def infections(*, on: date, own: Sequence[Row] = ()) -> tuple[Infection, ...]:
    """Return every infection that closes wards on a day, in the order of the table."""
    codes = (row["code"] for row in laid_over("codes/infections", own, on=on))
    return tuple(infection(code, on=on, own=own) for code in codes)


def pressures(*, on: date, own: Sequence[Row] = ()) -> tuple[Pressure, ...]:
    """Return the measures of OPEL of a day, in order, a place's own thresholds first."""
    return tuple(
        Pressure(
            row["code"],
            row["words"],
            row["unit"],
            row["direction"] == "up",
            (Decimal(row["first"]), Decimal(row["second"]), Decimal(row["third"])),
        )
        for row in laid_over("codes/opel", own, on=on)
    )


def opel_levels(*, on: date, own: Sequence[Row] = ()) -> tuple[tuple[int, Decimal, str], ...]:
    """Return each level with the share of the highest score it begins at (per cent), and words."""
    return tuple(
        (int(row["code"]), Decimal(row["from_percent"]), row["words"])
        for row in laid_over("codes/opel_levels", own, on=on)
    )


def _words(table: str, on: date) -> dict[str, str]:
    return {row["code"]: row["words"] for row in rows(f"codes/{table}", on=on)}
