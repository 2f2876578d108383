"""A really running joinedup for tests: one granian worker on a given database, started once.

`running_api` is a session fixture; every folder of tests that asks for it shares one server.
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.record import Put, database
from joinedup.record.cluster import Cluster
from joinedup.signin.tokens import issue_token
from tests.conftest import ROOT, _Copied, free_port
from tests.load.client import Client

__all__ = ["ApiServer", "open_api", "running_api", "store_organisations"]

START_LIMIT_SECONDS = 60
ORGANISATIONS = {
    "Y90001": "Fosse Lane Surgery",
    "RZ901": "Marlbrook General Hospital",
    "E99901": "Marlbrook Council",
}
"""The organisations of the one-click accounts: gp, ward-nurse and social-worker."""


class ApiServer:
    """A web server of its own process; `client("gp")` speaks to it as that account."""

    def __init__(self, url: str, *, workers: int = 1) -> None:
        self.url = url
        self.port = free_port()
        self._log = Path(tempfile.mkstemp(prefix="joinedup-api-", suffix=".log")[1])
        words = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port)]
        words += ["--workers", str(workers), "--blocking-threads", "4", "--no-ws", "--http", "1"]
        words += ["--respawn-failed-workers"]  # as `joinedup serve` does
        with self._log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "granian", *words, "joinedup.site.wsgi:application"],
                cwd=ROOT,
                env=os.environ | {"JOINEDUP_DATABASE_URL": url},
                stdout=output,
                stderr=output,
            )
        self._wait()

    def client(self, account: str | None = "gp") -> Client:
        """Return a client with that account's token; None for one without."""
        return Client(self.port, issue_token(account) if account else None)

    def stop(self) -> None:
        """End the server."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self._log.unlink(missing_ok=True)

    def workers(self, older_than_seconds: float = 0) -> list[int]:
        """The pids of the processes that answer, oldest first, as Linux tells them."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        pids = [int(pid) for task in tasks for pid in task.read_text().split()]
        ages = {pid: _age_seconds(pid) for pid in pids}
        return sorted((p for p in pids if ages[p] > older_than_seconds), key=lambda p: -ages[p])

    def said(self, limit: int = 4000) -> str:
        """The end of what the server wrote."""
        return self._log.read_text(errors="replace")[-limit:]

    def _wait(self) -> None:
        end = time.monotonic() + START_LIMIT_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.process.kill()
        raise AssertionError(f"the API did not get ready:\n{self.said()}")


def _age_seconds(pid: int) -> float:
    """How long a process has been there; less than nothing for one that is dead."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return -1.0
    if words[0] in ("Z", "X"):
        return -1.0
    started = int(words[19]) / os.sysconf("SC_CLK_TCK")
    return float(Path("/proc/uptime").read_text().split()[0]) - started


def store_organisations(url: str) -> None:
    """Store the organisations that the accounts belong to, as an import would."""
    database.configure(url)
    try:
        found = [
            {"resourceType": "Organization", "id": code, "name": name}
            for code, name in ORGANISATIONS.items()
        ]
        record.commit(system_permit("test"), [Put(r) for r in found], dangling="keep")
    finally:
        database.close()


class _Shared:
    """The one server of the run, and how many folders still hold it."""

    server: ApiServer | None = None
    copied: _Copied | None = None
    holders = 0


def open_api(cluster: Cluster) -> ApiServer:
    """Return the run's server, starting it for the first who asks."""
    if _Shared.server is None:
        _Shared.copied = _Copied(cluster)
        urls = _Shared.copied.__enter__()
        store_organisations(urls.application)
        _Shared.server = ApiServer(urls.application)
    _Shared.holders += 1
    return _Shared.server


def _close_api() -> None:
    _Shared.holders -= 1
    if not _Shared.holders and _Shared.server is not None and _Shared.copied is not None:
        _Shared.server.stop()
        _Shared.server = None
        _Shared.copied.__exit__()


@pytest.fixture(scope="session", name="api")
def running_api(cluster: Cluster) -> Iterator[ApiServer]:
    """A running API with the three organisations in its record."""
    yield open_api(cluster)
    _close_api()
