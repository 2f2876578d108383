"""Ready on Tuesday: needs described and sent, the hub accepts, nobody leaves unhelped, home.

A nurse of the ward and the coordinator of the hub; nothing is said twice to anybody.
"""

from typing import TYPE_CHECKING

from joinedup.demo.beds import inpatients, stay_of
from joinedup.demo.cast import SEED
from tests.stories.steps import faults_of, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIES = list(inpatients(SEED))[4]
STAY = f"/stays/{stay_of(LIES)['id']}"
NAME = f"{LIES.outline.prefix} {LIES.outline.name}"
NEEDS = "Needs somebody beside them to wash and dress in the morning"


def words(page: "Page") -> str:
    """What the page says."""
    return page.locator("main").inner_text()


def change_to(page: "Page", account: str, to: str) -> None:
    """Sign out, as two people at one desk do, and let the next one sign in."""
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, account, to=to)


def choose(page: "Page", question: str, answer: str) -> None:
    """Answer one question of a form."""
    page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()


def test_home_on_pathway_1_by_way_of_the_hub(page: "Page", pictures: bool) -> None:
    """DI-01 to DI-04, DI-06, DI-07: domain.md 9.2 from ready to gone home."""
    faults = faults_of(page)
    sign_in(page, "ward-nurse", to=STAY)
    assert heading(page) == NAME and "Not reviewed yet" in words(page)
    look(page)
    _is_ready(page)
    _pathway(page)
    _needs(page, pictures=pictures)
    change_to(page, "discharge-coordinator", "/hub")
    _accepted(page, pictures=pictures)
    change_to(page, "ward-nurse", STAY)
    assert "Waiting for the hub to confirm needs and pathway" in words(page)
    _refused(page)
    change_to(page, "discharge-coordinator", STAY)
    _answered_for(page)
    change_to(page, "ward-nurse", STAY)
    _home(page, pictures=pictures)
    unexpected = [fault for fault in faults if "status of 4" not in fault]
    assert unexpected == []


def _is_ready(page: "Page") -> None:
    page.get_by_role("link", name="Review the criteria to reside").click()
    page.locator("#score").fill("1")
    page.locator("#reason").select_option("hub-referral")
    page.get_by_role("button", name="No to all I have not answered: save").click()
    page.goto(STAY)
    said = words(page)
    assert "Ready to go home, and waited 0 days" in said
    assert "Decide how they go home" in said


def _pathway(page: "Page") -> None:
    page.get_by_role("link", name="Decide how they go home").click()
    assert NAME in words(page)
    page.get_by_role("button", name="Decide").click()
    assert "Choose where they are going." in words(page)
    look(page)
    choose(page, "Where are they going?", "Their own home")
    choose(page, "Did they live at that very place before?", "Yes")
    choose(page, "Will they need new help, or more than before?", "Yes")
    page.get_by_role("button", name="Decide").click()
    assert "Pathway 1: Home with new or more help" in words(page)


def _needs(page: "Page", *, pictures: bool) -> None:
    page.get_by_role("link", name="Describe what they need, and send it to the hub").click()
    page.get_by_label("Washing and dressing").fill("Needs a QDS package of care")
    page.get_by_role("button", name="Send to the hub").click()
    assert "says what to provide, not what is needed" in words(page)
    assert page.get_by_label("Washing and dressing").input_value() == "Needs a QDS package of care"
    look(page, picture="needs", pictures=pictures)
    page.get_by_label("Washing and dressing").fill(NEEDS)
    page.get_by_role("button", name="Send to the hub").click()
    assert "Sent, not answered" in words(page)
    assert "Waiting for the hub to say that it has the referral" in words(page)


def _accepted(page: "Page", *, pictures: bool) -> None:
    assert heading(page) == "The hub’s list"
    look(page, picture="hub", pictures=pictures)
    page.get_by_role("link", name=NAME).click()
    assert NEEDS in words(page)
    look(page)
    choose(page, "What does the hub do?", "Accept it")
    page.get_by_role("button", name="Answer").click()
    assert "Accepted by the hub" in words(page)


def _refused(page: "Page") -> None:
    page.get_by_role("link", name="They have gone home, or on, as planned").click()
    page.get_by_role("button", name="They have left").click()
    said = words(page)
    assert "On pathway 1 nobody leaves before a start is confirmed" in said
    look(page)
    page.get_by_role("link", name="Leave it as it is").click()
    assert "Answer for leaving before help is confirmed" not in words(page)  # not a nurse's to do


def _answered_for(page: "Page") -> None:
    page.get_by_role("link", name="Answer for leaving before help is confirmed").click()
    page.locator("#why").fill("Their daughter stays until the first visit on Wednesday.")
    page.get_by_role("button", name="I answer for it").click()
    assert "answers for leaving before help is confirmed" in words(page)


def _home(page: "Page", *, pictures: bool) -> None:
    page.get_by_role("link", name="Write down who was told").click()
    choose(page, "Who was told?", "The person")
    choose(page, "How were they told?", "Large print")
    choose(page, "Did they agree to the plan?", "They agreed")
    page.get_by_role("button", name="Save").click()
    look(page, picture="stay", pictures=pictures)
    page.get_by_role("link", name="They have gone home, or on, as planned").click()
    page.get_by_role("button", name="They have left").click()
    said = words(page)
    assert "They have gone home. Each team has it on its list of work." in said
    assert "Gone home" in said and "Teams that were told" in said
    assert f"Ring {LIES.outline.given[0]}" in said and "Send the discharge letter" in said
    look(page)
