"""Playing one place through one past winter, from what was known in its first week of December."""

from collections.abc import Mapping, Sequence

import numpy as np

from joinedup.planning import engine, flu
from joinedup.planning.calibrate.census import from_numbers, starting_with
from joinedup.planning.calibrate.winters import WEEKS, Winter
from joinedup.planning.files.expressions import Value
from joinedup.planning.files.parameters import draw_values
from joinedup.planning.network.model import Network
from joinedup.planning.places import Place, place
from joinedup.planning.places.body import CARE
from joinedup.planning.places.parameters import AGES
from joinedup.planning.statistics import Floats

__all__ = ["begun", "draws_for", "play", "place_for"]

DAYS = 7 * WEEKS
_NOBODY_HELD = 1e-9


def place_for(code: str, winter: Winter) -> Place:
    """Return the system as it was known then; the winter itself is fitted to nothing."""
    return place(code, on=winter.starts, days=DAYS, without=(winter.name,), warm_up_days=0)


def draws_for(
    of: Place, winter: Winter, *, seed: int, draws: int, flu_known: bool
) -> list[dict[str, Value]]:
    """Return draws of the parameters; where the winter is over its own wave of flu is known."""
    known: dict[str, Value] = {}
    if flu_known:
        wave = next((w for w in flu.past_winters() if w.winter == winter.name), None)
        if wave is not None:
            known = {
                "flu_size": wave.people_per_100000,
                "flu_peak": wave.peak_day,
                "flu_width": wave.width_days,
            }
    return [{**draw_values(of.parameters, seed=seed, number=n), **known} for n in range(draws)]


def begun(
    of: Place, values: Mapping[str, Value], winter: Winter, *, beds: bool
) -> tuple[Network, float]:
    """Return the network begun with the first week's numbers, and people ready for other reasons.

    `beds` says whether the winter's numbers are of beds in use, or of people ready to leave.
    """
    mine = dict(values)
    if beds:
        by_month = mine["emergency_by_month"]
        assert isinstance(by_month, tuple)
        # The parameter is a year's mean: December's admissions fill more than that.
        mine["occupied"] = winter.origin / (1.0 + 0.85 * (by_month[11] - 1.0))
        mine["beds_by_month"] = (max(winter.open, winter.origin * 1.02),) * 12
        mine["beds_open"] = winter.open or winter.origin
    else:
        mine["remaining"] = max(winter.origin, 1.0)
    found = {k: v for k, v in of.model.reckon(mine).items() if isinstance(v, float)}
    held = {
        ("65 to 84", "beds", service): max(found[f"{_name(service)}_held"], _NOBODY_HELD)
        for service in CARE
    }
    in_beds = {
        (age, "beds"): found["long_a_day"] * found[f"share_{name}"]
        * found["stay_days"] * found[f"stay_{name}_factor"]
        for age, name in AGES.items()
    }  # fmt: skip
    in_beds["short stay", "beds"] = found["short_beds"]
    in_beds["planned", "beds"] = found["planned_a_day"] * found["elective_days"]
    wanted = (winter.origin if beds else found["occupied"]) - sum(held.values())
    scale = wanted / sum(in_beds.values())
    in_beds = {key: count * scale for key, count in in_beds.items()}
    in_care = {("65 to 84", service): found[f"{_name(service)}_places"] for service in CARE}
    network = of.model.network(mine)
    present = from_numbers(network, in_beds | in_care, held)
    others = max(0.0, winter.origin - sum(held.values())) if not beds else 0.0
    return starting_with(network, present), others


def play(
    of: Place, winter: Winter, draws: Sequence[Mapping[str, Value]], *, seed: int, beds: bool
) -> Floats:
    """Return the weekly means by draw and week: beds in use, or people ready to leave.

    People ready for other reasons than a place of care go as admissions do, by month.
    """
    found = np.empty((len(draws), WEEKS))
    for n, values in enumerate(draws):
        network, others = begun(of, values, winter, beds=beds)
        outcome = engine.simulate(network, seed=seed, runs=[n], threads=1)
        measure = "in_use" if beds else "held"
        weeks = outcome.by_period(measure, "beds")[0].reshape(WEEKS, 7).mean(axis=1)
        if not beds:
            by_month = values["emergency_by_month"]
            assert isinstance(by_month, tuple)
            months = [_month(winter, week) for week in range(WEEKS)]
            weeks = weeks + others * np.array([by_month[m - 1] / by_month[11] for m in months])
        found[n] = weeks
    return found


def _month(winter: Winter, week: int) -> int:
    middle = winter.starts.toordinal() + 7 * week + 3
    return winter.starts.fromordinal(middle).month


def _name(service: str) -> str:
    return service.replace(" ", "_")
