"""After signing out nothing of anybody is left in the browser: not behind the back button."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.stories.steps import MAN, WOMAN, heading, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.parametrize(
    ("account", "address", "name"),
    [
        ("social-worker", f"/people/{MAN}", "Desmond"),
        ("ward-nurse", f"/people/{WOMAN}/medicines", "Joyce"),
        ("person", "/my/summary", "Joyce"),
    ],
)
def test_the_way_back_shows_nobody(page: "Page", account: str, address: str, name: str) -> None:
    """Back, forward and back again: the browser asks the server, which asks for a sign-in."""
    sign_in(page, account, address)
    assert name in page.locator("main").inner_text() or name in heading(page)
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_load_state()
    for way in (page.go_back, page.go_back, page.go_forward, page.go_back):
        way()
        page.wait_for_load_state()
        assert urlsplit(page.url).path in ("/sign-in", "/tour"), page.url
        assert page.locator(".ju-person").count() == 0
    page.goto(address)
    assert heading(page) == "Sign in"
