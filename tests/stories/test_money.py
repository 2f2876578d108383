"""Two finance officers and a commissioner: a grant written down, approved, promised from, read."""

import re
from typing import TYPE_CHECKING

import pytest

from joinedup.demo.cast import CAST, SEED
from joinedup.demo.people import make_people
from joinedup.demo.shape import Outline
from joinedup.demo.support import events_of
from tests.conftest import SERVED_PEOPLE
from tests.stories.steps import faults_of, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHARES = """# source: Invented for the tour, November 2018
# proxy: yes
council,name,share
999,Marlbrook,0.25
998,Wexby,0.4
997,Oakhampton,0.35
"""
GRANT = "/money/grants/grant-winter-2018-2018-19"
WINTER = "/money/grants/grant-winter-grant-invented-2017-18"
POOL = "/money/pools/pool-better-care-fund-2018-19"


def fill(page: "Page", **typed: str) -> None:
    """Type into the fields of a form by their names."""
    for name, value in typed.items():
        page.locator(f"#{name}").fill(value)


def somebody_with_home_care() -> Outline:
    """Somebody whose home care the council pays for in the place that is served."""
    everybody = make_people(SEED, SERVED_PEOPLE)
    return next(
        person
        for person in everybody
        if person not in CAST
        and any(e.kind == "Service" and e.end is None for e in events_of(person, SEED))
    )


def change_to(page: "Page", account: str, to: str) -> None:
    """Sign out, as two people at one desk do, and let the next one sign in."""
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, account, to=to)


def approve_what_waits(page: "Page") -> None:
    """The second officer opens the first that waits, and approves it."""
    change_to(page, "second-finance-officer", "/money/approvals")
    look(page)
    page.locator('main a[href^="/money/approvals/payment-"]').first.click()
    page.get_by_role("button", name="Approve").click()
    page.wait_for_load_state()


def test_a_grant_is_prepared_by_one_approved_by_another_and_read(
    page: "Page", pictures: bool
) -> None:
    """BU-05: until the second officer approves it, nothing is in the pot."""
    faults = faults_of(page)
    sign_in(page, "finance-officer")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Money").click()
    assert heading(page) == "Money"
    look(page)
    page.get_by_role("link", name="Write down a grant").click()
    assert heading(page) == "Write down a grant"
    look(page)
    fill(page, name="winter-2018", year="2018", total="£14,250.00-ish", giver="The Department")
    fill(page, paper="Letter of 17 October 2018", on="3/12/2018", own="999")
    bad = SHARES.replace("0.4", "0.45")
    upload = {"name": "shares.csv", "mimeType": "text/csv", "buffer": bad.encode()}
    page.locator("#file").set_input_files(upload)
    page.get_by_role("button", name="Prepare the grant").click()
    said = page.locator("main").inner_text()
    for told in ("is not a financial year", "is not an amount", "add up to 1.05 and not to 1"):
        assert told in said
    assert page.locator("#giver").input_value() == "The Department"
    look(page, picture="money-new-grant", pictures=pictures)
    page.get_by_label("Or what is in it").fill(SHARES)
    fill(page, year="2018-19", total="£1,000,003")
    page.get_by_role("button", name="Prepare the grant").click()
    page.wait_for_url(f"**{GRANT}*")
    assert heading(page) == "winter-2018"
    assert "waits for another officer" in page.get_by_role("status").inner_text()
    look(page)

    approve_what_waits(page)
    change_to(page, "commissioner", "/money")
    look(page)
    page.get_by_role("link", name="winter-2018").click()
    said = page.locator("main").inner_text()
    assert "£250,001.00" in said and "100.0% of £250,001.00 allocated to us" in said
    assert "in no later year’s base" in said
    assert "Proxy shares, not the 2018 allocation" in said
    fill(page, council="wexby")
    page.get_by_role("button", name="Find").click()
    assert "Ours, and those that “wexby” fits: 2 of 3" in page.locator("main").inner_text()
    look(page, picture="money-grant", pictures=pictures)
    with page.expect_download() as loaded:
        page.get_by_role("link", name="Download what each council gets (CSV)").click()
    lines = loaded.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 4 and all("proxy shares" in line for line in lines[1:])
    assert [f for f in faults if "400" not in f and "422" not in f] == []


def test_a_promise_goes_from_pounds_to_a_package(page: "Page", pictures: bool) -> None:
    """After the grant is there: found by NHS number, promised, approved; the chart shows it."""
    faults = faults_of(page)
    sign_in(page, "finance-officer", to=GRANT)
    page.get_by_role("link", name="Promise to a package").click()
    assert heading(page) == "Promise to a package"
    look(page)
    fill(page, nhs_number=somebody_with_home_care().nhs_number)
    page.get_by_role("button", name="Find packages").click()
    look(page, picture="money-promise", pictures=pictures)
    page.locator('input[name="package"]').first.check()
    assert page.locator("#price").input_value() == "15.60"
    fill(page, care="home care", provider="VZ901", begins="3/12/2018", ends="31/3/2019")
    fill(page, units="238", on="3/12/2018")
    page.get_by_role("button", name="Prepare it for approval").click()
    page.wait_for_url("**/money/approvals/payment-*")
    look(page)
    approve_what_waits(page)
    change_to(page, "commissioner", GRANT)
    said = page.locator("main").inner_text()
    assert "£3,712.80" in said and "fewer than 5" in said
    look(page, picture="money-grant-spent", pictures=pictures)
    assert [f for f in faults if "400" not in f and "422" not in f] == []


