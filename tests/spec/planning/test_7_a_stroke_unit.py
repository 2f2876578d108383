"""A stroke unit and its rehabilitation beds: the tables of Monks et al. 2016, played in full.

BMC Health Services Research 16:530. Nobody waits in that study: people are counted each midnight as
if there were beds for all, and how often so many beds would have been full is read from the counts.
Both numbers are then Poisson, which gives every figure exactly; the study's own simulation and its
Python copy are beside them, and lie a little apart from the exact figures, as short runs do.
"""

import numpy as np
import pytest

from joinedup.planning import check, engine
from joinedup.planning.network import (
    Exponential,
    Law,
    Lognormal,
    Network,
    Onward,
    PersonClass,
    Route,
    Service,
    loads,
    steady,
)
from joinedup.planning.statistics import Floats, bound_for_many, estimate

RUNS = 20
# Days between arrivals, the stay (mean, sd) in the unit, and who goes on to rehabilitation as what.
ACUTE: dict[str, tuple[float, Law, tuple[tuple[str, float], ...]]] = {
    "stroke, to rehabilitation": (
        1.2 / 0.24, Lognormal(7.4, 8.61), (("stroke, ESD after", 0.4), ("stroke", 0.6)),
    ),
    "stroke, to ESD": (1.2 / 0.13, Lognormal(4.6, 4.8), ()),
    "stroke, other": (1.2 / 0.63, Lognormal(7.0, 8.7), ()),
    "TIA": (9.3, Lognormal(1.8, 2.3), (("TIA after", 0.01),)),
    "neurological": (3.6, Lognormal(4.0, 5.0), (("neurological after", 0.11),)),
    "other": (3.2, Lognormal(3.8, 5.2), (("other after", 0.05),)),
}  # fmt: skip
REHABILITATION: dict[str, tuple[float, Law]] = {
    "stroke, ESD after": (21.8 / 0.4, Lognormal(30.3, 23.1)),
    "stroke": (21.8 / 0.6, Lognormal(28.4, 27.2)),
    "TIA after": (0.0, Lognormal(18.7, 23.5)),
    "neurological after": (31.7, Lognormal(27.6, 28.4)),
    "other after": (28.6, Lognormal(16.1, 14.1)),
}
# Own acute and rehabilitation beds, shared beds: the copy's figures (its outputs/table3.csv).
TABLE_3 = {
    (11, 11, 4): (0.044, 0.089),
    (11, 10, 5): (0.037, 0.090),
    (10, 10, 6): (0.041, 0.066),
    (10, 9, 7): (0.039, 0.066),
    (9, 9, 8): (0.042, 0.053),
    (9, 8, 9): (0.041, 0.053),
}
# Beds: the share that would be delayed, as the paper printed it (table 2).
TABLE_2 = {
    "acute": {10: 0.14, 11: 0.09, 12: 0.06, 13: 0.04, 14: 0.02},
    "rehabilitation": {10: 0.20, 12: 0.11, 13: 0.08, 14: 0.05, 15: 0.03, 16: 0.02},
}


def stroke_service() -> Network:
    """Ten years counted, after one to fill."""
    classes = [
        PersonClass(name, "acute", steady(1.0 / gap)) for name, (gap, _, _) in ACUTE.items()
    ] + [
        PersonClass(name, "rehabilitation", steady(1.0 / gap) if gap else None)
        for name, (gap, _) in REHABILITATION.items()
    ]
    routes = [
        Route(name, "acute", stay, tuple(Onward("rehabilitation", p, to) for to, p in onward))
        for name, (_, stay, onward) in ACUTE.items()
    ] + [Route(name, "rehabilitation", stay) for name, (_, stay) in REHABILITATION.items()]
    services = (Service("acute"), Service("rehabilitation"))
    return Network(services, tuple(classes), tuple(routes), 4015.0, warm_up=365.0, period=1.0)


@pytest.fixture(scope="module")
def midnights() -> Floats:
    """How many are in acute and rehabilitation beds, by run and night."""
    return engine.simulate(stroke_service(), seed=9, runs=RUNS).ends[:, :, :, 0]


def expected() -> tuple[float, float]:
    acute, rehabilitation = loads(stroke_service())
    return acute.wanted, rehabilitation.wanted


def test_the_load_is_the_papers() -> None:
    """As `exact.json` adds it up, from the same table of the paper."""
    assert expected() == pytest.approx((8.145492831541219, 9.718217562619024), rel=1e-9)


def test_the_table_of_beds_and_delays(midnights: Floats) -> None:
    """Table 2: of nights with so many or fewer, how many had so many: Erlang's loss formula."""
    tests = sum(len(beds) for beds in TABLE_2.values())
    for kind, load in enumerate(expected()):
        for beds, printed in TABLE_2[("acute", "rehabilitation")[kind]].items():
            here = midnights[:, :, kind]
            share = (here == beds).mean(axis=1) / (here <= beds).mean(axis=1)
            known = check.erlang_b(beds, load)
            assert abs(estimate(share).errors_from(known)) < bound_for_many(2 * tests)
            assert known == pytest.approx(printed, abs=0.013)


@pytest.mark.parametrize("beds", TABLE_3, ids=str)
def test_the_table_of_shared_beds(midnights: Floats, beds: tuple[int, int, int]) -> None:
    """Table 3: own beds full, and the shared ones full of those beyond either's own."""
    *own, shared = beds
    beyond = np.maximum(midnights - np.array(own), 0).sum(axis=2)
    known = check.pooled_delay(expected(), (own[0], own[1]), shared)
    for kind in (0, 1):
        full = (midnights[:, :, kind] >= own[kind]) & (beyond >= shared)
        assert abs(estimate(full.mean(axis=1)).errors_from(known[kind])) < 3.0
        assert known[kind] == pytest.approx(TABLE_3[beds][kind], abs=0.004)


def test_a_stay_without_memory_would_give_the_same() -> None:
    """Whatever the stays' law: only their mean counts where nobody waits (Sevastyanov 1957)."""
    network = Network(
        (Service("acute"),),
        (PersonClass("person", "acute", steady(expected()[0])),),
        (Route("person", "acute", Exponential(1.0)),),
        horizon=4000.0,
        warm_up=20.0,
        period=1.0,
    )
    nights = engine.simulate(network, seed=9, runs=RUNS).ends[:, :, 0, 0]
    share = (nights == 12).mean(axis=1) / (nights <= 12).mean(axis=1)
    assert abs(estimate(share).errors_from(check.erlang_b(12, expected()[0]))) < 3.0
