"""Chapter: planning. Section 21: options played in pairs, on equal luck."""

from datetime import date, timedelta

import msgspec
import numpy as np
import pytest

from joinedup.fhir.issue import Invalid
from joinedup.planning import places
from joinedup.planning.network import loads
from joinedup.planning.places import Place
from joinedup.planning.scenarios import Grant, Option, Pairs, Places, run_pairs
from joinedup.planning.scenarios.changes import changed, draw_of, flu_wave
from joinedup.planning.scenarios.model import (
    CareBreaks,
    Change,
    Deferral,
    FluLike,
    Norovirus,
    Prevention,
    TurnRound,
    Vaccination,
    Workforce,
)
from joinedup.planning.scenarios.sound import require_fitting
from joinedup.planning.scenarios.supply import bought, share_of_england
from joinedup.planning.statistics import runs_saved

DAY = date(2026, 12, 1)
MORE = Option("more", (Places("community beds", share=0.2),))
MILD = Option("mild", (FluLike("mild"),))


@pytest.fixture(scope="module")
def glos() -> Place:
    return places.place("Gloucestershire", on=DAY, days=30)


@pytest.fixture(scope="module")
def pairs(glos: Place) -> Pairs:
    return run_pairs(glos, [MORE, MILD], runs=12, seed=4)


def arrivals(place: Place, change: Change, who: str) -> tuple[np.ndarray, np.ndarray]:
    """People of a class by day: as it is, and with the change."""
    draw = draw_of(place, seed=1, number=0)
    found = []
    for network in (draw.network, changed(draw, (change,))):
        steps = next(c.arrivals for c in network.classes if c.name == who)
        assert steps is not None
        days = np.arange(network.horizon)
        at = np.searchsorted(np.array(steps.times), days, side="right") - 1
        found.append(np.array(steps.values)[at])
    return found[0], found[1]


def test_options_differ_by_what_they_do_and_by_nothing_else(pairs: Pairs) -> None:
    """More community beds: fewer beds held for them, in the mean of the runs and nearly every run.

    What the option does not touch, how people come, is the same to the last person.
    """
    held = pairs.difference(1, "held")
    assert held.mean() < 0.0 and np.mean(held <= 0.0) > 0.9
    before, after = (o.count("asked", "emergency department") for o in pairs.outcomes[:2])
    assert np.array_equal(before, after)


def test_equal_luck_saves_runs(pairs: Pairs) -> None:
    """Five times fewer runs than unpaired ones for the same error (goal of the house)."""
    assert runs_saved(pairs.mean(1, "in_use"), pairs.mean(0, "in_use")) > 5.0


def test_the_same_seed_gives_the_same_bytes_over_threads(glos: Place, pairs: Pairs) -> None:
    """One thread or three; an option added; more runs: what was there stays as it was."""
    again = run_pairs(glos, [MILD, MORE], runs=14, seed=4, threads=3)
    assert np.array_equal(again.outcomes[2].areas[:12], pairs.outcomes[1].areas)
    assert np.array_equal(again.outcomes[1].areas[:12], pairs.outcomes[2].areas)
    one = run_pairs(glos, [MORE, MILD], runs=12, seed=4, threads=1)
    assert [o.fingerprint() for o in one.outcomes] == [o.fingerprint() for o in pairs.outcomes]
    other = run_pairs(glos, [MORE], runs=2, seed=5)
    assert not np.array_equal(other.outcomes[0].areas, pairs.outcomes[0].areas[:2])


def test_what_was_played_is_not_played_again(glos: Place) -> None:
    """Draws that are kept are taken from there."""

    class Shelf:
        def __init__(self) -> None:
            self.kept: dict[int, object] = {}
            self.taken = 0

        def load(self, number: int):
            self.taken += number in self.kept
            return self.kept.get(number)

        def save(self, number: int, outcomes) -> None:
            self.kept[number] = outcomes

    shelf = Shelf()
    told: list[tuple[int, int]] = []
    first = run_pairs(glos, [MORE], runs=5, kept=shelf, progress=lambda *t: told.append(t))
    assert sorted(shelf.kept) == [0, 1, 2] and told[-1] == (5, 5)
    again = run_pairs(glos, [MORE], runs=5, kept=shelf)
    assert shelf.taken == 3
    assert again.outcomes[1].fingerprint() == first.outcomes[1].fingerprint()


