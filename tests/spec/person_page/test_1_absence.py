"""An empty list says why: none recorded, withheld, not shared, on its way, or never received."""

from typing import Any

import pytest

from joinedup.fhir.classes import DataClass
from joinedup.people.presenters.absence import Notice, present_notices
from joinedup.people.presenters.safety import present_safety
from tests.spec.person_page.lives import HOSPITAL, NOW, SURGERY, coded, life, says

WARNING = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ListWarningCode"


def listed(**more: Any) -> dict[str, Any]:
    return {"resourceType": "List", "code": coded("886921000000105", "Allergies"), **more}


def warned(code: str) -> dict[str, Any]:
    return listed(extension=[{"url": WARNING, "valueCodeableConcept": coded(code, code)}])


def notices(*statements: Any, is_empty: bool = True, **more: Any) -> tuple[Notice, ...]:
    return present_notices(life(*statements, **more), "allergies", is_empty=is_empty, now=NOW)


def test_nothing_received_is_not_none_recorded() -> None:
    """No list and no entry: the page says what it does not know, and names who has been silent."""
    (notice,) = notices()
    assert notice.kind == "not-received"
    assert "Fosse Lane Surgery, Marlbrook General Hospital or Marlbrook Council" in notice.words
    assert "does not mean" in notice.words and "none recorded" not in notice.words.lower()


def test_confidential_items_are_said_to_be_withheld() -> None:
    """domain.md 1.7 (8): the feed carries `confidential-items`; never "None recorded"."""
    (notice,) = notices(says(SURGERY, warned("confidential-items")))
    assert notice == Notice("withheld", "Some items are withheld by Fosse Lane Surgery.")


def test_withheld_is_said_beside_entries_too() -> None:
    """A list that looks whole but is not is the more dangerous one."""
    (notice,) = notices(says(SURGERY, warned("confidential-items")), is_empty=False)
    assert notice.kind == "withheld"


@pytest.mark.parametrize("code", ["data-in-transit", "data-awaiting-filing"])
def test_what_is_on_its_way_is_said_to_be(code: str) -> None:
    """UK Core's other two list warnings."""
    assert notices(says(HOSPITAL, warned(code)))[0].kind == "coming"


def test_none_recorded_is_said_only_by_somebody_and_with_a_date() -> None:
    """`no-content-recorded` is one organisation's statement, as of its list's date."""
    empty = listed(emptyReason=coded("no-content-recorded", ""), date="2018-01-09")
    (notice,) = notices(says(SURGERY, empty))
    assert notice == Notice("none", "Fosse Lane Surgery has none recorded (as of 9 Jan 2018).")


@pytest.mark.parametrize(("code", "kind"), [("notasked", "not-asked"), ("withheld", "withheld")])
def test_the_reasons_for_an_empty_list_are_kept_apart(code: str, kind: str) -> None:
    """FHIR's list-empty-reason: not asked is not withheld is not none."""
    assert notices(says(SURGERY, listed(emptyReason=coded(code, ""))))[0].kind == kind


def test_what_a_role_does_not_open_says_so() -> None:
    """Hidden by the reader's role: the page says that, whatever the record holds."""
    (notice,) = notices(hidden=frozenset({DataClass.CLINICAL}))
    assert notice.kind == "not-shared"


def test_a_list_about_something_else_says_nothing_here() -> None:
    """A withheld medicines list does not make the allergies withheld."""
    other = warned("confidential-items") | {"code": coded("933361000000108", "Medicines")}
    assert notices(says(SURGERY, other))[0].kind == "not-received"


def test_no_known_allergies_is_a_statement_not_an_absence() -> None:
    """It has an author and a date, and stands where an allergy would stand."""
    none = {"resourceType": "AllergyIntolerance", "code": coded("716186003", "No known allergy")}
    safety = present_safety(life(says(SURGERY, none)), NOW)
    ((words, told),) = safety.no_allergies_said
    assert words == "No known allergy" and told.organisation == "Fosse Lane Surgery"
    assert safety.allergies == () and safety.allergy_notices == ()