def test_a_pool_and_the_statement_of_each_partner(page: "Page", pictures: bool) -> None:
    """Section 75: what was agreed in words, a contribution, and what each bears."""
    faults = faults_of(page)
    sign_in(page, "finance-officer", to="/money/pools/new")
    page.get_by_role("button", name="Save the agreement").click()
    look(page)
    fill(page, name="Better Care Fund", year="2018-19")
    fill(page, title_1="Marlbrook Council", code_1="E99901", gives_1="6,000,000", overspend_1="60")
    fill(page, title_2="Marlshire ICB", code_2="QR1", gives_2="4,000,000", overspend_2="40")
    page.locator("#host-1").check()
    page.locator("#vat_by-1").check()
    fill(page, functions="Reablement\nHome care after hospital", ends="Six months’ notice.")
    look(page, picture="money-new-pool", pictures=pictures)
    page.get_by_role("button", name="Save the agreement").click()
    page.wait_for_url(f"**{POOL}*")
    assert "Somebody else must agree to it" in page.locator("main").inner_text()
    look(page)
    change_to(page, "second-finance-officer", POOL)
    look(page, picture="money-pool-draft", pictures=pictures)
    page.get_by_role("button", name="Agree to it").click()
    page.wait_for_url(f"**{POOL}?done=agree")
    change_to(page, "finance-officer", POOL)
    page.get_by_role("link", name="Record a contribution").click()
    page.get_by_label("Marlshire ICB").check()
    fill(page, pounds="4,000,000", on="3/4/2018", paper="Remittance 12", words="The whole year")
    look(page, picture="money-give", pictures=pictures)
    page.get_by_role("button", name="Prepare it for approval").click()
    approve_what_waits(page)
    change_to(page, "commissioner", POOL)
    said = page.locator("main").inner_text()
    assert "Marlbrook Council hosts it and keeps its accounts" in said
    assert "£6,000,000.00 back" in said and "£4,000,000.00 back" in said
    look(page, picture="money-pool", pictures=pictures)
    assert [f for f in faults if "400" not in f and "422" not in f] == []


@pytest.mark.parametrize("account", ["gp", "analyst", "broker"])
def test_it_is_for_nobody_else(page: "Page", account: str) -> None:
    """A page that says so, and no way to it in the menu."""
    sign_in(page, account)
    assert (
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Money").count() == 0
    )
    answer = page.goto("/money")
    assert answer is not None and answer.status == 403


def approve_this(page: "Page") -> None:
    """The second officer opens what the first has just prepared, and approves it."""
    change_to(page, "second-finance-officer", page.url[page.url.index("/money") :])
    page.get_by_role("button", name="Approve").click()
    page.wait_for_load_state()


def set_aside(page: "Page") -> float:
    """The pounds that stand set aside and unused, as the page says them."""
    said = re.search(r"£([\d,.]+\d) of it set aside", page.locator("main").inner_text())
    assert said is not None, page.locator("main").inner_text()
    return float(said[1].replace(",", ""))


def test_part_of_a_grant_is_set_aside_for_urgent_starts(page: "Page", pictures: bool) -> None:
    """Decision 0020: set aside by two officers, read by the commissioner, and given back."""
    faults = faults_of(page)
    sign_in(page, "finance-officer", to=WINTER)
    before = set_aside(page)
    page.get_by_role("link", name="Set aside for urgent starts").click()
    assert heading(page) == "Set aside for urgent starts"
    look(page, picture="money-starts", pictures=pictures)
    page.get_by_label("For which month").select_option("2018-02")
    fill(page, pounds="£12,00", paper="Minute 5", words="February")
    page.get_by_role("button", name="Prepare it for approval").click()
    assert "is not an amount" in page.locator("main").inner_text()
    assert page.locator("#month").input_value() == "2018-02"
    look(page)
    fill(page, pounds="1,000")
    page.get_by_role("button", name="Prepare it for approval").click()
    page.wait_for_url("**/money/approvals/payment-*")
    look(page)
    approve_this(page)
    change_to(page, "commissioner", WINTER)
    said = page.locator("main").inner_text()
    assert set_aside(page) == before + 1_000 and "February 2018" in said
    look(page, picture="money-grant-starts", pictures=pictures)
    change_to(page, "finance-officer", WINTER.replace("grants", "agreements") + "/starts")
    page.get_by_role("button", name="Give back what is left of February 2018").click()
    page.wait_for_url("**/money/approvals/payment-*")
    approve_this(page)
    change_to(page, "commissioner", WINTER)
    assert set_aside(page) == before
    assert [f for f in faults if "400" not in f and "422" not in f] == []
