"""Going home, chapter 16. A referral goes through the hub, and the ward sees it without asking."""

from typing import Any

import pytest

from joinedup.discharge.rules.endings import ended
from joinedup.discharge.rules.hub import (
    referred,
    sent,
    sent_back,
    taken_on,
)
from joinedup.discharge.rules.sitrep import sitrep
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.fhir.profiles.referral import HubAnswer, Need, Referral, build, held
from joinedup.fhir.profiles.referral_states import answered, followed
from tests.spec.discharge.stays import (
    COORDINATOR,
    HOSPITAL,
    HUB,
    NURSE,
    PERSON,
    SPELL,
    november,
    now_waits,
    on_pathway,
    ready,
)


def asked(**changes: Any) -> Referral:
    said = {
        "person": PERSON,
        "spell": SPELL,
        "purpose": "help-at-home",
        "needs": (Need("washing", "Needs one person to help her wash"),),
        "hospital": HOSPITAL,
        "hub": HUB,
        "asked_by": NURSE,
        "asked_at": november(4),
    }
    return Referral(**(said | changes))


def through(*acts: str) -> HubAnswer:
    """A hub's answer after acts, a reason with each."""
    _, answer = sent(asked(), "r-1")
    for number, act in enumerate(acts):
        at = november(4, 10 + number)
        answer = answered(answer, act, at=at, by=COORDINATOR, reason="Said with a reason")
    return answer


def waiting() -> Readiness:
    """Ready since the 3rd, pathway 1, and nobody has told the hub."""
    return now_waits(on_pathway("1", november(3)), "hub-referral", november(3, 10), HOSPITAL)


def test_sending_it_ends_the_wait_to_be_referred() -> None:
    """DI-03: from then on it is the hub that is waited for, and the board says so."""
    standing = referred(waiting(), asked(), by=COORDINATOR)
    assert standing.state == "referred" and standing.delay is not None
    assert (standing.delay.reason, standing.delay.owner) == ("hub-confirmation", HUB)
    assert standing.delays[-2].ended_by == "hub-sent"


def test_when_the_hub_accepts_nobody_has_to_clear_anything() -> None:
    """DI-03."""
    standing = taken_on(referred(waiting(), asked(), by=COORDINATOR), through("accept"), by=NURSE)
    assert standing.state == "accepted-by-hub" and standing.delay is not None
    assert (standing.delay.reason, standing.delay.since) == ("hub-needs", november(4, 10))
    with pytest.raises(Unprocessable, match="has not accepted"):
        taken_on(referred(waiting(), asked(), by=COORDINATOR), through("receive"), by=NURSE)


def test_a_referral_that_prescribes_is_not_sent_and_none_is_sent_twice() -> None:
    with pytest.raises(Unprocessable, match="not what is needed"):
        sent(asked(needs=(Need("washing", "QDS double-up please"),)), "r")
    gone, answer = sent(asked(), "r-1")
    assert (gone.state, answer.state, answer.referral) == ("sent", "sent", "r-1")
    with pytest.raises(Unprocessable, match="cannot follow “sent”"):
        sent(gone, "r-1")


@pytest.mark.parametrize("act", ["reject", "ask", "cancel"])
def test_a_no_has_a_reason(act: str) -> None:
    """9.8: “refused” with no reason helps nobody."""
    with pytest.raises(Unprocessable, match="Say w"):
        answered(through("receive"), act, at=november(5), by=COORDINATOR, reason=" no ")
    assert answered(
        through("receive"), act, at=november(5), by=COORDINATOR, reason="Lives in another county"
    ).reason


def test_answers_follow_the_table_and_the_clock() -> None:
    with pytest.raises(Unprocessable, match="cannot follow “rejected”"):
        through("reject", "accept")
    with pytest.raises(Unprocessable, match="before what was answered last"):
        answered(through("receive"), "accept", at=november(3), by=COORDINATOR)


def test_a_referral_sent_back_leaves_the_pathway_and_frees_the_claim() -> None:
    """Another can then be sent; the wait goes on until somebody says for what."""
    standing = referred(waiting(), asked(), by=COORDINATOR)
    no = through("reject")
    back = sent_back(standing, no)
    assert back.state == "pathway-decided" and back.pathway == standing.pathway
    assert back.ready is not None and back.delay == standing.delay
    gone, _ = sent(asked(), "r-1")
    assert held(build(gone, "r-1")) and held(build(followed(gone, no), "r-1")) == ()
    with pytest.raises(Unprocessable, match="has not sent the referral back"):
        sent_back(standing, through("accept"))


def test_a_referral_is_of_this_stay_and_of_a_pathway_that_needs_a_hub() -> None:
    with pytest.raises(Unprocessable, match="another stay"):
        referred(waiting(), asked(spell="other"), by=COORDINATOR)
    with pytest.raises(Unprocessable, match="On pathway 0 no hub is needed"):
        referred(on_pathway("0", november(3)), asked(), by=COORDINATOR)
    with pytest.raises(Unprocessable, match="cannot follow “ready”"):
        referred(ready(november(3)), asked(), by=COORDINATOR)


def test_a_transfer_of_somebody_on_pathway_2_is_no_discharge() -> None:
    """DI-09: by what happened, not by a code that both may have."""
    standing = on_pathway("2", november(3))
    gone = ended(standing, "transferred", november(4), method="1", destination="51").readiness
    made = sitrep([gone], HOSPITAL, november(4).date())
    assert made.counts["transferred"] == 1 and made.counts["discharged"] == 0
