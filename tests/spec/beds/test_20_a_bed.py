"""What is done with a bed: cleaned, closed with a reason, opened again; by whom, and in what order.

Domain.md 9.2, 10.2b; decision 20.
"""

import pytest

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.beds.actions import close_bed, finish_cleaning, open_bed, start_cleaning
from joinedup.beds.moves import move_to
from joinedup.beds.rules.picture import counts
from joinedup.fhir.issue import NotPermitted, Stale, Unprocessable
from joinedup.record.cluster import Urls
from joinedup.record.verify import verify
from tests.spec.beds.kept import (
    FOUR,
    HOSPITAL,
    MANAGER,
    NOW,
    NURSE,
    OTHER,
    SEVEN,
    SYSTEM,
    bed_id,
    lie,
    open_hospital,
    put,
    seen,
    seen_stay,
    state,
    then,
    worker,
)

ONE, TWO = bed_id(SEVEN, 1), bed_id(SEVEN, 2)


@pytest.fixture(autouse=True)
def _hospital(record_database: Urls) -> None:
    assert record_database.application
    open_hospital()


def test_a_bed_that_somebody_left_is_cleaned_before_it_is_free() -> None:
    """Domain.md 9.2: occupied, vacated, cleaning, available."""
    stay = lie("ida", ONE)
    assert state(ONE) == "occupied"
    move_to(NURSE, seen_stay(stay), TWO, at=NOW)
    assert (state(ONE), state(TWO)) == ("cleaning", "occupied")
    start_cleaning(NURSE, seen(ONE))
    assert state(ONE) == "cleaning"
    finish_cleaning(NURSE, seen(ONE), at=NOW)
    assert state(ONE) == "available"
    assert list(verify()) == []


def test_a_bed_left_by_a_discharge_message_is_cleaned_too() -> None:
    """ADT writes stays and no beds: that somebody left is enough to know that it is used."""
    stay = lie("ida", ONE)
    ended = record.read(SYSTEM, "Encounter", stay).resource
    place = {**ended["location"][0], "status": "completed"}
    place["period"] = {**place["period"], "end": "2018-01-10T09:00:00+00:00"}
    period = {**ended["period"], "end": "2018-01-10T09:00:00+00:00"}
    put({**ended, "status": "finished", "period": period, "location": [place]})
    assert state(ONE) == "cleaning"
    finish_cleaning(NURSE, seen(ONE), at=NOW)
    assert state(ONE) == "available"


def test_a_clean_bed_is_not_cleaned_nor_one_that_somebody_lies_in() -> None:
    with pytest.raises(Unprocessable, match="Bed 1 is available"):
        start_cleaning(NURSE, seen(ONE))
    lie("ida", ONE)
    with pytest.raises(Unprocessable, match="Bed 1 is occupied"):
        finish_cleaning(NURSE, seen(ONE), at=NOW)


@pytest.mark.parametrize("reason", ["infection", "staffing", "maintenance"])
def test_a_bed_is_closed_for_a_reason_and_opened(reason: str) -> None:
    infection = "flu" if reason == "infection" else ""
    close_bed(NURSE, seen(ONE), reason, infection=infection, at=NOW)
    assert state(ONE) == "closed"
    with pytest.raises(Unprocessable, match="Bed 1 is closed"):
        close_bed(NURSE, seen(ONE), "staffing", at=NOW)
    open_bed(NURSE, seen(ONE))
    assert state(ONE) == "available"


def test_only_an_extra_bed_is_shut_for_not_being_needed() -> None:
    with pytest.raises(Unprocessable, match="no extra bed"):
        close_bed(NURSE, seen(ONE), "escalation-shut", at=NOW)


def test_other_is_no_reason() -> None:
    """Domain.md 9.7: a reason that says nothing is refused, and the list is told."""
    with pytest.raises(Unprocessable, match="infection, staffing, maintenance"):
        close_bed(NURSE, seen(ONE), "other", at=NOW)


def test_a_bed_is_closed_around_who_lies_in_it_and_counted_once() -> None:
    """WI-03: occupied and closed is one bed, never available."""
    lie("ida", ONE)
    close_bed(NURSE, seen(ONE), "infection", infection="norovirus", at=NOW)
    assert state(ONE) == "closed-occupied"
    counted = counts(then().shown)
    assert (counted["occupied"], counted["closed-infection"]) == (1, 1)
    assert counted["closed-infection-empty"] == 0
    assert counted["available"] == counted["beds"] - 1


def test_a_bed_closed_for_repairs_is_cleaned_and_stays_closed() -> None:
    stay = lie("ida", ONE)
    move_to(NURSE, seen_stay(stay), TWO, at=NOW)
    close_bed(NURSE, seen(ONE), "maintenance", words="The bell does not ring", at=NOW)
    finish_cleaning(NURSE, seen(ONE), at=NOW)
    assert state(ONE) == "closed"
    open_bed(NURSE, seen(ONE))
    assert state(ONE) == "available"


def test_who_saves_second_is_told_that_it_changed() -> None:
    """House.md, law 4: the version that the page showed decides."""
    shown = seen(ONE)
    close_bed(NURSE, shown, "staffing", at=NOW)
    with pytest.raises(Stale, match="while you were reading"):
        close_bed(MANAGER, shown, "maintenance", at=NOW)


@pytest.mark.parametrize(
    "who",
    [
        worker(Role.WARD_NURSE, "away", OTHER),
        worker(Role.GP, "rao", HOSPITAL),
        worker(Role.OCCUPATIONAL_THERAPIST, "reid", HOSPITAL),
        worker(Role.RECEPTIONIST, "croft", HOSPITAL),
    ],
    ids=lambda p: f"{p.role.value} of {p.organisation}",
)
def test_a_bed_is_kept_by_its_hospitals_ward_staff_alone(who: Permit) -> None:
    """Decision 20; nobody else's page offers it, and the record refuses it by itself."""
    with pytest.raises(NotPermitted):
        close_bed(who, seen(ONE), "staffing", at=NOW)


def test_a_bed_on_another_ward_is_closed_by_the_same_hospital() -> None:
    close_bed(worker(Role.DISCHARGE_COORDINATOR), seen(bed_id(FOUR, 1)), "staffing", at=NOW)
    assert state(bed_id(FOUR, 1)) == "closed"
