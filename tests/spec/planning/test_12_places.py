"""Places: the 42 systems of England as models from public figures, each number with its source.

Played, a place must first of all be itself: as many people in bed and waiting to go home as were
published. What is assumed is marked so; docs/decisions/0007-places.md says why places look so.
"""

from datetime import date, timedelta

import msgspec
import pytest

from joinedup.fhir.issue import Invalid, NotFound
from joinedup.planning import engine, flu, gp, norovirus, places, population, twin
from joinedup.planning.files import draw_values, read_model, write_model
from joinedup.planning.network import loads, problems
from joinedup.planning.places.body import CARE
from joinedup.planning.statistics import estimate

ON = date(2023, 11, 1)
THREE = ("Gloucestershire", "Lincolnshire", "Nottingham and Nottinghamshire")


def number(value: float | tuple[float, ...]) -> float:
    """A value that is one number."""
    assert isinstance(value, float)
    return value


# Names


def test_all_42_systems_are_places_and_england_too() -> None:
    assert len(places.names()) == 42
    assert places.place("England", on=ON, days=30).codes == tuple(places.names())


@pytest.mark.parametrize("said", ["Lincolnshire", " lincolnshire ", "QJM", "qjm", "Lincs"])
def test_a_place_is_known_by_name_code_or_short_form(said: str) -> None:
    assert places.code_of(said) == "QJM"


def test_a_name_that_is_none_is_refused_naming_those_there_are() -> None:
    with pytest.raises(NotFound) as refused:
        places.place("Lincolnshir", on=ON)
    message = refused.value.problems[0].message
    assert "Did you mean Lincolnshire" in message
    assert all(name in message for name in places.names().values())


@pytest.mark.parametrize(("on", "days"), [(ON, 0), (ON, 400), (date(2060, 1, 1), 30)])
def test_days_that_nobody_can_foresee_are_refused(on: date, days: int) -> None:
    with pytest.raises(Invalid, match="give 1 to 366 days that begin in 2015 to 2043"):
        places.place("QR1", on=on, days=days)


# Parameters


def test_every_parameter_has_value_source_date_and_spread() -> None:
    for p in places.place("Gloucestershire", on=ON).parameters:
        assert p.source and p.date and p.spread is not None, p.name
        assert p.assumed == (p.source.startswith(("no source", "England's share"))), p.name


def test_what_is_assumed_is_shown_as_such() -> None:
    table = places.place("Gloucestershire", on=ON).table()
    standing = {row[0]: row[6] for row in table}
    assert standing["patience_days"] == "assumed"
    assert standing["occupied"] == "published"
    assert standing["reablement_part"] == "assumed"  # the county's own count is not believed
    assert {r[0]: r[6] for r in places.place("QJM", on=ON).table()}[
        "reablement_part"
    ] == "published"


def test_a_place_says_what_it_does_not_know() -> None:
    assert any("by person" in line for line in places.place("QR1", on=ON).model.unknown)


def test_figures_are_those_published_before_the_day() -> None:
    early, late = (places.figures("QR1", on=day) for day in (date(2023, 6, 1), date(2024, 6, 1)))
    assert early.hospital.until == "2023-05" and late.hospital.until == "2024-05"
    assert early.ready_until < "2023-06-01" < late.ready_until
    before_any = places.figures("QR1", on=date(2019, 6, 1))
    assert before_any.hospital.until == "2023-03"  # their first year, for want of another


def test_people_grow_older_as_projected() -> None:
    """Gloucestershire, people of 85 and over: 21,378 in 2026, 32,708 in 2036 (figures.csv)."""
    then = population.broad(population.people(("QR1",), on=date(2026, 7, 1)))["85 and over"]
    later = population.broad(population.people(("QR1",), on=date(2036, 7, 1)))["85 and over"]
    assert then == pytest.approx(21378, rel=0.02)
    assert later == pytest.approx(32708, rel=0.02)
    between = population.people(("QR1",), on=date(2026, 12, 31), sex="females")
    assert sum(between.values()) < sum(population.people(("QR1",), on=date(2027, 7, 1)).values())


# Playing


@pytest.mark.parametrize("name", THREE)
def test_a_place_played_is_as_full_as_published(name: str) -> None:
    """Occupied beds within 4 per cent over half a year, though nothing of it is fitted."""
    place = places.place(name, on=date(2023, 5, 1))
    assert problems(place.network()) == ()
    outcome = engine.simulate(place.network(), seed=1, runs=8)
    reckoned = place.model.reckon()
    assert estimate(outcome.mean("in_use", "beds")).mean == pytest.approx(
        number(reckoned["occupied"]), rel=0.04
    )
    for service in CARE:
        wanted = number(reckoned[f"{service.replace(' ', '_')}_places"])
        assert estimate(outcome.mean("in_use", service)).mean == pytest.approx(wanted, rel=0.12)


