"""Beds, chapter 2. A ward with an infection: closed and opened by a rule (WI-03, WI-04)."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from joinedup.beds.rules.outbreak import (
    admission_problems,
    beds_closed,
    beds_opened,
    began,
    clean_done,
    confirmed,
    ended,
    reopening_problems,
    symptom_seen,
)
from joinedup.beds.rules.picture import counts, picture
from joinedup.beds.rules.states import closed, vacated
from joinedup.fhir.check import check
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.profiles.bed import build_ward, read_ward
from joinedup.fhir.wire import read_resource, write_resource
from tests.spec.beds.wards import NURSE, bed, beds, closure, january, lying, outbreak, ward

ILL = began(ward(), outbreak())


def test_a_ward_of_24_with_19_people_is_24_closed_and_5_of_them_empty() -> None:
    """10.3 example 5."""
    shut = beds_closed(beds(24), outbreak(), by=NURSE)
    people = [lying(n) for n in range(1, 20)]
    counted = counts(picture(shut, people, january(10)))
    assert (counted["beds"], counted["occupied"]) == (24, 19)
    assert (counted["closed-infection"], counted["closed-infection-empty"]) == (24, 5)
    assert counted["available"] == counted["closed-other-empty"] == 0


def test_nobody_is_admitted_meanwhile() -> None:
    """10.3 example 5: and everybody is, once it is over."""
    assert "Nobody is admitted" in admission_problems(ILL)[0].message
    done = clean_done(ILL, january(11, 9))
    assert admission_problems(ended(done, january(12), by=NURSE)) == ()
    assert admission_problems(ward()) == ()


def test_it_opens_after_48_hours_without_symptoms_and_a_clean() -> None:
    """10.3 example 5, WI-04: both, and each is named while it is missing."""
    early = january(10)
    said = [p.message for p in reopening_problems(ILL.outbreaks[-1], early)]
    assert said == [
        "Norovirus (diarrhoea and vomiting): 24 of 48 hours without symptoms.",
        "Norovirus (diarrhoea and vomiting): the terminal clean has not been done.",
    ]
    with pytest.raises(Unprocessable, match="terminal clean"):
        ended(ILL, january(12), by=NURSE)
    cleaned = clean_done(ILL, january(11, 9))
    with pytest.raises(Unprocessable, match="47 of 48 hours"):
        ended(cleaned, january(11) - timedelta(minutes=1), by=NURSE)
    over = ended(cleaned, january(11, 9), by=NURSE)
    assert over.outbreak is None and over.outbreaks[-1].over_by == NURSE


def test_a_new_symptom_starts_the_hours_again_and_undoes_the_clean() -> None:
    cleaned = clean_done(ILL, january(10))
    again = symptom_seen(cleaned, january(11))
    assert again.outbreak is not None and again.outbreak.cleaned is None
    with pytest.raises(Unprocessable):
        ended(again, january(12), by=NURSE)
    assert symptom_seen(cleaned, january(8)).outbreak == cleaned.outbreak
    with pytest.raises(Unprocessable, match="after the last symptom"):
        clean_done(ILL, january(9))


def test_what_is_suspected_is_confirmed_by_a_test_or_as_something_else() -> None:
    """WI-04: unexplained it needs 72 hours, as norovirus 48."""
    signs = began(ward(), outbreak(infection="diarrhoea"))
    three = clean_done(signs, january(10))
    assert reopening_problems(three.outbreaks[-1], january(11, 9))
    known = confirmed(three, infection_code="norovirus").outbreaks[-1]
    assert known.certainty == "confirmed" and reopening_problems(known, january(11, 9)) == ()


def test_one_outbreak_at_a_time_and_its_beginning_is_said() -> None:
    with pytest.raises(Unprocessable, match="has an outbreak already"):
        began(ILL, outbreak())
    with pytest.raises(Unprocessable, match="begins as suspected or as confirmed"):
        began(ward(), outbreak(certainty="maybe"))
    with pytest.raises(Unprocessable, match="no infection that closes wards"):
        began(ward(), outbreak(infection="a cold"))
    for act in (lambda: clean_done(ward(), january(10)), lambda: symptom_seen(ward(), january(9))):
        with pytest.raises(Unprocessable, match="has no outbreak"):
            act()


def test_a_bed_closed_for_repairs_stays_closed_for_repairs() -> None:
    """WI-03: neither twice while it runs, nor opened by its end."""
    broken = closed(bed(1), closure("maintenance"))
    both = beds_closed([broken, vacated(bed(2))], outbreak(), by=NURSE)
    assert [b.closure.reason for b in both if b.closure] == ["maintenance", "infection"]
    with pytest.raises(Unprocessable, match="not over"):
        beds_opened(both, outbreak())
    over = replace(outbreak(), over=january(12), over_by=NURSE)
    assert beds_opened(both, over) == (broken, bed(2))


def test_a_ward_is_a_location_with_its_outbreaks() -> None:
    over = ended(clean_done(ILL, january(11, 9)), january(12), by=NURSE)
    twice = began(over, outbreak(infection="flu", certainty="confirmed"))
    for made in (ward(), ILL, twice):
        written = read_resource(write_resource(build_ward(made)))
        assert check(written) == () and read_ward(written) == made
        assert written["status"] == ("suspended" if made.outbreak else "active")
    with pytest.raises(KeyError):
        read_ward({"resourceType": "Location"})
