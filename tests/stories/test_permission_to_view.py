"""Joyce wants to be asked first; the ward nurse asks her (domain.md 1.7, example 7)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.stories.steps import WOMAN, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page


def _says(page: "Page", answer: str) -> None:
    sign_in(page, "person", "/my/agreed/permission")
    page.locator(f"#answer-{answer}").check()
    page.get_by_role("button", name="Go on").click()
    page.locator("main form[method=post] button").click()
    page.get_by_role("button", name="Sign out").click()


@pytest.fixture
def asking(page: "Page") -> Iterator["Page"]:
    """Joyce has said that she wants to be asked; afterwards she lets everybody look again."""
    _says(page, "ask")
    yield page
    context: BrowserContext = page.context
    context.clear_cookies()
    _says(page, "yes")


def test_nothing_shows_before_the_answer_and_a_no_keeps_it_hidden(
    asking: "Page", pictures: bool
) -> None:
    """Never "none recorded": the page says that she wants to be asked, and by whom it is hidden."""
    sign_in(asking, "ward-nurse", f"/people/{WOMAN}")
    words = asking.locator("main").inner_text()
    assert "wants to be asked" in words and "Medicines" not in words and "Allergies" not in words
    look(asking, picture="permission-to-view", pictures=pictures)
    asking.goto(f"/people/{WOMAN}/medicines")
    assert asking.url.endswith(f"/people/{WOMAN}")
    asking.get_by_label("They said no").check()
    asking.get_by_role("button", name="Write it down").click()
    assert "They said no at" in asking.locator("main").inner_text()
    assert "Medicines" not in asking.locator("main").inner_text()
    look(asking)
    asking.get_by_label("They said yes").check()
    asking.get_by_role("button", name="Write it down").click()
    assert asking.get_by_role("heading", name="Medicines").first.is_visible()
    look(asking)
