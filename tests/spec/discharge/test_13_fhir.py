"""Going home, chapter 13. Each fact is written as FHIR R4 and reads back as it was.

What is written passes the record's own check; another resource is not mistaken for it.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from joinedup.discharge.rules.leaving import gone_home, told
from joinedup.discharge.rules.sitrep import first, sitrep
from joinedup.fhir.check import check
from joinedup.fhir.classes import DataClass, class_of
from joinedup.fhir.derive import derive
from joinedup.fhir.profiles import carer_answer, criteria, readiness, referral, returned, spell
from joinedup.fhir.profiles.readiness import Check, RiskOwner, Start, Told, with_start
from joinedup.fhir.wire import read_resource, write_resource
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
    review,
    stay,
    went,
)


def through_the_wire(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource as the record reads it again; it has nothing wrong."""
    again = read_resource(write_resource(resource))
    assert check(again) == ()
    assert derive(again, write_resource(again)).key
    return again


def full() -> readiness.Readiness:
    """Somebody about whom everything was said."""
    standing = now_waits(on_pathway("1", november(3)), "p1-care-none", november(4, 15))
    standing = replace(
        standing,
        checks=(Check(kind="transport", state="done", by=COORDINATOR, at=november(4)),),
        risk_owner=RiskOwner(worker=NURSE, why="Daughter stays the weekend", at=november(5)),
    )
    start = Start(
        at=november(6, 18),
        provider="AP1",
        confirmed_by=COORDINATOR,
        confirmed_at=november(5),
    )
    standing = told(
        with_start(standing, start),
        Told(who="person", way="large print", by=NURSE, at=november(5), consent="agreed"),
    )
    return gone_home(standing, november(6, 14))


@pytest.mark.parametrize("made", [stay(), full(), on_pathway("0", november(3))])
def test_how_somebody_stands_is_one_task(made: readiness.Readiness) -> None:
    """One a stay, found by its id; the hospital's while it lasts."""
    task = through_the_wire(readiness.build(made))
    assert readiness.read(task) == made
    assert task["id"] == readiness.readiness_id(made.spell)
    assert class_of(task, names_somebody=True) is DataClass.WORK


def test_a_review_is_an_observation() -> None:
    made = review(
        "lower-limb-surgery",
        at=november(4),
        ended={"lower-limb-surgery": november(3)},
        news2=4,
        news_cause="chronic-breathing",
        news_words="Her usual oxygen is 89 per cent",
        confirms="review-0",
    )
    again = through_the_wire(criteria.build(made, "review-1"))
    assert criteria.read(again) == made and again["valueBoolean"] is True
    plain = review(at=november(4))
    assert criteria.read(through_the_wire(criteria.build(plain, "review-2"))) == plain


def test_a_referral_and_the_hubs_answer_are_two() -> None:
    """The ward writes one, the hub the other."""
    asked = referral.Referral(
        person=PERSON,
        spell=SPELL,
        purpose="help-at-home",
        needs=(referral.Need("night", "Needs somebody within call"),),
        hospital=HOSPITAL,
        hub=HUB,
        asked_by=NURSE,
        asked_at=november(3),
        state="sent",
    )
    written = through_the_wire(referral.build(asked, "ref-1"))
    assert referral.read(written) == asked and written["status"] == "active"
    answer = referral.HubAnswer(
        referral="ref-1",
        person=PERSON,
        hub=HUB,
        state="info-requested",
        at=november(4),
        by=COORDINATOR,
        reason="Which stairs?",
    )
    task = through_the_wire(referral.build_answer(answer))
    assert referral.read_answer(task) == answer and task["status"] == "on-hold"


@pytest.mark.parametrize("until", [None, date(2025, 11, 5)])
def test_a_carers_answer_is_an_observation_about_them(until: date | None) -> None:
    said = carer_answer.CarerAnswer(
        person=PERSON,
        carer="RelatedPerson/susan",
        asked_at=november(4),
        asked_by=NURSE,
        alone=True,
        answer="yes",
        able_until=until,
        words="I can until Wednesday" if until else "",
    )
    assert carer_answer.read(through_the_wire(carer_answer.build(said, "c"))) == said


