"""A coordinator finds what waits for her, takes it, and her colleagues see that she does it."""

from typing import TYPE_CHECKING

import pytest

from tests.stories.steps import TELEPHONE, faults_of, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_what_waits_is_on_one_list_and_who_takes_it_is_seen(page: "Page", pictures: bool) -> None:
    """From the menu, by keyboard and by mouse, on a telephone and on a desk."""
    faults = faults_of(page)
    sign_in(page, "finance-officer", "/account")
    menu = page.get_by_role("navigation", name="Main")
    link = menu.get_by_role("link", name="My work")
    assert "(" in link.inner_text()
    count = int(link.inner_text().split("(")[1].rstrip(")"))
    link.click()
    assert heading(page) == "My work"
    lines = page.locator("#work-list > ul > li")
    assert lines.count() == count
    look(page, picture="work", pictures=pictures)
    first = lines.filter(has=page.get_by_role("button", name="Take it")).first
    name = first.locator(".ju-found__name").inner_text()
    first.get_by_role("button", name="Take it").click()
    assert page.get_by_role("status").filter(has_text="You took it").is_visible()
    page.get_by_role("link", name="Mine (1)").click()
    mine = page.locator("#work-list > ul > li")
    assert mine.count() == 1 and name in mine.inner_text() and "You took this" in mine.inner_text()
    look(page)
    sign_in(page, "second-finance-officer", "/work")
    theirs = page.locator("#work-list > ul > li", has_text="took this")
    assert name in theirs.first.inner_text()
    page.set_viewport_size(TELEPHONE)
    theirs.first.get_by_role("button", name="Give it back to the team").click()
    assert page.get_by_role("status").filter(has_text="You gave it back").is_visible()
    page.locator("#work-list > ul > li a").first.click()
    assert page.url.split("/")[3] == "money"
    assert faults == []


def test_the_list_asks_again_by_itself(page: "Page") -> None:
    """Unchanged it answers 204; what a colleague does meanwhile shows without a reload."""
    sign_in(page, "finance-officer", "/work")
    with page.expect_response(lambda r: "/work/list" in r.url, timeout=20_000) as answered:
        pass
    assert answered.value.status in (200, 204)
    assert heading(page) == "My work"


@pytest.mark.parametrize("account", ["analyst"])
def test_an_empty_list_says_so(page: "Page", account: str) -> None:
    """Whose role has no errands reads a sentence, not a blank page."""
    sign_in(page, account, "/work")
    assert "Nothing waits for you" in page.locator("main").inner_text()
    look(page)


def test_a_person_chooses_how_she_is_told(page: "Page", pictures: bool) -> None:
    """Two questions, in words she knows."""
    faults = faults_of(page)
    sign_in(page, "person", "/my")
    page.get_by_role("link", name="How I am told").click()
    assert heading(page) == "How I am told"
    look(page, picture="told", pictures=pictures)
    page.get_by_label("Everything that is new").check()
    page.get_by_label("By letter to my home").check()
    page.get_by_role("button", name="Save").click()
    assert page.get_by_role("status").filter(has_text="Your choice is saved").is_visible()
    assert page.get_by_label("By letter to my home").is_checked()
    look(page)
    assert faults == []
