"""Running the web server: granian as a child, watched until it is asked to stop.

The parent holds the embedded database; workers get its address. Both end when the parent
does, however it ends. Nothing here answers requests (`wsgi`).
"""

import ctypes
import errno
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from joinedup.fhir.issue import Unavailable
from joinedup.record.programs import with_parent
from joinedup.site.environment import Environment
from joinedup.site.log_lines import LogLine, log, logging_settings

__all__ = ["WebServer", "die_with_web_server", "refuse_taken_port", "stop_on_terminate"]

START_LIMIT_SECONDS = 60.0
STOP_LIMIT_SECONDS = 15.0
_LOOK_SECONDS = 0.25
_SETTLED_SECONDS = 5.0
_BLOCKING_THREADS = 4
_WORKER_STOP_SECONDS = 5
# Each worker's pool may hold 8 connections, and an embedded server allows 60 in all.
_MOST_EMBEDDED_WORKERS = 6


class WebServer:
    """The web server of one place; a context manager that starts it and stops it."""

    def __init__(
        self,
        environment: Environment,
        database_url: str,
        *,
        port: int,
        log_file: Path | None = None,
    ) -> None:
        self.port = port
        self.address = f"http://{_reachable(environment.address)}:{port}"
        self._environment = environment
        self._database_url = database_url
        self._log_file = log_file
        self._child: subprocess.Popen[bytes]
        self._started = 0.0

    def __enter__(self) -> "WebServer":
        _clear_counts(self._environment.home / "metrics")
        self._child = self._start()
        try:
            self._wait_until_it_answers()
        except BaseException:
            self._stop()
            raise
        log(LogLine.SERVING, port=self.port, workers=self._workers)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def watch(self, look: Callable[[], None]) -> None:
        """Stay until interrupted, calling `look` now and then; a server that ends is started again.

        Refuses when it ends within five seconds of its start: it would only end once more.
        """
        while True:
            if self._child.poll() is not None:
                self._start_again()
            look()
            time.sleep(_LOOK_SECONDS)

    def _start_again(self) -> None:
        """After granian gave up, as it does when a worker is killed twice in a few seconds."""
        log(LogLine.SERVER_LOST, status=self._child.returncode)
        if time.monotonic() - self._started < _SETTLED_SECONDS:
            raise Unavailable("The web server ended by itself; its log says why.")
        self._child = self._start()
        self._wait_until_it_answers()
        log(LogLine.SERVING, port=self.port, workers=self._workers)

    def renew(self) -> None:
        """Replace the workers by new ones, which connect to the record afresh."""
        self._child.send_signal(signal.SIGHUP)

    @property
    def _workers(self) -> int:
        wanted = self._environment.workers
        return min(wanted, _MOST_EMBEDDED_WORKERS) if self._environment.is_embedded else wanted

    def _start(self) -> subprocess.Popen[bytes]:
        self._started = time.monotonic()
        logging_file = self._environment.home / "logging.json"
        logging_file.write_text(json.dumps(logging_settings()))
        words = ["--interface", "wsgi", "--host", self._environment.address]
        words += ["--port", str(self.port), "--workers", str(self._workers), "--no-ws"]
        words += ["--blocking-threads", str(_BLOCKING_THREADS), "--respawn-failed-workers"]
        # A worker that is still loading does not hear SIGTERM, and would be waited for in vain.
        words += ["--workers-kill-timeout", str(_WORKER_STOP_SECONDS)]
        words += ["--http", "1", "--log-level", "warning", "--log-config", str(logging_file)]
        command = [*with_parent("TERM"), sys.executable, "-m", "granian", *words]
        with _opened(self._log_file) as output:
            return subprocess.Popen(
                [*command, "joinedup.site.wsgi:application"],
                env=self._variables(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output is not None else None,
                # Ctrl-C in a terminal reaches us, and we stop it; it must not hear it as well.
                start_new_session=True,
            )

    def _variables(self) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if name != "JOINEDUP_OWNER_URL"}
        return kept | {
            "JOINEDUP_HOME": str(self._environment.home),
            "JOINEDUP_DATABASE_URL": self._database_url,
        }

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + START_LIMIT_SECONDS
        while time.monotonic() < end and self._child.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.address}/livez", timeout=5):  # noqa: S310  # ours
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise Unavailable("The web server did not start; its log says why.")

    def _stop(self) -> None:
        log(LogLine.STOPPING)
        self._child.terminate()
        try:
            self._child.wait(STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        log(LogLine.STOPPED)


def refuse_taken_port(address: str, port: int) -> None:
    """Refuse, naming the way out, when something else already listens on the port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Unavailable(
                    f"Port {port} is taken by another program. Choose one: --port {port + 1}"
                ) from error
            raise Unavailable(
                f"Cannot listen on {address} port {port}: {error.strerror}."
            ) from error


def die_with_web_server() -> None:
    """In a worker: end when the web server that started it does, however that ended (Linux)."""
    if sys.platform == "linux" and multiprocessing.parent_process() is not None:
        set_death_signal = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGTERM)


def stop_on_terminate() -> None:
    """Make SIGTERM end this process as Ctrl-C does: in order, children first."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def _reachable(address: str) -> str:
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  # compared, not listened on
    return everywhere.get(address, f"[{address}]" if ":" in address else address)


def _clear_counts(folder: Path) -> None:
    for old in folder.glob("*.counts"):
        old.unlink()


@contextmanager
def _opened(file: Path | None) -> Iterator[int | None]:
    if file is None:
        yield None
        return
    with file.open("ab") as opened:
        yield opened.fileno()
