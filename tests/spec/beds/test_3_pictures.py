"""Beds, chapter 3. A ward or a place at one moment, and how full it is (WI-03).

Every bed is one line in one state. A number is printed with its denominator, policy and time.
"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from joinedup.beds.rules.occupancy import (
    CLOSED_OUT,
    CLOSED_STAY,
    affected,
    occupancy,
    return_problems,
    together,
)
from joinedup.beds.rules.picture import (
    Lying,
    bed_days,
    counts,
    lying_of,
    midnight_at,
    picture,
    snapshot_at,
    told_with_time,
)
from joinedup.beds.rules.states import CLOSURES, closed, vacated
from joinedup.fhir.london import at_clock
from joinedup.fhir.profiles.bed import Bed
from joinedup.fhir.profiles.spell import BedStay, Spell
from tests.spec.beds.wards import DAY, WARD, bed, beds, closure, january, lying

AT = january(10)
NOROVIRUS = closure("infection", infection="norovirus")


def hundred() -> dict[str, int]:
    """100 beds, 93 in use, 4 of them closed for norovirus, and 3 closed for it and empty."""
    made = [
        closed(each, NOROVIRUS) if number <= 4 or 94 <= number <= 96 else each
        for number, each in enumerate(beds(100), 1)
    ]
    return counts(picture(made, [lying(n) for n in range(1, 94)], AT))


def test_93_of_100_or_93_of_97_and_the_policy_is_printed() -> None:
    """10.3 example 1."""
    counted = hundred()
    assert (counted["closed-infection"], counted["closed-infection-empty"]) == (7, 3)
    stay, out = (occupancy(counted, AT, policy=p) for p in (CLOSED_STAY, CLOSED_OUT))
    assert stay.words == (
        "93 of 100 open beds, 93.0%, at 08:00 on 10 January 2018; "
        "empty beds closed for infection count as open"
    )
    assert out.words == (
        "93 of 97 open beds, 95.9%, at 08:00 on 10 January 2018; "
        "empty beds closed for infection do not count as open"
    )
    with pytest.raises(KeyError):
        occupancy(counted, AT, policy="as we like")


def test_a_place_with_no_open_bed_has_no_per_cent() -> None:
    shut = [closed(bed(1), closure("staffing"))]
    full = occupancy(counts(picture(shut, [], AT)), AT, policy=CLOSED_STAY)
    assert full.share is None and full.words.startswith("No bed open at 08:00")


def test_the_snapshot_and_the_number_now_are_both_shown_with_their_time() -> None:
    """10.3 example 6: two people left between eight and ten; their beds are to be cleaned."""
    here = [lying(1, until=january(10, 9)), lying(2, until=january(10, 9, 30)), lying(3)]
    eight, ten = (counts(picture(beds(4), here, january(10, h))) for h in (8, 10))
    assert told_with_time("Free now", str(eight["available"]), january(10, 8)) == (
        "Free now: 1 at 08:00 on 10 January 2018"
    )
    assert told_with_time("In use", str(ten["occupied"]), january(10, 10)) == (
        "In use: 1 at 10:00 on 10 January 2018"
    )
    assert (ten["available"], ten["cleaning"], eight["occupied"]) == (1, 2, 3)


def test_flu_and_closed_beds_are_shown_apart_and_their_sum_as_beds_affected() -> None:
    """10.3 example 7, with the national numbers of that week."""
    week = {"flu-confirmed": 894, "closed-infection": 580, "closed-infection-empty": 120}
    assert affected(week).words == (
        "894 beds with flu; 580 beds closed for infection, 120 of them empty; beds affected 1,474"
    )


def test_suspected_flu_is_not_confirmed_flu() -> None:
    """WI-04: the two are counted apart."""
    people = [
        lying(1, infection="flu", certainty="confirmed"),
        lying(2, infection="flu", certainty="suspected"),
        lying(3, infection="norovirus", certainty="confirmed"),
    ]
    counted = counts(picture(beds(4), people, AT))
    assert (counted["flu-confirmed"], counted["flu-suspected"]) == (1, 1)


def test_a_stay_holds_its_bed_from_its_beginning_until_before_its_end() -> None:
    one = [lying(1, since=january(10, 7), until=january(10, 8))]
    assert picture(beds(1), one, january(10, 7)).lines[0].spells == (one[0].spell,)
    assert picture(beds(1), one, january(10, 8)).lines[0].spells == ()
    later = closed(bed(1), closure("staffing"))
    assert picture([later], [], january(8)).lines[0].state == "available"
    assert picture([later], [], january(9)).lines[0].state == "closed"


def test_people_in_no_bed_and_in_a_bed_nobody_knows_are_named() -> None:
    """domain.md 10.2b: corridor patients uncounted."""
    people = [lying(1, bed=""), lying(2, bed="ward-99-1"), lying(3)]
    shown = picture(beds(3), people, AT)
    assert shown.without_bed == ("ward-7-stay-1",) and shown.unknown_bed == ("ward-7-stay-2",)
    counted = counts(shown)
    assert (counted["without-bed"], counted["occupied"]) == (1, 1)


def test_the_rows_of_a_stay_are_its_beds_and_the_time_before_the_first() -> None:
    """Four hours on a trolley, a bed, another; then a bed is kept elsewhere."""
    spell = Spell(
        id="s",
        person="Patient/a",
        hospital="RX9",
        admitted=january(9, 8),
        beds=(
            BedStay(bed="b1", since=january(9, 12), until=january(10, 12), status="completed"),
            BedStay(bed="b2", since=january(10, 12)),
            BedStay(bed="b3", status="reserved"),
        ),
    )
    rows = lying_of(spell, ward_of_team="ward-3")
    assert [(r.bed, r.reserved) for r in rows] == [
        ("", False),
        ("b1", False),
        ("b2", False),
        ("b3", True),
    ]
    here = [bed(n, ward="w") for n in (1, 2, 3)]
    here = [replace(each, id=f"b{n}") for n, each in enumerate(here, 1)]
    assert picture(here, rows, january(9, 10)).without_bed == ("s",)
    assert [x.state for x in picture(here, rows, january(10, 11)).lines] == [
        "occupied",
        "available",
        "reserved",
    ]
    assert bed_days(rows, date(2018, 1, 9), date(2018, 1, 11)) == 3
    nowhere = Spell(id="t", person="Patient/b", hospital="RX9", admitted=january(9))
    assert picture(here, lying_of(nowhere), AT).without_bed == ("t",)
    planned = Spell(id="u", person="Patient/c", hospital="RX9", admitted=None)
    assert lying_of(planned) == ()


def test_a_bed_with_two_in_it_is_one_bed_and_is_named() -> None:
    """domain.md 9.7: to be put right, not hidden."""
    shown = picture(beds(2), [lying(1), lying(1, spell="twin")], AT)
    assert [line.bed.id for line in shown.doubled] == ["ward-7-1"]
    assert counts(shown)["occupied"] == 1


def test_boarders_are_people_of_another_teams_ward() -> None:
    people = [lying(1, ward_of_team=WARD), lying(2, ward_of_team="ward-3"), lying(3)]
    assert counts(picture(beds(3), people, AT))["boarders"] == 1


def test_a_ward_is_its_part_of_the_place() -> None:
    everything = [*beds(3), *beds(2, ward="ward-3")]
    shown = picture(everything, [lying(1), lying(1, ward="ward-3")], AT)
    parts = [counts(shown.of_ward(w)) for w in (WARD, "ward-3")]
    assert [p["beds"] for p in parts] == [3, 2]
    whole = counts(shown)
    assert all(whole[name] == sum(p[name] for p in parts) for name in whole)


def test_an_extra_bed_is_open_unless_it_is_shut_and_empty() -> None:
    extra = [bed(n, escalation=True) for n in (1, 2, 3)]
    shut = [extra[0], *(closed(each, closure("escalation-shut")) for each in extra[1:])]
    assert counts(picture(shut, [lying(2)], AT))["escalation-open"] == 2
    assert counts(picture(beds(3), [], AT))["escalation-open"] == 0


def test_critical_beds_are_counted_by_themselves() -> None:
    mixed = [bed(1), bed(2, care="critical")]
    counted = counts(picture(mixed, [lying(2)], AT), care="critical")
    assert (counted["beds"], counted["occupied"]) == (1, 1)


def test_the_snapshot_is_at_eight_by_the_clock_all_year() -> None:
    """Also on the morning after the clocks went back."""
    assert snapshot_at(date(2018, 10, 27)).hour == 7 and snapshot_at(date(2018, 10, 28)).hour == 8
    assert snapshot_at(date(2018, 10, 28)) - midnight_at(date(2018, 10, 28)) == timedelta(hours=9)


def test_the_night_of_the_clocks_is_one_night_in_bed() -> None:
    """Saturday noon to Sunday noon is 25 hours and one bed-day (domain.md 0)."""
    saturday = date(2018, 10, 27)
    noon = at_clock(saturday, 12)
    rows = [lying(1, since=noon, until=noon + timedelta(hours=25))]
    assert bed_days(rows, saturday, date(2018, 10, 28)) == 1


def test_nights_are_those_of_the_days_asked_about() -> None:
    """From the 5th on, and until the 8th; in no bed and only kept are no nights."""
    here = [lying(1, until=january(8))]
    assert bed_days(here, date(2018, 1, 1), date(2018, 1, 31)) == 3
    assert bed_days(here, date(2018, 1, 6), date(2018, 1, 6)) == 1
    assert bed_days([lying(1)], date(2018, 1, 4), date(2018, 1, 10)) == 6
    assert bed_days([lying(1, bed=""), lying(2, reserved=True)], DAY, DAY) == 0
    assert bed_days(here, date(2018, 1, 20), date(2018, 1, 31)) == 0


GOOD = hundred()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"occupied": 101}, "More beds are in use than open"),
        ({"closed-infection-empty": 8}, "are some of those closed"),
        ({"closed-other-empty": 5, "available": 3}, "counted twice"),
        ({"available": -1}, "below nothing"),
        ({"flu-confirmed": 94}, "lie in beds in use"),
    ],
)
def test_a_return_that_cannot_be_true_is_told_so(change: dict[str, int], words: str) -> None:
    """domain.md 10.2b, line by line."""
    assert words in " ".join(p.message for p in return_problems({**GOOD, **change}))


def test_a_good_return_has_no_problem_and_its_copy_of_yesterday_has() -> None:
    assert return_problems(GOOD) == ()
    assert "yesterday's return" in return_problems(GOOD, GOOD)[0].message
    assert return_problems(GOOD, {**GOOD, "occupied": 92}) == ()


def test_a_missing_number_is_missing_and_a_missing_hospital_too() -> None:
    """Never 0."""
    less = {name: n for name, n in GOOD.items() if name != "occupied"}
    assert "Missing: occupied" in return_problems(less)[0].message
    whole = together({"RX9": GOOD, "RX8": GOOD, "RX7": None})
    assert whole.counts["occupied"] == 186
    assert (whole.told, whole.missing) == (2, ("RX7",))


ROW = st.tuples(
    st.sampled_from(("", *CLOSURES)), st.booleans(), st.booleans(), st.booleans(), st.booleans()
)


def _made(number: int, row: tuple[str, bool, bool, bool, bool]) -> Bed:
    reason, dirty, extra, _, _ = row
    each = bed(number, escalation=extra or reason == "escalation-shut")
    each = vacated(each) if dirty else each
    code = "norovirus" if reason == "infection" else ""
    return closed(each, closure(reason, infection=code)) if reason else each


@given(rows=st.lists(ROW, max_size=30))
def test_states_always_add_up_to_the_beds(
    rows: list[tuple[str, bool, bool, bool, bool]],
) -> None:
    """WI-03: one state each; closed for infection contains closed and empty; returns hold."""
    made = [_made(n, row) for n, row in enumerate(rows)]
    people: list[Lying] = [lying(n) for n, row in enumerate(rows) if row[3]]
    people += [lying(n, reserved=True, spell=f"k{n}") for n, row in enumerate(rows) if row[4]]
    counted = counts(picture(made, people, AT))
    parts = ("occupied", "reserved", "available", "cleaning")
    empty_closed = counted["closed-infection-empty"] + counted["closed-other-empty"]
    assert sum(counted[p] for p in parts) + empty_closed == counted["beds"] == len(rows)
    assert counted["closed-infection-empty"] <= counted["closed-infection"]
    assert return_problems(counted) == ()
    for policy in (CLOSED_STAY, CLOSED_OUT):
        full = occupancy(counted, AT, policy=policy)
        assert full.occupied <= full.open
