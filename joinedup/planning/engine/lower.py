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
    class_names: tuple[int, ...]
    outbreak_names: tuple[tuple[int, int], ...]
    queues: int
    expected_people: int
    events_a_time: float
    change_count: int
    present_count: int

    @property
    def calendar_slots(self) -> int:
        """How many slots are no people: the change of places, arrivals and outbreaks to come."""
        return layout.RESERVED + len(self.classes)


def lower(network: Network) -> Lowered:
    """Return a sound network in numbers."""
    service_of = {s.name: i for i, s in enumerate(network.services)}
    row_of = {(r.person_class, r.service): i for i, r in enumerate(network.routes)}
    levels = _levels(network)
    services, changes = _services(network, levels)
    expected = loads(network)
    laws = _Laws()
    classes, rates = _classes(network, service_of, row_of, laws)
    rows = _route_rows(network, row_of, laws, _Queues(service_of, levels, services)) | {
        "laws": laws.rows,
        "seen": laws.seen,
        "rates": rates,
        "changes": changes,
        "present": _present(network, row_of),
        "edges": edges(network),
        "bounds": list(network.wait_bounds),
    }
    return Lowered(
        network=network,
        plan={name: _table(rows[name], dtype) for name, dtype in layout.PLAN_TABLES.items()},
        services=services,
        classes=classes,
        class_names=tuple(name_key(c.name) for c in network.classes),
        outbreak_names=tuple(
            (name_key(s.name), name_key(o.name)) for s in network.services for o in s.outbreaks
        ),
        queues=int(services["queue_count"].sum()),
        expected_people=int(sum(min(e.wanted, e.places) for e in expected)),
        events_a_time=sum(e.rate for e in expected) * 2.0,
        change_count=len(changes),
        present_count=len(rows["present"]),
    )


def _table(rows: list[Any], dtype: "np.dtype[Any]") -> Array:
    """Return a table; an empty one keeps one row of nothing, so that it has an address."""
    if dtype.names is not None and len(dtype.names) == 1:
        rows = [(row,) for row in rows]
    return np.array(rows, dtype) if rows else np.zeros(1, dtype)


Rank = tuple[int, int]


class _Queues:
    """Where the queues of each service are among all, and which of them somebody joins."""

    def __init__(
        self, service_of: dict[str, int], levels: dict[str, list[Rank]], services: Array
    ) -> None:
        self.service_of = service_of
        self.levels = levels
        self.first = services["first_queue"].tolist()

    def of(self, service: Service, c: PersonClass) -> tuple[int, int]:
        """Return a class's queue without and with a place elsewhere."""
        levels, first = self.levels[service.name], self.first[self.service_of[service.name]]
        return (
            first + levels.index(_rank(service, c, False)),
            first + levels.index(_rank(service, c, True)),
        )


def _levels(network: Network) -> dict[str, list[Rank]]:
    """Return the ranks in which people may wait at each service, the first called first."""
    services = {s.name: s for s in network.services}
    classes = {c.name: c for c in network.classes}
    found: dict[str, set[Rank]] = {name: {(0, 0)} for name in services}
    for r in network.routes:
        for holding in (False, True):
            rank = _rank(services[r.service], classes[r.person_class], holding)
            found[r.service].add(rank)
    return {name: sorted(ranks) for name, ranks in found.items()}


def _rank(service: Service, c: PersonClass, holding: bool) -> Rank:
    late = service.holders_first and not holding
    return int(late), c.priority if service.order == "priority" else 0


def _route_rows(
    network: Network, row_of: dict[tuple[str, str], int], laws: "_Laws", queues: _Queues
) -> dict[str, list[Any]]:
    services = {s.name: s for s in network.services}
    classes = {c.name: c for c in network.classes}
    routes: list[tuple[int, ...]] = []
    onward: list[tuple[float, int]] = []
    joins: list[float] = []
    for r in network.routes:
        patience = layout.NOBODY if r.patience is None else laws.add(r.patience)
        instead = layout.NOBODY if r.instead is None else row_of[r.person_class, r.instead]
        service = services[r.service]
        routes.append((
            name_key(r.service), laws.add(r.stay), patience, len(onward), len(r.onward), r.holds,
            instead, len(joins), len(r.joins), queues.service_of[r.service],
            *queues.of(service, classes[r.person_class]),
        ))  # fmt: skip
        joins += r.joins
        chance = 0.0
        for o in r.onward:
            chance += o.probability
            onward.append((chance, row_of[o.become or r.person_class, o.to]))
    return {"routes": routes, "onward": onward, "joins": joins}


class _Laws:
    """The rows of laws, and the times seen that empirical ones share."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, float, int, int, int]] = []
        self.seen: list[tuple[float, float]] = []
        self.known: dict[Law, int] = {}

    def add(self, law: Law) -> int:
        """Return the row of a law; equal laws share one."""
        if law not in self.known:
            self.rows.append(self._row(law))
            self.known[law] = len(self.rows) - 1
        return self.known[law]

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


def _services(network: Network, levels: dict[str, list[Rank]]) -> tuple[Array, list[Any]]:
    rows, changes, first = [], [], 0
    for i, s in enumerate(network.services):
        (_, planned, places), *later = capacity_changes(s, network.horizon)
        limit = NO_LIMIT if s.waiting_limit is None else s.waiting_limit
        rows.append((places, limit, planned, places, 0, 0, first, len(levels[s.name])))
        first += len(levels[s.name])
        changes += [(time, i, *more) for time, *more in later]
    ordered = [(time, *more, i) for time, i, *more in sorted(changes)]
    return np.array(rows, layout.SERVICE), ordered


def _classes(
    network: Network,
    service_of: dict[str, int],
    row_of: dict[tuple[str, str], int],
    laws: _Laws,
) -> tuple[Array, list[tuple[float, float]]]:
    """Return how people of each class come, then how outbreaks do, and all their rates."""
    outbreaks = [(service_of[s.name], o) for s in network.services for o in s.outbreaks]
    found = np.zeros(len(network.classes) + len(outbreaks), layout.CLASS)
    rates: list[tuple[float, float]] = []
    for row, c in zip(found, network.classes, strict=False):
        row["even"] = c.even
        if c.arrivals is not None:
            row["enters"] = row_of[c.name, c.enters]
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


def _present(network: Network, row_of: dict[tuple[str, str], int]) -> list[Any]:
    class_of = {c.name: i for i, c in enumerate(network.classes)}
    rows: list[tuple[Any, ...]] = []
    numbers = [0] * len(class_of)
    for p in network.present:
        here, then = (
            layout.NOBODY if place is None else row_of[p.person_class, place]
            for place in (p.service, p.waiting_for)
        )
        kind = class_of[p.person_class]
        survival = _survival(p, network.routes[here].stay) if here >= 0 else 1.0
        for _ in range(p.count):
            numbers[kind] -= 1
            rows.append((p.elapsed, p.waited, survival, kind, here, then, numbers[kind]))
    return rows


def _survival(p: Present, law: Law) -> float:
    if isinstance(law, Lognormal):
        return lognormal_survival(*lognormal_parameters(law.mean, law.sd), p.elapsed)
    return 1.0
