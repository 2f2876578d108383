"""Susan sees her mother's visits and nothing else; it ends, and begins again with three yeses."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.stories.steps import WOMAN, faults_of, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOR = f"/my/for/{WOMAN}"
OTHERS = ("contacts", "summary", "medicines", "letters", "plan", "money", "who-looked", "x")


@pytest.fixture
def susan(page: "Page") -> "Page":
    """Susan has signed in as herself."""
    sign_in(page, "daughter")
    return page


def status(page: "Page", address: str) -> int:
    """How an address answers."""
    answer = page.goto(address)
    assert answer is not None
    return answer.status


def test_she_chooses_whose_record(susan: "Page", pictures: bool) -> None:
    """Her own is hers; her mother's says on every page whose it is, and as whom."""
    faults = faults_of(susan)
    assert susan.url.endswith("/my") and heading(susan) == "My record"
    susan.get_by_role("link", name="Other people’s records").click()
    susan.wait_for_url("**/my/others")
    titles = susan.locator("main .ju-accounts h2").all_inner_texts()
    assert titles == ["My own record", "Joyce Hallam"]
    look(susan, picture="my-others", pictures=pictures)
    susan.get_by_role("link", name="Joyce Hallam").click()
    susan.wait_for_url(f"**{FOR}")
    whose = "You are looking at Joyce Hallam’s record, as their daughter."
    assert whose in susan.locator(".ju-whose").inner_text()
    assert susan.locator("main .ju-accounts h2").all_inner_texts() == [
        "Stays, visits and appointments"
    ]
    look(susan, picture="my-for", pictures=pictures)
    susan.get_by_role("link", name="Stays, visits and appointments").click()
    susan.wait_for_url(f"**{FOR}/visits")
    assert whose in susan.locator(".ju-whose").inner_text()
    assert "Marlbrook General Hospital" in susan.locator("main").inner_text()
    look(susan, picture="my-for-visits", pictures=pictures)
    assert faults == []


def test_visits_and_nothing_else(susan: "Page") -> None:
    """A daughter with proxy for visits sees visits and nothing else: by every address."""
    assert status(susan, f"{FOR}/visits") == 200
    shown = susan.locator("main").inner_text()
    for secret in ("Penicillin", "14 Orchard Row", "999 001 2008", "01632 960514"):
        assert secret not in shown
    for function in OTHERS:
        assert status(susan, f"{FOR}/{function}") == 404
        assert "Penicillin" not in susan.locator("body").inner_text()
    for address in (f"/people/{WOMAN}", f"/people/{WOMAN}/timeline", "/proxies", "/access/alerts"):
        assert status(susan, address) == 403
    assert status(susan, "/my/for/desmond-clarke") == 404
    assert status(susan, "/my/for/desmond-clarke/visits") == 404


def test_two_tabs_never_mix(susan: "Page") -> None:
    """Whose record it is stands in the address, so another tab changes nothing here."""
    other = susan.context.new_page()
    susan.goto(f"{FOR}/visits")
    other.goto("/my/summary")
    assert "Susan Jane Whitlock" in other.locator("main").inner_text()
    assert other.locator(".ju-whose").count() == 0
    susan.reload()
    assert "Joyce Hallam’s record" in susan.locator(".ju-whose").inner_text()
    other.reload()
    assert "Joyce" not in other.locator("main").inner_text()


def test_nobody_else_comes_in_by_that_address(page: "Page") -> None:
    """A worker, Joyce herself, the analyst: it is nobody's but Susan's."""
    for account in ("person", "gp", "ward-nurse", "privacy-officer", "analyst", "receptionist"):
        sign_in(page, account, "/my")
        assert status(page, FOR) in (403, 404), account
        assert status(page, f"{FOR}/visits") in (403, 404), account


def test_ended_by_joyce_and_given_again_with_everybodys_yes(
    page: "Page", browser: "Browser", served: str, pictures: bool
) -> None:
    """At once, without why; then a code, her name and birthday, the surgery's judgement."""
    hers = browser.new_context(base_url=served, viewport={"width": 1280, "height": 900})
    try:
        susan = hers.new_page()
        sign_in(susan, "daughter", f"{FOR}/visits")
        _joyce_ends_it(page)
        susan.reload()
        susan.wait_for_url("**/my/others?ended")
        said = susan.locator("main").inner_text()
        assert "You can no longer see that record" in said and "No longer" in said
        look(susan, picture="my-others-ended", pictures=pictures)
        code = _joyce_invites(page, pictures)
        _susan_takes_up(susan, code, pictures)
        assert status(susan, f"{FOR}/visits") == 404, "nothing opens before the surgery's yes"
        _surgery_decides(page, pictures)
        assert status(susan, f"{FOR}/visits") == 200 and susan.url.endswith("/visits")
    finally:
        hers.close()


