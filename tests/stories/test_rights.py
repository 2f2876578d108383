"""What a person asks of those who keep her record: a copy, a correction, a sheet of paper."""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.stories.steps import TELEPHONE, WOMAN, faults_of, heading, look, runs_off, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def mine(page: "Page") -> "Page":
    """Joyce has signed in, on her telephone."""
    page.set_viewport_size(TELEPHONE)
    sign_in(page, "person")
    return page


@pytest.fixture
def other(browser: "Browser", served: str) -> Iterator["Page"]:
    """A browser of somebody else."""
    context = browser.new_context(base_url=served, viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def asked(mine: "Page") -> None:
    """Joyce asks for a copy at home."""
    mine.goto("/my")
    mine.get_by_role("link", name="What I can ask for").click()
    mine.get_by_role("button", name="Ask for a copy of my record").click()
    mine.wait_for_url("**/my/rights?done=asked")


def test_joyce_asks_the_officer_approves_and_she_opens_her_copy(
    mine: "Page", other: "Page", browser: "Browser", tmp_path: Path, pictures: bool
) -> None:
    """UK GDPR 15: asked on a telephone, reviewed entry by entry, downloaded once more by her."""
    faults = faults_of(mine)
    asked(mine)
    assert heading(mine) == "What I can ask for"
    assert "16 February 2018" in mine.locator("main").inner_text()
    look(mine, picture="my-rights", pictures=pictures)

    sign_in(other, "privacy-officer")
    other.get_by_role("link", name="People who asked for a copy of their record").click()
    look(other, picture="rights-requests", pictures=pictures)
    other.get_by_role("link", name="Mrs Joyce Ellen Hallam").click()
    assert heading(other) == "Request of Mrs Joyce Ellen Hallam"
    other.get_by_role("link", name=re.compile("Withhold ?: Penicillin")).first.click()
    other.get_by_role("button", name="Withhold this entry").click()
    assert other.get_by_role("heading", name="There is a problem").is_visible()
    look(other, picture="rights-review", pictures=pictures)
    other.get_by_role("link", name="Leave it in the copy").click()
    other.get_by_role("button", name="Approve the copy").click()
    other.wait_for_url("**/rights/requests?done=approve")

    mine.reload()
    with mine.expect_download() as coming:
        mine.get_by_role("button", name="Download my copy").click()
    assert coming.value.suggested_filename == "my-record-2018-01-16.zip"
    kept = tmp_path / "copy.zip"
    coming.value.save_as(kept)
    archive = zipfile.ZipFile(kept)
    assert archive.testzip() is None
    assert json.loads(archive.read("fhir-bundle.json"))["type"] == "collection"
    archive.extractall(tmp_path)
    _read_the_copy(browser, tmp_path, pictures=pictures)
    mine.goto("/my/who-looked")
    assert "took a copy of your record" in mine.locator("main").inner_text()
    assert faults == []


def _read_the_copy(browser: "Browser", folder: Path, *, pictures: bool) -> None:
    """The page opens from her own disk, in both sizes, and prints."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto((folder / "my-record-large-print.html").as_uri())
        assert runs_off(page, TELEPHONE) == []
        page.goto((folder / "my-record.html").as_uri())
        assert heading(page) == "My record"
        look(page, picture="copy-my-record", pictures=pictures)
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
        assert "Penicillin" in page.locator("main").inner_text()
    finally:
        context.close()


def test_another_cannot_take_it(mine: "Page", other: "Page") -> None:
    """A worker, the officer, nobody at all, and Joyce with another name for it."""
    mine.goto("/my/rights")
    forms = mine.locator("form[action^='/my/rights/copy/']")
    where = forms.first.get_attribute("action") if forms.count() else "/my/rights/copy/none"
    assert where
    for account, status in (("gp", 403), ("privacy-officer", 403)):
        sign_in(other, account)
        answer = other.request.post(where, form={"csrfmiddlewaretoken": _token(other)})
        assert answer.status == status, account
    token = {"csrfmiddlewaretoken": _token(mine)}
    assert mine.request.post(f"{where}0", form=token).status == 404
    assert mine.request.post(where).status == 403, "a form from elsewhere"


def _token(page: "Page") -> str:
    page.goto("/")
    field = page.locator("input[name=csrfmiddlewaretoken]").first
    return field.get_attribute("value") or ""


def test_she_says_penicillin_is_wrong_with_the_keyboard_alone_and_the_ward_sees_it(
    mine: "Page", other: "Page", pictures: bool
) -> None:
    """5.4, examples 7 and 8: no mouse, nothing typed is lost, the original stays."""
    mine.goto("/my/summary")
    link = mine.get_by_role("link", name=re.compile("This is wrong ?: Penicillin")).first
    look(mine)
    link.focus()
    mine.keyboard.press("Enter")
    mine.wait_for_url(re.compile("/my/wrong"))
    mine.get_by_role("button", name="Send").focus()
    mine.keyboard.press("Enter")
    mine.get_by_role("heading", name="There is a problem").wait_for()
    look(mine, picture="my-wrong", pictures=pictures)
    mine.locator(".nhsuk-error-summary a").focus()
    mine.keyboard.press("Enter")
    mine.keyboard.type("I had a rash as a child, and have taken it since.")
    mine.keyboard.press("Tab")
    mine.keyboard.press("Enter")
    mine.wait_for_url("**/my/rights?done=disagreed#wrong")
    assert "I had a rash as a child" in mine.locator("main").inner_text()
    mine.goto("/my/summary")
    assert mine.get_by_role("link", name="You disagree").is_visible()

    sign_in(other, "ward-nurse", f"/people/{WOMAN}")
    beside = other.get_by_role("link", name="The person disagrees").first
    assert beside.is_visible()
    look(other, picture="person-disagrees", pictures=pictures)
    beside.click()
    assert heading(other) == "What the person says is wrong"
    assert other.get_by_role("button", name="Send the answer").count() == 0, (
        "the ward wrote nothing"
    )
    assert "I had a rash as a child" in other.locator("main").inner_text()


def test_the_surgery_answers_and_she_reads_it(mine: "Page", other: "Page", pictures: bool) -> None:
    """Not changed: her words stay beside it, with whom to complain to. Then she takes it back."""
    sign_in(other, "gp")
    other.get_by_role("link", name="Entries of ours that people disagree with").click()
    look(other)
    other.get_by_role("link", name="Penicillin").first.click()
    other.get_by_role("button", name="Send the answer").click()
    assert other.get_by_role("heading", name="There is a problem").is_visible()
    look(other, picture="disagreement-answer", pictures=pictures)
    other.get_by_label("Not changed: it is right").check()
    other.get_by_label("What you found").fill("The hospital saw a reaction in 2011.")
    other.get_by_role("button", name="Send the answer").click()
    other.wait_for_url("**/disagreements?done=answered")
    mine.goto("/my/rights#wrong")
    said = mine.locator("section:has(#wrong)").inner_text()
    assert "The hospital saw a reaction in 2011." in said and "stays beside the entry" in said
    look(mine, picture="my-rights-answered", pictures=pictures)
    mine.get_by_role("button", name=re.compile("I no longer say so ?: Penicillin")).click()
    mine.wait_for_url("**/my/rights?done=unsaid#wrong")


def test_a_worker_writes_down_what_somebody_says_on_the_telephone(other: "Page") -> None:
    """ON-08."""
    sign_in(other, "gp", f"/people/{WOMAN}")
    other.get_by_role("link", name="What they asked for").click()
    assert heading(other) == "What the person asked for"
    look(other)
    options = other.get_by_label("Entry that").locator("option").all_inner_texts()
    chosen = next(o for o in options if o.startswith("Penicillin"))
    other.get_by_label("Entry that").select_option(chosen)
    other.get_by_role("button", name="Go on").click()
    assert heading(other) == "Write down that this is wrong"
    look(other)


def test_a_print_says_whose_it_is_on_every_sheet_and_is_in_the_log(
    mine: "Page", other: "Page", tmp_path: Path, pictures: bool
) -> None:
    """AC-02; name, NHS number, when and by whom."""
    sign_in(other, "ward-nurse", f"/people/{WOMAN}")
    other.get_by_role("button", name="Print", exact=True).click()
    other.get_by_role("button", name="Print this page").wait_for()
    head = other.locator(".ju-sheet > thead").inner_text()
    for words in ("Joyce", "999 001 2008", "16 January 2018", "Grace Adeyemi"):
        assert words in head
    look(other, picture="print-person", pictures=pictures)
    (tmp_path / "person.pdf").write_bytes(other.pdf(prefer_css_page_size=True))
    mine.goto("/my/summary")
    mine.get_by_role("button", name="Print my summary").click()
    mine.get_by_role("button", name="Print this page").wait_for()
    mine.goto("/my/who-looked")
    assert "printed from your record" in mine.locator("main").inner_text()


def test_these_pages_are_for_whom_they_are_for(page: "Page") -> None:
    """A worker has no rights page of their own record here; a GP answers no requests."""
    for account, address in (
        ("gp", "/my/rights"),
        ("gp", "/rights/requests"),
        ("person", "/rights/requests"),
        ("person", "/rights/disagreements"),
        ("person", f"/people/{WOMAN}/rights"),
        ("analyst", "/rights/disagreements"),
    ):
        sign_in(page, account, "/")
        answer = page.goto(address)
        assert answer is not None and answer.status == 403, (account, address)
