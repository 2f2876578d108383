"""Places of care that money opens: how many, for how long, within the workers there are.

Money pays for care until it ends: places opened from a day to a day are paid for those days and
for what is then left of the stays in them, (mean^2 + sd^2) / (2 mean) days, since nobody is put
out. So places = what the money buys in days of care / (days + what is left).
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

import msgspec
import numpy as np

from joinedup.planning import population
from joinedup.planning.chance.keys import GOLDEN, mix, name_key, run_key, uniform
from joinedup.planning.files.expressions import Value
from joinedup.planning.files.parameters import Parameter, draw_values
from joinedup.planning.network.model import Network, Service
from joinedup.planning.places import Place, code_of, names, prices
from joinedup.planning.places.body import CARE
from joinedup.planning.places.parameters import from_table
from joinedup.planning.scenarios.by_day import days_between, from_days, to_days, whole
from joinedup.planning.scenarios.model import AGED, Change, Grant, Places, Workforce
from joinedup.planning.statistics import Floats

__all__ = ["Bought", "bought", "opened", "price_a_day", "share_of_england"]


class Bought(msgspec.Struct, frozen=True):
    """What a grant comes to in one system: pounds there, pounds a package, packages, places."""

    code: str
    pounds: float
    price: float
    packages: float
    places: float


def opened(
    place: Place,
    network: Network,
    values: Mapping[str, Value],
    changes: Sequence[Change],
    *,
    seed: int,
    number: int,
) -> Network:
    """Return the network with the places of care that grants and orders open and workers allow."""
    more = _wanted(place, network, values, changes, seed=seed, number=number)
    if not more:
        return network
    services = []
    for s in network.services:
        if s.name in more:
            assert s.capacity is not None
            now = to_days(s.capacity, network.horizon)
            luck = _luck(seed, number, s.name)
            then = np.maximum(now + whole(_allowed(s.name, now, more[s.name], changes), luck), 0.0)
            services.append(msgspec.structs.replace(s, capacity=from_days(then)))
        else:
            services.append(s)
    return msgspec.structs.replace(network, services=tuple(services))


def _wanted(
    place: Place,
    network: Network,
    values: Mapping[str, Value],
    changes: Sequence[Change],
    *,
    seed: int,
    number: int,
) -> dict[str, Floats]:
    """Return the places more by service and day, before anybody asks who would work in them."""
    by_name: dict[str, Service] = {s.name: s for s in network.services}
    found: dict[str, Floats] = {}
    for change in changes:
        if not isinstance(change, Grant | Places):
            continue
        begins = place.on if change.begins is None else change.begins
        first, after = days_between(
            begins, change.ends, starts=place.model.starts, horizon=network.horizon
        )
        if isinstance(change, Grant):
            lots = bought(place, change, values, horizon=network.horizon, seed=seed, number=number)
            more = {(change.buys, lot.code): lot.places for lot in lots}
        else:
            more = {}
            for code in _codes(place, change.at):
                capacity = by_name[_name(place, change.service, code)].capacity
                assert capacity is not None
                there = float(to_days(capacity, network.horizon)[0])
                more[change.service, code] = change.more + change.share * there
        for (service, code), places in more.items():
            days = found.setdefault(
                _name(place, service, code), np.zeros(max(1, math.ceil(network.horizon)))
            )
            days[first:after] += places
    return found


def _allowed(name: str, now: Floats, more: Floats, changes: Sequence[Change]) -> Floats:
    """Return the places more that there are workers for, day by day."""
    for change in changes:
        if isinstance(change, Workforce) and (name + " ").startswith(change.service + " "):
            more = np.minimum(more, change.most_share * now)
            if change.opens_share_a_week is not None:
                a_day = change.opens_share_a_week * float(now[0]) / 7.0
                more = _ramped(more, a_day)
    return more


def _ramped(more: Floats, a_day: float) -> Floats:
    found = more.copy()
    before = 0.0
    for day, wanted in enumerate(more):
        before = min(float(wanted), before + a_day)
        found[day] = before
    return found


def bought(
    place: Place,
    grant: Grant,
    values: Mapping[str, Value],
    *,
    horizon: float,
    seed: int,
    number: int,
) -> tuple[Bought, ...]:
    """Return what a grant buys in each system of the place, with one draw's stays and prices."""
    stay = f"{CARE[grant.buys][2]}"
    mean, sd = _number(values, f"{stay}_days"), _number(values, f"{stay}_sd_days")
    left = (mean * mean + sd * sd) / (2.0 * mean)
    days = _days_of(place, grant, horizon)
    if grant.price is not None:
        package = grant.price
    else:
        package = price_a_day(grant.buys, mean, on=place.on, seed=seed, number=number) * mean
    found = []
    for code in _codes(place, grant.at):
        pounds = grant.amount
        if grant.of == "England":
            pounds *= share_of_england(code, on=place.on)
        elif grant.at is None and len(place.codes) > 1:
            pounds *= share_of_england(code, on=place.on) / sum(
                share_of_england(one, on=place.on) for one in place.codes
            )
        packages = pounds / package
        found.append(Bought(code, pounds, package, packages, packages * mean / (days + left)))
    return tuple(found)


def price_a_day(service: str, stay_days: float, *, on: date, seed: int, number: int) -> float:
    """Return pounds a day of care: published prices, drawn within their spread."""
    known = draw_values(_priced(on), seed=seed, number=number)
    match service:
        case "home care":
            hours = _number(known, "home_care_hours_week")
            return _number(known, "price_home_care_hour") * hours / 7.0
        case "reablement":
            return _number(known, "price_reablement_episode") / stay_days
        case "community beds":
            return _number(known, "price_community_bed_day")
    return _number(known, "price_care_home_week") / 7.0


@lru_cache(maxsize=32)
def _priced(on: date) -> tuple[Parameter, ...]:
    # A price first published after the day asked for is still the best there is.
    on = max(on, date(2025, 12, 31))
    return (*prices(on=on).values(), from_table("home_care_hours_week", on))


def share_of_england(code: str, *, on: date) -> float:
    """Return a system's share of England's people aged 65 and over.

    A stand-in for the adult social care relative needs formula, whose shares by council are not in
    the tables; a place that knows its share gives its own amount.
    """
    return _shares(on)[code]


@lru_cache(maxsize=32)
def _shares(on: date) -> dict[str, float]:
    aged = {}
    for code in names():
        broad = population.broad(population.people((code,), on=on))
        aged[code] = sum(broad[age] for age in AGED)
    whole_country = sum(aged.values())
    return {code: people / whole_country for code, people in aged.items()}


def _days_of(place: Place, grant: Grant, horizon: float) -> float:
    """Return how many days the places are open, whether or not all of them are played."""
    model = place.model
    begins = place.on if grant.begins is None else grant.begins
    if grant.ends is None:
        return horizon - (begins - model.starts).days
    return float((grant.ends - begins).days + 1)


def _codes(place: Place, at: str | None) -> tuple[str, ...]:
    return place.codes if at is None else (code_of(at),)


def _name(place: Place, service: str, code: str) -> str:
    return service if len(place.codes) == 1 else f"{service} {code}"


def _luck(seed: int, number: int, service: str) -> float:
    return uniform(mix(mix(run_key(seed, number) ^ name_key(f"places of {service}")) + GOLDEN))


def _number(values: Mapping[str, Value], name: str) -> float:
    found = values[name]
    assert isinstance(found, float | int)
    return float(found)
