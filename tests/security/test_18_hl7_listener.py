"""The hospital's door under attack and under bad luck: frames, floods, silence.

What is no frame ends its own connection and nobody else's; nothing that is sent can make the
listener hold more than one message a connection, or answer with what the record holds.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from joinedup.fhir.issue import Invalid
from joinedup.hl7.door import door_of
from joinedup.hl7.framing import framed
from joinedup.hl7.listener import Limits, Listener, Told
from joinedup.hl7.message import MOST_BYTES
from joinedup.record.cluster import Urls
from tests.load.hospital import Sender
from tests.spec.hl7.ward import adt, joyce, opened, stays, ward
from tests.spec.identity.people import HOSPITAL, PRACTICE, stored

LIMITS = Limits(connections=3, idle_seconds=1.0, message_seconds=1.0, sweep_seconds=60)


class Heard:
    """A listener, and what it told of itself."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.closing = ExitStack()
        self.listener = Listener(
            door_of(HOSPITAL), port=0, limits=LIMITS, tell=lambda told, _: self.told.append(told)
        )

    def sender(self, seconds: float = 15.0) -> Sender:
        """Return a connection of its own; it is closed when the test is over."""
        sender = Sender(self.listener.port, seconds=seconds)
        self.closing.callback(sender.close)
        return sender

    def waits_for(self, told: Told) -> None:
        end = time.monotonic() + 10
        while told not in self.told:
            assert time.monotonic() < end, self.told
            time.sleep(0.02)


@pytest.fixture
def heard(record_database: Urls) -> Iterator[Heard]:
    """A hospital with a ward, and Joyce."""
    assert record_database.application
    opened(*({"resourceType": "Organization", "id": o} for o in (PRACTICE, HOSPITAL)))
    opened(*ward(7, 14))
    stored(joyce())
    heard = Heard()
    with heard.listener, heard.closing:
        yield heard


def test_a_message_is_answered_and_so_is_the_next(heard: Heard) -> None:
    """The connection stays open."""
    sender = heard.sender()
    assert sender.send(adt("A01", "201801050030")) == "AA"
    assert sender.send(adt("A03", "201801060030")) == "AA"
    assert sender.send(b"MSH|^~\\&|nonsense") == "AR"
    assert sender.send(adt("A08", "201801070030")) == "AA"
    sender.close()


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: here\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"MSH|^~\\&|PAS",
        b"\x0bMSH|\x0bMSH|\x1c\r",
        b"\x00" * 100,
    ],
)
def test_what_is_no_frame_ends_its_connection_without_a_word(heard: Heard, data: bytes) -> None:
    """Nothing is answered to what speaks another language, TLS and HTTP among them."""
    sender = heard.sender()
    sender.write(data)
    assert sender.ended()
    heard.waits_for(Told.BROKEN_FRAME)
    other = heard.sender()
    assert other.send(adt("A01", "201801050030")) == "AA"


def test_a_frame_that_does_not_end_is_not_held(heard: Heard) -> None:
    """Beyond the largest message the connection is ended, whatever would have come."""
    sender = heard.sender()
    with suppress(OSError):
        sender.write(b"\x0bMSH|^~\\&|" + b"x" * (MOST_BYTES + 100_000))
    assert sender.ended()
    heard.waits_for(Told.BROKEN_FRAME)


def test_a_message_of_many_fields_is_refused_quickly(heard: Heard) -> None:
    """Separators alone, as many as fit: answered in well under a second."""
    sender = heard.sender()
    head = adt("A01", "201801050030").split(b"\r")[0]
    for filler in (b"|", b"~", b"^", b"&", b"\\", b"\rZZZ"):
        body = head + b"\rPID|||" + filler * ((MOST_BYTES - 1000) // len(filler))
        began = time.monotonic()
        assert sender.send(body) in ("AR", "AE")
        assert time.monotonic() - began < 3


def test_who_says_nothing_is_let_go(heard: Heard) -> None:
    """After the idle limit; and who begins a message and does not end it, sooner or later too."""
    silent, slow = heard.sender(), heard.sender()
    slow.write(b"\x0bMSH")
    assert silent.ended() and slow.ended()
    heard.waits_for(Told.TOO_SLOW)


def test_a_message_byte_by_byte_is_not_waited_for_for_ever(heard: Heard) -> None:
    """Each byte comes in time, and the whole does not."""
    sender = heard.sender(0.2)
    began, data = time.monotonic(), framed(adt("A01", "201801050030"))
    for number in range(100):
        try:
            sender.write(data[number : number + 1])
        except OSError:
            break
        if sender.ended():
            break
    assert time.monotonic() - began < 5
    assert stays() == []


def test_too_many_connections_are_refused_and_the_others_go_on(heard: Heard) -> None:
    """Three may be open here; a flood of others changes nothing for them."""
    ours = heard.sender()
    assert ours.send(adt("A01", "201801050030")) == "AA"
    flood = [socket.create_connection(("127.0.0.1", heard.listener.port)) for _ in range(40)]
    heard.waits_for(Told.TOO_MANY)
    assert ours.send(adt("A02", "201801060030", spot="WARD7^^3")) == "AA"
    for one in flood:
        one.close()
    ours.close()
    end = time.monotonic() + 10
    while True:
        try:
            later = heard.sender()
            assert later.send(adt("A03", "201801070030")) == "AA"
            return
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)


def test_the_answer_tells_nothing_of_the_record(heard: Heard) -> None:
    """A message about somebody known and one about nobody known are answered alike."""
    known = adt("A01", "201801050030", control="one", spot="WARD7^^1")
    unknown = adt(
        "A01", "201801050030", control="two", visit="V2", who="X9^^^RZ901^MR", name="Nobody^Known",
        born="19500505", spot="WARD7^^2",
    )  # fmt: skip
    sender = heard.sender()
    assert [sender.send(known), sender.send(unknown)] == ["AA", "AA"]


def test_many_senders_with_nonsense_leave_no_thread_behind(heard: Heard) -> None:
    """What was opened is closed again."""
    before = threading.active_count()
    for _ in range(30):
        try:
            sender = heard.sender()
            sender.write(b"nonsense")
            sender.ended()
            sender.close()
        except OSError:
            continue
    end = time.monotonic() + 10
    while threading.active_count() > before:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_port_that_is_in_use_is_said_so(heard: Heard) -> None:
    """Refused in words before anything is listened for."""
    with pytest.raises(Invalid, match="Nothing can listen on"):
        Listener(door_of(HOSPITAL), port=heard.listener.port)
