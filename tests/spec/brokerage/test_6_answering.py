"""Brokerage, chapter 6. A provider answers: yes and when, no and why, by hand or by phone link."""

from datetime import timedelta

import pytest

from joinedup import record
from joinedup.brokerage.actions import Sent, free_lapsed, hold, offer_to
from joinedup.brokerage.answers import own_offers, say_no, say_yes
from joinedup.brokerage.links import answers_as, hash_of, new_secret, offer_behind
from joinedup.brokerage.queries import matches_of, placement_of, placements
from joinedup.brokerage.rules.figures import to_first_offer
from joinedup.brokerage.rules.placing import REASONS
from joinedup.fhir.issue import Conflict, NotFound, NotPermitted, Unprocessable
from joinedup.fhir.profiles import referral
from joinedup.record.slots import held_slots
from tests.spec.brokerage.scene import ELLIS, EVENING, HOLT, MARTIN, NOW, NOWAK, sought
from tests.spec.record.place import PLACE

pytestmark = pytest.mark.usefixtures("scene")
TONIGHT = NOW + timedelta(hours=8)
SOON = NOW + timedelta(minutes=10)


def held(person: str = "joyce") -> Sent:
    return hold(NOWAK, sought(person).id, EVENING, now=NOW)


def hub_state(person: str = "joyce") -> str:
    kept = record.read(PLACE, "Task", referral.answer_id(f"asked-{person}"))
    return referral.read_answer(kept.resource).state


def test_a_yes_says_when_and_keeps_the_start() -> None:
    sent = held()
    kept = say_yes(HOLT, sent.kept.id, "o1", starts=TONIGHT, now=SOON).placement
    assert (kept.state, kept.slot, kept.held_until) == ("accepted-offer", EVENING, None)
    assert kept.accepted is not None and kept.accepted.starts == TONIGHT
    assert kept.accepted.answered_by == HOLT.worker and hub_state() == "accepted-offer"
    assert free_lapsed(NOW + timedelta(days=3)) == 0


def test_a_no_keeps_the_wish_open_with_its_reason_and_the_next_is_matched_at_once() -> None:
    """9.9, 8: double-handed; and the median time to an offer is told with of how many."""
    asked = sought()
    sent = hold(NOWAK, asked.id, EVENING, now=SOON)
    after = say_no(HOLT, sent.kept.id, "o1", reason="two-carers", words="", now=SOON).placement
    assert after.state == hub_state() == "package-sought" and after.slot == ""
    assert (after.offers[0].state, after.offers[0].reason) == ("declined", "two-carers")
    assert after.reason == "Declined: Two carers are needed, and we have one."
    next_one = matches_of(NOWAK, after, SOON).free[0]
    assert next_one.provider.name == "Harbour Care"
    assert held_slots(NOWAK, [EVENING]) == {}
    sought("ray")
    figure = to_first_offer(k.placement for k in placements(NOWAK))
    assert (figure.median, figure.of, figure.waiting) == (timedelta(minutes=10), 1, 1)


def test_who_declined_is_not_asked_again_for_the_same_wish() -> None:
    sent = held()
    after = say_no(HOLT, sent.kept.id, "o1", reason="area", words="", now=SOON).placement
    assert {m.start.provider for m in matches_of(NOWAK, after, SOON).free} == {"VZ902", "VZ903"}


@pytest.mark.parametrize(
    ("reason", "words", "told"),
    [("", "", "Choose why"), ("busy", "", "Choose why"), ("other", "no", "in a few words")],
)
def test_every_no_has_a_coded_reason(reason: str, words: str, told: str) -> None:
    """9.8: refused by provider with no reason."""
    sent = held()
    with pytest.raises(Unprocessable, match=told):
        say_no(HOLT, sent.kept.id, "o1", reason=reason, words=words, now=SOON)
    assert "two-carers" in REASONS and len(REASONS) == 5


