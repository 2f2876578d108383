"""Identity, chapter 3. What a person decides, and when it proves wrong (ID-03, ID-04).

The first answer counts, and whoever comes second is told. Every answer can be corrected, and what
was filed by the wrong one leaves her record.
"""

import pytest

from joinedup import record
from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.involve import master_of
from joinedup.fhir.issue import Conflict, Invalid, NotFound, NotPermitted, Stale
from joinedup.people.identity.question import Answer, Question
from joinedup.people.identity.queue import answer_question, look, work_of
from joinedup.record.audit import AuditQuery, search_events
from tests.security.access.visitors import visitors
from tests.spec.identity.people import (
    COORDINATOR,
    JEAN,
    JOAN,
    NURSE,
    OFFICER,
    PLACE,
    PRACTICE,
    RECEPTION,
    everything,
    questions,
    result,
    said,
    send,
    stored,
    twin,
    twins,
    weight,
)
from tests.spec.imports.conftest import Importing, importing

__all__ = ["importing"]


@pytest.fixture
def waiting(importing: Importing) -> Question:
    """A result that fits both twins."""
    twins()
    send(importing, result("hb"))
    (question,) = questions()
    return question


def answer(question: Question, given: Answer, by: Permit = RECEPTION) -> Question:
    return answer_question(by, question.id, question.version, given)


def whose(kind: str = "Observation") -> list[str]:
    """Whose the entries of a type are."""
    return [s.resource["subject"]["reference"] for s in everything(kind)]


def test_the_same_person_and_it_is_filed(waiting: Question) -> None:
    """It is Joan's from then on, word for word, as the laboratory said it."""
    done = answer(waiting, said("same", "joan"))
    assert (done.state, whose()) == ("completed", ["Patient/joan"])
    (filed,) = everything("Observation")
    assert (filed.source, filed.resource["valueQuantity"]["unit"]) == ("RZ901", "g/L")


def test_somebody_else_and_it_is_a_record_of_its_own(waiting: Question) -> None:
    """Neither twin: somebody new, who is remembered to be neither."""
    answer(waiting, said("different"))
    new = {s.id for s in everything("Patient")} - {"jean", "joan"}
    assert whose() == [f"Patient/{next(iter(new))}"]
    remembered = [q for q in questions() if q.is_pair]
    assert len(remembered) == 2 and all(q.state == "completed" for q in remembered)


def test_whoever_comes_second_is_told(waiting: Question) -> None:
    """Two at once: one answer stands, and nothing is filed twice."""
    answer(waiting, said("same", "joan"))
    with pytest.raises(Stale):
        answer(waiting, said("same", "jean", by=COORDINATOR), by=COORDINATOR)
    assert whose() == ["Patient/joan"]


def test_a_wrong_answer_is_corrected(waiting: Question) -> None:
    """It was Jean's after all: it leaves Joan's record, its versions too (ID-04)."""
    done = answer(waiting, said("same", "joan"))
    again = answer(done, said("same", "jean", words="The laboratory rang."))
    assert whose() == ["Patient/jean"]
    assert [a.said for a in again.answers] == ["same", "done", "same", "done"]
    assert record.everything(PLACE, "joan", types=("Observation",)).entries == ()


def test_a_patient_linked_wrongly_is_a_record_of_its_own_again(importing: Importing) -> None:
    """With the hospital's entries; importing again keeps what people said."""
    twins()
    send(importing, twin("H1", "Jean"), weight("w", "urn:uuid:H1"))
    (question,) = questions()
    done = answer(question, said("same", "jean"))
    (own,) = {s.id for s in everything("Patient")} - {"jean", "joan"}
    assert master_of(record.read(PLACE, "Patient", own).resource) == "jean"
    assert whose() == ["Patient/jean"]
    answer(done, said("different"))
    assert master_of(record.read(PLACE, "Patient", own).resource) == own
    assert whose() == [f"Patient/{own}"]
    send(importing, twin("H1", "Jean", gender="unknown"))
    assert master_of(record.read(PLACE, "Patient", own).resource) == own


