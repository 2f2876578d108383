"""What changes do to a place: its network with one draw's numbers, and the option's on top.

Money and places go to `supply`; all else changes how people come, how long they stay or where they
go. Nothing here draws the parameters again: what an option does not touch is as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial

import msgspec

from joinedup.planning import flu
from joinedup.planning.files.expressions import Value
from joinedup.planning.files.over_time import Wave, as_steps
from joinedup.planning.files.parameters import LognormalSpread, Parameter, draw_values
from joinedup.planning.network.model import Lognormal, Network, PersonClass, Route, Steps
from joinedup.planning.places import Place
from joinedup.planning.places.body import CARE
from joinedup.planning.places.parameters import AGES
from joinedup.planning.scenarios.by_day import days_between, from_days, to_days
from joinedup.planning.scenarios.model import (
    AGED,
    CareBreaks,
    Change,
    Deferral,
    FluLike,
    Norovirus,
    Prevention,
    TurnRound,
    Vaccination,
)
from joinedup.planning.scenarios.supply import opened
from joinedup.planning.statistics import Floats

__all__ = ["Draw", "changed", "draw_of", "flu_wave", "name_in"]

NEVER_FLU = "none"
MILD = "mild"


class Draw(msgspec.Struct, frozen=True):
    """One draw of a place's parameters, with its network and its own luck for effects."""

    place: Place
    network: Network
    values: dict[str, Value]
    seed: int
    number: int

    def effect(self, kind: str, share: float, factor_sd: float) -> float:
        """Return an effect with this draw's doubt of it: the same luck in every option."""
        if factor_sd <= 0.0:
            return share
        told = Parameter(f"effect of {kind}", share, "the scenario", "", LognormalSpread(factor_sd))
        drawn = draw_values((told,), seed=self.seed, number=self.number)[told.name]
        assert isinstance(drawn, float)
        return drawn


def draw_of(place: Place, *, seed: int, number: int) -> Draw:
    """Return draw `number` of the place: the same for ever."""
    values = draw_values(place.parameters, seed=seed, number=number)
    return Draw(place, place.model.network(values), values, seed, number)


def changed(draw: Draw, changes: Sequence[Change]) -> Network:
    """Return the draw's network with the changes, in the order given; places of care last."""
    network = draw.network
    for change in changes:
        network = _applied(draw, network, change)
    return opened(draw.place, network, draw.values, changes, seed=draw.seed, number=draw.number)


def name_in(place: Place, kind: str, code: str) -> str:
    """Return what the place's network calls a kind of service or person of a system."""
    return kind if len(place.codes) == 1 else f"{kind} {code}"


def _applied(draw: Draw, network: Network, change: Change) -> Network:
    match change:
        case FluLike():
            return _flu(draw, network, change)
        case Norovirus(times=times):
            return _norovirus(network, times)
        case Deferral():
            return _deferred(draw, network, change)
        case Vaccination(fewer_share=share, factor_sd=sd):
            left = 1.0 - min(1.0, draw.effect("vaccination", share, sd))
            return _fewer(draw.place, network, ("flu",), left)
        case Prevention(fewer_share=share, factor_sd=sd, ages=ages):
            left = 1.0 - min(1.0, draw.effect("prevention", share, sd))
            return _fewer(draw.place, network, ages, left)
        case CareBreaks():
            return _care_breaks(draw, network, change)
        case TurnRound():
            return _sooner(draw, network, change)
    return network


def _people(
    network: Network, kinds: Sequence[str], make: Callable[[PersonClass], PersonClass]
) -> Network:
    classes = tuple(
        make(c) if c.name in kinds and c.arrivals is not None else c for c in network.classes
    )
    return msgspec.structs.replace(network, classes=classes)


def _names(place: Place, kinds: Sequence[str]) -> set[str]:
    return {name_in(place, kind, code) for kind in kinds for code in place.codes}


def _fewer(place: Place, network: Network, kinds: Sequence[str], left: float) -> Network:
    def make(c: PersonClass) -> PersonClass:
        assert c.arrivals is not None
        values = tuple(value * left for value in c.arrivals.values)
        return msgspec.structs.replace(
            c, arrivals=msgspec.structs.replace(c.arrivals, values=values)
        )

    return _people(network, tuple(_names(place, kinds)), make)


def flu_wave(like: str) -> flu.FluWinter:
    """Return a past winter's wave by its name, or the mildest; KeyError where there is none."""
    winters = {w.winter: w for w in flu.past_winters()}
    if like == MILD:
        return min(winters.values(), key=lambda w: w.people_per_100000)
    return winters[like]


