"""Beds, chapter 1. What a bed can be, and that it is closed once and for a reason (WI-03)."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from joinedup.beds.manual import beds_manual
from joinedup.beds.rules.states import (
    BED,
    CLOSURES,
    cleaned,
    closed,
    may,
    opened,
    state_of,
    vacated,
)
from joinedup.fhir.check import check
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.machine import after, reached
from joinedup.fhir.profiles.bed import build_bed, read_bed
from joinedup.fhir.wire import read_resource, write_resource
from tests.spec.beds.wards import bed, closure, january

ROOT = Path(__file__).parents[3]
ESCALATION = bed(9, escalation=True)


def test_a_bed_is_kept_then_lain_in_then_cleaned_then_free() -> None:
    """9.2: nobody is put into a bed that is not clean."""
    state = BED.first
    for act, then in (
        ("reserve", "reserved"),
        ("occupy", "occupied"),
        ("vacate", "cleaning"),
        ("clean", "available"),
    ):
        state = after(BED, state, act)
        assert state == then
    with pytest.raises(Unprocessable, match="cannot follow “cleaning”"):
        after(BED, "cleaning", "occupy")
    assert reached(BED) == set(BED.states)


def test_who_lies_there_and_what_the_bed_says_make_its_state() -> None:
    """Two facts, each said in one place."""
    plain = bed(1)
    assert state_of(plain, occupied=False) == "available"
    assert state_of(plain, occupied=False, reserved=True) == "reserved"
    assert state_of(plain, occupied=True) == "occupied"
    assert state_of(vacated(plain), occupied=False) == "cleaning"
    shut = closed(plain, closure("staffing"))
    assert state_of(shut, occupied=False, reserved=True) == "closed"
    assert state_of(shut, occupied=True) == "closed-occupied"


def test_a_bed_that_somebody_left_is_not_free_before_it_is_clean() -> None:
    """Not when leaving is ordered, nor when they have left."""
    left = vacated(bed(1))
    assert may(left, "occupy", occupied=False)[0].message == "Bed 1 is cleaning."
    assert may(left, "clean", occupied=False) == ()
    assert may(cleaned(left), "occupy", occupied=False) == ()
    with pytest.raises(Unprocessable, match="Bed 1 is clean"):
        cleaned(bed(1))


@pytest.mark.parametrize("reason", CLOSURES)
def test_a_closed_bed_takes_nobody_and_says_why(reason: str) -> None:
    shut = closed(
        ESCALATION, closure(reason, infection="norovirus" if reason == "infection" else "")
    )
    for act in ("occupy", "reserve"):
        (problem,) = may(shut, act, occupied=False)
        assert problem.message == f"Bed 9 is closed: {CLOSURES[reason].lower()}."
    assert opened(shut) == ESCALATION


def test_a_bed_is_closed_once() -> None:
    """WI-03: never for infection and as void."""
    shut = closed(bed(1), closure("infection", infection="norovirus"))
    with pytest.raises(Unprocessable, match="closed already: infection"):
        closed(shut, closure("maintenance"))
    with pytest.raises(Unprocessable, match="is not closed"):
        opened(bed(1))


def test_a_reason_is_one_of_the_table() -> None:
    with pytest.raises(Unprocessable, match="is no reason"):
        closed(bed(1), closure("other"))
    with pytest.raises(Unprocessable, match="no infection that closes beds"):
        closed(bed(1), closure("infection", infection="a cold"))
    with pytest.raises(Unprocessable, match="Only a bed closed for infection"):
        closed(bed(1), closure("staffing", infection="flu"))
    with pytest.raises(Unprocessable, match="no extra bed"):
        closed(bed(1), closure("escalation-shut"))


def test_a_bed_closed_for_infection_opens_cleaned() -> None:
    used = vacated(closed(bed(1), closure("infection", infection="norovirus")))
    with pytest.raises(Unprocessable, match="once it has been cleaned"):
        opened(used)
    assert opened(cleaned(used)) == bed(1)


@pytest.mark.parametrize(
    "made",
    [
        bed(1),
        bed(2, care="critical", escalation=True, condition="being-cleaned"),
        closed(bed(3, condition="used"), closure("infection", infection="flu")),
        closed(bed(4), replace(closure("maintenance"), words="Window broken")),
    ],
)
def test_a_bed_is_a_location_and_keeps_what_else_was_said(made: object) -> None:
    """A telephone, another system's extension."""
    other = {"url": "https://elsewhere.example/x", "valueString": "theirs"}
    onto = {"extension": [other], "telecom": [{"system": "phone", "value": "01632 960 701"}]}
    written = read_resource(write_resource(build_bed(made, onto)))
    assert check(written) == () and read_bed(written) == made
    assert other in written["extension"] and written["telecom"] == onto["telecom"]
    assert read_bed(build_bed(made, written)) == made


def test_a_location_that_others_wrote_is_a_bed_too() -> None:
    """Without anything of ours: general, clean, open."""
    plain = {
        "resourceType": "Location",
        "id": "ward-7-1",
        "name": "Bed 1",
        "physicalType": {"coding": [{"code": "bd"}]},
        "partOf": {"reference": "Location/ward-7"},
        "managingOrganization": {"reference": "Organization/RX9"},
    }
    assert read_bed(plain) == bed(1)
    with pytest.raises(KeyError):
        read_bed({**plain, "physicalType": {"coding": [{"code": "wa"}]}})


def test_the_manual_is_what_the_tables_say() -> None:
    """Print it again: python -m joinedup.beds.manual > docs/beds.md"""
    day = day_of(january(10)).replace(year=2026)
    assert (ROOT / "docs/beds.md").read_text() == beds_manual(day)
