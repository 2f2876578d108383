"""Bringing files in, chapter 8. A large import stores in a process of its own.

Reading goes on while that process stores; what is reported, and in which order, stays the same.
"""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from joinedup.fhir.issue import Unavailable
from joinedup.people.importing import run, storing

from .conftest import Importing, joyce, observation

PATIENT = f"Patient/{joyce()['id']}"
WEIGHTS = 1_200
WRONG = (3, 600, 1_199)


@pytest.fixture(autouse=True)
def always_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every import of these tests counts as a large one."""
    monkeypatch.setattr(run, "APART_BYTES", 0)


def weight(number: int) -> dict[str, Any]:
    changes = {"status": "not-a-code"} if number in WRONG else {}
    return observation(f"w{number}", PATIENT, **changes)


def lines(importing: Importing) -> Path:
    resources = [joyce(), *(weight(number) for number in range(WEIGHTS))]
    return importing.write("gp.ndjson", "\n".join(map(json.dumps, resources)))


def test_it_stores_what_the_reading_process_would(importing: Importing) -> None:
    """Several batches on their way at once, wrong lines in the first, second and last of them."""
    file = lines(importing)
    for expected in ("stored", "unchanged"):
        report = importing(file)
        assert getattr(report, expected) >= WEIGHTS - len(WRONG) + 1
        assert [line["entry"] for line in importing.refusals()] == [n + 2 for n in WRONG]
        assert report.dangling == ()
    (first, *_) = importing.everything("Observation", _id=",".join(_some_ids(importing)))
    assert '"value":61.5' in first.body


def _some_ids(importing: Importing) -> list[str]:
    return [stored.id for stored in importing.everything("Observation")][:3]


@pytest.mark.parametrize("known", ["at the end", "before the end is read"])
def test_if_that_process_ends_the_import_says_so(
    importing: Importing, monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    """What was stored stays; importing again goes on from there and loses nothing."""
    file = lines(importing)
    begun: list[subprocess.Popen[bytes]] = []
    send = storing.Elsewhere.send

    def sent_once(elsewhere: storing.Elsewhere, puts: Any) -> None:
        if len(begun) == 1:
            os.kill(begun[0].pid, signal.SIGKILL)
            begun[0].wait()
        begun.append(elsewhere._process)
        send(elsewhere, puts)

    def read_all(importing_run: run._Run) -> None:
        second_pass(importing_run)
        if known == "before the end is read":
            importing_run._writer._queue.join()

    second_pass = run._Run._second_pass
    with monkeypatch.context() as patched:
        patched.setattr(storing.Elsewhere, "send", sent_once)
        patched.setattr(run._Run, "_second_pass", read_all)
        with pytest.raises(Unavailable, match="Import again"):
            importing(file)
    report = importing(file)
    assert report.stored + report.unchanged >= WEIGHTS - len(WRONG) + 1
    assert report.refusals == len(WRONG)
