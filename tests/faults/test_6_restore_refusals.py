"""What cannot be backed up or brought back is refused in plain words, and leaves nothing behind.

Each test damages a copy of one folder of backups, or asks for what it does not hold.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from msgspec import Struct

from joinedup.fhir.issue import Invalid, StorageFull, Unavailable
from joinedup.record import backup as backups
from joinedup.record import database
from joinedup.record import restore as restores
from joinedup.record.backup import make_backup
from joinedup.record.backup_folder import MAKING, BackupFolder
from joinedup.record.cluster import Cluster
from joinedup.record.restore import coverage, restore
from tests.faults.backed_up import BackedUp, kept_batches

NO_SPARE = -10_000_000_000


class Kept(Struct):
    """A running place, and its backups: three segments of changes after the one whole copy."""

    place: BackedUp
    folder: Path
    first: datetime
    """A moment in the first segment, between one batch and the next."""
    third: datetime
    """A moment in the third."""
    before_first: set[str]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A place that streamed for a while, is still running, and has its stream stopped."""
    place = BackedUp(tmp_path_factory.mktemp("kept"), None)
    place.open_stream()
    make_backup(place.cluster, place.folder)
    place.write_once()
    before, first = set(place.batches), datetime.now(UTC)
    third = first
    for _ in range(3):
        place.write_once()
        third = datetime.now(UTC)
        place.write_once()
        switch_segment(place)
    place.stream.catch_up()
    place.stream.__exit__()
    yield Kept(place, place.folder.path, first, third, before)
    place.cluster.stop()
    database.close()


@pytest.fixture
def copied(kept: Kept, tmp_path: Path) -> Path:
    """A copy of the folder of backups, to be damaged."""
    return Path(shutil.copytree(kept.folder, tmp_path / "copied", copy_function=os.link))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 40 MB, which is less than any backup."""
    with_disk = tmp_path / "disk"
    with_disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=40m,mode=0700", "tmpfs", str(with_disk)]
    if subprocess.run(words, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield with_disk
    subprocess.run(["umount", str(with_disk)], check=True)


def switch_segment(place: BackedUp) -> None:
    """Let the next change begin a new file."""
    with psycopg.connect(place.cluster.administrator_url) as connection:
        connection.execute("select pg_switch_wal()")


def only_base(folder: Path) -> Path:
    """The one whole copy in a folder of backups."""
    (base,) = (folder / "base").iterdir()
    return base


def changes(folder: Path) -> tuple[Path, ...]:
    """The files of changes after the one whole copy, oldest first."""
    (one,) = coverage(BackupFolder(folder))
    return one.changes


def flip(path: Path, at: int, count: int = 1) -> None:
    """Change bytes of a file, which may be a link to another's."""
    own = path.with_name("own")
    shutil.copyfile(path, own)
    own.replace(path)
    with path.open("r+b") as file:
        file.seek(at)
        old = file.read(count)
        file.seek(at)
        file.write(bytes(byte ^ 0xFF for byte in old))


def refused(folder: Path, into: Path, at: datetime | None = None) -> str:
    """What a restore says that is refused as wrongly asked; nothing may be left of it."""
    with pytest.raises(Invalid) as refusal:
        restore(BackupFolder(folder), into, at)
    assert not list(into.parent.glob(f"*{MAKING}"))
    return str(refusal.value)


def broken(folder: Path, into: Path, at: datetime | None = None) -> str:
    """What a restore says that meets damage; nothing may be left of it."""
    with pytest.raises(Unavailable) as refusal:
        restore(BackupFolder(folder), into, at)
    assert not into.exists() and not list(into.parent.glob(f"*{MAKING}"))
    return str(refusal.value)


def test_a_time_that_has_not_come(kept: Kept, tmp_path: Path) -> None:
    """Refused before anything is copied."""
    later = datetime.now(UTC) + timedelta(hours=1)
    assert "has not come yet" in refused(kept.folder, tmp_path / "new", later)


def test_a_time_outside_the_backups(kept: Kept, tmp_path: Path) -> None:
    """Refused, with what they do cover."""
    (one,) = coverage(kept.place.folder)
    assert one.until is not None
    for at in (one.backup.ended - timedelta(seconds=1), one.until + timedelta(microseconds=1)):
        said = refused(kept.folder, tmp_path / "new", at)
        assert f"{one.backup.ended:%Y-%m-%d %H:%M:%S}" in said and f"{one.until:%H:%M:%S}" in said


def test_no_backup_there(kept: Kept, copied: Path, tmp_path: Path) -> None:
    """No folder, another folder, and one in which a backup was begun and never became whole."""
    assert "not a folder of backups" in refused(tmp_path / "nowhere", tmp_path / "new")
    assert "not a folder of backups" in refused(tmp_path, tmp_path / "new")
    base = only_base(copied)
    base.rename(base.with_name(f"{base.name}{MAKING}"))
    assert "no whole backup" in refused(copied, tmp_path / "new")
    BackupFolder(copied).clear_half_made()
    assert list((copied / "base").iterdir()) == []


def test_a_target_that_is_taken(kept: Kept, tmp_path: Path) -> None:
    """A folder with anything in it; the running home itself, naming who runs it."""
    (tmp_path / "letter").write_text("keep me")
    assert "is not empty" in refused(kept.folder, tmp_path)
    said = refused(kept.folder, kept.place.home)
    assert f"Process {os.getpid()}" in said
    assert (tmp_path / "letter").read_text() == "keep me"


