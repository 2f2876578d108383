"""What an option's money comes to: pounds, packages and places, and the division of the day."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from joinedup.planning.files.parameters import draw_values
from joinedup.planning.places import Place
from joinedup.planning.scenarios.model import Grant, Option
from joinedup.planning.scenarios.supply import bought

__all__ = ["Money", "money_of"]


class Money(Struct, frozen=True):
    """Pounds of an option's grants in the place, means over draws of what they would buy.

    `packages` is pounds over the price of one, which is all that a division says; `places` is how
    many people that is care for at once, while the places are open.
    """

    pounds: float
    packages: float
    places: float


def money_of(place: Place, option: Option, *, seed: int, draws: int) -> Money | None:
    """Return what the grants of an option come to; None where it has none."""
    grants = [change for change in option.changes if isinstance(change, Grant)]
    if not grants:
        return None
    horizon = float(place.model.body["horizon"])
    lots = [_one_draw(place, grants, horizon, seed, number) for number in range(draws)]
    pounds, packages, places = np.array(lots).mean(axis=0).tolist()
    return Money(pounds, packages, places)


def _one_draw(
    place: Place, grants: Sequence[Grant], horizon: float, seed: int, number: int
) -> tuple[float, float, float]:
    values = draw_values(place.parameters, seed=seed, number=number)
    lots = [
        lot
        for grant in grants
        for lot in bought(place, grant, values, horizon=horizon, seed=seed, number=number)
    ]
    return (
        sum(lot.pounds for lot in lots),
        sum(lot.packages for lot in lots),
        sum(lot.places for lot in lots),
    )