def test_what_is_imported_again_follows_the_answer(importing: Importing) -> None:
    """Said once to be Jean, the hospital's Patient stays hers, and new entries are filed."""
    twins()
    send(importing, twin("H1", "Jean"))
    (question,) = questions()
    answer(question, said("same", "jean"))
    send(importing, twin("H1", "Jean", gender="unknown"), weight("w2", "urn:uuid:H1"))
    assert whose() == ["Patient/jean"] and len(questions()) == 1


def test_of_one_number_on_two_people_each_keeps_their_own(importing: Importing) -> None:
    """Two people: the sender's number stays, shown as in conflict (05), and joins nobody."""
    stored(twin("jean", "Jean", JEAN))
    send(importing, twin("H1", "Mary", JEAN, birthDate="1950-01-02"), weight("w", "urn:uuid:H1"))
    (question,) = questions()
    answer(question, said("different"))
    (new,) = [s.resource for s in everything("Patient") if s.id != "jean"]
    (number,) = new["identifier"]
    assert number["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "05"
    send(importing, twin("H1", "Mary", JEAN, birthDate="1950-01-02", gender="unknown"))
    assert len([q for q in questions() if q.state != "completed"]) == 0


def test_passed_on_it_is_the_privacy_officers(waiting: Question) -> None:
    """Not sure: nobody else answers it then."""
    passed = answer(waiting, said("pass", words="Same first letter too."))
    with pytest.raises(NotPermitted):
        answer(passed, said("same", "joan"))
    answer(passed, said("same", "joan", by=OFFICER), by=OFFICER)
    assert whose() == ["Patient/joan"]


def test_two_records_are_joined_and_parted(importing: Importing) -> None:
    """Both in the record already: joining is the merge's own, and so is parting (ID-04)."""
    stored(twin("old", "Jean"), weight("w", "Patient/old"))
    send(importing, twin("H1", "Jean", JEAN))
    (question,) = questions()
    (new,) = (p for p in question.people if p != "old")
    joined = answer(question, said("same", new, by=OFFICER), by=OFFICER)
    assert [s.id for s in record.everything(PLACE, new, types=("Observation",)).entries] == ["w"]
    parted = answer(joined, said("different", by=OFFICER), by=OFFICER)
    assert record.everything(PLACE, new, types=("Observation",)).entries == ()
    assert [a.said for a in parted.answers] == ["same", "done", "different", "done"]


def test_different_is_remembered_and_never_proposed_again(importing: Importing) -> None:
    """The same two are not asked about a second time, whoever sends them."""
    stored(twin("old", "Jean"))
    send(importing, twin("H1", "Jean", JEAN))
    (question,) = questions()
    answer(question, said("different", by=OFFICER), by=OFFICER)
    send(importing, twin("H1", "Jean", JEAN, gender="unknown"))
    assert [q.id for q in questions()] == [question.id]


def test_what_cannot_be_joined_stays_open(importing: Importing) -> None:
    """Reception does not see both: it is told so, and the question is there as before."""
    stored(twin("old", "Jean"))
    send(importing, twin("H1", "Jean", JEAN))
    (question,) = questions()
    with pytest.raises((NotFound, NotPermitted)):
        answer(question, said("same", "old"))
    (still,) = questions()
    assert (still.state, still.answer) == ("requested", None)


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        (said("same"), Invalid),
        (said("same", "somebody-else"), Invalid),
        (said("perhaps"), Invalid),
        (said("pass", words="x" * 501), Invalid),
    ],
)
def test_an_answer_that_fits_nobody_is_refused(
    waiting: Question, given: Answer, refused: type[Exception]
) -> None:
    """With what to choose; nothing is written."""
    with pytest.raises(refused):
        answer(waiting, given)
    assert questions()[0].answers == ()


def test_the_same_answer_twice_is_told(waiting: Question) -> None:
    """There is nothing to correct in it."""
    done = answer(waiting, said("same", "joan"))
    with pytest.raises(Conflict):
        answer(done, said("same", "joan"))


