"""How busy a network would be if nobody waited: the traffic equations, averaged over time.

Plain arithmetic before anything is played. It tells which services cannot keep up (their queues
would grow for ever), and gives the engine an idea of how many events to expect.
"""

from itertools import pairwise

from msgspec import Struct

from joinedup.planning.network.model import Empirical, Fixed, Law, Network, Steps

__all__ = ["Load", "loads", "mean_time", "mean_value"]


class Load(Struct, frozen=True):
    """One service's admissions asked for a unit of time, places wanted, and places there are."""

    service: str
    rate: float
    wanted: float
    places: float

    @property
    def keeps_up(self) -> bool:
        """Whether there are more places than are wanted on average."""
        return self.wanted < self.places


def mean_time(law: Law) -> float:
    """Return the mean of a law."""
    if isinstance(law, Fixed):
        return law.value
    if isinstance(law, Empirical):
        weights = law.weights or (1.0,) * len(law.values)
        weighed = sum(v * w for v, w in zip(law.values, weights, strict=True))
        return weighed / sum(weights)
    return law.mean


def mean_value(steps: Steps, horizon: float) -> float:
    """Return the mean over one period, or from 0 to the horizon where there is none."""
    end = steps.period if steps.period is not None else horizon
    edges = [min(time, end) for time in steps.times] + [end]
    area = sum(
        value * (upper - lower)
        for value, (lower, upper) in zip(steps.values, pairwise(edges), strict=True)
    )
    return area / end


def loads(network: Network) -> tuple[Load, ...]:
    """Return every service's load; the network must be sound (everybody leaves some day)."""
    states = [(r.person_class, r.service) for r in network.routes]
    place = {state: i for i, state in enumerate(states)}
    outside = [0.0] * len(states)
    for c in network.classes:
        if c.arrivals is not None:
            outside[place[c.name, c.enters]] += mean_value(c.arrivals, network.horizon)
    moves = [[0.0] * len(states) for _ in states]
    for i, route in enumerate(network.routes):
        for onward in route.onward:
            j = place[onward.become or route.person_class, onward.to]
            moves[i][j] += onward.probability
    rates = _solve(moves, outside)
    found = []
    for service in network.services:
        mine = [i for i, state in enumerate(states) if state[1] == service.name]
        wanted = sum(rates[i] * mean_time(network.routes[i].stay) for i in mine)
        found.append(
            Load(service.name, sum(rates[i] for i in mine), wanted, _places(network, service.name))
        )
    return tuple(found)


def _places(network: Network, name: str) -> float:
    """Return the mean places of a service, about: closures are taken off as if never at once."""
    service = next(s for s in network.services if s.name == name)
    if service.capacity is None:
        return float("inf")
    if isinstance(service.capacity, int):
        planned = float(service.capacity)
    else:
        planned = mean_value(service.capacity, network.horizon)
    shut = 0.0
    for c in service.closures:
        share = (min(c.end, network.horizon) - min(c.start, network.horizon)) / network.horizon
        shut += share * min(planned, planned if c.places is None else c.places)
    for o in service.outbreaks:
        at_once = mean_value(o.rate, network.horizon) * mean_time(o.lasts)
        shut += at_once * min(planned, planned if o.places is None else o.places)
    return max(0.0, planned - shut)


def _solve(moves: list[list[float]], outside: list[float]) -> list[float]:
    """Return x with x = outside + x moves, by Gauss's elimination."""
    n = len(outside)
    rows = [
        [(1.0 if i == j else 0.0) - moves[i][j] for i in range(n)] + [outside[j]] for j in range(n)
    ]
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(rows[i][k]))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in range(n):
            if i != k and rows[i][k] != 0.0:
                factor = rows[i][k] / rows[k][k]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [rows[k][n] / rows[k][k] for k in range(n)]
