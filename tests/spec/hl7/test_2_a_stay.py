"""What messages make of a stay: admitted, moved, discharged, and each of these taken back.

A stay is one Encounter, named by its visit number (PV1-19). domain.md 9.2, 9.6b.
"""

from joinedup import record
from joinedup.fhir.check import check
from joinedup.fhir.search.clause import Query
from joinedup.fhir.search.query import parse_query
from joinedup.hl7.judging import visit_id
from tests.spec.hl7.ward import HOSPITAL, Desk, adt, stay, waits, where
from tests.spec.identity.people import NURSE, PLACE


def test_an_admission_is_an_encounter_of_the_person(desk: Desk) -> None:
    """A01: her own record has the stay, and the hospital's workers see it."""
    taken = desk.take(adt("A01", "201801050030", starts="201801042320"))
    assert taken.answer.code == "AA"
    made = stay()
    assert made["status"] == "in-progress"
    assert made["class"]["code"] == "IMP"
    assert made["subject"] == {"reference": "Patient/joyce"}
    assert made["period"] == {"start": "2018-01-04T23:20:00Z"}
    assert where() == ["ward-7-bed-12*"]
    assert [p for p in check(made) if p.severity == "error"] == []
    assert record.read(NURSE, "Encounter", visit_id(HOSPITAL, "V1")).version == 1
    assert waits() == []


def test_what_the_hospital_says_of_her_is_its_own_statement(desk: Desk) -> None:
    """The Patient of the hospital refers to hers, which stays as her practice wrote it."""
    desk.take(adt("A01", "201801050030"))
    query = record.search(PLACE, _patients()).entries
    said = {s.source: s.resource for s in query}
    assert said[HOSPITAL]["link"] == [{"other": {"reference": "Patient/joyce"}, "type": "refer"}]
    assert said[HOSPITAL]["address"][0]["postalCode"] == "MQ3 2CA"
    assert "address" not in said["Y90001"]


def test_a_move_ends_one_place_and_begins_another(desk: Desk) -> None:
    """A02: the history of places is kept, with times."""
    desk.takes(adt("A01", "201801050030"), adt("A02", "201801061000", spot="WARD9^^2"))
    places = stay()["location"]
    assert where() == ["ward-7-bed-12", "ward-9-bed-2*"]
    assert places[0]["period"] == {"start": "2018-01-05T00:30:00Z", "end": "2018-01-06T10:00:00Z"}


def test_a_discharge_says_when_how_and_where_to(desk: Desk) -> None:
    """A03: the national codes of method and destination; the bed is given back."""
    left = adt("A03", "201801181115", ends="201801181100", method="1", destination="19")
    assert desk.takes(adt("A01", "201801050030"), left) == ["AA", "AA"]
    made = stay()
    assert made["status"] == "finished"
    assert made["period"]["end"] == "2018-01-18T11:00:00Z"
    (disposition,) = made["hospitalization"]["dischargeDisposition"]["coding"]
    assert (disposition["code"], disposition["display"]) == ("19", "Usual place of residence")
    methods = [e for e in made["extension"] if e["url"].endswith("DischargeMethod")]
    assert methods[0]["valueCodeableConcept"]["coding"][0]["code"] == "1"
    assert where() == ["ward-7-bed-12"]
    assert [p for p in check(made) if p.severity == "error"] == []


def test_a_discharge_taken_back_opens_the_stay_again(desk: Desk) -> None:
    """A13: no end, no method, no destination, and she is in her bed."""
    left = adt("A03", "201801181115", method="1", destination="19")
    desk.takes(adt("A01", "201801050030"), left, adt("A13", "201801181130"))
    made = stay()
    assert made["status"] == "in-progress" and "end" not in made["period"]
    assert "hospitalization" not in made
    assert not [e for e in made["extension"] if e["url"].endswith("DischargeMethod")]
    assert where() == ["ward-7-bed-12*"]


def test_an_admission_taken_back_holds_no_bed(desk: Desk) -> None:
    """A11: the stay is cancelled; somebody else can be in the bed."""
    desk.takes(adt("A01", "201801050030"), adt("A11", "201801050100"))
    assert stay()["status"] == "cancelled"
    assert where() == ["ward-7-bed-12"]
    other = adt("A01", "201801050200", visit="V2", who="H2^^^RZ901^MR", name="Marsh^Ida")
    assert desk.takes(other) == ["AA"] and waits() == []


def test_a_move_taken_back_leads_back(desk: Desk) -> None:
    """A12: the place is the one before."""
    desk.takes(adt("A01", "201801050030"), adt("A02", "201801061000", spot="WARD9^^2"))
    assert desk.takes(adt("A12", "201801061005")) == ["AA"]
    assert where() == ["ward-7-bed-12*"]


def test_an_emergency_visit_becomes_a_stay(desk: Desk) -> None:
    """A04, then A01 with the same visit: one Encounter, from the first hour."""
    arrived = adt("A04", "201801042200", kind="E", spot="WARD9")
    desk.takes(arrived, adt("A01", "201801050030"))
    made = stay()
    assert made["class"]["code"] == "IMP"
    assert made["period"]["start"] == "2018-01-04T22:00:00Z"
    assert where() == ["ward-9", "ward-7-bed-12*"]


def test_an_update_changes_what_is_known_of_her_and_not_where_she_is(desk: Desk) -> None:
    """A08: a new address; the bed in PV1-3 is another event's to say."""
    desk.takes(
        adt("A01", "201801050030"),
        adt("A08", "201801060900", home="1 New Street^^Wexby^^WX1 1AA^^H", spot="WARD9^^1"),
    )
    assert where() == ["ward-7-bed-12*"]
    (said,) = (s for s in record.search(PLACE, _patients()).entries if s.source == HOSPITAL)
    assert said.resource["address"][0]["city"] == "Wexby"


def _patients() -> Query:
    return parse_query("Patient", [("family", "Hallam")])
