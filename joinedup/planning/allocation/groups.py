"""Who is helped: a plan's beds and pounds by age and by deprivation; and what no figure allows.

By age from people played; by deprivation of whole systems only, which says nothing of one person.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from msgspec import Struct

from joinedup.planning import population
from joinedup.planning.allocation.answer import Lot, Spend
from joinedup.planning.places.parameters import AGES
from joinedup.reference.tables import rows

__all__ = ["NOT_KNOWN", "Third", "Years", "by_deprivation", "by_years"]

_ANY_DAY = date(2025, 8, 1)
THIRDS = ("the most deprived third", "the middle third", "the least deprived third")
FEWEST = 6  # of fewer systems a third is one or two places, not deprivation
NOT_KNOWN = (
    "by disability: no table says of a system's admissions, stays or care who is disabled, so "
    "nothing here can",
    "by deprivation of people: admissions are published by system, not by street, so thirds of "
    "whole systems stand for it; a deprived street in a comfortable county is not seen",
    "by ethnicity, and of people who live alone: for the same reason",
)


class Third(Struct, frozen=True):
    """A third of the systems by deprivation: what it has of need, pounds and beds freed."""

    name: str
    systems: int
    need_share: float
    pounds_share: float
    freed: float


class Years(Struct, frozen=True):
    """An age: beds freed of people of it who wait for care, beside its part of the people."""

    name: str
    freed: float
    freed_share: float
    people_share: float


def by_deprivation(lots: Sequence[Lot]) -> tuple[Third, ...]:
    """Return the thirds, most deprived first; none of fewer than six systems."""
    if len(lots) < FEWEST:
        return ()
    scores = _scores()
    ordered = sorted(lots, key=lambda lot: (-scores[lot.code], lot.code))
    spent = max(1, sum(lot.pounds for lot in lots))
    found = []
    for k, name in enumerate(THIRDS):
        mine = ordered[k * len(ordered) // 3 : (k + 1) * len(ordered) // 3]
        found.append(
            Third(
                name=name,
                systems=len(mine),
                need_share=sum(lot.need_share for lot in mine),
                pounds_share=sum(lot.pounds for lot in mine) / spent,
                freed=sum(lot.freed.mean for lot in mine),
            )
        )
    return tuple(found)


def by_years(spend: Spend) -> tuple[Years, ...]:
    """Return the three broad ages; none where the plan was not played at once."""
    if not spend.checked:
        return ()
    codes = tuple(one.code for one in spend.checked)
    people = population.broad(population.people(codes, on=spend.begins))
    freed = {age: sum(one.by_age[age].mean for one in spend.checked) for age in AGES}
    whole = sum(freed.values()) or 1.0
    everybody = sum(people.values())
    return tuple(
        Years(age, freed[age], freed[age] / whole, people[age] / everybody) for age in AGES
    )


@lru_cache(maxsize=1)
def _scores() -> dict[str, float]:
    table = rows("places/deprivation", on=_ANY_DAY)
    return {row["code"]: float(row["imd_score"]) for row in table}
