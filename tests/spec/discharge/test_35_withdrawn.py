"""Going home, chapter 35. What was placed lets go with what it was for, and nobody is misled."""

from datetime import datetime, timedelta

import pytest

from joinedup import record
from joinedup.access.permit import system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.brokerage.actions import free_lapsed, hold
from joinedup.brokerage.answers import say_yes
from joinedup.brokerage.lost import raise_lost
from joinedup.brokerage.paying import start_care
from joinedup.brokerage.queries import placement_of
from joinedup.brokerage.rules import placing
from joinedup.discharge.ending import end_otherwise
from joinedup.discharge.following import follows
from joinedup.discharge.holding import hold_help
from joinedup.discharge.reviews import Answers, review_criteria
from joinedup.discharge.standing import Seen
from joinedup.discharge.withdrawing import withdraw
from joinedup.fhir.profiles import readiness, referral, spell
from joinedup.fhir.profiles.placement import Begun
from joinedup.fhir.search.query import parse_query
from joinedup.record import Update
from joinedup.record.slots import held_slots
from joinedup.reference.codes.discharge import criteria
from joinedup.work.queries import work_of
from tests.spec.brokerage import conftest
from tests.spec.brokerage.scene import (
    EVENING,
    HOLT,
    HUB,
    NOW,
    NOWAK,
    PATEL,
    sought,
    stay_of,
)
from tests.spec.record.place import HOSPITAL, PLACE, joyce, put

scene = conftest.scene
pytestmark = pytest.mark.usefixtures("scene")
TONIGHT = NOW + timedelta(hours=8)
HL7 = system_permit("hl7", HOSPITAL)


def seen(person: str = "joyce") -> Seen:
    task = record.read(PLACE, "Task", readiness.readiness_id(f"stay-{person}"))
    return Seen(f"stay-{person}", task.version)


def stands() -> readiness.Readiness:
    return readiness.read(record.read(PLACE, "Task", readiness.readiness_id("stay-joyce")).resource)


def hub() -> str:
    kept = record.read(PLACE, "Task", referral.answer_id("asked-joyce"))
    return referral.read_answer(kept.resource).state


def started() -> tuple[str, Begun]:
    asked = sought()
    hold(NOWAK, asked.id, EVENING, now=NOW)
    say_yes(HOLT, asked.id, "o1", starts=TONIGHT, now=NOW)
    begun = start_care(NOWAK, asked.id, now=NOW).placement.begun
    assert begun is not None
    return asked.id, begun


def late() -> None:
    """Somebody whose stay has no Task: the scene's three have one."""
    made = [r for r in stay_of("late") if not readiness.is_readiness(r)]
    put(joyce("late"), *made)


def status(kind: str, name: str) -> str:
    return str(record.read(PLACE, kind, name).resource["status"])


def told(kind: str) -> list[tuple[str, str, str]]:
    asked = parse_query("Task", [("code", f"https://joinedup.example/CodeSystem/task|{kind}")])
    return [
        (t.resource["owner"]["reference"], t.resource["status"], t.resource["code"]["text"])
        for t in record.search(PLACE, asked).entries
    ]


def test_a_referral_that_is_withdrawn_lets_go_of_the_start_that_was_held() -> None:
    """And the job that frees what has run out finds nothing that it cannot free (DI-05)."""
    mine, other = sought(), sought("ray")
    hold(NOWAK, mine.id, EVENING, now=NOW)
    hold(NOWAK, other.id, "kf-later", now=NOW)
    withdraw(NOWAK, seen(), "asked-joyce", "They changed their mind", now=NOW)
    assert placement_of(NOWAK, mine.id).placement.state == "cancelled"
    assert list(held_slots(NOWAK, [EVENING, "kf-later"])) == ["kf-later"]
    assert free_lapsed(NOW + timedelta(hours=3)) == 1


