"""A person's rights, chapter 4. What is kept from a person, why, and until when (ON-01, ON-05)."""

from datetime import date, timedelta

import pytest

from joinedup import record
from joinedup.access.rights import releasing
from joinedup.fhir.classes import LABEL_CODES
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted, Stale
from joinedup.fhir.withholding import withheld_for
from joinedup.people.my_queries import log
from joinedup.people.presenters.my_summary import present_summary
from joinedup.people.queries import gather
from joinedup.people.rights.asking import take_copy
from joinedup.people.rights.reviewing import (
    approve,
    review,
    show_again,
    withhold,
    withholdings,
)
from joinedup.record import Update
from joinedup.record.sight import withheld
from tests.spec.record.place import GP, NURSE, PRACTICE, days_ago, find, put, stay
from tests.spec.rights.asked import (
    AT,
    JOYCE,
    OFFICER,
    SUSAN,
    a_place,
    labelled,
    penicillin,
    requested,
    seen_by,
)

ENTRY = "AllergyIntolerance/pen"
TOMORROW = (AT + timedelta(days=1)).date().isoformat()


@pytest.fixture(autouse=True)
def _a_place(record_database: object) -> None:
    a_place()
    put(penicillin(), source=PRACTICE)
    put(stay("s1", "joyce", start=days_ago(2)), source="RZ901")


def kept(code: str = "serious-harm", entry: str = ENTRY, **more: str) -> str:
    """The officer keeps an entry from Joyce; the request under which it is done."""
    asked = requested()
    said = {"reviewer": "Dr Ash, GP", "review_on": TOMORROW, **more}
    withhold(OFFICER, asked, entry, code=code, at=AT, **said)
    return asked


@pytest.mark.parametrize("code", ["serious-harm", "about-another"])
def test_it_is_kept_from_her_everywhere_and_from_no_worker(code: str) -> None:
    """Her pages, her copy, her proxy; the ward and the surgery read it as before."""
    asked = kept(code)
    assert not seen_by(JOYCE, "AllergyIntolerance", "pen")
    assert not seen_by(SUSAN, "AllergyIntolerance", "pen")
    for worker in (GP, NURSE):
        assert seen_by(worker, "AllergyIntolerance", "pen")
        assert withheld(worker, "joyce") == ()
    approve(OFFICER, asked, 1, at=AT)
    copied = take_copy(JOYCE, "joyce", asked, at=AT)[1]
    assert ENTRY not in {s.reference for s in copied.entries}
    assert bool(copied.copy.withheld) == (code == "serious-harm")


def test_serious_harm_is_told_and_never_shown_as_none() -> None:
    """House law 13: one sentence, and "none recorded" nowhere."""
    kept()
    summary = present_summary(gather(JOYCE, "joyce"), withheld(JOYCE, "joyce"), AT)
    assert len(summary.withheld) == 1 and "serious harm" in summary.withheld[0]
    assert {n.kind for n in summary.allergy_notices} == {"withheld"}


def test_about_another_leaves_no_trace() -> None:
    """Not the entry, not the decision, not in her log, no mark."""
    asked = requested()
    review(OFFICER, asked, now=AT)
    before = [(n.who, n.did) for n in log(JOYCE, "joyce").lines if not n.is_you]
    tasks = find(JOYCE, "Task").entries
    withhold(
        OFFICER, asked, ENTRY, code="about-another", reviewer="Dr Ash", review_on=TOMORROW, at=AT
    )
    assert withheld(JOYCE, "joyce") == ()
    assert find(JOYCE, "Task").entries == tasks
    assert [(n.who, n.did) for n in log(JOYCE, "joyce").lines if not n.is_you] == before


def test_the_entry_keeps_its_words_its_source_and_its_author() -> None:
    """Only a label comes; nobody's statement is changed."""
    before = record.read(GP, "AllergyIntolerance", "pen")
    kept()
    after = record.read(GP, "AllergyIntolerance", "pen")
    assert (after.source, after.author, after.role) == (before.source, before.author, before.role)
    assert after.recorded == before.recorded
    assert {k: v for k, v in after.resource.items() if k != "meta"} == {
        k: v for k, v in before.resource.items() if k != "meta"
    }


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("", {}),
        ("dislike", {}),
        ("serious-harm", {"reviewer": " "}),
        ("serious-harm", {"review_on": ""}),
        ("serious-harm", {"review_on": "soon"}),
        ("serious-harm", {"review_on": AT.date().isoformat()}),
        ("serious-harm", {"review_on": "2019-06-01"}),
    ],
)
def test_nothing_is_kept_without_reason_reviewer_and_day(code: str, more: dict[str, str]) -> None:
    """ON-01."""
    with pytest.raises(Invalid):
        kept(code, **more)
    assert seen_by(JOYCE, "AllergyIntolerance", "pen")


