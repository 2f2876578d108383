"""A person's rights, chapter 2. "This is wrong" (UK GDPR 16; domain.md 5.4, examples 7 and 8)."""

from typing import Any

import pytest

from joinedup import record
from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.classes import LABEL_CODES
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted, Refusal, Stale
from joinedup.people.disagreement import LONGEST_WORDS
from joinedup.people.presenters.page import present_page
from joinedup.people.queries import gather
from joinedup.people.rights.corrections import in_error
from joinedup.people.rights.disagreeing import (
    Answer,
    answer,
    disagreements_at,
    disagreements_of,
    say_wrong,
    take_back_disagreement,
)
from joinedup.people.rights.reviewing import show_again, withhold
from joinedup.record import Create, Delete, Update
from joinedup.record.verify import verify
from tests.spec.record.place import (
    COUNCIL,
    GP,
    HOSPITAL,
    NURSE,
    PRACTICE,
    days_ago,
    find,
    label,
    put,
    stay,
)
from tests.spec.rights.asked import (
    AT,
    JOYCE,
    OFFICER,
    OTHER,
    SUSAN,
    a_place,
    labelled,
    penicillin,
    requested,
    seen_by,
)

ENTRY, WORDS = "AllergyIntolerance/pen", "I had one rash as a child. I have taken it since."
RECEPTION = worker_permit("Practitioner/ash", "Ms Ash", Role.RECEPTIONIST, PRACTICE)


@pytest.fixture(autouse=True)
def _a_place(record_database: object) -> None:
    a_place()
    put(penicillin(), source=PRACTICE)
    put(stay("s1", "joyce", start=days_ago(2)), source=HOSPITAL)


def said(permit: Permit = JOYCE, entry: str = ENTRY, words: str = WORDS, version: int = 0) -> str:
    """Joyce says that an entry is wrong; the Task's id."""
    return say_wrong(permit, "joyce", entry, words, version=version, at=AT).id


def answered(what: str, permit: Permit = GP, version: int = 1, **more: str) -> None:
    """The surgery answers what was said."""
    reason = more.pop("reason", "We looked at it.")
    task = disagreements_of(permit, "joyce")[0].disagreement.id
    found = Answer(answer=what, reason=reason, **more)
    answer(permit, "joyce", task, found, version=version, at=AT)


def beside(permit: Permit) -> set[str]:
    """What stands beside the allergy, as a reader's page has it."""
    page = present_page(gather(permit, "joyce"), None, AT)
    return {t.disagrees for a in page.safety.allergies for t in a.told}


def test_it_stands_beside_the_entry_to_every_reader_and_the_original_is_kept() -> None:
    """5.4, 8."""
    said()
    assert beside(GP) == beside(NURSE) == {"The person disagrees"}
    assert beside(JOYCE) == {"You disagree"}
    entry = record.read(GP, "AllergyIntolerance", "pen")
    assert (entry.version, entry.source) == (1, PRACTICE)


def test_another_system_reads_it_beside_the_entry_too() -> None:
    """Over FHIR: `_revinclude=Task:focus`, or a search for the Tasks about it."""
    task = said()
    asked: dict[str, Any] = {"_id": "pen", "_revinclude": "Task:focus"}
    assert [s.id for s in find(NURSE, "AllergyIntolerance", **asked).included] == [task]
    found = find(NURSE, "Task", focus=ENTRY).entries[0].resource
    assert found["description"] == WORDS and found["focus"]["display"] == "Penicillin"


def test_who_does_not_see_the_entry_sees_no_disagreement() -> None:
    """A receptionist reads no allergies; it is neither on the page nor over FHIR."""
    said()
    assert find(RECEPTION, "Task", patient="joyce").entries == ()
    assert gather(RECEPTION, "joyce").disagreements == {}


def test_a_labelled_entry_keeps_its_label_on_what_was_said() -> None:
    """Who may not know of the entry does not learn of it by her words."""
    security = label("http://terminology.hl7.org/CodeSystem/v3-ActCode", "SEX")
    put({**labelled("x", "x", "sti"), "meta": security}, source=PRACTICE)
    said(entry="Condition/sti")
    assert gather(NURSE, "joyce").disagreements == {}
    assert set(gather(GP, "joyce").disagreements) == {"Condition/sti"}


@pytest.mark.parametrize("words", ["", " \n", "x" * (LONGEST_WORDS + 1)])
def test_without_words_nothing_is_written(words: str) -> None:
    """The page keeps what was typed; that is the story's chapter."""
    with pytest.raises(Invalid):
        said(words=words)
    assert disagreements_of(JOYCE, "joyce") == ()


