"""The embedded PostgreSQL: a private server made, started, watched and stopped by joinedup.

For demonstrations, tests and small places; a live place sets JOINEDUP_DATABASE_URL instead.
One process runs a cluster; others attach to it. It listens on a Unix socket in a 0700
folder only. Whatever happened before (kill -9, a half-made cluster, a server left behind),
`start` ends with a server that answers, or a refusal that says why. Tables are `migrate`'s.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import psycopg
from msgspec import Struct

from joinedup.fhir.issue import Unavailable
from joinedup.record.cluster_build import build, complete
from joinedup.record.cluster_remains import clear_remains, forget_waiting, kill_all
from joinedup.record.programs import NOBODY, find_programs, identity, owned_by_nobody

__all__ = ["Cluster", "Urls"]

START_LIMIT_SECONDS = 120.0
STOP_LIMIT_SECONDS = 30.0
LOG_LIMIT_BYTES = 10_000_000
_LONGEST_SOCKET_FOLDER = 85  # a socket's whole path may have 107 bytes

# What would weaken a commit (fsync, full_page_writes, synchronous_commit) is never set here.
# Statements, errors and parameters stay out of the log: they hold what the record holds.
_SETTINGS: dict[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "90",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    # A copy of the log that nobody fetches (wal_stream) must not fill the disk.
    "max_slot_wal_keep_size": "4GB",
}


class Urls(Struct, frozen=True):
    """Where the record is: as its owner (migrations only) and as the application."""

    owner: str
    application: str


class Cluster:
    """A PostgreSQL server living in one folder; a context manager that starts and stops it.

    With `attach`, a cluster that another process already runs is used and left running;
    without, it is refused naming that process. `programs` overrides where PostgreSQL is found;
    `settings` go before the server's own for this start, which may take `patience_seconds`.
    """

    def __init__(
        self,
        home: Path,
        *,
        attach: bool = True,
        programs: Path | None = None,
        settings: Mapping[str, str] | None = None,
        patience_seconds: float = START_LIMIT_SECONDS,
    ) -> None:
        self.home = home.absolute()
        self.data = self.home / "data"
        self.log = self.home / "postgresql.log"
        self._attach = attach
        self._programs = programs
        self._settings = settings or {}
        self._patience_seconds = patience_seconds
        self._lock: int | None = None
        self._server: _Server | None = None

    @property
    def attached(self) -> bool:
        """Whether the server belongs to another process, which alone can stop it."""
        return self._server is None

    @property
    def sockets(self) -> Path:
        """The 0700 folder of the server's socket: in the home, or a short one if that is long."""
        folder = self.home / "socket"
        if len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER:
            return folder
        name = blake2b(os.fsencode(self.home), digest_size=8).hexdigest()
        return Path(tempfile.gettempdir()) / f"joinedup-{os.geteuid()}-{name}"

    @property
    def programs(self) -> Path:
        """The folder of the programs that fit this cluster's data."""
        return self._programs or find_programs(self._made_by())

    @property
    def run_by(self) -> str:
        """The process that runs the server now, as its number; empty when nobody does."""
        if self._lock is not None:
            return str(os.getpid())
        is_run = (self.home / "lock").exists() and self._is_locked()
        return self._holder() if is_run else ""

    @property
    def administrator_url(self) -> str:
        """The superuser's URL, for back-ups and tests; joinedup itself never connects with it."""
        return self._url("postgres", "postgres")

    @property
    def administrator_of_record_url(self) -> str:
        """The superuser's URL to the record's own database; row security does not hold for it."""
        return self._url("postgres", "joinedup")

    @property
    def server_version(self) -> int:
        """The running server's version as PostgreSQL numbers it, such as 180006."""
        with psycopg.connect(self.administrator_url) as connection:
            return connection.info.server_version

    def start(self) -> Urls:
        """Start the server (making the cluster first where there is none), or attach to it.

        Refuses (`Unavailable`) when another process runs it and `attach` is off, when no
        PostgreSQL fits, and when the server does not come up, quoting its log.
        """
        assert self._lock is None, "this cluster is already started"
        _make_private(self.home)
        while not self._take_lock():
            if not self._attach:
                raise Unavailable(
                    f"The database in {self.home} is already run by process {self._holder()}."
                )
            if self._answers_within(START_LIMIT_SECONDS, while_locked=True):
                return self._urls()
        try:
            self._start_server()
        except BaseException:
            self.stop()
            raise
        return self._urls()

    def stop(self) -> None:
        """Stop the server cleanly and give the cluster up; does nothing to an attached one."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def kill(self) -> None:
        """Kill the server and all its processes at once, as a power cut would (fault tests)."""
        assert self._server is not None, "only the process that runs a server may kill it"
        self._server.process.kill()  # first, so that no new process is forked
        self._server.process.wait()
        kill_all(self.data)
        self.stop()

    def __enter__(self) -> Urls:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    def _start_server(self) -> None:
        words = identity()
        programs = self.programs
        for folder in (self.home, self.sockets):
            _make_private(folder, for_nobody=owned_by_nobody(words))
        if not self.data.exists():
            build(self.data, programs, words)
        clear_remains(self.data)
        forget_waiting(self.data)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        settings = _SETTINGS | {"unix_socket_directories": str(self.sockets)} | dict(self._settings)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [*words, str(programs / "postgres"), "-D", str(self.data), *options]
        self._server = _Server(command, self.log)
        if not self._answers_within(self._patience_seconds):
            raise Unavailable(f"PostgreSQL did not start in {self.home}: {_last_lines(self.log)}")
        complete(self.administrator_url)

    def _made_by(self) -> int | None:
        version = self.data / "PG_VERSION"
        return int(version.read_text()) if version.exists() else None

    def _take_lock(self) -> bool:
        """Take the lock, which lasts as long as this process does, and write our pid in it."""
        descriptor = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._lock = descriptor
        return True

    def _holder(self) -> str:
        return (self.home / "lock").read_text() or "(just starting)"

    def _is_locked(self) -> bool:
        if self._take_lock():
            self.stop()
            return False
        return True

    def _answers_within(self, limit_seconds: float, *, while_locked: bool = False) -> bool:
        """Wait until the server answers; stop waiting when what should bring it up is gone."""
        end = time.monotonic() + limit_seconds
        while time.monotonic() < end:
            try:
                psycopg.connect(self.administrator_url, connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return True
            if self._server is not None and not self._server.is_alive:
                return False
            if while_locked and not self._is_locked():
                return False
        if while_locked:
            raise Unavailable(
                f"Process {self._holder()} holds the database in {self.home}, "
                f"but it did not answer in {limit_seconds:.0f} seconds."
            )
        return False

    def _url(self, role: str, database: str) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets), safe='')}"

    def _urls(self) -> Urls:
        return Urls(
            owner=self._url("joinedup_owner", "joinedup"),
            application=self._url("joinedup_app", "joinedup"),
        )


class _Server:
    """The postgres process, held by a thread of its own.

    Linux sends the death signal when the *thread* that started a process ends, so that thread
    must live as long as the server; it also reaps it, so no zombie blocks the next start.
    """

    def __init__(self, command: list[str], log: Path) -> None:
        self._command = command
        self._log = log
        self._settled = threading.Event()
        self._failure: OSError | None = None
        self.process: subprocess.Popen[Any]
        threading.Thread(target=self._hold, name="postgresql", daemon=True).start()
        self._settled.wait()
        if self._failure is not None:
            raise Unavailable(f"PostgreSQL could not be run: {self._failure}")

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """End the server: fast (clients are cut off), then immediate if it takes too long."""
        for end in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            self.process.send_signal(end)
            try:
                self.process.wait(STOP_LIMIT_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            return

    def _hold(self) -> None:
        try:
            self.process = self._run()
        except OSError as failure:
            self._failure = failure
            return
        finally:
            self._settled.set()
        self.process.wait()

    def _run(self) -> subprocess.Popen[Any]:
        with self._log.open("ab") as log:
            # A session of its own: Ctrl-C in a terminal must reach the web server first.
            return subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
            )


def _make_private(folder: Path, *, for_nobody: bool = False) -> None:
    """Make a folder only its owner can enter; refuse one that belongs to somebody else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if for_nobody:
        shutil.chown(folder, NOBODY, NOBODY)
    elif folder.stat().st_uid != os.geteuid():
        raise Unavailable(f"{folder} belongs to another account; choose another JOINEDUP_HOME.")
    folder.chmod(0o700)


def _last_lines(log: Path) -> str:
    text = log.read_text(errors="replace") if log.exists() else ""
    return " | ".join(text.splitlines()[-5:]) or "no log"
