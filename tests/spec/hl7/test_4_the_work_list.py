"""What cannot be applied waits, with its reason, seen by those who may settle it.

domain.md 9.7, 10.2b. The message is kept whole and shows to nobody; its line names no person.
"""

import json
from typing import Any

import pytest

from joinedup import record
from joinedup.fhir.involve import claims
from joinedup.fhir.issue import Conflict, Invalid, NotFound, NotPermitted, Stale
from joinedup.hl7.held import ADT, HELD
from joinedup.hl7.judging import visit_id
from joinedup.hl7.trying_again import lines, set_aside
from joinedup.record import Put, Update
from tests.spec.hl7.ward import (
    HOSPITAL,
    LATER,
    Desk,
    adt,
    opened,
    reasons,
    stay,
    stays,
    waits,
    ward,
    where,
)
from tests.spec.identity.people import COORDINATOR, NURSE, PLACE, everything

ADMITTED = adt("A01", "201801050030")
IN_BED = {
    "coding": [
        {"system": "http://terminology.hl7.org/CodeSystem/location-physical-type", "code": "bd"}
    ]
}
A_BED = {"location": {"reference": "Location/ward-7-bed-12"}, "physicalType": IN_BED}
IDA = {"who": "H2^^^RZ901^MR", "name": "Marsh^Ida", "born": "19400302", "visit": "V2"}


def test_an_unknown_ward_waits_until_it_is_known(desk: Desk) -> None:
    """Nothing is made up for it; once the ward is entered here, the message goes on."""
    taken = desk.take(adt("A01", "201801050030", spot="WARD12^^1"))
    assert taken.answer.code == "AA"
    (line,) = waits()
    assert (line.reason, line.ward, line.bed) == ("unknown-ward", "WARD12", "1")
    assert line.sentence == "WARD12/1: this ward or bed is not known here."
    assert stays() == []
    opened(*ward(12, 1))
    desk.door.places.read_again()
    assert desk.waiting.sweep(LATER) == 1
    assert where() == ["ward-12-bed-1*"]


def test_a_bed_is_held_by_one(desk: Desk) -> None:
    """The second is entered on the ward alone; the line names the ward and the bed."""
    taken = desk.takes(ADMITTED, adt("A01", "201801060900", **IDA))
    assert taken == ["AA", "AA"]
    (line,) = waits()
    assert (line.reason, line.ward, line.bed) == ("bed-taken", "Ward 7", "Bed 12")
    assert line.sentence == (
        "Bed 12, Ward 7: somebody else is recorded there. Entered on Ward 7 only."
    )
    assert where("V2") == ["ward-7*"]


def test_the_bed_is_theirs_when_it_is_left(desk: Desk) -> None:
    """The discharge comes after the next admission, as it often does: both are right in the end."""
    desk.takes(ADMITTED, adt("A01", "201801060900", **IDA), adt("A03", "201801060930"))
    assert waits() == []
    assert where("V2") == ["ward-7-bed-12*"]
    assert stay("V2")["location"][0]["period"]["start"] == "2018-01-06T09:00:00Z"


def test_a_bed_wanted_for_somebody_who_moved_on_is_history(desk: Desk) -> None:
    """By the time the bed is free she is on Ward 9: only where she was is put right."""
    desk.takes(ADMITTED, adt("A01", "201801060900", **IDA))
    desk.takes(adt("A02", "201801061000", **{**IDA, "spot": "WARD9^^1"}))
    assert where("V2") == ["ward-7", "ward-9-bed-1*"]
    desk.takes(adt("A03", "201801061100"))
    assert waits() == []
    assert where("V2") == ["ward-7-bed-12", "ward-9-bed-1*"]


def test_a_discharge_taken_back_to_a_bed_that_is_taken(desk: Desk) -> None:
    """She is back on the ward; the bed is somebody else's by now."""
    desk.takes(ADMITTED, adt("A03", "201801060800"), adt("A01", "201801060900", **IDA))
    assert desk.takes(adt("A13", "201801060930", spot="")) == ["AA"]
    assert reasons() == ["bed-taken"]
    assert where() == ["ward-7*"] and where("V2") == ["ward-7-bed-12*"]


