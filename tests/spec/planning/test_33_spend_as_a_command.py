"""`joinedup plan spend`: what it prints and keeps, how it goes on, and what it refuses."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from joinedup.fhir.issue import Invalid, NotFound
from joinedup.planning.allocation.kept import kept_answer
from joinedup.site.plan_more import add_more


def run(*words: str) -> str:
    """What the command prints, or the refusal it ends with."""
    planning = typer.Typer()
    planning.callback()(lambda: None)
    add_more(planning)
    result = CliRunner().invoke(planning, ["spend", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_a_place_is_played_kept_and_told_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """Played once; asked again with other limits, what was played is read."""
    words = ["--place", "QR1", "--draws", "2", "--begins", "2025-12-01", "--ends", "2025-12-31",
             "--budget", "1000000", "--out", str(tmp_path)]  # fmt: skip
    said = run(*words)
    for told in ("a stand-in", "The order advises; people decide.", "(assumed)", "Played at once"):
        assert told in said
    (file,) = (tmp_path / "played").iterdir()
    before = file.stat().st_mtime_ns
    found = json.loads(run(*words, "--least", "0", "--no-check", "--json").splitlines()[-1])
    assert file.stat().st_mtime_ns == before
    assert found["limits"]["least"] == 0.0 and found["checked"] == []
    (lot,) = found["lots"]
    assert sum(lot["by_way"].values()) == lot["pounds"] <= lot["need_pounds"] == 1_000_000
    assert set(lot["by_way"]) == {"home care", "reablement", "community beds"}
    kept = kept_answer(tmp_path)
    assert kept is not None and kept.needs_proxy and kept.seed == 1
    file.write_text("{", encoding="utf-8")
    with pytest.raises(Invalid, match="remove it and run again"):
        run(*words)


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no place 'Atlantis'"):
        run("--place", "Atlantis")
    with pytest.raises(Invalid, match="before it begins"):
        run("--place", "QR1", "--begins", "2026-01-01", "--ends", "2025-12-31")
    with pytest.raises(Invalid, match="cannot be read as text"):
        run("--place", "QR1", "--needs", str(tmp_path / "none.csv"))
    assert kept_answer(tmp_path) is None
