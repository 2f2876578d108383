"""A coordinator sends yesterday's return at ten to eleven; a director declares; operations wait."""

from typing import TYPE_CHECKING

from tests.stories.steps import faults_of, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

YESTERDAY = "Monday 15 January 2018"


def change_to(page: "Page", account: str, to: str) -> None:
    """Sign out, as two people at one desk do, and let the next one sign in."""
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, account, to=to)


def main_of(page: "Page") -> str:
    """What the page says in its middle."""
    return page.locator("main").inner_text()


def number_of(page: "Page", words: str) -> int:
    """The number in the row of a count."""
    row = page.locator("tr", has=page.get_by_role("rowheader", name=words, exact=True))
    return int(row.locator("td a").inner_text().split(",")[0])


def test_yesterday_is_counted_sent_and_every_number_opens_its_people(
    page: "Page", pictures: bool
) -> None:
    """DI-08: the coordinator types no number; whoever clicks one finds so many people."""
    faults = faults_of(page)
    sign_in(page, "discharge-coordinator")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Returns").click()
    assert heading(page) == "Returns"
    look(page, picture="returns", pictures=pictures)
    page.get_by_role("link", name=YESTERDAY).click()
    assert heading(page) == f"Return for {YESTERDAY}"
    assert "Not sent yet. It is due at 11:00 on 16 January 2018" in main_of(page)
    waiting = number_of(page, "Still waiting at midnight")
    assert waiting > 0
    look(page, picture="return-before", pictures=pictures)
    page.get_by_role("button", name="Send this return").click()
    page.wait_for_load_state()
    assert "The return is sent" in page.get_by_role("status").inner_text()
    assert "Counted again from the record as it stood when this was sent: the same." in main_of(
        page
    )
    look(page, picture="return-sent", pictures=pictures)
    row = page.locator("tr", has=page.get_by_role("rowheader", name="Still waiting at midnight"))
    row.locator("td a").click()
    assert f"{waiting} people" in main_of(page) or f"{waiting} person" in main_of(page)
    listed = page.locator("main tbody tr").count()
    withheld = page.locator(".ju-notice--withheld").count()
    assert listed == waiting or (withheld == 1 and listed < waiting)
    look(page, picture="return-people", pictures=pictures)
    page.goto("/returns/months/2018-01")
    assert heading(page) == "Returns for January 2018"
    look(page, picture="return-month", pictures=pictures)
    change_to(page, "commissioner", "/returns")
    page.get_by_role("link", name=YESTERDAY).click()
    page.locator("tr td a").first.click()
    assert "withheld from you" in main_of(page)
    look(page)
    assert [f for f in faults if "403" not in f] == []


def test_a_director_declares_and_a_consultant_puts_one_operation_off(
    page: "Page", pictures: bool
) -> None:
    """WI-01, WI-02: both levels stand; two cannot be chosen; one is put off and told."""
    faults = faults_of(page)
    sign_in(page, "consultant", to="/winter")
    assert heading(page) == "Winter"
    assert "measures are missing" in main_of(page)
    look(page)
    for code, figure in (("handover-minutes", "62"), ("four-hour-percent", "58.5")):
        page.locator(f"#{code}").fill(figure)
    page.get_by_label("4: ").check()
    page.get_by_role("button", name="Declare this level").click()
    assert "Say why 4 is declared" in main_of(page)
    assert page.locator("#handover-minutes").input_value() == "62"
    look(page)
    page.get_by_label("Why, if it is not what was calculated").fill("The ambulances queue outside")
    page.get_by_role("button", name="Declare this level").click()
    assert "The level is declared" in page.get_by_role("status").inner_text()
    look(page, picture="winter", pictures=pictures)

    change_to(page, "discharge-coordinator", "/winter/operations")
    assert heading(page) == "Operations that could be put off"
    assert page.get_by_role("checkbox").count() == 10
    assert "Cancer is never put off." in main_of(page)
    page.get_by_role("checkbox").first.check()
    look(page, picture="operations", pictures=pictures)
    page.get_by_role("button", name="Ask a consultant").click()
    change_to(page, "consultant", "/winter/operations")
    page.get_by_label("New date").fill("tomorrow")
    page.get_by_role("button", name="Put off").click()
    assert "Give the new date" in main_of(page)
    look(page)
    page.get_by_label("New date").fill("20/2/2018")
    page.get_by_role("button", name="Put off").click()
    assert "The operation is put off" in page.get_by_role("status").inner_text()
    change_to(page, "discharge-coordinator", "/winter/operations")
    page.get_by_role("button", name="They were told").click()
    assert "Told at 10:00 on 16 January 2018" in main_of(page)
    look(page, picture="operations-told", pictures=pictures)

    change_to(page, "commissioner", "/winter")
    assert "4 (calc " in main_of(page) and "The ambulances queue outside" in main_of(page)
    look(page)
    assert [f for f in faults if "403" not in f and "422" not in f] == []
