"""Faults, 12. Telling people: killed between sending and writing it down; a mail server that is
down, slow, refuses, hangs up. Nobody is told twice; nothing is lost but what is in doubt, and that
is counted."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from joinedup import record
from joinedup.jobs.asking import reach_id
from joinedup.jobs.posting import Account, FileBox, MailServer, as_email
from joinedup.jobs.rules.words import Message
from joinedup.jobs.telling import hand_on_lines
from joinedup.record import notices
from joinedup.record.cluster import Urls
from tests.faults.mail_server import FakeMail
from tests.spec.notices.people import EMAIL, SURGERY, files, sender, set_scene, tell, visit, write

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def place(record_database: Urls) -> Urls:
    """Joyce has an e-mail address, and something is new."""
    set_scene(telecom=[EMAIL])
    write(visit())
    hand_on_lines(datetime.now(UTC))
    return record_database


@pytest.fixture
def mail() -> Iterator[FakeMail]:
    """A mail server that takes everything."""
    server = FakeMail()
    yield server
    server.close()


def post(server: FakeMail, folder: Path, *, timeout_seconds: float = 5.0) -> MailServer:
    """Sends through it."""
    account = Account(host="127.0.0.1", port=server.port, security="none", sender="r@place.example")
    return MailServer(account, FileBox(folder, account.sender), timeout_seconds=timeout_seconds)


def test_a_mail_server_that_takes_it_takes_it_once(
    place: Urls, mail: FakeMail, tmp_path: Path
) -> None:
    """And it is written down as sent."""
    for _ in range(3):
        tell(post(mail, tmp_path))
    assert len(mail.taken) == 1 and notices.counted() == {"sent": 1}
    assert "There is something new in your record" in mail.taken[0]


@pytest.mark.parametrize("word", ["EHLO", "MAIL", "RCPT"])
def test_hung_up_on_before_the_message_it_is_tried_again(
    place: Urls, mail: FakeMail, tmp_path: Path, word: str
) -> None:
    """Nothing was said yet, so nothing can have gone."""
    mail.answers = {word: "", "HELO": ""}
    first = tell(post(mail, tmp_path))
    assert first.is_down and notices.counted() == {"waiting": 1}
    mail.answers = {}
    assert tell(post(mail, tmp_path)).sent == 0  # a minute first
    assert tell(post(mail, tmp_path), ahead=timedelta(minutes=2)).sent == 1
    assert len(mail.taken) == 1


def test_a_server_that_is_down_is_left_alone_for_the_round(
    place: Urls, mail: FakeMail, tmp_path: Path
) -> None:
    """One try a round, whoever else waits; the round says so."""
    port = mail.port
    mail.close()
    account = Account(host="127.0.0.1", port=port, security="none", sender="r@place.example")
    down = MailServer(account, FileBox(tmp_path, account.sender))
    assert tell(down).is_down and notices.counted() == {"waiting": 1}


def test_hung_up_on_after_the_message_nobody_can_know(
    place: Urls, mail: FakeMail, tmp_path: Path
) -> None:
    """The server has it, or has not: it is in doubt, counted, and never sent again."""
    mail.answers = {".": ""}
    assert tell(post(mail, tmp_path)).in_doubt == 1
    mail.answers = {}
    assert tell(post(mail, tmp_path), ahead=timedelta(days=9)).sent == 0
    assert len(mail.taken) == 1 and notices.counted() == {"in-doubt": 1}
    write(visit("v2"))
    assert tell(post(mail, tmp_path)).sent == 1  # what is new later is told


def test_a_server_that_never_answers_costs_its_time_and_no_more(
    place: Urls, mail: FakeMail, tmp_path: Path
) -> None:
    """Silence before the message is tried again later."""
    never = threading.Event()
    mail.answers = {"RCPT": lambda: never.wait(3) and None}
    began = datetime.now(UTC)
    assert tell(post(mail, tmp_path, timeout_seconds=0.5)).is_down
    assert datetime.now(UTC) - began < timedelta(seconds=3)
    never.set()
    assert notices.counted() == {"waiting": 1}


def test_a_refusal_for_now_is_tried_later_and_one_for_good_is_given_to_people(
    place: Urls, mail: FakeMail, tmp_path: Path
) -> None:
    """450 and 550: the practice asks for the right address."""
    mail.answers = {"RCPT": "450 try later"}
    assert tell(post(mail, tmp_path)).later == 1
    mail.answers = {"RCPT": "550 no such mailbox"}
    assert tell(post(mail, tmp_path), ahead=timedelta(minutes=2)).given_up == 1
    asked = record.read(SURGERY, "Task", reach_id("joyce")).resource
    assert "could not be delivered" in asked["description"] and mail.taken == []


@pytest.mark.parametrize("said", ["451 busy", "552 too much"])
def test_a_refusal_of_the_message_itself(
    place: Urls, mail: FakeMail, tmp_path: Path, said: str
) -> None:
    """An answer is an answer: nothing is in doubt."""
    mail.answers = {".": said}
    tell(post(mail, tmp_path))
    assert notices.counted() == {"waiting" if said.startswith("4") else "not-told": 1}


def test_killed_between_sending_and_writing_it_down(place: Urls, tmp_path: Path) -> None:
    """Kill -9 in the very moment: the server has it, and nobody sends it again."""
    reached, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        go_on.wait(20)

    mail = FakeMail(**{".": hold})
    process = _worker(place, mail, tmp_path)
    try:
        assert reached.wait(20)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
    finally:
        go_on.set()
    mail.answers = {}
    again = _until_turn(mail, tmp_path)
    assert (again, len(mail.taken), notices.counted()) == (0, 1, {"in-doubt": 1})
    mail.close()


@pytest.mark.parametrize("word", ["MAIL", "RCPT"])
def test_killed_before_the_message_it_is_sent_by_the_next(
    place: Urls, tmp_path: Path, word: str
) -> None:
    """Nothing had gone, so it waits again at once, and goes once."""
    reached, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        go_on.wait(20)

    mail = FakeMail(**{word: hold})
    process = _worker(place, mail, tmp_path)
    try:
        assert reached.wait(20)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
    finally:
        go_on.set()
    mail.answers = {}
    assert _until_turn(mail, tmp_path) == 1
    assert len(mail.taken) == 1 and notices.counted() == {"sent": 1}
    mail.close()


def test_four_processes_at_once_send_it_once(place: Urls, mail: FakeMail, tmp_path: Path) -> None:
    """And each of twelve people, too, hears once."""
    for n in range(11):
        write(visit(f"w{n}"))
    hand_on_lines(datetime.now(UTC))
    workers = [_worker(place, mail, tmp_path) for _ in range(4)]
    assert sum(int(w.communicate(timeout=60)[0].split()[-1]) for w in workers) == 1
    assert len(mail.taken) == 1 and notices.counted() == {"sent": 12}


def test_a_file_that_was_written_and_not_marked_is_written_over(
    place: Urls, tmp_path: Path
) -> None:
    """Killed between the file and its mark: the same name, so one file."""
    taken = notices.take_next(datetime.now(UTC))
    assert taken is not None
    made = Message(id=taken.message, kind="email", address="x@y.example", subject="s", text="t")
    FileBox(tmp_path, "record@place.example").hand_over(made, datetime.now(UTC), lambda: True)
    assert tell(tmp_path).sent == 1 and files(tmp_path) == [".eml"]


def test_a_folder_that_takes_nothing_keeps_it_waiting(place: Urls, tmp_path: Path) -> None:
    """A full or missing disk loses no message."""
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert tell(blocked).is_down and notices.counted() == {"waiting": 1}


def test_every_try_of_a_message_has_one_name() -> None:
    """So that a mail system that looks can tell a second from a first."""
    taken = notices.Taken(receiver="Patient/joyce", lines=(5, 9), tries=1)
    again = notices.Taken(receiver="Patient/joyce", lines=(5, 9, 12), tries=2)
    other = notices.Taken(receiver="Patient/mary", lines=(5,), tries=1)
    assert taken.message == again.message != other.message
    made = Message(id=taken.message, kind="email", address="x@y.example", subject="s", text="t")
    assert taken.message in as_email(made, "r@place.example", datetime.now(UTC))["Message-ID"]


def _worker(place: Urls, mail: FakeMail, folder: Path) -> "subprocess.Popen[str]":
    words = ["-m", "tests.faults.notice_worker", place.application, str(mail.port), str(folder)]
    return subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _until_turn(mail: FakeMail, folder: Path) -> int:
    """Send as the next process would: PostgreSQL notices a moment later that the last is gone."""
    from joinedup.jobs.sending import send_waiting

    for _ in range(60):
        done = send_waiting(sender(post(mail, folder)))
        if done.sent or not {"taken", "handing-over"} & notices.counted().keys():
            return done.sent
        threading.Event().wait(0.25)
    raise AssertionError("the turn was never given back")
