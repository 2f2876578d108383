"""Identity, chapter 4. Identities that must not be linked (domain.md 1.5, issue 2).

Gender history with a new number, adoption, a witness: never proposed, linked or shown. A suspected
pair is the privacy officer's alone, and nothing tells anybody else that there is one.
"""

from typing import Any

import pytest

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.issue import NotFound
from joinedup.people.identity.asking import ask, pair_question
from joinedup.people.identity.presented import incoming_face
from joinedup.people.identity.queue import answer_question, look, work_of
from joinedup.record.database import connection, entered
from tests.spec.identity.people import (
    COORDINATOR,
    JEAN,
    JOAN,
    LABELS,
    NOW,
    OFFICER,
    PLACE,
    RECEPTION,
    everything,
    questions,
    result,
    said,
    send,
    stored,
    twin,
    twins,
)
from tests.spec.imports.conftest import Importing, importing

__all__ = ["importing"]

WITNESS = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}
PROTECTIONS = [
    {"system": LABELS, "code": "gender-history"},
    {"system": LABELS, "code": "adoption"},
    {"system": LABELS, "code": "protected-identity"},
    WITNESS,
]


def protected(label: dict[str, str], **changes: Any) -> dict[str, Any]:
    """The earlier identity of somebody, under its old number."""
    return twin("before", "Jean", JEAN, meta={"security": [label]}, **changes)


by_label = pytest.mark.parametrize("label", PROTECTIONS, ids=lambda label: label["code"])


@by_label
def test_the_new_identity_is_stored_as_anybody_new_is(
    importing: Importing, label: dict[str, str]
) -> None:
    """The same answer as where nobody like her is known; no link from one to the other."""
    stored(protected(label))
    report = send(importing, twin("H1", "Jean"))
    assert (report.counts["Patient"].stored, report.counts["Patient"].kept) == (1, 0)
    (new,) = [s.resource for s in everything("Patient") if s.id != "before"]
    assert "link" not in new


@by_label
@pytest.mark.parametrize("permit", [RECEPTION, COORDINATOR], ids=lambda p: p.role.value)
def test_the_pair_is_the_privacy_officers_alone(
    importing: Importing, label: dict[str, str], permit: Permit
) -> None:
    """On her list; for others no question, no count, no page."""
    stored(protected(label))
    send(importing, twin("H1", "Jean"))
    (question,) = work_of(OFFICER).waiting
    assert "before" in question.people
    assert work_of(permit).waiting == ()
    with pytest.raises(NotFound):
        look(permit, question.id)


def test_not_even_that_something_is_withheld_is_told(importing: Importing) -> None:
    """PostgreSQL shows the others no row of it: neither the question, its index, nor its mark."""
    stored(protected(PROTECTIONS[0]))
    send(importing, twin("H1", "Jean"))
    for permit, rows in ((RECEPTION, 0), (COORDINATOR, 0), (OFFICER, 1)):
        with connection() as lent, lent.transaction():
            entered(lent, permit)
            for table in ("version", "head", "mark"):
                statement = f"select count(*) from record.{table} where class = 13"
                assert lent.execute(statement.encode()).fetchone() == (rows,), (permit.role, table)


def test_beside_somebody_else_who_fits_she_is_not_among_the_candidates(
    importing: Importing,
) -> None:
    """The question everybody sees names the other alone; hers is another question."""
    stored(protected(PROTECTIONS[1]), twin("other", "Jean", JOAN))
    send(importing, twin("H1", "Jean"))
    (question,) = work_of(RECEPTION).waiting
    assert question.people == ("other",)
    assert {q.people for q in questions()} > {("other",)}


def test_an_answer_is_the_same_with_and_without_her(importing: Importing) -> None:
    """What an import reports and what reception reads of the question do not differ."""
    told = []
    for known in ((), (protected(PROTECTIONS[0]),)):
        stored(*known, twin("other", "Jean", JOAN))
        name = f"R{len(told)}"
        report = send(importing, result(name))
        (question,) = (
            q for q in work_of(RECEPTION).waiting if q.id not in {one[0] for one in told}
        )
        told.append((question.id, question.sentences, question.people, report.counts))
    assert told[0][1:] == told[1][1:]


def test_a_conflict_over_her_number_names_her_to_nobody(importing: Importing) -> None:
    """A late message under the old number with a new name: for the privacy officer alone."""
    stored(protected(PROTECTIONS[0]))
    renamed = twin("H1", "John", JEAN, name=[{"family": "Marsh", "given": ["John"]}])
    report = send(importing, renamed)
    assert report.counts["Patient"].kept == 1
    assert work_of(RECEPTION).waiting == ()
    assert len(work_of(OFFICER).waiting) == 1


