"""docs/fortnight.md and docs/spend.md: their commands run as they stand there."""

import re
import shlex
from datetime import date, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from joinedup.planning.forecast.census_file import read_census
from joinedup.planning.forecast.days import BEDS, READY
from joinedup.site.plan_command import add_plan
from tests.spec.planning.a_census import NETWORK, NOW, people

DOCS = Path(__file__).parents[3] / "docs"


def block(page: str, language: str) -> str:
    """The page's one block of a language."""
    text = (DOCS / page).read_text(encoding="utf-8")
    (found,) = re.findall(rf"```{language}\n(.*?)```", text, re.S)
    return str(found)


def run(page: str, *more: str) -> str:
    """What the page's command prints."""
    application = typer.Typer()
    application.callback()(lambda: None)
    add_plan(application)
    words = shlex.split(block(page, "sh"))
    assert words[0] == "joinedup"
    result = CliRunner().invoke(application, [*words[1:], *more])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_census_of_the_page_is_one() -> None:
    census = read_census(block("fortnight.md", "csv"), network=NETWORK, now=NOW, name="today.csv")
    assert (census.in_use("beds"), census.ready("beds")) == (3, 2)


def test_the_command_of_the_fortnight_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("today.csv").write_text(people(300, ready=20), encoding="utf-8")
    days = "".join(
        f"{date(2026, 11, 21) - timedelta(days=k)},{300 + k % 7},20\n" for k in range(40)
    )
    Path("past.csv").write_text(f"day,beds_in_use,ready_to_go_home\n{days}", encoding="utf-8")
    said = run("fortnight.md", "--runs", "20", "--forecasts", "kept")
    assert BEDS in said and READY in said and "by level" in said


def test_the_command_of_spending_runs(tmp_path: Path) -> None:
    said = run("spend.md", "--no-check", "--out", str(tmp_path))
    assert "The order advises; people decide." in said
