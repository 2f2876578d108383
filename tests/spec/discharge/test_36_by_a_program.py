"""Going home, chapter 36. What a program may not make of a stay, whatever it sends (decision 20).

Each of these would take somebody off a board, or out of a bed, without a word.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.discharge import outside
from joinedup.fhir.issue import NotPermitted, Unprocessable
from joinedup.fhir.profiles import carer_answer, criteria, readiness
from joinedup.fhir.profiles.carer_answer import CarerAnswer
from joinedup.fhir.profiles.placement import PLACEMENT
from joinedup.fhir.search.query import parse_query
from joinedup.record import Change, Create, Delete, Update, database
from joinedup.record.cluster import Urls
from tests.spec.discharge.stays import november, review
from tests.spec.discharge.ward import (
    CONSULTANT,
    NURSE,
    PERSON,
    SPELL,
    build_ward,
    made_ready,
    stands,
    tasks,
    visit,
)
from tests.spec.record.place import COUNCIL, HOSPITAL, PLACE, put

AT = november(5, 10)
HERE = "https://joinedup.example"
RECEPTION = replace(NURSE, role=Role.RECEPTIONIST)
ABUSE = [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "SDV"}]


@pytest.fixture(autouse=True)
def ward(record_database: Urls) -> Iterator[None]:
    """Joyce in bed 12; bed 13 is empty."""
    database.configure(record_database.application, moment=november(6))
    build_ward()
    put({"resourceType": "Location", "id": "w7-13", "name": "Bed 13"})
    yield
    database.close()


def send(permit: Permit, *changes: Change) -> Any:
    """Send changes as a worker's program."""
    return outside.commit(replace(permit, through_token=True), changes, now=AT)


def stored(kind: str, name: str) -> tuple[dict[str, Any], int]:
    """A resource as it stands, with its version."""
    found = record.read(PLACE, kind, name)
    return dict(found.resource), found.version


def sent_review(**more: Any) -> dict[str, Any]:
    """A review as a hospital's program sends it."""
    made = criteria.build(review(at=AT), "x") | more
    return {name: value for name, value in made.items() if name != "id"}


def sent_referral(**more: Any) -> dict[str, Any]:
    """A referral to the hub, as a hospital's program sends it."""
    category = [{"system": f"{HERE}/CodeSystem/hospital-referral", "code": "help-at-home"}]
    parts = (("area", "washing"), ("words", "needs one person to help her wash"))
    need = [{"url": name, "valueString": value} for name, value in parts]
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "category": [{"coding": category}],
        "subject": {"reference": PERSON},
        "encounter": {"reference": f"Encounter/{SPELL}"},
        "performer": [{"reference": f"Organization/{COUNCIL}"}],
        "extension": [{"url": f"{HERE}/StructureDefinition/referral-need", "extension": need}],
    } | more


def test_how_somebody_stands_a_referral_and_a_review_are_not_made_into_something_else() -> None:
    """Leaving out what kind a Task is would take it off every list; nothing is deleted."""
    made_ready(AT)
    done = send(NURSE, Create(sent_referral()))
    reviewed = stands().reviewed
    assert reviewed is not None
    kept: list[tuple[str, str, dict[str, Any]]] = [
        ("Task", readiness.readiness_id(SPELL), {"code": {"text": "A note"}}),
        ("Observation", reviewed.checklist, {"code": {"text": "A note"}}),
        ("ServiceRequest", done.stored[0].id, {"category": []}),
    ]
    for kind, name, other in kept:
        before, version = stored(kind, name)
        for change in (
            Update(before, version),
            Update(before | other, version),
            Delete(kind, name, None),
        ):
            with pytest.raises(NotPermitted):
                send(NURSE, change)
        assert stored(kind, name)[1] == version


def test_nobody_makes_such_a_thing_into_another_through_any_door() -> None:
    """The guard of the record says so too, where no program comes between."""
    made_ready(AT)
    before, version = stored("Task", readiness.readiness_id(SPELL))
    system = before["code"]["coding"][0]["system"]
    for code in ({"text": "A note"}, {"coding": [{"system": system, "code": PLACEMENT}]}):
        with pytest.raises(NotPermitted, match="made into something else"):
            record.commit(NURSE, [Update(before | {"code": code}, version)])
    with pytest.raises(NotPermitted, match="never deleted"):
        record.commit(NURSE, [Delete("Task", before["id"], None)])


@pytest.mark.parametrize(
    "other",
    [
        {"class": {"code": "AMB"}},
        {"status": "unknown"},
        {"status": "entered-in-error"},
        {"subject": {"reference": "Patient/somebody"}},
    ],
)
def test_a_stay_stays_one_of_the_same_person(other: dict[str, Any]) -> None:
    """Otherwise its bed is free while she lies in it, and she is on no board."""
    before, version = stored("Encounter", SPELL)
    with pytest.raises(Unprocessable):
        send(NURSE, Update(before | other, version))
    with pytest.raises(NotPermitted, match="never deleted"):
        send(NURSE, Delete("Encounter", SPELL, None))
    assert stored("Encounter", SPELL) == (before, version)