def test_a_page_cannot_take_a_bed_either(desk: Desk) -> None:
    """The claim is the record's own: whichever door somebody comes through."""
    desk.takes(ADMITTED, adt("A01", "201801060900", **{**IDA, "spot": "WARD7^^3"}))
    other = stay("V2")
    place = {**other["location"][0], "location": {"reference": "Location/ward-7-bed-12"}}
    with pytest.raises(Conflict, match="in this bed"):
        record.commit(PLACE, [Update({**other, "location": [place]}, 1)], dangling="keep")


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ((ADMITTED, adt("A03", "201801060900", ends="201801040900")), "before-it-began"),
        ((ADMITTED, adt("A02", "201801040900", spot="WARD9^^1")), "before-it-began"),
        (
            (
                ADMITTED,
                adt("A02", "201801061200", spot="WARD9^^1"),
                adt("A03", "201801061300", ends="201801061100"),
            ),
            "before-a-move",
        ),
        ((ADMITTED, adt("A03", "201801060900", method="4", destination="19")), "dead-or-alive"),
        ((ADMITTED, adt("A03", "201801060900", method="1", destination="79")), "dead-or-alive"),
        ((adt("A01", "201801060900", died="201801020400"),), "after-death"),
        ((ADMITTED, adt("A02", "201801060900", **{**IDA, "visit": "V1"})), "other-person"),
    ],
)
def test_what_contradicts_itself_is_an_error_and_kept(
    desk: Desk, messages: tuple[bytes, ...], reason: str
) -> None:
    """AE, so that the sender looks; a line, so that people here do."""
    *before, last = messages
    desk.takes(*before)
    stood = stay() if before else None
    taken = desk.take(last)
    assert taken.answer.code == "AE"
    assert b"\rERR|" in taken.acknowledgement
    assert reasons() == [reason]
    assert stood is None or stay() == stood


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ((ADMITTED, adt("A13", "201801060900")), "no-discharge"),
        ((ADMITTED, adt("A12", "201801060900")), "no-transfer"),
        ((adt("A11", "201801060900"),), "no-admission"),
        (
            (ADMITTED, adt("A03", "201801060900"), adt("A02", "201801061000", spot="WARD9^^1")),
            "already-left",
        ),
        ((ADMITTED, adt("A03", "201801060900"), adt("A11", "201801061000")), "already-left"),
    ],
)
def test_what_may_still_come_is_waited_for(
    desk: Desk, messages: tuple[bytes, ...], reason: str
) -> None:
    """AA with a warning: the message is safe here, and sending it again would not help."""
    *before, last = messages
    desk.takes(*before)
    taken = desk.take(last)
    assert (taken.answer.code, taken.answer.severity) == ("AA", "W")
    assert reasons() == [reason]


def test_two_messages_with_one_number(desk: Desk) -> None:
    """The first stands; the other is kept, with a line, and answered AE however often it comes."""
    twin = ADMITTED.replace(b"^12|", b"^11|")
    assert twin != ADMITTED
    assert desk.takes(ADMITTED, twin, twin, ADMITTED) == ["AA", "AE", "AE", "AA"]
    assert reasons() == ["twin"]
    assert where() == ["ward-7-bed-12*"]


def test_lines_are_seen_by_who_may_settle_them_and_messages_by_nobody(desk: Desk) -> None:
    """A nurse sees neither; a coordinator the line, in which nobody is named."""
    desk.takes(adt("A03", "201801060900"))
    assert len(lines(COORDINATOR, HOSPITAL)) == 1
    assert lines(NURSE, HOSPITAL) == []
    shown = {s.resource["code"]["coding"][0]["code"]: s for s in everything("Task", COORDINATOR)}
    assert set(shown) == {HELD}
    text = json.dumps(shown[HELD].resource)
    assert "Hallam" not in text and "9990000018" not in text and "H1001" not in text
    kept = [s for s in everything("Task") if s.resource["code"]["coding"][0]["code"] == ADT]
    assert len(kept) == 1


