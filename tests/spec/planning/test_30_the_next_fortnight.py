"""The next fortnight: from who is there today to a fan of beds and of people ready to go home.

What stands beside it is as it is now, and as last week; a forecast is kept, and told how it did.
"""

import json
import math
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from scipy import stats

from joinedup.fhir.issue import Invalid
from joinedup.planning.forecast.census_file import read_census
from joinedup.planning.forecast.census_record import read_export
from joinedup.planning.forecast.days import BEDS, READY, Days, read_days
from joinedup.planning.forecast.fan import CHANCES, DAYS, Fan, as_last_week, as_now, fan_of, widened
from joinedup.planning.forecast.fortnight import (
    BY_LEVEL,
    BY_PEOPLE,
    Forecast,
    for_fortnight,
    forecast,
)
from joinedup.planning.forecast.level import level_of
from joinedup.planning.forecast.scoring import mean_score, score_of
from joinedup.planning.forecast.stored import counts_of, keep, kept, leading, past_scores
from tests.spec.planning.a_census import GLOUCESTERSHIRE, HEADING, NETWORK, NOW, TODAY, people

# The census


def test_a_census_says_who_is_there_how_long_and_for_what_they_wait() -> None:
    text = (
        HEADING
        + "a,beds,65 to 84,2026-11-20,,\n"
        + "b,beds,85 and over,2026-11-01T09:00,2026-11-12,home care\n"
        + "c,beds,under 65,2026-11-21T10:00,2026-11-21T20:00,\n"
    )
    census = read_census(text, network=NETWORK, now=NOW, name="today.csv")
    assert (census.in_use("beds"), census.ready("beds")) == (3, 2)
    assert census.otherwise_ready == {"beds": 1}
    (waits,) = [p for p in census.present if p.waiting_for]
    assert waits.waiting_for == "home care"
    assert waits.waited == pytest.approx(10.3, abs=0.1)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a,beds,65 to 84,2026-11-21,,", "line 3: a is in two beds, here and on line 2: end one"),
        ("b,beds,65 to 84,2026-12-01,,", "line 3: since 2026-12-01 is in the future"),
        ("b,beds,65 to 84,2026-11-20,2026-11-30,", "line 3: ready 2026-11-30 is in the future"),
        ("b,beds,65 to 84,2026-11-20,2026-11-10,", "line 3: ready 2026-11-10 is before since"),
        ("b,ward 9,65 to 84,2026-11-20,,", "line 3: service 'ward 9' is not known: use one of bed"),
        ("b,beds,babies,2026-11-20,,", "line 3: class 'babies' is not known in beds: use one of"),
        ("b,beds,planned,2026-11-20,,home care", "from beds planned go on to nothing"),
        ("b,beds,65 to 84,20/11/2026,,", "line 3: since '20/11/2026' is no time: write 2026-11-01"),
        (",beds,65 to 84,2026-11-20,,", "line 3: person is empty"),
    ],
)
def test_a_census_that_cannot_be_is_refused_by_file_and_line(line: str, said: str) -> None:
    text = f"{HEADING}a,beds,65 to 84,2026-11-20,,\n{line}\n"
    with pytest.raises(Invalid) as refused:
        read_census(text, network=NETWORK, now=NOW, name="today.csv")
    (problem,) = refused.value.problems
    assert problem.message.startswith("today.csv, line 3")
    assert said in problem.message


def test_every_wrong_line_is_told_but_not_for_ever() -> None:
    text = HEADING + "a,nowhere,65 to 84,2026-11-20,,\n" * 1000
    with pytest.raises(Invalid) as refused:
        read_census(text, network=NETWORK, now=NOW, name="today.csv")
    assert len(refused.value.problems) == 21
    assert "mend these first" in refused.value.problems[-1].message
    for wrong, said in (("", "line 1"), ("name,bed\n", "line 1"), (HEADING, "nobody is in it")):
        with pytest.raises(Invalid, match=said):
            read_census(wrong, network=NETWORK, now=NOW, name="today.csv")