def test_only_who_works_on_the_ward_or_for_the_hub_ends_a_stay_or_moves_somebody() -> None:
    """Also where nothing was arranged, so that nothing would follow."""
    before, version = stored("Encounter", SPELL)
    over = {"status": "finished", "period": {**before["period"], "end": AT.isoformat()}}
    moved = {
        "location": [{**before["location"][0], "location": {"reference": "Location/w7-13"}}],
    }
    for other in (over, moved, {"status": "cancelled"}, {"status": "planned"}):
        with pytest.raises(NotPermitted):
            send(RECEPTION, Update(before | other, version))
    send(NURSE, Update(before | moved, version))
    ended, version = stored("Encounter", SPELL)
    send(NURSE, Update(ended | over, version))
    again, version = stored("Encounter", SPELL)
    back = again["period"] | {"end": (AT + timedelta(hours=1)).isoformat()}
    for other in ({"status": "in-progress"}, {"period": back}):
        with pytest.raises(NotPermitted):
            send(RECEPTION, Update(again | other, version))


def test_a_program_admits_somebody_who_was_expected() -> None:
    """A stay that was planned begins; into a bed it is put by who keeps beds."""
    planned: dict[str, Any] = {
        "resourceType": "Encounter",
        "id": "coming",
        "status": "planned",
        "class": {"code": "IMP"},
        "subject": {"reference": PERSON},
        "serviceProvider": {"reference": f"Organization/{HOSPITAL}"},
    }
    put(planned)
    begun = {"status": "in-progress", "period": {"start": AT.isoformat()}}
    before, version = stored("Encounter", "coming")
    bed = {"location": {"reference": "Location/w7-13"}, "status": "active"}
    bed |= {"physicalType": {"coding": [{"code": "bd"}]}}
    with pytest.raises(NotPermitted, match="which bed"):
        send(RECEPTION, Update(before | begun | {"location": [bed]}, version))
    send(RECEPTION, Update(before | begun, version))
    assert stored("Encounter", "coming")[0]["status"] == "in-progress"


@pytest.mark.parametrize("made", [sent_referral, sent_review])
def test_no_label_that_was_sent_is_lost(made: Any) -> None:
    """It is written under the stay's labels; another would be dropped: refused (AC-01)."""
    with pytest.raises(Unprocessable, match="labels of the stay"):
        send(CONSULTANT, Create(made(meta={"security": ABUSE})))


def test_a_review_sent_again_under_its_condition_is_stored_once() -> None:
    """FHIR R4 3.1.0.8.1."""
    asked = parse_query("Observation", [("encounter", f"Encounter/{SPELL}")])
    first = send(NURSE, Create(sent_review(), if_none_exist=asked)).outcomes[0]
    again = send(NURSE, Create(sent_review(), if_none_exist=asked)).outcomes[0]
    assert (first.action, again.action) == ("created", "unchanged")
    assert again.stored.id == first.stored.id


def package() -> dict[str, Any]:
    """Help at home that goes on, with a visit tomorrow."""
    return {
        "resourceType": "EpisodeOfCare",
        "id": "package-1",
        "status": "active",
        "patient": {"reference": PERSON},
        "managingOrganization": {"reference": f"Organization/{COUNCIL}"},
    }


def test_help_at_home_is_held_when_a_program_says_that_somebody_came() -> None:
    """Once: sent again under its condition, the stay stands for itself and nothing follows."""
    put(package(), visit("tomorrow", november(7, 9), november(7, 10)))
    came: dict[str, Any] = {
        "resourceType": "Encounter",
        "identifier": [{"system": f"{HERE}/stays", "value": "77"}],
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": {"reference": PERSON},
        "serviceProvider": {"reference": f"Organization/{HOSPITAL}"},
        "period": {"start": november(6, 9).isoformat()},
    }
    asked = parse_query("Encounter", [("identifier", f"{HERE}/stays|77")])
    first = send(NURSE, Create(came, if_none_exist=asked)).outcomes[0]
    held, version = stored("EpisodeOfCare", "package-1")
    assert held["status"] == "onhold"
    assert {t["encounter"]["reference"] for t in tasks("package-held")} == {
        f"Encounter/{first.stored.id}"
    }
    again = send(NURSE, Create(came, if_none_exist=asked)).outcomes[0]
    assert (first.action, again.action) == ("created", "unchanged")
    assert stored("EpisodeOfCare", "package-1")[1] == version


def test_what_a_carer_said_is_written_by_whoever_asked_them() -> None:
    """CA-02: a program could leave out that it is kept from the person, or turn a no into a yes."""
    put({"resourceType": "RelatedPerson", "id": "susan", "patient": {"reference": PERSON}})
    said = CarerAnswer(
        person=PERSON,
        carer="RelatedPerson/susan",
        asked_at=AT,
        asked_by=NURSE.worker,
        alone=True,
        answer="no",
    )
    open_to_her = {
        k: v for k, v in carer_answer.build(said, "x").items() if k not in ("id", "meta")
    }
    with pytest.raises(NotPermitted, match="whoever asked"):
        send(NURSE, Create(open_to_her))
    record.commit(NURSE, [Create(carer_answer.build(said, "said"), "said")])
    before, version = stored("Observation", "said")
    for change in (
        Update(before | carer_answer.build(replace(said, answer="yes"), "said"), version),
        Update(before | {"code": {"text": "A note"}}, version),
        Delete("Observation", "said", None),
    ):
        with pytest.raises(NotPermitted):
            send(NURSE, change)
