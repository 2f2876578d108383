"""Two coordinators and one evening: who was first, a no with its reason, a yes by phone, a start.

The tour's middle (issue 4, accept 2): domain.md 9.9, examples 6 and 8.
"""

from typing import TYPE_CHECKING

from tests.stories.steps import TELEPHONE, faults_of, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

KINGFISHER, WRENFIELD = "Kingfisher Home Care", "Wrenfield Care at Home"


def look_for_care(page: "Page") -> str:
    """Say what the next person whom nobody looks for yet wants: reablement in MQ1, evenings."""
    page.goto("/placements")
    page.get_by_role("link", name="Look for care").first.click()
    assert heading(page) == "Look for care"
    look(page)
    page.locator("#area").fill("mq1")
    page.locator("#bands-evening").check()
    page.get_by_role("button", name="See who can help").click()
    page.wait_for_url("**/placements/placement-*")
    return heading(page)


def hold(page: "Page", provider: str, words: str = "Hold and offer") -> None:
    """Press the button that holds a provider's start."""
    page.locator("button", has_text=words).filter(has_text=provider).first.click()
    page.wait_for_load_state()


def on_a_phone(browser: "Browser", page: "Page", served: str) -> "Page":
    """Open the link that is shown, on a phone that is signed in to nothing."""
    link = page.locator(".ju-link").inner_text()
    phone = browser.new_context(base_url=served, viewport=TELEPHONE).new_page()
    phone.goto(link)
    return phone


def race(page: "Page", other: "Page") -> None:
    """Both want the same start; who comes second is told so with the next, and holds another."""
    hold(page, KINGFISHER)
    assert "It is shown now and never again" in page.get_by_role("status").inner_text()
    hold(other, KINGFISHER)
    told = other.locator("main").inner_text()
    assert "Somebody else took this start first" in told and "The next that are free" in told
    assert other.locator('section[aria-labelledby="next"] li').count() == 2
    look(other)
    hold(other, "Harbour Lights Care", "Hold this instead")
    assert "Held until 12:00" in other.locator("main").inner_text()


def decline(phone: "Page", who: str, *, pictures: bool) -> None:
    """Three taps: no, two carers are needed, send."""
    assert heading(phone) == "Can you help?" and who not in phone.content()
    look(phone, picture="offer", pictures=pictures)
    phone.set_viewport_size(TELEPHONE)
    phone.get_by_role("button", name="No, we cannot").click()
    phone.get_by_label("Two carers are needed, and we have one").check()
    look(phone)
    phone.get_by_role("button", name="Send: no, we cannot").click()
    assert "You said no today at 10:00" in phone.get_by_role("status").inner_text()
    assert "Two carers are needed" in phone.get_by_role("status").inner_text()


def accept(phone: "Page") -> None:
    """Three taps: yes, tonight at six, send."""
    phone.get_by_role("button", name="Yes, we can").click()
    phone.get_by_label("Today at 18:00").check()
    look(phone)
    phone.set_viewport_size(TELEPHONE)
    phone.get_by_role("button", name="Send: yes, we can").click()
    assert "You said yes, for today at 18:00" in phone.get_by_role("status").inner_text()


def start(page: "Page") -> None:
    """Confirm it, reading what it promises."""
    said = page.locator("main").inner_text()
    assert "is promised from what was set aside for urgent starts" in said
    assert "No assessment or means test comes first" in said
    look(page)
    page.get_by_role("button", name="Confirm the start").click()
    page.wait_for_load_state()
    assert "Start confirmed" in page.locator("main").inner_text()
    look(page)


def test_two_race_one_declines_another_accepts_and_somebody_comes(
    page: "Page", browser: "Browser", served: str, pictures: bool
) -> None:
    """From help being looked for to the first visit, with nobody's name on a phone."""
    faults = faults_of(page)
    other = browser.new_context(base_url=served).new_page()
    sign_in(page, "broker", to="/capacity")
    assert heading(page) == "Care that is free"
    assert "Left out: Green Lane Care, Lowfield Homecare." in page.locator("main").inner_text()
    look(page, picture="capacity", pictures=pictures)
    who = look_for_care(page)
    said = page.locator("main").inner_text()
    assert "Green Lane Care has no active registration: cancelled." in said
    assert "Its insurance runs out on 3 February 2018." in said
    look(page, picture="placement", pictures=pictures)
    sign_in(other, "discharge-coordinator", to="/placements")
    look_for_care(other)
    race(page, other)
    decline(on_a_phone(browser, page, served), who, pictures=pictures)
    page.goto(page.url)
    assert "Declined: Two carers are needed, and we have one." in page.locator("main").inner_text()
    assert KINGFISHER not in page.locator('section[aria-labelledby="matches"]').inner_text()
    hold(page, WRENFIELD)
    phone = on_a_phone(browser, page, served)
    accept(phone)
    page.goto(page.url)
    start(page)
    phone.reload()
    assert who not in phone.content()
    look(phone)
    phone.get_by_role("button", name="We are there: somebody came").click()
    phone.wait_for_load_state()
    assert "Somebody came today at 10:00" in phone.get_by_role("status").inner_text()
    page.goto("/placements")
    assert "Started: somebody came" in page.locator("main").inner_text()
    assert "Median time from looking to a first offer" in page.locator("main").inner_text()
    look(page, picture="placements", pictures=pictures)
    assert [f for f in faults if "409" not in f] == []


def test_a_provider_tells_what_it_has_free_and_reads_its_own_offers(page: "Page") -> None:
    """Its figure is on the brokers' grid at once; what was wrong is said by its field."""
    faults = faults_of(page)
    sign_in(page, "provider-worker", to="/offers")
    assert heading(page) == "Offers to us"
    look(page)
    page.get_by_role("link", name="What we have free").click()
    assert heading(page) == "What we have free"
    page.locator("#service").select_option("live-in")
    page.locator("#area").fill("MQ2")
    page.locator("#band").select_option("night")
    page.locator("#count").fill("three")
    page.get_by_role("button", name="Save").click()
    assert "Write a number." in page.get_by_role("alert").inner_text()
    assert page.locator("#area").input_value() == "MQ2"
    look(page)
    page.locator("#count").fill("3")
    page.locator("#hours").fill("20")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**done=told")
    assert "Live-in care, MQ2, night" in page.locator("main").inner_text()
    look(page)
    assert [f for f in faults if "400" not in f] == []
