"""An outbreak on a ward: suspected, confirmed, over; who is admitted meanwhile, and flu by person.

Domain.md 10.2 WI-03, WI-04; 10.3 examples 1 and 5.
"""

from datetime import timedelta

import pytest

from joinedup.beds.actions import close_bed, finish_cleaning, open_bed, start_cleaning
from joinedup.beds.infections import end_infection, say_infection
from joinedup.beds.moves import move_to, reserve_bed
from joinedup.beds.outbreaks import begin, confirm, end, say_clean, say_symptom
from joinedup.beds.queries import ward_of
from joinedup.beds.rules.occupancy import CLOSED_OUT, CLOSED_STAY, affected, occupancy
from joinedup.beds.rules.picture import counts
from joinedup.fhir.issue import Stale, Unprocessable
from joinedup.fhir.profiles.bed import Ward
from joinedup.record.cluster import Urls
from joinedup.record.verify import verify
from tests.spec.beds.kept import (
    FOUR,
    MANAGER,
    NOW,
    NURSE,
    SEVEN,
    bed_id,
    lie,
    open_hospital,
    seen,
    seen_stay,
    state,
    then,
)

LATER = NOW + timedelta(hours=48)


@pytest.fixture(autouse=True)
def _record(record_database: Urls) -> None:
    assert record_database.application


def ward(name: str = SEVEN) -> Ward:
    return ward_of(NURSE, name).ward


def test_norovirus_on_a_ward_of_24_with_19_in_it() -> None:
    """10.3 example 5: closed 24, unoccupied 5; reopened after the terminal clean; admissions
    blocked meanwhile."""
    open_hospital(24, 1)
    for n in range(1, 20):
        lie(f"p{n}", bed_id(SEVEN, n))
    waiting = lie("waiting")
    begin(NURSE, seen(SEVEN), "norovirus", "suspected", last_symptom=NOW, at=NOW)
    counted = counts(then().shown.of_ward(SEVEN))
    assert (counted["closed-infection"], counted["closed-infection-empty"]) == (24, 5)
    assert (counted["occupied"], counted["available"]) == (19, 0)
    for give in (move_to, reserve_bed):
        with pytest.raises(Unprocessable, match="Ward 7 is closed: suspected norovirus"):
            give(NURSE, seen_stay(waiting), bed_id(SEVEN, 24), at=NOW)
    confirm(NURSE, seen(SEVEN), "norovirus")
    with pytest.raises(Unprocessable) as refused:
        end(MANAGER, seen(SEVEN), at=NOW + timedelta(hours=47))
    assert "47 of 48 hours" in str(refused.value) and "terminal clean" in str(refused.value)
    say_clean(NURSE, seen(SEVEN), NOW + timedelta(hours=40))
    end(MANAGER, seen(SEVEN), at=LATER)
    counted = counts(then(LATER).shown.of_ward(SEVEN))
    assert (counted["closed-infection"], counted["occupied"], counted["available"]) == (0, 19, 5)
    move_to(NURSE, seen_stay(waiting), bed_id(SEVEN, 24), at=LATER)
    assert state(bed_id(SEVEN, 24), LATER) == "occupied"
    assert list(verify()) == []


def test_100_open_93_occupied_4_closed_around_people_3_closed_and_empty() -> None:
    """10.3 example 1: 93 of 100, or 93 of 97 where empty closed beds do not count; with words."""
    open_hospital(100, 0)
    for n in range(1, 94):
        lie(f"p{n}", bed_id(SEVEN, n))
    for n in (90, 91, 92, 93, 98, 99, 100):
        close_bed(NURSE, seen(bed_id(SEVEN, n)), "infection", infection="norovirus", at=NOW)
    counted = counts(then().shown)
    stay, out = (occupancy(counted, NOW, policy=p) for p in (CLOSED_STAY, CLOSED_OUT))
    assert (stay.occupied, stay.open, out.occupied, out.open) == (93, 100, 93, 97)
    assert "empty beds closed for infection count as open" in stay.words
    assert "95.9%" in out.words and "do not count as open" in out.words


def test_a_second_symptom_puts_the_hours_and_the_clean_back() -> None:
    open_hospital()
    begin(NURSE, seen(SEVEN), "norovirus", "confirmed", last_symptom=NOW, at=NOW)
    say_clean(NURSE, seen(SEVEN), NOW + timedelta(hours=1))
    say_symptom(NURSE, seen(SEVEN), NOW + timedelta(hours=2))
    running = ward().outbreak
    assert running is not None and running.cleaned is None
    with pytest.raises(Unprocessable, match="terminal clean"):
        end(NURSE, seen(SEVEN), at=LATER + timedelta(hours=2))