def test_only_entries_of_her_own_record_that_she_sees() -> None:
    """Ray's, a hidden one, an organisation, nonsense: there is no such entry."""
    put(labelled("third-party", LABEL_CODES, "tp"), source=PRACTICE)
    for entry in ("Observation/w2", "Condition/tp", f"Organization/{PRACTICE}", "x", "Task/1"):
        with pytest.raises(NotFound):
            said(entry=entry)
    with pytest.raises(NotFound):
        say_wrong(OTHER, "joyce", ENTRY, WORDS, version=0, at=AT)


def test_her_proxy_does_not_say_it_and_a_worker_may_write_it_down() -> None:
    """ON-08: by telephone; who wrote it is kept."""
    with pytest.raises((NotPermitted, NotFound)):
        said(SUSAN)
    said(GP)
    task = find(GP, "Task", focus=ENTRY).entries[0].resource
    assert task["requester"] == {"reference": "Practitioner/ash"}


def test_two_windows_meet_in_one() -> None:
    """The second is told; said again, it is the same Task with her new words."""
    said()
    with pytest.raises(Stale):
        said()
    said(words="And more.", version=1)
    assert [s.disagreement.words for s in disagreements_of(JOYCE, "joyce")] == ["And more."]


def test_it_waits_for_the_organisation_that_wrote_it() -> None:
    """On that organisation's list, and on no other's."""
    said()
    assert [s.disagreement.title for s in disagreements_at(GP)] == ["Penicillin"]
    assert disagreements_at(NURSE) == ()
    for permit in (JOYCE, SUSAN):
        with pytest.raises(NotPermitted):
            disagreements_at(permit)


def test_corrected_is_a_new_version_and_closes_it_with_provenance() -> None:
    """Entered in error: it holds no longer, the version before stays, both say who and when."""
    said()
    answered("corrected", how="in-error")
    assert beside(NURSE) <= {""}
    entry = record.read(GP, "AllergyIntolerance", "pen")
    assert (entry.version, entry.author, entry.source) == (2, "Practitioner/ash", PRACTICE)
    assert "clinicalStatus" not in entry.resource
    assert record.vread(GP, "AllergyIntolerance", "pen", 1).resource["criticality"] == "high"
    (told,) = disagreements_of(JOYCE, "joyce")
    assert told.disagreement.answer == "corrected" and not told.disagreement.stands


def test_corrected_elsewhere_needs_the_new_version_to_have_come() -> None:
    """“We have changed it” without a change is no answer."""
    said()
    with pytest.raises(Invalid):
        answered("corrected", how="changed")
    put(penicillin(criticality="low"), source=PRACTICE)
    answered("corrected", how="changed")
    assert beside(NURSE) == {""}


def test_not_changed_keeps_her_words_beside_it_for_good() -> None:
    """With the reason; even when the entry gets new versions."""
    said()
    answered("not-changed", reason="The hospital saw a reaction in 2011.")
    put(penicillin(criticality="low"), source=PRACTICE)
    assert beside(NURSE) == {"The person disagrees"}
    (told,) = disagreements_of(JOYCE, "joyce")
    assert told.disagreement.words == WORDS
    assert told.disagreement.reasons == ("The hospital saw a reaction in 2011.",)


def test_passed_on_it_waits_for_the_next() -> None:
    """Only to an organisation that is in this record, and not back to oneself."""
    said()
    for to in ("", PRACTICE, COUNCIL, "Z9"):
        with pytest.raises(Invalid):
            answered("passed", to=to)
    answered("passed", to=HOSPITAL)
    assert disagreements_at(GP) == ()
    assert [s.version for s in disagreements_at(NURSE)] == [2]
    with pytest.raises(NotPermitted):
        answered("corrected", NURSE, version=2, how="in-error")  # the surgery wrote it
    answered("not-changed", NURSE, version=2)


@pytest.mark.parametrize("how", ["", "maybe", "corrected"])
def test_an_answer_says_what_and_why(how: str) -> None:
    """And how, where it was corrected."""
    said()
    with pytest.raises(Invalid):
        answered(how)
    with pytest.raises(Invalid):
        answered("not-changed", reason=" ")


