"""The tour's middle (issue 4, accept 2): Joyce goes home, and her bed is free.

Admitted by message; ready on Tuesday; needs described; two race for the evening; one provider
cannot, another can, by phone; the grant's money is promised; home; somebody came; the bed is free,
the return counts her, her page and her daughter's say who comes when.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from joinedup.demo.cast import WARD
from joinedup.demo.money import GRANT_ID
from joinedup.demo.woman_hospital import STAY
from tests.conftest import ROOT, serving
from tests.spec.hl7.ward import adt
from tests.stories.steps import TELEPHONE, WOMAN, faults_of, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

STAY_AT, BEDS_AT, GRANT_AT = f"/stays/{STAY}", f"/beds/{WARD}", f"/money/grants/{GRANT_ID}"
KINGFISHER, WRENFIELD = "Kingfisher Home Care", "Wrenfield Care at Home"
NORA = "9990901228^^^NHS^NH~H2001^^^RZ901^MR"


def words(page: "Page") -> str:
    """What the page says."""
    return page.locator("main").inner_text()


def desk(browser: "Browser", served: str, account: str, to: str) -> "Page":
    """Somebody at their own desk."""
    page = browser.new_context(base_url=served, viewport={"width": 1280, "height": 900}).new_page()
    sign_in(page, account, to=to)
    return page


def pounds(page: "Page", name: str) -> int:
    """The pence beside a name on the grant's page."""
    found = re.search(rf"{name}\s+£([\d,]+\.\d\d)", words(page))
    assert found, words(page)
    return round(float(found[1].replace(",", "")) * 100)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The JOINEDUP_HOME of a place in which nothing has happened yet."""
    return tmp_path / "home"


@pytest.fixture
def untouched(home: Path) -> Iterator[str]:
    """The address of that place: other stories hold the starts that this one is about."""
    with serving(home) as address:
        yield address


def test_joyce_goes_home_and_her_bed_is_free(
    browser: "Browser", untouched: str, home: Path, tmp_path: Path
) -> None:
    """Every desk has its own browser; nothing is done but by pages, a message and a phone."""
    served = untouched
    nurse = desk(browser, served, "ward-nurse", BEDS_AT)
    faults = faults_of(nurse)
    _admitted(nurse, home, tmp_path)
    hub = desk(browser, served, "discharge-coordinator", "/hub")
    _ready(nurse)
    _needs(nurse, hub)
    commissioner = desk(browser, served, "commissioner", GRANT_AT)
    promised = pounds(commissioner, "Promised")
    phone = _help_is_found(browser, served, hub)
    commissioner.reload()
    assert pounds(commissioner, "Promised") > promised, "the start is promised from the grant"
    _her_page_says_who_comes(browser, served)
    _home(nurse)
    phone.reload()
    phone.get_by_role("button", name="We are there: somebody came").click()
    assert "Somebody came" in phone.get_by_role("status").inner_text()
    _bed_is_free(nurse)
    _counted(hub)
    assert [fault for fault in faults if "status of 4" not in fault] == []


def _admitted(nurse: "Page", home: Path, folder: Path) -> None:
    """A hospital's message puts somebody into a free bed; the ward sees it."""
    assert re.search(r"Bed 4\s+Free", words(nurse))
    message = adt(
        "A01", "201801160930", visit="V2001", spot="WARD7^B^4", who=NORA, name="Ferris^Nora",
        born="19370402", home="3 Mill Lane^^Marlbrook^^MQ1 2CA^^H",
    )  # fmt: skip
    file = folder / "a01.hl7"
    file.write_bytes(message.replace(b"\r", b"\n"))
    command = ["hl7", "take", str(file), "--organisation", "RZ901"]
    done = subprocess.run(
        [sys.executable, "-m", "joinedup.site.command", *command],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("JOINEDUP_")}
        | {"JOINEDUP_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "AA 1\n"), done.stderr
    nurse.reload()
    assert "Ferris" in words(nurse)


def _ready(nurse: "Page") -> None:
    nurse.goto(STAY_AT)
    assert heading(nurse) == "Mrs Joyce Ellen Hallam" and "Not reviewed yet" in words(nurse)
    nurse.get_by_role("link", name="Review the criteria to reside").click()
    nurse.locator("#score").fill("1")
    nurse.locator("#reason").select_option("hub-referral")
    nurse.get_by_role("button", name="No to all I have not answered: save").click()
    nurse.goto(STAY_AT)
    assert "Ready to go home, and waited 0 days" in words(nurse)
    nurse.get_by_role("link", name="Decide how they go home").click()
    for question, answer in (
        ("Where are they going?", "Their own home"),
        ("Did they live at that very place before?", "Yes"),
        ("Will they need new help, or more than before?", "Yes"),
    ):
        nurse.get_by_role("group", name=question).get_by_label(answer, exact=True).check()
    nurse.get_by_role("button", name="Decide").click()
    assert "Pathway 1: Home with new or more help" in words(nurse)


def _needs(nurse: "Page", hub: "Page") -> None:
    nurse.get_by_role("link", name="Describe what they need, and send it to the hub").click()
    needs = "Needs somebody beside her to wash and dress, and to undress at night"
    nurse.get_by_label("Washing and dressing").fill(needs)
    nurse.get_by_role("button", name="Send to the hub").click()
    assert "Sent, not answered" in words(nurse)
    hub.reload()
    hub.get_by_role("link", name="Mrs Joyce Ellen Hallam").click()
    assert needs in words(hub)
    answers = hub.get_by_role("group", name="What does the hub do?")
    answers.get_by_label("Accept it", exact=True).check()
    hub.get_by_role("button", name="Answer").click()
    assert "Accepted by the hub" in words(hub)


def _help_is_found(browser: "Browser", served: str, hub: "Page") -> "Page":
    """Two coordinators want the same evening; return the phone of the provider that comes."""
    broker = desk(browser, served, "broker", "/placements")
    other = hub
    other.goto("/placements")
    _look_for(broker, "Joyce")
    _look_for(other, "")
    _hold(broker, KINGFISHER)
    _hold(other, KINGFISHER)
    assert "Somebody else took this start first" in words(other)
    phone = _phone(browser, broker, served)
    phone.get_by_role("button", name="No, we cannot").click()
    phone.get_by_label("Two carers are needed, and we have one").check()
    phone.get_by_role("button", name="Send: no, we cannot").click()
    broker.goto(broker.url)
    assert "Declined: Two carers are needed, and we have one." in words(broker)
    _hold(broker, WRENFIELD)
    phone = _phone(browser, broker, served)
    assert "Joyce" not in phone.content() and "Hallam" not in phone.content()
    phone.get_by_role("button", name="Yes, we can").click()
    phone.get_by_label("Today at 18:00").check()
    phone.get_by_role("button", name="Send: yes, we can").click()
    broker.goto(broker.url)
    broker.get_by_role("button", name="Confirm the start").click()
    broker.wait_for_load_state()
    assert "Start confirmed" in words(broker)
    look(broker)
    return phone


def _look_for(page: "Page", name: str) -> None:
    links = page.get_by_role("listitem").filter(has_text=name) if name else page.locator("main")
    links.get_by_role("link", name="Look for care").first.click()
    page.locator("#area").fill("mq1")
    page.locator("#bands-evening").check()
    page.get_by_role("button", name="See who can help").click()
    page.wait_for_url("**/placements/placement-*")


def _hold(page: "Page", provider: str) -> None:
    page.locator("button", has_text="Hold and offer").filter(has_text=provider).first.click()
    page.wait_for_load_state()


def _phone(browser: "Browser", page: "Page", served: str) -> "Page":
    link = page.locator(".ju-link").inner_text()
    phone = browser.new_context(base_url=served, viewport=TELEPHONE).new_page()
    phone.goto(link)
    return phone


def _her_page_says_who_comes(browser: "Browser", served: str) -> None:
    """She and her daughter read who comes when, on the page of her own and the trusted one's."""
    for account, to in (("person", "/my/coming"), ("daughter", f"/my/for/{WOMAN}/visits")):
        page = desk(browser, served, account, to)
        page.set_viewport_size(TELEPHONE)
        said = words(page)
        assert WRENFIELD in said and "18:00" in said, (account, said)
        look(page)
        page.context.close()


def _home(nurse: "Page") -> None:
    nurse.goto(STAY_AT)
    assert "16 January 2018, 18:00" in words(nurse)
    nurse.get_by_role("link", name="Write down who was told").click()
    for question, answer in (
        ("Who was told?", "The person"),
        ("How were they told?", "Large print"),
        ("Did they agree to the plan?", "They agreed"),
    ):
        nurse.get_by_role("group", name=question).get_by_label(answer, exact=True).check()
    nurse.get_by_role("button", name="Save").click()
    nurse.get_by_role("link", name="They have gone home, or on, as planned").click()
    nurse.get_by_role("button", name="They have left").click()
    assert "They have gone home. Each team has it on its list of work." in words(nurse)


def _bed_is_free(nurse: "Page") -> None:
    nurse.goto(BEDS_AT)
    beds = nurse.locator("#bed-map li.ju-bed")
    hers = beds.filter(has=nurse.get_by_role("link", name="Bed 12", exact=True))
    assert "Hallam" not in words(nurse) and "To be cleaned" in hers.inner_text()
    for say, then in (("Start cleaning", "Being cleaned"), ("It is clean", "Free")):
        button = nurse.locator(f"#do-{WARD}-bed-12")
        assert say in button.inner_text()
        button.click()
        hers.filter(has_text=then).wait_for()


def _counted(hub: "Page") -> None:
    """The return of the day counts her among those who went home with help, by name."""
    hub.goto("/returns/2018-01-16")
    row = hub.get_by_role("row").filter(has_text="home with new or more help")
    assert row.get_by_role("link").inner_text().startswith("1\n")
    row.get_by_role("link").click()
    assert "Hallam" in words(hub)
    look(hub)