def test_a_census_is_read_from_an_exported_record(tmp_path: Path) -> None:
    """Who has a bed now; who was sent home, or was only seen, has none."""

    def encounter(number: int, kind: str, status: str) -> dict[str, object]:
        return {
            "resourceType": "Encounter", "id": f"e{number}", "status": status,
            "class": {"code": kind}, "subject": {"reference": f"Patient/p{number}"},
            "period": {"start": "2026-11-18T10:00:00+00:00"},
        }  # fmt: skip

    born = {1: "1933-05-06", 2: "1990", 3: "1950-01-01", 4: "1950-01-01"}
    (tmp_path / "Patient.ndjson").write_text(
        "\n".join(json.dumps({"id": f"p{n}", "birthDate": day}) for n, day in born.items())
    )
    found = [
        encounter(1, "IMP", "in-progress"),
        encounter(2, "IMP", "in-progress"),
        encounter(3, "IMP", "finished"),
        encounter(4, "AMB", "in-progress"),
    ]
    file = tmp_path / "Encounter.ndjson"
    file.write_text("\n".join(json.dumps(one) for one in found))
    census = read_export(tmp_path, service="beds", now=NOW)
    assert sorted(p.person_class for p in census.present) == ["85 and over", "under 65"]
    assert census.present[0].elapsed == pytest.approx(3.92, abs=0.01)
    twice = encounter(1, "IMP", "in-progress") | {"id": "e9"}
    file.write_text("\n".join(json.dumps(one) for one in [*found, twice]))
    with pytest.raises(Invalid, match="Patient/p1 is in beds and in beds at once"):
        read_export(tmp_path, service="beds", now=NOW)
    file.write_text("{}\n[]")
    with pytest.raises(Invalid, match=r"Encounter.ndjson, line 2: no JSON object"):
        read_export(tmp_path, service="beds", now=NOW)
    with pytest.raises(Invalid, match="is not there"):
        read_export(tmp_path / "elsewhere", service="beds", now=NOW)


# Counts by day


