"""Identity, chapter 2. What comes without saying whose it is (ID-02, ID-03; domain.md 1.7, 4).

A machine links only what is unique and verified. Everything else waits, whole, until a person says
whose it is: nothing of it is filed, and nothing of it is lost.
"""

import pytest

from joinedup import record
from joinedup.access.permit import worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import NotFound
from joinedup.people.identity.carrying_out import held_with
from joinedup.people.identity.question import held_of
from joinedup.record.verify import verify
from tests.spec.identity.people import (
    COORDINATOR,
    HOSPITAL,
    JEAN,
    JOAN,
    NURSE,
    OFFICER,
    PLACE,
    RECEPTION,
    everything,
    questions,
    result,
    send,
    stored,
    twin,
    twins,
    weight,
)
from tests.spec.imports.conftest import Importing, importing

__all__ = ["importing"]


def test_a_result_that_fits_twins_is_not_filed(importing: Importing) -> None:
    """Surname, birth date and postcode fit two: a question with two candidates (example 4)."""
    twins()
    report = send(importing, result("hb"))
    assert (report.counts["Observation"].kept, report.refused) == (1, 0)
    assert everything("Observation") == []
    (question,) = questions()
    assert set(question.people) == {"jean", "joan"}
    assert question.sentences[0].startswith("2 candidates")
    assert (question.reason, question.organisation, question.what) == (
        "several",
        HOSPITAL,
        "Observation",
    )


def test_what_came_is_kept_word_for_word(importing: Importing) -> None:
    """The value, its unit and its date are there when somebody has said whose it is."""
    twins()
    send(importing, result("hb"))
    (question,) = questions()
    (held,) = (held_of(task.resource) for task in held_with(PLACE, question.id))
    assert str(held.resource["valueQuantity"]["value"]) == "121"
    assert held.resource["effectiveDateTime"] == "2018-01-12"
    assert held.organisation == HOSPITAL


