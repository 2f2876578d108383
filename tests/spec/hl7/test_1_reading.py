"""What is read as a message, and what is not: delimiters, escapes, limits, times, the header.

HL7 v2 chapter 2. The reader is strict: what it cannot read for certain it refuses by name.
"""

from datetime import UTC, datetime

import pytest

from joinedup.fhir.issue import Invalid
from joinedup.hl7.event import header_of, read_event
from joinedup.hl7.files import messages_of
from joinedup.hl7.framing import Frames, framed
from joinedup.hl7.message import MOST_BYTES, MOST_SEGMENTS, Message, read_message
from joinedup.hl7.times import chosen, day_of, readings
from joinedup.hl7.unfit import Unfit
from tests.spec.hl7.ward import HOSPITAL, LATER, adt

EVN = "EVN^1^2"
HEAD = b"MSH|^~\\&|PAS|RZ901|J|P|20180105||ADT^A01|1|P|2.4"


def read(data: bytes) -> Message:
    return read_message(data)


def refusal(data: bytes) -> Unfit:
    with pytest.raises(Unfit) as caught:
        header_of(read_message(data))
    return caught.value


def test_fields_components_and_repeats_are_counted_from_one() -> None:
    """PID-3 repeated, PID-5.2, and a component with a sub-component, of which the first counts."""
    message = read(HEAD + b"\rPID|1||A^^^X~B^^^Y&Z||Hallam^Joyce^Ann\r")
    assert message.component("PID", 5, 2) == "Joyce"
    assert [c[0] for c in message.repeats("PID", 3)] == ["A", "B"]
    assert [c[3] for c in message.repeats("PID", 3)] == ["X", "Y"]
    assert message.component("PID", 40) == "" and message.component("ZZZ", 1) == ""
    assert message.component("MSH", 1) == "|" and message.component("MSH", 9, 2) == "A01"


def test_a_message_says_its_own_delimiters() -> None:
    """MSH-1 and MSH-2 may be others than the usual ones."""
    message = read(b"MSH#*-!@#PAS#RZ901#J#P#20180105##ADT*A01#1#P#2.4\rPID#1##A***X-B")
    assert message.component("MSH", 9, 2) == "A01"
    assert [c[0] for c in message.repeats("PID", 3)] == ["A", "B"]


def test_escapes_become_text() -> None:
    """Delimiters that are meant as text; what is local to a sender is left out."""
    message = read(HEAD + b"\rPID|||||A\\T\\B\\S\\C\\F\\D\\E\\E\\Z99\\")
    assert message.component("PID", 5) == "A&B^C|D\\E"


def test_a_null_is_empty() -> None:
    """Two double quotes take a value back (2.5.3)."""
    assert read(HEAD + b'\rPID|||||""').component("PID", 5) == ""


def test_the_character_set_is_the_one_said() -> None:
    """MSH-18; UTF-8 where none is said."""
    name = "Siân"
    latin = HEAD + b"||||||8859/1\rPID|||||" + name.encode("latin-1")
    assert read(latin).component("PID", 5) == name
    assert read(HEAD + b"\rPID|||||" + name.encode()).component("PID", 5) == name
    assert "not utf-8" in refusal(HEAD + b"\rPID|||||" + name.encode("latin-1")).words
    assert refusal(HEAD + b"||||||EBCDIC\rPID").where == "MSH^1^18"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MSH",
        b"PID|1\rMSH|^~\\&",
        b"MSH|^^~\\&|PAS",
        b"MSH|^~",
        HEAD + b"\rpid|1",
        HEAD + b"\r\r\rPID|1",
        HEAD + b"\rPID|\x00",
        HEAD + b"\nPID|1",
        HEAD + b"\rPID" + b"|" * 500,
        HEAD + b"\rPID|" + b"x" * 30_000,
        HEAD + b"\rPID|1" * (MOST_SEGMENTS + 1),
        HEAD + b"\rNTE|1|" + b"x" * MOST_BYTES,
    ],
)
def test_what_is_no_message_is_rejected(data: bytes) -> None:
    """AR: there is nothing in it to be put right by field."""
    assert refusal(data).answer == "AR"


@pytest.mark.parametrize(
    ("changed", "code", "where"),
    [
        ((b"ADT^A01", b"ORU^R01"), "200", "MSH^1^9"),
        ((b"ADT^A01", b"ADT^A60"), "201", "MSH^1^9"),
        ((b"|2.4", b"|3.0"), "203", "MSH^1^12"),
        ((b"|P|2.4", b"|T|2.4"), "202", "MSH^1^11"),
        ((b"|1|P|", b"||P|"), "101", "MSH^1^10"),
        ((b"|RZ901|", b"||"), "101", "MSH^1^4"),
    ],
)
def test_a_header_says_what_is_taken(changed: tuple[bytes, bytes], code: str, where: str) -> None:
    """Another kind of message, event, version, a test, no number, no hospital: by field."""
    problem = refusal(HEAD.replace(*changed))
    assert (problem.answer, problem.kind.code, problem.where) == ("AR", code, where)


