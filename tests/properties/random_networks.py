"""Random small networks: every rule at once, with times that coincide and people already there."""

from random import Random

from joinedup.planning.network import (
    Closure,
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    Law,
    Lognormal,
    Network,
    Onward,
    Outbreaks,
    PersonClass,
    Present,
    Route,
    Service,
    Steps,
    problems,
)


def random_network(seed: int) -> Network:
    """A sound network made from a seed; those that hold in a circle are tried again."""
    chance = Random(seed)
    while True:
        network = _attempt(chance)
        if not problems(network):
            return network


def _attempt(chance: Random) -> Network:
    services = tuple(f"service {i}" for i in range(chance.randint(1, 4)))
    classes = tuple(f"class {i}" for i in range(chance.randint(1, 3)))
    routes = tuple(_route(chance, c, s, services, classes) for c in classes for s in services)
    horizon = chance.choice([3.0, 20.0, 60.0])
    return Network(
        services=tuple(_service(chance, name, horizon) for name in services),
        classes=tuple(_person_class(chance, name, services) for name in classes),
        routes=routes,
        horizon=horizon,
        warm_up=chance.choice([0.0, 0.0, 1.5]),
        period=chance.choice([None, 1.0, 0.7]),
        present=tuple(_present(chance, routes) for _ in range(chance.choice([0, 0, 2, 5]))),
        wait_bounds=chance.choice([(), (0.5, 2.0)]),
    )


def _service(chance: Random, name: str, horizon: float) -> Service:
    start = chance.uniform(0.0, horizon)
    closure = Closure(start, start + chance.uniform(0.1, horizon), chance.choice([None, 1, 2]))
    capacity = chance.choice(
        [
            0,
            1,
            2,
            5,
            None,
            Steps((2.0, 0.0, 4.0), (0.0, 1.0, 2.0), 5.0),
            Steps((1.0, 3.0), (0.0, 2.0)),
        ]
    )
    outbreaks = chance.choice([0, 0, 0, 1, 2])
    closures = (closure,) if chance.random() < 0.3 and capacity is not None else ()
    return Service(
        name,
        capacity,
        closures,
        chance.choice([None, None, 0, 2]),
        chance.choice(["priority", "arrival"]),
        chance.random() < 0.3,
        tuple(_outbreaks(chance, f"outbreaks {i}", capacity) for i in range(outbreaks)),
    )


def _outbreaks(chance: Random, name: str, capacity: Steps | int | None) -> Outbreaks:
    rates = [Steps((0.3,)), Steps((1.0, 0.0), (0.0, 1.0), 4.0), Steps((0.0, 0.5), (0.0, 2.5))]
    places = chance.choice([None, 1, 2]) if capacity is not None else None
    return Outbreaks(name, chance.choice(rates), random_law(chance), places)


def _person_class(chance: Random, name: str, services: tuple[str, ...]) -> PersonClass:
    rates = [
        None,
        Steps((chance.choice([0.5, 1.0, 4.0]),)),
        Steps((2.0, 0.0, 5.0), (0.0, 1.0, 1.5), 2.0),
        Steps((0.0, 1.0, 0.25), (0.0, 2.0, 9.0)),
    ]
    return PersonClass(
        name,
        chance.choice(services),
        chance.choice(rates),
        chance.randint(0, 2),
        chance.random() < 0.3,
    )


def _route(
    chance: Random, name: str, service: str, services: tuple[str, ...], classes: tuple[str, ...]
) -> Route:
    left, onward = 0.9, []
    for to in services:
        if chance.random() < 0.5:
            share = chance.uniform(0.0, left)
            left -= share
            onward.append(Onward(to, share, chance.choice([None, None, *classes])))
    return Route(
        name,
        service,
        random_law(chance),
        tuple(onward),
        chance.random() < 0.5,
        chance.choice([None, None, random_law(chance)]),
        chance.choice([(), (), (0.5,), (1.0, 0.3, 0.0)]),
        chance.choice([None, None, *services]),
    )


def random_law(chance: Random) -> Law:
    """Any law; some of whole numbers, so that things happen at the same time."""
    laws: list[Law] = [
        Exponential(chance.uniform(0.1, 3.0)),
        Lognormal(chance.uniform(0.1, 3.0), chance.uniform(0.1, 5.0)),
        Gamma(chance.uniform(0.1, 3.0), chance.uniform(0.1, 5.0)),
        Fixed(chance.choice([0.0, 0.5, 1.0, 2.0])),
        Empirical((3.0, 0.5, 1.0), chance.choice([(), (1.0, 0.0, 2.0)])),
    ]
    return chance.choice(laws)


def _present(chance: Random, routes: tuple[Route, ...]) -> Present:
    route = chance.choice(routes)
    elapsed, count = chance.choice([0.0, 0.4, 2.5]), chance.randint(1, 3)
    if chance.random() < 0.5:
        return Present(route.person_class, route.service, elapsed, count=count)
    if route.onward and route.holds and chance.random() < 0.5:
        to = chance.choice(route.onward).to
        return Present(route.person_class, route.service, elapsed, to, 0.25, count)
    return Present(route.person_class, waiting_for=route.service, waited=0.75, count=count)
