"""Outbreaks that shut beds, queues that people do not join, and where they go instead.

Told by hand where times are fixed, and held to small Markov chains where they are not: 20 runs,
within 3 standard errors.
"""

import pytest

from joinedup.planning import check, engine
from joinedup.planning.network import (
    Exponential,
    Fixed,
    Lognormal,
    Network,
    Outbreaks,
    PersonClass,
    Present,
    Route,
    Service,
    Steps,
    loads,
    problems,
    seasonal,
    steady,
)
from joinedup.planning.statistics import Outcome, estimate

RUNS = 20
ONCE = Exponential(1.0)


def ward(outbreaks: tuple[Outbreaks, ...], *, beds: int | None = 10, **changes: object) -> Network:
    settings: dict[str, object] = {
        "services": (Service("ward", beds, waiting_limit=0, outbreaks=outbreaks),),
        "classes": (PersonClass("person", "ward", steady(6.0)),),
        "routes": (Route("person", "ward", ONCE),),
        "horizon": 2000.0,
        "warm_up": 100.0,
    }
    return Network(**(settings | changes))  # type: ignore[arg-type]  # by name


def played(network: Network) -> Outcome:
    return engine.simulate(network, seed=6, runs=RUNS)


def errors(found: object, known: float) -> float:
    return abs(estimate(found).errors_from(known))  # type: ignore[arg-type]  # floats by run


@pytest.mark.parametrize("places", [3, 6])
def test_outbreaks_shut_beds_as_a_small_markov_chain_says(places: int) -> None:
    """Outbreaks come while others last, and shut beds add up; who is in stays in."""
    network = ward((Outbreaks("norovirus", steady(0.2), Exponential(2.0), places),))
    known = check.closing(6.0, 10, outbreaks=0.2, lasts=2.0, places=places)
    outcome = played(network)
    turned_away = outcome.count("turned_away", "ward") / outcome.count("asked", "ward")
    assert errors(turned_away, known.turned_away) < 3.0
    assert errors(outcome.mean("closed", "ward"), known.closed) < 3.0
    assert errors(outcome.mean("in_use", "ward"), known.in_use) < 3.0


def test_beds_shut_are_rate_times_length_whatever_the_law() -> None:
    """Where outbreaks never shut all there is: no more than Little's law."""
    network = ward((Outbreaks("norovirus", steady(0.05), Lognormal(8.0, 4.0), 20),), beds=1000)
    assert errors(played(network).mean("closed", "ward"), 0.05 * 8.0 * 20) < 3.0
    (load,) = loads(network)
    assert load.places == 1000 - 0.05 * 8.0 * 20


def test_outbreaks_have_their_season() -> None:
    """None in summer, where their rate says so; beds shut in winter are opened again."""
    winters = Steps((0.1, 0.0, 0.1), (0.0, 90.0, 275.0), 365.0)
    outbreaks = Outbreaks("norovirus", winters, Fixed(7.0), 5)
    shut = played(ward((outbreaks,), beds=300, horizon=365.0, warm_up=0.0, period=5.0)).by_period(
        "closed", "ward"
    )
    assert shut[:, :18].mean() > 2.0
    assert shut[:, 20:55].max() == 0.0


def test_who_is_in_stays_in_and_who_waits_comes_in_when_it_ends() -> None:
    """One outbreak, even in its length; found by playing, since its beginning is at random."""
    outbreaks = (Outbreaks("norovirus", Steps((5.0, 0.0), (0.0, 0.3)), Fixed(9.0)),)
    network = ward(
        outbreaks,
        services=(Service("ward", 1, outbreaks=outbreaks),),
        classes=(PersonClass("person", "ward"),),
        routes=(Route("person", "ward", Fixed(1.0)),),
        present=(Present("person", "ward"), Present("person", waiting_for="ward")),
        horizon=30.0,
        warm_up=0.0,
    )
    outcome = engine.simulate(network, seed=8)
    shut = outcome.mean("closed", "ward")[0] * 30.0
    assert 9.0 <= shut < 9.3
    first, second = (engine.replay(network, "person", number, seed=8) for number in (-1, -2))
    assert [(h.time, h.word) for h in first] == [(1.0, "over"), (1.0, "gone")]
    assert second[0].word == "admitted" and 9.0 < second[0].time < 9.6


