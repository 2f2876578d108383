"""Two connections of one hospital at once: about one person, one visit, one bed, with one number.

Versions and claims decide; nothing is lost, nothing is there twice, and no bed has two.
"""

import threading
from collections.abc import Iterator

import pytest

from joinedup.hl7.door import door_of
from joinedup.hl7.listener import Limits, Listener
from joinedup.hl7.trying_again import Waiting
from joinedup.record.cluster import Urls
from joinedup.record.verify import verify
from tests.load.hospital import Sender
from tests.spec.hl7.ward import LATER, adt, opened, stay, stays, waits, ward, where
from tests.spec.identity.people import COUNCIL, HOSPITAL, PRACTICE, everything

SENDERS = 4


@pytest.fixture
def port(record_database: Urls) -> Iterator[int]:
    """A hospital with a ward and nobody in it."""
    assert record_database.application
    opened(*({"resourceType": "Organization", "id": o} for o in (PRACTICE, HOSPITAL, COUNCIL)))
    opened(*ward(7, 14))
    with Listener(door_of(HOSPITAL), port=0, limits=Limits(sweep_seconds=600)) as listener:
        yield listener.port


def at_once(port: int, lists: list[list[bytes]]) -> list[list[str]]:
    """Send each list on a connection of its own, all at once; return how each was answered."""
    answered: list[list[str]] = [[] for _ in lists]
    barrier = threading.Barrier(len(lists))

    def send(number: int) -> None:
        sender = Sender(port)
        barrier.wait()
        for message in lists[number]:
            answered[number].append(sender.send(message))
        sender.close()

    threads = [threading.Thread(target=send, args=(n,)) for n in range(len(lists))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return answered


def test_the_same_messages_on_several_connections(port: int) -> None:
    """A feed that was started twice: every message is taken once, and answered AA each time."""
    spots = [f"WARD7^^{bed}" for bed in (1, 2, 3, 4, 5, 6)]
    history = [adt("A01", "201801050000", spot=spots[0])]
    history += [adt("A02", f"20180105{h:02d}00", spot=spot) for h, spot in enumerate(spots[1:], 1)]
    answered = at_once(port, [history] * SENDERS)
    assert {code for codes in answered for code in codes} == {"AA"}
    assert where() == [f"ward-7-bed-{n}" for n in range(1, 6)] + ["ward-7-bed-6*"]
    assert waits() == []
    assert len([t for t in everything("Task") if "partOf" not in t.resource]) == len(history)


def test_one_persons_messages_spread_over_connections(port: int) -> None:
    """Admission, moves and discharge at once, by different ways: one stay, in order."""
    messages = [
        adt("A01", "201801050000", spot="WARD7^^1"),
        adt("A02", "201801050100", spot="WARD7^^2"),
        adt("A02", "201801050200", spot="WARD7^^3"),
        adt("A03", "201801050300", method="1", destination="19"),
    ]
    answered = at_once(port, [[m] for m in messages])
    assert {code for codes in answered for code in codes} == {"AA"}
    Waiting(door_of(HOSPITAL)).sweep(LATER)  # what another connection's message had just missed
    assert waits() == []
    assert stay()["status"] == "finished"
    assert where() == ["ward-7-bed-1", "ward-7-bed-2", "ward-7-bed-3"]


def test_two_for_one_bed_at_once(port: int) -> None:
    """One has it, the other is on the ward; the record agrees with itself."""
    people = [
        adt("A01", "201801050000", spot="WARD7^^1", visit=f"V{n}", who=f"H{n}^^^RZ901^MR",
            name=f"{name}^Ida", born=f"19{40 + n}0302")
        for n, name in enumerate(("Marsh", "Croft", "Webb", "Nowak"))
    ]  # fmt: skip
    answered = at_once(port, [[m] for m in people])
    assert {code for codes in answered for code in codes} == {"AA"}
    lain = sorted(where(f"V{n}")[0] for n in range(SENDERS))
    assert lain == ["ward-7*", "ward-7*", "ward-7*", "ward-7-bed-1*"]
    assert [line.reason for line in waits()] == ["bed-taken"] * 3
    assert list(verify()) == []


def test_a_person_who_is_new_on_two_connections(port: int) -> None:
    """Two visits of somebody nobody knew: one person of the record, two stays."""
    two = [adt("A04", "201801050000", spot="WARD7", visit=f"V{n}") for n in range(SENDERS)]
    answered = at_once(port, [[m] for m in two])
    assert {code for codes in answered for code in codes} == {"AA"}
    assert len(everything("Patient")) == 1
    assert len(stays()) == SENDERS
