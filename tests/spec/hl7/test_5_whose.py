"""Whose a message is: matched by the house's identity machinery, and never guessed (ID-02, ID-03).

The hospital's number leads to the person it was matched to before; what is uncertain waits with its
question, and goes on once somebody has answered.
"""

import psycopg

from joinedup import record
from joinedup.access.restrictions import shown
from joinedup.fhir.key import resource_key
from joinedup.fhir.search.query import parse_query
from joinedup.hl7.whose import person_id
from joinedup.people.identity.queue import answer_question
from joinedup.record.cluster import Urls
from joinedup.record.merge import merge
from joinedup.record.verify import verify
from tests.spec.hl7.ward import (
    HOSPITAL,
    JOYCE,
    LATER,
    Desk,
    Resource,
    adt,
    reasons,
    stay,
    stays,
    waits,
    where,
)
from tests.spec.identity.people import (
    COORDINATOR,
    JEAN,
    NHS_NUMBER,
    NOW,
    NURSE,
    OFFICER,
    PLACE,
    Answer,
    everything,
    questions,
    stored,
    twins,
)

TWIN = {"who": "T1^^^RZ901^MR", "name": "Pickering", "born": "19411004"}


def test_a_verified_number_that_agrees_is_enough(desk: Desk) -> None:
    """ID-02: number, name and birth date; the stay is hers."""
    desk.takes(adt("A01", "201801050030"))
    assert stay()["subject"] == {"reference": "Patient/joyce"}
    assert questions() == []


def test_a_number_that_disagrees_waits_for_people(desk: Desk) -> None:
    """Her number with another name and birth date: a question, and nothing is filed."""
    wrong = adt("A01", "201801050030", name="Marsh^Ida", born="19400302")
    taken = desk.take(wrong)
    assert (taken.answer.code, taken.answer.severity) == ("AA", "W")
    assert reasons() == ["person-uncertain"]
    assert stays() == []
    assert [q.reason for q in questions()] == ["conflict"]


def test_an_unverified_number_proves_nothing(desk: Desk) -> None:
    """PID-32 says that it was not verified (03): people are asked."""
    message = adt("A01", "201801050030").replace(b"||||||\rPV1", b"\rPV1")
    lines = message.split(b"\r")
    pid = lines[2].split(b"|")
    lines[2] = b"|".join([*pid, *[b""] * (32 - len(pid)), b"03"])
    desk.take(b"\r".join(lines))
    assert reasons() == ["person-uncertain"]


def test_what_waits_for_an_answer_goes_on_after_it(desk: Desk) -> None:
    """Twins without a first name: the coordinator says which; the stay is hers, with its moves."""
    twins()
    desk.takes(
        adt("A01", "201801050030", **TWIN), adt("A02", "201801061000", spot="WARD9^^1", **TWIN)
    )
    assert reasons() == ["person-uncertain", "person-uncertain"]
    (question,) = questions(COORDINATOR)
    same = Answer(said="same", by=COORDINATOR.worker, at=NOW, person="jean")
    answer_question(COORDINATOR, question.id, question.version, same)
    assert desk.waiting.sweep(LATER) == 2
    assert waits() == []
    assert stay()["subject"] == {"reference": "Patient/jean"}
    assert where() == ["ward-7-bed-12", "ward-9-bed-1*"]


def test_somebody_new_has_a_record_of_their_own(desk: Desk) -> None:
    """Nobody here has the number: a person of the record, whose practice is told by PD1."""
    new = adt("A01", "201801050030", who=f"{JEAN}^^^NHS^NH~T1^^^RZ901^MR", name="Pickering^Jean")
    desk.takes(new)
    own = person_id(HOSPITAL, "T1")
    assert stay()["subject"] == {"reference": f"Patient/{own}"}
    assert patient(own)["identifier"][0] == {"system": NHS_NUMBER, "value": JEAN}


def test_two_numbers_of_the_hospital_that_are_one_persons_are_a_question(desk: Desk) -> None:
    """A40 joins nothing by itself: whoever may join records decides (ID-04)."""
    stored(_ida())
    ida = {"who": "H2^^^RZ901^MR", "name": "Marsh^Ida", "born": "19400302", "visit": "V2"}
    number = f"{_ida()['identifier'][0]['value']}^^^NHS^NH~H2^^^RZ901^MR"
    desk.takes(adt("A01", "201801050030"), adt("A04", "201801050040", **{**ida, "who": number}))
    desk.takes(adt("A40", "201801060900", merged="H2^^^RZ901^MR"))
    (asked,) = questions()
    assert asked.is_pair and set(asked.people) == {"joyce", "ida"}
    assert "A40" in asked.sentences[0]
    assert stay("V2")["subject"] == {"reference": "Patient/ida"}


