"""Brokerage, chapter 5. Holding a start: two can never both have it, and it ends (DI-05)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from joinedup import record
from joinedup.brokerage.actions import free_lapsed, hold, let_go, offer_to
from joinedup.brokerage.queries import KeptPlacement, matches_of, placement_of
from joinedup.fhir.issue import Conflict, NotPermitted, Refusal, Stale, Unprocessable
from joinedup.fhir.profiles import referral
from joinedup.record.slots import held_slots
from joinedup.record.verify import verify
from tests.spec.brokerage.scene import ELLIS, EVENING, HOLT, NOW, NOWAK, sought
from tests.spec.record.place import NURSE, PLACE

pytestmark = pytest.mark.usefixtures("scene")
HOUR = timedelta(hours=1)


def test_a_hold_is_offered_to_its_provider_and_ends_in_two_hours() -> None:
    """The placement, the offer and where the referral stands change in one commit."""
    asked = sought()
    sent = hold(NOWAK, asked.id, EVENING, now=NOW)
    kept = placement_of(ELLIS, asked.id).placement
    assert (kept.state, kept.slot, kept.held_until) == ("offers", EVENING, NOW + 2 * HOUR)
    assert [(o.provider, o.state) for o in kept.offers] == [("VZ901", "open")]
    assert sent.provider == "Kingfisher Home Care" and len(sent.secret) == 32
    hub = record.read(NOWAK, "Task", referral.answer_id("asked-joyce")).resource
    assert referral.read_answer(hub).state == "offers"


def test_who_comes_second_is_told_so_with_the_next_three() -> None:
    """9.9, 6: exactly one succeeds; the other sees the next offers, best rated first."""
    mine, theirs = sought(), sought("ray")
    hold(NOWAK, mine.id, EVENING, now=NOW)
    with pytest.raises(Conflict) as refused:
        hold(ELLIS, theirs.id, EVENING, now=NOW)
    said = [p.message for p in refused.value.problems]
    assert said == [
        "Somebody else took this start first. Nothing was saved.",
        "Next: Harbour Care, Wednesday 17 January at 18:00.",
        "Next: Kingfisher Home Care, Tuesday 16 January at 19:00.",
    ]
    assert placement_of(NOWAK, theirs.id).placement.offers == ()
    assert hold(ELLIS, theirs.id, "hb-tomorrow", now=NOW).provider == "Harbour Care"


def test_of_many_who_ask_at_once_one_holds_and_the_rest_are_told() -> None:
    """DI-05, with threads: the primary key decides, and never a look beforehand."""
    asked = [sought(person) for person in ("joyce", "ray", "ann")]

    def ask(kept: KeptPlacement) -> str:
        try:
            return hold(NOWAK, kept.id, EVENING, now=NOW).provider
        except Conflict as refusal:
            return refusal.problems[1].message

    with ThreadPoolExecutor(3) as many:
        told = sorted(many.map(ask, asked))
    assert told.count("Kingfisher Home Care") == 1
    assert sum(one.startswith("Next: Harbour Care") for one in told) == 2
    assert list(held_slots(NOWAK, [EVENING])) == [EVENING]
    assert verify().listed == ()


def test_a_hold_that_ran_out_is_freed_by_whoever_asks_next() -> None:
    """And what it was for is looked for again, with nobody's word needed."""
    mine, theirs = sought(), sought("ray")
    hold(NOWAK, mine.id, EVENING, now=NOW)
    late = NOW + 2 * HOUR
    with pytest.raises(Conflict):
        hold(ELLIS, theirs.id, EVENING, now=late - timedelta(seconds=1))
    hold(ELLIS, theirs.id, EVENING, now=late)
    before = placement_of(NOWAK, mine.id).placement
    assert (before.state, before.slot) == ("package-sought", "")
    assert before.offers[0].state == "lapsed" and before.reason == "Nobody answered in time."


def test_the_job_frees_what_ran_out_once() -> None:
    mine = sought()
    hold(NOWAK, mine.id, EVENING, now=NOW)
    assert free_lapsed(NOW + HOUR) == 0
    assert free_lapsed(NOW + 2 * HOUR) == 1
    assert free_lapsed(NOW + 2 * HOUR) == 0
    assert held_slots(NOWAK, [EVENING]) == {}


def test_another_hold_of_the_same_placement_lets_the_first_go() -> None:
    mine = sought()
    hold(NOWAK, mine.id, EVENING, now=NOW)
    hold(NOWAK, mine.id, "hb-tomorrow", now=NOW)
    kept = placement_of(NOWAK, mine.id).placement
    assert kept.slot == "hb-tomorrow" and [o.state for o in kept.offers] == ["withdrawn", "open"]
    assert held_slots(NOWAK, [EVENING]) == {}


def test_several_can_be_offered_without_a_hold() -> None:
    mine = sought()
    sent = offer_to(NOWAK, mine.id, [EVENING, "hb-tomorrow"], now=NOW)
    assert [s.provider for s in sent] == ["Kingfisher Home Care", "Harbour Care"]
    assert len({s.secret for s in sent}) == 2
    assert held_slots(NOWAK, [EVENING, "hb-tomorrow"]) == {}
    with pytest.raises(Conflict, match="is offered already"):
        offer_to(NOWAK, mine.id, [EVENING], now=NOW)
    with pytest.raises(Unprocessable, match="Choose at least one"):
        offer_to(NOWAK, mine.id, [], now=NOW)


def test_an_offer_that_fell_through_frees_its_start() -> None:
    mine = sought()
    hold(NOWAK, mine.id, EVENING, now=NOW)
    with pytest.raises(Unprocessable, match="Say why"):
        let_go(NOWAK, mine.id, reason="no", now=NOW)
    let_go(NOWAK, mine.id, reason="Her daughter takes her home", now=NOW)
    assert held_slots(NOWAK, [EVENING]) == {}
    assert EVENING in [
        m.start.id for m in matches_of(NOWAK, placement_of(NOWAK, mine.id).placement, NOW).free
    ]


@pytest.mark.parametrize("who", [NURSE, HOLT])
def test_only_who_finds_care_holds(who: object) -> None:
    mine = sought()
    with pytest.raises(Refusal):
        hold(who, mine.id, EVENING, now=NOW)  # type: ignore[arg-type]  # a permit
    assert held_slots(PLACE, [EVENING]) == {}


def test_what_is_held_is_told_to_who_finds_care_or_gives_it() -> None:
    """It names nobody; a nurse has no use for it."""
    hold(NOWAK, sought().id, EVENING, now=NOW)
    assert held_slots(HOLT, [EVENING, "kf-later"]) == {EVENING: NOW + 2 * HOUR}
    with pytest.raises(NotPermitted):
        held_slots(NURSE, [EVENING])


def test_a_page_that_is_old_changes_nothing() -> None:
    mine = sought()
    hold(NOWAK, mine.id, EVENING, now=NOW)
    with pytest.raises(Stale):
        hold(ELLIS, mine.id, "hb-tomorrow", now=NOW, version=mine.version)
