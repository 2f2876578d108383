"""Identity, chapter 7. What programs send: the answer never tells who is known here."""

from typing import Any

import pytest

from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
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
