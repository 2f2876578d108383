"""Backups: `joinedup backup`, `joinedup restore --at TIME`, how times are given, what is kept.

The drill and the faults are in tests/faults/test_5 to test_7; the runbook is docs/backup.md.
"""

import os
import subprocess
import sys
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import typer
from typer.testing import CliRunner

from joinedup.fhir.issue import Invalid
from joinedup.record.backup import remove_old
from joinedup.record.backup_folder import MAKING, Backup, BackupFolder, moment_name
from joinedup.record.wal_files import following, received, run_of
from joinedup.site.backups import add_backups
from joinedup.site.environment import read_environment
from joinedup.site.moment import in_words, read_moment

ROOT = Path(__file__).resolve().parents[3]
TODAY = datetime(2026, 1, 16, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-01-16T10:00:00Z", "2026-01-16T10:00:00+00:00"),
        ("2026-01-16 10:00 UTC", "2026-01-16T10:00:00+00:00"),
        ("2026-07-16T10:00:00.25+01:00", "2026-07-16T09:00:00.250000+00:00"),
        ("2026-07-16 10:00:00 Europe/London", "2026-07-16T09:00:00+00:00"),
        ("2026-01-16 10:00:00 Europe/London", "2026-01-16T10:00:00+00:00"),
    ],
)
def test_a_time_is_given_with_its_zone(typed: str, meant: str) -> None:
    """In UTC, with an offset, or as on the wall somewhere."""
    assert read_moment(typed).isoformat() == meant


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("2026-01-16T10:00:00", "in which zone"),
        ("yesterday", "is not a time"),
        ("", "is not a time"),
        ("2026-02-30T10:00:00Z", "is not a time"),
        ("2026-01-16T10:00:00Z; drop", "is not a time"),
        ("9999-12-31T23:59:59-10:00", "is not a time"),
        ("2026-10-25 01:30:00 Europe/London", "clocks change"),
        ("2026-03-29 01:30:00 Europe/London", "clocks change"),
        ("2026-01-16 10:00:00 Europe/Marlbrook", "not a zone"),
    ],
)
def test_an_unclear_time_is_refused(typed: str, why: str) -> None:
    """Without a zone, no time at all, or one that comes twice or never when the clocks change."""
    with pytest.raises(Invalid, match=why):
        read_moment(typed)


def test_a_time_is_said_in_both_ways() -> None:
    """In UTC, as it is stored, and as on the wall."""
    assert in_words(read_moment("2026-07-16T09:00:00Z")) == (
        "2026-07-16 09:00:00 UTC (10:00:00 in England)"
    )


def test_changes_are_followed_up_to_the_first_gap(tmp_path: Path) -> None:
    """A whole file counts before the one still being received, wherever it lies."""
    assert following("0000000100000000000000FF") == "000000010000000100000000"
    first, second, fourth = (f"0000000100000000000000{n}" for n in ("0A", "0B", "0D"))
    for folder, name in (("1", first), ("1", f"{second}.partial"), ("2", second), ("2", fourth)):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).touch()
    (tmp_path / "2" / "letter").touch()
    files = received(tmp_path)
    assert run_of(files, first) == [tmp_path / "1" / first, tmp_path / "2" / second]
    assert run_of(files, "000000010000000000000009") == []


def kept_folder(folder: Path, ages_days: list[float]) -> BackupFolder:
    """A folder of backups of these ages, each with the file of changes it begins in."""
    (folder / "home" / "database").mkdir(parents=True)
    found = BackupFolder(folder / "backups")
    found.claim(folder / "home" / "database")
    stream = found.wal / "1"
    stream.mkdir()
    for number, age in enumerate(ages_days):
        ended = TODAY - timedelta(days=age)
        name = f"00000001000000000000000{number}"
        making = found.base / f"{moment_name(ended)}{MAKING}"
        (making / "data" / "pg_wal").mkdir(parents=True)
        (making / "data" / "pg_wal" / name).touch()
        (stream / name).touch()
        found.seal(making, Backup(moment_name(ended), ended, ended, 18, "0.1.0", 0, {}))
    return found


