"""General practice as a flow, week by week: asked, given, waiting, and who goes to A&E instead.

Hundreds of millions of appointments a year are not people in a queue here but numbers. What
changes in A&E is the difference from today, because today's attendances are counted already.
"""

from datetime import date

import msgspec
from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem
from joinedup.planning.files.parameters import Known, LognormalSpread, Parameter
from joinedup.planning.network.model import Network, Steps
from joinedup.reference.tables import rows, value

__all__ = ["Practice", "coupled", "flow", "gp_parameters"]

_ANY_DAY = date(2025, 12, 31)
_PANEL = "NHS England/NHS Digital by BNSSG ICB, panel of 42 systems, 2023"
_RECKONED = "no source; reckoned fair by joinedup"
DAYS_A_WEEK = 7.0


class Practice(Struct, frozen=True):
    """A system's general practice by week: appointments asked for, given, waiting at its end.

    `stopped` gave up asking, `to_ae` of them went to A&E, `extra_to_ae` is how many more than
    with today's demand and supply.
    """

    asked: tuple[float, ...]
    given: tuple[float, ...]
    waiting: tuple[float, ...]
    stopped: tuple[float, ...]
    to_ae: tuple[float, ...]
    extra_to_ae: tuple[float, ...]

    @property
    def extra_a_day(self) -> Steps:
        """The extra attendances a day, as steps of a week."""
        values = tuple(extra / DAYS_A_WEEK for extra in self.extra_to_ae)
        return Steps(values, tuple(DAYS_A_WEEK * week for week in range(len(values))))


def gp_parameters(code: str) -> tuple[Parameter, ...]:
    """Return a system's parameters of general practice: two counted, four assumed and wide."""
    table = rows("places/practice", on=_ANY_DAY)
    registered = sum(float(r["registered"]) for r in table)
    gps = sum(float(r["registered"]) * float(r["gps_per_100000"]) for r in table) / registered
    late = sum(float(r["registered"]) * float(r["over_4_weeks"]) for r in table) / registered
    mine = next(r for r in table if r["code"] == code)
    a_year = float(value("places/england", "appointments_year", on=_ANY_DAY)["value"])

    def counted(name: str, number: float, source: str, day: str, unit: str) -> Parameter:
        return Parameter(name, number, source, day, Known(), unit=unit)

    def assumed(name: str, number: float, sd: float, unit: str) -> Parameter:
        spread = LognormalSpread(sd)
        return Parameter(name, number, _RECKONED, "2025", spread, assumed=True, unit=unit)

    england = a_year / 52.18 / registered * float(mine["registered"])
    source = "NHS England, appointments in the year to June 2025, by registered people"
    return (
        counted("gp_given_a_week", england, source, "2025-06", "appointments"),
        counted("gp_doctors", float(mine["gps_per_100000"]) / gps, _PANEL, "2023", "of England's"),
        counted("gp_late", float(mine["over_4_weeks"]) / late, _PANEL, "2023", "of England's"),
        assumed("gp_part", 0.5, 0.2, "of appointments that follow doctors"),
        assumed("gp_unmet", 0.03, 0.5, "asked for and not given, of those given"),
        assumed("gp_stop_a_week", 0.25, 0.4, "of those waiting"),
        assumed("gp_to_ae", 0.05, 0.7, "of those who stop"),
    )


def flow(
    parameters: tuple[Parameter, ...],
    *,
    weeks: int,
    demand: float | tuple[float, ...] = 1.0,
    supply: float | tuple[float, ...] = 1.0,
) -> Practice:
    """Return general practice by week, beginning in today's balance.

    `demand` and `supply` are today's times this, the same or one a week; none is below 0 (refused
    with Invalid). Where as many come as are served nothing is ever extra.
    """
    if weeks < 1:
        raise Invalid(Problem("value", f"{weeks} weeks are asked for: give 1 or more", "weeks"))
    v = {p.name: p.value for p in parameters if isinstance(p.value, float)}
    given_now = v["gp_given_a_week"] * (1.0 + v["gp_part"] * (v["gp_doctors"] - 1.0))
    asked_now = given_now * (1.0 + v["gp_unmet"] * v["gp_late"])
    stop, to_ae = v["gp_stop_a_week"], v["gp_to_ae"]
    # In balance as many stop each week as are asked for and not given.
    waiting = (asked_now - given_now) / stop
    base_to_ae = to_ae * stop * waiting
    found: list[tuple[float, ...]] = []
    for asked_factor, given_factor in zip(
        _by_week(demand, weeks, "demand"), _by_week(supply, weeks, "supply"), strict=True
    ):
        asked = asked_now * asked_factor
        stopped = stop * waiting
        given = min(given_now * given_factor, waiting - stopped + asked)
        waiting += asked - given - stopped
        leaving = to_ae * stopped
        found.append((asked, given, waiting, stopped, leaving, leaving - base_to_ae))
    return Practice(*(tuple(column) for column in zip(*found, strict=True)))


def coupled(network: Network, practice: Practice, *, person_class: str = "attender") -> Network:
    """Return the network with what general practice adds to the people who come to A&E.

    Refuses with Invalid a network without that class of arrivals.
    """
    known = {c.name for c in network.classes if c.arrivals is not None}
    if person_class not in known:
        message = (
            f"nobody comes as {person_class}: make the place with attenders, or use one of "
            f"{', '.join(sorted(known))}"
        )
        raise Invalid(Problem("not-found", message, "person_class"))
    classes = tuple(
        msgspec.structs.replace(c, arrivals=_added(c.arrivals, practice.extra_a_day))
        if c.name == person_class and c.arrivals is not None
        else c
        for c in network.classes
    )
    return msgspec.structs.replace(network, classes=classes)


def _by_week(factor: float | tuple[float, ...], weeks: int, name: str) -> tuple[float, ...]:
    every = factor if isinstance(factor, tuple) else (factor,) * weeks
    if len(every) != weeks or any(one < 0.0 for one in every):
        message = f"give one number of 0 or more, or {weeks} of them, one a week"
        raise Invalid(Problem("value", message, name))
    return every


def _added(steps: Steps, extra: Steps) -> Steps:
    """Add two values over time; the first may repeat only where the second is too."""
    if steps.period is not None:
        raise Invalid(Problem("value", "write arrivals over the whole time, not repeating"))
    times = sorted({*steps.times, *extra.times})
    values = tuple(max(0.0, _at(steps, time) + _at(extra, time)) for time in times)
    return Steps(values, tuple(times))


def _at(steps: Steps, time: float) -> float:
    found = 0.0
    for value_, start in zip(steps.values, steps.times, strict=True):
        if start > time:
            break
        found = value_
    return found
