"""Going home, chapter 11. The daily return builds itself and reconciles to names (DI-08, DI-09).

A day is midnight to midnight in London; the snapshot is at 08:00, the return due at 11:00, and it
can be amended for 14 days without losing what was sent.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from joinedup.discharge.rules.endings import ended
from joinedup.discharge.rules.ready_date import marked_meeting
from joinedup.discharge.rules.sitrep import (
    Sitrep,
    amended,
    due_at,
    first,
    is_late,
    reconciliation,
    sitrep,
    snapshot_at,
)
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.fhir.profiles.returned import differences
from tests.spec.discharge.stays import HOSPITAL, NURSE, november, ready, review, stay, went

DAY = date(2025, 11, 3)
NEXT_ELEVEN = november(4, 11)


def still(spell: str, since: datetime, *, admitted: datetime | None = None) -> Readiness:
    """Somebody ready who has not left."""
    here = stay(spell=spell, person=f"Patient/{spell}", admitted=admitted or november(1))
    return ready(since, before=here)


def forty_two() -> list[Readiness]:
    """42 ready: 10 leave by five, 5 in the evening, 27 remain."""
    early = [
        went(f"early-{n}", since=november(2), at=november(3, 9 + n % 8), pathway=str(n % 4))
        for n in range(10)
    ]
    late = [went(f"late-{n}", since=november(3, 7), at=november(3, 18 + n)) for n in range(5)]
    return [*early, *late, *(still(f"still-{n}", november(3, n % 24)) for n in range(27))]


def report(*more: Readiness, everybody: list[Readiness] | None = None) -> Sitrep:
    return sitrep([*(forty_two() if everybody is None else everybody), *more], HOSPITAL, DAY)


def test_42_ready_15_gone_27_remain_and_the_27_have_names() -> None:
    """9.9 example 10."""
    made = report()
    counts = made.counts
    assert counts["not-meeting-criteria"] == 42
    assert (counts["discharged"], counts["discharged-by-1700"]) == (15, 10)
    assert counts["discharged-after-1700"] == 5 and counts["remaining"] == 27
    assert made.named["remaining"] == tuple(sorted(f"still-{n}" for n in range(27)))
    assert reconciliation(made) == ()


def test_what_was_sent_stays_when_it_is_amended() -> None:
    """9.9 example 10: edited the next day, within 14 days; version 1 is as it was."""
    sent = first(report(), at=NEXT_ELEVEN, by=NURSE)
    corrected = report(went("found", since=november(2), at=november(3, 12)))
    later = amended(sent, corrected, at=november(5), by=NURSE, why="One was missed")
    assert (sent.version, sent.counts["discharged"]) == (1, 15)
    assert (later.version, later.counts["discharged"], later.why) == (2, 16, "One was missed")
    assert sent.id != later.id
    assert differences(sent, corrected.counts) == {
        "not-meeting-criteria": (42, 43),
        "discharged": (15, 16),
        "discharged-by-1700": (10, 11),
        "discharged-p0": (8, 9),
    }


def test_a_return_is_amended_for_fourteen_days_and_for_a_reason() -> None:
    sent = first(report(), at=NEXT_ELEVEN, by=NURSE)
    other = report(still("more", november(3)))
    assert amended(sent, other, at=november(18, 23, 59), by=NURSE, why="Missed").version == 2
    with pytest.raises(Unprocessable, match="until 18 November 2025"):
        amended(sent, other, at=november(19, 0, 1), by=NURSE, why="Missed")
    with pytest.raises(Unprocessable, match="Say what was wrong"):
        amended(sent, other, at=november(5), by=NURSE, why=" ")
    with pytest.raises(Unprocessable, match="Nothing differs"):
        amended(sent, report(), at=november(5), by=NURSE, why="Again")
    with pytest.raises(Unprocessable, match="the same return"):
        amended(sent, replace(other, day=date(2025, 11, 4)), at=november(5), by=NURSE, why="x")


def test_a_day_rebuilt_from_its_history_is_what_was_sent() -> None:
    """Issue 4, accept 4, the pure part: what happened since changes nothing of that day."""
    sent = first(report(), at=NEXT_ELEVEN, by=NURSE)
    since = []
    for person in forty_two():
        if person.left is None:
            codes = {"method": "6", "destination": "19"}
            person = ended(person, "self-discharged", november(6), **codes).readiness
        since.append(person)
    assert differences(sent, report(everybody=since).counts) == {}


def test_who_leaves_at_the_stroke_of_midnight_is_counted_once_as_gone() -> None:
    """The day is 00:00 to 23:59:59: they were there all of the day before, and left on this one."""
    left = went("midnight", since=november(2), at=november(4))
    before, on = (sitrep([left], HOSPITAL, date(2025, 11, d)) for d in (3, 4))
    assert (before.count("remaining"), before.count("discharged")) == (1, 0)
    assert (on.count("not-meeting-criteria"), on.count("discharged-by-1700")) == (1, 1)
    assert sitrep([left], HOSPITAL, date(2025, 11, 5)).counts["not-meeting-criteria"] == 0
    assert reconciliation(on, before) == ()


def test_snapshot_due_and_late() -> None:
    """08:00 and 11:00 by the clock, in summer and in winter."""
    assert snapshot_at(date(2025, 10, 26)) == datetime(2025, 10, 26, 8, tzinfo=UTC)
    assert snapshot_at(date(2025, 10, 25)) == datetime(2025, 10, 25, 7, tzinfo=UTC)
    assert due_at(DAY) == NEXT_ELEVEN
    assert not is_late(first(report(), at=NEXT_ELEVEN, by=NURSE))
    assert is_late(first(report(), at=NEXT_ELEVEN + timedelta(minutes=1), by=NURSE))
    with pytest.raises(Unprocessable, match="not over yet"):
        first(report(), at=november(3, 23, 59), by=NURSE)


def test_each_who_was_ready_is_in_exactly_one_part() -> None:
    """DI-09: died, another hospital, needing the bed again; and a stay of another place in none."""
    gone = [
        ended(still("d", november(2)), "died", november(3, 4), method="4", destination="79"),
        ended(still("t", november(2)), "transferred", november(3, 5), method="1", destination="51"),
        ended(
            still("s", november(2)), "self-discharged", november(3, 2), method="6", destination="19"
        ),
    ]
    again = still("again", november(2))
    again = marked_meeting(
        again, review("oxygen", at=november(3, 10), spell="again", person="Patient/again")
    )
    elsewhere = replace(still("x", november(2)), hospital="OTHER")
    made = report(*(g.readiness for g in gone), again, elsewhere, everybody=[])
    assert made.named["died"] == ("d",) and made.named["transferred"] == ("t",)
    assert made.named["meets-again"] == ("again",)
    assert made.named["discharged"] == made.named["discharged-p0"] == ("s",)
    assert made.count("not-meeting-criteria") == 4 and reconciliation(made) == ()


def test_ready_and_needing_the_bed_and_ready_again_on_a_day_is_one_person() -> None:
    """Who is ready at the end of the day remains."""
    person = still("a", november(2))
    seen = {"spell": "a", "person": "Patient/a"}
    person = marked_meeting(person, review("oxygen", at=november(3, 10), **seen))
    person = ready(november(3, 17), before=person)
    made = report(person, everybody=[])
    assert made.named["not-meeting-criteria"] == made.named["remaining"] == ("a",)


def test_the_minute_of_five_o_clock_is_early() -> None:
    """By 17:00, and 17:01 to 23:59, as the return has it."""
    at_five = went("five", since=november(2), at=november(3, 17) + timedelta(seconds=59))
    after = went("after", since=november(2), at=november(3, 17, 1))
    made = report(at_five, after, everybody=[])
    assert made.named["discharged-by-1700"] == ("five",)
    assert made.named["discharged-after-1700"] == ("after",)


def test_who_needed_the_bed_all_day_or_left_the_day_before_is_not_counted() -> None:
    left = went("left", since=november(1, 10), at=november(2, 23, 59))
    assert report(stay(), left, everybody=[]).counts["not-meeting-criteria"] == 0
    assert report(still("later", november(4, 0, 1)), everybody=[]).counts["remaining"] == 0


def test_long_stays_are_counted_with_their_reasons() -> None:
    """7, 14 and 21 nights since admission; a reason is returned from the seventh."""
    stays = [
        still(f"n{nights}", november(2), admitted=november(3) - timedelta(days=nights))
        for nights in (6, 7, 14, 21)
    ]
    made = report(*stays, everybody=[])
    assert [made.count(f"remaining-{n}-days") for n in (7, 14, 21)] == [3, 2, 1]
    assert made.count("reason/medicines") == 3


def test_a_discharge_without_a_pathway_stops_the_return_by_name() -> None:
    """DI-09: the sum of the pathways is the discharged; the message says whom to look at."""
    odd = replace(went("odd", since=november(2), at=november(3, 12)), pathway=None)
    made = report(odd)
    assert [p.message for p in reconciliation(made)] == ["15 of 16 discharged have a pathway: odd"]
    with pytest.raises(Unprocessable, match="have a pathway: odd"):
        first(made, at=NEXT_ELEVEN, by=NURSE)


def test_yesterdays_copy_and_somebody_twice_are_found_out() -> None:
    """domain.md 10.2b."""
    made = report()
    copy = replace(made, day=date(2025, 11, 4))
    assert "is this yesterday's list?" in reconciliation(copy, made)[0].message
    twice = report(still("still-1", november(2)))
    assert "counted twice" in reconciliation(twice)[0].message


LIFE = st.tuples(st.integers(0, 100), st.integers(0, 100), st.sampled_from("0123"), st.booleans())


@given(lives=st.lists(LIFE, max_size=12), day=st.integers(1, 8))
def test_parts_make_the_whole_on_any_day(lives: list[tuple[int, int, str, bool]], day: int) -> None:
    """DI-09 for any people: discharged, remaining, died, transferred, again; pathways make up."""
    people = []
    for number, (hours, more, pathway, leaves) in enumerate(lives):
        since = november(1, 10) + timedelta(hours=hours)
        if leaves:
            at = since + timedelta(hours=more)
            people.append(went(f"p{number}", since=since, at=at, pathway=pathway))
        else:
            people.append(still(f"p{number}", since))
    assert reconciliation(sitrep(people, HOSPITAL, date(2025, 11, day))) == ()
