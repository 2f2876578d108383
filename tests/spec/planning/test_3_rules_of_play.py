"""What happens in a network, rule by rule, where it can be told by hand: times are fixed."""

from joinedup.planning import engine
from joinedup.planning.network import (
    Closure,
    Exponential,
    Fixed,
    Network,
    Onward,
    PersonClass,
    Present,
    Route,
    Service,
    Steps,
    steady,
)
from joinedup.planning.statistics import Happening

ONE_AT_1 = Steps((1.0, 0.0), (0.0, 1.5))  # evenly spaced: one person, at time 1


def story(network: Network, person_class: str = "person", number: int = -1) -> list[Happening]:
    return list(engine.replay(network, person_class, number, seed=1))


def times(network: Network, number: int, word: str) -> list[float]:
    return [h.time for h in story(network, number=number) if h.word == word]


def ward_and_care(**changes: object) -> Network:
    """Two beds; a stay of 3, then care of 10 for everybody, in one place."""
    settings: dict[str, object] = {
        "services": (Service("ward", 2), Service("care", 1)),
        "classes": (PersonClass("person", "ward"),),
        "routes": (
            Route("person", "ward", Fixed(3.0), (Onward("care", 1.0),)),
            Route("person", "care", Fixed(10.0)),
        ),
        "horizon": 100.0,
        "present": (Present("person", waiting_for="ward", count=3),),
    }
    return Network(**(settings | changes))  # type: ignore[arg-type]  # by name


def test_who_waits_for_the_next_place_holds_their_own() -> None:
    """One of two keeps the bed until the other leaves care. (Both stays end at 3: then the lower
    number goes first, and people who are there at the start count down from -1.)
    """
    network = ward_and_care()
    assert [(h.time, h.word, h.service) for h in story(network, number=-1)] == [
        (0.0, "admitted", "ward"),
        (3.0, "over", "ward"),
        (3.0, "asked", "care"),
        (13.0, "admitted", "care"),
        (23.0, "over", "care"),
        (23.0, "gone", ""),
    ]
    assert times(network, -3, "admitted") == [3.0, 23.0]
    outcome = engine.simulate(network, seed=1)
    assert outcome.mean("held", "ward")[0] * 100.0 == (13.0 - 3.0) + (23.0 - 6.0)
    assert outcome.count("delayed", "ward")[0] == 2


def test_without_holding_the_bed_is_free_while_they_wait_outside() -> None:
    routes = (
        Route("person", "ward", Fixed(3.0), (Onward("care", 1.0),), holds=False),
        Route("person", "care", Fixed(10.0)),
    )
    outcome = engine.simulate(ward_and_care(routes=routes), seed=1)
    assert outcome.mean("held", "ward")[0] == 0.0
    assert outcome.mean("outside", "care")[0] * 100.0 == 10.0 + (23.0 - 6.0)


def test_a_person_who_is_there_has_what_is_left_of_their_stay() -> None:
    network = ward_and_care(present=(Present("person", "ward", elapsed=2.0),))
    assert times(network, -1, "over") == [1.0, 11.0]


def test_patience_ends_a_wait_and_frees_the_place_that_was_held() -> None:
    routes = (
        Route("person", "ward", Fixed(3.0), (Onward("care", 1.0),)),
        Route("person", "care", Fixed(10.0), patience=Fixed(2.0)),
    )
    network = ward_and_care(routes=routes)
    assert times(network, -1, "gave up") == [5.0]
    assert engine.simulate(network, seed=1).count("gave_up", "care")[0] == 2


def test_who_comes_when_enough_are_waiting_is_turned_away() -> None:
    network = ward_and_care(
        services=(Service("ward", 2, waiting_limit=1), Service("care", 1)),
        classes=(PersonClass("person", "ward", ONE_AT_1, even=True),),
    )
    assert [h.word for h in story(network, number=0)] == ["asked", "turned away", "gone"]