def test_a_bed_closed_for_repairs_stays_so_and_is_closed_once() -> None:
    """WI-03: a bed has one reason; the end of an outbreak does not open what others closed."""
    open_hospital()
    close_bed(NURSE, seen(bed_id(SEVEN, 1)), "maintenance", at=NOW)
    begin(NURSE, seen(SEVEN), "norovirus", "confirmed", last_symptom=NOW, at=NOW)
    counted = counts(then().shown.of_ward(SEVEN))
    assert (counted["closed-infection"], counted["closed-other-empty"]) == (5, 1)
    say_clean(NURSE, seen(SEVEN), NOW + timedelta(hours=1))
    end(NURSE, seen(SEVEN), at=LATER)
    assert state(bed_id(SEVEN, 1), LATER) == "closed"


def test_one_bed_of_an_outbreak_is_not_opened_by_itself() -> None:
    open_hospital()
    begin(NURSE, seen(SEVEN), "diarrhoea", "suspected", last_symptom=NOW, at=NOW)
    with pytest.raises(Unprocessable, match="opens when that is over"):
        open_bed(NURSE, seen(bed_id(SEVEN, 1)))


def test_two_outbreaks_do_not_run_beside_each_other() -> None:
    open_hospital()
    shown = seen(SEVEN)
    begin(NURSE, shown, "norovirus", "suspected", last_symptom=NOW, at=NOW)
    with pytest.raises(Stale):
        begin(MANAGER, shown, "flu", "suspected", last_symptom=NOW, at=NOW)
    with pytest.raises(Unprocessable, match="has an outbreak already"):
        begin(MANAGER, seen(SEVEN), "flu", "suspected", last_symptom=NOW, at=NOW)


def test_another_ward_still_takes_people() -> None:
    open_hospital()
    ida = lie("ida")
    begin(NURSE, seen(SEVEN), "norovirus", "suspected", last_symptom=NOW, at=NOW)
    move_to(NURSE, seen_stay(ida), bed_id(FOUR, 1), at=NOW)
    assert state(bed_id(FOUR, 1)) == "occupied"


def test_flu_beds_are_people_and_closed_beds_are_beds() -> None:
    """10.3 example 7 at the size of a ward: shown apart; their sum is beds affected, no other."""
    open_hospital()
    for n, certainty in ((1, "confirmed"), (2, "confirmed"), (3, "suspected")):
        say_infection(NURSE, lie(f"p{n}", bed_id(SEVEN, n)), "flu", certainty, at=NOW)
    close_bed(NURSE, seen(bed_id(FOUR, 1)), "infection", infection="norovirus", at=NOW)
    counted = counts(then().shown)
    assert (counted["flu-confirmed"], counted["flu-suspected"]) == (2, 1)
    assert affected(counted).words == (
        "2 beds with flu; 1 bed closed for infection, 1 of them empty; beds affected 3"
    )
    close_bed(NURSE, seen(bed_id(SEVEN, 1)), "infection", infection="flu", at=NOW)
    told = affected(counts(then().shown)).words
    assert told.endswith("beds affected 3, 1 of them both")
    say_infection(NURSE, "stay-p3", "flu", "confirmed", at=NOW)
    end_infection(NURSE, "stay-p1", "flu", at=NOW)
    counted = counts(then().shown)
    assert (counted["flu-confirmed"], counted["flu-suspected"]) == (2, 0)


def test_an_infection_that_nobody_counts_is_refused() -> None:
    open_hospital()
    stay = lie("ida", bed_id(SEVEN, 1))
    with pytest.raises(Unprocessable, match="no infection that is counted"):
        say_infection(NURSE, stay, "cold", "confirmed", at=NOW)
    with pytest.raises(Unprocessable, match="suspected or confirmed"):
        say_infection(NURSE, stay, "flu", "perhaps", at=NOW)


def test_a_bed_closed_for_infection_opens_clean() -> None:
    open_hospital()
    one = bed_id(SEVEN, 1)
    stay = lie("ida", one)
    close_bed(NURSE, seen(one), "infection", infection="flu", at=NOW)
    move_to(NURSE, seen_stay(stay), bed_id(SEVEN, 2), at=NOW)
    with pytest.raises(Unprocessable, match="once it has been cleaned"):
        open_bed(NURSE, seen(one))
    start_cleaning(NURSE, seen(one))
    finish_cleaning(NURSE, seen(one), at=NOW)
    open_bed(NURSE, seen(one))
    assert state(one) == "available"
