"""Brokerage, chapter 7. A start is one commit; it has started when somebody came (MS-02)."""

from datetime import datetime, timedelta

import pytest

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.brokerage.actions import hold
from joinedup.brokerage.answers import confirm_visit, say_yes
from joinedup.brokerage.overdue import raise_overdue
from joinedup.brokerage.paying import estimate_of, start_care
from joinedup.brokerage.queries import KeptPlacement, placement_of
from joinedup.brokerage.starting import lose_start
from joinedup.fhir.issue import NotFound, NotPermitted, Unprocessable
from joinedup.fhir.profiles import planned_visit, readiness, referral
from joinedup.ledger.account import AccountKind
from joinedup.record import books
from joinedup.record.slots import held_slots
from joinedup.record.verify import verify
from joinedup.work.queries import work_of
from tests.spec.brokerage.scene import ELLIS, EVENING, HOLT, MARTIN, NOW, NOWAK, PATEL, sought
from tests.spec.record.place import PLACE, find

pytestmark = pytest.mark.usefixtures("scene")
TONIGHT = NOW + timedelta(hours=8)


def accepted(person: str = "joyce", slot: str = EVENING, **changes: object) -> str:
    asked = sought(person, **changes)  # type: ignore[arg-type]  # of what is wanted
    hold(NOWAK, asked.id, slot, now=NOW)
    say_yes(HOLT, asked.id, "o1", starts=TONIGHT, now=NOW)
    return asked.id


def started(permit: Permit = NOWAK, **how: datetime) -> KeptPlacement:
    return start_care(permit, accepted(), now=how.get("now", NOW))


def stay(person: str = "joyce") -> readiness.Readiness:
    return readiness.read(
        record.read(PLACE, "Task", readiness.readiness_id(f"stay-{person}")).resource
    )


def hub(person: str = "joyce") -> str:
    kept = record.read(PLACE, "Task", referral.answer_id(f"asked-{person}"))
    return referral.read_answer(kept.resource).state


def left() -> dict[str, int]:
    held = books.held(PLACE, [AccountKind.POT, AccountKind.PACKAGE])
    return {str(h.account): h.balance.left for h in held}


def test_a_start_is_one_commit_for_everybody() -> None:
    """The stay, the hub, the diary, the provider's sight, the package, its promise."""
    with pytest.raises(NotFound):
        record.read(HOLT, "Patient", "joyce")
    kept = started().placement
    begun = kept.begun
    assert begun is not None and kept.state == hub() == "start-confirmed"
    start = stay().start
    assert start is not None and (start.at, start.provider) == (TONIGHT, "VZ901")
    visit = planned_visit.read(record.read(HOLT, "Appointment", begun.visit).resource)
    assert (visit.start, visit.provider, visit.package) == (TONIGHT, "VZ901", begun.package)
    assert record.read(HOLT, "Patient", "joyce").id == "joyce"
    package = record.read(NOWAK, "EpisodeOfCare", begun.package).resource
    assert package["managingOrganization"]["reference"] == "Organization/E99901"
    assert verify().listed == ()


def test_what_it_costs_is_promised_from_what_was_set_aside() -> None:
    """Care Act 2014 s19(3): 42 hours at £15.60, and nothing was asked first."""
    before = left()
    kept = started().placement
    assert kept.begun is not None
    after = left()
    pot = next(name for name in after if "starts-2018-01" in name)
    assert before[pot] - after[pot] == 65_520
    assert after[next(n for n in after if kept.begun.package in n)] == 65_520


def test_no_assessment_plan_or_budget_is_read_or_asked_for() -> None:
    """Nothing of the kind is in the record, and care starts."""
    started()
    for kind in ("CarePlan", "ClinicalImpression", "QuestionnaireResponse", "Coverage"):
        assert find(PLACE, kind).entries == ()


def test_too_little_set_aside_is_said_in_words_and_nothing_is_saved() -> None:
    """£2,000 hold three starts of £655.20, and no fourth."""
    for person, slot in (("joyce", EVENING), ("ray", "kf-later")):
        start_care(NOWAK, accepted(person, slot), now=NOW)
    dear = accepted("ann", "kf-double", bands=("night",), carers=2)
    with pytest.raises(Unprocessable, match="Too little is left"):
        start_care(NOWAK, dear, now=NOW)
    assert placement_of(NOWAK, dear).placement.state == hub("ann") == "accepted-offer"
    assert stay("ann").start is None