def test_a_shorter_outbreak_begins_when_the_longer_would_have() -> None:
    """Scenarios are paired: better cleaning changes how long, never when, nor whose luck."""
    before, after = (
        played(ward((Outbreaks("norovirus", steady(0.05), Fixed(days), 4),), beds=400))
        for days in (8.0, 6.0)
    )
    ratio = after.mean("closed", "ward") / before.mean("closed", "ward")
    assert ratio == pytest.approx([0.75] * RUNS, rel=0.02)
    assert (after.count("asked", "ward") == before.count("asked", "ward")).all()


@pytest.mark.parametrize("joins", [(0.5,), (1.0, 0.5, 0.25, 0.0)])
def test_people_who_balk_are_as_many_as_a_birth_and_death_process_says(
    joins: tuple[float, ...],
) -> None:
    network = ward(
        (),
        services=(Service("ward", 3),),
        classes=(PersonClass("person", "ward", steady(4.0)),),
        routes=(Route("person", "ward", ONCE, joins=joins),),
        horizon=4000.0,
    )
    known = check.balking(4.0, 3, joins)
    outcome = played(network)
    balked = outcome.count("balked", "ward") / outcome.count("asked", "ward")
    assert errors(balked, known.gives_up) < 3.0
    assert errors(outcome.mean("waiting", "ward"), known.waiting) < 3.0


def test_who_is_turned_away_asks_where_their_route_says() -> None:
    """Two kinds with beds of their own and shared ones beside: exact by a chain of four numbers."""
    kinds, shared = ("acute", "rehabilitation"), Service("shared", 2, waiting_limit=0)
    network = Network(
        services=(*(Service(name, 3, waiting_limit=0) for name in kinds), shared),
        classes=(
            PersonClass("acute", "acute", steady(2.0)),
            PersonClass("rehabilitation", "rehabilitation", steady(3.0)),
        ),
        routes=tuple(Route(name, name, ONCE, instead="shared") for name in kinds)
        + tuple(Route(name, "shared", ONCE) for name in kinds),
        horizon=2000.0,
        warm_up=100.0,
    )
    outcome = played(network)
    for name, known in zip(kinds, check.overflow((2.0, 3.0), (3, 3), 2), strict=True):
        away = outcome.count("turned_away", "shared", name) / outcome.count("asked", name, name)
        assert errors(away, known) < 3.0


def test_nobody_is_sent_round_in_a_circle() -> None:
    network = ward(
        (),
        services=(Service("ward", 1, waiting_limit=0), Service("clinic", 1, waiting_limit=0)),
        routes=(
            Route("person", "ward", ONCE, instead="clinic"),
            Route("person", "clinic", ONCE, instead="ward"),
        ),
    )
    assert {(p.path, p.message) for p in problems(network)} == {
        (
            f"routes[{i}].instead",
            f"person who are turned away at {here} are sent back to it: leave out one `instead` "
            "of the circle",
        )
        for i, here in enumerate(("ward", "clinic"))
    }


WRONG = {
    "two of a name": (
        (Outbreaks("flu", steady(1.0), ONCE), Outbreaks("flu", steady(1.0), ONCE)),
        "services[0].outbreaks[1].name",
        "outbreaks at ward need a name each, since it names their chance",
    ),
    "fewer than no beds": (
        (Outbreaks("flu", seasonal(1.0, 0.5, peak=0.0), ONCE, -2),),
        "services[0].outbreaks[0]",
        "a closure of ward closes 0 or more places",
    ),
    "a rate below 0": (
        (Outbreaks("flu", steady(-1.0), ONCE),),
        "services[0].outbreaks[0].rate",
        "-1.0 is given: none is below 0",
    ),
    "no length": (
        (Outbreaks("flu", steady(1.0), Exponential(0.0)),),
        "services[0].outbreaks[0].lasts",
        "exponential time: its mean is above 0",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_outbreaks_that_cannot_be_are_refused(name: str) -> None:
    outbreaks, path, message = WRONG[name]
    assert (path, message) in [(p.path, p.message) for p in problems(ward(outbreaks))]


@pytest.mark.parametrize("chance", [-0.1, 1.1])
def test_a_chance_of_joining_is_a_chance(chance: float) -> None:
    network = ward((), routes=(Route("person", "ward", ONCE, joins=(1.0, chance)),))
    (found,) = problems(network)
    assert (found.path, found.message) == (
        "routes[0].joins",
        "person at ward: a chance of joining a queue is 0 to 1",
    )
