"""Starting from who is here: from a list of people, or from two published numbers.

What is left of each stay is drawn by the engine, given how long it has lasted. Where only numbers
are known, people are given the stays so far that a ward in balance has.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec
from scipy.optimize import brentq
from scipy.special import ndtr

from joinedup.planning.chance.laws import lognormal_parameters
from joinedup.planning.network.flow import mean_time
from joinedup.planning.network.model import Law, Lognormal, Network, Present

__all__ = ["elapsed_in_balance", "from_numbers", "starting_with"]

GROUPS = 12


def starting_with(network: Network, present: Sequence[Present]) -> Network:
    """Return the network begun with these people instead of a warm-up."""
    return msgspec.structs.replace(network, present=tuple(present), warm_up=0.0)


def elapsed_in_balance(law: Law, *, groups: int = GROUPS) -> tuple[float, ...]:
    """Return how long people have been there, in even groups, where as many come as go.

    The age of a renewal process: density of a is the chance of lasting longer over the mean. For
    lognormal stays exact; for others it is taken as exponential of the same mean.
    """
    if not isinstance(law, Lognormal):
        chances = [(i + 0.5) / groups for i in range(groups)]
        return tuple(-mean_time(law) * math.log1p(-chance) for chance in chances)
    in_means = _in_balance(law.sd / law.mean, groups)
    return tuple(law.mean * elapsed for elapsed in in_means)


@lru_cache(maxsize=4096)
def _in_balance(variation: float, groups: int) -> tuple[float, ...]:
    """Return it for a lognormal law of mean 1."""
    mu, sigma = lognormal_parameters(1.0, variation)

    def younger(log_age: float, chance: float) -> float:
        beyond = float(ndtr((mu - log_age) / sigma))
        below = float(ndtr((log_age - mu - sigma * sigma) / sigma))
        return math.exp(log_age) * beyond + below - chance

    low, high = mu - 12.0 * sigma - 5.0, mu + 12.0 * sigma + 5.0
    return tuple(
        math.exp(brentq(younger, low, high, args=((i + 0.5) / groups,))) for i in range(groups)
    )


def from_numbers(
    network: Network,
    in_service: Mapping[tuple[str, str], float],
    waiting: Mapping[tuple[str, str, str], float],
) -> tuple[Present, ...]:
    """Return people for so many in each (class, service), and held (class, service, for what).

    Parts of people are carried on from group to group, so that the sum is right to half a person.
    """
    laws = {(r.person_class, r.service): r.stay for r in network.routes}
    found: list[Present] = []
    for (kind, service), count in in_service.items():
        owed = 0.0
        for elapsed in elapsed_in_balance(laws[kind, service]):
            owed += count / GROUPS
            whole = round(owed)
            if whole > 0:
                found.append(Present(kind, service, elapsed, count=whole))
                owed -= whole
    for (kind, service, wanted), count in waiting.items():
        if round(count) > 0:
            elapsed = mean_time(laws[kind, service])
            found.append(Present(kind, service, elapsed, wanted, count=round(count)))
    return tuple(found)