def test_a_nurse_neither_sees_nor_answers(waiting: Question) -> None:
    """A role without the power."""
    for attempt in (lambda: work_of(NURSE), lambda: look(NURSE, waiting.id)):
        with pytest.raises(NotPermitted):
            attempt()


def test_a_candidate_shown_is_a_look_at_them(waiting: Question) -> None:
    """Each is in the audit, opened or not, with reasons for and against (domain.md 1.2, 5)."""
    seen = look(RECEPTION, waiting.id)
    assert {s.patient["id"] for s in seen.shown} == {"jean", "joan"}
    assert all("The birth date is the same." in s.weighed.reasons_for for s in seen.shown)
    assert seen.held == 1
    found = search_events(PLACE, AuditQuery(patient="joan"))
    assert any(e.worker == RECEPTION.worker for e in found)


def test_the_work_list_is_in_order_of_age(importing: Importing) -> None:
    """What waits longest stands first; what was decided stands apart."""
    twins()
    send(importing, result("one"))
    send(importing, result("two"))
    first, second = work_of(RECEPTION).waiting
    assert first.asked_at <= second.asked_at
    answer(first, said("same", "jean"))
    work = work_of(RECEPTION)
    assert [q.id for q in work.waiting] == [second.id]
    assert [q.id for q in work.decided] == [first.id]


def test_nobody_answers_about_themselves_or_their_family(waiting: Question) -> None:
    """Whoever signs in to one of the records would see the other's as theirs; passing is free."""
    targets = [{"reference": "Patient/joan"}, {"reference": RECEPTION.worker}]
    stored({"resourceType": "Practitioner", "id": "pauline"})
    stored({"resourceType": "Person", "id": "p", "link": [{"target": t} for t in targets]})
    for given in (said("same", "joan"), said("same", "jean"), said("different")):
        with pytest.raises(NotPermitted, match=r"about yourself\. Somebody else must"):
            answer(waiting, given)
    assert questions()[0].answers == ()
    assert answer(waiting, said("pass")).state == "on-hold"


def test_nobody_joins_parts_or_moves_what_is_their_own(waiting: Question) -> None:
    """In the pages that compare two records, and that move an entry; a colleague can."""
    hers = {"generalPractitioner": [{"reference": f"Organization/{PRACTICE}"}]}
    stored({"resourceType": "Organization", "id": PRACTICE})
    stored({"resourceType": "Practitioner", "id": "pauline"})
    stored(twin("jean", "Jean", JEAN, **hers), twin("joan", "Joan", JOAN, **hers))
    targets = [{"reference": "Patient/joan"}, {"reference": RECEPTION.worker}]
    stored({"resourceType": "Person", "id": "p", "link": [{"target": t} for t in targets]})
    typed = {"reason": "x", "sure": "yes", "one_version": "2", "other_version": "2"}
    stored(weight("w", "Patient/jean"), weight("v", "Patient/joan"))
    doctor = worker_permit(RECEPTION.worker, "Dr Croft", Role.GP, PRACTICE)
    with visitors(RECEPTION, OFFICER, doctor) as sign_in:
        for whose_page, entry, number in (("joan", "v", JEAN), ("jean", "w", JOAN)):
            form = {"number": number, "reason": "x", "version": "1"}
            move = f"/people/{whose_page}/entries/Observation/{entry}"
            assert sign_in("gp").post(move, form).status_code == 403
        own, colleague = sign_in("receptionist"), sign_in("privacy-officer")
        address = "/people/jean/join/joan"
        assert own.get(address).status_code == 403
        assert own.post(address, typed).status_code == 403
        assert record.read(PLACE, "Patient", "joan").version == 2
        assert colleague.post(address, typed).status_code == 302
        part = "/people/jean/part/joan"
        assert own.post(part, {"reason": "x"}).status_code == 403
        assert colleague.post(part, {"reason": "x"}).status_code == 200
