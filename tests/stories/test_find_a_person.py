"""A GP finds the right person first time; what was typed is never lost."""

from typing import TYPE_CHECKING

import pytest

from tests.stories.steps import WOMAN, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def finding(page: "Page") -> "Page":
    """The form, in front of the GP."""
    sign_in(page, "gp", "/people/")
    return page


def _born(page: "Page", day: str, month: str, year: str) -> None:
    for part, text in (("day", day), ("month", month), ("year", year)):
        page.locator(f"#born-{part}").fill(text)


def test_by_nhs_number(finding: "Page", pictures: bool) -> None:
    """Typed with spaces or without; shown 3-3-4; one press opens the record."""
    look(finding, picture="find", pictures=pictures)
    finding.get_by_label("NHS number").fill("999 001 2008")
    finding.get_by_role("button", name="Find", exact=True).click()
    assert finding.get_by_text("Exact match").is_visible()
    assert "999 001 2008" in finding.locator(".ju-found").inner_text()
    finding.get_by_role("link", name="Joyce Hallam").click()
    assert finding.url.endswith(f"/people/{WOMAN}")


def test_by_name_and_birth_date_with_reasons(finding: "Page", pictures: bool) -> None:
    """Every candidate says why it is there."""
    finding.get_by_label("Family name").fill("hallam")
    _born(finding, "11", "5", "1933")
    finding.get_by_role("button", name="Find", exact=True).click()
    found = finding.locator(".ju-found").inner_text()
    assert "The family name agrees." in found and "The birth date agrees." in found
    look(finding, picture="found", pictures=pictures)


def test_a_wrong_check_digit_is_said_beside_the_field_and_the_number_stays(
    finding: "Page", pictures: bool
) -> None:
    """ID-01. The summary has the focus and leads to the field."""
    finding.get_by_label("NHS number").fill("999 001 2009")
    finding.get_by_label("Family name").fill("Hallam")
    finding.get_by_role("button", name="Find", exact=True).click()
    assert finding.title().startswith("Error: ")
    assert finding.get_by_label("NHS number").input_value() == "999 001 2009"
    assert finding.get_by_label("Family name").input_value() == "Hallam"
    summary = finding.locator(".nhsuk-error-summary")
    assert "check digit" in summary.inner_text()
    assert summary.evaluate("e => e === document.activeElement")
    summary.get_by_role("link").click()
    assert finding.locator("#nhs_number").evaluate("e => e === document.activeElement")
    look(finding, picture="find-error", pictures=pictures)


@pytest.mark.parametrize(
    ("day", "month", "year"), [("31", "2", "1933"), ("1", "1", "2190"), ("x", "5", "1933")]
)
def test_an_impossible_birth_date_is_kept_and_refused(
    finding: "Page", day: str, month: str, year: str
) -> None:
    """Dates in the future or that never were."""
    finding.get_by_label("Family name").fill("Hallam")
    _born(finding, day, month, year)
    finding.get_by_role("button", name="Find", exact=True).click()
    assert finding.locator(".nhsuk-error-summary").is_visible()
    assert finding.locator("#born-day").input_value() == day
    look(finding)


def test_nobody_found_is_not_nobody_there(finding: "Page") -> None:
    """Absence of a hit is not absence of a person (domain.md 0, Absence)."""
    finding.get_by_label("Family name").fill("Nobodywhatever")
    _born(finding, "11", "5", "1933")
    finding.get_by_role("button", name="Find", exact=True).click()
    assert "does not mean that they have no record" in finding.locator("main").inner_text()
    assert heading(finding) == "Find a person"
    look(finding)
