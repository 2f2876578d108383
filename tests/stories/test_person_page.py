"""A tired nurse opens a record: what matters first, who said it, and where sources differ."""

from typing import TYPE_CHECKING

import pytest

from tests.stories.steps import DAUGHTER, DESKTOP, MAN, WOMAN, faults_of, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def joyce(page: "Page") -> "Page":
    """The record of the woman in bed 12, open in front of the ward nurse."""
    page.set_viewport_size(DESKTOP)
    sign_in(page, "ward-nurse", f"/people/{WOMAN}")
    return page


def test_what_matters_is_there_before_scrolling(joyce: "Page", pictures: bool) -> None:
    """On a desktop: who, allergies, alerts, needs, who is involved, today, and what is new."""
    assert heading(joyce) == "Mrs Joyce Ellen Hallam"
    for name in (
        "Allergies",
        "Alerts",
        "Communication and adjustments",
        "Who is involved now",
        "Today",
        "New in the last 7 days",
    ):
        title = joyce.locator(".ju-glance h2", has_text=name)
        box = title.bounding_box()
        assert box is not None and box["y"] + box["height"] < DESKTOP["height"], name
    look(joyce, picture="person", pictures=pictures)


def test_the_strip_says_who_she_is(joyce: "Page") -> None:
    """Name, age, birth date, number 3-3-4, address, telephone; in which bed; lives alone."""
    strip = joyce.locator(".ju-person").inner_text()
    for words in ("84 years", "11 May 1933", "999 001 2008", "14 Orchard Row", "01632 960514"):
        assert words in strip
    assert "Bed 12" in strip and "Lives alone" in strip


def test_everybody_involved_has_a_telephone_number_to_press(joyce: "Page") -> None:
    """The daughter comes first: she is the carer."""
    lines = joyce.locator("section:has(#involved) > ul > li")
    assert lines.first.inner_text().startswith("Susan Whitlock")
    assert lines.first.get_by_role("link").get_attribute("href") == "tel:01632960515"


def test_the_disagreement_stands_side_by_side(joyce: "Page", pictures: bool) -> None:
    """The surgery says penicillin, the hospital no known drug allergies: both are there."""
    joyce.locator("section:has(#allergies)").get_by_role("link", name="Sources differ").click()
    sides = joyce.locator("#differ .ju-side")
    said = [sides.nth(i).inner_text() for i in range(sides.count())]
    assert any("Penicillin" in s and "Fosse Lane Surgery" in s for s in said)
    assert any("No known drug allergies" in s and "Marlbrook General Hospital" in s for s in said)
    if pictures:
        look(joyce, picture="conflict", pictures=pictures)


def test_every_entry_says_who_and_when(joyce: "Page") -> None:
    """No item in a list without its organisation and a date."""
    for item in joyce.locator(".ju-section .ju-item").all():
        source = item.locator(".ju-told").first
        assert source.locator("b").inner_text()
        assert source.locator("time").count() >= 1, item.inner_text()


def test_results_show_their_trend_beside_their_numbers(joyce: "Page") -> None:
    """A trend is a drawing with a name, and the earlier values are one press away."""
    row = joyce.locator("#results tr", has_text="Creatinine")
    named = row.get_by_role("img").get_attribute("aria-label") or ""
    assert named.startswith("Trend of Creatinine")
    row.locator("summary").click()
    assert row.locator("details li").count() >= 3


def test_the_timeline_has_a_lane_for_each_organisation_and_filters(
    joyce: "Page", pictures: bool
) -> None:
    """The filters are a plain form; the list says the same as the drawing."""
    assert joyce.locator(".ju-lane").count() == 3
    joyce.locator("#timeline").scroll_into_view_if_needed()
    joyce.get_by_label("Organisation", exact=True).select_option("Marlbrook General Hospital")
    joyce.get_by_label("Kind", exact=True).select_option("Results")
    joyce.get_by_role("button", name="Show", exact=True).click()
    joyce.wait_for_url("**organisation=RZ901**")
    assert joyce.locator(".ju-lane").count() == 1
    joyce.get_by_text("The same as a list").click()
    rows = joyce.locator("#timeline tbody tr")
    assert rows.count() > 3
    assert all("Marlbrook General" in rows.nth(i).inner_text() for i in range(rows.count()))
    look(joyce)


def test_the_timeline_and_the_lists_have_pages_of_their_own(joyce: "Page", pictures: bool) -> None:
    """Everything can be seen in full; each such page leads back."""
    joyce.goto(f"/people/{WOMAN}/timeline?span=all")
    assert joyce.locator("#timeline tbody tr").count() > 100
    look(joyce, picture="timeline", pictures=pictures)
    for slug in ("results", "problems", "encounters", "documents"):
        joyce.goto(f"/people/{WOMAN}/{slug}")
        assert joyce.get_by_role("link", name="Back to the whole record").is_visible()
        look(joyce)


def test_the_man_who_went_home_and_the_daughter(page: "Page", pictures: bool) -> None:
    """His record shows health and council in one timeline; hers is her own."""
    faults = faults_of(page)
    sign_in(page, "social-worker", f"/people/{MAN}")
    services = page.locator("#services").inner_text()
    assert "Reablement" in services and "Marlbrook Council" in services
    look(page, picture="person-home-again", pictures=pictures)
    page.goto(f"/people/{DAUGHTER}")
    assert heading(page).endswith("Whitlock")
    look(page)
    assert faults == []


def test_the_start_page_remembers_who_was_looked_at(joyce: "Page", pictures: bool) -> None:
    """One press from the start page back to somebody just seen."""
    joyce.goto("/")
    assert joyce.get_by_role("link", name="Mrs Joyce Ellen Hallam").is_visible()
    look(joyce, picture="start", pictures=pictures)


def test_the_page_prints_without_its_furniture(joyce: "Page") -> None:
    """On paper: no menu, no form, no link to press; what was folded is unfolded."""
    joyce.emulate_media(media="print")
    assert not joyce.locator(".ju-header").is_visible()
    assert not joyce.locator(".ju-filters").is_visible()
    assert joyce.locator(".ju-person__name").is_visible()
    assert joyce.locator("#results details li").first.is_visible()