def test_nobody_else_answers_and_nobody_unsays_it() -> None:
    """Not another organisation, not the person herself, and no one deletes or rewrites it."""
    task = said()
    for permit in (NURSE, JOYCE):
        with pytest.raises(NotPermitted):
            answered("not-changed", permit)
    stands = record.read(GP, "Task", task).resource
    for permit in (GP, NURSE):
        with pytest.raises(NotPermitted):
            record.commit(permit, [Delete("Task", task, 1)])
        with pytest.raises(NotPermitted):
            record.commit(permit, [Update({**stands, "description": "Nothing."}, 1)])
    with pytest.raises(NotPermitted):
        record.commit(NURSE, [Update({**stands, "status": "completed"}, 1)])
    with pytest.raises(NotPermitted):
        put({**stands, "status": "cancelled"})
    forged = {**stands, "id": "forged"}
    with pytest.raises(NotPermitted):
        record.commit(GP, [Create(forged, "forged")])


def test_she_may_take_it_back() -> None:
    """It is then beside nothing; that she said it stays in the history."""
    task = said()
    with pytest.raises(Stale):
        take_back_disagreement(JOYCE, "joyce", task, version=7)
    take_back_disagreement(JOYCE, "joyce", task, version=1)
    assert beside(NURSE) == {""}
    assert record.vread(JOYCE, "Task", task, 1).resource["description"] == WORDS
    with pytest.raises(NotPermitted):
        take_back_disagreement(GP, "joyce", said(words="Again", version=2), version=3)


def test_her_rights_over_entries_are_for_saying_so_and_nothing_else() -> None:
    """With her own permit she changes no allergy, by no door."""
    with pytest.raises(Refusal):
        record.commit(JOYCE, [Update(penicillin(criticality="low"), 1)])
    assert record.read(GP, "AllergyIntolerance", "pen").version == 1
    assert OFFICER.changes != JOYCE.changes


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"resourceType": "Observation", "status": "final"}, {"status": "entered-in-error"}),
        ({"resourceType": "Goal", "lifecycleStatus": "active"},
         {"lifecycleStatus": "entered-in-error"}),
    ],
)  # fmt: skip
def test_each_kind_says_in_its_own_way_that_it_was_in_error(
    entry: dict[str, Any], told: dict[str, Any]
) -> None:
    """FHIR R4; a Patient cannot."""
    assert in_error(entry) == {**entry, **told}
    with pytest.raises(KeyError):
        in_error({"resourceType": "Patient"})


SEXUAL_HEALTH = label("http://terminology.hl7.org/CodeSystem/v3-ActCode", "SEX")


def test_what_was_said_follows_a_label_the_entry_has_later() -> None:
    """Whoever writes the entry: in the same commit her words are under its labels, and back."""
    task = said()
    assert seen_by(NURSE, "Task", task)
    put(penicillin(meta=SEXUAL_HEALTH), source=PRACTICE)
    assert not seen_by(NURSE, "AllergyIntolerance", "pen")
    assert not seen_by(NURSE, "Task", task)
    assert find(NURSE, "Task", patient="joyce").entries == ()
    stands = record.read(GP, "Task", task)
    assert stands.resource["meta"]["security"] == SEXUAL_HEALTH["security"]
    assert (stands.version, stands.resource["description"]) == (2, WORDS)
    entry = record.read(GP, "AllergyIntolerance", "pen")
    record.commit(GP, [Update(penicillin(), entry.version)])
    assert seen_by(NURSE, "Task", task)
    assert not list(verify())


def test_it_follows_where_who_labels_the_entry_may_not_see_it() -> None:
    """The officer keeps the entry from her: her own words about it go with it."""
    task = said()
    request = requested()
    withhold(
        OFFICER, request, ENTRY,
        code="about-another", reviewer="Dr Ash", review_on="2018-06-01", at=AT,
    )  # fmt: skip
    assert not seen_by(JOYCE, "AllergyIntolerance", "pen")
    assert not seen_by(JOYCE, "Task", task) and seen_by(GP, "Task", task)
    show_again(OFFICER, request, ENTRY)
    assert seen_by(JOYCE, "Task", task)


def test_it_is_written_under_the_labels_of_the_entry_whoever_writes_it() -> None:
    """Left out in what is sent, or taken off in an answer: the labels are the entry's."""
    put({**labelled("x", "x", "sti"), "meta": SEXUAL_HEALTH}, source=PRACTICE)
    task = said(entry="Condition/sti")
    stands = record.read(GP, "Task", task)
    bare = {k: v for k, v in stands.resource.items() if k != "meta"}
    record.commit(GP, [Update({**bare, "priority": "urgent"}, 1)])
    assert record.read(GP, "Task", task).resource["priority"] == "urgent"
    assert not seen_by(NURSE, "Task", task)
