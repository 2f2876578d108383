"""What is wrong with a network, before it is played: every problem with its place and its remedy.

`problems` makes a network unplayable; `concerns` only reports, since an overloaded winter is a
fair question for a few weeks and a wrong one for a steady state.
"""

from collections.abc import Iterator

from joinedup.fhir.issue import Invalid, Problem
from joinedup.planning.network.flow import loads
from joinedup.planning.network.model import Network, Service, Steps
from joinedup.planning.network.sound_laws import law_problems, steps_problems
from joinedup.planning.network.sound_routes import route_problems

__all__ = ["concerns", "problems", "require_sound"]

MOST_PERIODS = 100_000


def require_sound(network: Network) -> Network:
    """Return the network; refuses with Invalid naming every problem there is."""
    found = problems(network)
    if found:
        raise Invalid(*found)
    return network


def problems(network: Network) -> tuple[Problem, ...]:
    """Return everything that makes the network unplayable; empty means it can be played."""
    found = [*_frame(network), *_names(network)]
    if not found:
        found = [*_services(network), *_classes(network), *route_problems(network)]
    if not found:
        found = [*_present(network)]
    return tuple(found)


def concerns(network: Network) -> tuple[Problem, ...]:
    """Return what a sound network will not settle at: services asked for more than they have."""
    found = []
    shy = {r.service for r in network.routes if r.patience or r.joins}
    for i, (service, load) in enumerate(zip(network.services, loads(network), strict=True)):
        bounded = service.waiting_limit is not None or service.name in shy
        if load.keeps_up or bounded or load.wanted == 0.0:
            continue
        message = (
            f"{load.service} cannot keep up: {load.wanted:.4g} places are wanted on average and "
            f"there are {load.places:.4g}, so its queue grows as long as it is played. "
            "Add places, shorten stays, send fewer there, or limit waiting."
        )
        path = f"services[{i}].capacity"
        found.append(Problem("business-rule", message, path, severity="warning"))
    return tuple(found)


def _frame(n: Network) -> Iterator[Problem]:
    if not 0.0 < n.horizon < 1e9:
        yield Problem("value", f"horizon is {n.horizon}: play for a time above 0", "horizon")
    elif not 0.0 <= n.warm_up < n.horizon:
        yield Problem(
            "value", f"warm_up is {n.warm_up}: from 0 to below the horizon {n.horizon}", "warm_up"
        )
    elif n.period is not None and not (n.horizon - n.warm_up) / MOST_PERIODS <= n.period:
        yield Problem(
            "value",
            f"period is {n.period}: above 0, and at most {MOST_PERIODS:,} of them",
            "period",
        )
    if not n.services or not n.classes:
        yield Problem("required", "name at least one service and one class", "services")
    if n.most_present < 1:
        yield Problem("value", "most_present is at least 1", "most_present")
    if any(bound < 0.0 for bound in n.wait_bounds):
        yield Problem("value", "a bound on waits is never negative", "wait_bounds")


def _names(n: Network) -> Iterator[Problem]:
    for where, names in (
        ("services", [s.name for s in n.services]),
        ("classes", [c.name for c in n.classes]),
    ):
        seen: set[str] = set()
        for i, name in enumerate(names):
            if not name:
                yield Problem("required", "give it a name", f"{where}[{i}].name")
            elif name in seen:
                message = f"{name} is there twice: give the second another name"
                yield Problem("duplicate", message, f"{where}[{i}].name")
            seen.add(name)


def _services(n: Network) -> Iterator[Problem]:
    for i, s in enumerate(n.services):
        path = f"services[{i}]"
        if isinstance(s.capacity, Steps):
            yield from steps_problems(s.capacity, f"{path}.capacity", whole=True)
        elif s.capacity is not None and s.capacity < 0:
            message = f"{s.name} has {s.capacity} places: give 0 or more, or nothing for no limit"
            yield Problem("value", message, f"{path}.capacity")
        if s.waiting_limit is not None and s.waiting_limit < 0:
            message = f"{s.name} lets {s.waiting_limit} wait: give 0 (nobody waits) or more"
            yield Problem("value", message, f"{path}.waiting_limit")
        for j, closure in enumerate(s.closures):
            here = f"{path}.closures[{j}]"
            if not 0.0 <= closure.start < closure.end:
                message = f"a closure of {s.name} ends before it starts, or starts before time 0"
                yield Problem("value", message, here)
            yield from _shut(s, closure.places, here)
        for j, outbreaks in enumerate(s.outbreaks):
            here = f"{path}.outbreaks[{j}]"
            if not outbreaks.name or outbreaks.name in {o.name for o in s.outbreaks[:j]}:
                message = f"outbreaks at {s.name} need a name each, since it names their chance"
                yield Problem("duplicate", message, f"{here}.name")
            yield from steps_problems(outbreaks.rate, f"{here}.rate", whole=False)
            yield from law_problems(outbreaks.lasts, f"{here}.lasts")
            yield from _shut(s, outbreaks.places, here)


def _shut(s: Service, places: int | None, path: str) -> Iterator[Problem]:
    if places is not None and places < 0:
        yield Problem("value", f"a closure of {s.name} closes 0 or more places", path)
    if places is not None and s.capacity is None:
        message = f"{s.name} has no limit, so all of it closes or none: leave out places"
        yield Problem("value", message, path)


def _classes(n: Network) -> Iterator[Problem]:
    known = {s.name for s in n.services}
    for i, c in enumerate(n.classes):
        if c.enters not in known:
            message = f"{c.name} enters {c.enters}, which is no service: {', '.join(sorted(known))}"
            yield Problem("not-found", message, f"classes[{i}].enters")
        if c.arrivals is not None:
            yield from steps_problems(c.arrivals, f"classes[{i}].arrivals", whole=False)


def _present(n: Network) -> Iterator[Problem]:
    routes = {(r.person_class, r.service): r for r in n.routes}
    for i, p in enumerate(n.present):
        path = f"present[{i}]"
        if p.count < 1 or p.elapsed < 0.0 or p.waited < 0.0:
            yield Problem("value", "count is at least 1, elapsed and waited at least 0", path)
        if p.service is None and p.waiting_for is None:
            yield Problem("required", "say where they are, or what they wait for", path)
        for place in (p.service, p.waiting_for):
            if place is not None and (p.person_class, place) not in routes:
                message = f"no route says what {p.person_class} does at {place}: add one"
                yield Problem("not-found", message, path)
                return
        if p.service is not None and p.waiting_for is None:
            stay = routes[p.person_class, p.service].stay
            yield from law_problems(stay, path, elapsed=p.elapsed)
        if p.service is not None and p.waiting_for is not None:
            onward = routes[p.person_class, p.service]
            if not onward.holds or p.waiting_for not in {o.to for o in onward.onward}:
                message = (
                    f"nobody waits at {p.service} for {p.waiting_for}: its route of "
                    f"{p.person_class} holds no place for it. Mend the route or the person"
                )
                yield Problem("business-rule", message, path)
