"""Calibration: what is counted says how sure we may be, and past winters how near the model comes.

Posteriors must hold the truth as often as they say; a stay not over must not pull the mean down.
"""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from scipy import stats

from benchmarks.planning import backcast
from joinedup.fhir.issue import Invalid
from joinedup.planning import engine
from joinedup.planning.calibrate import census, fit, matching, record
from joinedup.planning.calibrate import winters as seen
from joinedup.planning.calibrate.backcast import Played, play_all, score, summed
from joinedup.planning.calibrate.fit import Time
from joinedup.planning.calibrate.from_series import calibrate_place
from joinedup.planning.calibrate.informed import informed, informed_stay
from joinedup.planning.calibrate.winters import WEEKS, Winter
from joinedup.planning.files import read_model, write_model
from joinedup.planning.network import (
    Exponential,
    Lognormal,
    Network,
    Onward,
    PersonClass,
    Present,
    Route,
    Service,
    problems,
    steady,
)
from joinedup.planning.places import place

# From counted people


def test_a_rate_is_known_as_well_as_its_count() -> None:
    """Jeffreys' gamma: 100 people in 50 days, 2 a day, 95 per cent from 1.64 to 2.42."""
    found = fit.rate("arrivals", 100, 50.0)
    low, high = stats.gamma.ppf([0.025, 0.975], 100.5, scale=1 / 50)
    assert found.quantile(0.025) == pytest.approx(low)
    assert found.quantile(0.975) == pytest.approx(high)
    assert (
        found.draw(seed=1, number=3) == found.draw(seed=1, number=3) != found.draw(seed=1, number=4)
    )


def test_a_share_is_known_as_well_as_its_counts() -> None:
    found = fit.share("to care", 30, 100)
    assert found.quantile(0.5) == pytest.approx(stats.beta.ppf(0.5, 30.5, 70.5))
    with pytest.raises(Invalid, match="give a part and its whole"):
        fit.share("to care", 101, 100)


def stays(seed: int, count: int, *, watched: float, law: Lognormal) -> list[Time]:
    """People who come through a year before and during a window; who left before it is not seen."""
    chance = np.random.default_rng(seed)
    variance = math.log1p((law.sd / law.mean) ** 2)
    found: list[Time] = []
    while len(found) < count:
        start = chance.uniform(-365.0, watched)
        length = chance.lognormal(math.log(law.mean) - variance / 2, math.sqrt(variance))
        if start + length <= 0.0:
            continue
        end = min(start + length, watched)
        found.append(Time(end - start, start + length <= watched, max(0.0, -start)))
    return found


def test_stays_not_over_and_stays_seen_late_do_not_mislead() -> None:
    """A window of 30 days on stays of 20 +- 20: the fit finds them.

    Those who came and went within it, the easy sample, stay a third as long.
    """
    law = Lognormal(20.0, 20.0)
    times = stays(1, 3000, watched=30.0, law=law)
    found = fit.lognormal("stay", times).law()
    assert found.mean == pytest.approx(20.0, rel=0.08)
    assert found.sd == pytest.approx(20.0, rel=0.15)
    within = [t.days for t in times if t.over and t.seen_from == 0.0]
    assert float(np.mean(within)) < 11.0


def test_intervals_hold_the_truth_as_often_as_they_say(full: bool) -> None:
    """The 90 per cent interval of a lognormal's middle, over many windows: within 4 errors."""
    trials, held = (400 if full else 60), 0
    truth = math.log(20.0) - math.log(2.0) / 2
    for seed in range(trials):
        p = fit.lognormal("stay", stays(seed, 150, watched=30.0, law=Lognormal(20.0, 20.0)))
        held += abs(p.middle[0] - truth) < 1.6449 * p.root[0][0]
    assert abs(held / trials - 0.9) < 4 * math.sqrt(0.09 / trials)


