"""Access, chapter 2. A record opened without a relationship (domain 1.2; 1.7, example 6)."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from joinedup import record
from joinedup.access.permit import Permit, system_permit, worker_permit
from joinedup.access.words import Label, Role
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted
from joinedup.people.break_glass import break_glass, broken_glass, review
from joinedup.people.break_glass_rules import open_glass
from joinedup.people.permission_rules import end_of_shift, given_consent, wish_of
from joinedup.people.privacy_words import ask_whom
from joinedup.record import Create, Delete, database
from joinedup.record.cluster import Urls
from tests.spec.record.place import ACT_CODE, joyce, label, put, stay, weight

HOSPITAL = "RZ901"


@pytest.fixture(autouse=True)
def place(record_database: Urls) -> Iterator[None]:
    """Joyce, whom the hospital does not know, and who works there."""
    workers = [
        {"resourceType": "Practitioner", "id": name, "name": [{"family": name.capitalize()}]}
        for name in ("bell", "pryce")
    ]
    put(*workers, {"resourceType": "Organization", "id": HOSPITAL, "name": "The hospital"})
    put(joyce(), weight())
    yield
    database.close()


def nurse(worker: str = "Practitioner/bell") -> Permit:
    """A nurse of the hospital."""
    return worker_permit(worker, "Nurse Bell", Role.WARD_NURSE, HOSPITAL)


def officer() -> Permit:
    """The privacy officer of the place."""
    return worker_permit("Practitioner/pryce", "Ms Pryce", Role.PRIVACY_OFFICER, "E99901")


def broken(reason: str = "5", words: str = "") -> record.Stored:
    """Nurse Bell opens Joyce's record now."""
    return break_glass(nurse(), "joyce", reason=reason, words=words, now=datetime.now(UTC))


def test_the_record_opens_to_the_worker_and_to_nobody_else() -> None:
    """A colleague on the same ward gives a reason of their own."""
    with pytest.raises(NotFound):
        record.read(nurse(), "Observation", "w1")
    task = broken()
    assert record.read(nurse(), "Observation", "w1").id == "w1"
    with pytest.raises(NotFound):
        record.read(nurse("Practitioner/other"), "Observation", "w1")
    glass = open_glass([task.resource], "Practitioner/bell", datetime.now(UTC))
    assert glass is not None and glass.reason == "5"


@pytest.mark.parametrize(("reason", "words"), [("", ""), ("7", ""), ("6", " "), ("5", "x" * 1001)])
def test_without_a_reason_nothing_opens(reason: str, words: str) -> None:
    """Coded, and in words where the code says "another"."""
    with pytest.raises(Invalid):
        broken(reason, words)
    with pytest.raises(NotFound):
        record.read(nurse(), "Patient", "joyce")


def test_who_may_not_break_glass_is_refused_by_the_record_itself() -> None:
    """Whatever page or program asks: a receptionist, a token."""
    reception = worker_permit("Practitioner/bell", "Bell", Role.RECEPTIONIST, HOSPITAL)
    for permit in (reception, worker_permit(*_TOKEN, session="token")):
        with pytest.raises(NotPermitted):
            break_glass(permit, "joyce", reason="5", words="", now=datetime.now(UTC))
    with pytest.raises(NotFound):
        record.read(nurse(), "Patient", "joyce")


_TOKEN = ("Practitioner/bell", "Bell", Role.WARD_NURSE, HOSPITAL)


def test_it_stands_until_the_privacy_officer_has_said_what_was_found() -> None:
    """Listed at once with who, whom, when and why; deleted by nobody."""
    task = broken("6", "Her daughter asked.")
    (line,) = broken_glass(officer())
    assert (line.worker, line.glass.why) == ("Bell", "Another reason: Her daughter asked")
    assert "Hallam" in line.person and not line.glass.reviewed
    with pytest.raises(NotPermitted):
        broken_glass(nurse())
    with pytest.raises(NotPermitted):
        record.commit(nurse(), [Delete("Task", task.id)])
    with pytest.raises(Invalid):
        review(officer(), task.id, line.version, " ", datetime.now(UTC))
    review(officer(), task.id, line.version, "Rightly so.", datetime.now(UTC))
    (line,) = broken_glass(officer())
    assert line.glass.reviewed and line.glass.note == "Rightly so."


def test_a_person_who_wants_to_be_asked_is_asked_first() -> None:
    """Ask hides the summary until a yes is written down, for this worker and this shift."""
    now = datetime.now(UTC)
    put(stay("s1", "joyce", start="2017-12-01"))
    patient = joyce(generalPractitioner=[])
    assert record.read(nurse(), "Observation", "w1").id == "w1"
    ask = {
        "resourceType": "Consent",
        "id": "ask",
        "status": "active",
        "scope": {"text": "privacy"},
        "category": [{"coding": [{"system": f"{_CODES}/consent", "code": "permission-to-view"}]}],
        "patient": {"reference": "Patient/joyce"},
        "provision": {
            "type": "deny",
            "code": [{"coding": [{"system": f"{_CODES}/permission-to-view", "code": "ask"}]}],
        },
    }
    put(ask)
    with pytest.raises(NotFound):
        record.read(nurse(), "Observation", "w1")
    assert wish_of(nurse(), patient, [ask], now) == "ask"
    yes = given_consent("Practitioner/bell", "joyce", now)
    record.commit(nurse(), [Create(yes)])
    assert record.read(nurse(), "Observation", "w1").id == "w1"
    assert wish_of(nurse(), patient, [ask, yes], now) == ""
    with pytest.raises(NotFound):
        record.read(nurse("Practitioner/other"), "Observation", "w1")
    assert wish_of(nurse("Practitioner/other"), patient, [ask, yes], now) == "ask"


_CODES = "https://joinedup.example/CodeSystem"


@pytest.mark.parametrize(
    ("asked", "ends"),
    [("07:59", "08:00"), ("08:00", "20:00"), ("19:30", "20:00"), ("23:00", "08:00")],
)
def test_a_yes_lasts_to_the_end_of_the_shift(asked: str, ends: str) -> None:
    """Shifts change at eight; twelve hours at most."""
    assert f"{end_of_shift(datetime.fromisoformat(f'2018-01-16T{asked}Z')):%H:%M}" == ends


def test_a_marked_label_is_told_and_a_silent_one_is_not() -> None:
    """A nurse is told that something is restricted; of sexual health she is told nothing."""
    put(stay("s1", "joyce", start="2017-12-01"))
    put(weight("w2", meta=label(ACT_CODE, "STD")))
    assert record.withheld(nurse(), "joyce") == ()
    put(weight("w3", meta=label("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "R")))
    assert [m.label for m in record.withheld(nurse(), "joyce")] == [Label.RESTRICTED]
    assert record.withheld(system_permit("check"), "joyce") == ()


def test_the_page_says_whom_to_ask_and_never_what_is_withheld() -> None:
    """One office for a kind of label; of nothing marked, no word."""
    assert ask_whom([]) == ""
    assert ask_whom([Label.RESTRICTED]) == "the privacy officer"
    assert ask_whom([Label.DOMESTIC_ABUSE]) == "the safeguarding lead"
    both = ask_whom([Label.RESTRICTED, Label.THIRD_PARTY])
    assert both == "the privacy officer or the safeguarding lead"