def test_only_entries_of_who_asked_and_never_her_own_words() -> None:
    """Ray's, her details, her request, nothing."""
    asked = requested()
    for entry in ("Observation/w2", "Patient/joyce", f"Task/{asked}", "x", "Condition/none"):
        with pytest.raises(NotFound):
            withhold(OFFICER, asked, entry, code="serious-harm", reviewer="Dr Ash",
                     review_on=TOMORROW, at=AT)  # fmt: skip


def test_nobody_but_the_officer_keeps_or_shows() -> None:
    """And no decision is written by another hand."""
    asked = kept()
    for permit in (GP, JOYCE):
        with pytest.raises(NotPermitted):
            withhold(permit, asked, ENTRY, code="about-another", reviewer="x",
                     review_on=TOMORROW, at=AT)  # fmt: skip
        with pytest.raises(NotPermitted):
            show_again(permit, asked, ENTRY)
    decision = find(releasing(OFFICER), "Task", focus=ENTRY).entries[0]
    with pytest.raises(NotPermitted):
        record.commit(GP, [Update({**decision.resource, "status": "completed"}, 1)])


def test_shown_again_it_is_there_and_the_decision_is_closed() -> None:
    """And may be kept again."""
    asked = kept()
    with pytest.raises(NotFound):
        show_again(OFFICER, asked, "Observation/w1")
    show_again(OFFICER, asked, ENTRY)
    assert seen_by(JOYCE, "AllergyIntolerance", "pen") and withholdings(OFFICER) == ()
    withhold(OFFICER, asked, ENTRY, code="about-another", reviewer="Dr Ash", review_on=TOMORROW,
             at=AT)  # fmt: skip
    assert not seen_by(JOYCE, "AllergyIntolerance", "pen")


def test_the_officer_is_reminded_on_the_day_of_review() -> None:
    """And not before."""
    kept()
    assert withholdings(OFFICER, due_by=AT.date()) == ()
    (due,) = withholdings(OFFICER, due_by=date.fromisoformat(TOMORROW))
    assert (due.entry, due.code) == (ENTRY, "serious-harm") and "Dr Ash, GP" in due.reviewer


def test_an_import_that_sends_it_again_does_not_show_it() -> None:
    """The surgery's system knows of no label; what changed comes in, and stays kept."""
    kept()
    put(penicillin(), source=PRACTICE)
    assert not seen_by(JOYCE, "AllergyIntolerance", "pen")
    put(penicillin(criticality="low"), source=PRACTICE)
    stored = record.read(GP, "AllergyIntolerance", "pen")
    assert stored.resource["criticality"] == "low"
    assert withheld_for(stored.resource) == "serious-harm"
    assert not seen_by(JOYCE, "AllergyIntolerance", "pen")


def test_a_worker_who_writes_the_entry_again_does_not_show_it() -> None:
    """A page or an app that sends it without the label leaves it kept."""
    kept()
    stands = record.read(GP, "AllergyIntolerance", "pen")
    record.commit(GP, [Update(penicillin(criticality="low"), stands.version)])
    stored = record.read(GP, "AllergyIntolerance", "pen")
    assert stored.resource["criticality"] == "low"
    assert withheld_for(stored.resource) == "serious-harm"
    assert not seen_by(JOYCE, "AllergyIntolerance", "pen")


def test_the_officer_sees_what_becomes_of_every_entry() -> None:
    """In the copy, told, silent, or kept; each once."""
    put(labelled("third-party", LABEL_CODES, "tp"), source=PRACTICE)
    asked = kept()
    found = review(OFFICER, asked, now=AT)
    assert found.fates[ENTRY] == "serious-harm" and found.fates["Condition/tp"] == "silent"
    assert found.withheld[ENTRY].review_on == TOMORROW
    assert "Patient/joyce" in found.fixed and "Observation/w1" not in found.fates


def test_after_the_answer_there_is_nothing_to_keep_or_show() -> None:
    """The officer's sight is of a request that waits."""
    asked = kept()
    approve(OFFICER, asked, 1, at=AT)
    with pytest.raises(Stale):
        show_again(OFFICER, asked, ENTRY)