def test_what_is_sent_about_the_earlier_identity_is_hidden_with_it(importing: Importing) -> None:
    """Her own old number, verified: attached to the old record, and labelled as it is."""
    stored(protected(PROTECTIONS[0]))
    send(importing, twin("H1", "Jean", JEAN))
    (statement,) = [s for s in everything("Patient") if s.id != "before"]
    assert PROTECTIONS[0] in statement.resource["meta"]["security"]
    assert statement.id not in {s.id for s in everything("Patient", RECEPTION)}


def test_the_privacy_officer_may_say_that_they_are_two(importing: Importing) -> None:
    """Remembered, under the same label."""
    stored(protected(PROTECTIONS[0]))
    send(importing, twin("H1", "Jean"))
    (question,) = work_of(OFFICER).waiting
    answer_question(OFFICER, question.id, question.version, said("different", by=OFFICER))
    assert work_of(RECEPTION).decided == ()
    (kept,) = questions(PLACE)
    assert kept.protected and kept.state == "completed"


@by_label
def test_who_arrives_protected_is_for_the_privacy_officer_alone(
    importing: Importing, label: dict[str, str]
) -> None:
    """Under a number that is known with another name: the very link that must not be shown."""
    stored(twin("known", "Jean", JEAN))
    new_name = [{"family": "Newname", "given": ["Robert"]}]
    send(importing, twin("H1", "Robert", JEAN, name=new_name, meta={"security": [label]}))
    assert questions(RECEPTION) == []
    assert len(questions(OFFICER)) == 1


def test_where_a_restricted_person_who_arrives_lives_is_not_told(importing: Importing) -> None:
    """Reception says whose it is without her address (domain.md 1.2, 7)."""
    stored(twin("known", "Jean", JEAN), twin("other", "Jean", JOAN))
    restricted = {"system": WITNESS["system"], "code": "R"}
    home = [{"line": ["9 Safe House"], "postalCode": "MQ9 9ZZ"}]
    send(importing, twin("H1", "Jean", meta={"security": [restricted]}, address=home))
    (question,) = questions(RECEPTION)
    face = incoming_face(look(RECEPTION, question.id))
    assert face is not None and "Safe House" not in str(face) and "MQ9" not in str(face)


def test_a_pair_is_no_longer_asked_once_one_of_them_is_protected() -> None:
    """Asked before there was a label; now even that there is a pair is for her officer."""
    stored(twin("jean", "Jean", JEAN), twin("joan", "Joan", JOAN))
    ask(PLACE, [pair_question("jean", "joan", ("alike",), now=NOW)])
    (question,) = questions(RECEPTION)
    look(RECEPTION, question.id)
    label = {"security": [{"system": LABELS, "code": "adoption"}]}
    stored(twin("joan", "Joan", JOAN, meta=label))
    assert work_of(RECEPTION).waiting == ()
    with pytest.raises(NotFound):
        look(RECEPTION, question.id)
    look(OFFICER, question.id)


@by_label
def test_who_is_protected_after_a_question_was_asked_is_shown_no_longer(
    importing: Importing, label: dict[str, str]
) -> None:
    """One of several people it could be, protected since: the question is the officer's alone."""
    twins()
    send(importing, result("R1", birthDate="1941-10-04"))
    (question,) = work_of(RECEPTION).waiting
    assert set(question.people) == {"jean", "joan"} and not question.is_pair
    stored(twin("jean", "Jean", JEAN, meta={"security": [label]}))
    assert work_of(RECEPTION).waiting == ()
    assert everything("Task", RECEPTION) == []
    answer = said("same", "joan")
    for refused in (
        lambda: look(RECEPTION, question.id),
        lambda: answer_question(RECEPTION, question.id, question.version, answer),
    ):
        with pytest.raises(NotFound) as there:
            refused()
        with pytest.raises(NotFound) as nothing:
            look(RECEPTION, "nothing")
        assert str(there.value) == str(nothing.value).replace("nothing", question.id)
    assert {s.patient["id"] for s in look(OFFICER, question.id).shown} == {"jean", "joan"}


def test_what_the_label_has_not_reached_is_judged_when_it_is_shown(
    importing: Importing,
) -> None:
    """A question written while the label was: its Task has none, and it is not shown."""
    twins()
    send(importing, result("R1"))
    (question,) = work_of(RECEPTION).waiting
    bare = record.read(PLACE, "Task", question.id).resource
    stored(twin("jean", "Jean", JEAN, meta={"security": [PROTECTIONS[0]]}))
    stored(bare)
    assert [s.id for s in everything("Task", RECEPTION)] == [question.id]
    assert work_of(RECEPTION).waiting == ()
    with pytest.raises(NotFound):
        look(RECEPTION, question.id)
