"""A model: its parameters, its first day, and a network written in their names.

`network` puts numbers in: the values of the table, a draw of them, or those of a scenario.
"""

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem
from joinedup.planning.chance.keys import GOLDEN, mix, name_key, run_key, uniform
from joinedup.planning.chance.laws import draw_time, logarithm
from joinedup.planning.files.expressions import Value
from joinedup.planning.files.parameters import Parameter, values_of
from joinedup.planning.files.shape import MISSING, Reader
from joinedup.planning.network.model import Closure, Law, Network

__all__ = ["MOST_OUTBREAKS", "Model", "Outbreaks", "build", "closures_of"]

MOST_OUTBREAKS = 5_000


class Outbreaks(Struct, frozen=True, forbid_unknown_fields=True):
    """Closures by chance, as norovirus makes them: how many a day, how many places, how long.

    They come `a_day` on average over the year, times 1 + swing cos(2 pi (day of year - peak)/365).
    """

    service: str
    a_day: float
    places: Law
    days: Law
    swing: float = 0.0
    peak_day: float = 1.0


class Model(Struct, frozen=True):
    """What a model file says. `body` is the network as written, in names of parameters.

    `unknown` says in words what the model does not know, for whoever reads its answers.
    """

    title: str
    starts: date
    parameters: tuple[Parameter, ...]
    body: dict[str, Any]
    outbreaks: tuple[dict[str, Any], ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def values(self) -> dict[str, Value]:
        """The value of every parameter."""
        return values_of(self.parameters)

    def parameter(self, name: str) -> Parameter:
        """Return a parameter by its name; KeyError names those there are."""
        for one in self.parameters:
            if one.name == name:
                return one
        known = ", ".join(p.name for p in self.parameters)
        raise KeyError(f"no parameter {name}: use one of {known}")

    def network(
        self, values: Mapping[str, Value] | None = None, *, seed: int = 0, winter: int = 0
    ) -> Network:
        """Return the network with these values in place of the table's (others stay).

        `seed` and `winter` name the luck of its outbreaks. Refuses with Invalid, all problems told.
        """
        return build(self, {**self.values, **(values or {})}, seed=seed, winter=winter)


def build(
    model: Model,
    values: Mapping[str, Value],
    *,
    seed: int = 0,
    winter: int = 0,
    problems: list[Problem] | None = None,
) -> Network:
    """Return the model's network in numbers; problems are added to the list, or refused."""
    found: list[Problem] = [] if problems is None else problems
    horizon = model.body.get("horizon", 0)
    days = float(horizon) if isinstance(horizon, int | float) and 0 < horizon < 1e6 else 1.0
    reader = Reader(values, starts=model.starts, horizon=days, problems=found)
    network = reader.read(model.body, Network, "")
    outbreaks = [
        reader.read(one, Outbreaks, f"outbreaks[{i}]") for i, one in enumerate(model.outbreaks)
    ]
    if network is not MISSING:
        services = {s.name for s in network.services}
        for i, one in enumerate(outbreaks):
            if one is not MISSING and one.service not in services:
                words = ", ".join(sorted(services))
                message = f"{one.service} is no service here: use one of {words}"
                found.append(Problem("not-found", message, f"outbreaks[{i}].service"))
    if found:
        if problems is None:
            raise Invalid(*found)
        return Network((), (), (), 1.0)
    assert isinstance(network, Network)
    for one in outbreaks:
        shut = closures_of(one, starts=model.starts, horizon=days, seed=seed, winter=winter)
        network = _with_closures(network, one.service, shut)
    return network


def closures_of(
    outbreaks: Outbreaks, *, starts: date, horizon: float, seed: int, winter: int
) -> tuple[Closure, ...]:
    """Return one winter's closures, by named chance: the same for ever for a seed and a winter.

    They come by thinning a steady stream; the first year before day 0 is played too, so that
    some are under way when the model begins.
    """
    key = mix(run_key(seed, winter) ^ name_key(f"outbreaks {outbreaks.service}"))
    most = outbreaks.a_day * (1.0 + abs(outbreaks.swing))
    if most <= 0.0:
        return ()
    found: list[Closure] = []
    first_day = starts.timetuple().tm_yday
    time, number = -120.0, 0
    while number < MOST_OUTBREAKS:
        mine = mix(key + (number + 1) * GOLDEN)
        gap, kept, size, length = (mix(mine + k * GOLDEN) for k in range(1, 5))
        time -= logarithm(uniform(gap)) / most
        number += 1
        if time >= horizon:
            return tuple(found)
        day = first_day + time - outbreaks.peak_day
        chance = 1.0 + outbreaks.swing * math.cos(2.0 * math.pi * day / 365.0)
        end = time + draw_time(outbreaks.days, length)
        if uniform(kept) * (1.0 + abs(outbreaks.swing)) < chance and end > 0.0:
            places = max(1, round(draw_time(outbreaks.places, size)))
            found.append(Closure(max(0.0, time), end, places))
    return tuple(found)


def _with_closures(network: Network, name: str, closures: tuple[Closure, ...]) -> Network:
    services = tuple(
        msgspec.structs.replace(s, closures=s.closures + closures) if s.name == name else s
        for s in network.services
    )
    return msgspec.structs.replace(network, services=services)
