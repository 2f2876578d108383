"""The fortnight as a command, and tried on public series: what it prints, keeps and refuses."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from joinedup.fhir.issue import Invalid
from joinedup.planning import files
from joinedup.planning.forecast import backtest
from joinedup.planning.forecast.days import BEDS, READY, public_days
from joinedup.planning.forecast.fortnight import BY_LEVEL
from joinedup.planning.forecast.scoring import mean_score
from joinedup.site.plan_more import add_more
from tests.spec.planning.a_census import GLOUCESTERSHIRE, NOW, TODAY, people

# The command


def run(*words: str) -> str:
    """What the command prints, or the refusal it ends with."""
    planning = typer.Typer()
    planning.callback()(lambda: None)
    add_more(planning)
    result = CliRunner().invoke(planning, ["fortnight", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_the_command_forecasts_keeps_and_scores(tmp_path: Path) -> None:
    census, past = tmp_path / "today.csv", tmp_path / "past.csv"
    census.write_text(people(700, ready=40), encoding="utf-8")
    days = [TODAY - timedelta(days=k) for k in range(80, 0, -1)]
    past.write_text(
        "day,beds_in_use,ready_to_go_home\n" + "".join(f"{d},{700 + d.day},45\n" for d in days)
    )
    words = ["--place", "QR1", "--census", str(census), "--history", str(past), "--runs", "20",
             "--forecasts", str(tmp_path / "kept")]  # fmt: skip
    first = run(*words, "--now", str(NOW))
    assert "Gloucestershire: beds in use, by level" in first
    assert "nothing is scored" in first
    after = run(*words, "--now", str(NOW + timedelta(days=1)))
    assert "what happened" in after and "as last week" in after and "nothing is" not in after
    assert len(list((tmp_path / "kept").iterdir())) == 2
    shown = json.loads(run(*words, "--now", str(NOW), "--json").splitlines()[-1])
    assert shown["measures"][BEDS]["leads"] == BY_LEVEL


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="--place with one of the 42 systems, or --model"):
        run("--census", "today.csv")
    with pytest.raises(Invalid, match="--census with a CSV file, or --record"):
        run("--place", "QR1")
    with pytest.raises(Invalid, match="cannot be read"):
        run("--place", "QR1", "--census", str(tmp_path / "none.csv"))
    with pytest.raises(Invalid, match="is no time"):
        run("--place", "QR1", "--census", "x", "--now", "yesterday")


# Public series


def test_days_that_somebody_did_not_report_are_gaps() -> None:
    """Of Frimley one day in five has no number to be believed: no day is made up."""
    counts = public_days("QNQ", READY).counts
    whole = (max(counts) - min(counts)).days + 1
    assert 0.5 < len(counts) / whole < 0.8
    assert min(counts.values()) > 0


@pytest.mark.parametrize("measure", [BEDS, READY])
def test_on_public_series_the_level_beats_as_now_and_as_last_week(measure: str) -> None:
    """The three places, every past day that the tables allow (the back-test has all of England)."""
    tried = backtest.try_all(["QR1", "QJM", "QT1"], measure, draws=0)
    assert len(tried) > 60
    mean = {k: mean_score([t.scores[k] for t in tried]) for k in backtest.KINDS[1:]}
    level, now, last = (mean[k] for k in backtest.KINDS[1:])
    assert level is not None and now is not None and last is not None
    assert level.crps < now.crps and level.crps < last.crps
    assert 0.40 < level.within_50 < 0.70 and 0.80 < level.within_90 < 0.97


def test_the_model_played_from_a_published_total_is_scored_beside_them() -> None:
    day = backtest.days_to_try("QR1", BEDS)[3]
    tried = backtest.try_day("QR1", BEDS, day, draws=4)
    assert set(tried.scores) == set(backtest.KINDS)


def test_a_file_of_a_model_is_forecast_as_a_place_is(tmp_path: Path) -> None:
    """A ward of one's own: the census names its services and classes."""
    path = tmp_path / "place.toml"
    path.write_text(files.write_model(GLOUCESTERSHIRE), encoding="utf-8")
    census = tmp_path / "today.csv"
    census.write_text(people(50), encoding="utf-8")
    said = run("--model", str(path), "--census", str(census), "--now", str(NOW), "--runs", "20",
               "--forecasts", str(tmp_path / "kept"))  # fmt: skip
    assert "by people" in said and "Fewer than 21 past days" in said
