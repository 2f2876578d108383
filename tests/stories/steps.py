"""What the stories have in common: signing in, looking at a page as a careful reader would.

`look` is the check that every page and state must pass: axe finds nothing, nothing runs off the
page at any width, and the browser reports no fault. With --pictures it also takes the pictures.
"""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
DESKTOP = {"width": 1280, "height": 800}
TELEPHONE = {"width": 390, "height": 844}
# A desktop of 1,280 pixels at 400 per cent zoom lays out as one of 320 (WCAG 2.2, 1.4.10).
ZOOMED = {"width": 320, "height": 256}
SMALLEST = {"width": 320, "height": 640}

WOMAN, DAUGHTER, MAN = "joyce-hallam", "susan-whitlock", "desmond-clarke"


def sign_in(page: "Page", account: str, to: str = "/") -> None:
    """Sign in with one click and arrive at an address."""
    page.goto(f"/sign-in?next={quote(to)}")
    page.locator("main details").evaluate_all("all => all.forEach(one => one.open = true)")
    page.locator(f'form:has(input[name="account"][value="{account}"]) button').click()
    page.wait_for_load_state()


def heading(page: "Page") -> str:
    """Return the page's one main heading."""
    assert page.locator("h1").count() == 1, "a page has one main heading"
    return page.locator("h1").inner_text()


def faults_of(page: "Page") -> list[str]:
    """Begin to collect what the browser complains of; the list grows as pages load."""
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: faults.append(str(e)))
    return faults


def runs_off(page: "Page", size: dict[str, int]) -> list[str]:
    """Return what is wider than the page at a size; empty when all of it fits."""
    page.set_viewport_size(size)
    inner, whole = page.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    if whole <= inner:
        return []
    wide = page.evaluate(
        "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right >"
        " innerWidth + 1).slice(0, 5).map(e => e.tagName + '.' + (e.getAttribute('class') || ''))"
    )
    return [f"{whole} > {inner}", *wide]


def look(page: "Page", *, picture: str = "", pictures: bool = False) -> None:
    """Hold a page to what every page must be, at every width; take its pictures when asked."""
    for size in (TELEPHONE, SMALLEST, ZOOMED):
        assert runs_off(page, size) == [], f"runs off the page at {size}: {page.url}"
    page.set_viewport_size(DESKTOP)
    assert runs_off(page, DESKTOP) == []
    _axe(page)
    if picture and pictures:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{picture}-desktop.png")
        page.set_viewport_size(TELEPHONE)
        page.screenshot(path=PICTURES / f"{picture}-390.png")
        page.set_viewport_size(DESKTOP)


def _axe(page: "Page") -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"
