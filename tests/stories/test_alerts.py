"""The privacy officer finds that a receptionist looked at herself, and settles it."""

from typing import TYPE_CHECKING

import pytest

from tests.stories.steps import faults_of, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_an_alert_is_on_the_list_and_is_settled(page: "Page", pictures: bool) -> None:
    """With its reason in words; a finding is asked for, and closes it."""
    faults = faults_of(page)
    sign_in(page, "privacy-officer")
    page.get_by_role("link", name="Workers who opened their own record").click()
    assert heading(page) == "Alerts about who looked"
    waiting = page.locator("section:has(#waiting)")
    for _ in range(40):  # the audit is sealed first: half a second, then the job
        if "Pauline" in waiting.inner_text() or "Pauline" in page.locator("main").inner_text():
            break
        page.wait_for_timeout(500)
        page.reload()
    row = waiting.locator("li", has_text="Pauline Croft").first
    assert "They opened their own record with a worker's sign-in" in row.inner_text()
    row.get_by_role("button", name="Write it down").click()
    assert page.get_by_role("heading", name="There is a problem").is_visible()
    look(page, picture="alerts", pictures=pictures)
    row = page.locator("section:has(#waiting) li", has_text="Pauline Croft").first
    row.get_by_role("combobox").select_option("It was not appropriate")
    row.get_by_label("What you found", exact=True).fill("Looked up her own appointment.")
    row.get_by_role("button", name="Write it down").click()
    page.wait_for_url("**/access/alerts")
    settled = page.locator("section:has(#settled)").inner_text()
    assert "It was not appropriate" in settled and "Looked up her own appointment." in settled
    look(page)
    assert [f for f in faults if "422" not in f] == []


@pytest.mark.parametrize("account", ["receptionist", "gp", "ward-manager", "person", "analyst"])
def test_nobody_else_opens_the_list(page: "Page", account: str) -> None:
    """Least of all who is on it."""
    sign_in(page, account)
    answer = page.goto("/access/alerts")
    assert answer is not None and answer.status == 403
    assert "Pauline" not in page.locator("main").inner_text()
