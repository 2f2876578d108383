"""How busy a network would be if nobody waited: the traffic equations, averaged over time.

Plain arithmetic before anything is played. It tells which services cannot keep up (their queues
would grow for ever), and gives the engine an idea of how many events to expect.
"""

from itertools import pairwise

from msgspec import Struct

from joinedup.planning.network.model import Empirical, Fixed, Law, Network, Service, Steps

__all__ = ["Load", "loads", "mean_time", "mean_value"]

MOST_ROUNDS = 10_000


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
    place = {(r.person_class, r.service): i for i, r in enumerate(network.routes)}
    outside = [0.0] * len(place)
    for c in network.classes:
        if c.arrivals is not None:
            outside[place[c.name, c.enters]] += mean_value(c.arrivals, network.horizon)
    moves = [
        [(place[o.become or r.person_class, o.to], o.probability) for o in r.onward]
        for r in network.routes
    ]
    rates = dict.fromkeys((s.name for s in network.services), 0.0)
    wanted = dict(rates)
    for route, rate in zip(network.routes, _passed_on(moves, outside), strict=True):
        rates[route.service] += rate
        wanted[route.service] += rate * mean_time(route.stay)
    return tuple(
        Load(s.name, rates[s.name], wanted[s.name], _places(s, network.horizon))
        for s in network.services
    )


def _places(service: Service, horizon: float) -> float:
    """Return the mean places of a service, about: closures are taken off as if never at once."""
    if service.capacity is None:
        return float("inf")
    if isinstance(service.capacity, int):
        planned = float(service.capacity)
    else:
        planned = mean_value(service.capacity, horizon)
    shut = 0.0
    for c in service.closures:
        share = (min(c.end, horizon) - min(c.start, horizon)) / horizon
        shut += share * min(planned, planned if c.places is None else c.places)
    for o in service.outbreaks:
        at_once = mean_value(o.rate, horizon) * mean_time(o.lasts)
        shut += at_once * min(planned, planned if o.places is None else o.places)
    return max(0.0, planned - shut)


def _passed_on(moves: list[list[tuple[int, float]]], outside: list[float]) -> list[float]:
    """Return x with x = outside + x moves: what comes, what of it goes on, what of that, ...

    Until a million-millionth of it is left, or for 10,000 rounds where people come back for ever.
    """
    total, passing = list(outside), outside
    for _ in range(MOST_ROUNDS):
        if not sum(passing) > 1e-12 * sum(total):
            break
        after = [0.0] * len(total)
        for rate, onward in zip(passing, moves, strict=True):
            if rate > 0.0:
                for j, chance in onward:
                    after[j] += rate * chance
        passing = after
        total = [a + b for a, b in zip(total, passing, strict=True)]
    return total
