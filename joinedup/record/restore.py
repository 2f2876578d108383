"""Bringing the record back as it was at a moment, into a new home; the running one is not touched.

A whole backup is copied and checked, the changes after it are replayed up to the moment, and the
home gets its name when it is done. Whether what came back is sound is `restore_check`'s.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import psycopg
from msgspec import Struct

from joinedup.fhir.issue import Invalid, StorageFull, Unavailable
from joinedup.record.backup import check_copy
from joinedup.record.backup_folder import (
    MAKING,
    Backup,
    BackupFolder,
    disk_failures,
    make_lasting,
    make_private,
)
from joinedup.record.cluster import Cluster
from joinedup.record.programs import NOBODY, find_programs, identity, owned_by_nobody
from joinedup.record.wal_files import (
    PARTIAL,
    SEGMENT_BYTES,
    last_commit,
    last_needed,
    received,
    run_of,
)

__all__ = ["Coverage", "Restored", "coverage", "restore"]

REPLAY_LIMIT_SECONDS = 4 * 3600.0
_TARGET_MISSED = "before configured recovery target"
_SPARE_BYTES = 200_000_000


class Coverage(Struct, frozen=True):
    """From when until when one backup and the changes after it can bring the record back."""

    backup: Backup
    until: datetime | None
    """The last transaction received; None where only the backup itself is there."""
    changes: tuple[Path, ...]
    """The segments after the backup's own, without a gap."""

    def holds(self, moment: datetime) -> bool:
        """Whether it can be said that nothing up to the moment is missing."""
        return self.until is not None and self.backup.ended <= moment < self.until


class Restored(Struct, frozen=True):
    """What was brought back: the new home, from which backup, and the last transaction in it."""

    home: Path
    backup: Backup
    last: datetime | None


def coverage(folder: BackupFolder, programs: Path | None = None) -> tuple[Coverage, ...]:
    """Return what each whole backup covers, oldest first."""
    files = received(folder.wal)
    found = []
    for backup in folder.backups():
        data = folder.folder_of(backup) / "data"
        own = last_needed(data)
        run = run_of(files | {own: data / "pg_wal" / own}, own)
        changes = [path for path in run if folder.wal in path.parents]
        fitting = programs or find_programs(backup.postgresql)
        until = last_commit(changes, fitting) if changes else None
        found.append(Coverage(backup, until, tuple(changes)))
    return tuple(found)


def restore(
    folder: BackupFolder,
    home: Path,
    at: datetime | None,
    *,
    programs: Path | None = None,
    tell: Callable[[str], None] = lambda words: None,
) -> Restored:
    """Make a new home holding the record as it was at a moment (None: the newest there is).

    What had ended by then is there, what ended later is not. Refuses a moment outside what the
    backups cover, naming that; a home that is not empty; a damaged file; too little room.
    """
    home = home.absolute()
    _refuse_taken(home)
    folder.refuse_other()
    with disk_failures(home), folder.held(to_change=False):
        chosen = _chosen(coverage(folder, programs), at)
        fitting = programs or find_programs(chosen.backup.postgresql)
        with _made_whole(home) as making:
            _refuse_little_room(making, chosen)
            tell(f"Copying the backup of {chosen.backup.ended:%Y-%m-%d %H:%M:%S} UTC")
            _copy(folder, chosen, making, fitting)
            tell(f"Replaying the changes after it, {len(chosen.changes)} files of 16 MB")
            last = _replay(Cluster(making / "database", programs=fitting), chosen, at)
    return Restored(home, chosen.backup, last)


def _chosen(covered: tuple[Coverage, ...], at: datetime | None) -> Coverage:
    """Return the newest backup that covers the moment, or refuse naming what is covered."""
    if not covered:
        raise Invalid("There is no whole backup in this folder.")
    if at is None:
        return covered[-1]
    if at > datetime.now(UTC):
        raise Invalid(f"{_said(at)} has not come yet.")
    for one in reversed(covered):
        if one.holds(at):
            return one
    raise Invalid(
        f"The backups do not cover {_said(at)}. They cover: "
        + "; ".join(dict.fromkeys(_window(one) for one in covered))
        + ". Without a time the newest state is brought back."
    )


def _window(one: Coverage) -> str:
    if one.until is None or one.until <= one.backup.ended:
        return f"{_said(one.backup.ended)}, the moment of a backup with no changes after it"
    return f"{_said(one.backup.ended)} to {_said(one.until)}"


