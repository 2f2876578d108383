"""Two workers change one telephone number at once: one wins, no word of the other is lost."""

from typing import TYPE_CHECKING

from tests.stories.steps import DESKTOP, MAN, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FORM = f"/people/{MAN}/contact"


def _typing(browser: "Browser", address: str) -> "Page":
    """The form open in front of a social worker; a story before may have reset the place."""
    page = browser.new_context(base_url=address, viewport=DESKTOP).new_page()
    for _ in range(80):
        sign_in(page, "social-worker", FORM)
        if page.locator("#telephone").count():
            return page
        page.wait_for_timeout(500)
    raise AssertionError(f"the form did not open: {heading(page)}")


def test_the_second_to_save_keeps_every_word(
    browser: "Browser", served: str, pictures: bool
) -> None:
    """The page says who came first, shows what is recorded now, and still holds what was typed."""
    first, second = _typing(browser, served), _typing(browser, served)
    first.fill("#telephone", "01632 960111")
    first.get_by_role("button", name="Save").click()
    assert first.url.endswith(f"/people/{MAN}")

    second.fill("#telephone", "01632 960222")
    second.fill("#line", "The Old Forge, Mill Lane")
    second.get_by_role("button", name="Save").click()
    assert "Somebody saved before you" in second.locator("main").inner_text()
    assert second.input_value("#telephone") == "01632 960222"
    assert second.input_value("#line") == "The Old Forge, Mill Lane"
    assert "Recorded now: 01632 960111" in second.locator("main").inner_text()
    look(second, picture="two-editors", pictures=pictures)

    second.get_by_role("button", name="Save").click()
    assert second.url.endswith(f"/people/{MAN}")
    second.goto(FORM)
    assert second.input_value("#telephone") == "01632 960222"


def test_a_wrong_postcode_is_told_beside_its_field(browser: "Browser", served: str) -> None:
    """And what else was typed stays."""
    page = _typing(browser, served)
    page.fill("#telephone", "01632 960333")
    page.fill("#postcode", "nowhere")
    page.get_by_role("button", name="Save").click()
    assert heading(page) == "Change contact details"
    assert page.input_value("#telephone") == "01632 960333"
    assert page.input_value("#postcode") == "nowhere"
    assert "MQ1 4AB" in page.locator("#postcode-error").inner_text()
    look(page)
