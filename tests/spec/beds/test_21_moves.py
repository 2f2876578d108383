"""Who lies where: moving, boarding, a bed kept for somebody; a bed that two want at once.

Domain.md 9.2, 9.7 ("bed occupied by two"); house.md, law 3.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.beds.actions import close_bed
from joinedup.beds.moves import SeenStay, move_to, release_bed, reserve_bed
from joinedup.beds.rules.picture import counts
from joinedup.beds.standing import SeenPlace
from joinedup.fhir.issue import Conflict, NotPermitted, Refusal, Stale, Unprocessable
from joinedup.fhir.profiles import spell as spells
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
    lying,
    open_hospital,
    put,
    seen,
    seen_stay,
    state,
    then,
    worker,
)

ONE, TWO, ELSEWHERE = bed_id(SEVEN, 1), bed_id(SEVEN, 2), bed_id(FOUR, 1)


@pytest.fixture(autouse=True)
def _hospital(record_database: Urls) -> None:
    assert record_database.application
    open_hospital()


def test_somebody_moves_and_their_old_bed_is_to_be_cleaned() -> None:
    stay = lie("ida", ONE)
    move_to(NURSE, seen_stay(stay), TWO, at=NOW)
    assert (lying(ONE), lying(TWO)) == ((), (stay,))
    beds = spells.read(record.read(SYSTEM, "Encounter", stay).resource).beds
    assert [(b.bed, b.status, b.until) for b in beds] == [
        (ONE, "completed", NOW),
        (TWO, "active", None),
    ]
    assert list(verify()) == []


def test_somebody_on_a_trolley_is_counted_and_gets_a_bed() -> None:
    """10.2b: who lies in a corridor is counted; then they lie in a bed."""
    stay = lie("ida")
    assert then().shown.without_bed == (stay,)
    move_to(NURSE, seen_stay(stay), ONE, at=NOW)
    assert then().shown.without_bed == () and lying(ONE) == (stay,)


def test_somebody_who_keeps_their_team_boards() -> None:
    """A boarder is another team's patient; once the ward's own team takes over they are none."""
    stay = lie("ida", ONE)
    move_to(NURSE, seen_stay(stay), ELSEWHERE, at=NOW, keeps_team=True)
    assert counts(then().shown)["boarders"] == 1
    move_to(NURSE, seen_stay(stay), bed_id(FOUR, 2), at=NOW)
    assert counts(then().shown)["boarders"] == 0


def test_a_bed_is_kept_for_somebody_let_go_and_kept_for_another() -> None:
    ida, bo = lie("ida"), lie("bo")
    reserve_bed(NURSE, seen_stay(ida), ONE, at=NOW)
    assert state(ONE) == "reserved"
    with pytest.raises(Conflict, match="Ida has been promised Bed 1"):
        move_to(NURSE, seen_stay(bo), ONE, at=NOW)
    release_bed(NURSE, seen_stay(ida))
    assert state(ONE) == "available"
    reserve_bed(NURSE, seen_stay(bo), ONE, at=NOW)
    move_to(NURSE, seen_stay(bo), ONE, at=NOW)
    assert lying(ONE) == (bo,)
    with pytest.raises(Unprocessable, match="No bed is kept"):
        release_bed(NURSE, seen_stay(bo))


def test_a_second_bed_kept_for_somebody_lets_the_first_go() -> None:
    ida = lie("ida", ELSEWHERE)
    reserve_bed(NURSE, seen_stay(ida), ONE, at=NOW)
    reserve_bed(NURSE, seen_stay(ida), TWO, at=NOW)
    assert (state(ONE), state(TWO), state(ELSEWHERE)) == ("available", "reserved", "occupied")


def test_nobody_comes_into_a_bed_that_is_closed_or_not_clean() -> None:
    ida, bo = lie("ida", ONE), lie("bo")
    move_to(NURSE, seen_stay(ida), TWO, at=NOW)
    with pytest.raises(Unprocessable, match="Bed 1 is cleaning"):
        move_to(NURSE, seen_stay(bo), ONE, at=NOW)
    close_bed(NURSE, seen(ELSEWHERE), "maintenance", at=NOW)
    with pytest.raises(Unprocessable, match="Bed 1 is closed: repairs"):
        reserve_bed(NURSE, seen_stay(bo), ELSEWHERE, at=NOW)


def test_a_bed_occupied_by_two_is_refused_and_named_to_whoever_may_see() -> None:
    """Domain.md 9.7."""
    lie("ida", ONE)
    bo = lie("bo")
    with pytest.raises(Conflict, match="Ida lies in Bed 1"):
        move_to(NURSE, seen_stay(bo), ONE, at=NOW)


def test_who_lies_there_is_not_told_to_whoever_may_not_see_them() -> None:
    """House.md, law 3: the conflict names the holder only to a permit that sees it."""
    lie("ida", ONE, at=NOW)
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}
    hidden = record.read(SYSTEM, "Encounter", "stay-ida").resource
    put({**hidden, "meta": {"security": [label]}})
    bo = lie("bo")
    with pytest.raises(Conflict) as refused:
        move_to(NURSE, seen_stay(bo), ONE, at=NOW)
    words = str(refused.value)
    assert "Ida" not in words and "Somebody lies in Bed 1" in words
    assert state(ONE) == "occupied"


def test_a_stay_that_somebody_changed_meanwhile_is_not_moved() -> None:
    stay = lie("ida", ONE)
    shown = seen_stay(stay)
    move_to(NURSE, shown, TWO, at=NOW)
    with pytest.raises(Stale):
        move_to(MANAGER, shown, ELSEWHERE, at=NOW)


def test_somebody_who_has_left_is_put_into_no_bed() -> None:
    """Domain.md 9.7: discharged is discharged, dead is dead."""
    stay = lie("ida", left=datetime.now(UTC), method="4", destination="79")
    with pytest.raises(Unprocessable, match="This stay is over"):
        move_to(NURSE, seen_stay(stay), ONE, at=NOW)


def test_beds_are_given_by_the_staff_of_the_hospital_alone() -> None:
    stay = lie("ida", ONE)
    for who in (worker(Role.GP, "rao"), worker(Role.OCCUPATIONAL_THERAPIST, "reid")):
        with pytest.raises(NotPermitted):
            move_to(who, seen_stay(stay), TWO, at=NOW)
    with pytest.raises(Refusal):
        move_to(worker(Role.WARD_NURSE, "away", OTHER), seen_stay(stay), TWO, at=NOW)
    assert HOSPITAL != OTHER and lying(ONE) == (stay,)


def together(*calls: Callable[[], object]) -> list[object]:
    """Call each in a thread of its own, all at once; return what each returned or raised."""
    barrier = threading.Barrier(len(calls))
    found: list[object] = [None] * len(calls)

    def run(number: int) -> None:
        barrier.wait()
        try:
            found[number] = calls[number]()
        except Refusal as refusal:
            found[number] = refusal

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return found


def taking(stay: SeenStay, who: Permit, bed: str = ONE) -> Callable[[], object]:
    return lambda: move_to(who, stay, bed, at=NOW)


def closing(bed: SeenPlace) -> Callable[[], object]:
    return lambda: close_bed(MANAGER, bed, "staffing", at=NOW)


def test_of_many_who_take_one_bed_at_once_one_lies_in_it() -> None:
    """Two in one bed are refused in any race, and each who came later is told who was first."""
    stays = [lie(f"p{n}") for n in range(6)]
    calls = [taking(seen_stay(stay), worker(Role.WARD_NURSE, f"n{stay}")) for stay in stays]
    found = together(*calls)
    refused = [f for f in found if isinstance(f, Refusal)]
    assert len(refused) == len(stays) - 1
    (first,) = lying(ONE)
    name = first.removeprefix("stay-").title()
    assert {str(r) for r in refused} == {f"{name} lies in Bed 1. Choose another bed."}
    assert list(verify()) == []


def test_one_person_taken_to_two_beds_at_once_lies_in_one() -> None:
    stay = seen_stay(lie("ida", ELSEWHERE))
    found = together(taking(stay, NURSE, ONE), taking(stay, MANAGER, TWO))
    assert sum(isinstance(f, Stale) for f in found) == 1
    assert len(lying(ONE) + lying(TWO)) == 1 and lying(ELSEWHERE) == ()


def test_a_bed_closed_while_somebody_comes_is_closed_or_theirs_and_never_both() -> None:
    for n in range(3):
        bed, stay = bed_id(SEVEN, n + 3), seen_stay(lie(f"p{n}"))
        shown = seen(bed)
        found = together(
            taking(stay, NURSE, bed),
            closing(shown),
        )
        assert sum(isinstance(f, Refusal) for f in found) == 1
        assert state(bed) in ("occupied", "closed")
