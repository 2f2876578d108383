"""A ward nurse opens a stranger's record for a reason, and the privacy officer answers for it.

domain.md 1.7, example 6. The place stands still at one hour, so the four hours end on its clock.
"""

from typing import TYPE_CHECKING

import pytest

from tests.stories.steps import MAN, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page


def _find_the_stranger(page: "Page") -> None:
    page.goto("/people/")
    page.get_by_label("NHS number").fill("999 001 2024")
    page.get_by_role("button", name="Find", exact=True).click()


def test_a_guessed_address_is_a_page_that_is_not_there(page: "Page") -> None:
    """Hidden and absent look the same to who was not shown the person."""
    sign_in(page, "ward-nurse")
    page.goto(f"/people/{MAN}")
    assert heading(page) == "We cannot show you this page"


def test_the_glass_is_broken_and_answered_for(page: "Page", pictures: bool) -> None:
    """Found, refused with a reason why, opened for four hours, on the privacy officer's list."""
    sign_in(page, "ward-nurse", "/people/")
    _find_the_stranger(page)
    found = page.locator(".ju-found").inner_text()
    assert "You have no relationship with this person" in found
    look(page, picture="found-stranger", pictures=pictures)
    page.get_by_role("link", name="Desmond Clarke").click()
    assert heading(page) == "You have no relationship with this person"
    look(page, picture="no-relationship", pictures=pictures)
    page.get_by_role("button", name="Open the record for four hours").click()
    assert page.title().startswith("Error: ")
    look(page)
    page.get_by_label("Access made in an emergency").check()
    page.get_by_label("In your own words").fill("Brought in unconscious by ambulance.")
    page.get_by_role("button", name="Open the record for four hours").click()
    assert page.url.endswith(f"/people/{MAN}")
    banner = page.get_by_role("status").first.inner_text()
    assert "Opened without a relationship until" in banner
    assert "Access made in an emergency" in banner
    look(page, picture="opened-without-a-relationship", pictures=pictures)
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, "privacy-officer", "/access/break-glass")
    row = page.locator("li", has_text="Clarke").first
    assert "Brought in unconscious by ambulance" in row.inner_text()
    look(page, picture="broken-glass", pictures=pictures)
    row.get_by_role("button", name="Mark as reviewed").click()
    assert page.title().startswith("Error: ")
    row = page.locator("li", has_text="Clarke").first
    row.get_by_role("textbox").fill("Spoke to the ward: rightly so.")
    row.get_by_role("button", name="Mark as reviewed").click()
    assert "Found: Spoke to the ward: rightly so." in page.locator("main").inner_text()
    look(page)


@pytest.mark.parametrize("account", ["broker", "link-worker", "finance-officer"])
def test_roles_that_do_not_trace_are_told_so(page: "Page", account: str) -> None:
    """No form that would refuse them afterwards."""
    sign_in(page, account, "/people/")
    assert "does not look for people by name" in page.locator("main").inner_text()
    assert page.locator("main form").count() == 0
    look(page)
