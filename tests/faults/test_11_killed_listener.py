"""Kill -9 of the hospital's listener while messages arrive: none lost, none twice, none half.

Senders do as interface engines do: a message at a time, sent again until it is answered. Three
kills in the ordinary run, 20 with --full.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import psycopg
import pytest

from joinedup.fhir.types import type_number
from joinedup.hl7.judging import visit_id
from joinedup.record import database
from joinedup.record.cluster import Cluster
from joinedup.record.migrate import migrate
from joinedup.record.verify import verify
from tests.conftest import ROOT, free_port
from tests.load.hospital import Sender
from tests.spec.hl7.ward import adt, opened, stays, waits, ward
from tests.spec.identity.people import COUNCIL, HOSPITAL, PRACTICE, everything

ORDINARY_KILLS, FULL_KILLS = 3, 20
SENDERS = 3
ANSWERED_BETWEEN_KILLS = 9
LIMIT_SECONDS = 60.0


class Hospital:
    """A database, a listener that can be killed, and senders that send again."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.cluster = Cluster(home / "cluster")
        urls = self.cluster.start()
        migrate(urls.owner)
        database.configure(urls.application)
        opened(*({"resourceType": "Organization", "id": o} for o in (PRACTICE, HOSPITAL, COUNCIL)))
        opened(*ward(7, SENDERS), *ward(9, SENDERS))
        self.environment = {
            **os.environ,
            "JOINEDUP_HOME": str(home / "home"),
            "JOINEDUP_DATABASE_URL": urls.application,
        }
        self.port = free_port()
        self.answered: list[tuple[int, str, str]] = []
        self.stopping = threading.Event()
        self.process = self.started()
        self.senders = [
            threading.Thread(target=self._send, args=(n,), daemon=True) for n in range(SENDERS)
        ]
        for sender in self.senders:
            sender.start()

    def started(self) -> "subprocess.Popen[bytes]":
        words = ["hl7", "listen", "--organisation", HOSPITAL, "--port", str(self.port)]
        with (self.home / "listener.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "joinedup.site.command", *words],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """End the listener as a power cut would, and start it again."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = self.started()

    def wait_for_more(self, number: int) -> None:
        end, wanted = time.monotonic() + LIMIT_SECONDS, len(self.answered) + number
        while len(self.answered) < wanted:
            assert time.monotonic() < end, (self.home / "listener.log").read_text()[-3000:]
            time.sleep(0.01)

    def finish(self) -> None:
        self.stopping.set()
        for sender in self.senders:
            sender.join(LIMIT_SECONDS)
            assert not sender.is_alive()

    def close(self) -> None:
        self.stopping.set()
        self.process.kill()
        self.process.wait()
        database.close()
        self.cluster.stop()

    def _send(self, own: int) -> None:
        """Send stay after stay of people in a bed of their own: in, over, out."""
        connection: Sender | None = None
        for number in range(100_000):
            for trigger, message in _stay(own, number):
                while True:
                    try:
                        connection = connection or Sender(self.port)
                        code = connection.send(message)
                    except OSError:
                        if connection:
                            connection.close()
                        connection = None
                        time.sleep(0.05)
                        continue
                    if code != "AR":
                        break
                self.answered.append((own * 100_000 + number, trigger, code))
            if self.stopping.is_set():
                break
        if connection:
            connection.close()


def _stay(own: int, number: int) -> Iterator[tuple[str, bytes]]:
    """The three messages of one stay, by the hour; the person is new, and like nobody else."""
    visit = f"{own}-{number}"
    name = f"{uuid5(NAMESPACE_URL, visit).hex}^{uuid5(NAMESPACE_URL, visit + 'given').hex}"
    who = {"visit": visit, "who": f"H{visit}^^^RZ901^MR", "name": name}
    born = f"{1920 + number % 70}{1 + number // 70 % 12:02d}{14 + own:02d}"
    day = f"2018{1 + number // 28 % 12:02d}{1 + number % 28:02d}"
    yield "A01", adt("A01", f"{day}0100", spot=f"WARD7^^{own + 1}", born=born, **who)
    yield "A02", adt("A02", f"{day}0200", spot=f"WARD9^^{own + 1}", born=born, **who)
    yield "A03", adt("A03", f"{day}0300", spot="", born=born, method="1", destination="19", **who)


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    """A hospital of this test's own."""
    hospital = Hospital(tmp_path)
    yield hospital
    hospital.close()


def test_a_killed_listener_loses_no_message(hospital: Hospital, full: bool) -> None:
    """Whoever was answered AA finds it stored, once, with its audit and outbox; all is whole."""
    hospital.wait_for_more(1)
    for _ in range(FULL_KILLS if full else ORDINARY_KILLS):
        hospital.wait_for_more(ANSWERED_BETWEEN_KILLS)
        hospital.kill()
    hospital.wait_for_more(ANSWERED_BETWEEN_KILLS)
    hospital.finish()
    visits = {visit for visit, _, _ in hospital.answered}
    assert {code for _, _, code in hospital.answered} == {"AA"}
    assert len(hospital.answered) == len(set(hospital.answered)) == 3 * len(visits)
    assert waits() == []
    found = {s.id: s for s in stays()}
    names = {f"{visit // 100_000}-{visit % 100_000}" for visit in visits}
    assert set(found) == {visit_id(HOSPITAL, name) for name in names}
    for stored in found.values():
        assert (stored.version, stored.resource["status"]) == (3, "finished")
        assert len(stored.resource["location"]) == 2
    _every_message_has_its_trace(hospital, 3 * len(visits))
    assert list(verify()) == []
    print(f"{len(hospital.answered)} messages answered, none lost, none twice")


def _every_message_has_its_trace(hospital: Hospital, messages: int) -> None:
    assert messages < 1_000, "more than a page of stays: count them otherwise"
    journals = [t for t in everything("Task") if t.resource["status"] == "completed"]
    assert len(journals) == messages
    with psycopg.connect(hospital.cluster.administrator_of_record_url) as connection:
        told = connection.execute(
            "select count(*) from record.audit_event where starts_with(detail, 'hl7 A')"
        ).fetchone()
        sent = connection.execute(
            "select count(*) from record.version where type = %s", (type_number("Encounter"),)
        ).fetchone()
    assert told == (messages,)
    assert sent == (messages,)
