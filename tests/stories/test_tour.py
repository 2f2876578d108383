"""A newcomer walks the tour: the story, the loop, one click into each record, and the reset."""

import re
from typing import TYPE_CHECKING

from tests.stories.steps import DAUGHTER, MAN, WOMAN, faults_of, heading, look

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_the_tour_tells_the_hour_and_the_three_people(page: "Page", pictures: bool) -> None:
    """`joinedup demo` opens here: Tuesday 16 January, ten o'clock; nothing real, and it says so."""
    faults = faults_of(page)
    page.goto("/")
    assert page.url.endswith("/tour")
    assert heading(page) == "It is Tuesday 16 January 2018, ten o’clock"
    assert "Invented people" in page.locator(".ju-demo").inner_text()
    assert "joinedup is not an NHS service" in page.locator("footer").inner_text()
    for name in ("Joyce Hallam, 84", "Susan Whitlock, 58", "Desmond Clarke, 78"):
        assert page.get_by_role("heading", name=name).is_visible()
    look(page, picture="tour", pictures=pictures)
    assert faults == []


def test_the_whole_loop_is_drawn_and_listed_and_what_is_not_built_says_so(page: "Page") -> None:
    """Fourteen steps, in the drawing and in the list alike; those not built yet have no button."""
    page.goto("/tour")
    steps = page.locator(".ju-steps > li")
    assert steps.count() == 14 == page.locator(".ju-loop circle").count()
    for index in range(steps.count()):
        step = steps.nth(index)
        is_built = "ju-step--built" in (step.get_attribute("class") or "")
        assert is_built == (step.locator("button").count() > 0)
        assert is_built != ("Not built yet" in step.inner_text())
    assert "ju-step--built" in (steps.first.get_attribute("class") or "")


def test_every_built_door_leads_into_a_page_as_the_right_worker(page: "Page") -> None:
    """Each button of the tour signs in and opens what it names."""
    page.goto("/tour")
    doors = [
        (
            form.locator("input[name=account]").input_value(),
            form.locator("input[name=next]").input_value(),
        )
        for form in page.locator('main form[action="/sign-in"]').all()
    ]
    assert {f"/people/{p}" for p in (WOMAN, DAUGHTER, MAN)} <= {link for _, link in doors}
    # Issue 2, accept 9: the person's steps, her daughter's and the privacy officer's are lit.
    assert {
        ("person", "/my"),
        ("daughter", f"/my/for/{WOMAN}"),
        ("privacy-officer", "/access/break-glass"),
        ("privacy-officer", "/access/alerts"),
    } <= set(doors)
    # Issue 3, accept 4: the grant's step is lit for who prepares, who approves and who reads.
    assert {"finance-officer", "second-finance-officer", "commissioner"} <= {
        who for who, _ in doors
    }
    for account, link in dict.fromkeys(doors):
        page.goto("/tour")
        form = page.locator(
            f'main form:has(input[value="{account}"]):has(input[name="next"][value="{link}"])'
        )
        form.first.get_by_role("button").click()
        # A person's own start is their record.
        arrives = "/my" if link == "/" and account in ("person", "daughter") else link
        page.wait_for_url(re.compile(re.escape(arrives) + "$"))
        assert page.get_by_role("button", name="Sign out").is_visible()
        assert "We cannot show you" not in heading(page), (account, link)


def test_reset_brings_the_place_back_and_signs_everybody_out(page: "Page") -> None:
    """The reset is a POST, says what it does, and leaves nobody signed in."""
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/tour")
    page.get_by_role("button", name="Reset the demo").click()
    page.wait_for_url("**/tour?reset")
    assert page.get_by_role("status").is_visible()
    assert page.get_by_role("link", name="Sign in").is_visible()
    look(page)
