"""A hospital whose people wait in bed for care: against 1,800 runs of another engine; and pairs."""

import json
from pathlib import Path

from benchmarks.planning.models import PACKAGES, hospital
from joinedup.planning import engine
from joinedup.planning.statistics import Estimate, estimate, paired, runs_saved, settled_after


def test_model_b_is_within_three_standard_errors(shared: Path, full: bool) -> None:
    """Six figures; the reference's own errors are counted in."""
    known = json.loads((shared / "bench/planning/reference_b.json").read_text())
    outcome = engine.simulate(hospital(), seed=1, runs=600 if full else 60)
    found = {
        "waitE": outcome.mean_wait("beds", "emergency"),
        "waitL": outcome.mean_wait("beds", "elective"),
        "delay": outcome.mean_delay("beds"),
        "occ": outcome.mean("in_use", "beds"),
        "blocked": outcome.mean("held", "beds"),
        "pkg": outcome.mean("in_use", "packages"),
    }
    z = {name: estimate(values).errors_from(*known[name]) for name, values in found.items()}
    assert {name: round(far, 2) for name, far in z.items() if abs(far) > 3.0} == {}


def test_model_b_is_the_shared_one(shared: Path) -> None:
    b = json.loads((shared / "bench/planning/params.json").read_text())["b"]
    network = hospital()
    assert [s.capacity for s in network.services] == [b["beds"], b["packages"]]
    assert (network.horizon, network.warm_up) == (b["T"], b["warm"])


def test_pairs_need_far_fewer_runs_to_see_ten_packages() -> None:
    """The same people with the same luck, with and without: more than five times fewer runs."""
    before = engine.simulate(hospital(), seed=2, runs=40)
    after = engine.simulate(hospital(PACKAGES + 10), seed=2, runs=40)
    beds = after.mean("in_use", "beds"), before.mean("in_use", "beds")
    assert runs_saved(*beds) > 5.0
    assert paired(*beds).interval()[1] < 0.0


def test_an_interval_is_students() -> None:
    """Three runs of 1, 2 and 3: 2 +- 4.3027 / sqrt(3)."""
    found = estimate([1.0, 2.0, 3.0])
    assert found == Estimate(2.0, 3**-0.5, 3)
    low, high = found.interval()
    assert (round(low, 4), round(high, 4)) == (-0.4841, 4.4841)


def test_the_warm_up_ends_where_the_rest_says_most() -> None:
    """MSER-5: a start of 20 far from the level of the rest is left out, and little more."""
    series = [10.0] * 20 + [1.0, 2.0] * 40
    assert settled_after(series) == 20
