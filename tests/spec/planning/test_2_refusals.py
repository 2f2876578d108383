"""A network that cannot be right is refused before it is played, with the place and the remedy."""

import msgspec
import pytest

from joinedup.fhir.issue import Invalid, TooMuch
from joinedup.planning import engine, twin
from joinedup.planning.network import (
    Closure,
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    Network,
    Onward,
    PersonClass,
    Present,
    Route,
    Service,
    Steps,
    concerns,
    problems,
    steady,
)

WARD = Route("person", "ward", Exponential(1.0), (Onward("care", 0.5),))
CARE = Route("person", "care", Exponential(1.0))
SOUND = Network(
    services=(Service("ward", 4), Service("care", 3)),
    classes=(PersonClass("person", "ward", steady(2.0)),),
    routes=(WARD, CARE),
    horizon=10.0,
)


def with_(**changes: object) -> Network:
    return msgspec.structs.replace(SOUND, **changes)


def route(**changes: object) -> tuple[Route, Route]:
    return msgspec.structs.replace(WARD, **changes), CARE


WRONG = {
    "negative capacity": (
        with_(services=(Service("ward", -1), Service("care", 3))),
        "services[0].capacity", "ward has -1 places: give 0 or more, or nothing for no limit",
    ),
    "half a place": (
        with_(services=(Service("ward", steady(1.5)), Service("care", 3))),
        "services[0].capacity", "1.5 places are given: a place is whole",
    ),
    "routing over 1": (
        with_(routes=route(onward=(Onward("care", 0.7), Onward("care", 0.5)))),
        "routes[0].onward", "1.2 of person go on from ward: chances are 0 to 1 and together at "
        "most 1 (who is not sent on leaves)",
    ),
    "an unknown service": (
        with_(routes=route(onward=(Onward("home", 0.5),))),
        "routes[0].onward[0].to", "home is not known here: use one of care, ward",
    ),
    "an unknown class": (
        with_(routes=route(onward=(Onward("care", 0.5, "elder"),))),
        "routes[0].onward[0].become", "elder is not known here: use one of person",
    ),
    "no route": (
        with_(routes=(WARD,)),
        "routes[0].onward[0]", "no route says what person does at care: add one",
    ),
    "nobody leaves": (
        with_(routes=(WARD, Route("person", "care", Fixed(1.0), (Onward("care", 1.0),), False))),
        "routes[1].onward", "person never leaves after care: send some of them nowhere",
    ),
    "held in a circle": (
        with_(routes=(WARD, Route("person", "care", Fixed(1.0), (Onward("ward", 0.1),)))),
        "routes[0].holds", "places at ward are held in a circle, so people could wait for one "
        "another for ever: say holds = false on one route of the circle",
    ),
    "two of a name": (
        with_(services=(Service("ward", 4), Service("care", 3), Service("ward", 1))),
        "services[2].name", "ward is there twice: give the second another name",
    ),
    "a stay of nothing": (
        with_(routes=route(stay=Gamma(0.0, 1.0))),
        "routes[0].stay", "gamma time: its mean and sd are above 0; where it never varies, say "
        "fixed",
    ),
    "a rate below 0": (
        with_(classes=(PersonClass("person", "ward", Steps((1.0, -2.0), (0.0, 1.0))),)),
        "classes[0].arrivals", "-2.0 is given: none is below 0",
    ),
    "times that fall": (
        with_(classes=(PersonClass("person", "ward", Steps((1.0, 2.0), (0.0, 0.0))),)),
        "classes[0].arrivals", "times begin at 0 and rise",
    ),
    "an empty closure": (
        with_(services=(Service("ward", 4, (Closure(3.0, 3.0),)), Service("care", 3))),
        "services[0].closures[0]", "a closure of ward ends before it starts, or starts before "
        "time 0",
    ),
    "a stay nobody had": (
        with_(
            routes=route(stay=Empirical((1.0, 2.0))), present=(Present("person", "ward", 2.0),)
        ),
        "present[0]", "empirical time: nobody in it stayed longer than 2.0: add longer stays, or "
        "another law",
    ),
    "waiting where nobody waits": (
        with_(routes=route(holds=False), present=(Present("person", "ward", 1.0, "care"),)),
        "present[0]", "nobody waits at ward for care: its route of person holds no place for it. "
        "Mend the route or the person",
    ),
    "warm-up to the end": (
        with_(warm_up=10.0),
        "warm_up", "warm_up is 10.0: from 0 to below the horizon 10.0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_with_its_place_and_remedy(name: str) -> None:
    network, path, message = WRONG[name]
    assert (path, message) in [(p.path, p.message) for p in problems(network)]
    for simulate in (engine.simulate, twin.simulate):
        with pytest.raises(Invalid):
            simulate(network, seed=1)


def test_a_sound_network_has_no_problems() -> None:
    assert problems(SOUND) == ()
    assert concerns(SOUND) == ()


def test_a_service_that_cannot_keep_up_is_reported_before_it_is_played() -> None:
    """A warning, not a refusal: an overloaded winter is a fair question."""
    network = with_(classes=(PersonClass("person", "ward", steady(5.0)),))
    (found,) = concerns(network)
    assert (found.severity, found.path) == ("warning", "services[0].capacity")
    assert found.message.startswith(
        "ward cannot keep up: 5 places are wanted on average and there are 4"
    )
    assert engine.simulate(network, seed=1).count("asked", "ward").sum() > 0


def test_a_network_that_fills_without_end_is_stopped() -> None:
    network = with_(
        classes=(PersonClass("person", "ward", steady(50.0)),), horizon=1e6, most_present=2000
    )
    with pytest.raises(TooMuch, match="of them wait for ward: it is asked for more than it has"):
        engine.simulate(network, seed=1)
