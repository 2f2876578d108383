"""Going home, chapter 15. The board: a line a person, the longest past their chase-by first."""

from msgspec.structs import replace

from joinedup.discharge.rules.board import STATE_WORDS, board, line_of, tally
from joinedup.discharge.rules.ready_date import marked_meeting
from joinedup.discharge.rules.states import WAY_HOME
from joinedup.fhir.profiles.readiness import Check, Readiness
from tests.spec.discharge.stays import (
    COORDINATOR,
    COUNCIL,
    november,
    now_waits,
    on_pathway,
    ready,
    review,
    stay,
    went,
)

NOW = november(10, 10)


def waiting(spell: str, day: int, reason: str = "medicines") -> Readiness:
    return ready(november(day), reason=reason, before=stay(spell=spell, person=f"Patient/{spell}"))


def test_a_line_says_what_is_said_at_the_board() -> None:
    standing = now_waits(on_pathway("1", november(3)), "p1-care-none", november(9, 11))
    line = line_of(standing, "w7-12", NOW)
    assert (line.place, line.pathway, line.days, line.days_before) == ("w7-12", "1", 7, 0)
    assert line.words == "Waiting to go home: pathway decided"
    assert (line.reason, line.owner) == ("No care at home is free", COUNCIL)
    assert line.chase_by == november(10, 11) and not line.is_late
    assert "Who pays" in line.waits and line.ready == november(3).date()


def test_somebody_who_needs_the_bed_again_waits_for_nothing_and_keeps_their_days() -> None:
    again = marked_meeting(ready(november(3)), review("oxygen", at=november(5)))
    line = line_of(again, "", NOW)
    assert (line.days, line.days_before, line.ready, line.waits) == (0, 2, None, ())
    second = line_of(ready(november(8), before=again), "", NOW)
    assert (second.days, second.days_before) == (2, 2)


def test_the_order_is_the_same_for_everybody() -> None:
    """Late chases first, then the longest wait, then the bed; who has left is not there."""
    people = [
        replace(waiting("new", 9), spell="new"),
        now_waits(waiting("chased", 2), "transport", november(10)),
        waiting("late", 5),
        stay(spell="fresh"),
        went("gone", since=november(2), at=november(3)),
    ]
    lines = board(people, {"fresh": "b-1"}, NOW)
    assert [line.spell for line in lines] == ["late", "new", "chased", "fresh"]
    assert [line.is_late for line in lines] == [True, True, False, False]
    assert board(reversed(people), {"fresh": "b-1"}, NOW) == lines


def test_bars_of_reasons_are_the_board_added_up() -> None:
    """By reason and owner; nobody is in two bars, nobody who waits in none."""
    people = [waiting("a", 3), waiting("b", 5), waiting("c", 4, "transport"), stay(spell="d")]
    lines = board(people, {}, NOW)
    bars = tally(lines)
    assert [(b.reason, b.people, b.days) for b in bars] == [
        ("Waiting for medicines to take home or the discharge letter", 2, 12),
        ("Waiting for transport", 1, 6),
    ]
    assert sum(b.days for b in bars) == sum(line.days for line in lines)


def test_what_is_arranged_is_no_longer_waited_for() -> None:
    standing = replace(
        on_pathway("0", november(3)),
        checks=(Check(kind="transport", state="done", by=COORDINATOR, at=november(4)),),
    )
    assert "Transport" not in line_of(standing, "", NOW).waits


def test_every_state_has_words_for_a_page() -> None:
    """And none of them is “bed blocker”, “fit” or an abbreviation."""
    assert set(STATE_WORDS) == set(WAY_HOME.states)
    assert all(words[0].isupper() and "NCTR" not in words for words in STATE_WORDS.values())
