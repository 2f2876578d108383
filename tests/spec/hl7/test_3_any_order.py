"""Messages in any order, and more than once: the same stay, and nothing left waiting.

Messages are tried again in the order in which they were said, when what they waited for has come.
"""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joinedup import record
from joinedup.hl7.event import Event, header_of, read_event
from joinedup.hl7.lying import BED
from joinedup.hl7.message import read_message
from joinedup.hl7.stay import Place, Verdict, after
from joinedup.hl7.whose import person_id
from tests.spec.hl7.ward import HOSPITAL, LATER, Desk, adt, reasons, stay, waits, where
from tests.spec.identity.people import JEAN, PLACE, stored, twin

ADMITTED = adt("A01", "201801050030")
MOVED = adt("A02", "201801061000", spot="WARD9^^2")
LEFT = adt("A03", "201801181115", method="1", destination="19", spot="WARD9^^2")
NOT_LEFT = adt("A13", "201801181130", spot="WARD9^^2")


def told(visit: str = "V1") -> dict[str, Any]:
    """A stay without what tells its versions apart."""
    return {name: value for name, value in stay(visit).items() if name != "meta"}


def test_a_discharge_before_its_admission_waits_for_it(desk: Desk) -> None:
    """A03 without A01: kept, said to wait, and applied as soon as the admission comes."""
    taken = desk.take(LEFT)
    assert taken.answer.code == "AA" and taken.answer.severity == "W"
    assert b"ERR|^^^204&Unknown key identifier&HL70357" in taken.acknowledgement
    assert reasons() == ["no-admission"]
    desk.takes(ADMITTED)
    assert waits() == []
    assert stay()["status"] == "finished"


@pytest.mark.parametrize("number", range(0, 24, 5))
def test_four_messages_in_other_orders(desk: Desk, number: int) -> None:
    """Admission, move, discharge, discharge taken back: she is on Ward 9, whatever came first."""
    order = list(itertools.permutations((ADMITTED, MOVED, LEFT, NOT_LEFT)))[number]
    assert set(desk.takes(*order)) == {"AA"}
    assert waits() == []
    assert stay()["status"] == "in-progress"
    assert where() == ["ward-7-bed-12", "ward-9-bed-2*"]


def test_every_message_twice_is_every_message_once(desk: Desk) -> None:
    """A replay is answered AA again, and nothing changes, not a version."""
    desk.takes(ADMITTED, MOVED, LEFT)
    before = stay()
    assert desk.takes(ADMITTED, MOVED, LEFT) == ["AA", "AA", "AA"]
    assert stay() == before


def test_an_update_older_than_what_stands_changes_nothing(desk: Desk) -> None:
    """A08 by EVN-2: the address said last stays."""
    new = adt("A08", "201801070900", home="1 New Street^^Wexby^^WX1 1AA^^H")
    old = adt("A08", "201801060900", home="2 Old Street^^Wexby^^WX1 1AA^^H")
    desk.takes(ADMITTED, new)
    before = told()
    assert desk.takes(old) == ["AA"]
    assert told() == before
    said = record.read(PLACE, "Patient", person_id(HOSPITAL, "H1001")).resource
    assert said["address"][0]["line"] == ["1 New Street"]


def test_a_move_that_is_told_late_goes_in_where_it_belongs(desk: Desk) -> None:
    """The history of places is by when they began, not by when that was heard of."""
    late = adt("A02", "201801051200", spot="WARD7^^3")
    desk.takes(ADMITTED, MOVED, late)
    assert where() == ["ward-7-bed-12", "ward-7-bed-3", "ward-9-bed-2*"]
    ends = [p["period"].get("end", "") for p in stay()["location"]]
    assert ends == ["2018-01-05T12:00:00Z", "2018-01-06T10:00:00Z", ""]


def test_a_cancelled_move_waits_for_its_move(desk: Desk) -> None:
    """A12 before its A02 does not take back an earlier one."""
    second = adt("A02", "201801081000", spot="WARD7^^3")
    back = adt("A12", "201801081005", spot="WARD9^^2")
    desk.takes(ADMITTED, MOVED, back)
    assert reasons() == ["no-transfer"] and where()[-1] == "ward-9-bed-2*"
    desk.takes(second)
    assert waits() == [] and where() == ["ward-7-bed-12", "ward-9-bed-2*"]