def test_every_draw_of_the_parameters_is_a_place_that_can_be_played(full: bool) -> None:
    for code in list(places.names())[:: 1 if full else 7]:
        place = places.place(code, on=ON)
        for number in range(8):
            values = draw_values(place.parameters, seed=1, number=number)
            assert problems(place.model.network(values)) == (), code


def test_all_42_can_be_played(full: bool) -> None:
    """Every fifth at the small size."""
    for code in list(places.names())[:: 1 if full else 5]:
        place = places.place(code, on=ON, days=60)
        assert problems(place.network()) == (), code
        beds = next(load for load in loads(place.network()) if load.service == "beds")
        assert 0.6 < beds.wanted / beds.places < 1.1, code


def test_a_place_is_a_file_that_reads_back_equal() -> None:
    model = places.place("Gloucestershire", on=ON).model
    assert read_model(write_model(model)) == model


def test_both_engines_play_a_place_to_the_same_bytes() -> None:
    """A week of Gloucestershire in December, outbreaks and all; and a week of two systems."""
    alone = places.place("QR1", on=date(2023, 12, 4), days=7, warm_up_days=0).network()
    both = places.england(on=date(2023, 12, 4), days=1, codes=("QR1", "QOX")).network()
    both = msgspec.structs.replace(both, horizon=4.0, warm_up=0.0)
    for network in (alone, both):
        found = engine.simulate(network, seed=2).fingerprint()
        assert found == twin.simulate(network, seed=2).fingerprint()


# Coupled


def test_coupled_places_send_people_home_across_their_border() -> None:
    """A Lincolnshire bed's people wait for care in Nottinghamshire too, by the counted share."""
    both = places.england(on=ON, days=30, codes=("QJM", "QT1"))
    network = both.network()
    assert problems(network) == ()
    route = next(
        r for r in network.routes if (r.person_class, r.service) == ("65 to 84 QJM", "beds QJM")
    )
    to = {o.to: o.probability for o in route.onward}
    assert 0.0 < to["home care QT1"] < 0.2 * to["home care QJM"]
    assert {o.become for o in route.onward} == {"65 to 84 in care"}


def test_more_places_in_one_system_free_beds_in_its_neighbour() -> None:
    both = places.england(on=ON, days=60, codes=("QJM", "QT1"))
    before = both.network()
    beds = number(both.model.reckon()["QT1_community_beds_places"])
    more = msgspec.structs.replace(
        before,
        services=tuple(
            msgspec.structs.replace(s, capacity=round(beds * 1.5))
            if s.name == "community beds QT1"
            else s
            for s in before.services
        ),
    )
    held = [engine.simulate(n, seed=1, runs=4).mean("held", "beds QJM") for n in (before, more)]
    assert (held[1] <= held[0]).all() and held[1].sum() < held[0].sum()


# Flu and norovirus


def test_past_winters_of_flu_are_waves() -> None:
    """Eight winters, each explained to nine tenths; the peaks are those published (figures.csv)."""
    winters = {w.winter: w for w in flu.past_winters()}
    assert len(winters) == 8
    assert all(w.explained > 0.9 for w in winters.values())
    peaks = {"2019-20": date(2019, 12, 16), "2022-23": date(2022, 12, 19),
             "2024-25": date(2024, 12, 23)}  # fmt: skip
    for winter, week in peaks.items():
        found = date(int(winter[:4]), 10, 1) + timedelta(days=winters[winter].peak_day)
        assert abs((found - week).days) <= 21
    assert flu.fit_table()[0][-1] == "largest residual a week"


def test_each_winter_has_a_wave_of_its_own_by_name() -> None:
    """Draw n of a seed is winter n, for ever; other parameters stay where only winters differ."""
    place = places.place("Gloucestershire", on=ON)
    draws = [draw_values(place.parameters, seed=1, number=n, nature="winter") for n in range(200)]
    assert draws[7] == draw_values(place.parameters, seed=1, number=7, nature="winter")
    assert len({d["flu_size"] for d in draws}) == 200
    assert {d["patience_days"] for d in draws} == {30.0}
    sizes = sorted(number(d["flu_size"]) for d in draws)
    seen = [w.people_per_100000 for w in flu.past_winters()]
    assert sizes[10] < min(seen) * 1.3 and sizes[-10] > max(seen) * 0.9


