"""A commissioner plays a winter forward and reads what would help; workers with people do not."""

from typing import TYPE_CHECKING

import pytest

from tests.stories.steps import faults_of, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_a_commissioner_plays_a_winter(page: "Page", pictures: bool) -> None:
    """From the start page: a ready question, a place, and its answer with charts and tables."""
    faults = faults_of(page)
    sign_in(page, "commissioner")
    page.get_by_role("link", name="Play a winter forward").click()
    assert heading(page) == "Planning"
    look(page, picture="plan", pictures=pictures)
    part = page.locator("section", has_text="What would help most this winter").first
    part.get_by_label("Place").select_option("Somerset")
    part.get_by_role("button", name="Play it").click()
    if heading(page) == "Being played":
        look(page, picture="plan-being-played", pictures=pictures)
    for _ in range(240):
        if heading(page) != "Being played":
            break
        page.wait_for_timeout(1000)
        page.reload()
    assert heading(page) == "What would help most this winter"
    words = page.locator("main").inner_text()
    assert "in nine winters of ten between" in words
    assert "What the model does not know" in words
    assert page.locator("main svg").count() >= 4
    page.get_by_text("The figures").first.click()
    look(page, picture="plan-answer", pictures=pictures)
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Planning").click()
    assert "Somerset, 90 days" in page.locator("main").inner_text()
    assert faults == []


@pytest.mark.parametrize("account", ["ward-manager", "gp", "person"])
def test_planning_is_not_for_those_who_care(page: "Page", account: str) -> None:
    """Its words say for whom it is."""
    sign_in(page, account)
    answer = page.goto("/plan")
    assert answer is not None and answer.status == 403
