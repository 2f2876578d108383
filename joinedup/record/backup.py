"""Making a backup: a whole copy of the embedded cluster and of the home's other files, checked.

Made beside and renamed when PostgreSQL's own check has passed, so a half-made one is never taken
for whole. The changes after it are `wal_stream`'s; bringing one back is `restore`'s.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import psycopg

from joinedup import __version__
from joinedup.access.permit import Permit, system_permit
from joinedup.fhir.issue import StorageFull
from joinedup.record.backup_folder import (
    MAKING,
    Backup,
    BackupFolder,
    disk_failures,
    make_private,
    moment_name,
)
from joinedup.record.backup_programs import run_program
from joinedup.record.cluster import Cluster
from joinedup.record.database import connection, entered
from joinedup.record.programs import major_version
from joinedup.record.trace import trace
from joinedup.record.wal_files import received, segments_of

__all__ = ["KEEP_DAYS", "make_backup", "check_copy", "remove_old"]

KEEP_DAYS = 14
"""How far back it stays possible to go, unless a place says otherwise."""

_SPARE_BYTES = 64_000_000
# Of the home: what belongs to a running server, or is written anew by the next.
_LEFT_OUT = {"database", "metrics", "logging.json", "reset-asked"}


def make_backup(
    cluster: Cluster,
    folder: BackupFolder,
    *,
    permit: Permit | None = None,
    tell: Callable[[str], None] = lambda words: None,
) -> Backup:
    """Copy the running cluster and its home into the folder, check the copy, and name it.

    Takes the permit of a system job, its own when none is given, and leaves a trace of it in the
    record this process is connected to. Raises StorageFull where there is no room, before copying
    or after; what was copied by then is removed.
    """
    folder.claim(cluster.home)
    with folder.held(to_change=True), disk_failures(folder.path):
        folder.clear_half_made()
        began = datetime.now(UTC)
        making = folder.base / f"{moment_name(began)}{MAKING}"
        size = _needed_bytes(cluster)
        _refuse_little_room(folder, size)
        _leave_trace(permit or system_permit("backup"))
        make_private(making)
        try:
            tell(f"Copying {size // 1_000_000:,} MB to {folder.path}")
            files = _copy_home(cluster.home.parent, making / "home")
            ended = _copy_database(cluster, making / "data")
            tell("Checking the copy")
            check_copy(making / "data", cluster.programs)
            backup = Backup(
                moment_name(began),
                began,
                ended,
                major_version(cluster.programs),
                __version__,
                _bytes_of(making),
                files,
            )
            folder.seal(making, backup)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
    return backup


def remove_old(folder: BackupFolder, *, keep_days: int, now: datetime) -> tuple[str, ...]:
    """Remove backups and changes not needed to go back so many days; return what was removed.

    The newest backup older than that stays, because the days begin from it; so do the two newest.
    """
    with folder.held(to_change=True), disk_failures(folder.path):
        backups = folder.backups()
        before = [b for b in backups if b.ended < now - timedelta(days=keep_days)]
        oldest = min(len(before) - 1, len(backups) - 2)
        removed = backups[: max(oldest, 0)]
        for backup in removed:
            # Renamed first: one whose removal is cut short must not look whole.
            gone = folder.folder_of(backup).rename(folder.base / f"{backup.name}{MAKING}")
            shutil.rmtree(gone)
        kept = backups[len(removed) :]
        if kept:
            _remove_changes_before(folder, first_segment(folder.folder_of(kept[0]) / "data"))
    return tuple(backup.name for backup in removed)


def check_copy(data: Path, programs: Path) -> None:
    """Refuse a copied cluster any of whose files is not what it was when it was copied."""
    command = [str(programs / "pg_verifybackup"), "--exit-on-error", "--quiet", str(data)]
    run_program(command, f"The backup in {data.parent} is damaged", where=data)


def first_segment(data: Path) -> str:
    """Return the name of the oldest segment of changes that a copied cluster needs."""
    return min(segments_of(data / "pg_wal"))


def _copy_database(cluster: Cluster, data: Path) -> datetime:
    """Copy by pg_basebackup; return from when on the copy can be brought back."""
    words = [f"--dbname={cluster.administrator_url}", "--no-password", f"--pgdata={data}"]
    words += ["--checkpoint=fast", "--wal-method=stream", "--manifest-checksums=SHA256"]
    run_program(
        [str(cluster.programs / "pg_basebackup"), *words],
        "The database could not be copied",
        where=data.parent,
    )
    with psycopg.connect(cluster.administrator_url) as connected:
        row = connected.execute("select clock_timestamp()").fetchone()
    assert row is not None and isinstance(row[0], datetime)
    return row[0].astimezone(UTC)


def _copy_home(home: Path, into: Path) -> dict[str, str]:
    """Copy the home's other files (the secret key among them); return their SHA-256 by path."""
    make_private(into)
    found = {}
    for path in _home_files(home):
        inside = path.relative_to(home)
        copy = into / inside
        make_private(copy.parent)
        content = path.read_bytes()
        descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        found[str(inside)] = sha256(content).hexdigest()
    return found


def _home_files(home: Path) -> Iterator[Path]:
    for top in sorted(home.iterdir()):
        if top.name in _LEFT_OUT or ".log" in top.suffixes:
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() else (top,):
            if path.is_file() and not path.is_symlink():
                yield path


def _needed_bytes(cluster: Cluster) -> int:
    with psycopg.connect(cluster.administrator_url) as connected:
        row = connected.execute("select sum(pg_database_size(oid)) from pg_database").fetchone()
    return int(row[0]) if row else 0


def _refuse_little_room(folder: BackupFolder, needed: int) -> None:
    free = shutil.disk_usage(folder.path).free
    if free < needed + _SPARE_BYTES:
        raise StorageFull(
            f"The backup needs about {(needed + _SPARE_BYTES) // 1_000_000:,} MB; "
            f"{folder.path} has {free // 1_000_000:,} free. Free some, or choose another folder."
        )


def _leave_trace(permit: Permit) -> None:
    """Write that everything is copied, before it is: one event, which names nobody."""
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        trace(lent, permit, "backup", people=())


def _bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _remove_changes_before(folder: BackupFolder, oldest: str) -> None:
    for name, path in received(folder.wal).items():
        if name < oldest:
            path.unlink()
            path.with_name(f"{name}.partial").unlink(missing_ok=True)
    for empty in sorted(folder.wal.iterdir())[:-1]:
        if empty.is_dir() and not any(empty.iterdir()):
            empty.rmdir()
