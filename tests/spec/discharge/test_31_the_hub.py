"""Going home, chapter 31. One referral a stay, described in needs; the hub's answers arrive.

Through the acts of the pages, in the record (domain.md 9.1, 9.2, DI-03).
"""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from joinedup.discharge.actions import choose_pathway
from joinedup.discharge.answering import answer, possible_acts
from joinedup.discharge.hub_queries import hub_lines
from joinedup.discharge.referring import (
    HELP,
    NeedsWish,
    answer_hub,
    keep_draft,
    refer,
)
from joinedup.discharge.rules.pathway import OWN_HOME, Going
from joinedup.discharge.withdrawing import withdraw
from joinedup.fhir.issue import Conflict, NotPermitted, Refusal, Stale, Unprocessable
from joinedup.fhir.profiles.referral import Need
from joinedup.record.cluster import Urls
from tests.spec.discharge import ward
from tests.spec.discharge.stays import november
from tests.spec.discharge.ward import BROKER, COORDINATOR, NURSE, made_ready, seen, stands
from tests.spec.record.place import COUNCIL, HOSPITAL

NEW_HELP = Going(place=OWN_HOME, lives_there=True, new_care=True)
WASHING = Need("washing", "Needs one person to help her wash in the morning")
WISH = NeedsWish(purpose=HELP, needs=(WASHING,), hub=COUNCIL)
PRESCRIBED = NeedsWish(
    purpose=HELP, needs=(Need("washing", "Needs a QDS package of care"),), hub=COUNCIL
)


@pytest.fixture(autouse=True)
def _on_pathway_1(record_database: Urls) -> None:
    assert record_database.application
    ward.build_ward(november(1))
    made_ready(november(3))
    choose_pathway(NURSE, seen(), NEW_HELP, now=november(3, 10))


def sent() -> str:
    """Send her needs; the referral's id."""
    return refer(NURSE, seen(), WISH, token=uuid4().hex, now=november(3, 11)).id


def hub_does(act: str, hour: int, reason: str = "") -> None:
    """The hub answers the last referral."""
    one = ward.the_referral(COORDINATOR)
    answer(COORDINATOR, one.id, one.answer_version, act, reason=reason, now=november(3, hour))


def test_a_prescribed_package_is_refused_and_kept_as_a_draft() -> None:
    with pytest.raises(Unprocessable, match="says what to provide, not what is needed"):
        refer(NURSE, seen(), PRESCRIBED, token="a", now=november(3, 11))
    keep_draft(NURSE, ward.SPELL, PRESCRIBED, token="a", now=november(3, 11))
    draft = ward.the_referral()
    assert (draft.referral.state, draft.answer) == ("draft", None)
    assert ward.tasks("hub-referral") == []
    better = NeedsWish(
        purpose=HELP, needs=(WASHING,), hub=COUNCIL, draft=draft.id, draft_version=draft.version
    )
    refer(NURSE, seen(), better, token="b", now=november(3, 12))
    assert ward.the_referral().referral.state == "sent"
    assert stands().state == "referred"


def test_one_referral_is_open_a_stay_and_purpose_and_of_eight_one_is_sent() -> None:
    """9.2, by threads: the claim decides; how she stands is that of the one that won."""
    before = seen()

    def send(number: int) -> str:
        try:
            refer(NURSE, before, WISH, token=f"{number}" * 8, now=november(3, 11))
        except (Conflict, Stale) as refused:
            return type(refused).__name__
        return "sent"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert answers.count("sent") == 1
    assert len(ward.tasks("hub-referral")) == 1
    assert stands().state == "referred"
    with pytest.raises((Conflict, Unprocessable)):
        refer(NURSE, seen(), WISH, token="z", now=november(3, 12))


def test_of_six_drafts_at_once_one_is_kept() -> None:
    def keep(number: int) -> str:
        try:
            keep_draft(NURSE, ward.SPELL, WISH, token=f"{number}", now=november(3, 11))
        except Refusal as refused:
            return str(refused)
        return "kept"

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(keep, range(6)))
    assert answers.count("kept") == 1
    assert sum("open referral for that already" in said for said in answers) == 5


