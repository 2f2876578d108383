"""A result fits both twins: reception decides whose it is, and corrects it (domain.md 1.7, 4)."""

import re
from typing import TYPE_CHECKING

from tests.stories.steps import heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def test_reception_says_whose_the_result_is(
    page: "Page", browser: "Browser", served: str, pictures: bool
) -> None:
    """From the list to the answer; whoever comes second is told; a wrong answer is corrected."""
    sign_in(page, "receptionist")
    look(page)
    page.get_by_role("link", name="What came without it being certain").click()
    assert heading(page) == "Whose is it?"
    assert "2 candidates" in page.locator("main").inner_text()
    look(page, picture="identity", pictures=pictures)
    page.get_by_role("link", name="Pickering").first.click()
    assert "do not tell them apart" in page.locator("main").inner_text()
    look(page, picture="identity-question", pictures=pictures)
    other = browser.new_context(base_url=served).new_page()
    sign_in(other, "discharge-coordinator", page.url.removeprefix(served))
    page.get_by_role("button", name="Save this answer").click()
    assert page.title().startswith("Error: ")
    look(page)
    page.get_by_label(re.compile("^It is .*Jean")).check()
    page.get_by_label("How you know").fill("The laboratory rang.")
    page.get_by_role("button", name="Save this answer").click()
    assert "Decided" in page.locator("main").inner_text()
    assert "Pauline Croft" in page.locator("#answered ~ div").inner_text()
    look(page, picture="identity-decided", pictures=pictures)
    other.get_by_label(re.compile("^It is .*Joan")).check()
    other.get_by_role("button", name="Save this answer").click()
    assert "This was not saved" in other.locator("main").inner_text()
    assert "The laboratory rang." in other.locator("main").inner_text()
    look(other)
    other.context.close()
    page.get_by_label(re.compile("^It is .*Joan")).check()
    page.get_by_role("button", name="Save this answer").click()
    said = page.locator("#answered ~ div").inner_text()
    assert said.count("It is") == 2
    look(page)


def test_a_nurse_has_no_such_list(page: "Page") -> None:
    """Neither the card nor the page."""
    sign_in(page, "ward-nurse")
    assert page.locator("#identity").count() == 0
    page.goto("/identity")
    assert heading(page) == "You cannot do this"
