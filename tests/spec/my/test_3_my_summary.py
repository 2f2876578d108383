"""My record, chapter 3. My summary, and what of it is withheld (house law 13; ON-01, ON-05)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from joinedup.access.permit import person_permit
from joinedup.fhir.classes import LABEL_CODES
from joinedup.people.presenters.my_summary import MySummary, present_summary
from joinedup.people.queries import gather
from joinedup.record.sight import withheld
from tests.spec.record.place import CONFIDENTIALITY, PRACTICE, joyce, label, put

JOYCE = person_permit("joyce", "Joyce Hallam")


@pytest.fixture(autouse=True)
def _a_place(record_database: object) -> None:
    put({"resourceType": "Organization", "id": PRACTICE, "name": "Fosse Lane Surgery"})
    put(joyce(), source=PRACTICE)


def condition(identity: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": identity,
        "subject": {"reference": "Patient/joyce"},
        "code": {"text": f"Problem {identity}"},
        **more,
    }


def nothing_recorded() -> dict[str, Any]:
    """The surgery says that its list of problems is empty."""
    return {
        "resourceType": "List",
        "id": "problems",
        "status": "current",
        "mode": "snapshot",
        "title": "Problems",
        "code": {"coding": [{"code": "717711000000103", "system": "http://snomed.info/sct"}]},
        "subject": {"reference": "Patient/joyce"},
        "emptyReason": {"coding": [{"code": "no-content-recorded"}]},
    }


def summary() -> MySummary:
    return present_summary(gather(JOYCE, "joyce"), withheld(JOYCE, "joyce"), datetime.now(UTC))


def test_a_marked_label_says_that_something_is_withheld_and_why() -> None:
    """Serious harm is judged by somebody; the page says so, and whom to ask."""
    put(condition("a"), condition("b", meta=label(CONFIDENTIALITY, "V")), source=PRACTICE)
    shown = summary()
    assert [i.title for i in shown.problems.items] == ["Problem a"]
    (words,) = shown.withheld
    assert words.startswith("Something about your health is not shown here, because")
    assert "serious harm" in words


def test_none_recorded_is_never_said_where_something_is_withheld() -> None:
    """Domain 1.7, 8: the list is empty to her, and that is not the same as none."""
    put(nothing_recorded(), source=PRACTICE)
    assert "none recorded" in " ".join(n.words for n in summary().problem_notices)
    put(condition("b", meta=label(CONFIDENTIALITY, "V")), source=PRACTICE)
    said = [n.words for n in summary().problem_notices]
    assert said == ["Something here is withheld from this page."]


def test_a_silent_label_leaves_no_trace_and_no_count() -> None:
    """ON-05: the page with it is the page without it."""
    put(condition("a"), source=PRACTICE)
    before = summary()
    put(condition("b", meta=label(LABEL_CODES, "third-party")), source=PRACTICE)
    put(condition("c", meta=label(LABEL_CODES, "adoption")), source=PRACTICE)
    assert summary() == before and before.withheld == ()


def test_how_much_is_withheld_is_not_told() -> None:
    """One line for a kind of information, however many entries there are."""
    for name in ("b", "c", "d"):
        put(condition(name, meta=label(CONFIDENTIALITY, "V")), source=PRACTICE)
    assert len(summary().withheld) == 1


def test_what_others_may_find_sensitive_is_hers_to_see() -> None:
    """Her own sexual health is labelled for staff, not for her."""
    code = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    put(condition("b", meta=label(code, "SEX")), source=PRACTICE)
    shown = summary()
    assert [i.title for i in shown.problems.items] == ["Problem b"] and shown.withheld == ()
