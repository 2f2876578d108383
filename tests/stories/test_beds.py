"""A ward's day: somebody gets a bed, moves, a bed is cleaned and closed, a colleague sees it.

Domain.md 9.2, 10.2 WI-03, WI-04; a change made elsewhere is seen within five seconds.
"""

import re
from typing import TYPE_CHECKING

import pytest

from tests.stories.steps import faults_of, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WARD = "/beds/rz901-ward-11"
WITHIN_MS = 5_000


def bed(page: "Page", name: str) -> str:
    """What the map says of a bed, in one line."""
    cards = page.locator("#bed-map li.ju-bed")
    found = cards.filter(has=page.locator(".ju-bed__name", has_text=re.compile(f"^{name}$")))
    return " ".join(found.inner_text().split())


def shows(page: "Page", name: str, words: str) -> None:
    """Wait until the map says so, without loading it again; five seconds at most."""
    cards = page.locator("#bed-map li.ju-bed")
    found = cards.filter(has=page.locator(".ju-bed__name", has_text=re.compile(f"^{name}$")))
    found.filter(has_text=words).wait_for(timeout=WITHIN_MS)


def who_lies_in(page: "Page", name: str) -> str:
    found = re.search(r"In use (.+?), \d+", bed(page, name))
    assert found is not None, bed(page, name)
    return found[1]


@pytest.fixture
def colleague(browser: "Browser", served: str) -> "Page":
    """The ward manager, at another desk with the same map open."""
    context = browser.new_context(base_url=served, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sign_in(page, "ward-manager", to=WARD)
    return page


def test_a_nurse_moves_somebody_cleans_and_closes_a_bed_and_a_colleague_sees_it(
    page: "Page", colleague: "Page", pictures: bool
) -> None:
    faults = faults_of(page)
    sign_in(page, "ward-nurse")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Beds").click()
    assert heading(page) == "Beds"
    said = page.locator("main").inner_text()
    assert "At 08:00 on 16 January 2018" in said and "Now, at 10:00 on 16 January 2018" in said
    look(page, picture="beds", pictures=pictures)
    page.get_by_role("link", name="Ward 11").click()
    assert heading(page) == "Beds of Ward 11"
    look(page, picture="bed-map", pictures=pictures)
    who = who_lies_in(page, "Bed 1")
    _move(page, who)
    assert "To be cleaned" in bed(page, "Bed 1") and who in bed(page, "Bed 24")
    shows(colleague, "Bed 24", who)
    shows(colleague, "Bed 1", "To be cleaned")
    _clean_by_keyboard(page)
    shows(colleague, "Bed 1", "Free")
    _close(page, pictures=pictures)
    shows(colleague, "Bed 1", "Repairs: The bell does not ring")
    _open(page)
    shows(colleague, "Bed 1", "Free")
    assert [f for f in faults if "422" not in f] == []  # closing without a reason is refused
    colleague.context.close()


def _move(page: "Page", who: str) -> None:
    """Open the page of somebody's beds from the map, choose the last, and move them."""
    page.get_by_role("link", name=f"Move {who}").first.click()
    assert heading(page).startswith(f"A bed for {who}")
    look(page)
    page.get_by_role("group", name="Ward 11").get_by_label("Bed 24").check()
    page.get_by_role("button", name="Move them now").click()
    page.wait_for_load_state()
    assert "They are in their new bed" in page.locator("main").inner_text()


def _clean_by_keyboard(page: "Page") -> None:
    """Two keys: the button has the focus, and stays where it is while the map lives."""
    for words, after in (("Start cleaning", "Being cleaned"), ("It is clean", "Free")):
        button = page.locator("#do-rz901-ward-11-bed-1")
        assert words in button.inner_text()
        button.focus()
        page.keyboard.press("Enter")
        shows(page, "Bed 1", after)
    assert "Free" in bed(page, "Bed 1")


def _close(page: "Page", *, pictures: bool) -> None:
    page.get_by_role("link", name="Bed 1", exact=True).click()
    assert heading(page) == "Bed 1, Ward 11"
    page.get_by_role("button", name="Close it").click()
    assert "There is a problem" in page.content() or "Nothing was changed" in page.content()
    look(page, picture="bed", pictures=pictures)
    page.get_by_label("Repairs").check()
    page.get_by_label("More, if it helps").fill("The bell does not ring")
    page.get_by_role("button", name="Close it").click()
    page.wait_for_load_state()
    assert "Closed" in bed(page, "Bed 1")


def _open(page: "Page") -> None:
    page.get_by_role("link", name="Bed 1", exact=True).click()
    page.get_by_role("button", name="Open it").click()
    page.wait_for_load_state()
    assert "Free" in bed(page, "Bed 1")


def test_a_ward_is_closed_for_norovirus_and_takes_nobody(page: "Page", pictures: bool) -> None:
    """10.3 example 5, as it is seen; the ward is opened again where the story ends."""
    faults = faults_of(page)
    sign_in(page, "ward-nurse", to="/beds/rz901-ward-11")
    page.get_by_role("link", name="Close this ward for an infection").click()
    assert heading(page) == "Outbreak on Ward 11"
    look(page, picture="outbreak", pictures=pictures)
    page.locator("#begin-infection").select_option(label="Norovirus (diarrhoea and vomiting)")
    page.get_by_label("Confirmed by a test").check()
    page.get_by_label("Day of the last symptom").fill("13/1/2018")
    page.get_by_label("Time, like 07:30").fill("9:15")
    page.get_by_role("button", name="Close the ward").click()
    page.wait_for_load_state()
    assert "Closed to admissions. Norovirus" in page.locator("#bed-map").inner_text()
    look(page, picture="bed-map-closed", pictures=pictures)
    page.goto("/beds")
    page.locator("section.ju-card", has_text="People in no bed").locator("a").first.click()
    said = page.locator("main").inner_text()
    assert "Closed to admissions: Ward 11." in said
    look(page)
    page.goto("/beds/rz901-ward-11/outbreak")
    page.get_by_role("button", name="The terminal clean is done").click()
    page.goto("/beds/rz901-ward-11/outbreak")
    look(page)
    page.get_by_role("button", name="It is over: open the ward").click()
    page.wait_for_load_state()
    assert "Closed to admissions" not in page.locator("#bed-map").inner_text()
    assert faults == []


def test_the_map_prints_on_one_page(page: "Page") -> None:
    sign_in(page, "ward-nurse", to="/beds/rz901-ward-4")
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
