"""The folder of backups: what lies where in it, which backups are whole, and who may work in it.

    line.json       whose backups these are: one database, never two
    base/<moment>/  whole copies: data (PostgreSQL's), home (its other files), backup.json
    wal/<moment>/   every change since, as PostgreSQL's log; a new folder after a gap

A copy in the making lies beside, and gets its name by one rename when it is whole and checked.
"""

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from joinedup.fhir.issue import Invalid, StorageFull, Unavailable
from joinedup.record.backup_programs import FULL_DISK

__all__ = [
    "MAKING",
    "Backup",
    "BackupFolder",
    "disk_failures",
    "make_lasting",
    "make_private",
    "moment_name",
]

MAKING = ".in-the-making"
"""How names end of what is not whole yet."""

_LINE = "line.json"
_ABOUT = "backup.json"
_OWN_LINE = "line-of-backups"


class Backup(Struct, frozen=True):
    """A whole copy: when it was made, by what, and what lies in it."""

    name: str
    began: datetime
    ended: datetime
    postgresql: int
    joinedup: str
    size_bytes: int
    home_files: dict[str, str]
    """The home's other files by path, with their SHA-256."""


class _Line(Struct, frozen=True):
    """Which database the backups are of: a word that its home and its folders share."""

    line: str
    folders: tuple[str, ...] = ()
    """In the home: the folders that hold its backups, to notice one that is not mounted."""


class BackupFolder:
    """A folder of backups; made private to its owner by whoever writes in it."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.base = self.path / "base"
        self.wal = self.path / "wal"

    def claim(self, database_home: Path) -> None:
        """Make the folder ready for backups of the database in this home.

        Refuses one that holds something else, another database's backups, or lies in the home.
        """
        home = database_home.parent.resolve()
        if home in (self.path.resolve(), *self.path.resolve().parents):
            raise Invalid(
                f"{self.path} is inside the home {home}: what loses one loses the other. Choose a "
                "folder elsewhere, best on another disk."
            )
        with disk_failures(self.path):
            if not (self.path / _LINE).exists():
                self._begin(database_home)
            if not self._is_of(database_home):
                raise Invalid(
                    f"{self.path} holds backups of another database, or of this one before it was "
                    "restored. Choose a new folder; the old one stays as it is."
                )
            for folder in (self.path, self.base, self.wal):
                make_private(folder)
            self._be_remembered(database_home)

    def backups(self) -> tuple[Backup, ...]:
        """Return the whole backups, oldest first; refuses where there is no folder of backups."""
        self.refuse_other()
        found = []
        for folder in sorted(self.base.iterdir()) if self.base.is_dir() else ():
            if not folder.name.endswith(MAKING) and (folder / _ABOUT).is_file():
                found.append(self._read(folder))
        return tuple(sorted(found, key=lambda backup: backup.ended))

    def refuse_other(self) -> None:
        """Refuse a folder that no backup was ever put into."""
        if not (self.path / _LINE).exists():
            raise Invalid(f"{self.path} is not a folder of backups made by `joinedup backup`.")

    def folder_of(self, backup: Backup) -> Path:
        """Return where a whole backup lies."""
        return self.base / backup.name

    def seal(self, making: Path, backup: Backup) -> None:
        """Give a backup that was made and checked its name: from here on it is whole."""
        about = making / _ABOUT
        _write(about, msgspec.json.format(msgspec.json.encode(backup)))
        make_lasting(making)
        making.rename(self.folder_of(backup))
        make_lasting(self.base)

    def clear_half_made(self) -> None:
        """Remove what earlier backups that were cut short left; call it holding the lock."""
        for left in self.base.glob(f"*{MAKING}"):
            shutil.rmtree(left)

    @contextmanager
    def held(self, *, to_change: bool) -> Iterator[None]:
        """Hold the folder: alone to change what is whole, together with others to read it."""
        kind = fcntl.LOCK_EX if to_change else fcntl.LOCK_SH
        descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            yield
        except BlockingIOError as busy:
            raise Unavailable(
                f"Another backup or restore works in {self.path}. Try again when it is done."
            ) from busy
        finally:
            os.close(descriptor)

    def _is_of(self, database_home: Path) -> bool:
        own = database_home / _OWN_LINE
        return own.exists() and _read_line(own).line == _read_line(self.path / _LINE).line

    def _begin(self, database_home: Path) -> None:
        own = database_home / _OWN_LINE
        line = _read_line(own) if own.exists() else _Line(secrets.token_hex(16))
        if str(self.path) in line.folders:
            raise Unavailable(
                f"{self.path} held this place's backups and is empty now. Is its disk mounted? To "
                "begin anew, choose a folder of another name."
            )
        if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
            raise Invalid(
                f"{self.path} is not empty and not a folder of backups. Choose a new folder."
            )
        make_private(self.path)
        if not own.exists():
            _write(own, msgspec.json.encode(line))
            make_lasting(database_home)
        _write(self.path / _LINE, msgspec.json.encode(_Line(line.line)))
        make_lasting(self.path)

    def _be_remembered(self, database_home: Path) -> None:
        own = database_home / _OWN_LINE
        line = _read_line(own)
        if str(self.path) not in line.folders:
            _write(own, msgspec.json.encode(_Line(line.line, (*line.folders, str(self.path)))))
            make_lasting(database_home)

    def _read(self, folder: Path) -> Backup:
        try:
            backup = msgspec.json.decode((folder / _ABOUT).read_bytes(), type=Backup)
        except msgspec.MsgspecError as damaged:
            raise Unavailable(
                f"{folder / _ABOUT} is damaged: {damaged}. Move {folder} away to use the others."
            ) from damaged
        return msgspec.structs.replace(backup, name=folder.name)


def moment_name(moment: datetime) -> str:
    """Return a moment as a folder is named: 2026-01-16T10-00-00.000000Z, in order of time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")


def make_private(folder: Path) -> None:
    """Make a folder, and those above it, that only its owner can enter; refuse another's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise Unavailable(f"{folder} belongs to another account. Choose another folder.")
    folder.chmod(0o700)


def make_lasting(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_failures(where: Path) -> Iterator[None]:
    """Turn what a disk says (full, not allowed, read only) into refusals naming the folder."""
    try:
        yield
    except shutil.Error as failures:  # of many copies, each with its reason
        if FULL_DISK in str(failures):
            raise StorageFull(f"There is no room left in {where}. Free some and repeat.") from None
        raise Unavailable(f"{where}: {failures.args[0][0][-1]}.") from failures
    except OSError as failure:
        if failure.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(f"There is no room left in {where}. Free some and repeat.") from None
        raise Unavailable(f"{failure.filename or where}: {failure.strerror}.") from failure


def _read_line(path: Path) -> _Line:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Line)
    except msgspec.MsgspecError as damaged:
        raise Unavailable(f"{path} is damaged: {damaged}.") from damaged


def _write(path: Path, content: bytes) -> None:
    """Write a private file whole or not at all."""
    half = path.with_name(path.name + MAKING)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    half.replace(path)