def test_exponential_delays_count_the_time_of_those_who_still_wait() -> None:
    """Ten ended after 2 days each, ten still wait after 2: the rate is 10 in 40 days."""
    times = [Time(2.0, over) for over in (True, False) for _ in range(10)]
    assert fit.exponential_rate("delay", times).quantile(0.5) == pytest.approx(0.2542, abs=1e-3)


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ([], "nobody is given"),
        ([Time(2.0, True, seen_from=3.0)] * 20, "it ends after it is first seen"),
        ([Time(2.0, True)] * 9, "give at least 10"),
        ([Time(math.inf, True)] * 20, "it ends after it is first seen"),
    ],
)
def test_times_that_cannot_be_are_refused(times: list[Time], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        fit.lognormal("stay", times)


# From a record

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def encounter(
    person: str, days: list[tuple[str, float, float | None]], **more: object
) -> dict[str, Any]:
    """An Encounter whose person was at each Location from and until so many days ago."""
    locations = []
    for where, start, end in days:
        period = {"start": (NOW - timedelta(days=start)).isoformat()}
        if end is not None:
            period["end"] = (NOW - timedelta(days=end)).isoformat()
        locations.append({"location": {"reference": f"Location/{where}"}, "period": period})
    return {
        "resourceType": "Encounter",
        "id": person,
        "class": {"code": "EMER"},
        "subject": {"reference": f"Patient/{person}"},
        "location": locations,
        **more,
    }


SERVICES = {"Location/ae": "emergency department", "Location/ward7": "beds"}
CLASSES = {"EMER": "emergency"}


def test_stays_are_read_from_the_locations_of_encounters() -> None:
    """A corridor that is no service of the model is left out."""
    bundle = [
        encounter("a", [("ae", 5.0, 4.8), ("ward7", 4.8, 1.0)]),
        encounter("b", [("ae", 2.0, 1.9), ("corridor", 1.9, 1.8), ("ward7", 1.8, None)]),
    ]
    found = record.stays_of(bundle, services=SERVICES, classes=CLASSES)
    assert [s.service for s in found] == ["emergency department", "beds"] * 2
    since = NOW - timedelta(days=3)
    times = record.times_of(found, "beds", "emergency", since=since, until=NOW)
    assert times[0].days == pytest.approx(3.8) and times[0].seen_from == pytest.approx(1.8)
    assert not times[1].over
    assert record.arrivals_of(found, "beds", "emergency", since=since, until=NOW) == (1, 3.0)


def test_a_delay_begins_when_somebody_is_ready() -> None:
    bundle = [encounter("a", [("ward7", 9.0, None)]), encounter("b", [("ward7", 9.0, 1.0)])]
    ready = {"a": NOW - timedelta(days=3), "b": NOW - timedelta(days=2)}
    found = record.stays_of(bundle, services=SERVICES, classes=CLASSES, ready=ready)
    since = NOW - timedelta(days=30)
    delays = record.times_of(found, "beds", "emergency", since=since, until=NOW, delay=True)
    assert [(round(t.days, 6), t.over) for t in delays] == [(3.0, False), (1.0, True)]


def test_todays_census_starts_the_network() -> None:
    """Who is ready waits in bed for what they wait for; who is not goes on with the stay."""
    bundle = [encounter("a", [("ward7", 9.0, None)]), encounter("b", [("ward7", 4.0, None)])]
    found = record.stays_of(
        bundle, services=SERVICES, classes=CLASSES, ready={"a": NOW - timedelta(days=2)}
    )
    present = record.census(found, now=NOW, waits_for={"Patient/a": "home care"})
    assert present == (
        Present("emergency", "beds", 9.0, "home care", 2.0),
        Present("emergency", "beds", 4.0),
    )


def test_a_person_in_two_beds_is_refused() -> None:
    bundle = [encounter("a", [("ward7", 9.0, None), ("ae", 1.0, None)])]
    found = record.stays_of(bundle, services=SERVICES, classes=CLASSES)
    with pytest.raises(Invalid, match="Patient/a is in beds and in emergency department at once"):
        record.census(found, now=NOW)


def test_encounters_that_cannot_be_are_refused_all_at_once() -> None:
    bundle = [
        encounter("a", [("ward7", 1.0, 2.0)]),
        encounter("b", [("ward7", 1.0, None)], **{"class": {"code": "VR"}}),
        encounter("c", [("ward7", 1.0, None)]),
    ]
    bundle[2]["location"][0]["period"] = {"start": "2026-11-01T09:00:00"}
    with pytest.raises(Invalid) as refused:
        record.stays_of(bundle, services=SERVICES, classes=CLASSES)
    assert [p.path for p in refused.value.problems] == [
        "Encounter[0].location[0].period",
        "Encounter[1].class",
        "Encounter[2].location[0].period",
    ]


def test_what_a_network_was_made_of_is_found_again_in_its_own_people() -> None:
    """A ward of known stays is played, its people's log is read as a record, and fitted."""
    law = Lognormal(6.0, 5.0)
    ward = Network(
        (Service("beds"),),
        (PersonClass("emergency", "beds", steady(8.0)),),
        (Route("emergency", "beds", law),),
        60.0,
    )
    start = NOW - timedelta(days=60)
    found = []
    for number in range(300):
        story = engine.replay(ward, "emergency", number, seed=1)
        at = {h.word: start + timedelta(days=h.time) for h in story}
        if "admitted" in at:
            found.append(
                record.Stay(f"p{number}", "emergency", "beds", at["admitted"], at.get("gone"))
            )
    times = record.times_of(found, "beds", "emergency", since=start, until=NOW)
    assert fit.lognormal("stay", times).law().mean == pytest.approx(6.0, rel=0.15)


# In balance


@pytest.mark.parametrize("law", [Lognormal(10.0, 12.0), Lognormal(6.0, 2.0), Exponential(4.0)])
def test_people_in_balance_have_the_stays_so_far_that_renewal_gives(law: Lognormal) -> None:
    """Their mean is (mean^2 + sd^2) / 2 mean, the inspection paradox; a coarse sum is near it."""
    sd = law.mean if isinstance(law, Exponential) else law.sd
    elapsed = census.elapsed_in_balance(law, groups=400)
    expected = (law.mean**2 + sd**2) / (2 * law.mean)
    assert sum(elapsed) / 400 == pytest.approx(expected, rel=0.04)


def test_a_ward_begun_in_balance_stays_there() -> None:
    """60 a day staying 6 +- 8 days are 360 on average, from the first day on."""
    ward = Network(
        (Service("beds"), Service("care", 1)),
        (PersonClass("person", "beds", steady(60.0)),),
        (
            Route("person", "beds", Lognormal(6.0, 8.0), (Onward("care", 0.0),)),
            Route("person", "care", Exponential(1.0)),
        ),
        14.0,
        period=1.0,
    )
    present = census.from_numbers(ward, {("person", "beds"): 360.0}, {})
    assert sum(p.count for p in present) == 360
    outcome = engine.simulate(census.starting_with(ward, present), seed=1, runs=60)
    days = outcome.by_period("in_use", "beds").mean(axis=0)
    assert days == pytest.approx(np.full(14, 360.0), rel=0.03)


# Matching


def test_draws_near_what_was_seen_weigh_most() -> None:
    """A level seen as 10: the posterior of levels drawn evenly from 0 to 20 is about 10."""
    levels = np.linspace(0.0, 20.0, 201)
    played = np.repeat(levels[:, None], 5, axis=1)
    seen_points = np.array([10.0, 10.5, 9.5, np.nan, 10.0])
    matched = matching.match(played, seen_points, 1.0)
    assert matched.weights.sum() == pytest.approx(1.0)
    draws: list[dict[str, float | tuple[float, ...]]] = [{"level": float(x)} for x in levels]
    low, middle, high = matching.posterior(draws, matched, ["level"])["level"]
    assert middle == pytest.approx(10.0, abs=0.2)
    assert 4.0 < low < 10.0 < high < 16.0
    assert 20 < matched.effective < 150


# Past winters


def test_a_winter_begins_with_its_first_whole_week_of_december() -> None:
    winter = seen.beds_in_use("QR1", "2018-19")
    assert winter is not None
    assert winter.monday.isoformat() == "2018-12-03" and len(winter.weeks) == WEEKS
    assert winter.starts.isoformat() == "2018-12-10"
    assert seen.ready_to_leave("QR1", "2022-23") is not None
    assert seen.beds_in_use("QR1", "2015-16") is None  # weekends were not reported


def test_a_left_out_winter_is_scored_against_both_naive_forecasts() -> None:
    """Winters made up so that the answer is known: the model is right, and the naive are not."""
    chance = np.random.default_rng(1)
    shape = np.linspace(0.0, 100.0, WEEKS)
    played, last = [], {}
    for year in range(4):
        name = f"20{10 + year}-{11 + year}"
        for code in ("A", "B", "C"):
            origin = 1000.0 + 10 * year
            weeks = origin + shape + chance.normal(0.0, 5.0, WEEKS)
            winter = Winter(name, datetime(2010 + year, 12, 6, tzinfo=UTC).date(), origin, weeks)
            sims = origin + shape + chance.normal(0.0, 5.0, (30, WEEKS)) - 20.0
            played.append(Played(code, winter, sims, sims))
            last[code, name] = winter
    scores = score(played, last=last)
    assert len(scores) == 12
    for s in scores:
        assert s.model < 9.0 < s.plain < s.persistence  # what it missed elsewhere is added back
    assert np.mean([s.within_90 for s in scores]) == pytest.approx(0.9, abs=0.08)
    assert np.mean([s.within_50 for s in scores]) == pytest.approx(0.5, abs=0.17)
    assert math.isnan(next(s.last for s in scores if s.winter == "2010-11"))
    assert summed(played)[0].winter.origin == 3000.0


def test_a_place_is_backcast_from_what_was_known_then() -> None:
    """Gloucestershire, two winters, few draws: within a tenth of the beds, whatever it shows."""
    played = play_all(["QR1"], beds=True, draws=4, winters=("2018-19", "2019-20"))
    scores = score(played, last={})
    assert [s.winter for s in scores] == ["2018-19", "2019-20"]
    for p, s in zip(played, scores, strict=True):
        assert s.model < 0.1 * p.winter.origin
        assert (s.low < s.middle).all() and (s.middle < s.high).all()


def test_a_back_cast_is_the_same_again() -> None:
    once, again = (
        play_all(["QR1"], beds=False, draws=2, winters=("2022-23",))[0] for _ in range(2)
    )
    assert once.unknown.tobytes() == again.unknown.tobytes()
    assert once.known.tobytes() != once.unknown.tobytes()


def test_a_place_is_weighed_by_its_own_winters() -> None:
    """Prior and posterior stand in one table; a posterior draw is one of the draws, named."""
    found = calibrate_place("QR1", on=datetime(2024, 11, 1, tzinfo=UTC).date(), days=30, draws=4)
    assert found.winters == ("2017-18", "2018-19", "2019-20", "2022-23", "2023-24")
    table = {row[0]: row for row in found.table()}
    assert "(" in table["patience_days"][5] and table["flu_size"][5] == ""
    values = found.values(3, seed=5)
    assert values == found.values(3, seed=5) != found.values(4, seed=5)
    assert values["patience_days"] in {draw["patience_days"] for draw in found.draws}
    assert problems(found.place.model.network(values)) == ()


def test_a_record_tells_the_model_and_the_model_says_so() -> None:
    """What was assumed is counted now: 45 ended stays of care at home; 3 people a day."""
    model = place("QR1", on=datetime(2024, 11, 1, tzinfo=UTC).date(), days=30).model
    assert model.parameter("home_care_days").assumed
    day = NOW.date()
    fitted = fit.lognormal("care", stays(3, 200, watched=60.0, law=Lognormal(40.0, 30.0)))
    words = "this place's record, 60 days"
    told = informed_stay(model, "home_care_days", "home_care_sd_days", fitted, source=words, on=day)
    told = informed(told, "emergency_a_day", fit.rate("came", 9000, 60.0), source=words, on=day)
    told = informed(told, "short_share", fit.share("short", 500, 1000), source=words, on=day)
    after = told.parameter("home_care_days")
    assert not after.assumed and after.source == words
    assert told.network() != model.network()
    assert told.parameter("emergency_a_day").value == pytest.approx(150.0, rel=0.01)
    assert told.parameter("short_share").value == pytest.approx(0.5, abs=0.001)
    assert read_model(write_model(told)) == told


def test_the_back_cast_is_printed_for_every_place_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m benchmarks.planning.backcast --place Gloucestershire --of ready --draws 2`."""
    backcast.main(draws=2, place=["Gloucestershire"], of="ready")
    said = capsys.readouterr().out
    assert "people ready to leave: mean absolute error of ten weeks" in said
    lines = [one.split() for one in said.splitlines() if one.startswith("Gloucestershire")]
    assert [one[1] for one in lines] == ["2022-23", "2023-24"]
    assert {one[-1] for one in lines} <= {"model", "now", "last"}
    assert '"name": "weeks within 90% intervals"' in said
