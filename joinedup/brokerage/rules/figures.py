"""Figures of finding care: what is free by area and time, and how long an offer takes.

Pure: each number names of how many it is, and the age of what it was counted from.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from statistics import median

from msgspec import Struct

from joinedup.fhir.london import elapsed
from joinedup.fhir.profiles.placement import Placement
from joinedup.fhir.profiles.slot import FreeStart

__all__ = ["Cell", "Grid", "ToOffer", "grid", "to_first_offer"]

_LEVELS = (0, 1, 2, 4)
"""From how many free starts a cell is shaded darker, below the first: nothing."""


class Cell(Struct, frozen=True):
    """What is free in one area at one time: starts, hours a week, and how dark it is drawn."""

    starts: int = 0
    week_minutes: int = 0
    held: int = 0
    level: int = 0


class Grid(Struct, frozen=True, kw_only=True):
    """Areas down, times or kinds across; `oldest` and `newest` are the ages of the figures."""

    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    starts: int
    held: int
    providers: int
    oldest: datetime | None
    newest: datetime | None


def grid(
    starts: Iterable[FreeStart],
    held: Mapping[str, datetime | None],
    *,
    columns: Iterable[str],
    now: datetime,
    by_service: bool = False,
) -> Grid:
    """Return the grid of what providers told: held slots apart, withdrawn ones left out.

    A hold that has run out counts as free. `by_service`: columns are services, not time bands.
    """
    told = [s for s in starts if not s.withdrawn]
    found: dict[tuple[str, str], list[FreeStart]] = defaultdict(list)
    for start in told:
        found[start.area, start.service if by_service else start.band].append(start)
    wanted = tuple(columns)
    taken = {slot for slot, until in held.items() if until is None or until > now}
    rows = tuple(
        (area, tuple(_cell(found.get((area, c), ()), taken) for c in wanted))
        for area in sorted({s.area for s in told})
    )
    ages = [s.told_at for s in told]
    return Grid(
        rows=rows,
        starts=sum(s.id not in taken for s in told),
        held=sum(s.id in taken for s in told),
        providers=len({s.provider for s in told}),
        oldest=min(ages, default=None),
        newest=max(ages, default=None),
    )


def _cell(starts: Iterable[FreeStart], taken: set[str]) -> Cell:
    every = tuple(starts)
    free = [s for s in every if s.id not in taken]
    level = sum(len(free) > least for least in _LEVELS)
    return Cell(len(free), sum(s.week_minutes for s in free), len(every) - len(free), level)


class ToOffer(Struct, frozen=True):
    """The median time from help being looked for to the first offer, and of how many it is."""

    median: timedelta | None
    of: int
    waiting: int


def to_first_offer(placements: Iterable[Placement]) -> ToOffer:
    """Return how long the first offer takes; those still without one are counted apart (9.9, 8)."""
    every = tuple(placements)
    took = [
        elapsed(p.asked_at, min(o.at for o in p.offers)).total_seconds() for p in every if p.offers
    ]
    middle = timedelta(seconds=round(median(took))) if took else None
    return ToOffer(middle, len(took), len(every) - len(took))