def test_periods_add_up_to_the_mean(pairs: Pairs) -> None:
    """Days of a place; what is taken is in use, waited for and shut."""
    days = pairs.by_period(1, "in_use")
    assert days.shape == (12, 30)
    assert np.allclose(days.mean(axis=1), pairs.mean(1, "in_use"))
    parts = sum(pairs.mean(0, one) for one in ("in_use", "waiting", "closed"))
    assert np.allclose(pairs.mean(0, "taken"), parts)


def test_england_is_played_in_weeks_and_its_systems_add_up() -> None:
    """Two systems that share patients: a kind of service is that of both."""
    two = places.england(on=DAY, days=14, codes=("QR1", "QJM"))
    pairs = run_pairs(two, [Option("x", (Places("care homes", more=5, at="Lincs"),))], runs=2)
    assert pairs.by_period(0, "in_use").shape == (2, 2)
    outcome = pairs.outcomes[0]
    both = outcome.mean("in_use", "beds QR1") + outcome.mean("in_use", "beds QJM")
    assert np.allclose(pairs.mean(0, "in_use"), both)


def test_a_system_outside_the_place_is_refused(glos: Place) -> None:
    """Money for Lincolnshire is of no use in a model of Gloucestershire."""
    with pytest.raises(Invalid, match="Lincs is no part of Gloucestershire: play England"):
        require_fitting(glos, Option("x", (Places("care homes", more=5, at="Lincs"),)))


def test_money_pays_for_care_until_it_ends(glos: Place) -> None:
    """Pounds over the price are packages; places are days of care over days open and days after.

    60 days a stay with sd 50 leave 50.8 days at the end of 30: 100 packages are 74 places.
    """
    values = {**glos.model.values, "home_care_days": 60.0, "home_care_sd_days": 50.0}
    grant = Grant(335_700.0, "home care", price=3357.0)
    (lot,) = bought(glos, grant, values, horizon=90.0, seed=1, number=0)
    assert lot.packages == pytest.approx(100.0)
    assert lot.places == pytest.approx(100 * 60 / (30 + (3600 + 2500) / 120), rel=1e-9)
    shorter = msgspec.structs.replace(grant, begins=DAY, ends=DAY + timedelta(days=9))
    (short,) = bought(glos, shorter, values, horizon=90.0, seed=1, number=0)
    assert short.places == pytest.approx(100 * 60 / (10 + (3600 + 2500) / 120), rel=1e-9)


def test_without_a_price_the_published_one_is_drawn(glos: Place) -> None:
    """Home care: pounds an hour times hours a week, within their spread."""
    grant = Grant(1e6, "home care")
    found = [
        bought(glos, grant, glos.model.values, horizon=90.0, seed=1, number=n)[0].price / 60.0
        for n in range(40)
    ]
    assert np.mean(found) == pytest.approx(23.56 * 14.38 / 7, rel=0.05)
    assert np.std(found) > 1.0


def test_money_of_england_is_shared_by_people_over_65() -> None:
    """The shares of all systems add up to the whole."""
    assert sum(share_of_england(code, on=DAY) for code in places.names()) == pytest.approx(1.0)
    two = places.england(on=DAY, days=7, codes=("QR1", "QJM"))
    lots = bought(two, Grant(100.0, "care homes"), two.model.values, horizon=67, seed=1, number=0)
    assert sum(lot.pounds for lot in lots) == pytest.approx(100.0)


def test_grants_open_places_from_their_day_to_their_day_and_no_more_than_workers(
    glos: Place,
) -> None:
    """Whole places, right on the mean over draws; a fifth more at most, opening by the week."""
    grant = Grant(3e6, "reablement", begins=DAY, ends=DAY + timedelta(days=13))
    limit = Workforce("reablement", 0.2, "test", opens_share_a_week=0.07)
    draw = draw_of(glos, seed=1, number=0)
    capacity = {}
    for name, changes in (("now", ()), ("grant", (grant,)), ("limit", (grant, limit))):
        network = changed(draw, changes)
        (service,) = (s for s in network.services if s.name == "reablement")
        capacity[name] = service.capacity
    now = capacity["now"]
    assert isinstance(now, int)
    steps = capacity["grant"]
    assert not isinstance(steps, int) and steps is not None
    assert steps.times == (0.0, 60.0, 74.0)
    (lot,) = bought(glos, grant, draw.values, horizon=90.0, seed=1, number=0)
    assert abs(steps.values[1] - now - lot.places) < 1.0
    held = capacity["limit"]
    assert not isinstance(held, int) and held is not None
    assert max(held.values) <= now * 1.2 + 1
    risen = dict(zip(held.times, held.values, strict=True))
    assert max(value for time, value in risen.items() if time <= 66.0) <= now * 1.07 + 1
    assert held.values[0] == held.values[-1] == now


