"""The command lines `joinedup backup` and `joinedup restore`.

What they do is the record's (`record/backup`, `record/restore`); here is what is read from the
settings, what is asked of the place, and what is said afterwards.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from joinedup.fhir.issue import Invalid
from joinedup.record.backup import KEEP_DAYS, make_backup, remove_old
from joinedup.record.backup_folder import BackupFolder
from joinedup.record.restore import Restored, coverage, restore
from joinedup.record.restore_check import Checked, check_restored
from joinedup.site.environment import Environment
from joinedup.site.log_lines import LogLine, log
from joinedup.site.moment import in_words, read_moment
from joinedup.site.place import OWN_DATABASE, embedded, open_record
from joinedup.site.progress import shown_progress

__all__ = ["add_backups"]

Settings = Callable[..., AbstractContextManager[Environment]]

To = Annotated[Path | None, typer.Option(help="The folder of backups (JOINEDUP_BACKUPS).")]
From = Annotated[
    Path | None, typer.Option("--from", help="The folder of backups (JOINEDUP_BACKUPS).")
]
Into = Annotated[Path, typer.Option(help="The new home: a folder that is not there, or empty.")]
At = Annotated[
    str, typer.Option(help="A time with its zone, 2026-01-16T10:00:00Z; without it, the newest.")
]
KeepDays = Annotated[int, typer.Option(min=1, max=3_650, help="How far back one can go.")]
List = Annotated[bool, typer.Option("--list", help="Say what is covered, and make nothing.")]


def add_backups(application: typer.Typer, settings: Settings) -> None:
    """Add the two commands, which read the environment by `settings`."""

    @application.command(name="backup")
    def backup_(to: To = None, keep_days: KeepDays = KEEP_DAYS, listed: List = False) -> None:
        """Copy the whole record and its secret key to the folder of backups, and check the copy."""
        with settings() as environment:
            folder = _folder(environment, to)
            if listed:
                _list(environment, folder)
            else:
                _back_up(environment, folder, keep_days)

    @application.command(name="restore")
    def restore_(into: Into, at: At = "", source: From = None) -> None:
        """Bring the record back as it was at a moment, into a new home, and check all of it."""
        moment = read_moment(at) if at else None
        with settings(log_to_file=False) as environment:
            _restore(environment, _folder(environment, source), into, moment)


def _folder(environment: Environment, given: Path | None) -> BackupFolder:
    if not environment.is_embedded:
        raise Invalid(OWN_DATABASE)
    path = given or environment.backups
    if path is None:
        raise Invalid("Say which folder of backups: set JOINEDUP_BACKUPS, or name it here.")
    return BackupFolder(path)


def _list(environment: Environment, folder: BackupFolder) -> None:
    covered = coverage(folder, environment.postgresql)
    if not covered:
        typer.echo("There is no whole backup yet.")
    for one in covered:
        ends = f"to {in_words(one.until)}" if one.until else "and no changes after it"
        size = one.backup.size_bytes // 1_000_000
        typer.echo(f"{in_words(one.backup.ended)} {ends}: {size:,} MB")


def _back_up(environment: Environment, folder: BackupFolder, keep_days: int) -> None:
    with open_record(environment):
        cluster = embedded(environment, attach=True)
        _warn(environment, folder)
        made = make_backup(cluster, folder, tell=typer.echo)
        removed = remove_old(folder, keep_days=keep_days, now=datetime.now(UTC))
    log(LogLine.BACKUP_MADE, count=len(removed))
    typer.echo(
        f"Backed up as it was at {in_words(made.ended)}: {made.size_bytes // 1_000_000:,} MB, "
        f"checked. {len(removed)} older removed.\n"
        f"It holds everything, the secret key too, and is not encrypted: keep {folder.path} as "
        "safe as the record itself."
    )
    if environment.backups is None:
        typer.echo(
            "Changes from now on are not copied: for that, set JOINEDUP_BACKUPS where joinedup "
            "serves."
        )


def _warn(environment: Environment, folder: BackupFolder) -> None:
    above = next(path for path in (folder.path, *folder.path.parents) if path.exists())
    if above.stat().st_dev == environment.home.stat().st_dev:
        typer.echo(
            f"Note: {folder.path} is on the same disk as the record. A lost disk loses both.",
            err=True,
        )


def _restore(
    environment: Environment, folder: BackupFolder, into: Path, at: datetime | None
) -> None:
    if into.resolve() == environment.home.resolve() and any(environment.home.iterdir()):
        raise Invalid(f"{into} is this place's own home, which a restore never touches.")
    began = datetime.now(UTC)
    done = restore(folder, into, at, programs=environment.postgresql, tell=typer.echo)
    typer.echo("Checking everything in it")
    detail = f"as it was at {at.isoformat()}" if at else "the newest"
    with shown_progress() as progress:
        checked = check_restored(
            done.home, programs=environment.postgresql, detail=detail, progress=progress
        )
    seconds = (datetime.now(UTC) - began).total_seconds()
    _report(done, checked, at, seconds)
    if not checked.is_sound:
        raise typer.Exit(1)


def _report(done: Restored, checked: Checked, at: datetime | None, seconds: float) -> None:
    for difference in checked.report:
        typer.echo(difference)
    if checked.damage:
        typer.echo(checked.damage)
    moment = at or done.last or done.backup.ended
    verdict = "no difference found" if checked.is_sound else "DIFFERENCES FOUND, listed above"
    typer.echo(
        f"Brought back as it was at {in_words(moment)}, in {seconds:.0f} seconds: "
        f"{sum(checked.counts.values()):,} resources; {verdict}."
    )
    for name, count in sorted(checked.counts.items()):
        typer.echo(f"  {name} {count:,}")
    command = "demo" if (done.home / "invented-people").exists() else "serve"
    typer.echo(
        f"\nIt is in {done.home}. The home it came from was not touched. Look at it first, beside "
        "what runs now:\n"
        f"  JOINEDUP_HOME={done.home} JOINEDUP_BACKUPS= joinedup {command} --port 8001\n"
        "Before people work with it again, go through 'After a restore' in docs/backup.md: who "
        "left, what was objected to and what was revoked since then is not known to it. Its own "
        "backups need a new folder."
    )
