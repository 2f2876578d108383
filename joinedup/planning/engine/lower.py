"""From a network to its plan: numbers only, made once and read by every run and thread."""

from typing import Any

import numpy as np
from msgspec import Struct

from joinedup.planning.chance.keys import name_key
from joinedup.planning.chance.laws import (
    cumulative,
    gamma_shape,
    lognormal_parameters,
    lognormal_survival,
)
from joinedup.planning.engine import layout
from joinedup.planning.engine.layout import Array
from joinedup.planning.network.curves import NO_LIMIT, capacity_changes
from joinedup.planning.network.flow import loads
from joinedup.planning.network.model import (
    Empirical,
    Exponential,
    Fixed,
    Law,
    Lognormal,
    Network,
    PersonClass,
    Present,
    Service,
    Steps,
)
from joinedup.planning.statistics import edges

__all__ = ["Lowered", "lower"]


class Lowered(Struct, frozen=True):
    """A network ready to be played, with what the engine may expect of it."""

    network: Network
    plan: dict[str, Array]
    services: Array
    classes: Array
    levels: int
    expected_people: int
    events_a_time: float
    change_count: int
    present_count: int
    outbreak_keys: tuple[tuple[str, str], ...]

    @property
    def calendar_slots(self) -> int:
        """How many slots are no people: the change of places, arrivals and outbreaks to come."""
        return layout.RESERVED + len(self.classes)


def lower(network: Network) -> Lowered:
    """Return a sound network in numbers."""
    service_of = {s.name: i for i, s in enumerate(network.services)}
    class_of = {c.name: i for i, c in enumerate(network.classes)}
    services, changes = _services(network)
    levels = _levels(network)
    expected = loads(network)
    laws = _Laws()
    classes, rates = _classes(network, service_of, laws)
    rows = _route_rows(network, service_of, class_of, laws) | {
        "laws": laws.rows,
        "seen": laws.seen,
        "level_of": levels,
        "rates": rates,
        "changes": changes,
        "present": _present(network, service_of, class_of),
        "edges": edges(network),
        "bounds": list(network.wait_bounds),
    }
    return Lowered(
        network=network,
        plan={name: _table(rows[name], dtype) for name, dtype in layout.PLAN_TABLES.items()},
        services=services,
        classes=classes,
        levels=1 + max(max(pair) for pair in levels),
        expected_people=int(sum(min(e.wanted, e.places) for e in expected)),
        events_a_time=sum(e.rate for e in expected) * 2.0,
        change_count=len(changes),
        present_count=len(rows["present"]),
        outbreak_keys=tuple((s.name, o.name) for s in network.services for o in s.outbreaks),
    )


def _table(rows: list[Any], dtype: "np.dtype[Any]") -> Array:
    """Return a table; an empty one keeps one row of nothing, so that it has an address."""
    if dtype.names is not None and len(dtype.names) == 1:
        rows = [(row,) for row in rows]
    return np.array(rows, dtype) if rows else np.zeros(1, dtype)


def _route_rows(
    network: Network, service_of: dict[str, int], class_of: dict[str, int], laws: "_Laws"
) -> dict[str, list[Any]]:
    route_of = [layout.NOBODY] * (len(service_of) * len(class_of))
    routes: list[tuple[int, ...]] = []
    onward: list[tuple[float, int, int]] = []
    joins: list[float] = []
    for i, r in enumerate(network.routes):
        route_of[class_of[r.person_class] * len(service_of) + service_of[r.service]] = i
        patience = layout.NOBODY if r.patience is None else laws.add(r.patience)
        instead = layout.NOBODY if r.instead is None else service_of[r.instead]
        row = (laws.add(r.stay), patience, len(onward), len(r.onward), r.holds, instead)
        routes.append((*row, len(joins), len(r.joins)))
        joins += r.joins
        chance = 0.0
        for o in r.onward:
            chance += o.probability
            onward.append((chance, service_of[o.to], class_of[o.become or r.person_class]))
    return {"routes": routes, "route_of": route_of, "onward": onward, "joins": joins}


