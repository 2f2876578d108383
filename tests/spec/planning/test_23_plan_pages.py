"""Chapter: planning. Section 23: the pages about planning, and what is played beside them."""

import time
from pathlib import Path
from threading import Event

import pytest

from joinedup.fhir.issue import Conflict, NotFound
from joinedup.planning.pages import plays
from joinedup.planning.report import play_scenario
from joinedup.planning.report.charts import draw_dots, draw_fan, ticks
from joinedup.planning.report.page import as_html, as_part
from joinedup.planning.report.play import place_of
from joinedup.planning.scenarios import read_scenario
from joinedup.planning.scenarios.answers import Effect

SMALL = """
title = "A <b>bold</b> title"
place = "Gloucestershire"
starts = 2026-12-01
days = 14
[[options]]
name = "<script>alert(1)</script>"
[[options.changes]]
type = "places"
service = "care homes"
more = 5
"""


def wait_for_the_end(name: str) -> None:
    deadline = time.monotonic() + 120
    while plays.playing_now() is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert plays.playing_now() is None, f"{name} did not end"


def test_a_run_is_played_beside_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named by question and place; found again in the list, with its report beside it."""
    monkeypatch.setattr(plays, "RUNS", 2)
    name = plays.begin("winter-choices", "Somerset", home=tmp_path)
    assert name == "winter-choices-qsl"
    wait_for_the_end(name)
    results = plays.results_of(name, home=tmp_path)
    assert results is not None and results.place == "Somerset" and results.runs == 2
    assert [one for one, _ in plays.kept_runs(tmp_path)] == [name]
    assert (tmp_path / "plans" / name / "report.html").exists()


def test_one_run_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second is refused until the first has ended: the web server needs its processors."""
    go_on = Event()

    def slow(*_: object, **__: object) -> None:
        go_on.wait(30)
        raise OSError("no room")

    monkeypatch.setattr(plays, "play_scenario", slow)
    name = plays.begin("winter-choices", "QJM", home=tmp_path)
    playing = plays.playing_now(name)
    assert playing is not None and not playing.failed
    with pytest.raises(Conflict, match="Another run is being played"):
        plays.begin("winter-choices", "QR1", home=tmp_path)
    go_on.set()
    wait_for_the_end(name)
    assert playing.failed and plays.playing_now(name) is playing


def test_what_is_not_ready_is_not_played(tmp_path: Path) -> None:
    """A name is one of the list, and never a path."""
    for scenario in ("../../etc/passwd", "nothing", ""):
        with pytest.raises(NotFound, match="no ready scenario"):
            plays.begin(scenario, "QJM", home=tmp_path)
    with pytest.raises(NotFound, match="There is no place"):
        plays.begin("winter-choices", "Narnia", home=tmp_path)


def test_what_another_version_kept_is_not_shown(tmp_path: Path) -> None:
    """Results that cannot be read are as if they were not there."""
    (tmp_path / "plans/x").mkdir(parents=True)
    (tmp_path / "plans/x/results.json").write_text('{"title": 3}')
    assert plays.results_of("x", home=tmp_path) is None
    assert plays.kept_runs(tmp_path) == []


def test_a_report_escapes_what_a_file_says() -> None:
    """A title, a name: text, and never a part of the page."""
    played = play_scenario(SMALL, runs=2)
    scenario = read_scenario(SMALL)
    for page in (
        as_part(played.results),
        as_html(played.results, place_of(scenario, scenario.place)).decode(),
    ):
        assert "<script>" not in page and "<b>bold" not in page
        assert "&lt;script&gt;" in page


def test_ticks_are_round_numbers_between_low_and_high() -> None:
    """1, 2 or 5 times a power of ten apart, four to eight of them."""
    assert ticks(0.0, 60.0) == (0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0)
    assert ticks(-3.0, 7.0) == (-2.0, 0.0, 2.0, 4.0, 6.0)
    for low, high in ((812.0, 901.0), (0.001, 0.0034), (-1e6, 2e7)):
        found = ticks(low, high)
        assert 3 <= len(found) <= 8 and low <= found[0] and found[-1] <= high


def test_a_chart_says_in_words_where_its_figures_are() -> None:
    """A role, a label; a whisker from low to high; no style and no script."""
    effect = Effect(mean=5.0, low=0.0, high=10.0, error=1.0, doubt_share=0.5)
    drawn = draw_dots([("a & b", effect)], "beds")
    assert 'role="img"' in drawn and "the figures are in the table" in drawn
    assert "a &amp; b" in drawn and "style=" not in drawn
    fan = draw_fan(play_scenario(SMALL, runs=2).results, "in_use")
    assert fan.count("<polygon") == 2 and fan.count("<polyline") == 2
