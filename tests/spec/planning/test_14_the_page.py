"""docs/planning.md: what it shows is run here as it stands there."""

import re
from pathlib import Path

import pytest

from joinedup.fhir.issue import Invalid
from joinedup.planning import engine, files, flu

PAGE = Path(__file__).parents[3] / "docs/planning.md"


def block(language: str) -> str:
    """The page's first block of a language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert found is not None
    return found[1]


def test_the_file_of_the_page_is_a_model_that_plays() -> None:
    model = files.read_model(block("toml"), name="ward.toml")
    outcome = engine.simulate(model.network(), seed=1, runs=4)
    assert 10 < outcome.mean("in_use", "ward").mean() <= 24
    assert files.read_model(files.write_model(model)) == model


def test_the_message_of_the_page_is_the_one_that_is_told() -> None:
    wrong = block("toml").replace('capacity = "beds"', 'capacity = "bed"')
    with pytest.raises(Invalid) as refused:
        files.read_model(wrong, name="ward.toml")
    assert refused.value.problems[1].message in PAGE.read_text(encoding="utf-8")


def test_the_lines_of_the_page_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    found: dict[str, object] = {}
    exec(compile(block("python"), str(PAGE), "exec"), found)
    assert "assumed" in capsys.readouterr().out
    model = found["again"]
    assert isinstance(model, files.Model) and model.title.startswith("Gloucestershire")


def test_the_fit_on_the_page_is_the_fit() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for row in flu.fit_table()[1:]:
        assert f"| {' | '.join(row)} |" in page