def test_a_referral_that_is_withdrawn_undoes_a_confirmed_start() -> None:
    """Nobody calls expecting a plan, and nobody leaves on a start that is gone (DI-04)."""
    placement, begun = started()
    withdraw(NOWAK, seen(), "asked-joyce", "Their sister takes them in", now=NOW)
    assert (hub(), stands().start) == ("cancelled", None)
    assert placement_of(NOWAK, placement).placement.state == "cancelled"
    assert status("Appointment", begun.visit) == "cancelled"
    assert status("EpisodeOfCare", begun.package) == "cancelled"
    assert status("CareTeam", begun.team) == "inactive"
    owners = {owner for owner, _, _ in told("help-withdrawn")}
    assert owners == {"Organization/VZ901", f"Organization/{HUB}"}


@pytest.mark.parametrize(
    ("kind", "method", "destination"), [("died", "4", "79"), ("self-discharged", "6", "19")]
)
def test_an_ending_undoes_a_start_before_anybody_came(
    kind: str, method: str, destination: str
) -> None:
    placement, begun = started()
    end_otherwise(NOWAK, seen(), kind, at=NOW, method=method, destination=destination, now=NOW)
    assert status("EpisodeOfCare", begun.package) == "cancelled"
    assert status("CareTeam", begun.team) == "inactive"
    assert placement_of(NOWAK, placement).placement.state == "cancelled"
    assert (raise_lost(NOW), raise_lost(NOW)) == (1, 0), "finance is asked once"
    lines = [line for line in work_of(PATEL).lines if line.kind == "start-lost"]
    assert begun.package in lines[0].detail


def test_who_comes_to_the_house_has_it_on_their_list() -> None:
    """9.9 no. 11: the provider is told, and by a Task that its workers can open."""
    _, begun = started()
    end_otherwise(NOWAK, seen(), "died", at=NOW, method="4", destination="79", now=NOW)
    kinds = [(line.kind, line.owner) for line in work_of(HOLT).lines]
    assert ("stay-ended", "Organization/VZ901") in kinds
    assert status("CareTeam", begun.team) == "inactive"


def test_a_start_is_confirmed_for_somebody_who_was_referred_before_any_review() -> None:
    """An early referral by another system (Nottinghamshire's first use): no ward wrote yet."""
    late()
    asked = sought("late")
    hold(NOWAK, asked.id, EVENING, now=NOW)
    say_yes(HOLT, asked.id, "o1", starts=TONIGHT, now=NOW)
    start_care(NOWAK, asked.id, now=NOW)
    task = record.read(PLACE, "Task", readiness.readiness_id("stay-late"))
    stay = readiness.read(task.resource)
    assert (stay.state, stay.start is not None) == ("admitted", True)


def test_on_transfer_the_hub_may_look_again_for_the_same_referral() -> None:
    """The referral waits; it is not left as confirmed with nothing behind it."""
    placement, begun = started()
    end_otherwise(NOWAK, seen(), "transferred", at=NOW, method="1", destination="51", now=NOW)
    kept = placement_of(NOWAK, placement).placement
    assert (kept.state, hub(), kept.slot) == ("package-sought", "package-sought", "")
    assert status("EpisodeOfCare", begun.package) == "cancelled"
    assert held_slots(NOWAK, [EVENING]) == {}


