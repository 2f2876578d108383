"""Going home, chapter 6. A ward describes needs and never prescribes a package (domain.md 9.1)."""

import pytest

from joinedup.discharge.rules.referral import MOST_NEEDS, need_problems, ready_to_send
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.profiles.referral import Need, Referral, build, held
from tests.spec.discharge.stays import HOSPITAL, HUB, NURSE, PERSON, SPELL, november


def referral(*needs: Need, state: str = "sent") -> Referral:
    return Referral(
        person=PERSON,
        spell=SPELL,
        purpose="help-at-home",
        needs=needs,
        hospital=HOSPITAL,
        hub=HUB,
        asked_by=NURSE,
        asked_at=november(3),
        state=state,
    )


def messages(words: str, area: str = "washing") -> str:
    needs = (Need(area, words),)
    return " ".join(p.message for p in need_problems(needs, referral(*needs)))


@pytest.mark.parametrize(
    "words",
    [
        "QDS double-up",
        "bd carers",
        "Four calls a day",
        "2 visits daily",
        "needs 1 visit per week",
        "Double handed for transfers",
        "28 hours a week of support",
        "Needs a package of care",
        "POC to restart with more",
        "24 hour care",
        "Needs a nursing home",
        "Placement needed",
        "For reablement please",
        "live-in carer",
    ],
)
def test_a_prescription_is_sent_back_with_what_to_write(words: str) -> None:
    """The hub and the person decide how a need is met."""
    said = messages(words)
    assert "says what to provide, not what is needed" in said
    assert said.endswith(".") and ": " in said


@pytest.mark.parametrize(
    "words",
    [
        "Needs one person to help wash and dress her legs and feet",
        "Needs two people to move safely from bed to chair",
        "Gets up once in the night and needs somebody within call",
        "Takes medicines four times a day and forgets the evening ones",
        "His daughter visits in the mornings and cannot lift",
        "Lives in a care home, where they know how he likes to be moved",
        "Cannot yet carry a hot drink",
    ],
)
def test_a_need_in_plain_words_is_sent(words: str) -> None:
    assert messages(words) == ""


def test_a_referral_without_needs_is_none() -> None:
    with pytest.raises(Unprocessable, match="Say what they need help with"):
        ready_to_send(referral())
    many = (Need("washing", "Needs help to wash"),) * (MOST_NEEDS + 1)
    with pytest.raises(Unprocessable, match="At most 20"):
        ready_to_send(referral(*many))


def test_every_need_is_in_an_area_and_says_something() -> None:
    assert "is no area of daily life" in messages("Needs help to wash", area="social")
    assert "Describe the need" in messages("help")
    assert "Describe the need" in messages("x" * 501)


def test_each_need_is_answered_for_by_its_place() -> None:
    """Several are wrong at once: each is named."""
    needs = (Need("washing", "QDS carers"), Need("night", "Awake at night"), Need("food", "TDS"))
    found = need_problems(needs, referral(*needs))
    assert {p.path for p in found} == {"ServiceRequest.extension[0]", "ServiceRequest.extension[2]"}


def test_a_good_referral_is_itself() -> None:
    good = referral(Need("moving", "Walks 20 metres with a frame and one person beside her"))
    assert ready_to_send(good) == good


def test_one_is_open_a_stay_and_purpose() -> None:
    """A second is refused by the record's key, not by looking first (house.md, law 3)."""
    need = Need("washing", "Needs help to wash")
    assert held(build(referral(need), "a")) == ("active-referral/spell-1/help-at-home",)
    assert held(build(referral(need), "b")) == held(build(referral(need), "a"))
    for over in ("started", "rejected", "cancelled"):
        assert held(build(referral(need, state=over), "a")) == ()
    assert held({"resourceType": "ServiceRequest", "status": "active"}) == ()