def test_the_message_is_kept_only_while_it_waits(desk: Desk) -> None:
    """Applied, its number and digest are what remains: enough to know it again."""
    desk.takes(adt("A03", "201801060900"))
    desk.takes(ADMITTED)
    kept = [s.resource for s in everything("Task") if s.resource["status"] == "completed"]
    assert len(kept) == 3  # two journals and a settled line
    assert not any("valueAttachment" in one for t in kept for one in t["input"])


def test_a_line_is_set_aside_in_words(desk: Desk) -> None:
    """By who may settle it, for the version they saw; then it is tried no more."""
    desk.takes(adt("A03", "201801060900"))
    (line,) = waits()
    with pytest.raises(NotPermitted):
        set_aside(NURSE, line.id, line.version, "A test of the new system.")
    with pytest.raises(Invalid):
        set_aside(COORDINATOR, line.id, line.version, "  ")
    with pytest.raises(Stale):
        set_aside(COORDINATOR, line.id, line.version + 1, "A test of the new system.")
    set_aside(COORDINATOR, line.id, line.version, "A test of the new system.")
    assert waits() == []
    with pytest.raises(NotFound):
        set_aside(COORDINATOR, line.id, line.version + 1, "Again.")
    desk.takes(ADMITTED)
    assert stay()["status"] == "in-progress"


def test_nobody_else_writes_what_waits(desk: Desk) -> None:
    """Otherwise whoever writes such a Task could have the system store what it says."""
    desk.takes(adt("A03", "201801060900"))
    (line,) = waits()
    task = record.read(COORDINATOR, "Task", line.id).resource
    with pytest.raises(NotPermitted):
        record.commit(COORDINATOR, [Put({**task, "status": "completed"})])


def test_the_visit_is_the_encounter(desk: Desk) -> None:
    """What cannot be told apart has one id: the same number at the same hospital."""
    desk.takes(ADMITTED)
    assert [s.id for s in stays()] == [visit_id(HOSPITAL, "V1")]


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({}, ("bed/ward-7-bed-12",)),
        ({"status": "finished"}, ()),
        ({"status": "cancelled"}, ()),
        ({"status": "planned"}, ("bed/ward-7-bed-12",)),
        ({"class": {"code": "AMB"}}, ()),
        ({"location": []}, ()),
        ({"location": [{"location": {"display": "somewhere"}, "physicalType": IN_BED}]}, ()),
        ({"location": [{"location": {"reference": "Location/b"}}]}, ()),
        ({"location": [{**A_BED, "status": "completed"}]}, ()),
        ({"location": [{**A_BED, "status": "reserved"}]}, ("bed/ward-7-bed-12",)),
        ({"location": [{**A_BED, "period": {"start": "2018", "end": "2018-01"}}]}, ()),
        ({"location": [{**A_BED, "period": {"start": "2018"}}]}, ("bed/ward-7-bed-12",)),
    ],
)
def test_which_bed_a_stay_claims(changes: dict[str, Any], held: tuple[str, ...]) -> None:
    """House law 3: from the Encounter alone, whoever wrote it, and however little it says."""
    encounter = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": {"reference": "Patient/joyce"},
        "location": [A_BED],
        **changes,
    }
    assert claims(encounter) == held


def test_a_stay_that_others_wrote_is_gone_on_with(desk: Desk) -> None:
    """Dates as inexact as FHIR allows, and a bed kept for her: a message still moves her."""
    desk.takes(ADMITTED)
    kept = {**A_BED, "location": {"reference": "Location/ward-9-bed-4"}, "status": "reserved"}
    odd = {**stay(), "period": {"start": "2018-01"}}
    odd["location"] = [{**A_BED, "period": {"start": "2018-01-05"}}, kept]
    record.commit(PLACE, [Update(odd, 1)], dangling="keep")
    assert desk.takes(adt("A02", "201801061000", spot="WARD9^^2")) == ["AA"]
    assert where() == ["ward-7-bed-12", "ward-9-bed-2*", "ward-9-bed-4"]
    assert desk.takes(adt("A03", "201801071000")) == ["AA"]
    assert where() == ["ward-7-bed-12", "ward-9-bed-2"]