def _flu(draw: Draw, network: Network, change: FluLike) -> Network:
    place = draw.place
    if change.like == NEVER_FLU:
        return _fewer(place, network, ("flu",), 0.0)
    if not change.like:
        return _fewer(place, network, ("flu",), change.times)
    wave = flu_wave(change.like)
    on = place.on
    october = date(on.year - (on.month < 7), 10, 1)
    peak = wave.peak_day - (place.model.starts - october).days
    for code in place.codes:
        prefix = "" if len(place.codes) == 1 else f"{code}_"
        served = draw.values[f"{prefix}flu_people"]
        assert isinstance(served, float)
        people = served * wave.people_per_100000 * change.times
        steps = as_steps(
            Wave(people, peak, wave.width_days), starts=place.model.starts, horizon=network.horizon
        )
        network = _people(network, (name_in(place, "flu", code),), partial(_coming, steps))
    return network


def _coming(steps: Steps, c: PersonClass) -> PersonClass:
    return msgspec.structs.replace(c, arrivals=steps)


def _norovirus(network: Network, times: float) -> Network:
    services = []
    for s in network.services:
        outbreaks = tuple(
            msgspec.structs.replace(
                o,
                rate=msgspec.structs.replace(
                    o.rate, values=tuple(value * times for value in o.rate.values)
                ),
            )
            for o in s.outbreaks
        )
        services.append(msgspec.structs.replace(s, outbreaks=outbreaks) if outbreaks else s)
    return msgspec.structs.replace(network, services=tuple(services))


def _deferred(draw: Draw, network: Network, change: Deferral) -> Network:
    starts, horizon = draw.place.model.starts, network.horizon
    first, after = days_between(change.begins, change.ends, starts=starts, horizon=horizon)
    back = change.ends + timedelta(days=max(1, round(change.back_over_days)))
    again, last = days_between(
        change.ends + timedelta(days=1), back, starts=starts, horizon=horizon
    )

    def make(c: PersonClass) -> PersonClass:
        assert c.arrivals is not None
        rates: Floats = to_days(c.arrivals, horizon).copy()
        put_off = rates[first:after] * change.share
        rates[first:after] -= put_off
        rates[again:last] += float(put_off.sum()) / max(1.0, change.back_over_days)
        return msgspec.structs.replace(c, arrivals=from_days(rates))

    return _people(network, tuple(_names(draw.place, ("planned",))), make)


def _care_breaks(draw: Draw, network: Network, change: CareBreaks) -> Network:
    # One luck for both: breaks that help more, help both more.
    luck = draw.effect("carers' breaks", 1.0, change.factor_sd)
    aged = _names(draw.place, AGED)
    care = _names(draw.place, tuple(CARE))
    left = 1.0 - min(1.0, change.fewer_needing_care_share * luck)

    def needing_less(route: Route) -> Route:
        if route.person_class not in aged:
            return route
        onward = tuple(
            msgspec.structs.replace(o, probability=o.probability * left) if o.to in care else o
            for o in route.onward
        )
        return msgspec.structs.replace(route, onward=onward)

    network = msgspec.structs.replace(
        network, routes=tuple(needing_less(route) for route in network.routes)
    )
    fewer = 1.0 - min(1.0, change.fewer_admissions_share * luck)
    return _fewer(draw.place, network, AGED, fewer)


def _sooner(draw: Draw, network: Network, change: TurnRound) -> Network:
    """Shorten long stays by what their wait for an assessment is shortened, on the mean."""
    place = draw.place
    known = place.model.reckon(draw.values)
    days = draw.effect("joint assessment", change.sooner_days, change.factor_sd)
    left: dict[tuple[str, str], float] = {}
    for code in place.codes:
        prefix = "" if len(place.codes) == 1 else f"{code}_"
        saved = min(
            _number(known, f"{prefix}needing") * days, _number(known, f"{prefix}in_arrangement")
        )
        long = (
            _number(known, f"{prefix}long_a_day")
            * _number(known, f"{prefix}stay_mix")
            * _number(known, f"{prefix}stay_days")
        )
        factor = max(0.1, 1.0 - max(0.0, saved) / long)
        left |= {(name_in(place, age, code), name_in(place, "beds", code)): factor for age in AGES}

    def shortened(route: Route) -> Route:
        factor = left.get((route.person_class, route.service))
        if factor is None or not isinstance(route.stay, Lognormal):
            return route
        stay = Lognormal(route.stay.mean * factor, route.stay.sd * factor)
        return msgspec.structs.replace(route, stay=stay)

    routes = tuple(shortened(route) for route in network.routes)
    return msgspec.structs.replace(network, routes=routes)


def _number(known: Mapping[str, Value], name: str) -> float:
    found = known[name]
    assert isinstance(found, float | int)
    return float(found)
