"""Identity, chapter 7. What programs send: the answer never tells who is known here."""

from typing import Any

import pytest

from joinedup.access.permit import Permit, person_permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.profiles.elective import WAITING_LIST
from joinedup.fhir.profiles.event import PLACE as OURS
from joinedup.people.identity.arriving import settle_all
from tests.security.access.door import at_the_api
from tests.spec.identity.people import (
    HOSPITAL,
    JEAN,
    JOAN,
    LABELS,
    OFFICER,
    RECEPTION,
    everything,
    questions,
    result,
    stored,
    twin,
    twins,
)

LABORATORY = worker_permit("Practitioner/lab", "A Laboratory", Role.CONSULTANT, HOSPITAL)


def sent(resource: dict[str, Any], permit: Permit = LABORATORY) -> tuple[int, str]:
    """Status and body of a create."""
    with at_the_api(permit) as ask:
        status, _, body = ask("POST", f"/{resource['resourceType']}", resource)
    settle_all()
    return status, body


def numbered(number: str) -> dict[str, Any]:
    system = "https://fhir.nhs.uk/Id/nhs-number"
    return {"identifier": [{"system": system, "value": number}]}


@pytest.mark.parametrize(
    ("described", "filed"),
    [({}, False), (numbered(JOAN), True), ({"birthDate": "1977-07-07"}, False)],
    ids=["two fit", "unique and verified", "nobody fits"],
)
def test_a_result_is_taken_in_with_the_same_words(described: dict[str, Any], filed: bool) -> None:
    """202 whether it was filed, fits two, or fits nobody (domain.md 1.7, 4)."""
    twins()
    status, body = sent(result("x", **described))
    assert status == 202 and "Taken in" in body
    assert "Pickering" not in body and "joan" not in body
    assert len(everything("Observation")) == int(filed)
    assert len(questions(RECEPTION)) == int(not filed)


def test_who_writes_no_results_sends_none() -> None:
    """A receptionist's program: 403, and nothing is kept."""
    twins()
    status, _ = sent(result("x"), RECEPTION)
    assert status == 403 and questions() == []


def test_somebody_new_is_stored_and_asked_about_afterwards() -> None:
    """201 as ever; whether she is one of those known, people say."""
    stored(twin("known", "Jean"))
    status, _ = sent(twin("x", "Jean", JEAN))
    assert status == 201
    (question,) = questions(RECEPTION)
    assert question.is_pair and "known" in question.people


def test_like_somebody_protected_the_answer_is_that_of_anybody() -> None:
    """The pair is the privacy officer's alone."""
    label = {"security": [{"system": LABELS, "code": "adoption"}]}
    stored(twin("before", "Jean", meta=label))
    status, body = sent(twin("x", "Jean", JEAN))
    assert status == 201 and "before" not in body
    assert questions(RECEPTION) == [] and len(questions(OFFICER)) == 1


def test_a_program_neither_asks_nor_answers() -> None:
    """Whose record it is, people say in pages."""
    twins()
    sent(result("x"))
    (question,) = everything("Task", RECEPTION)
    task = question.resource
    with at_the_api(RECEPTION) as ask:
        task["output"] = [{"type": {"text": "same"}, "valueString": "joan"}]
        headers = {"If-Match": 'W/"1"'}
        status, _, _ = ask("PUT", f"/Task/{question.id}", {**task, "intent": "plan"}, headers)
        task["status"] = "accepted"
        made, _, _ = ask("POST", "/Task", task)
    assert (status, made) == (403, 403)


def described_stay(kind: str = "Encounter", **more: Any) -> dict[str, Any]:
    """An entry about Joan, described and not named, that would say who may see her."""
    described = result("x", **numbered(JOAN))["contained"]
    return {"resourceType": kind, "contained": described, "subject": {"reference": "#p"}, **more}


STAY = {
    "status": "in-progress",
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
    "serviceProvider": {"reference": f"Organization/{HOSPITAL}"},
    "period": {"start": "2018-01-01"},
}
REFERRAL = {
    "status": "active",
    "intent": "order",
    "performer": [{"reference": f"Organization/{HOSPITAL}"}],
}


@pytest.mark.parametrize(
    "entry", [described_stay(**STAY), described_stay("ServiceRequest", **REFERRAL)]
)
def test_what_gives_sight_is_not_taken_in_for_somebody_described(entry: dict[str, Any]) -> None:
    """It is filed as a job of ours would: whoever sends it would open the record to themselves."""
    twins()
    status, body = sent(entry)
    assert status == 422 and "Find the person first" in body
    assert everything("Encounter") == everything("ServiceRequest") == []
    assert everything("Patient", LABORATORY) == [] and questions() == []


def test_a_job_files_nothing_that_its_sender_may_not_write() -> None:
    """A review that no clinician gave, a stay in no hospital, a broken waiting list."""
    twins()
    review = {"system": f"{OURS}/CodeSystem/observation", "code": "criteria-to-reside"}
    said: dict[str, Any] = {"status": "final", "code": {"coding": [review]}, "valueBoolean": False}
    nowhere: dict[str, Any] = {n: value for n, value in STAY.items() if n != "serviceProvider"}
    for kind, more in (("Observation", said), ("Encounter", nowhere)):
        status, body = sent(described_stay(kind, **more))
        assert status == 422 and "Find the person first" in body, (kind, body)
    listed = {"status": "active", "category": [{"coding": [{"system": WAITING_LIST, "code": "x"}]}]}
    status, body = sent(described_stay("ServiceRequest", intent="order", **listed))
    assert status == 403 and "waiting list" in body
    kinds = ("Observation", "Encounter", "ServiceRequest")
    assert [everything(kind) for kind in kinds] == [[], [], []] and questions() == []


@pytest.mark.parametrize("kind", ["Consent", "Task"])
def test_nor_what_takes_it_away_or_gives_work(kind: str) -> None:
    """An objection in somebody else's name would close their record to their ward."""
    twins()
    named = {"patient": {"reference": "#p"}} if kind == "Consent" else {"for": {"reference": "#p"}}
    entry = {k: v for k, v in described_stay(kind, **named).items() if k != "subject"}
    more = {"status": "active"} if kind == "Consent" else {"status": "requested", "intent": "order"}
    gp = worker_permit("Practitioner/ash", "Dr Ash", Role.GP, "Y90001")
    status, _ = sent({**entry, **more}, gp)
    assert status in (400, 403, 422) and everything(kind) == []


def test_a_person_sends_nothing_about_somebody_described() -> None:
    """What she sends is about herself."""
    twins()
    status, _ = sent(result("x", **numbered(JOAN)), person_permit("jean", "Jean"))
    assert status == 403 and everything("Observation") == []
