"""The hour that comes twice, and what a sender is told: MSA and ERR, in words.

domain.md 9.7 (time zone, BST). HL7 v2 2.9: AA, AE, AR; ERR as the sender's version has it.
"""

from datetime import UTC, datetime

import pytest

from joinedup.hl7.message import read_message, written
from joinedup.record import database
from tests.spec.hl7.ward import HOSPITAL, Desk, adt, reasons, stay, waits, where

BEFORE = adt("A01", "201810280150", control="one")
MOVED = adt("A02", "201810280110", control="two", spot="WARD9^^1")


def test_messages_in_the_hour_that_comes_twice(desk: Desk) -> None:
    """Admitted at ten to two, moved at ten past one: twenty minutes lie between."""
    desk.take(BEFORE, datetime(2018, 10, 28, 0, 51, tzinfo=UTC))
    desk.take(MOVED, datetime(2018, 10, 28, 1, 11, tzinfo=UTC))
    assert [p["period"]["start"] for p in stay()["location"]] == [
        "2018-10-28T00:50:00Z",
        "2018-10-28T01:10:00Z",
    ]


def test_messages_that_come_days_later_are_told_apart_by_their_order(desk: Desk) -> None:
    """A move cannot be before its admission: the second ten past one is meant."""
    late = datetime(2018, 11, 3, tzinfo=UTC)
    for message in (BEFORE, MOVED):
        assert desk.take(message, late).answer.code == "AA"
    assert waits() == [] and where()[-1] == "ward-9-bed-1*"
    assert stay()["location"][1]["period"]["start"] == "2018-10-28T01:10:00Z"


def test_the_longest_night_has_a_stay_of_ten_hours(desk: Desk) -> None:
    """From ten at night to seven in the morning, as clocks show it, is ten hours in October."""
    arrived = datetime(2018, 10, 30, tzinfo=UTC)
    desk.take(adt("A01", "201810272200"), arrived)
    desk.take(adt("A03", "201810280700"), arrived)
    period = stay()["period"]
    start, end = (datetime.fromisoformat(period[name]) for name in ("start", "end"))
    assert (end - start).total_seconds() == 10 * 3600


def segments(answer: bytes) -> dict[str, list[str]]:
    lines = answer.decode().rstrip("\r").split("\r")
    return {line[:3]: line.split("|") for line in lines}


def test_an_answer_names_the_message_and_who_sent_it(desk: Desk) -> None:
    """MSH turned round, the number in MSA-2, the event in MSH-9."""
    said = segments(desk.take(adt("A01", "201801050030")).acknowledgement)
    assert said["MSH"][2:6] == ["JOINEDUP", HOSPITAL, "PAS", HOSPITAL]
    assert said["MSH"][8] == "ACK^A01^ACK"
    assert said["MSA"][1:3] == ["AA", "A01-V1-201801050030"]
    assert "ERR" not in said


def test_an_error_says_where_and_what_in_words(desk: Desk) -> None:
    """From 2.5 on ERR-2, ERR-3, ERR-4 and ERR-8; before that ERR-1, with the words in MSA-3."""
    wrong = adt("A01", "201801050030", born="19331305")
    old = segments(desk.take(wrong).acknowledgement)
    assert old["MSA"][1] == "AE" and old["MSA"][3] == "PID-7 is no day."
    assert old["ERR"] == ["ERR", "PID^1^7^102&Data type error&HL70357"]
    new = segments(desk.take(wrong.replace(b"|P|2.4", b"|P|2.5.1")).acknowledgement)
    assert new["ERR"][2:5] == ["PID^1^7", "102^Data type error^HL70357", "E"]
    assert new["ERR"][8] == "PID-7 is no day."


def test_what_cannot_be_read_is_answered_too(desk: Desk) -> None:
    """AR without a number: there was none to be read."""
    said = segments(desk.take(b"nonsense").acknowledgement)
    assert said["MSA"][1:3] == ["AR", ""]
    assert said["ERR"][8] == "A message begins with an MSH segment."


def test_another_hospitals_messages_are_rejected(desk: Desk) -> None:
    """A door is one hospital's: what it states is never another's word."""
    other = adt("A01", "201801050030").replace(b"PAS|RZ901", b"PAS|RX1")
    taken = desk.take(other)
    assert (taken.answer.code, taken.answer.where) == ("AR", "MSH^1^4")


def test_what_is_in_a_message_cannot_become_a_segment_of_the_answer(desk: Desk) -> None:
    """Delimiters in what is repeated are written as text."""
    odd = adt("A01", "201801050030", control="a\\F\\b\\S\\c\\E\\")
    said = segments(desk.take(odd).acknowledgement)
    assert said["MSA"][2] == "a\\F\\b\\S\\c\\E\\"


def test_a_record_that_cannot_be_reached_keeps_the_message_with_its_sender(desk: Desk) -> None:
    """AR, and to be sent again: nothing was stored, and nothing was promised."""
    address = database.address()
    database.close()
    try:
        taken = desk.take(adt("A01", "201801050030"))
    finally:
        database.configure(address)
    assert (taken.answer.code, taken.answer.kind.code) == ("AR", "207")
    assert "again later" in taken.answer.words
    assert desk.takes(adt("A01", "201801050030")) == ["AA"]
    assert reasons() == []


@pytest.mark.parametrize("text", ["|", "^", "~", "\\", "&", "\r", "\n"])
def test_texts_are_written_so_that_they_are_read_again(text: str) -> None:
    """Escaped on the way out; an end of line becomes a space."""
    message = read_message(b"MSH|^~\\&|PAS|R\rNTE|" + written(f"a{text}b").encode())
    expected = " " if text in "\r\n" else text
    assert message.component("NTE", 1) == f"a{expected}b"
