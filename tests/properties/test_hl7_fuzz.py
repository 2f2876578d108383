"""Whatever bytes come, a message is read or refused by name: nothing else is ever raised."""

from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from joinedup.fhir.check import check
from joinedup.fhir.issue import Invalid
from joinedup.hl7.acknowledging import Addressed, acknowledgement, refused
from joinedup.hl7.event import Event, header_of, read_event
from joinedup.hl7.files import messages_of
from joinedup.hl7.framing import Frames, framed
from joinedup.hl7.lying import BED
from joinedup.hl7.message import read_message
from joinedup.hl7.stay import Place, after
from joinedup.hl7.unfit import Unfit
from tests.spec.hl7.ward import HOSPITAL, LATER, adt

TRIGGERS = ("A01", "A02", "A03", "A04", "A08", "A11", "A12", "A13", "A40")
ODD = ("", '""', "|", "^", "~", "\\", "&", "\r", "\x00", "\u0663", "20180230", "-1", "\xe9")
TEXT = st.sampled_from(ODD) | st.text(max_size=12)
FIELD = st.tuples(st.integers(0, 4), st.integers(0, 48), TEXT)


def read(data: bytes) -> Event | None:
    """The event of a message, or None where it is refused with words and an answer."""
    try:
        message = read_message(data)
        return read_event(message, header_of(message), HOSPITAL, LATER)
    except Unfit as problem:
        refusal = problem
    answer = refused(refusal)
    said = acknowledgement(answer, Addressed(), organisation=HOSPITAL, own_control="A", now=LATER)
    assert read_message(said).component("MSA", 1) == refusal.answer
    return None


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    """Nonsense, with and without a beginning that looks right."""
    read(data)
    read(b"MSH|^~\\&|PAS|RZ901|J|P|20180105||ADT^A01|1|P|2.4\r" + data)
    list(messages_of(data))


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(TRIGGERS), st.lists(FIELD, max_size=4))
def test_a_message_with_odd_fields(trigger: str, changes: list[tuple[int, int, str]]) -> None:
    """Fields put wrong, left out or doubled; what is read makes good FHIR."""
    lines = adt(trigger, "201801050030", merged="H2^^^X^MR").decode().split("\r")
    for segment, field, text in changes:
        if segment < len(lines):
            fields = lines[segment].split("|")
            fields += [""] * (field + 1 - len(fields))
            fields[field] = text
            lines[segment] = "|".join(fields)
    event = read("\r".join(lines).encode("utf-8", "replace"))
    if event is None:
        return
    assert isinstance(event.said, datetime)
    stay = _stay(event)
    assert stay is None or [p for p in check(stay) if p.severity == "error"] == []


def _stay(event: Event) -> dict[str, Any] | None:
    place = Place("b", "Bed 1", BED, "w", "Ward") if event.spot else None
    if event.trigger not in ("A01", "A04"):
        return None
    return after(None, event, place, stay_id="s", subject="Patient/p").stay


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=5), st.lists(st.integers(1, 40), max_size=30))
def test_frames_cut_anywhere(messages: list[bytes], cuts: list[int]) -> None:
    """The same messages come out, or the same refusal, however the bytes were cut."""
    stream = b"".join(map(framed, messages))
    assert _fed([stream]) == _fed(_pieces(stream, cuts))


def _pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    pieces = []
    for cut in cuts:
        pieces.append(stream[:cut])
        stream = stream[cut:]
    return [*pieces, stream]


def _fed(pieces: list[bytes]) -> tuple[list[bytes], bool]:
    frames, found = Frames(1_000), []
    try:
        for piece in pieces:
            found += list(frames.feed(piece))
    except Invalid:
        return [], True
    return found, False