def test_di_03_the_reason_changes_by_itself_and_the_owner_is_who_has_it() -> None:
    """Waiting to be referred (the ward's), then for the hub to have it, then for its answer."""
    owners = [(d.reason, d.owner) for d in stands().delays]
    assert owners == [("hub-referral", HOSPITAL)]
    sent()
    hub_does("receive", 12)
    hub_does("accept", 13)
    history = [(d.reason, d.owner, d.ended_by) for d in stands().delays]
    assert history == [
        ("hub-referral", HOSPITAL, "hub-sent"),
        ("hub-confirmation", COUNCIL, "hub-accepted"),
        ("hub-needs", COUNCIL, ""),
    ]
    assert stands().state == "accepted-by-hub"


def test_more_is_asked_and_the_ward_answers() -> None:
    referral = sent()
    hub_does("receive", 12)
    with pytest.raises(Unprocessable, match="Say what the ward is asked"):
        hub_does("ask", 12)
    hub_does("ask", 12, "Is there a step into the house?")
    one = ward.the_referral()
    with pytest.raises(Unprocessable, match="Write the answer"):
        answer_hub(NURSE, referral, one.answer_version, " ", now=november(3, 13))
    answer_hub(NURSE, referral, one.answer_version, "One step, with a rail", now=november(3, 13))
    assert ward.the_referral().answer.state == "received"
    with pytest.raises(Stale):
        answer_hub(NURSE, referral, one.answer_version, "Two steps", now=november(3, 14))


def test_sent_back_with_a_reason_another_can_be_sent() -> None:
    sent()
    with pytest.raises(Unprocessable, match="Say why the hub cannot take this on"):
        hub_does("reject", 12)
    hub_does("reject", 12, "She lives in another county: ask Wexby.")
    assert stands().state == "pathway-decided"
    sent()
    assert stands().state == "referred"


def test_a_trusted_assessor_sees_her_and_what_cannot_follow_is_refused() -> None:
    sent()
    hub_does("accept", 12)
    hub_does("assess", 13)
    assert [act for act, _ in possible_acts(ward.the_referral())] == ["ask"]
    with pytest.raises(Unprocessable, match="cannot follow"):
        hub_does("accept", 14)


def test_a_referral_that_is_not_needed_is_withdrawn() -> None:
    referral = sent()
    with pytest.raises(Unprocessable, match="Say why it is no longer needed"):
        withdraw(NURSE, seen(), referral, "", now=november(3, 12))
    withdraw(NURSE, seen(), referral, "Her family has arranged it", now=november(3, 12))
    assert ward.status("ServiceRequest", referral) == "revoked"
    assert stands().state == "pathway-decided"


def test_pathway_0_after_all_cancels_what_was_sent_and_another_way_keeps_it() -> None:
    """Decided again while the hub has it: it goes on, and nobody sends it twice."""
    sent()
    recover = Going(place="temporary", lives_there=False, new_care=True, to_recover=True)
    choose_pathway(NURSE, seen(), recover, why="She cannot manage the stairs", now=november(3, 12))
    assert stands().state == "referred"
    nothing_new = Going(place=OWN_HOME, lives_there=True, new_care=False)
    with pytest.raises(Unprocessable, match="say why"):
        choose_pathway(NURSE, seen(), nothing_new, now=november(3, 13))
    choose_pathway(NURSE, seen(), nothing_new, why="She walks again", now=november(3, 13))
    one = ward.the_referral()
    assert (one.referral.state, one.answer.state, stands().state) == (
        "cancelled",
        "cancelled",
        "pathway-decided",
    )


def test_the_hub_reads_its_list_and_only_a_coordinator_answers() -> None:
    referral = sent()
    (line,) = hub_lines(BROKER)
    assert (line.answer.referral, line.name, line.answer.state) == (
        referral,
        "Joyce Hallam",
        "sent",
    )
    one = ward.the_referral()
    with pytest.raises(NotPermitted, match="answers for the hub"):
        answer(BROKER, referral, one.answer_version, "accept", now=november(3, 12))
    hub_does("reject", 12, "She lives in another county")
    assert hub_lines(COORDINATOR) == ()
    assert [x.answer.state for x in hub_lines(COORDINATOR, over=True)] == ["rejected"]
