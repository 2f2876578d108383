"""Going home, chapter 32. However a stay ends, everything that hung on it follows in one commit.

domain.md 9.2, 9.9 no. 11; 3.6 example 3 (CP-05).
"""

import pytest

from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.discharge.actions import choose_pathway
from joinedup.discharge.answering import answer
from joinedup.discharge.ending import Leaving, come_back, end_otherwise, leave
from joinedup.discharge.following import follows
from joinedup.discharge.holding import hold_help
from joinedup.discharge.referring import HELP, NeedsWish, refer
from joinedup.discharge.rules.pathway import OWN_HOME, Going
from joinedup.fhir.issue import NotPermitted, Unprocessable
from joinedup.fhir.profiles import spell
from joinedup.fhir.profiles.referral import Need
from joinedup.record import Update
from joinedup.record.cluster import Urls
from tests.spec.discharge import ward
from tests.spec.discharge.stays import november
from tests.spec.discharge.ward import CARE, COORDINATOR, NURSE, made_ready, seen, stands
from tests.spec.record.place import COUNCIL, HOSPITAL, PLACE, PRACTICE, put

NEW_HELP = Going(place=OWN_HOME, lives_there=True, new_care=True)
AS_BEFORE = Going(place=OWN_HOME, lives_there=True, new_care=False)
NEEDS = (Need("washing", "Needs one person to help her wash in the morning"),)
HL7 = system_permit("hl7", HOSPITAL)


@pytest.fixture(autouse=True)
def _ward(record_database: Urls) -> None:
    assert record_database.application
    ward.build_ward(november(1))


def with_the_hub() -> str:
    """Joyce on pathway 1, her needs accepted by the hub; the referral's id."""
    made_ready(november(3))
    choose_pathway(NURSE, seen(), NEW_HELP, now=november(3, 10))
    wish = NeedsWish(purpose=HELP, needs=NEEDS, hub=COUNCIL)
    made = refer(NURSE, seen(), wish, token="f" * 32, now=november(3, 11))
    one = ward.the_referral()
    answer(COORDINATOR, made.id, one.answer_version, "accept", now=november(3, 12))
    return made.id


def test_9_9_11_of_her_own_accord_at_two_in_the_morning() -> None:
    """Hub and provider told within five minutes, and nobody calls expecting a plan."""
    referral = with_the_hub()
    put(ward.package(), ward.visit("visit-1", november(4, 18), november(4, 19)))
    at = november(4, 2)
    end_otherwise(
        NURSE, seen(), "self-discharged", at=at, method="6", destination="19", now=november(4, 2, 4)
    )
    assert ward.teams("stay-ended") == {
        (COUNCIL, "discharge-coordinator"),
        (COUNCIL, "broker"),
        (CARE, "provider-worker"),
        (HOSPITAL, "discharge-coordinator"),
        (HOSPITAL, "ward-nurse"),
        (PRACTICE, "gp"),
    }
    due = {t["restriction"]["period"]["end"] for t in ward.tasks("stay-ended")}
    assert due == {november(4, 2, 5).isoformat()}
    assert ward.status("Appointment", "visit-1") == "cancelled"
    assert ward.status("ServiceRequest", referral) == "revoked"
    assert ward.the_referral().answer.state == "cancelled"
    assert (stands().state, stands().ready, stands().delay) == ("self-discharged", None, None)
    left = spell.read(record.read(PLACE, "Encounter", ward.SPELL).resource)
    assert (left.method, left.destination, left.bed) == ("6", "19", None)


def test_a_death_stops_everything_and_a_human_voice_tells_the_family() -> None:
    with_the_hub()
    clinic = ward.visit("clinic", november(20), november(20, 10))
    del clinic["serviceCategory"]
    put(ward.package(), clinic)
    at = november(4, 2)
    with pytest.raises(Unprocessable, match="do not fit"):
        end_otherwise(
            NURSE, seen(), "died", at=at, method="1", destination="19", now=november(4, 3)
        )
    end_otherwise(NURSE, seen(), "died", at=at, method="4", destination="79", now=november(4, 3))
    assert ward.status("Appointment", "clinic") == "cancelled"
    voices = [t for t in ward.tasks("stay-ended") if t.get("extension")]
    assert [t["code"]["text"].startswith("Ring the family") for t in voices] == [True]


def test_another_hospital_takes_her_and_the_referral_waits_for_it() -> None:
    referral = with_the_hub()
    put(ward.package())
    end_otherwise(
        NURSE,
        seen(),
        "transferred",
        at=november(4),
        method="1",
        destination="51",
        now=november(4),
    )
    assert ward.status("ServiceRequest", referral) == "active"
    assert stands().state == "transferred"


def test_nobody_leaves_twice_in_the_future_or_by_somebody_whose_place_it_is_not() -> None:
    made_ready(november(3), reason="medicines")
    choose_pathway(NURSE, seen(), AS_BEFORE, now=november(3, 10))
    with pytest.raises(Unprocessable, match="still to come"):
        leave(NURSE, seen(), Leaving(at=november(5)), now=november(4))
    with pytest.raises(Unprocessable, match="before they were ready"):
        leave(NURSE, seen(), Leaving(at=november(2)), now=november(4))
    with pytest.raises(NotPermitted):
        leave(ward.SOCIAL_WORKER, seen(), Leaving(at=november(4)), now=november(4))
    leave(NURSE, seen(), Leaving(at=november(4)), now=november(4))
    with pytest.raises(Unprocessable, match="left already"):
        leave(NURSE, seen(), Leaving(at=november(4)), now=november(4))