def test_a_closure_lets_nobody_in_and_puts_nobody_out() -> None:
    network = ward_and_care(
        services=(Service("ward", 2, (Closure(1.0, 7.0),)), Service("care")),
    )
    assert times(network, -1, "over")[0] == 3.0
    assert times(network, -3, "admitted")[0] == 7.0


def test_places_change_with_the_schedule() -> None:
    shifts = Steps((0.0, 1.0), (0.0, 8.0), 24.0)
    network = ward_and_care(services=(Service("ward", shifts), Service("care")))
    admitted = [times(network, number, "admitted")[0] for number in (-1, -2, -3)]
    assert admitted == [8.0, 11.0, 14.0]


def test_a_higher_priority_goes_first() -> None:
    """Urgent before routine however long routine has waited; in arrival order it does not."""
    classes = (
        PersonClass("routine", "ward", priority=2),
        PersonClass("urgent", "ward", priority=1),
    )
    routes = tuple(Route(c.name, "ward", Fixed(1.0)) for c in classes)
    waiting = tuple(Present(c.name, waiting_for="ward") for c in (classes[0], *classes))
    for order, expected in (("priority", 1.0), ("arrival", 3.0)):
        network = Network(
            (Service("ward", Steps((0.0, 1.0), (0.0, 1.0)), order=order),),  # type: ignore[arg-type]  # a word
            classes, routes, 20.0, present=waiting,
        )  # fmt: skip
        first = next(h.time for h in story(network, "urgent") if h.word == "admitted")
        assert first == expected


def test_who_holds_a_place_may_go_before_everybody_else() -> None:
    """Care is asked for from home first, and from the ward later; the ward's one gets it."""
    for holders_first, expected in ((False, 20.0), (True, 10.0)):
        network = ward_and_care(
            services=(Service("ward", 2), Service("care", 1, holders_first=holders_first)),
            present=(
                Present("person", "care", elapsed=0.0),
                Present("person", waiting_for="care"),
                Present("person", "ward", 1.0),
            ),
        )
        assert times(network, -3, "admitted") == [expected]


def test_what_happens_at_one_time_happens_in_a_fixed_order() -> None:
    """Places change, stays end, patience ends, people arrive: a place freed is there to be had."""
    network = ward_and_care(
        services=(Service("ward", 1, waiting_limit=0), Service("care")),
        classes=(PersonClass("person", "ward", steady(0.5), even=True),),
        routes=(
            Route("person", "ward", Fixed(2.0), (Onward("care", 1.0),)),
            Route("person", "care", Fixed(1.0)),
        ),
        present=(),
    )
    outcome = engine.simulate(network, seed=1)
    assert outcome.count("turned_away", "ward")[0] == 0
    assert outcome.count("admitted", "ward")[0] == 49


def test_one_persons_luck_is_theirs_whatever_else_is_in_the_network() -> None:
    """A service and a class more change nobody's arrival or stay: scenarios are paired."""
    stay = Exponential(2.0)
    person = PersonClass("person", "ward", steady(1.0))
    alone = Network((Service("ward"),), (person,), (Route("person", "ward", stay),), 30.0)
    other = PersonClass("other", "clinic", steady(3.0))
    beside = Network(
        (Service("clinic", 2), Service("ward")),
        (other, person),
        (Route("other", "clinic", stay), Route("person", "ward", stay)),
        30.0,
    )
    for number in range(8):
        assert story(alone, number=number) == story(beside, number=number)


def test_figures_are_kept_by_period_from_the_warm_up_on() -> None:
    network = Network(
        (Service("ward", 1),),
        (PersonClass("person", "ward", ONE_AT_1, even=True),),
        (Route("person", "ward", Fixed(2.5)),),
        horizon=5.0,
        warm_up=0.5,
        period=1.0,
    )
    outcome = engine.simulate(network, seed=1)
    assert outcome.edges.tolist() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.0]
    assert outcome.by_period("in_use", "ward")[0].tolist() == [0.5, 1.0, 1.0, 0.0, 0.0]
    assert outcome.ends[0, :, 0, 0].tolist() == [1, 1, 1, 0, 0]
