"""A place calibrated: draws of its parameters weighed by its own past winters; prior and posterior.

`calibrate_place` matches the place as it is asked for against every winter it was counted in.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
from msgspec import Struct

from joinedup.planning.calibrate import winters as seen
from joinedup.planning.calibrate.matching import Matched, match, posterior
from joinedup.planning.calibrate.play import draws_for, place_for, play
from joinedup.planning.calibrate.winters import WEEKS
from joinedup.planning.chance.keys import GOLDEN, mix, name_key, run_key, uniform
from joinedup.planning.files.expressions import Value
from joinedup.planning.files.parameters import Parameter, draw_values, table
from joinedup.planning.places import Place, code_of, place

__all__ = ["Calibrated", "calibrate_place"]

SD_SHARE = 0.03


class Calibrated(Struct, frozen=True):
    """A place, the draws of what we doubt of it, and how near each came to its past winters."""

    place: Place
    draws: tuple[dict[str, Value], ...]
    matched: Matched
    winters: tuple[str, ...]

    def posterior(self) -> dict[str, tuple[float, float, float]]:
        """Return low (5%), middle and high (95%) of each parameter we doubt, after matching."""
        return posterior(self.draws, self.matched, [p.name for p in self._doubted()])

    def table(self) -> tuple[tuple[str, ...], ...]:
        """Return the parameter table with prior range and what calibration made of it."""
        return table(self.place.parameters, self.posterior())

    def values(self, number: int, *, seed: int) -> dict[str, Value]:
        """Return posterior draw `number`, with a winter of its own: the same for ever.

        One of the draws, taken as often as it weighs; flu and norovirus are drawn afresh.
        """
        chance = uniform(mix(mix(run_key(seed, number) ^ name_key("posterior draw")) + GOLDEN))
        reached = np.cumsum(self.matched.weights)
        taken = self.draws[min(int(np.searchsorted(reached, chance)), len(self.draws) - 1)]
        fresh = draw_values(self.place.parameters, seed=seed, number=number, nature="winter")
        winter = {p.name for p in self.place.parameters if p.nature == "winter"}
        return {name: fresh[name] if name in winter else taken[name] for name in taken}

    def _doubted(self) -> list[Parameter]:
        return [p for p in self.place.parameters if p.nature == "doubt"]


def calibrate_place(
    name: str,
    *,
    on: date,
    days: int = 180,
    draws: int = 40,
    seed: int = 1,
    without: Sequence[str] = (),
) -> Calibrated:
    """Return a place with its parameters weighed by its past winters of beds and of readiness.

    The distance is the root mean square over all weeks, each in 3 per cent (beds) or 12 per cent
    (people ready to leave) of that winter's first week. A draw stays the same draw in every
    winter, and is named, so more draws keep those there are.
    """
    code = code_of(name)
    of = place(name, on=on, days=days, without=tuple(without))
    played, weeks, sd, names = [], [], [], []
    for beds in (True, False):
        series = seen.beds_in_use if beds else seen.ready_to_leave
        for winter_name in seen.BEDS_WINTERS if beds else seen.READY_WINTERS:
            winter = series(code, winter_name)
            if winter is None or winter_name in without:
                continue
            then = place_for(code, winter)
            values = draws_for(then, winter, seed=seed, draws=draws, flu_known=True)
            played.append(play(then, winter, values, seed=seed, beds=beds))
            weeks.append(winter.weeks)
            share = SD_SHARE if beds else 4 * SD_SHARE
            sd.append(np.full(WEEKS, share * winter.origin))
            names.append(winter_name)
    assert played, "every system was counted in some winter"
    matched = match(np.concatenate(played, axis=1), np.concatenate(weeks), np.concatenate(sd))
    own = tuple(
        draw_values(of.parameters, seed=seed, number=n, nature="doubt") for n in range(draws)
    )
    return Calibrated(of, own, matched, tuple(names))
