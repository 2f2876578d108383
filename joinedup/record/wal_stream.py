"""The stream of changes to the folder of backups: received as they happen, on the disk at once.

PostgreSQL's own pg_receivewal does the work, as our child; this watches it. While it keeps up,
each commit waits until its change is in the backups too. When it does not (their disk is full,
say), commits go on without after a few seconds, and whoever runs this is told.
"""

import contextlib
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

import psycopg

from joinedup.fhir.issue import Refusal, Unavailable
from joinedup.record.backup_folder import BackupFolder, disk_failures, make_private, moment_name
from joinedup.record.backup_programs import plain_environment
from joinedup.record.cluster import Cluster
from joinedup.record.programs import with_parent
from joinedup.record.wal_files import PARTIAL, SEGMENT_BYTES

__all__ = ["NAME", "StreamState", "WalStream", "end_empty_transaction"]

NAME = "joinedup_backup"
"""The stream's name in PostgreSQL, of its slot and of its connection alike."""

GRACE_SECONDS = 5.0
"""How long commits wait for a stream that was lost, before they go on without it."""

LOOK_SECONDS = 1.0
FIRST_LOOKS_SECONDS = 0.1
_BEAT_SECONDS = 5.0
_CATCH_UP_SECONDS = 10.0
_STOP_SECONDS = 10.0
# What pg_receivewal says when the server no longer has what comes next.
_GAPS = ("has already been removed", "can no longer")

_STATE = """
select current_setting('synchronous_standby_names') <> '' as is_waiting,
       coalesce(r.state = 'streaming', false) as is_streaming,
       coalesce(pg_wal_lsn_diff(r.flush_lsn, '0/0'), 0)::bigint as received,
       pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint as written
from (select) one left join pg_stat_replication r on r.application_name = %s
"""


class StreamState(Enum):
    """What becomes of changes just now."""

    STARTING = "not received yet"
    RECEIVED = "changes are in the backups a moment after they are made"
    WAITED_FOR = "each commit waits until it is in the backups too"
    BEHIND = "commits do not wait for the backups, which are behind"
    GAP = "changes are missing from the backups; a new `joinedup backup` is needed"


