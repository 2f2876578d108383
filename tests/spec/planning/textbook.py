"""The networks of books, in our words, and what each must show; the known values come elsewhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from joinedup.planning.network import (
    Exponential,
    Law,
    Lognormal,
    Network,
    Onward,
    PersonClass,
    Present,
    Route,
    Service,
    seasonal,
    steady,
)
from joinedup.planning.statistics import Floats, Outcome

Read = Callable[[Outcome], Floats]
ONCE = Exponential(1.0)


@dataclass(frozen=True)
class Case:
    """A network, and by name what is read from it."""

    network: Network
    reads: dict[str, Read]


def queue(
    rates: Sequence[float],
    places: int,
    *,
    stay: Law = ONCE,
    limit: int | None = None,
    patience: Law | None = None,
    horizon: float,
) -> Network:
    """One service; class 0 goes first."""
    names = [f"class {i}" for i in range(len(rates))]
    return Network(
        services=(Service("desk", places, waiting_limit=limit),),
        classes=tuple(
            PersonClass(name, "desk", steady(rate), priority=i)
            for i, (name, rate) in enumerate(zip(names, rates, strict=True))
        ),
        routes=tuple(Route(name, "desk", stay, patience=patience) for name in names),
        horizon=horizon,
        warm_up=horizon / 5,
    )


def bed_blocking(
    rate: float,
    treatment: float,
    beds: int,
    *,
    share: float,
    stay: float,
    places: int,
    horizon: float,
) -> Network:
    """A ward, and the places that some of its people wait for in bed."""
    return Network(
        services=(Service("ward", beds), Service("care", places)),
        classes=(PersonClass("person", "ward", steady(rate)),),
        routes=(
            Route("person", "ward", Exponential(treatment), (Onward("care", share),)),
            Route("person", "care", Exponential(stay)),
        ),
        horizon=horizon,
        warm_up=horizon / 5,
    )


def line(stations: int, *, horizon: float) -> Network:
    """Servers in a row without buffers; enough people wait before the first to keep it busy."""
    names = [f"station {i}" for i in range(stations)]
    onward = [(Onward(name, 1.0),) for name in names[1:]] + [()]
    return Network(
        services=tuple(Service(name, 1) for name in names),
        classes=(PersonClass("piece", names[0]),),
        routes=tuple(Route("piece", n, ONCE, to) for n, to in zip(names, onward, strict=True)),
        horizon=horizon,
        warm_up=horizon / 5,
        present=(Present("piece", waiting_for=names[0], count=int(horizon)),),
    )


def season(rate: float, mean: float, sd: float, *, years: int) -> Network:
    """Nobody waits; rates follow a year in steps of a tenth of a day, taken at their middle."""
    arrivals = seasonal(rate, 0.15, peak=-0.05, steps=3650)
    return Network(
        services=(Service("beds"),),
        classes=(PersonClass("person", "beds", arrivals),),
        routes=(Route("person", "beds", Lognormal(mean, sd)),),
        horizon=365.0 * (years + 2),
        warm_up=730.0,
        period=1.0,
    )


def wait_of(person_class: str | None = None, service: str = "desk") -> Read:
    """The mean wait."""
    return lambda o: o.mean_wait(service, person_class)


def share(kind: str, of: str = "asked", service: str = "desk") -> Read:
    """The share of one count in another."""
    return lambda o: o.count(kind, service) / o.count(of, service)


def number(measure: str, service: str = "desk") -> Read:
    """The mean of a number over time."""
    return lambda o: o.mean(measure, service)


def rate(kind: str, service: str) -> Read:
    """How many a unit of time."""
    return lambda o: o.count(kind, service) / float(o.edges[-1] - o.edges[0])