PLACES = {n: Place(f"bed-{n}", f"Bed {n}", BED, "ward", "Ward") for n in "1234"}


def event(trigger: str, hour: int, bed: str) -> tuple[Event, Place]:
    """An event of one hour of a day, at a bed."""
    data = adt(trigger, f"20180105{hour:02d}00", spot=f"W^^{bed}", method="1", destination="19")
    message = read_message(data)
    return read_event(message, header_of(message), HOSPITAL, LATER), PLACES[bed]


def applied(order: list[tuple[Event, Place]]) -> tuple[dict[str, Any] | None, int]:
    """A stay after events in an order, those that wait tried again as they were said."""
    stands: dict[str, Any] | None = None
    held: list[tuple[Event, Place]] = []
    for one in order:
        held.append(one)
        going = True
        while going:
            going = False
            for waiting in sorted(held, key=lambda pair: pair[0].said):
                verdict: Verdict = after(stands, *waiting, stay_id="s", subject="Patient/p")
                if not verdict.reason:
                    stands, going = verdict.stay or stands, True
                    held.remove(waiting)
                    break
    return stands, len(held)


HISTORIES = (
    "A04 A01 A02 A02 A03",
    "A01 A02 A12 A02 A03",
    "A01 A03 A13 A02 A03",
    "A01 A02 A03 A13 A03",
    "A01 A08 A02 A08 A03",
    "A04 A11",
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(HISTORIES), st.randoms(use_true_random=False))
def test_every_order_ends_in_one_stay(history: str, chance: Any) -> None:
    """Property: whatever the order of arrival, the stay is that of the order in which it was said.

    Beds differ from move to move; a move that is taken back leads to the bed before it.
    """
    beds, line, events = [], iter("1234123"), []
    for hour, trigger in enumerate(history.split()):
        if trigger == "A12":
            beds.pop()
        elif trigger in ("A01", "A02", "A04"):
            beds.append(next(line))
        events.append(event(trigger, hour, beds[-1]))
    expected, left = applied(events)
    assert left == 0 and expected is not None
    shuffled = list(events)
    chance.shuffle(shuffled)
    assert applied(shuffled) == (expected, 0)


def test_what_is_said_again_makes_no_new_version_of_her(desk: Desk) -> None:
    """A storm of updates with nothing new: her Patient stays at its first version."""
    desk.takes(ADMITTED, *(adt("A08", f"201801060{h}00") for h in range(5)))
    own = record.read(PLACE, "Patient", person_id(HOSPITAL, "H1001"))
    assert own.version == 1


def test_a_number_that_was_corrected_here_stays_so(desk: Desk) -> None:
    """What was kept beside the hospital's word, a conflict's status, is not written each time."""
    unnumbered = {"who": "H5^^^RZ901^MR", "name": "Pickering^Jean", "born": "19411004"}
    desk.takes(adt("A01", "201801050030", **unnumbered))
    stored(twin("jean", "Jean", JEAN))
    numbered = {**unnumbered, "who": f"{JEAN}^^^NHS^NH~H5^^^RZ901^MR"}
    desk.takes(*(adt("A08", f"201801060{h}00", **numbered) for h in range(4)))
    own = record.read(PLACE, "Patient", person_id(HOSPITAL, "H5"))
    assert own.version == 2


@pytest.mark.parametrize("visit", ["V,1", "V\\F\\1", "V$1", "V/1 a", "V\\E\\1"])
def test_odd_visit_numbers_are_waited_for_like_others(desk: Desk, visit: str) -> None:
    """Commas, bars and strokes in a number are none of the search's own."""
    desk.takes(adt("A03", "201801181115", visit=visit, control="out"))
    assert reasons() == ["no-admission"]
    desk.takes(adt("A01", "201801050030", visit=visit, control="in"))
    assert waits() == []
