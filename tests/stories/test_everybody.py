"""The pages work for everybody: keyboard alone, no JavaScript, and every way of saying no."""

from typing import TYPE_CHECKING

import pytest

from tests.stories.steps import MAN, WOMAN, faults_of, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def _tab_to(page: "Page", words: str, most: int = 80) -> None:
    """Press Tab until something with these words has the focus, seen by everybody."""
    for _ in range(most):
        page.keyboard.press("Tab")
        text = page.evaluate("document.activeElement.innerText || document.activeElement.id")
        if words in str(text):
            return
    raise AssertionError(f"{words!r} was not reached with {most} presses of Tab")


def test_from_sign_in_to_a_record_by_keyboard_alone(page: "Page") -> None:
    """Skip link first; sign in, find, open: Tab, type and Enter."""
    page.goto("/sign-in?next=/people/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to main content"
    page.keyboard.press("Enter")
    _tab_to(page, "Sign in as Dr Anita Rao")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/")
    _tab_to(page, "nhs_number")
    page.keyboard.type("9990012008")
    page.keyboard.press("Enter")
    page.wait_for_url("**nhs_number=9990012008**")
    _tab_to(page, "Joyce Hallam")
    outline = page.evaluate("getComputedStyle(document.activeElement).backgroundColor")
    assert outline == "rgb(255, 235, 59)", "what has the focus is marked"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/people/{WOMAN}")
    _tab_to(page, "more")
    page.keyboard.press("Enter")
    assert page.locator("details[open]").count() == 1


def test_everything_works_without_javascript(browser: "Browser", served: str) -> None:
    """Sign in, find with a mistake, open, filter the timeline, sign out."""
    context = browser.new_context(base_url=served, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, "gp", "/people/?nhs_number=1")
    assert page.locator(".nhsuk-error-summary").is_visible()
    page.get_by_label("NHS number").fill("999 001 2008")
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_role("link", name="Joyce Hallam").click()
    page.get_by_label("How far back").select_option("Everything")
    page.get_by_role("button", name="Show", exact=True).click()
    assert "span=all" in page.url
    page.get_by_role("button", name="Sign out").click()
    assert page.url.endswith("/sign-in")
    context.close()


def test_hidden_and_absent_look_the_same(page: "Page", pictures: bool) -> None:
    """A worker without a relationship cannot tell a record they may not see from none at all."""
    sign_in(page, "ward-nurse", "/people/nobody-at-all")
    absent = page.locator("main").inner_text()
    assert heading(page) == "We cannot show you this page"
    look(page, picture="not-found", pictures=pictures)
    page.goto("/no-such-page")
    assert page.locator("main").inner_text() == absent


def test_an_analyst_opens_nobody(page: "Page") -> None:
    """The role sees figures, never a record: 403, in plain words."""
    sign_in(page, "analyst", f"/people/{MAN}")
    assert heading(page) == "You cannot do this"
    look(page)


@pytest.mark.parametrize("role", ["analyst", "commissioner"])
def test_who_plans_starts_with_planning_and_is_offered_nobody(page: "Page", role: str) -> None:
    """No way to a person is shown to whom it would lead nowhere."""
    sign_in(page, role, "/")
    assert page.get_by_role("link", name="Find a person").count() == 0
    assert "Recently looked at" not in page.locator("main").inner_text()
    look(page)
    page.get_by_role("navigation").get_by_role("link", name="Planning").click()
    assert heading(page) == "Planning"


def test_without_a_sign_in_a_record_asks_for_one_and_comes_back(
    page: "Page", pictures: bool
) -> None:
    """The address asked for is where one lands after signing in."""
    page.goto(f"/people/{WOMAN}/results")
    assert heading(page) == "Sign in"
    look(page, picture="sign-in", pictures=pictures)
    page.get_by_role("button", name="Sign in as Grace Adeyemi").click()
    assert page.url.endswith(f"/people/{WOMAN}/results")


def test_a_form_without_its_mark_is_refused(page: "Page") -> None:
    """Signing in is a POST of our own form only; a foreign next address is not followed."""
    page.goto("/sign-in?next=https://elsewhere.example/")
    assert page.locator("input[name=next]").first.input_value() == "/"
    answer = page.request.post("/sign-in", form={"account": "gp", "next": "/"})
    assert answer.status == 403 and "Send the form again" in answer.text()


def test_the_accessibility_statement(page: "Page", pictures: bool) -> None:
    """Reached from every page's foot."""
    faults = faults_of(page)
    page.goto("/tour")
    page.get_by_role("link", name="Accessibility statement").click()
    assert heading(page) == "Accessibility statement"
    look(page, picture="accessibility", pictures=pictures)
    assert faults == []
