"""Serving: `joinedup serve` starts everything, says where it is, and leaves nothing behind."""

import json
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

from joinedup.record.cluster_remains import servers_of
from joinedup.site.headers import CONTENT_SECURITY_POLICY
from tests.conftest import free_port

BOTH_HANDLERS = ["/sign-in", "/fhir/metadata"]


class Served:
    """One `joinedup serve` in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process = joinedup(home, "serve", "--no-browser", "--port", str(self.port))
        assert self.process.stdout is not None
        self.said = []
        while not self.said or not self.said[-1].startswith("joinedup is at"):
            line = self.process.stdout.readline()
            assert line, f"it ended: {self.said} {self.process.communicate()}"
            self.said.append(line)

    def stop(self, ending: signal.Signals = signal.SIGTERM) -> str:
        """End it and return what else it said."""
        self.process.send_signal(ending)
        return self.process.communicate(timeout=30)[0]

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A place served for this file's reading tests."""
    with Served(tmp_path_factory.mktemp("serving") / "home") as served:
        yield served


def test_it_says_plainly_where_it_is(place: Served) -> None:
    """One line a person can click, and one for Ctrl-C."""
    assert place.said[-1] == f"joinedup is at {place.address}/tour\n"


def test_it_is_alive_and_ready(place: Served) -> None:
    """For whoever watches it: alive as a process, ready as a record."""
    assert answer(f"{place.address}/livez") == (200, "alive\n")
    assert answer(f"{place.address}/readyz") == (200, "ready\n")


def test_what_it_counted_holds_no_address(place: Served) -> None:
    """A search carries a name in its address; the count carries the route only."""
    answer(f"{place.address}/fhir/Patient?name=Marsh")
    answer(f"{place.address}/people/999-not-a-person?name=Marsh")
    status, text = answer(f"{place.address}/metrics")
    assert status == 200
    assert "joinedup_request_seconds_count" in text
    assert "Marsh" not in text
    assert "999-not-a-person" not in text


@pytest.mark.parametrize("path", BOTH_HANDLERS)
def test_both_handlers_answer_with_the_same_protection(place: Served, path: str) -> None:
    """Headers are not a matter of which door one comes through."""
    with urllib.request.urlopen(f"{place.address}{path}", timeout=10) as response:
        headers = response.headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_another_host_name_is_refused(place: Served) -> None:
    """A page for a name that is not ours is never made, so none of its links can lead away."""
    request = urllib.request.Request(f"{place.address}/sign-in", headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(request, timeout=10)


def test_every_line_it_logs_is_json_with_a_code(tmp_path: Path) -> None:
    """The log is for machines; people read the manual's list of codes. SIGTERM stops it cleanly."""
    served = Served(tmp_path / "home")
    log = [line for line in served.said[:-1] + served.stop().splitlines() if line.startswith("{")]
    codes = [json.loads(line)["code"] for line in log]
    assert {"HOUSE001", "HOUSE002", "HOUSE003", "HOUSE004", "HOUSE005"} <= set(codes)
    assert servers_of(served.home / "database/data") == []


def test_killed_it_leaves_neither_server_nor_database_behind(tmp_path: Path) -> None:
    """kill -9 of the parent ends its children too, and the next start works."""
    served = Served(tmp_path / "home")
    served.stop(signal.SIGKILL)
    end = time.monotonic() + 15
    while servers_of(served.home / "database/data") or is_answered(served.address):
        assert time.monotonic() < end, "something was left behind"
        time.sleep(0.1)
    with Served(served.home) as again:
        assert answer(f"{again.address}/readyz")[0] == 200


def test_a_home_in_use_is_refused_naming_who_uses_it(place: Served) -> None:
    """Two servers on one home would be two truths."""
    second = joinedup(place.home, "serve", "--no-browser", "--port", str(free_port()))
    _, said = second.communicate(timeout=30)
    assert second.returncode == 1
    assert f"already run by process {place.process.pid}" in said


def test_a_port_in_use_is_refused_with_the_next_one(place: Served, tmp_path: Path) -> None:
    """The way out is in the message."""
    second = joinedup(tmp_path, "serve", "--no-browser", "--port", str(place.port))
    _, said = second.communicate(timeout=30)
    assert second.returncode == 1
    assert f"Choose one: --port {place.port + 1}" in said


def test_nobody_is_invented_into_a_database_that_the_place_brings(tmp_path: Path) -> None:
    """`joinedup demo` has a database of its own, whatever is set."""
    url = {"JOINEDUP_DATABASE_URL": "postgresql://app@db.example/record"}
    process = joinedup(tmp_path, "demo", "--no-browser", **url)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Unset JOINEDUP_DATABASE_URL" in said


def joinedup(home: Path, *words: str, **variables: str) -> subprocess.Popen[str]:
    """Start the command line in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "joinedup.site.command", *words],
        env={"PATH": os.environ["PATH"], "JOINEDUP_HOME": str(home)} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answer(url: str) -> tuple[int, str]:
    """Return the status and text of an answer, a refusal too."""
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def is_answered(address: str) -> bool:
    """Tell whether anything still listens there."""
    try:
        return answer(f"{address}/livez")[0] == 200
    except OSError:
        return False