def event_refusal(data: bytes) -> Unfit:
    message = read_message(data)
    with pytest.raises(Unfit) as caught:
        read_event(message, header_of(message), HOSPITAL, LATER)
    return caught.value


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"who": ""}, "PID^1^3"),
        ({"who": "9990000019^^^NHS^NH"}, "PID^1^3"),
        ({"name": ""}, "PID^1^5"),
        ({"born": "19331305"}, "PID^1^7"),
        ({"visit": ""}, "PV1^1^19"),
        ({"spot": ""}, "PV1^1^3"),
        ({"kind": "X"}, "PV1^1^2"),
        ({"starts": "2018"}, "PV1^1^44"),
        ({"starts": "201813010000"}, "PV1^1^44"),
    ],
)
def test_a_field_that_cannot_be_is_named(changes: dict[str, str], where: str) -> None:
    """AE, with the segment and field, so that whoever keeps the sender's system finds it."""
    problem = event_refusal(adt("A01", "201801050030", **changes))
    assert (problem.answer, problem.where) == ("AE", where)
    assert problem.words.endswith(".")


@pytest.mark.parametrize(
    ("changes", "where"), [({"method": "2"}, "36"), ({"destination": "7"}, "37")]
)
def test_national_codes_are_checked(changes: dict[str, str], where: str) -> None:
    """There is no discharge method 2 (domain.md 9.2)."""
    problem = event_refusal(adt("A03", "201801050030", **changes))
    assert (problem.kind.code, problem.where) == ("103", f"PV1^1^{where}")


def test_the_future_has_not_happened() -> None:
    """A clock that is wrong by more than an hour is the sender's to put right."""
    problem = event_refusal(adt("A01", "201901010000"))
    assert "future" in problem.words


def test_times_are_local_unless_an_offset_is_written() -> None:
    """July is an hour ahead of UTC, January is not."""
    assert readings("201807010030", "EVN^1^2") == (datetime(2018, 6, 30, 23, 30, tzinfo=UTC),)
    assert readings("20180101003015.25", "EVN^1^2") == (
        datetime(2018, 1, 1, 0, 30, 15, tzinfo=UTC),
    )
    assert readings("201807010030+0000", "EVN^1^2") == (datetime(2018, 7, 1, 0, 30, tzinfo=UTC),)


def test_an_hour_in_october_comes_twice() -> None:
    """Half past one on 28 October 2018 is 00:30 and 01:30 UTC; the message's arrival decides."""
    twice = readings("201810280130", "EVN^1^2")
    first, second = (
        datetime(2018, 10, 28, 0, 30, tzinfo=UTC),
        datetime(2018, 10, 28, 1, 30, tzinfo=UTC),
    )
    assert twice == (first, second)
    assert (
        chosen(twice, datetime(2018, 10, 28, 0, 31, tzinfo=UTC)) == first
    )  # the second is not yet
    assert chosen(twice, datetime(2018, 10, 28, 1, 31, tzinfo=UTC)) == second
    assert chosen(twice, datetime(2018, 11, 3, tzinfo=UTC)) == first
    assert chosen(twice, datetime(2018, 11, 3, tzinfo=UTC), second=True) == second


def test_an_hour_in_march_never_comes() -> None:
    """Half past one on 25 March 2018 was on no clock."""
    with pytest.raises(Unfit, match="skipped"):
        readings("201803250130", EVN)


@pytest.mark.parametrize("text", ["", "20180230", "1850", "193305111", "x"])
def test_what_is_no_day_is_refused(text: str) -> None:
    """A day as exact as it was told, or none."""
    if text == "193305111":
        assert day_of(text, "PID^1^7") == "1933-05-11"
        return
    with pytest.raises(Unfit):
        day_of(text, "PID^1^7")


def test_frames_are_found_wherever_they_are_cut() -> None:
    """Byte by byte, or several at once: the same messages."""
    stream = framed(b"one") + b"\r\n" + framed(b"two")
    whole = list(Frames().feed(stream))
    frames, parts = Frames(), []
    for number in range(len(stream)):
        parts += frames.feed(stream[number : number + 1])
    assert whole == parts == [b"one", b"two"]
    assert frames.is_empty


@pytest.mark.parametrize("data", [b"MSH|", b"\x0bMSH\x0bMSH\x1c\r", b"\x0b" + b"x" * 200])
def test_what_is_no_frame_ends_the_conversation(data: bytes) -> None:
    """No VT, a frame in a frame, or one that does not end."""
    with pytest.raises(Invalid):
        list(Frames(100).feed(data))


def test_a_file_is_read_message_by_message() -> None:
    """Lines or frames, with a batch's own segments left out; an ill beginning is not passed by."""
    one, two = b"MSH|1\rPID|1\r", b"MSH|2\r"
    assert list(messages_of(b"FHS|x\nMSH|1\nPID|1\n\nMSH|2\nFTS|2\n")) == [one, two]
    assert list(messages_of(framed(one) + framed(two))) == [one, two]
    assert list(messages_of(b"PID|0\r\nMSH|2\r\n")) == [b"PID|0\r", two]
    assert list(messages_of(b"")) == []