def test_a_return_is_a_measure_report_that_names_nobody() -> None:
    report = sitrep([went("a", since=november(2), at=november(3))], HOSPITAL, date(2025, 11, 3))
    sent = first(report, at=november(4, 10), by=NURSE)
    again = through_the_wire(returned.build(sent))
    assert returned.read(again) == sent
    assert "Patient/" not in write_resource(again)


def test_a_stay_is_an_encounter_whose_bed_is_a_claim() -> None:
    """A bed lain in or kept is held; given back when somebody has left (issue 4)."""
    kept = spell.BedStay(bed="w7-12", status="reserved")
    planned = spell.Spell(id=SPELL, person=PERSON, hospital=HOSPITAL, admitted=None, beds=(kept,))
    waiting = through_the_wire(spell.build(planned))
    assert spell.read(waiting) == planned and spell.beds_held(waiting) == ("bed/w7-12",)
    lain = spell.BedStay(bed="w7-12", since=november(1))
    here = replace(planned, admitted=november(1), beds=(lain,))
    encounter = through_the_wire(spell.build(here))
    assert spell.read(encounter) == here and spell.beds_held(encounter) == ("bed/w7-12",)
    moved = spell.moved(encounter, "w9-1", at=november(2), status="active")
    assert spell.beds_held(through_the_wire(moved)) == ("bed/w9-1",)
    assert [b.bed for b in spell.read(moved).beds] == ["w7-12", "w9-1"]
    left = through_the_wire(spell.with_end(moved, november(3), method="1", destination="19"))
    said = spell.read(left)
    assert (said.left, said.method, said.destination) == (november(3), "1", "19")
    assert spell.beds_held(left) == () and said.bed is None
    assert [b.until for b in said.beds] == [november(2), november(3)]


def test_changing_a_stay_keeps_what_else_was_said() -> None:
    """A reason, participants, another system's extension."""
    lain = spell.BedStay(bed="b", since=november(1))
    here = spell.Spell(
        id=SPELL, person=PERSON, hospital=HOSPITAL, admitted=november(1), beds=(lain,)
    )
    other = {"url": "https://elsewhere.example/x", "valueString": "theirs"}
    encounter = spell.build(here) | {"reasonCode": [{"text": "Fall"}], "extension": [other]}
    left = spell.with_end(encounter, november(3), method="1", destination="19")
    assert left["reasonCode"] == [{"text": "Fall"}] and other in left["extension"]
    kept = spell.moved(encounter, "c", at=november(2), status="reserved")
    assert set(spell.beds_held(kept)) == {"bed/b", "bed/c"}
    assert spell.beds_held(spell.without_bed(kept, november(2))) == ()


def test_a_stay_that_others_wrote_holds_what_it_says_and_nothing_breaks() -> None:
    """A bed named in words alone, half a date, somebody on leave for the weekend."""
    bed = {"coding": [{"code": "bd"}]}
    here = {"location": {"reference": "Location/b-1"}, "physicalType": bed}
    encounter: dict[str, Any] = {
        "resourceType": "Encounter",
        "status": "onleave",
        "class": {"code": "IMP"},
        "location": [
            {**here, "period": {"start": "2018-01"}},
            {"location": {"display": "Bed 4"}, "physicalType": bed},
            {**here, "location": {"reference": "Location/b-2"}, "period": {"end": "2018-01"}},
            {**here, "location": {"reference": "Location/b-3"}, "status": "completed"},
        ],
    }
    assert spell.beds_held(encounter) == ("bed/b-1",)
    assert spell.beds_held({**encounter, "class": {"code": "AMB"}}) == ()
    assert spell.beds_held({**encounter, "status": "cancelled"}) == ()


@pytest.mark.parametrize(
    "read",
    [
        readiness.read,
        criteria.read,
        referral.read,
        referral.read_answer,
        carer_answer.read,
        returned.read,
        spell.read,
    ],
)
def test_another_thing_is_not_read_as_one_of_these(
    read: Callable[[Mapping[str, Any]], object],
) -> None:
    for kind in ("Observation", "Task", "ServiceRequest", "MeasureReport", "Encounter"):
        with pytest.raises(KeyError):
            read({"resourceType": kind, "status": "unknown"})