@pytest.mark.parametrize("name", ["data/global/pg_control", "data/base", "home/secret-key"])
def test_a_damaged_file_of_the_copy(copied: Path, tmp_path: Path, name: str) -> None:
    """One changed byte anywhere in it is found before anything is replayed."""
    path = only_base(copied) / name
    if path.is_dir():
        path = max(path.glob("*/*"), key=lambda file: file.stat().st_size)
    flip(path, path.stat().st_size // 2)
    assert "is damaged" in broken(copied, tmp_path / "new")


def test_a_missing_file_of_the_copy(copied: Path, tmp_path: Path) -> None:
    """As one that was changed."""
    next((only_base(copied) / "data" / "base").glob("*/*")).unlink()
    assert "is damaged" in broken(copied, tmp_path / "new")


def test_a_damaged_description(copied: Path, tmp_path: Path) -> None:
    """Named, with how to use the others."""
    flip(only_base(copied) / "backup.json", 0)
    assert "backup.json is damaged" in broken(copied, tmp_path / "new")


def test_a_damaged_list_of_files(copied: Path, tmp_path: Path) -> None:
    """What a copy should hold is itself held to its sum."""
    manifest = only_base(copied) / "data" / "backup_manifest"
    flip(manifest, manifest.stat().st_size // 2)
    assert "is damaged" in broken(copied, tmp_path / "new")


def test_damaged_changes(kept: Kept, copied: Path, tmp_path: Path) -> None:
    """Never passed over in silence: neither by the newest state nor by a time after the damage."""
    flip(changes(copied)[1], 200, 4000)
    assert "one of their files is damaged" in broken(copied, tmp_path / "new")
    assert "one of their files is damaged" in broken(copied, tmp_path / "new", kept.third)
    done = restore(BackupFolder(copied), tmp_path / "before", kept.first)
    assert kept_batches(done.home, None) == kept.before_first


def test_missing_changes(kept: Kept, copied: Path, tmp_path: Path) -> None:
    """What is covered ends where the first file is missing."""
    changes(copied)[1].unlink()
    assert "do not cover" in refused(copied, tmp_path / "new", kept.third)
    (one,) = coverage(BackupFolder(copied))
    assert len(one.changes) == 1 and one.until is not None and kept.first < one.until < kept.third


def test_no_room(kept: Kept, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused before copying; when the room ends while copying, nothing is left of it."""
    target = BackupFolder(small_disk / "backups")
    for spare in (backups._SPARE_BYTES, NO_SPARE):
        monkeypatch.setattr(backups, "_SPARE_BYTES", spare)
        monkeypatch.setattr(restores, "_SPARE_BYTES", spare)
        with pytest.raises(StorageFull):
            make_backup(kept.place.cluster, target)
        with pytest.raises(StorageFull):
            restore(BackupFolder(kept.folder), small_disk / "new", None)
        assert target.backups() == () and list(target.base.iterdir()) == []
        assert [path.name for path in small_disk.iterdir()] == ["backups"]


def test_a_folder_that_is_not_for_these_backups(kept: Kept, tmp_path: Path) -> None:
    """In the home, of another database, or full of something else."""
    place = kept.place
    with pytest.raises(Invalid, match="is inside the home"):
        BackupFolder(place.home / "backups").claim(place.cluster.home)
    (tmp_path / "letter").touch()
    with pytest.raises(Invalid, match="is not empty"):
        BackupFolder(tmp_path).claim(place.cluster.home)
    other = tmp_path / "other" / "database"
    other.mkdir(parents=True)
    with pytest.raises(Invalid, match="another database"):
        BackupFolder(kept.folder).claim(other)


def test_a_disk_that_is_not_mounted(kept: Kept, tmp_path: Path) -> None:
    """A folder that held backups and is empty is not quietly begun anew on another disk."""
    folder = BackupFolder(tmp_path / "mounted")
    folder.claim(kept.place.cluster.home)
    shutil.rmtree(folder.path)
    with pytest.raises(Unavailable, match="Is its disk mounted"):
        folder.claim(kept.place.cluster.home)
    folder.path.mkdir()
    with pytest.raises(Unavailable, match="Is its disk mounted"):
        make_backup(kept.place.cluster, folder)


def test_two_at_once(kept: Kept, tmp_path: Path) -> None:
    """A backup waits for nobody: it says that another works there."""
    folder = BackupFolder(kept.folder)
    with folder.held(to_change=False):
        with pytest.raises(Unavailable, match="Another backup or restore"):
            make_backup(kept.place.cluster, folder)
        with folder.held(to_change=False):
            assert len(folder.backups()) == 1


def test_everything_is_private(kept: Kept) -> None:
    """Folders 0700 and files 0600, whatever the umask."""
    modes = {oct(path.stat().st_mode & 0o777) for path in kept.folder.rglob("*") if path.is_file()}
    folders = {oct(p.stat().st_mode & 0o777) for p in kept.folder.rglob("*") if p.is_dir()}
    assert (modes, folders) == ({"0o600"}, {"0o700"})


def test_a_restored_place_keeps_backups_of_its_own(kept: Kept, tmp_path: Path) -> None:
    """Never in the folder it came from; in a new one, from which it comes back again."""
    done = restore(BackupFolder(kept.folder), tmp_path / "second", kept.first)
    cluster = Cluster(done.home / "database")
    with cluster as urls:
        database.configure(urls.application)
        with pytest.raises(Invalid, match="before it was restored"):
            make_backup(cluster, BackupFolder(kept.folder))
        make_backup(cluster, BackupFolder(tmp_path / "backups"))
        database.configure(kept.place.urls.application)
    again = restore(BackupFolder(tmp_path / "backups"), tmp_path / "third", None)
    assert kept_batches(again.home, None) == kept.before_first