class _Laws:
    """The rows of laws, and the times seen that empirical ones share."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, float, int, int, int]] = []
        self.seen: list[tuple[float, float]] = []

    def add(self, law: Law) -> int:
        """Return the row of a law."""
        self.rows.append(self._row(law))
        return len(self.rows) - 1

    def _row(self, law: Law) -> tuple[float, float, int, int, int]:
        if isinstance(law, Exponential):
            return (law.mean, 0.0, 0, 0, layout.EXPONENTIAL)
        if isinstance(law, Fixed):
            return (law.value, 0.0, 0, 0, layout.FIXED)
        if isinstance(law, Lognormal):
            return (*lognormal_parameters(law.mean, law.sd), 0, 0, layout.LOGNORMAL)
        if isinstance(law, Empirical):
            first = len(self.seen)
            self.seen += zip(*cumulative(law), strict=True)
            return (0.0, 0.0, first, len(law.values), layout.SEEN)
        return (*gamma_shape(law.mean, law.sd), 0, 0, layout.GAMMA)


def _levels(network: Network) -> list[tuple[int, int]]:
    """Return which queue each class joins at each service, without and with a place elsewhere."""
    orders = []
    for service in network.services:
        ranks = {_rank(service, c, holding) for c in network.classes for holding in (False, True)}
        orders.append(sorted(ranks))
    return [
        (order.index(_rank(service, c, False)), order.index(_rank(service, c, True)))
        for c in network.classes
        for service, order in zip(network.services, orders, strict=True)
    ]


def _rank(service: Service, c: PersonClass, holding: bool) -> tuple[int, int]:
    late = service.holders_first and not holding
    return int(late), c.priority if service.order == "priority" else 0


def _services(network: Network) -> tuple[Array, list[Any]]:
    rows, changes = [], []
    for i, s in enumerate(network.services):
        (_, planned, places), *later = capacity_changes(s, network.horizon)
        limit = NO_LIMIT if s.waiting_limit is None else s.waiting_limit
        rows.append((name_key(s.name), places, limit, planned, places, 0, 0))
        changes += [(time, i, *more) for time, *more in later]
    ordered = [(time, *more, i) for time, i, *more in sorted(changes)]
    return np.array(rows, layout.SERVICE), ordered


def _classes(
    network: Network, service_of: dict[str, int], laws: _Laws
) -> tuple[Array, list[tuple[float, float]]]:
    """Return how people of each class come, then how outbreaks do, and all their rates."""
    outbreaks = [(service_of[s.name], o) for s in network.services for o in s.outbreaks]
    found = np.zeros(len(network.classes) + len(outbreaks), layout.CLASS)
    rates: list[tuple[float, float]] = []
    for row, c in zip(found, network.classes, strict=False):
        row["enters"], row["even"] = service_of[c.enters], c.even
        if c.arrivals is not None:
            _add_rates(row, c.arrivals, rates)
    for row, (service, o) in zip(found[len(network.classes) :], outbreaks, strict=True):
        row["enters"], row["law"] = service, laws.add(o.lasts)
        row["places"] = layout.NOBODY if o.places is None else o.places
        _add_rates(row, o.rate, rates)
    return found, rates


def _add_rates(row: Any, steps: Steps, rates: list[tuple[float, float]]) -> None:
    row["first"], row["count"] = len(rates), len(steps.values)
    row["period"] = steps.period or 0.0
    rates += zip(steps.values, steps.times, strict=True)


def _present(network: Network, service_of: dict[str, int], class_of: dict[str, int]) -> list[Any]:
    stays = {(r.person_class, r.service): r.stay for r in network.routes}
    rows: list[tuple[Any, ...]] = []
    numbers = [0] * len(class_of)
    for p in network.present:
        at = layout.NOBODY if p.service is None else service_of[p.service]
        wants = layout.NOBODY if p.waiting_for is None else service_of[p.waiting_for]
        kind = class_of[p.person_class]
        survival = _survival(p, stays)
        for _ in range(p.count):
            numbers[kind] -= 1
            rows.append((p.elapsed, p.waited, survival, kind, at, wants, numbers[kind]))
    return rows


def _survival(p: Present, stays: dict[tuple[str, str], Law]) -> float:
    law = stays.get((p.person_class, p.service or ""))
    if isinstance(law, Lognormal):
        return lognormal_survival(*lognormal_parameters(law.mean, law.sd), p.elapsed)
    return 1.0