class WalStream:
    """A context manager that streams a cluster's changes; `tell` hears of each new state.

    The cluster must be run by this process. Refuses a folder of another database's backups.
    """

    def __init__(
        self,
        cluster: Cluster,
        folder: BackupFolder,
        tell: Callable[[StreamState], None] = lambda state: None,
        *,
        commits_wait: bool = True,
    ) -> None:
        self.state = StreamState.STARTING
        self._cluster, self._folder, self._tell = cluster, folder, tell
        self._commits_wait = commits_wait
        self._stopping = threading.Event()
        self._kept_up_at = time.monotonic()
        self._received = self._written = 0
        self._next_beat_at = 0.0
        self._database: psycopg.Connection | None = None
        self._receiver: subprocess.Popen[bytes] | None = None
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # closed when the stream ends
        self._thread = threading.Thread(target=self._run, name="wal-stream", daemon=True)

    def __enter__(self) -> "WalStream":
        self._folder.claim(self._cluster.home)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        self._said.close()

    def catch_up(self, limit_seconds: float = _CATCH_UP_SECONDS) -> None:
        """Return when every change up to now is in the backups; refuses when it takes too long."""
        end = time.monotonic() + limit_seconds
        with psycopg.connect(self._cluster.administrator_url, autocommit=True) as connection:
            end_empty_transaction(connection)
            row = connection.execute("select pg_current_wal_insert_lsn()").fetchone()
            while not _is_flushed(connection, row and row[0]):
                if time.monotonic() > end:
                    raise Unavailable(f"The backups in {self._folder.path} do not keep up.")
                time.sleep(0.02)

    def _run(self) -> None:
        """Look once a second; the receiver's death signal belongs to this thread."""
        while not self._stopping.is_set():
            for step in (self._judge, self._receive, self._beat):
                # The server or the backups' disk may be away; the next look tries again.
                with contextlib.suppress(psycopg.Error, Refusal, OSError):
                    step()
            self._stopping.wait(FIRST_LOOKS_SECONDS if self._is_starting else LOOK_SECONDS)
        with contextlib.suppress(psycopg.Error, Refusal):
            self._set_waiting(False)
            if self._receiver is not None and self._receiver.poll() is None:
                self.catch_up()
        self._stop_receiver()
        if self._database is not None:
            self._database.close()

    @property
    def _is_starting(self) -> bool:
        return self.state is StreamState.STARTING

    def _judge(self) -> None:
        """Let commits wait while changes are received; not when none has been for some seconds."""
        row = self._connected().execute(_STATE, (NAME,)).fetchone()
        assert row is not None
        is_waiting, is_streaming, received, written = row
        if is_streaming and (received > self._received or received >= self._written):
            self._kept_up_at = time.monotonic()
            if self._commits_wait and not is_waiting:
                self._set_waiting(True)
            self._become(StreamState.WAITED_FOR if self._commits_wait else StreamState.RECEIVED)
        elif time.monotonic() - self._kept_up_at > GRACE_SECONDS:
            if is_waiting:
                self._set_waiting(False)
            self._become(StreamState.BEHIND)
        self._received, self._written = received, written

    def _receive(self) -> None:
        if self._receiver is None or self._receiver.poll() is not None:
            self._start_receiver()

    def _beat(self) -> None:
        if time.monotonic() >= self._next_beat_at:
            self._next_beat_at = time.monotonic() + _BEAT_SECONDS
            end_empty_transaction(self._connected())

    def _become(self, state: StreamState) -> None:
        if state is not self.state:
            self.state = state
            self._tell(state)

    def _connected(self) -> psycopg.Connection:
        if self._database is None or self._database.closed:
            # What this writes itself never waits for the stream it watches.
            options = "-c synchronous_commit=local -c statement_timeout=10s"
            self._database = psycopg.connect(
                self._cluster.administrator_url, autocommit=True, options=options, connect_timeout=5
            )
            self._kept_up_at = time.monotonic()
        return self._database

    def _set_waiting(self, wanted: bool) -> None:
        value = f"'{NAME}'" if wanted else "default"
        connection = self._connected()
        connection.execute(f"alter system set synchronous_standby_names = {value}".encode())
        connection.execute("select pg_reload_conf()")

    def _start_receiver(self) -> None:
        """Start pg_receivewal where it left off; in a new folder if the server has moved on."""
        said = self._heard()
        is_gap = any(words in said for words in _GAPS) or self._has_lost_slot()
        folder = self._newest()
        if is_gap:
            self._drop_slot()
        with disk_failures(self._folder.path):
            if folder is None or is_gap:
                folder = self._folder.wal / moment_name(datetime.now(UTC))
                make_private(folder)
            _remove_torn(folder)
        if is_gap:
            self._become(StreamState.GAP)
        self._make_slot()
        url = f"{self._cluster.administrator_url}&application_name={NAME}"
        words = [f"--directory={folder}", f"--slot={NAME}", "--synchronous", "--no-loop"]
        # Otherwise the end of a segment is reported ten seconds after it was written.
        words += ["--status-interval=1", "--no-password", f"--dbname={url}"]
        self._said.truncate(0)
        self._said.seek(0)
        self._receiver = subprocess.Popen(
            [*with_parent("INT"), str(self._cluster.programs / "pg_receivewal"), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            start_new_session=True,
            cwd="/",
            env=plain_environment(),
        )

    def _heard(self) -> str:
        self._said.seek(0)
        return self._said.read().decode(errors="replace")

    def _newest(self) -> Path | None:
        folders = sorted(path for path in self._folder.wal.iterdir() if path.is_dir())
        return folders[-1] if folders else None

    def _has_lost_slot(self) -> bool:
        statement = "select wal_status = 'lost' from pg_replication_slots where slot_name = %s"
        row = self._connected().execute(statement, (NAME,)).fetchone()
        return row is not None and bool(row[0])

    def _make_slot(self) -> None:
        statement = (
            "select pg_create_physical_replication_slot(%(name)s, true) where not exists"
            " (select from pg_replication_slots where slot_name = %(name)s)"
        )
        self._connected().execute(statement, {"name": NAME})

    def _drop_slot(self) -> None:
        statement = "select pg_drop_replication_slot(slot_name) from pg_replication_slots"
        self._connected().execute(f"{statement} where slot_name = %s".encode(), (NAME,))

    def _stop_receiver(self) -> None:
        if self._receiver is None:
            return
        for ending in (signal.SIGINT, signal.SIGKILL):
            self._receiver.send_signal(ending)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._receiver.wait(_STOP_SECONDS)
                return


def end_empty_transaction(connection: psycopg.Connection) -> None:
    """Write the end of a transaction that did nothing: who receives it has all up to now."""
    connection.execute("select pg_current_xact_id()")


def _is_flushed(connection: psycopg.Connection, position: object) -> bool:
    statement = (
        "select exists (select from pg_stat_replication"
        " where application_name = %s and flush_lsn >= %s::pg_lsn)"
    )
    row = connection.execute(statement, (NAME, position)).fetchone()
    return row is not None and bool(row[0])


def _remove_torn(folder: Path) -> None:
    """Remove a segment whose making was cut short; pg_receivewal refuses it, then fetches it."""
    for path in folder.glob(f"*{PARTIAL}"):
        if path.stat().st_size != SEGMENT_BYTES:
            path.unlink()
