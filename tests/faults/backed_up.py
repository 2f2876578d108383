"""A place whose record is backed up, written to by several at once, and whose disk can be lost.

Writers note, for each commit, when it was sent and when it was acknowledged; what must be in a
record brought back to a moment follows from that alone.
"""

import json
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
from msgspec import Struct

from joinedup.access.permit import system_permit
from joinedup.record import Create, Put, commit, database
from joinedup.record.backup_folder import BackupFolder
from joinedup.record.cluster import Cluster
from joinedup.record.migrate import migrate
from joinedup.record.wal_stream import StreamState, WalStream
from tests.load.people import observation, patient

__all__ = ["BackedUp", "Sent", "kept_batches"]

WAIT_LIMIT_SECONDS = 60.0
OBSERVATIONS = 3
BATCH = "https://joinedup.example/batch"
SECRET = "a secret key of no place"
PERMIT = system_permit("import", "Y90001")


class Sent(Struct):
    """One commit of a writer: when it was sent, and when it was acknowledged, if it was."""

    sent: datetime
    acknowledged: datetime | None = None


class BackedUp:
    """A home with an embedded record, its folder of backups, and the stream between them."""

    def __init__(self, folder: Path, programs: Path | None, backups: Path | None = None) -> None:
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        (self.home / "secret-key").write_text(SECRET)
        self.cluster = Cluster(self.home / "database", programs=programs)
        self.urls = self.cluster.start()
        migrate(self.urls.owner)
        database.configure(self.urls.application)
        self.folder = BackupFolder(backups or folder / "backups")
        self.told: list[StreamState] = []
        self.stream = WalStream(self.cluster, self.folder, self.told.append)
        self.batches: dict[str, Sent] = {}
        self._stopping = threading.Event()
        self._writers: list[threading.Thread] = []

    def open_stream(self) -> None:
        """Start to stream, and wait until commits wait for it."""
        self.stream.__enter__()
        self.wait_for(StreamState.WAITED_FOR)

    def close(self) -> None:
        """Stop everything that is still there."""
        self.stop_writing()
        if self.stream.state is not StreamState.STARTING:
            self.stream.__exit__()
        database.close()
        self.cluster.stop()

    def wait_for(self, state: StreamState) -> None:
        """Wait until the stream says so."""
        end = time.monotonic() + WAIT_LIMIT_SECONDS
        while self.stream.state is not state:
            assert time.monotonic() < end, f"{self.stream.state} rather than {state}"
            time.sleep(0.05)

    def write_once(self) -> str:
        """Commit a person with observations; return the batch, its times noted."""
        batch = uuid4().hex
        mark = [{"system": BATCH, "value": batch}]
        person = {**patient(identifier=mark), "id": batch}
        seen = (observation(f"Patient/{batch}", identifier=mark) for _ in range(OBSERVATIONS))
        note = self.batches[batch] = Sent(datetime.now(UTC))
        commit(PERMIT, [Put(person), *map(Create, seen)])
        note.acknowledged = datetime.now(UTC)
        return batch

    def start_writing(self, writers: int) -> None:
        """Let so many write at once until they are stopped or the record is gone."""

        def write() -> None:
            while not self._stopping.is_set():
                try:
                    self.write_once()
                except Exception:  # the record was killed: this commit is neither in nor out
                    return

        self._writers = [threading.Thread(target=write, daemon=True) for _ in range(writers)]
        for writer in self._writers:
            writer.start()

    def stop_writing(self) -> None:
        """Stop the writers, and wait for them."""
        self._stopping.set()
        for writer in self._writers:
            writer.join(30)

    def lose_disk(self) -> Path:
        """Kill -9 the server and take the home away: what is left is the folder of backups."""
        self.cluster.kill()
        return self.home.rename(self.home.with_name("lost"))


def kept_batches(home: Path, programs: Path | None) -> set[str]:
    """Return the batches in a home's record; each must be there whole."""
    cluster = Cluster(home / "database", programs=programs)
    with cluster, psycopg.connect(cluster.administrator_of_record_url) as connection:
        rows = connection.execute(
            "select body from record.version where body like %s", (f"%{BATCH}%",)
        ).fetchall()
    found = Counter(json.loads(body)["identifier"][0]["value"] for (body,) in rows)
    assert set(found.values()) <= {1 + OBSERVATIONS}
    return set(found)