def test_counts_of_past_days_are_read_and_gaps_stay_gaps() -> None:
    beds, ready = read_days(
        "day,beds_in_use,ready_to_go_home\n2026-11-01,800,\n2026-11-03,810,70\n", name="past.csv"
    )
    assert (beds.measure, ready.measure) == (BEDS, READY)
    values = beds.until(date(2026, 11, 3), 3)
    assert values[0] == 800.0 and math.isnan(values[1]) and values[2] == 810.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("day,beds\n", "line 1: the columns are beds, day: give day"),
        ("day,beds_in_use\n2026-13-01,4\n", "line 2: day '2026-13-01' is none"),
        ("day,beds_in_use\n2026-11-01,4\n2026-11-01,5\n", "line 3: day 2026-11-01 comes twice"),
        ("day,beds_in_use\n2026-11-01,-4\n", "line 2: beds_in_use '-4' is no count"),
        ("day,beds_in_use\n2026-11-01,nan\n", "line 2: beds_in_use 'nan' is no count"),
    ],
)
def test_counts_that_are_none_are_refused_by_file_and_line(text: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_days(text, name="past.csv")
    assert refused.value.problems[0].message.startswith(f"past.csv, {said}")


# The level


def walk(seed: int, days: int, *, step: float, noise: float) -> np.ndarray:
    """Counts of a known level, weekdays and noise."""
    chance = np.random.default_rng(seed)
    weekdays = np.array([0.05, 0.03, 0.0, 0.0, 0.0, -0.03, -0.05])
    level = math.log(500.0) + np.cumsum(chance.normal(0.0, step, days))
    return np.exp(level + weekdays[np.arange(days) % 7] + chance.normal(0.0, noise, days))


def test_a_level_is_found_with_its_weekdays() -> None:
    found = level_of(walk(1, 84, step=0.0, noise=0.005), last_weekday=83 % 7)
    assert math.exp(found.level) == pytest.approx(500.0, rel=0.01)
    assert found.weekdays[0] == pytest.approx(0.05, abs=0.02)
    assert found.weekdays[6] == pytest.approx(-0.05, abs=0.02)
    following = found.middle(7)
    assert following[0] > following[6]


def test_bands_of_the_level_hold_as_often_as_they_say() -> None:
    """100 walks with normal steps and noise, a fortnight each.

    The bands are Student's of 6 degrees: of normal days they hold 44 and 89 in a hundred.
    """
    inside = np.zeros(2)
    for seed in range(100):
        values = walk(seed, 84 + DAYS, step=0.01, noise=0.02)
        quantiles = level_of(values[:84], last_weekday=83 % 7).quantiles(
            DAYS, (0.05, 0.25, 0.75, 0.95)
        )
        seen = values[84:]
        inside[0] += np.mean((seen >= quantiles[:, 1]) & (seen <= quantiles[:, 2]))
        inside[1] += np.mean((seen >= quantiles[:, 0]) & (seen <= quantiles[:, 3]))
    assert inside[0] / 100 == pytest.approx(0.44, abs=0.06)
    assert inside[1] / 100 == pytest.approx(0.89, abs=0.05)


def test_a_level_of_too_few_days_is_refused_and_missing_days_are_borne() -> None:
    values = walk(2, 40, step=0.01, noise=0.02)
    values[::5] = math.nan
    assert math.exp(level_of(values, last_weekday=0).level) == pytest.approx(500.0, rel=0.2)
    with pytest.raises(Invalid, match="20 past days are known: give at least 21"):
        level_of(walk(2, 20, step=0.01, noise=0.02), last_weekday=0)
    with pytest.raises(Invalid, match="0 or below"):
        level_of([0.0] * 30, last_weekday=0)


# Scores


def test_the_score_of_a_normal_forecast_is_the_known_one() -> None:
    """CRPS of a standard normal at its middle is (sqrt 2 - 1) / sqrt pi = 0.2337; 19 quantiles
    of its 20 give it within 5 per cent. A single number's is its error."""
    fan = Fan(TODAY, (tuple(stats.norm.ppf(CHANCES)),))
    score = score_of(fan, [0.0])
    assert score is not None
    assert score.crps == pytest.approx((math.sqrt(2) - 1) / math.sqrt(math.pi), rel=0.05)
    certain = score_of(fan_of(TODAY, [[10.0] * 19]), [13.0])
    assert certain is not None
    assert (certain.crps, certain.error, certain.within_90) == (pytest.approx(3.0), 3.0, 0.0)
    assert score_of(fan, [math.nan]) is None
    mean = mean_score([certain, score_of(fan_of(TODAY, [[10.0] * 19] * 3), [10.0] * 3)])
    assert mean is not None and mean.days == 4 and mean.error == pytest.approx(0.75)


def test_naive_forecasts_are_today_and_last_week_with_the_spread_they_missed_by() -> None:
    past = np.array([100.0, 101, 102, 103, 104, 90, 89] * 6)
    now, last = as_now(TODAY, past), as_last_week(TODAY, past)
    assert now.at(0.5) == (89.0,) * DAYS
    assert last.at(0.5) == tuple(np.tile([100.0, 101, 102, 103, 104, 90, 89], 2))
    assert last.at(0.05) == last.at(0.95), "weeks alike: never missed"
    assert now.at(0.95)[0] > now.at(0.5)[0]


def test_doubt_widens_a_fan_and_leaves_its_middle() -> None:
    samples = np.full((10, DAYS), 100.0)
    wide = widened(samples, 0.1)
    assert wide[0, 9] == pytest.approx(100.0)
    assert wide[0, 18] == pytest.approx(100.0 * math.exp(0.1 * 1.64), rel=0.05)


# The forecast


def history(days: int, level: float, measure: str) -> Days:
    """Counts that stand still."""
    counts = {TODAY - timedelta(days=k): level for k in range(1, days)}
    return Days(measure, MappingProxyType(counts))


def test_people_there_are_played_forward_and_counted_at_the_same_hour() -> None:
    """800 people, 60 of them ready: more than chance says is not lost on the first day."""
    census = read_census(people(800, ready=60), network=NETWORK, now=NOW, name="today.csv")
    found = forecast(GLOUCESTERSHIRE, census, runs=20)
    beds, ready = found[BEDS], found[READY]
    assert (beds.today, ready.today) == (800.0, 60.0)
    assert beds.leads == ready.leads == BY_PEOPLE
    assert beds.fan.first == TODAY + timedelta(days=1)
    assert beds.fan.at(0.5)[0] == pytest.approx(800.0, rel=0.06)
    assert all(low < high for low, high in zip(beds.fan.at(0.05), beds.fan.at(0.95), strict=True))
    again = forecast(GLOUCESTERSHIRE, census, runs=20)
    assert again == found, "same seed, same fan"


def test_people_who_have_stayed_long_go_home_sooner_or_later_than_those_who_came_today() -> None:
    """Stays are lognormal: who has been there 60 days is likely to be there tomorrow."""

    def next_week(since: str) -> float:
        lines = "".join(f"p{i},beds,85 and over,{since},,\n" for i in range(300))
        census = read_census(HEADING + lines, network=NETWORK, now=NOW, name="today.csv")
        return forecast(GLOUCESTERSHIRE, census, runs=20)[BEDS].fan.at(0.5)[3]

    assert next_week("2026-09-20") > next_week("2026-11-21") + 20


def test_with_three_weeks_of_counts_the_level_leads_until_people_have_come_nearer() -> None:
    census = read_census(people(800, ready=60), network=NETWORK, now=NOW, name="today.csv")
    past = (history(60, 800.0, BEDS), history(15, 60.0, READY))
    found = forecast(GLOUCESTERSHIRE, census, past=past, runs=20)
    assert found[BEDS].leads == BY_LEVEL
    assert found[READY].leads == BY_PEOPLE
    assert found[BEDS].fan.at(0.5)[0] == pytest.approx(800.0, rel=0.01)
    better = {BEDS: {BY_PEOPLE: 3.0, BY_LEVEL: 4.0}}
    known = forecast(GLOUCESTERSHIRE, census, past=past, runs=20, scores=better)
    assert known[BEDS].leads == BY_PEOPLE


def test_a_model_of_another_day_is_refused() -> None:
    with pytest.raises(Invalid, match="make them the same"):
        for_fortnight(GLOUCESTERSHIRE, TODAY + timedelta(days=1))


# Kept and scored


def made(days_ago: int, today: float) -> Forecast:
    """A forecast kept some days ago."""
    census = read_census(people(40), network=NETWORK, now=NOW, name="today.csv")
    measures = forecast(GLOUCESTERSHIRE, census, runs=20)
    day = TODAY - timedelta(days=days_ago)
    fan = fan_of(day + timedelta(days=1), [[today + c for c in CHANCES]] * DAYS)
    beds = measures[BEDS]
    told = {BEDS: type(beds)(today, {BY_PEOPLE: fan}, BY_PEOPLE)}
    return Forecast("Gloucestershire", day, told, 20, 1, 40, "0", {})


def test_a_forecast_is_kept_and_later_days_say_how_it_did(tmp_path: Path) -> None:
    """Of three days two lie 3 beds beyond the band of one bed, and one within."""
    for days_ago, today in ((6, 800.0), (5, 803.5), (4, 804.0)):
        keep(tmp_path, made(days_ago, today))
    found = kept(tmp_path, "Gloucestershire")
    assert [f.made for f in found] == [TODAY - timedelta(days=k) for k in (6, 5, 4)]
    assert kept(tmp_path, "Lincolnshire") == ()
    (past,) = past_scores(found, counts_of(found))
    assert (past.measure, past.kind, past.forecasts, past.score.days) == (BEDS, BY_PEOPLE, 2, 3)
    assert past.score.within_90 == pytest.approx(1 / 3)
    assert leading(found, counts_of(found)) == {}, "two days say too little to lead by"


def test_a_kept_forecast_that_is_damaged_is_told_by_name(tmp_path: Path) -> None:
    path = keep(tmp_path, made(3, 800.0))
    path.write_text(path.read_text(encoding="utf-8")[:200], encoding="utf-8")
    with pytest.raises(Invalid, match=r"gloucestershire-2026-11-19\.json is no whole forecast"):
        kept(tmp_path, "Gloucestershire")