def test_a_winter_left_out_is_not_fitted() -> None:
    without = flu.flu_parameters(without=("2024-25",))
    assert number(without[0].value) < number(flu.flu_parameters()[0].value)  # it was the largest
    assert "7 winters" in without[0].source


def test_older_places_have_more_flu() -> None:
    everybody = population.people(tuple(places.names()), on=ON)
    lincolnshire = population.people(("QJM",), on=ON)
    assert flu.age_factor(everybody, everybody) == 1.0
    assert flu.age_factor(lincolnshire, everybody) > 1.04


def test_norovirus_shuts_as_many_beds_as_in_past_winters() -> None:
    """England, 2015-16 to 2019-20: 562 to 804 beds a day; a fifth of them empty."""
    england = norovirus.closing("ENG")
    assert england.share * 98_000 == pytest.approx(675, rel=0.03)
    assert england.empty_share == pytest.approx(0.195, abs=0.005)
    assert 15 < england.beds < 45 and 4 < england.days < 14
    without = norovirus.closing("ENG", without=("2017-18",))
    assert without.share < england.share and "2017-18" not in without.winters


def test_closures_take_beds_in_winter() -> None:
    """Paired: the same winter with no norovirus has more room, and nobody waits longer."""
    place = places.place("Lincolnshire", on=date(2023, 12, 1), days=90)
    plain = place.model.network({"norovirus_share": 0.0})
    shut = place.model.network({"norovirus_share": 0.05})
    waits = [engine.simulate(n, seed=3, runs=6).total("wait", "beds").sum() for n in (plain, shut)]
    assert waits[1] > waits[0]


# General practice


def test_general_practice_in_todays_balance_sends_nobody_more() -> None:
    practice = gp.flow(gp.gp_parameters("QR1"), weeks=26)
    assert practice.extra_to_ae == pytest.approx((0.0,) * 26, abs=1e-6)
    assert practice.given[0] == pytest.approx(practice.given[-1])
    assert practice.given[0] * 52.18 / 697_543 == pytest.approx(6.0, rel=0.1)


def test_nothing_is_lost_between_asking_and_leaving() -> None:
    practice = gp.flow(gp.gp_parameters("QT1"), weeks=40, demand=1.1)
    first = practice.waiting[0] - practice.asked[0] + practice.given[0] + practice.stopped[0]
    end = first + sum(practice.asked) - sum(practice.given) - sum(practice.stopped)
    assert practice.waiting[-1] == pytest.approx(end)


def test_fewer_appointments_bring_people_to_a_and_e() -> None:
    """Counted a day at a time: the extra arrivals are the flow's, week by week."""
    place = places.place("Gloucestershire", on=ON, days=60, attenders=True)
    network = place.network()
    fewer = gp.flow(gp.gp_parameters("QR1"), weeks=17, supply=0.9)
    assert fewer.extra_to_ae[-1] > 0.0
    more = gp.coupled(network, fewer)
    came = [
        engine.simulate(n, seed=1, runs=3).count("asked", "emergency department", "attender")
        for n in (network, more)
    ]
    expected = sum(fewer.extra_to_ae[week] for week in range(9, 17)) * 60 / 56
    assert (came[1] - came[0]).mean() == pytest.approx(expected, rel=0.15)


def test_general_practice_refuses_what_it_cannot_play() -> None:
    parameters = gp.gp_parameters("QR1")
    with pytest.raises(Invalid, match="give one number of 0 or more, or 4 of them"):
        gp.flow(parameters, weeks=4, demand=(1.0, 1.1))
    with pytest.raises(Invalid, match="make the place with attenders"):
        gp.coupled(places.place("QR1", on=ON).network(), gp.flow(parameters, weeks=4))


# Prices


def test_prices_have_a_date_and_a_source_and_old_ones_stay_what_they_were() -> None:
    """240 million pounds are 71,500 packages of home care or 86,500 of reablement, of 2018."""
    prices = places.prices(on=ON)
    assert all(p.source and p.date and not p.assumed for p in prices.values())
    home, reablement = (
        number(prices[f"price_package_{kind}_2018"].value) for kind in ("home_care", "reablement")
    )
    assert 240e6 / home == pytest.approx(71_500, rel=0.001)
    assert 240e6 / reablement == pytest.approx(86_500, rel=0.001)
    assert "price_home_care_hour" not in prices  # first published for April 2024
    assert number(places.prices(on=date(2025, 5, 1))["price_home_care_hour"].value) == 23.56
