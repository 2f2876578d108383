"""Chapter: planning. Section 22: `joinedup plan` on the command line, its report, and again."""

import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from joinedup.fhir.issue import Invalid, NotFound
from joinedup.planning.report import Manifest, play_scenario, read_manifest, replay
from joinedup.planning.report.parquet import as_parquet
from joinedup.planning.report.tables import as_csv
from joinedup.planning.scenarios import read_scenario
from joinedup.planning.scenarios.ready import ready_file, ready_names, ready_scenarios
from joinedup.site.command import application

DOCS = Path(__file__).resolve().parents[3] / "docs/planning.md"
SMALL = """
title = "Small"
place = "Gloucestershire"
starts = 2018-12-01
days = 14

[[options]]
name = "=more"

[[options.changes]]
type = "grant"
amount = 500_000
buys = "community beds"
"""
FILES = {
    "answers.csv", "answers.parquet", "days.csv", "days.parquet", "manifest.json", "place.toml",
    "report.html", "results.json", "runs.csv", "runs.parquet", "scenario.toml", "stress-des.md",
}  # fmt: skip


def plan(*words: str | Path) -> str:
    result = CliRunner().invoke(application, ["plan", *map(str, words)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small scenario, played with a report."""
    at = tmp_path_factory.mktemp("plan")
    (at / "small.toml").write_text(SMALL)
    plan("run", at / "small.toml", "--runs", "4", "--out", at / "out")
    return at


def test_a_run_says_its_headline_with_interval(folder: Path) -> None:
    """One sentence an option, and the place as it is."""
    said = plan("run", folder / "small.toml", "--runs", "4", "--seed", "3")
    assert re.search(r"=more frees -?[\d.]+ beds? a day over 14 days; in nine winters of ten", said)
    assert re.search(r"As it is: [\d,]+ beds in use, [\d,]+ of them kept by people", said)


def test_a_report_is_a_page_tables_stress_des_and_a_manifest(folder: Path) -> None:
    """Everything needed to read it, reckon it again, and play it again; nothing of the stop."""
    assert {file.name for file in (folder / "out").iterdir()} == FILES
    page = (folder / "out/report.html").read_text()
    assert page.count("<svg") == 3 and "What the model does not know" in page
    assert "http" not in re.sub(r'xmlns="[^"]*"', "", page.split("Every parameter")[0])
    assert "3.4 Assumptions" in page
    stress = (folder / "out/stress-des.md").read_text()
    for number in ("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5.1", "2.5.2", "2.5.3",
                   "2.5.4", "2.5.5", "3.1", "3.2", "3.3", "3.4", "4.1", "4.2", "4.3", "5.1",
                   "5.2", "5.3", "5.4", "6.1"):  # fmt: skip
        assert f"**{number} " in stress
    assert read_scenario(folder / "out/scenario.toml").title == "Small"


def test_what_was_published_lies_over_what_was_played(folder: Path) -> None:
    """Beds in use of the weeks of December 2018, from the winter sitreps."""
    results = json.loads((folder / "out/results.json").read_text())
    assert [one["day"] for one in results["seen"]] == [2.0, 9.0]
    assert all(800 < one["in_use"] < 1000 for one in results["seen"])
    assert all(one["ready"] is None for one in results["seen"])


def test_json_is_the_whole_of_the_results(folder: Path) -> None:
    """What the page is made of, for whoever wants to draw their own."""
    found = json.loads(plan("run", folder / "small.toml", "--runs", "2", "--json"))
    assert found["place"] == "Gloucestershire" and found["runs"] == 2
    assert set(found["answers"][0]) >= {"freed", "taken", "waiting", "money", "pounds_a_bed_day"}
    assert len(found["fans"]) == 4 and len(found["fans"][0]["quantiles"]) == 14


def test_a_manifest_gives_the_same_bytes_again(folder: Path, tmp_path: Path) -> None:
    """From the manifest alone, on another number of threads."""
    said = plan("replay", folder / "out/manifest.json", "--out", tmp_path / "b", "--threads", "1")
    assert said.startswith("The same: 11 files, byte for byte.")
    for name in FILES:
        assert (tmp_path / "b" / name).read_bytes() == (folder / "out" / name).read_bytes()


def test_a_replay_that_differs_says_in_what(folder: Path, tmp_path: Path) -> None:
    """Another seed in a manifest is other luck: the outputs differ, and it ends with 1."""
    manifest = read_manifest(folder / "out/manifest.json")
    other = msgspec.structs.replace(manifest, seed=9, versions={**manifest.versions, "numpy": "1"})
    file = tmp_path / "manifest.json"
    file.write_bytes(msgspec.json.encode(other))
    result = CliRunner().invoke(application, ["plan", "replay", str(file)])
    assert result.exit_code == 1
    assert "differs: outputs: runs.csv" in result.stdout
    assert "differs: versions: numpy" in result.stdout
    assert "differs: inputs" not in result.stdout


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{}", "is no manifest: Object missing required field"),
        (b"\xff", "is no manifest"),
        (b'{"a":', "is no manifest"),
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    """By name, with what to give instead."""
    file = tmp_path / "x.json"
    file.write_bytes(data)
    with pytest.raises(Invalid, match=said):
        read_manifest(file)
    with pytest.raises(Invalid, match="cannot be read"):
        read_manifest(tmp_path / "nothing.json")


def test_a_manifest_of_another_format_is_refused(folder: Path, tmp_path: Path) -> None:
    """What a later joinedup writes is not guessed at."""
    manifest: Manifest = read_manifest(folder / "out/manifest.json")
    file = tmp_path / "x.json"
    file.write_bytes(msgspec.json.encode(msgspec.structs.replace(manifest, format=7)))
    with pytest.raises(Invalid, match="of format 7: this joinedup reads format 1"):
        read_manifest(file)


# A shell that starts tests in the background has them ignore Ctrl-C; a person's does not.
HEEDS_CTRL_C = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    " from joinedup.site.command import main; main()"
)


def test_a_run_that_is_stopped_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """Ctrl-C keeps what is done; the same command ends with the bytes of a run never stopped."""
    (tmp_path / "small.toml").write_text(SMALL)
    out = tmp_path / "out"
    words = ["plan", "run", str(tmp_path / "small.toml"), "--runs", "40", "--threads", "1"]
    command = [sys.executable, "-c", HEEDS_CTRL_C, *words, "--out", str(out)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and len(list(out.glob(".played-*/draw-*.npz"))) < 2:
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and "the same command goes on" in said
    kept = len(list(out.glob(".played-*/draw-*.npz")))
    assert 2 <= kept < 20
    plan(*words[1:], "--out", out)
    whole = play_scenario(tmp_path / "small.toml", runs=40)
    assert {file.name for file in out.iterdir()} == FILES
    for name, data in whole.files.items():
        assert (out / name).read_bytes() == data


def test_a_draw_kept_that_is_not_whole_is_played_again(tmp_path: Path) -> None:
    """A disk that filled up leaves a piece: it is not believed."""
    kept = tmp_path / "kept"
    first = play_scenario(SMALL, runs=2, kept_in=kept)
    for file in kept.glob(".played-*/draw-*.npz"):
        file.write_bytes(file.read_bytes()[:1000])
    again = play_scenario(SMALL, runs=2, kept_in=kept)
    assert again.files == first.files


def test_the_places_are_england_and_its_42_systems() -> None:
    """By code and name, as --place takes them."""
    lines = plan("places").splitlines()
    assert len(lines) == 43 and lines[0] == "ENG  England"
    assert "QJM  Lincolnshire" in lines


def test_another_place_is_asked_for_on_the_command_line(folder: Path) -> None:
    """The same question, elsewhere; a place that is none is refused with those there are."""
    assert "Lincolnshire, 14 days" in plan(
        "run", folder / "small.toml", "--place", "Lincs", "--runs", "2"
    )
    with pytest.raises(NotFound, match="There is no place 'Narnia'"):
        plan("run", folder / "small.toml", "--place", "Narnia", "--runs", "2")


def test_the_ready_scenarios_are_sound_and_found_by_name() -> None:
    """The 2018 question, what flu took in 2017-18, and a winter's choices."""
    assert set(ready_names()) >= {"winter-2018", "flu-2017-18", "winter-choices"}
    assert set(plan("scenarios").splitlines()) == {
        f"{name}  {title}" for name, title in ready_scenarios().items()
    }
    with pytest.raises(NotFound, match="nor a ready scenario of that name"):
        ready_file(Path("nowhere.toml"))


def test_every_command_in_the_documents_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each `joinedup plan` line of docs/planning.md, as it stands there, in a folder of its own.

    The example file of the page is there as winter.toml; runs are cut to two.
    """
    text = DOCS.read_text()
    example = re.search(r"## Scenarios.*?```toml\n(.*?)```", text, re.DOTALL)
    assert example is not None
    work = folder / "documents"
    work.mkdir()
    (work / "winter.toml").write_text(example[1])
    monkeypatch.chdir(work)
    commands = re.findall(r"^    joinedup plan (.*)$", text, re.MULTILINE)
    assert len(commands) >= 6
    for line in commands:
        words = re.sub(r"--runs \d+", "--runs 2", line).split("  #")[0].split()
        if words[0] == "run" and "--runs" not in words:
            words += ["--runs", "2"]
        assert plan(*words)
    assert (work / "lincolnshire/report.html").exists()


def _in_one_system(line: str) -> str:
    return f"{line.split(' --place')[0]} --place Somerset"


def test_the_page_of_2018_says_how_it_was_made(full: bool) -> None:
    """Its commands run, of two runs each; England's at full size only, else in one system."""
    text = (DOCS.parent / "winter-2018.md").read_text()
    commands = re.findall(r"^    joinedup plan (run .*) --runs \d+$", text, re.MULTILINE)
    assert len(commands) == 5
    for line in dict.fromkeys(commands if full else map(_in_one_system, commands)):
        words = line.split()
        assert "paired runs" in plan(*words, "--runs", "2")


def test_a_replay_in_python_says_the_same(folder: Path) -> None:
    """What the command does is one call."""
    played, differences = replay(read_manifest(folder / "out/manifest.json"))
    assert differences == ()
    assert played.results.title == "Small"


def test_a_table_is_harmless_in_a_spreadsheet(folder: Path) -> None:
    """Names that a spreadsheet would run as formulas are given as text."""
    lines = (folder / "out/answers.csv").read_text().splitlines()
    assert lines[1].startswith("'=more,beds freed,")
    assert as_csv((("a",), [("+1",), (2.5,)])) == b"a\n'+1\n2.5\n"


def test_a_parquet_file_has_its_columns_and_rows() -> None:
    """Whole numbers, numbers and text, as plain pages between the marks of the format.

    Read by pyarrow 22 as written (checked by hand; it is no dependency of joinedup).
    """
    data = as_parquet((("run", "beds", "name"), [(1, 2.5, "a"), (2, -1.0, "bé")]))
    assert data[:4] == data[-4:] == b"PAR1"
    (footer,) = struct.unpack("<I", data[-8:-4])
    assert data[-8 - footer : -8].count(b"beds") == 2
    assert struct.pack("<qq", 1, 2) in data
    assert struct.pack("<dd", 2.5, -1.0) in data
    assert struct.pack("<I", 3) + "bé".encode() in data