def test_changes_of_people_and_stays_do_what_they_say(glos: Place) -> None:
    """Fewer come by the share said; who is put off comes later; who needs no care goes home."""
    before, after = arrivals(glos, Prevention(0.1, "test", ages=("65 to 84",)), "65 to 84")
    assert np.allclose(after, before * 0.9)
    before, after = arrivals(glos, Vaccination(0.25, "test"), "flu")
    assert np.allclose(after, before * 0.75)
    deferral = Deferral(0.5, DAY, DAY + timedelta(days=9), back_over_days=10.0)
    before, after = arrivals(glos, deferral, "planned")
    assert np.allclose(after[60:70], before[60:70] / 2)
    assert after.sum() == pytest.approx(before.sum())
    assert np.allclose(after[70:80] - before[70:80], before[60:70].sum() / 20)
    draw = draw_of(glos, seed=1, number=0)
    breaks = changed(draw, (CareBreaks(0.02, 0.1, "test"),))
    for old, new in zip(draw.network.routes, breaks.routes, strict=True):
        left = 0.9 if old.person_class in ("65 to 84", "85 and over") else 1.0
        for one, other in zip(old.onward, new.onward, strict=True):
            share = left if one.to != "beds" else 1.0
            assert other.probability == pytest.approx(one.probability * share)


def test_flu_is_that_of_a_past_winter_or_the_mildest_or_none(glos: Place) -> None:
    """The mildest was 2016-17; no flu is nobody."""
    assert flu_wave("mild").winter == "2016-17"
    hard = arrivals(glos, FluLike("2017-18"), "flu")[1].sum()
    assert hard > arrivals(glos, FluLike("mild"), "flu")[1].sum() > 0.0
    assert arrivals(glos, FluLike("2017-18", times=2.0), "flu")[1].sum() == pytest.approx(2 * hard)
    assert arrivals(glos, FluLike("none"), "flu")[1].sum() == 0.0
    before, after = arrivals(glos, FluLike(times=3.0), "flu")
    assert np.allclose(after, 3 * before)


def test_no_norovirus_shuts_no_bed(glos: Place) -> None:
    """And eight times as much shuts more."""
    options = [Option("none", (Norovirus(0.0),)), Option("much", (Norovirus(8.0),))]
    pairs = run_pairs(glos, options, runs=6, seed=2)
    assert pairs.mean(1, "closed").max() == 0.0
    assert pairs.mean(2, "closed").mean() > pairs.mean(0, "closed").mean() > 0.0


def test_sooner_assessment_never_saves_more_than_people_wait_for_it(glos: Place) -> None:
    """Stays get shorter by the days of those who need care, up to all days of such waits."""
    draw = draw_of(glos, seed=1, number=0)
    known = glos.model.reckon(draw.values)

    def beds(network: object) -> float:
        return next(one.wanted for one in loads(network) if one.service == "beds")

    now = beds(draw.network)
    day = now - beds(changed(draw, (TurnRound(0.3, "test"),)))
    assert day == pytest.approx(0.3 * known["needing"], rel=0.02)
    most = now - beds(changed(draw, (TurnRound(60.0, "test"),)))
    assert most == pytest.approx(known["in_arrangement"], rel=0.02)


def test_doubt_of_an_effect_is_drawn_alike_in_every_option(glos: Place) -> None:
    """Right on the middle, and the same luck for the same kind."""
    draws = [draw_of(glos, seed=1, number=n) for n in range(60)]
    found = [d.effect("prevention", 0.1, 0.5) for d in draws]
    assert np.median(found) == pytest.approx(0.1, rel=0.2)
    assert found[7] == draws[7].effect("prevention", 0.1, 0.5)
    assert found[7] != draws[7].effect("vaccination", 0.1, 0.5)