def test_two_numbers_of_one_person_need_no_question(desk: Desk) -> None:
    """Both lead to her already: there is nothing to join."""
    other = {"who": f"{JOYCE}^^^NHS^NH~H1002^^^RZ901^MR", "visit": "V2", "spot": "WARD9"}
    desk.takes(adt("A01", "201801050030"), adt("A04", "201801050040", **other))
    assert desk.takes(adt("A40", "201801060900", merged="H1002^^^RZ901^MR")) == ["AA"]
    assert questions() == []


def test_a_number_that_is_given_up_need_not_be_known(desk: Desk) -> None:
    """A40 about a number that never came here: the other is stored, and that is all."""
    assert desk.takes(adt("A40", "201801060900", merged="H77^^^RZ901^MR")) == ["AA"]
    assert questions() == [] and waits() == []


def test_the_commit_is_the_hospitals_and_the_systems(desk: Desk) -> None:
    """The permit is the place's own job, named; what it writes is said by the hospital."""
    desk.takes(adt("A01", "201801050030"))
    (one,) = stays()
    assert one.source == HOSPITAL
    assert {s.source for s in everything("Task")} == {HOSPITAL}
    query = parse_query("Patient", [("_id", person_id(HOSPITAL, "H1001"))])
    assert [s.source for s in record.search(PLACE, query).entries] == [HOSPITAL]


def test_her_log_says_who_brought_it_in(desk: Desk, record_database: Urls) -> None:
    """One event a message: the job, the hospital, which message; and that she is in it."""
    desk.takes(adt("A01", "201801050030"))
    url = record_database.application.replace("joinedup_app@", "postgres@")
    with psycopg.connect(url) as connection:
        told = connection.execute(
            "select e.worker, e.name, e.organisation, e.action, e.detail from record.audit_event e"
            " join record.audit_named n on n.seq = e.seq"
            " where n.person = %s and starts_with(e.detail, 'hl7')",
            (resource_key("Patient", "joyce"),),
        ).fetchall()
    detail = "hl7 A01 A01-V1-201801050030"
    assert told == [("system/hl7", "joinedup hl7", HOSPITAL, "import", detail)]


def patient(own: str) -> Resource:
    """A Patient as it stands."""
    return record.read(PLACE, "Patient", own).resource


def _ida() -> Resource:
    return {
        "resourceType": "Patient",
        "id": "ida",
        "identifier": [{"system": NHS_NUMBER, "value": JEAN}],
        "name": [{"family": "Marsh", "given": ["Ida"]}],
        "birthDate": "1940-03-02",
    }


def test_a_restricted_person_is_restricted_in_what_the_hospital_says(desk: Desk) -> None:
    """Where she lives is withheld from workers there too (domain.md 1.2)."""
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    stored({**patient("joyce"), "meta": {"security": [label]}})
    desk.takes(adt("A01", "201801050030"))
    own = person_id(HOSPITAL, "H1001")
    assert patient(own)["meta"]["security"][0]["code"] == "R"
    assert "address" not in shown(NURSE, record.read(NURSE, "Patient", own)).resource


def test_a_record_that_was_joined_to_another_is_left_as_it_is(desk: Desk) -> None:
    """People joined two; a message about the other number goes to the kept and undoes nothing."""
    new = {"who": "H9^^^RZ901^MR", "name": "Hallam^Joyce", "born": "19330511"}
    desk.takes(adt("A01", "201801050030", **{**new, "name": "Quince^Rosa"}))
    own = person_id(HOSPITAL, "H9")
    versions = {"joyce": 1, own: 1}
    merge(OFFICER, "joyce", own, reason="One woman, two names.", if_versions=versions)
    before = patient(own)
    assert desk.takes(adt("A02", "201801061000", spot="WARD9^^1", **new)) == ["AA"]
    assert patient(own) == before
    assert where() == ["ward-7-bed-12", "ward-9-bed-1*"]
    again = {"who": f"{JOYCE}^^^NHS^NH~H1001^^^RZ901^MR"}
    assert desk.takes(adt("A03", "201801071000", **again)) == ["AA"]
    assert stay()["status"] == "finished" and waits() == []
    assert list(verify()) == []