def test_the_first_yes_takes_its_own_start_and_the_others_are_told() -> None:
    sent = offer_to(NOWAK, sought().id, [EVENING, "hb-tomorrow"], now=NOW)
    say_yes(HOLT, sent[0].kept.id, "o1", starts=TONIGHT, now=SOON)
    assert list(held_slots(NOWAK, [EVENING, "hb-tomorrow"])) == [EVENING]
    with pytest.raises(Conflict, match="answered or over"):
        say_yes(MARTIN, sent[0].kept.id, "o2", starts=TONIGHT, now=SOON)


def test_a_yes_to_what_somebody_else_holds_by_now_is_refused() -> None:
    """An offer without a hold promises nothing: the claim decides at the yes."""
    open_offer = offer_to(NOWAK, sought().id, [EVENING], now=NOW)[0]
    held("ray")
    with pytest.raises(Conflict, match="holds this start"):
        say_yes(HOLT, open_offer.kept.id, "o1", starts=TONIGHT, now=SOON)
    assert placement_of(NOWAK, open_offer.kept.id).placement.accepted is None


def test_an_answer_comes_in_time_and_is_still_to_come() -> None:
    sent = held()
    with pytest.raises(Unprocessable, match="still to come"):
        say_yes(HOLT, sent.kept.id, "o1", starts=NOW, now=SOON)
    with pytest.raises(Unprocessable, match="within 90 days"):
        say_yes(HOLT, sent.kept.id, "o1", starts=NOW + timedelta(days=91), now=SOON)
    with pytest.raises(Conflict, match="time to answer"):
        say_yes(HOLT, sent.kept.id, "o1", starts=TONIGHT, now=NOW + timedelta(hours=2))


def test_a_provider_sees_its_own_offers_and_no_other() -> None:
    sent = offer_to(NOWAK, sought().id, [EVENING, "hb-tomorrow"], now=NOW)
    held("ray")
    assert [o.slot for _, o in own_offers(HOLT)] == [EVENING, EVENING]
    assert [o.slot for _, o in own_offers(MARTIN)] == ["hb-tomorrow"]
    with pytest.raises(NotFound):
        say_no(MARTIN, sent[0].kept.id, "o1", reason="area", words="", now=SOON)
    with pytest.raises(NotPermitted):
        own_offers(ELLIS)
    with pytest.raises(NotFound):
        record.read(HOLT, "Task", sent[0].kept.id)


def test_a_link_answers_one_offer_and_only_its_hash_is_kept() -> None:
    sent = held()
    body = record.read(PLACE, "Task", sent.kept.id).body
    assert sent.secret not in body and hash_of(sent.secret) in body
    linked = offer_behind(sent.secret, SOON)
    assert (linked.kept.id, linked.offer.id) == (sent.kept.id, "o1")
    own = answers_as(linked.offer.provider)
    kept = say_yes(own, linked.kept.id, "o1", starts=TONIGHT, now=SOON).placement
    assert kept.accepted is not None and kept.accepted.answered_by == "Organization/VZ901"
    assert offer_behind(sent.secret, NOW + timedelta(hours=5)).offer.state == "accepted"


def test_a_link_that_is_wrong_or_over_tells_nothing() -> None:
    """The same words for both; and no other link leads to the same offer."""
    sent = held()
    for wrong in (new_secret(), "", "x" * 32, sent.secret[:-1], sent.secret + "a", "../o1"):
        with pytest.raises(NotFound, match="leads nowhere"):
            offer_behind(wrong, SOON)
    with pytest.raises(NotFound, match="leads nowhere"):
        offer_behind(sent.secret, NOW + timedelta(hours=2))
    say_yes(HOLT, sent.kept.id, "o1", starts=TONIGHT, now=SOON)
    with pytest.raises(NotFound, match="leads nowhere"):
        offer_behind(sent.secret, TONIGHT + timedelta(hours=24))
