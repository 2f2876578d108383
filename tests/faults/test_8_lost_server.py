"""A web server that ends under `joinedup serve` is started again; one that only ends is given up.

granian ends by itself when a worker is killed twice in a few seconds; here it is killed outright.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, free_port

START_LIMIT_SECONDS, END_LIMIT_SECONDS = 60.0, 30.0
SETTLED_SECONDS = 6.0


class Serving:
    """A `joinedup serve` of its own home."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self._log = home.with_suffix(".log")
        words = ["serve", "--no-browser", "--port", str(self.port)]
        kept = {k: v for k, v in os.environ.items() if not k.startswith("JOINEDUP_")}
        with self._log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "joinedup.site.command", *words],
                cwd=ROOT,
                env=kept | {"JOINEDUP_HOME": str(home), "JOINEDUP_WORKERS": "1"},
                stdout=output,
                stderr=output,
            )

    def server(self) -> int:
        """The pid of the web server, which holds the workers."""
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        for pid in (word for task in children for word in task.read_text().split()):
            if b"granian" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
        raise AssertionError(f"no web server:\n{self.said()}")

    def wait_until_ready(self) -> float:
        """Wait until it answers; return the seconds it took."""
        began = time.monotonic()
        while time.monotonic() < began + START_LIMIT_SECONDS and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                    return time.monotonic() - began
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise AssertionError(f"not ready (exit {self.process.poll()}):\n{self.said()}")

    def said(self) -> str:
        """What it wrote."""
        return self._log.read_text(errors="replace")[-4000:]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    """A running place."""
    serving = Serving(tmp_path / "home")
    yield serving
    serving.process.terminate()
    serving.process.wait(END_LIMIT_SECONDS)


def test_a_server_that_ends_is_started_again_but_not_for_ever(serving: Serving) -> None:
    """The database goes on meanwhile; who ends twice in five seconds would end again."""
    serving.wait_until_ready()
    time.sleep(SETTLED_SECONDS)
    first = serving.server()
    os.kill(first, signal.SIGKILL)
    time.sleep(1)
    print(f"served again {1 + serving.wait_until_ready():.1f} s after the web server was killed")
    second = serving.server()
    assert second != first
    os.kill(second, signal.SIGKILL)
    assert serving.process.wait(END_LIMIT_SECONDS) != 0
    assert "ended by itself" in serving.said()
