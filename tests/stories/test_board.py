"""A nurse does the round of her ward by keyboard; the coordinator's board shows it by itself."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.stories.steps import DESKTOP, TELEPHONE, faults_of, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser

WARD = "/board/rz901-ward-11"
SHOWS_WITHIN_MS = 5_000
_BED = re.compile(r"(Bed \d+), (\d+) of (\d+)")


@pytest.fixture
def hub(browser: "Browser", served: str) -> "BrowserContext":
    """The coordinator's own browser."""
    context = browser.new_context(base_url=served, viewport=DESKTOP)
    yield context
    context.close()


def _press(page: "Page", *keys: str) -> None:
    """Press keys; the last one leads to another page."""
    for key in keys[:-1]:
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press(keys[-1])


def test_a_round_by_keyboard_shows_on_the_board_of_the_hub(
    page: "Page", hub: "BrowserContext", *, pytestconfig: pytest.Config
) -> None:
    """Issue 4: two keys for somebody unchanged, a change elsewhere within five seconds."""
    pictures = bool(pytestconfig.getoption("--pictures"))
    faults = faults_of(page)
    sign_in(page, "ward-nurse", WARD)
    assert heading(page) == "Ward 11"
    look(page, picture="board", pictures=pictures)
    assert page.get_by_role("navigation", name="Main").get_by_text("Board").is_visible()

    board = hub.new_page()
    hub_faults = faults_of(board)
    sign_in(board, "discharge-coordinator", WARD)
    waiting = _waiting(board)

    page.get_by_role("link", name="Begin the round of Ward 11").or_(
        page.get_by_role("button", name="Begin the round of Ward 11")
    ).focus()
    _press(page, "Enter")
    look(page)
    page.locator("[autofocus]").focus()
    _press(page, "Enter")
    bed, first, people = _where(page)
    assert first == 1
    look(page, picture="round", pictures=pictures)
    name = heading(page).splitlines()[-1].rpartition(",")[0]

    _press(page, "1", "Enter")  # the score has the focus already
    assert f"Saved. {name}, {bed}: " in page.locator("main").inner_text()
    assert _where(page)[1] == 2

    name = _ready_by_keyboard(page)
    board.wait_for_function(
        "before => +document.querySelector('.ju-board__count').textContent"
        ".match(/([0-9]+) waiting/)[1] === before + 1",
        arg=waiting,
        timeout=SHOWS_WITHIN_MS,
    )
    assert name in board.locator("main").inner_text()
    look(board)
    board.reload()
    assert _waiting(board) == waiting + 1, "reload alone says the same"
    assert people > 10
    assert faults == []
    assert hub_faults == []


def _ready_by_keyboard(page: "Page") -> str:
    """Find somebody who needed the bed, answer no to everything, by keyboard; return who it was."""
    page.goto(f"{WARD}/round")
    line = page.get_by_role("row").filter(has_text="Needs the bed").first
    name = line.get_by_role("link").inner_text()
    line.get_by_role("link").focus()
    _press(page, "Enter")
    for answer in page.locator('input[type="radio"][value="yes"]:checked').all():
        answer.focus()
        page.keyboard.press("ArrowLeft")
    for ended in page.locator('input[type="datetime-local"]').all():
        ended.fill("")
    page.locator("#score").focus()
    _press(page, "1", "Enter")
    assert f"Saved. {name}" in page.locator("main").inner_text()
    assert "waiting to go home." in page.locator(".ju-notice").first.inner_text()
    return name


def _where(page: "Page") -> tuple[str, int, int]:
    """The bed, its place in the round, and how many there are."""
    found = _BED.search(heading(page))
    assert found, heading(page)
    return found[1], int(found[2]), int(found[3])


def _waiting(page: "Page") -> int:
    found = re.search(r"(\d+) waiting to go home", page.locator(".ju-board__count").inner_text())
    assert found
    return int(found[1])


def test_a_nurse_with_a_telephone_reads_the_board(page: "Page") -> None:
    """390 pixels: a card a person, nothing runs off; the chart has its numbers."""
    page.set_viewport_size(TELEPHONE)
    sign_in(page, "ward-nurse", "/board")
    assert "people in a bed" in page.locator("main").inner_text()
    page.get_by_role("link", name="Waiting to go home, day by day").click()
    page.wait_for_load_state()
    assert heading(page) == "Waiting to go home, day by day"
    look(page, picture="waiting")