def _said(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3] + " UTC"


def _refuse_taken(home: Path) -> None:
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        process = Cluster(home / "database").run_by
        running = f" Process {process} is running the record in it." if process else ""
        raise Invalid(
            f"{home} is not empty; a restore makes a new home and touches no other.{running} "
            "Name a new folder."
        )


@contextmanager
def _made_whole(home: Path) -> Iterator[Path]:
    """Lend a folder beside the home, which gets the home's name if all goes well, or is removed."""
    making = home.with_name(f"{home.name}{MAKING}")
    if Cluster(making / "database").run_by:
        raise Unavailable(f"Another restore to {home} is under way.")
    if making.exists():
        shutil.rmtree(making)
    make_private(making)
    try:
        yield making
        make_lasting(making)
        making.rename(home)
        make_lasting(home.parent)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def _refuse_little_room(making: Path, chosen: Coverage) -> None:
    needed = chosen.backup.size_bytes + len(chosen.changes) * SEGMENT_BYTES + _SPARE_BYTES
    free = shutil.disk_usage(making).free
    if free < needed:
        raise StorageFull(
            f"The restore needs about {needed // 1_000_000:,} MB; {making.parent} has "
            f"{free // 1_000_000:,} free. Free some, or name a folder on another disk."
        )


def _copy(folder: BackupFolder, chosen: Coverage, making: Path, programs: Path) -> None:
    """Copy the backup, check the copy against what was written down, add the changes after it."""
    source = folder.folder_of(chosen.backup)
    _copy_home(source / "home", making, chosen.backup)
    make_private(making / "database")
    data = making / "database" / "data"
    shutil.copytree(source / "data", data, symlinks=True)
    check_copy(data, programs)
    for path in chosen.changes:
        # Copies, not links: the server writes over segments it has replayed.
        shutil.copyfile(path, data / "pg_wal" / path.name.removesuffix(PARTIAL))
    for path in folder.wal.glob("*/*.history"):
        shutil.copyfile(path, data / "pg_wal" / path.name)
    (data / "recovery.signal").touch(mode=0o600)
    if owned_by_nobody(identity()):
        for path in (data, *data.rglob("*")):
            shutil.chown(path, NOBODY, NOBODY)


def _copy_home(source: Path, making: Path, backup: Backup) -> None:
    for name, digest in backup.home_files.items():
        content = (source / name).read_bytes()
        if sha256(content).hexdigest() != digest:
            raise Unavailable(f"The backup is damaged: {source / name} is not what was copied.")
        make_private((making / name).parent)
        (making / name).touch(mode=0o600)
        (making / name).write_bytes(content)


def _replay(cluster: Cluster, chosen: Coverage, at: datetime | None) -> datetime | None:
    """Let PostgreSQL replay up to the moment and open; return when the last transaction ended."""
    settings = {
        # Everything needed was put where the server looks next; nothing is fetched.
        "restore_command": "false",
        "recovery_target_timeline": "current",
        "recovery_target_action": "promote",
        "hot_standby": "off",
        "archive_mode": "off",
    }
    if at is not None:
        settings["recovery_target_time"] = at.astimezone(UTC).isoformat(" ")
    replaying = Cluster(
        cluster.home,
        attach=False,
        programs=cluster.programs,
        settings=settings,
        patience_seconds=REPLAY_LIMIT_SECONDS,
    )
    try:
        with replaying, psycopg.connect(replaying.administrator_url) as connection:
            row = connection.execute("select pg_last_xact_replay_timestamp()").fetchone()
    except Unavailable as failure:
        if at is None or _TARGET_MISSED not in str(failure):
            raise
        raise Unavailable(_damaged(f"could not be read up to {_said(at)}", chosen)) from failure
    last: datetime | None = row[0] if row else None
    if at is None and chosen.until and (last is None or last < chosen.until):
        reached = _said(last or chosen.backup.ended)
        raise Unavailable(_damaged(f"could be read up to {reached} only", chosen))
    return last


def _damaged(how_far: str, chosen: Coverage) -> str:
    until = _said(chosen.until) if chosen.until else "the end of the backup"
    return (
        f"The changes {how_far}, and were received up to {until}: one of their files is damaged. "
        "A time before the damage can be brought back with --at."
    )