def test_a_result_with_a_verified_number_and_details_that_agree_is_filed(
    importing: Importing,
) -> None:
    """Unique and verified: the number, the birth date and the family name are of one person."""
    twins()
    numbered = [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": JOAN}]
    report = send(importing, result("hb", identifier=numbered))
    assert report.counts["Observation"].stored == 1 and questions() == []
    (filed,) = everything("Observation")
    assert filed.resource["subject"]["reference"] == "Patient/joan"
    assert "contained" not in filed.resource


def test_a_result_about_nobody_known_waits_too(importing: Importing) -> None:
    """An entry alone makes nobody a record of their own."""
    send(importing, result("hb"))
    (question,) = questions()
    assert (question.reason, question.people) == ("nobody", ())
    assert everything("Patient") == []


def test_a_person_waits_with_everything_that_names_them(importing: Importing) -> None:
    """A hospital's Patient without a number who fits one known person, and her weight."""
    twins()
    send(importing, twin("H1", "Jean"), weight("w", "urn:uuid:H1"))
    (question,) = questions()
    assert (question.reason, question.people, question.verification) == ("unsure", ("jean",), "03")
    kinds = sorted(
        held_of(t.resource).resource["resourceType"] for t in held_with(PLACE, question.id)
    )
    assert kinds == ["Observation", "Patient"]
    assert len(everything("Patient")) == 2


def test_what_comes_later_waits_with_them(importing: Importing) -> None:
    """A second file that only names the person does not slip past the question."""
    twins()
    send(importing, twin("H1", "Jean"))
    report = send(importing, weight("w", "Patient/H1"))
    assert report.counts["Observation"].kept == 1
    assert everything("Observation") == [] and len(questions()) == 1


def test_sending_it_again_asks_nothing_again(importing: Importing) -> None:
    """The same question, the same entries with it."""
    twins()
    for _ in range(2):
        send(importing, twin("H1", "Jean"), weight("w", "urn:uuid:H1"))
    (question,) = questions()
    assert len(list(held_with(PLACE, question.id))) == 2


def test_twins_swapped_under_one_number_are_for_people(importing: Importing) -> None:
    """Jean's number with Joan's first name (domain.md 1.5): status 05, both are candidates."""
    twins()
    send(importing, twin("H1", "Joan", JEAN))
    (question,) = questions()
    assert set(question.people) == {"jean", "joan"}
    assert "twins" in question.sentences[0] and question.verification == "05"


def test_a_nickname_is_no_reason_to_ask(importing: Importing) -> None:
    """Number, birth date and family name agree, and nobody else has that first name."""
    stored(twin("margaret", "Margaret", JEAN))
    send(importing, twin("H1", "Peggy", JEAN))
    assert questions() == []
    assert {
        s.resource["link"][0]["other"]["reference"]
        for s in everything("Patient")
        if s.id != "margaret"
    } == {"Patient/margaret"}


def test_a_number_that_its_sender_has_not_verified_joins_nothing(importing: Importing) -> None:
    """Status 02 on the identifier: never the key by which records meet (domain.md 1.2, 4)."""
    twins()
    status = {
        "url": "https://fhir.hl7.org.uk/StructureDefinition/"
        "Extension-UKCore-NHSNumberVerificationStatus",
        "valueCodeableConcept": {"coding": [{"code": "02"}]},
    }
    numbered = [
        {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": JEAN, "extension": [status]}
    ]
    send(importing, twin("H1", "Jean", identifier=numbered))
    (question,) = questions()
    assert (question.reason, question.verification) == ("unverified", "02")


def test_somebody_new_with_a_number_who_looks_like_one_without_is_stored_and_asked_about(
    importing: Importing,
) -> None:
    """Nothing is held back from their care; whether the two are one, people say."""
    stored(twin("unnumbered", "Jean"))
    report = send(importing, twin("H1", "Jean", JEAN))
    assert report.counts["Patient"].stored == 1
    (question,) = questions()
    assert question.is_pair and "unnumbered" in question.people


@pytest.mark.parametrize("permit", [RECEPTION, COORDINATOR, OFFICER], ids=lambda p: p.role.value)
def test_those_who_answer_see_the_question(importing: Importing, permit: object) -> None:
    """A question names nobody, so that no relationship leads to it; a power does."""
    twins()
    send(importing, result("hb"))
    assert len(questions(permit)) == 1  # type: ignore[arg-type]  # one of two


def test_nobody_else_sees_a_trace_of_it(importing: Importing) -> None:
    """Not a nurse, not a candidate's own GP, not the candidates; and nobody what is in it."""
    twins()
    send(importing, result("hb"))
    (question,) = questions()
    gp = worker_permit("Practitioner/ash", "Dr Ash", Role.GP, "Y90001")
    for permit in (NURSE, gp):
        assert questions(permit) == []
        with pytest.raises(NotFound):
            record.read(permit, "Task", question.id)
    (held,) = held_with(PLACE, question.id)
    for permit in (RECEPTION, OFFICER):
        with pytest.raises(NotFound):
            record.read(permit, "Task", held.id)


def test_a_file_cannot_ask_or_answer(importing: Importing) -> None:
    """A Task of these kinds in a file is refused: it could have the system file what it says."""
    twins()
    forged = {
        "resourceType": "Task",
        "id": "forged",
        "status": "accepted",
        "intent": "order",
        "code": {
            "coding": [{"system": "https://joinedup.example/CodeSystem/task", "code": "identity"}]
        },
        "for": {"reference": "Patient/x"},
    }
    send(importing, forged)
    assert questions() == []
    assert "is asked and answered here" in importing.refusals()[0]["message"]


def test_what_waits_is_verified_like_everything_else(importing: Importing) -> None:
    """`joinedup verify` recomputes it and finds nothing amiss."""
    twins()
    send(importing, twin("H1", "Jean"), weight("w", "urn:uuid:H1"), result("hb"))
    assert [d for d in verify() if "seal" not in str(d)] == []
