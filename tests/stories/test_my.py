"""Joyce looks at her own record on her telephone: what it says, who looked, and who may look."""

from typing import TYPE_CHECKING

import pytest

from tests.stories.steps import TELEPHONE, WOMAN, faults_of, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOSPITAL = "Marlbrook General Hospital"


@pytest.fixture
def mine(page: "Page") -> "Page":
    """Joyce has signed in, on her telephone."""
    page.set_viewport_size(TELEPHONE)
    sign_in(page, "person")
    return page


def nurse_sees(browser: "Browser", served: str) -> bool:
    """Whether the ward nurse, in a browser of her own, reads what Joyce must not be given."""
    context = browser.new_context(base_url=served)
    try:
        page = context.new_page()
        sign_in(page, "ward-nurse")
        page.goto(f"/people/{WOMAN}")
        return "Penicillin" in page.locator("main").inner_text()
    finally:
        context.close()


def test_a_person_lands_at_home(mine: "Page", pictures: bool) -> None:
    """After sign-in: a card for each page, and no way to find other people."""
    faults = faults_of(mine)
    assert mine.url.endswith("/my") and heading(mine) == "My record"
    cards = ("Who comes when", "My summary", "Who looked at my record", "What I agreed to")
    titles = mine.locator("main h2").all_inner_texts()
    assert tuple(titles[:4]) == cards and "Other people’s records" in titles
    assert mine.get_by_role("link", name="Find a person").count() == 0
    look(mine, picture="my", pictures=pictures)
    assert faults == []


def test_her_summary_says_what_matters_and_who_says_so(mine: "Page", pictures: bool) -> None:
    """Allergies first, each entry with its source, and telephone numbers to press."""
    mine.get_by_role("link", name="My summary").click()
    mine.wait_for_url("**/my/summary")
    titles = mine.locator("main h2").all_inner_texts()
    assert titles == [
        "Allergies",
        "Medicines",
        "Problems",
        "Who helps you",
        "Where this comes from",
    ]
    assert "Penicillin" in mine.locator("section:has(#allergies)").inner_text()
    helper = mine.locator("section:has(#involved) li").first
    assert helper.inner_text().startswith("Susan Whitlock")
    assert helper.get_by_role("link").get_attribute("href") == "tel:01632960515"
    look(mine, picture="my-summary", pictures=pictures)


def test_she_reads_who_looked_and_why(
    mine: "Page", browser: "Browser", served: str, pictures: bool
) -> None:
    """Domain 5.4, 5: the ward, the role, and that she was in hospital; no worker's name."""
    assert nurse_sees(browser, served)
    mine.goto("/my/who-looked")
    line = mine.locator("li", has_text=f"{HOSPITAL} (ward nurse)").first.inner_text()
    assert "looked at your record, because you were in hospital." in line.replace("\n", " ")
    assert "Grace Adeyemi" not in mine.locator("main").inner_text()
    look(mine, picture="my-who-looked", pictures=pictures)


def test_she_objects_and_the_hospital_no_longer_sees(
    mine: "Page", browser: "Browser", served: str, pictures: bool
) -> None:
    """Form, check with what it means, confirm, done; then she changes her mind."""
    mine.goto("/my/agreed")
    mine.get_by_role("link", name="Object to an organisation").click()
    mine.get_by_role("button", name="Go on").click()
    assert mine.get_by_role("heading", name="There is a problem").is_visible()
    look(mine)
    mine.get_by_label("Organisation", exact=True).select_option(HOSPITAL)
    mine.get_by_role("button", name="Go on").click()
    assert heading(mine) == "Check before you object"
    look(mine, picture="my-object", pictures=pictures)
    other = mine.context.new_page()
    other.goto(mine.url)
    mine.get_by_role("button", name="Confirm that they may not see it").click()
    mine.wait_for_url("**/my/agreed?done=objected")
    try:
        assert "They can no longer see your record." in mine.get_by_role("status").inner_text()
        assert not nurse_sees(browser, served)
        other.get_by_role("button", name="Confirm that they may not see it").click()
        other.get_by_role("heading", name="This changed while you were reading").wait_for()
        assert HOSPITAL in other.locator("main").inner_text(), "what she chose is kept"
        look(other)
        look(mine, picture="my-agreed", pictures=pictures)
    finally:
        mine.goto("/my/agreed")
        mine.get_by_role("link", name="Let them see it again").click()
        mine.get_by_role("button", name="Confirm that they may see it").click()
        mine.wait_for_url("**/my/agreed?done=objection-ended")
    assert nurse_sees(browser, served)


def test_she_says_who_may_open_it(mine: "Page", browser: "Browser", served: str) -> None:
    """Ask stands against everybody but her surgery, until she says yes."""
    for answer, seen in (("Ask:", False), ("Yes:", True)):
        mine.goto("/my/agreed/permission")
        look(mine)
        mine.get_by_label(answer).check()
        mine.get_by_role("button", name="Go on").click()
        mine.get_by_role("button", name="Save this answer").click()
        mine.wait_for_url("**/my/agreed?done=permission")
        assert answer in mine.locator("section:has(#permission)").inner_text()
        assert nurse_sees(browser, served) == seen


def test_a_worker_is_told_that_it_is_for_people(page: "Page") -> None:
    """And a person, that other people's records are for workers."""
    sign_in(page, "ward-nurse", "/my")
    assert heading(page) == "This page is for people"
    look(page)
    for address in ("/my/summary", "/my/who-looked", "/my/agreed", "/my/agreed/object"):
        answer = page.goto(address)
        assert answer is not None and answer.status == 403
    sign_in(page, "person", "/my")
    answer = page.goto(f"/people/{WOMAN}")
    assert answer is not None and answer.status == 403