@pytest.mark.parametrize(
    ("ages_days", "keep_days", "kept"),
    [
        ([40, 30, 20, 10, 0], 14, [20, 10, 0]),  # the one of 20 days: 14 days ago follows from it
        ([5, 4, 3], 14, [5, 4, 3]),
        ([90, 80, 70], 14, [80, 70]),  # the two newest stay however old
        ([90], 14, [90]),
        ([15, 14, 13], 14, [15, 14, 13]),
    ],
)
def test_one_can_go_back_so_many_days(
    tmp_path: Path, ages_days: list[float], keep_days: int, kept: list[float]
) -> None:
    """Older backups go, and with them the changes that only they needed."""
    folder = kept_folder(tmp_path, ages_days)
    removed = remove_old(folder, keep_days=keep_days, now=TODAY)
    left = [(TODAY - backup.ended).days for backup in folder.backups()]
    assert left == kept
    assert len(removed) == len(ages_days) - len(kept)
    assert len(received(folder.wal)) == len(kept)
    assert not list(folder.base.glob(f"*{MAKING}"))


def test_a_copy_without_its_description_is_no_backup(tmp_path: Path) -> None:
    """Nor one that has not got its name yet."""
    folder = kept_folder(tmp_path, [2, 1])
    newest = folder.backups()[-1]
    (folder.folder_of(newest) / "backup.json").unlink()
    assert [b.name for b in folder.backups()] == [moment_name(TODAY - timedelta(days=2))]
    assert msgspec.json.decode((folder.path / "line.json").read_bytes())["line"]


def run(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run `joinedup` with this home."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("JOINEDUP_")}
    return subprocess.run(
        [sys.executable, "-m", "joinedup.site.command", *words],
        cwd=ROOT,
        env=plain | {"JOINEDUP_HOME": str(home)} | more,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_commands(tmp_path: Path) -> None:
    """Back up, say what is covered, bring back, and look at what came back, from a terminal."""
    home, backups, new = tmp_path / "home", tmp_path / "backups", tmp_path / "new"
    setting = {"JOINEDUP_BACKUPS": str(backups)}
    made = run(home, "backup", **setting)
    assert made.returncode == 0, made.stderr
    assert "checked. 0 older removed." in made.stdout
    assert "is not encrypted" in made.stdout
    assert "same disk" in made.stderr
    listed = run(home, "backup", "--list", **setting)
    assert "in England) to " in listed.stdout, "changes were copied while it ran"
    before = sorted(path.name for path in home.iterdir())
    brought = run(home, "restore", "--into", str(new), "--from", str(backups))
    assert brought.returncode == 0, brought.stderr
    assert "no difference found" in brought.stdout
    assert f"JOINEDUP_HOME={new}" in brought.stdout
    assert sorted(path.name for path in home.iterdir()) == before
    again = run(home, "restore", "--into", str(new), "--from", str(backups))
    assert (again.returncode, again.stdout) == (1, "")
    assert "is not empty" in again.stderr and "Traceback" not in again.stderr


@pytest.mark.parametrize(
    ("words", "more", "said"),
    [
        ("backup", {}, "Say which folder"),
        ("restore --into new", {}, "Say which folder"),
        ("backup", {"JOINEDUP_DATABASE_URL": "postgresql://place.example/x"}, "its own PostgreSQL"),
        ("restore --into new --at 2026-01-16T10:00:00", {}, "in which zone"),
    ],
)
def test_what_is_asked_wrongly(words: str, more: dict[str, str], said: str) -> None:
    """A sentence that says what to do."""
    application = typer.Typer()
    add_backups(application, lambda **_: nullcontext(read_environment(more)))
    with pytest.raises(Invalid, match=said):
        CliRunner().invoke(application, words.split(), catch_exceptions=False)
