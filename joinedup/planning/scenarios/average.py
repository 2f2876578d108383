"""The same network as average flows: what a spreadsheet or a stock-and-flow tool would say of it.

Nobody is a person here. Everybody of a kind at a service is an amount; what comes is the mean rate,
what ends is the amount over the mean stay, what finds no place waits in an amount. So there is no
luck: no queue before a service is full on the mean, no bad week, and every law is its mean.
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from joinedup.planning.network.flow import mean_time
from joinedup.planning.network.model import Network
from joinedup.planning.scenarios.by_day import to_days
from joinedup.planning.statistics import Floats

__all__ = ["Average", "flow_of"]

STEPS_A_DAY = 4
OUTSIDE = ""


class Average(Struct, frozen=True):
    """Means over the measured time by service: in use (held too), held, and waiting for it."""

    in_use: dict[str, float]
    held: dict[str, float]
    waiting: dict[str, float]


class _Flow:
    """The amounts, and how they change in a small step of time."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.routes = {(r.person_class, r.service): r for r in network.routes}
        self.inside = dict.fromkeys(self.routes, 0.0)
        # (class, service wanted, place kept meanwhile): how many wait, in order of asking.
        self.waiting: dict[tuple[str, str, str], float] = {}
        self.capacity = {
            s.name: None if s.capacity is None else to_days(s.capacity, network.horizon)
            for s in network.services
        }
        self.rates = {
            c.name: to_days(c.arrivals, network.horizon)
            for c in network.classes
            if c.arrivals is not None
        }
        self.priority = {c.name: c.priority for c in network.classes}
        self.by_arrival = {s.name: s.order == "arrival" for s in network.services}
        for one in network.present:
            if one.waiting_for is not None:
                key = (one.person_class, one.waiting_for, one.service or OUTSIDE)
                self.waiting[key] = self.waiting.get(key, 0.0) + one.count
            elif one.service is not None:
                self.inside[one.person_class, one.service] += one.count

    def held(self, service: str) -> float:
        return sum(amount for (_, _, kept), amount in self.waiting.items() if kept == service)

    def in_use(self, service: str) -> float:
        here = sum(amount for (_, where), amount in self.inside.items() if where == service)
        return here + self.held(service)

    def wanting(self, service: str) -> float:
        return sum(amount for (_, wanted, _), amount in self.waiting.items() if wanted == service)

    def step(self, day: int, length: float) -> None:
        for c in self.network.classes:
            if c.name in self.rates:
                self._ask(c.name, c.enters, OUTSIDE, float(self.rates[c.name][day]) * length)
        for (who, where), route in self.routes.items():
            over = self.inside[who, where] * min(1.0, length / max(mean_time(route.stay), length))
            self.inside[who, where] -= over
            for onward in route.onward:
                kept = where if route.holds else OUTSIDE
                self._ask(onward.become or who, onward.to, kept, over * onward.probability)
        for key, amount in list(self.waiting.items()):
            patience = self.routes[key[0], key[1]].patience
            if patience is not None and amount > 0.0:
                self.waiting[key] = amount * max(0.0, 1.0 - length / mean_time(patience))
        # Care first: who gets a place there leaves a bed, which the next may have at once.
        for service in reversed(self.network.services):
            self._admit(service.name, day)

    def _ask(self, who: str, service: str, kept: str, amount: float) -> None:
        key = (who, service, kept)
        self.waiting[key] = self.waiting.get(key, 0.0) + amount

    def _admit(self, service: str, day: int) -> None:
        capacity = self.capacity[service]
        room = np.inf if capacity is None else max(0.0, capacity[day] - self.in_use(service))
        keys = [key for key in self.waiting if key[1] == service]
        for group in self._groups(service, keys):
            wanted = sum(self.waiting[key] for key in group)
            share = 1.0 if wanted <= room else room / wanted
            for key in group:
                admitted = self.waiting[key] * share
                self.waiting[key] -= admitted
                self.inside[key[0], service] += admitted
            room -= min(room, wanted)

    def _groups(
        self, service: str, keys: list[tuple[str, str, str]]
    ) -> list[list[tuple[str, str, str]]]:
        if self.by_arrival[service]:
            return [keys]
        ranks = sorted({self.priority[key[0]] for key in keys})
        return [[key for key in keys if self.priority[key[0]] == rank] for rank in ranks]


def flow_of(network: Network) -> Average:
    """Return the mean amounts of a network played as average flows; closures at random are none."""
    flow = _Flow(network)
    services = [s.name for s in network.services]
    totals: dict[str, Floats] = {name: np.zeros(3) for name in services}
    steps = round(network.horizon * STEPS_A_DAY)
    first = round(network.warm_up * STEPS_A_DAY)
    for step in range(steps):
        flow.step(step // STEPS_A_DAY, 1.0 / STEPS_A_DAY)
        if step >= first:
            for name in services:
                totals[name] += (flow.in_use(name), flow.held(name), flow.wanting(name))
    means = {name: total / (steps - first) for name, total in totals.items()}
    return Average(*(_column(means, services, i) for i in range(3)))


def _column(means: dict[str, Floats], services: Sequence[str], i: int) -> dict[str, float]:
    return {name: float(means[name][i]) for name in services}