def test_back_within_a_day_the_discharge_failed_and_help_is_held() -> None:
    made_ready(november(3), reason="medicines")
    choose_pathway(NURSE, seen(), AS_BEFORE, now=november(3, 10))
    leave(NURSE, seen(), Leaving(at=november(3, 14)), now=november(3, 14))
    put(ward.package(), ward.visit("visit-1", november(5, 18), november(5, 19)))
    with pytest.raises(Unprocessable, match="within 24 hours"):
        come_back(NURSE, seen(), at=november(4, 15), now=november(4, 15))
    come_back(NURSE, seen(), at=november(4, 9), now=november(4, 9))
    assert stands().state == "discharge-failed"
    assert ward.status("Appointment", "visit-1") == "cancelled"
    assert ward.status("EpisodeOfCare", "package-1") == "onhold"


def test_3_6_3_help_is_held_from_admission_and_is_there_again_or_somebody_is_asked() -> None:
    """Admitted 1 November 09:00: told in 15 minutes, visits stop; home on the 9th at 16:00: the
    evening call is booked again, or leaving is refused until somebody has settled it (CP-05)."""
    gone, evening = (
        ward.visit("past", november(1, 8), november(1, 8, 30)),
        ward.visit("evening", november(9, 18), november(9, 18, 30)),
    )
    put(ward.package(), gone, ward.visit("noon", november(2, 12), november(2, 13)), evening)
    hold_help(NURSE, ward.SPELL)
    assert [ward.status("Appointment", v) for v in ("past", "noon", "evening")] == [
        "booked",
        "cancelled",
        "cancelled",
    ]
    assert ward.status("EpisodeOfCare", "package-1") == "onhold"
    told = {t["owner"]["reference"]: t for t in ward.tasks("package-held")}
    due = told[f"Organization/{CARE}"]["restriction"]["period"]["end"]
    assert due == november(1, 9, 15).isoformat()
    made_ready(november(3), reason="medicines")
    choose_pathway(NURSE, seen(), AS_BEFORE, now=november(3, 10))
    with pytest.raises(Unprocessable, match="has not said that its visits start again"):
        leave(NURSE, seen(), Leaving(at=november(9, 16)), now=november(9, 16))
    wish = Leaving(at=november(9, 16), restart={"package-1": 1})
    with pytest.raises(Unprocessable, match="The plan has changed in the meantime"):
        leave(NURSE, seen(), wish, now=november(9, 16))
    version = record.read(PLACE, "EpisodeOfCare", "package-1").version
    wish = Leaving(at=november(9, 16), restart={"package-1": version})
    leave(NURSE, seen(), wish, now=november(9, 16))
    assert ward.status("Appointment", "evening") == "booked"
    assert ward.status("Appointment", "noon") == "cancelled"
    assert ward.status("EpisodeOfCare", "package-1") == "active"


def test_holding_twice_holds_once() -> None:
    put(ward.package(), ward.visit("noon", november(2, 12), november(2, 13)))
    hold_help(NURSE, ward.SPELL)
    hold_help(NURSE, ward.SPELL)
    assert len(ward.tasks("package-held")) == 3  # the provider, the coordinator, the broker


def by_message(**changes: object) -> None:
    """A hospital's message changes the stay, with what follows in its own commit."""
    stored = record.read(PLACE, "Encounter", ward.SPELL)
    before = stored.resource
    after = {**before, **changes}
    record.commit(
        HL7,
        [Update(after, stored.version), *follows(HL7, before, after)],
        dangling="keep",
        action="import",
    )


def test_by_a_message_the_same_follows() -> None:
    """A03 with discharge method 6: the hub and the provider know as soon as it is stored."""
    referral = with_the_hub()
    before = record.read(PLACE, "Encounter", ward.SPELL).resource
    ended = spell.with_end(before, november(4, 2), method="6", destination="19")
    by_message(**ended)
    assert stands().state == "self-discharged"
    assert ward.status("ServiceRequest", referral) == "revoked"
    assert (COUNCIL, "broker") in ward.teams("stay-ended")


def test_a_message_is_never_refused_and_what_was_not_arranged_is_told() -> None:
    """DI-04 stops planned leaving on a page; that somebody has left is a fact."""
    with_the_hub()
    before = record.read(PLACE, "Encounter", ward.SPELL).resource
    by_message(**spell.with_end(before, november(4, 14), method="1", destination="19"))
    assert (stands().state, stands().left) == ("discharged", november(4, 14))
    said = {t["code"]["text"] for t in ward.tasks("stay-ended")}
    assert any("nobody leaves before a start is confirmed" in words for words in said)


def test_a_leaving_that_was_taken_back_is_as_if_it_had_not_been() -> None:
    """A13: they waited all along."""
    with_the_hub()
    before = record.read(PLACE, "Encounter", ward.SPELL).resource
    by_message(**spell.with_end(before, november(4, 14), method="1", destination="19"))
    period = {"start": november(1).isoformat()}
    by_message(status="in-progress", period=period)
    assert (stands().left, stands().delay is None) == (None, False)
    assert len(stands().spans) == 1


def test_a_stay_of_which_nothing_was_written_ends_without_a_word() -> None:
    """Most of a hospital's days: nothing hung on it, so nobody is told anything."""
    before = record.read(PLACE, "Encounter", ward.SPELL).resource
    by_message(**spell.with_end(before, november(2), method="1", destination="19"))
    assert ward.tasks("stay-ended") == []
