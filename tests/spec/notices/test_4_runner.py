"""Notices, chapter 4. The runner of background jobs: paces, failures, two at once, the command."""

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from joinedup.fhir.issue import Invalid, Unavailable
from joinedup.jobs import runner
from joinedup.jobs.runner import Runner, Step, Told
from joinedup.record.cluster import Urls
from joinedup.record.turns import turn
from joinedup.site.environment import read_environment
from joinedup.site.jobs import jobs_of, sender_of
from tests.spec.notices.people import EMAIL, set_scene, visit, write

ROOT = Path(__file__).resolve().parents[3]
Told_ = list[tuple[Told, str]]


def clock() -> datetime:
    """The real time."""
    return datetime.now(UTC)


def step(name: str, run: object, every_seconds: float = 0.01) -> Step:
    """A step."""
    return Step(name=name, every_seconds=every_seconds, run=run)  # type: ignore[arg-type]  # of the test


def test_one_that_fails_keeps_no_other_from_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told of once, and again when it runs; what was wrong is passed on, and no words."""
    monkeypatch.setattr(runner, "LOOK_SECONDS", 0.01)
    told: Told_ = []
    ran: list[str] = []
    broken = [True]

    def fail(now: datetime) -> int:
        if broken[0]:
            raise Unavailable("the record is away")
        ran.append("mended")
        return 1

    steps = [step("fails", fail), step("works", lambda now: ran.append("works") or 0)]
    with Runner(steps, lambda what, name, done, fault: told.append((what, name)), clock):
        until(lambda: ran.count("works") > 3)
        broken[0] = False
        until(lambda: "mended" in ran)
    assert told.count((Told.FAILED, "fails")) == 1
    assert (Told.RUNS, "works") in told and (Told.RUNS, "fails") in told


def test_what_fails_is_tried_ever_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the time, ten minutes at most."""
    pace = runner._Pace(step("x", lambda now: 0, every_seconds=2))
    waits = []
    for _ in range(12):
        before = time.monotonic()
        pace.after(failed=True)
        waits.append(round(pace.due - before))
    assert waits[:4] == [4, 8, 16, 32] and waits[-1] == 600
    pace.after(failed=False)
    assert pace.due - time.monotonic() <= 2


def test_once_runs_every_step_and_says_how_many_failed() -> None:
    """For a clock of the machine."""
    ran: list[str] = []

    def fail(now: datetime) -> int:
        raise ValueError("x")

    steps = [step("a", fail), step("b", lambda now: ran.append("b") or 0)]
    assert Runner(steps, lambda *told: None, clock).run_once() == 1 and ran == ["b"]


def test_a_turn_is_one_processs_at_a_time(record_database: Urls) -> None:
    """And is given back, whatever happens in it."""
    with turn("a") as first, turn("a") as second, turn("b") as other:
        assert (first, second, other) == (True, False, True)
    with pytest.raises(ZeroDivisionError), turn("a") as again:
        print(1 // (not again))
    with turn("a") as later:
        assert later


def test_the_jobs_of_a_place_run_beside_each_other(record_database: Urls, tmp_path: Path) -> None:
    """Every job of the site, by two runners at once: one message, nothing failed."""
    set_scene(telecom=[EMAIL])
    write(visit())
    environment = read_environment({"JOINEDUP_HOME": str(tmp_path)})
    jobs = [job for job in jobs_of(environment) if job.name != "sessions"]
    faults: list[object] = []

    def tell(told: Told, name: str, done: int, fault: BaseException | None) -> None:
        if fault is not None:
            faults.append((name, fault))

    runners = [Runner(jobs, tell, clock) for _ in range(2)]
    threads = [
        threading.Thread(target=lambda r=r: [r.run_once() for _ in range(2)]) for r in runners
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == [] and len(list((tmp_path / "messages").glob("*.eml"))) == 1


def test_the_place_s_own_words_are_read_and_bad_ones_refused(tmp_path: Path) -> None:
    """A file a language; empty, long or unreadable is told by name."""
    words = tmp_path / "messages" / "words"
    words.mkdir(parents=True)
    (words / "Polish.txt").write_text("Jest coś nowego.\n", encoding="utf-8")
    environment = read_environment({"JOINEDUP_HOME": str(tmp_path)})
    assert sender_of(environment).place.languages == {"polish": "Jest coś nowego."}
    for bad in (b"", b"x" * 601, b"\xff\xfe"):
        (words / "urdu.txt").write_bytes(bad)
        with pytest.raises(Invalid, match=r"urdu\.txt"):
            sender_of(environment)


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("SMTP_SECURITY", "ssl", "starttls, tls or none"),
        ("NOTICES_FROM", "nobody", "an e-mail address"),
        ("PUBLIC_URL", "record.example", "https://"),
        ("TEXTS_GATEWAY", "no gateway", "the name of a host"),
        ("SMTP_PORT", "0", "1 to 65535"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(
    tmp_path: Path, setting: str, value: str, says: str
) -> None:
    """By name, at the start."""
    with pytest.raises(Invalid) as refused:
        read_environment({"JOINEDUP_HOME": str(tmp_path), f"JOINEDUP_{setting}": value})
    assert setting in str(refused.value.problems) and says in str(refused.value.problems)


def test_mail_without_tls_goes_to_this_machine_alone(tmp_path: Path) -> None:
    """A password would be read on the way."""
    wanted = {"JOINEDUP_HOME": str(tmp_path), "JOINEDUP_SMTP_SECURITY": "none"}
    assert read_environment(wanted | {"JOINEDUP_SMTP_HOST": "localhost"}).smtp_host == "localhost"
    with pytest.raises(Invalid, match="SMTP_SECURITY"):
        read_environment(wanted | {"JOINEDUP_SMTP_HOST": "mail.example"})


def test_the_command_says_what_it_takes() -> None:
    """`joinedup jobs run --once` is there, and unknown words are refused with 2."""
    asked = [sys.executable, "-m", "joinedup.site.command", "jobs", "run"]
    told = subprocess.run([*asked, "--help"], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0 and "--once" in told.stdout
    assert subprocess.run([*asked, "--twice"], cwd=ROOT, capture_output=True).returncode == 2


def until(ready: object) -> None:
    """Wait for something to be so, ten seconds at most."""
    end = time.monotonic() + 10
    while not ready():  # type: ignore[operator]  # a question
        assert time.monotonic() < end
        time.sleep(0.01)