def _joyce_ends_it(page: "Page") -> None:
    sign_in(page, "person", "/my/agreed")
    trusted = page.locator("section:has(#trusted)")
    assert "Susan Whitlock" in trusted.inner_text()
    trusted.get_by_role("link", name="End this").click()
    page.get_by_role("button", name="Confirm that it ends").click()
    page.wait_for_url("**/my/agreed?done=trust-ended")


def _joyce_invites(page: "Page", pictures: bool) -> str:
    page.get_by_role("link", name="Let somebody see my record").click()
    page.get_by_role("button", name="Make the code").click()
    assert page.get_by_role("heading", name="There is a problem").is_visible()
    look(page)
    page.get_by_label("Their first name").fill("Susan")
    page.get_by_label("Their last name").fill("Whitlock")
    born = page.get_by_role("group", name="Their date of birth")
    for part, typed in (("Day", "2"), ("Month", "9"), ("Year", "1959")):
        born.get_by_label(part).fill(typed)
    page.get_by_label("Who they are to you").select_option("Daughter")
    page.get_by_label("Your stays, visits and appointments").check()
    page.get_by_label("Your medicines").check()
    look(page, picture="my-invite", pictures=pictures)
    page.get_by_role("button", name="Make the code").click()
    code = page.locator(".ju-code").inner_text()
    assert re.fullmatch(r"[A-Z2-9]{4}-[A-Z2-9]{4}", code)
    look(page, picture="my-code", pictures=pictures)
    return code


def _susan_takes_up(susan: "Page", code: str, pictures: bool) -> None:
    susan.goto("/my/others/code")
    susan.get_by_label("The code").fill("AAAA-2222")
    susan.get_by_label("Your own e-mail address").fill("susan@fosse.nhs.uk")
    susan.get_by_role("button", name="Go on").click()
    assert susan.get_by_role("heading", name="There is a problem").is_visible()
    susan.get_by_label("The code").fill(code)
    susan.get_by_role("button", name="Go on").click()
    assert "address at work" in susan.locator("main").inner_text()
    look(susan, picture="my-take-up", pictures=pictures)
    susan.get_by_label("The code").fill(code)
    susan.get_by_label("Your own e-mail address").fill("")
    susan.get_by_role("button", name="Go on").click()
    susan.wait_for_url("**/my/others?done=taken-up")


def _surgery_decides(page: "Page", pictures: bool) -> None:
    sign_in(page, "gp", "/proxies")
    look(page, picture="proxies", pictures=pictures)
    page.get_by_role("link", name="Susan Whitlock for Joyce Hallam").click()
    assert heading(page) == "Decide about a request"
    page.get_by_role("button", name="Allow this").click()
    problems = page.locator(".nhsuk-error-summary").inner_text()
    assert "Confirm that it is safe" in problems and "Confirm that it is needed" in problems
    look(page, picture="proxy-decide", pictures=pictures)
    page.get_by_label("Medicines").uncheck()
    page.get_by_label("I have no sign of pressure").check()
    page.get_by_label("I judge that this is needed").check()
    page.get_by_role("button", name="Allow this").click()
    page.wait_for_url("**/proxies?done=allowed")
    standing = page.locator("section:has(#standing)").inner_text()
    assert "Susan Whitlock" in standing and "edicines" not in standing
    look(page, picture="proxies-of-person", pictures=pictures)
    page.get_by_role("link", name="End this").click()
    page.get_by_role("button", name="End it now").click()
    assert "Choose why" in page.locator(".nhsuk-error-summary").inner_text()
    look(page, picture="proxy-end", pictures=pictures)


def test_she_asks_and_her_mother_answers(
    page: "Page", browser: "Browser", served: str, pictures: bool
) -> None:
    """Whatever comes of it the answer on her page is the same; whoever is asked for."""
    sign_in(page, "daughter", "/my/others/ask")
    page.get_by_role("button", name="Ask").click()
    assert page.get_by_role("heading", name="There is a problem").is_visible()
    look(page, picture="my-ask", pictures=pictures)
    page.get_by_label("Their NHS number").fill("999 001 2113")
    page.get_by_label("Their first name").fill("Nobody")
    page.get_by_label("Their last name").fill("Here")
    born = page.get_by_role("group", name="Their date of birth")
    for part, typed in (("Day", "1"), ("Month", "2"), ("Year", "1940")):
        born.get_by_label(part).fill(typed)
    page.get_by_label("Who you are to them").select_option("Friend")
    page.get_by_label("Stays, visits and appointments").check()
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**/my/others?done=asked")
    assert "Your request is on its way" in page.get_by_role("status").inner_text()
    look(page)