def test_one_placement_that_cannot_be_freed_keeps_no_other_from_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A referral that others ended beside its placement: the rest are freed all the same."""
    mine, other = sought(), sought("ray")
    hold(NOWAK, mine.id, EVENING, now=NOW)
    hold(NOWAK, other.id, "kf-later", now=NOW)
    for person in ("joyce",):
        task = record.read(PLACE, "Task", referral.answer_id(f"asked-{person}"))
        said = referral.read_answer(task.resource)
        gone = referral.HubAnswer(
            referral=said.referral,
            person=said.person,
            hub=said.hub,
            state="cancelled",
            at=NOW,
            by=said.by,
            reason="Ended by another system",
        )
        record.commit(PLACE, [Update(referral.build_answer(gone), task.version)])
    assert free_lapsed(NOW + timedelta(hours=3)) == 2
    assert held_slots(NOWAK, [EVENING, "kf-later"]) == {}
    assert placing.is_lapsed(placement_of(NOWAK, mine.id).placement, NOW) is False


def by_message(at: datetime, **changed: object) -> None:
    before = record.read(PLACE, "Encounter", "stay-joyce")
    after = {**before.resource, **changed}
    more = follows(HL7, before.resource, after)
    record.commit(HL7, [Update(after, before.version), *more], dangling="keep", now=at)


def test_who_was_told_of_a_death_is_told_that_it_was_taken_back() -> None:
    """A13: their open errands are over, and a start that was undone confirms nothing (DI-04)."""
    started()
    before = record.read(PLACE, "Encounter", "stay-joyce").resource
    left = NOW + timedelta(hours=1)
    by_message(left, **spell.with_end(before, left, method="4", destination="79"))
    first = told("stay-ended")
    assert first and all("has died" in words for _, _, words in first)
    by_message(left, **before)
    now = told("stay-ended")
    assert stands().start is None and stands().left is None
    assert {s for _, s, words in now if "has died" in words} == {"cancelled"}
    again = [(owner, s) for owner, s, words in now if "still in hospital" in words]
    assert sorted(owner for owner, _ in again) == sorted(owner for owner, _, _ in first)
    assert {s for _, s in again} == {"requested"}


def test_who_needs_the_bed_again_is_not_waited_for_at_home() -> None:
    """A review after the start was confirmed: its provider and brokers know before it is due."""
    started()
    said = {c.code: False for c in criteria(on=NOW.date())}
    nurse = worker_permit("Practitioner/nowak", "Ms Adeyemi", Role.WARD_NURSE, HOSPITAL)
    worse = Answers(answers=said | {"oxygen": True}, news2=1)
    at = NOW + timedelta(hours=1)
    review_criteria(nurse, "stay-joyce", worse, seen=seen().version, now=at)
    owners = {owner for owner, _, words in told("package-held") if "at 18:00" in words}
    assert owners == {"Organization/VZ901", f"Organization/{HUB}"}
    many = len(told("package-held"))
    review_criteria(nurse, "stay-joyce", worse, seen=seen().version, now=at + timedelta(hours=1))
    assert len(told("package-held")) == many, "a review that finds the same tells nobody twice"


def test_back_in_hospital_before_a_first_visit_that_nobody_promised_money_for() -> None:
    """Care that is paid from the person's own budget has no package yet; its visit stops too."""
    asked = sought(urgent=False)
    hold(NOWAK, asked.id, EVENING, now=NOW)
    say_yes(HOLT, asked.id, "o1", starts=TONIGHT, now=NOW)
    begun = start_care(NOWAK, asked.id, now=NOW).placement.begun
    assert begun is not None and begun.package == ""
    hold_help(NOWAK, "stay-joyce")
    assert status("Appointment", begun.visit) == "cancelled"
    assert "Organization/VZ901" in {owner for owner, _, _ in told("package-held")}


def test_an_admission_that_was_taken_back_asks_nothing_of_the_hub_any_more() -> None:
    """A11: nobody looks for care for a stay that never was, and whoever did is told."""
    placement, begun = started()
    before = record.read(PLACE, "Encounter", "stay-joyce").resource
    by_message(NOW, **{**before, "status": "cancelled"})
    assert (hub(), placement_of(NOWAK, placement).placement.state) == ("cancelled", "cancelled")
    assert status("Appointment", begun.visit) == "cancelled"
    said = {words for _, _, words in told("stay-ended")}
    assert said and all("was never admitted" in words for words in said)
    assert held_slots(NOWAK, [EVENING]) == {}