def test_without_an_authority_of_the_month_it_says_whom_to_ask() -> None:
    asked = accepted()
    later = NOW + timedelta(days=20)
    with pytest.raises(Unprocessable, match="No money is set aside"):
        start_care(NOWAK, asked, starts=later, now=later)


def test_what_is_not_urgent_is_confirmed_without_a_promise() -> None:
    before = left()
    kept = start_care(NOWAK, accepted(urgent=False), now=NOW).placement
    assert kept.begun is not None and kept.begun.package == "" and left() == before


def test_the_estimate_is_told_before_and_what_is_left_is_not() -> None:
    found = estimate_of(NOWAK, placement_of(NOWAK, accepted()).placement, NOW)
    assert found is not None and found.pence == 65_520 and len(found.stands) == 1
    assert (found.cost.units, found.cost.unit_pence) == (42, 1_560)


@pytest.mark.parametrize("who", [HOLT])
def test_who_gives_care_does_not_start_it(who: Permit) -> None:
    asked = accepted()
    with pytest.raises((NotFound, NotPermitted)):
        start_care(who, asked, now=NOW)


def test_it_has_started_when_somebody_came() -> None:
    """Until then neither the hub nor the placement says so; then the referral is over too."""
    kept = started()
    assert hub() != "started"
    after = confirm_visit(HOLT, kept.id, "o1", at=TONIGHT, now=TONIGHT).placement
    assert after.state == hub() == "started" and after.begun is not None
    assert after.begun.came == TONIGHT and after.begun.came_by == HOLT.worker
    asked = record.read(PLACE, "ServiceRequest", "asked-joyce").resource
    assert asked["status"] == "completed"
    visit = record.read(PLACE, "Appointment", after.begun.visit).resource
    assert visit["status"] == "fulfilled"
    assert list(held_slots(NOWAK, [EVENING])) == [EVENING]


def test_nobody_confirms_another_providers_visit_or_one_to_come() -> None:
    kept = started()
    with pytest.raises(NotFound):
        confirm_visit(MARTIN, kept.id, "o1", at=TONIGHT, now=TONIGHT)
    with pytest.raises(Unprocessable, match="once somebody came"):
        confirm_visit(HOLT, kept.id, "o1", at=TONIGHT, now=NOW)


def test_no_first_visit_within_two_hours_raises_a_task_to_the_brokers_once() -> None:
    """MS-02: a task and a call, with whom to ring; closed by itself once somebody came."""
    kept = started()
    two = TONIGHT + timedelta(hours=2)
    assert raise_overdue(two - timedelta(seconds=1)) == 0
    assert raise_overdue(two) == 1
    assert raise_overdue(two + timedelta(minutes=1)) == 0
    task = next(
        t
        for t in find(ELLIS, "Task").entries
        if t.resource["code"].get("text", "").startswith("First")
    )
    said = task.resource["description"]
    assert "Telephone Kingfisher Home Care, 01632 960400" in said
    assert "Tuesday 16 January at 18:00" in said and task.resource["priority"] == "stat"
    confirm_visit(HOLT, kept.id, "o1", at=two, now=two + timedelta(minutes=2))
    assert record.read(PLACE, "Task", task.id).resource["status"] == "completed"


def test_a_start_that_fell_through_undoes_what_it_did() -> None:
    kept = started()
    assert kept.placement.begun is not None
    after = lose_start(NOWAK, kept.id, reason="Their carer is ill", now=NOW).placement
    assert after.state == hub() == "package-sought" and after.begun is None
    assert stay().start is None and held_slots(NOWAK, [EVENING]) == {}
    visit = record.read(PLACE, "Appointment", kept.placement.begun.visit).resource
    assert visit["status"] == "cancelled"
    asked = [line for line in work_of(PATEL).lines if line.kind == "start-lost"]
    assert kept.placement.begun.package in asked[0].detail and asked[0].about == ""
    assert verify().listed == ()
    hold(NOWAK, kept.id, "kf-later", now=NOW)
    say_yes(HOLT, kept.id, "o2", starts=TONIGHT, now=NOW)
    assert start_care(NOWAK, kept.id, now=NOW).placement.state == "start-confirmed"
