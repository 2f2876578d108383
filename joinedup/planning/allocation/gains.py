"""What each way frees in a place: played in pairs on a grid of amounts, by draw of what we doubt.

The gain is beds in use, waited for or shut, fewer than as it is (`taken`): the mean over the
winter the money is spent in. The luck of a draw's runs is the same in every option.
"""

from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct

from joinedup.planning.allocation.concave import Curve, fit_curve
from joinedup.planning.allocation.plan import PlaceCurves
from joinedup.planning.allocation.supply import Supply
from joinedup.planning.allocation.ways import WAYS, option_of
from joinedup.planning.allocation.winter import Winter
from joinedup.planning.places import name_of
from joinedup.planning.places.parameters import AGES
from joinedup.planning.scenarios.model import Option
from joinedup.planning.scenarios.pairs import CHANCES, Pairs, run_pairs
from joinedup.planning.statistics import Floats

__all__ = [
    "GRID",
    "Gains",
    "Winter",
    "by_age",
    "by_draw",
    "curves_of",
    "play_gains",
    "played_together",
]

GRID = (0.1, 0.3, 1.0, 2.0)  # parts of a place's relative-needs share, all on one way
MILLION = 1e6


class Gains(Struct, frozen=True):
    """Beds freed in one place: `freed[way]` by draw and amount, at rising `amounts` of pounds."""

    code: str
    amounts: tuple[float, ...]
    freed: dict[str, tuple[tuple[float, ...], ...]]

    @property
    def name(self) -> str:
        """The system's name."""
        return name_of(self.code)

    @property
    def draws(self) -> int:
        """How many draws were played."""
        return len(next(iter(self.freed.values())))

    def played(self, way: str) -> Floats:
        """Return what was played of a way, by draw and amount."""
        return np.array(self.freed[way])

    def gain(self, way: str, pounds: float) -> Floats:
        """Return what pounds free by draw: as played, straight between amounts."""
        at = (0.0, *self.amounts)
        return np.array([np.interp(pounds, at, (0.0, *row)) for row in self.freed[way]])


def play_gains(
    code: str,
    winter: Winter,
    *,
    share_pounds: float,
    draws: int,
    seed: int = 1,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Gains:
    """Play every way at every amount of the grid in one system."""
    place = winter.place(code)
    amounts = tuple(share_pounds * part for part in GRID)
    options = [
        option_of(place, way, pounds, begins=winter.begins, ends=winter.ends)
        for way in WAYS
        for pounds in amounts
    ]
    pairs = run_pairs(
        place, options, runs=draws * CHANCES, seed=seed, threads=threads, progress=progress
    )
    freed = {
        way.name: _rows([by_draw(pairs, 1 + i * len(GRID) + k) for k in range(len(GRID))])
        for i, way in enumerate(WAYS)
    }
    return Gains(code, amounts, freed)


def by_draw(pairs: Pairs, option: int) -> Floats:
    """Return beds freed by draw: the mean of its runs."""
    freed = -pairs.difference(option, "taken")
    return np.asarray(freed.reshape(-1, CHANCES).mean(axis=1))


def by_age(pairs: Pairs, option: int) -> dict[str, Floats]:
    """Return by age and draw how many beds fewer are held by people who wait for care."""
    found = {}
    for age in AGES:
        held = [pairs.outcomes[i].total("delay", "beds", age) / pairs.days for i in (0, option)]
        found[age] = np.asarray((held[0] - held[1]).reshape(-1, CHANCES).mean(axis=1))
    return found


def curves_of(
    gains: Gains,
    supply: Supply,
    draws: Sequence[int] | None = None,
    *,
    ways: Sequence[str] = (),
) -> PlaceCurves:
    """Return a place's curves of the mean over draws and by ways (all, where none are named)."""
    chosen = list(range(gains.draws)) if draws is None else list(draws)
    curves: dict[str, Curve] = {
        way: fit_curve(gains.amounts, gains.played(way)[chosen].mean(axis=0))
        for way in ways or gains.freed
    }
    return PlaceCurves(gains.code, curves, supply)


def played_together(
    code: str,
    winter: Winter,
    pounds: dict[str, float],
    *,
    draws: int,
    seed: int = 1,
    threads: int | None = None,
) -> Pairs:
    """Play all that a plan spends in a place at once: what the curves add up is checked by it."""
    place = winter.place(code)
    changes = [
        change
        for way in WAYS
        if pounds.get(way.name, 0.0) > 0.0
        for change in option_of(
            place, way, pounds[way.name], begins=winter.begins, ends=winter.ends
        ).changes
    ]
    return run_pairs(
        place, [Option("the plan", tuple(changes))], runs=draws * CHANCES, seed=seed,
        threads=threads,
    )  # fmt: skip


def _rows(columns: Sequence[Floats]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(round(float(one), 6) for one in row) for row in zip(*columns, strict=True))
