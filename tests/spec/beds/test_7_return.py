"""Beds, chapter 7. The daily return of beds: from the 08:00 picture, in national columns."""

import csv
from datetime import date, timedelta
from io import StringIO

import pytest

from joinedup.beds.rules.bed_return import amended, bed_counts, beds_csv, due_at, first
from joinedup.beds.rules.picture import picture, snapshot_at
from joinedup.beds.rules.states import closed
from joinedup.fhir.check import check
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.profiles import returned
from joinedup.fhir.profiles.returned import differences
from joinedup.fhir.wire import read_resource, write_resource
from tests.spec.beds.wards import DAY, HOSPITAL, NURSE, bed, beds, closure, january, lying

NOROVIRUS = closure("infection", infection="norovirus")


def counted() -> dict[str, int]:
    """Ten beds and two critical ones: seven in use, one closed and empty, one broken."""
    made = [*beds(8), closed(bed(9), NOROVIRUS), closed(bed(10), closure("maintenance"))]
    made += [bed(n, ward="itu", care="critical") for n in (1, 2)]
    people = [lying(n, since=january(10) - timedelta(days=n * 4)) for n in range(1, 7)]
    people += [lying(1, ward="itu", infection="flu", certainty="confirmed")]
    people += [lying(7, bed="", since=january(9))]
    admitted = {row.spell: row.since for row in people}
    return bed_counts(picture(made, people, snapshot_at(DAY)), admitted)


def test_general_and_critical_beds_are_apart_and_each_bed_is_counted_once() -> None:
    """Beds closed for infection are open beds; a broken one is void."""
    found = counted()
    assert (found["general/open"], found["general/occupied"]) == (9, 6)
    assert (found["general/closed-infection"], found["general/closed-other-empty"]) == (1, 1)
    assert (found["critical/open"], found["critical/occupied"]) == (2, 1)
    assert (found["general/flu-confirmed"], found["critical/flu-confirmed"]) == (0, 1)
    assert found["without-bed"] == 1


def test_long_stays_are_counted_by_nights_of_everybody_here() -> None:
    """4, 8, 12, 16, 20 and 24 nights, five in critical care, one in the corridor."""
    found = counted()
    assert [found[f"long-stay-{n}"] for n in (7, 14, 21)] == [5, 3, 1]


def test_it_is_sent_by_eleven_and_amended_for_fourteen_days() -> None:
    sent = first(HOSPITAL, counted(), DAY, at=january(10, 10), by=NURSE)
    assert due_at(DAY) == january(10, 11) and sent.taken_at == january(10, 8)
    right = counted() | {"general/occupied": 5}
    again = amended(sent, right, at=january(24, 23, 59), by=NURSE, why="Bed 6 was empty")
    assert (again.version, sent.version) == (2, 1)
    assert differences(sent, right) == {"general/occupied": (6, 5)}
    with pytest.raises(Unprocessable, match="until 24 January 2018"):
        amended(sent, right, at=january(25, 0, 1), by=NURSE, why="Bed 6 was empty")
    with pytest.raises(Unprocessable, match="Nothing differs"):
        amended(sent, counted(), at=january(11), by=NURSE, why="Again")


def test_numbers_that_cannot_be_true_are_not_sent() -> None:
    """domain.md 10.2b: nor a snapshot that has not been taken."""
    wrong = counted() | {"general/occupied": 12}
    with pytest.raises(Unprocessable, match="More beds are in use than open"):
        first(HOSPITAL, wrong, DAY, at=january(10, 10), by=NURSE)
    sent = first(HOSPITAL, counted(), DAY, at=january(10, 10), by=NURSE)
    with pytest.raises(Unprocessable, match="More beds are in use than open"):
        amended(sent, wrong, at=january(11), by=NURSE, why="Found two more")
    with pytest.raises(Unprocessable, match="still to come"):
        first(HOSPITAL, counted(), DAY, at=january(10, 7, 59), by=NURSE)


def test_the_national_columns_are_filled_and_what_is_missing_is_blank() -> None:
    sent = first(HOSPITAL, counted(), DAY, at=january(10, 10), by=NURSE)
    (row,) = csv.DictReader(StringIO(beds_csv([sent])))
    assert row["ga_beds_open"] == "9" and row["beds_closed_unoccupied_dv_norovirus"] == "1"
    assert (row["org_code"], row["date"]) == (HOSPITAL, "2018-01-10")
    less = returned.Return(
        kind=sent.kind,
        organisation="RX8",
        day=date(2018, 1, 10),
        version=1,
        counts={"general/occupied": 4},
        taken_at=sent.taken_at,
        sent_at=sent.sent_at,
        sent_by=NURSE,
    )
    (other,) = csv.DictReader(StringIO(beds_csv([less])))
    assert (other["ga_beds_occupied"], other["flu_ga"]) == ("4", "")


def test_it_is_kept_as_a_measure_report() -> None:
    sent = first(HOSPITAL, counted(), DAY, at=january(10, 10), by=NURSE)
    written = read_resource(write_resource(returned.build(sent)))
    assert check(written) == () and returned.read(written) == sent
