"""The values of a network: what a planner writes down, in the words of queueing theory.

Every value is frozen and plain; names, not numbers, join them. All times of one network share one
unit, which the network does not know: a day for a hospital, a mean service for a textbook queue.
What the rules mean in play is written at each field, and docs/decisions/0006-engine.md says why.
"""

from typing import Literal

from msgspec import Struct

__all__ = [
    "Closure",
    "Empirical",
    "Exponential",
    "Fixed",
    "Gamma",
    "Law",
    "Lognormal",
    "Network",
    "Onward",
    "Outbreaks",
    "PersonClass",
    "Present",
    "Route",
    "Service",
    "Steps",
]


class Steps(Struct, frozen=True, forbid_unknown_fields=True):
    """A value over time: `values[i]` from `times[i]` on; with a `period` it begins again for ever.

    `times` starts at 0 and rises; without a period the last value stays.
    """

    values: tuple[float, ...]
    times: tuple[float, ...] = (0.0,)
    period: float | None = None


class Exponential(Struct, frozen=True, tag="exponential", forbid_unknown_fields=True):
    """A time without memory."""

    mean: float


class Lognormal(Struct, frozen=True, tag="lognormal", forbid_unknown_fields=True):
    """The usual law of a stay, by the mean and standard deviation of the time itself."""

    mean: float
    sd: float


class Gamma(Struct, frozen=True, tag="gamma", forbid_unknown_fields=True):
    """A gamma law by the mean and standard deviation of the time itself."""

    mean: float
    sd: float


class Fixed(Struct, frozen=True, tag="fixed", forbid_unknown_fields=True):
    """Always the same time."""

    value: float


class Empirical(Struct, frozen=True, tag="empirical", forbid_unknown_fields=True):
    """One of the times seen, each as likely as its weight (all alike where none are given)."""

    values: tuple[float, ...]
    weights: tuple[float, ...] = ()


Law = Exponential | Lognormal | Gamma | Fixed | Empirical


class Closure(Struct, frozen=True, forbid_unknown_fields=True):
    """From `start` to `end`, `places` (all, where not said) admit nobody; who is in, stays in."""

    start: float
    end: float
    places: int | None = None


class Outbreaks(Struct, frozen=True, forbid_unknown_fields=True):
    """Closures at random (norovirus): they begin at `rate`, and each `lasts` a time of its own.

    Each shuts `places` (all, where not said) as a `Closure` does; those there at once add up. When
    they come and how long they last is named by the service and `name`, so that a scenario that
    shortens them keeps their beginnings.
    """

    name: str
    rate: Steps
    lasts: Law
    places: int | None = None


class Service(Struct, frozen=True, forbid_unknown_fields=True):
    """Somewhere with places: a ward, a package supply, a triage desk.

    `capacity` is a number, a number over time, or None for no limit. When it falls nobody is put
    out: the next are let in when fewer are there. `waiting_limit` is the most people who may wait
    here holding no place elsewhere; who comes when it is reached is turned away. `order` says who
    is next: the class's priority, then who asked first; or only who asked first. `holders_first`
    puts those who wait while holding a place elsewhere before everybody else.
    """

    name: str
    capacity: Steps | int | None = None
    closures: tuple[Closure, ...] = ()
    waiting_limit: int | None = None
    order: Literal["priority", "arrival"] = "priority"
    holders_first: bool = False
    outbreaks: tuple[Outbreaks, ...] = ()


class PersonClass(Struct, frozen=True, forbid_unknown_fields=True):
    """People alike in how they come and what they need; a lower `priority` goes first.

    They come at random at the rate `arrivals` (people a unit of time), or evenly spaced at that
    rate where `even` is true, and ask for `enters`. Without arrivals only those present at the
    start, or who become of this class on the way, belong to it.
    """

    name: str
    enters: str
    arrivals: Steps | None = None
    priority: int = 0
    even: bool = False


class Onward(Struct, frozen=True, forbid_unknown_fields=True):
    """Where somebody goes after a stay, how probably, and the class they become by going."""

    to: str
    probability: float
    become: str | None = None


class Route(Struct, frozen=True, forbid_unknown_fields=True):
    """What one class does at one service: how long it stays, where it goes, how long it waits.

    Who is not sent onward leaves. `holds` is the one rule of the house: with it, somebody whose
    stay is over keeps the place until the next service has one for them (blocking after service:
    bed blocking, trolley waits); without it they give the place up and wait outside. `patience`
    is how long they wait for *this* service before they give up and leave the network. `joins` is
    how probably somebody who holds no place and would have to wait does wait, when nobody waits
    there without one, when one does, and so on; the last goes for all beyond (empty: everybody
    joins). `instead` is the service that those ask for who are turned away, or do not join; without
    it they leave.
    """

    person_class: str
    service: str
    stay: Law
    onward: tuple[Onward, ...] = ()
    holds: bool = True
    patience: Law | None = None
    joins: tuple[float, ...] = ()
    instead: str | None = None


class Present(Struct, frozen=True, forbid_unknown_fields=True):
    """People who are there at time 0: `count` alike.

    `service` is the place they hold, where they came `elapsed` ago: what is left of their stay is
    drawn given that it has lasted so long. `waiting_for` says that they wait, since `waited` ago;
    with both, their stay is over and they wait while holding.
    """

    person_class: str
    service: str | None = None
    elapsed: float = 0.0
    waiting_for: str | None = None
    waited: float = 0.0
    count: int = 1


class Network(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole model: played from time 0 to `horizon`, measured from `warm_up` on.

    Figures are kept by `period` (one period where none is given), and waits are counted over each
    of `wait_bounds`. More than `most_present` people at once is refused, so that a network that
    cannot balance is reported and not run for ever.
    """

    services: tuple[Service, ...]
    classes: tuple[PersonClass, ...]
    routes: tuple[Route, ...]
    horizon: float
    warm_up: float = 0.0
    period: float | None = None
    present: tuple[Present, ...] = ()
    wait_bounds: tuple[float, ...] = ()
    most_present: int = 2_000_000
