"""The next fortnight of a place: everybody who is there played forward, and the level of the past.

Two forecasts of each measure: `by people` plays the census with what is left of each stay, `by
level` needs counts of past days. Which of them leads is said by how both did before, and where
nobody knows yet, by the back-test on public figures (docs/planning.md): the level.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import msgspec
import numpy as np
from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem
from joinedup.planning import engine
from joinedup.planning.calibrate.census import from_numbers, starting_with
from joinedup.planning.files import Model
from joinedup.planning.files.parameters import draw_values
from joinedup.planning.forecast.census_file import Census
from joinedup.planning.forecast.days import BEDS, MEASURES, READY, Days
from joinedup.planning.forecast.fan import CHANCES, DAYS, Fan, fan_of, widened
from joinedup.planning.forecast.level import LEAST_DAYS, MOST_DAYS, level_of
from joinedup.planning.network.model import Network, Present, Steps
from joinedup.planning.statistics import HELD, IN_USE, Floats

__all__ = [
    "BY_LEVEL",
    "BY_PEOPLE",
    "DOUBT",
    "Forecast",
    "Measured",
    "by_level",
    "for_fortnight",
    "forecast",
    "ward_of",
]

BY_PEOPLE, BY_LEVEL = "by people", "by level"
WARD = "beds"
# What playing people missed by in the back-test beyond its own chance, as sd of the logarithm.
DOUBT = {BEDS: 0.045, READY: 0.13}


class Measured(Struct, frozen=True, forbid_unknown_fields=True):
    """One measure's count today and its fans, and which of them leads."""

    today: float
    fans: dict[str, Fan]
    leads: str

    @property
    def fan(self) -> Fan:
        """The fan that is shown first."""
        return self.fans[self.leads]


class Forecast(Struct, frozen=True, forbid_unknown_fields=True):
    """A forecast of a fortnight as it is kept: where, made when, of what, and from what."""

    place: str
    made: date
    measures: dict[str, Measured]
    runs: int
    seed: int
    people: int
    version: str
    inputs: dict[str, str]


def forecast(
    model: Model,
    census: Census,
    *,
    past: Sequence[Days] = (),
    runs: int = 200,
    seed: int = 1,
    scores: Mapping[str, Mapping[str, float]] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Measured]:
    """Return both measures with their fans, from the hour of the census on.

    `past` are counts of the days before; fewer than three weeks of them give no level. `scores`
    says, by measure and kind of fan, how past forecasts did (lower is better): the best leads.
    """
    ward = ward_of(model)
    samples = _played(model, census, ward, runs=runs, seed=seed, progress=progress)
    today = {BEDS: float(census.in_use(ward)), READY: float(census.ready(ward))}
    made = census.now.date()
    found = {}
    for measure in MEASURES:
        people = widened(samples[measure], DOUBT[measure])
        fans = {BY_PEOPLE: fan_of(made + timedelta(days=1), people)}
        history = next((one for one in past if one.measure == measure), None)
        level = by_level(history, made, today[measure]) if history else None
        if level is not None:
            fans[BY_LEVEL] = level
        found[measure] = Measured(today[measure], fans, _leads(fans, (scores or {}).get(measure)))
    return found


def ward_of(model: Model) -> str:
    """Return the service whose beds are forecast: `beds`, or the first with places."""
    services = model.network().services
    limited = [s.name for s in services if s.capacity is not None]
    return WARD if WARD in limited or not limited else limited[0]


def by_level(past: Days, made: date, today: float) -> Fan | None:
    """Return the fan of the level and its weekdays; None of fewer than three weeks of counts."""
    counts = past.until(made, MOST_DAYS).copy()
    if today > 0.0:
        counts[-1] = today
    counts[counts <= 0.0] = np.nan
    if int((~np.isnan(counts)).sum()) < LEAST_DAYS:
        return None
    level = level_of(counts, last_weekday=made.weekday())
    return fan_of(made + timedelta(days=1), level.quantiles(DAYS, CHANCES))


def for_fortnight(model: Model, made: date) -> Model:
    """Return the model begun on a day, measured daily for a fortnight, without a warm-up.

    Refuses with Invalid a model of another first day: its waves and months would be elsewhere.
    """
    if model.starts != made:
        message = f"the model starts on {model.starts}, the census is of {made}: make them the same"
        raise Invalid(Problem("value", message, "starts"))
    body = model.body | {"horizon": float(DAYS), "warm_up": 0.0, "period": 1.0}
    return msgspec.structs.replace(model, body=body)


def _played(
    model: Model,
    census: Census,
    ward: str,
    *,
    runs: int,
    seed: int,
    progress: Callable[[int, int], None] | None,
) -> dict[str, Floats]:
    """Return samples by run and day: each run has its own draw of what we doubt."""
    ready = for_fortnight(model, census.now.date())
    found = {measure: np.empty((runs, DAYS)) for measure in MEASURES}
    others = float(census.otherwise_ready.get(ward, 0))
    for n in range(runs):
        network = ready.network(draw_values(model.parameters, seed=seed, number=n))
        begun = starting_with(network, (*census.present, *_elsewhere(network, census)))
        outcome = engine.simulate(begun, seed=seed, runs=[n], threads=1)
        at = outcome.services.index(ward)
        found[BEDS][n] = outcome.ends[0, :, at, IN_USE]
        # Who is ready and waits for nothing that is played: as many go as become so.
        found[READY][n] = outcome.ends[0, :, at, HELD] + others
        if progress:
            progress(n + 1, runs)
    return found


def _elsewhere(network: Network, census: Census) -> tuple[Present, ...]:
    """Return people for the services that the census does not tell of: as full as they have room.

    Those without a limit of places begin empty.
    """
    first = {r.service: r.person_class for r in reversed(network.routes)}
    full: dict[tuple[str, str], float] = {}
    for s in network.services:
        if s.name in census.services or s.capacity is None or s.name not in first:
            continue
        places = s.capacity.values[0] if isinstance(s.capacity, Steps) else float(s.capacity)
        full[first[s.name], s.name] = places
    return from_numbers(network, full, {})


def _leads(fans: Mapping[str, Fan], scores: Mapping[str, float] | None) -> str:
    known = {kind: scores[kind] for kind in fans if kind in (scores or {})} if scores else {}
    if len(known) == len(fans):
        return min(known, key=lambda kind: known[kind])
    return BY_LEVEL if BY_LEVEL in fans else BY_PEOPLE
