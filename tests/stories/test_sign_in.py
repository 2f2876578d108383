"""A nurse takes up her account, signs in with a code and with a passkey, and is called away.

The place is served by this process, so that its clock can be moved; the browser's own clock is
moved with it.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from tests.conftest import free_port
from tests.spec.web.site import set_up
from tests.stories.steps import DESKTOP, faults_of, heading, look

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from joinedup.record.cluster import Urls

WAIT_MILLISECONDS = 10_000
WORDS = "Walks to the kitchen alone, with the frame."


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    # Accepted one by one while pages load many files at once.
    request_queue_size = 64


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Place:
    """A place served here; `move` lets time pass for it and for a page."""

    def __init__(self, port: int) -> None:
        self.address = f"http://localhost:{port}"
        self.offset = 0.0

    def seconds(self) -> float:
        """Its time."""
        return time.time() + self.offset

    def move(self, page: "Page", seconds: int) -> None:
        """Let time pass here and in the browser, where timers run."""
        self.offset += seconds
        page.clock.fast_forward(seconds * 1000)


@pytest.fixture
def place(record_database: "Urls", monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A place with a hospital, a person of its, and one-click accounts beside real ones."""
    set_up()
    from django.db import connections

    from joinedup.site.wsgi import application
    from tests.spec.signing_in.people import store_place

    # Here each request has a thread of its own, and so a connection.
    monkeypatch.setitem(connections.databases["default"], "CONN_MAX_AGE", 0)
    store_place()
    port = free_port()
    server = make_server("127.0.0.1", port, application, _Threads, _Quiet)
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    ).start()
    place = Place(port)
    monkeypatch.setattr("joinedup.signin.clock.seconds", place.seconds)
    yield place
    server.shutdown()
    server.server_close()


@pytest.fixture
def context(browser: "Browser", place: Place) -> Iterator["BrowserContext"]:
    """A browser that has never been here."""
    context = browser.new_context(base_url=place.address, viewport=DESKTOP)
    context.set_default_timeout(WAIT_MILLISECONDS)
    yield context
    context.close()


def _aside(work: Callable[[], Any]) -> Any:
    """Do something to the database in a thread without an event loop, as Django demands."""
    from django.db import connections

    def done() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(done).result()


def _worker(name: str = "grace@marlbrook.example") -> Any:
    from tests.spec.signing_in.people import admitted_worker

    return _aside(lambda: admitted_worker(name, period={"start": "2018-01-01"}))


def _with_code(page: "Page", worker: Any, to: str = "/account") -> None:
    from tests.spec.signing_in.people import PASSWORD

    page.goto(f"/sign-in?next={to}")
    page.get_by_label("Sign-in name").fill(worker.name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Code").fill(worker.code())
    page.get_by_role("button", name="Go on").click()


def _device(context: "BrowserContext", page: "Page") -> None:
    """A device with a fingerprint reader, which always knows its owner."""
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_nurse_signs_in_with_a_password_and_a_code(page: "Page", pictures: bool) -> None:
    """A mistake is told beside the field; nothing typed by hand need be typed twice."""
    faults, worker = faults_of(page), _worker()
    page.goto("/sign-in")
    look(page, picture="sign-in-account", pictures=pictures)
    page.get_by_label("Sign-in name").fill(worker.name)
    page.get_by_label("Password").fill("not my password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert page.locator(".nhsuk-error-summary").is_visible()
    assert page.get_by_label("Sign-in name").input_value() == worker.name
    look(page, picture="sign-in-wrong", pictures=pictures)
    _with_code(page, worker)
    assert heading(page) == "Your sign-in"
    look(page, picture="account", pictures=pictures)
    for summary in page.locator("summary").all():
        summary.click()
    look(page)
    assert [f for f in faults if "403" not in f] == []


def test_a_bank_nurse_takes_up_her_account_with_a_passkey(
    context: "BrowserContext", page: "Page", pictures: bool
) -> None:
    """The code she was given, a password, her device's fingerprint; the next time that alone."""
    from tests.spec.signing_in.people import invite

    worker = _worker()
    code = _aside(lambda: invite(worker.id))
    _device(context, page)
    page.goto("/sign-in")
    page.get_by_role("link", name="I was given a code").click()
    page.get_by_label("Sign-in name").fill(worker.name)
    page.get_by_label("Code").fill(code)
    look(page, picture="first", pictures=pictures)
    page.get_by_label("A new password").fill("correct horse battery")
    page.get_by_role("button", name="Go on").click()
    assert heading(page) == "Add a second proof"
    look(page, picture="second-proof", pictures=pictures)
    page.get_by_role("button", name="Make a passkey on this device").click()
    page.wait_for_selector(".ju-codes")
    assert page.locator(".ju-codes li").count() == 10
    look(page, picture="recovery-codes", pictures=pictures)
    page.get_by_role("button", name="I have kept them").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/")
    page.goto("/account")
    assert "with passkey" in page.locator("main").inner_text()


def test_a_page_nobody_uses_is_covered_and_what_was_typed_stays(
    place: Place, page: "Page", pictures: bool
) -> None:
    """Warned after 13 minutes, covered after 15: nothing to read beneath, by eye or screen reader.

    The password brings back the same field, the cursor where it was, and the form still sends.
    """
    from tests.spec.signing_in.people import PASSWORD

    worker = _worker()
    page.clock.install()
    _with_code(page, worker)
    page.get_by_text("Change the password").first.click()
    field = page.get_by_label("A new password")
    field.fill(WORDS)
    field.evaluate("e => e.setSelectionRange(5, 7)")
    place.move(page, 13 * 60 + 1)
    page.wait_for_selector(".ju-warning")
    look(page, picture="cover-warning", pictures=pictures)
    place.move(page, 2 * 60)
    page.wait_for_selector(".ju-cover")
    assert heading(page) == "This page is covered" and "Covered" in page.title()
    assert "Grace" not in page.content().split("<template")[0]
    assert page.locator("input").evaluate_all(f"f => f.every(e => e.value !== {WORDS!r})")
    assert WORDS not in str(page.locator("body").aria_snapshot())
    assert page.request.get("/account", max_redirects=0).status == 302
    look(page, picture="covered", pictures=pictures)

    page.get_by_label("Your password").fill("not my password")
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("That is not right").first.wait_for()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_selector(".ju-cover", state="detached")
    assert field.input_value() == WORDS
    active = "[document.activeElement.id, document.activeElement.selectionStart]"
    assert page.evaluate(active) == ["new_password", 5]
    page.locator("#password-change").fill(PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    assert heading(page) == "Your sign-in"


def test_a_passkey_brings_back_the_page(
    place: Place, context: "BrowserContext", page: "Page"
) -> None:
    """One touch."""
    from tests.spec.signing_in.people import PASSWORD

    worker = _worker()
    _device(context, page)
    page.clock.install()
    _with_code(page, worker)
    page.get_by_text("Add a passkey").first.click()
    page.get_by_label("What to call it").fill("My telephone")
    page.locator("#password-passkey").fill(PASSWORD)
    page.get_by_role("button", name="Make a passkey on this device").click()
    page.locator(".ju-line__title", has_text="My telephone").wait_for()
    page.get_by_text("Change the password").first.click()
    page.get_by_label("A new password").fill(WORDS)
    place.move(page, 15 * 60 + 1)
    page.get_by_role("button", name="Come back with your passkey").click()
    page.wait_for_selector(".ju-cover", state="detached")
    assert page.get_by_label("A new password").input_value() == WORDS


def test_after_twelve_hours_one_signs_in_in_another_tab_and_comes_back(
    place: Place, context: "BrowserContext", page: "Page"
) -> None:
    """What was typed waits; to somebody else it is never shown."""
    worker, other = _worker(), _worker("other@marlbrook.example")
    page.clock.install()
    _with_code(page, worker)
    page.get_by_text("Change the password").first.click()
    page.get_by_label("A new password").fill(WORDS)
    place.move(page, 12 * 3600 + 1)
    page.get_by_role("button", name="Sign in again, in a new tab").wait_for()
    again = page.get_by_role("button", name="I have signed in again")

    tab = context.new_page()
    _with_code(tab, other, "/session/back")
    again.click()
    page.get_by_text("Somebody else is signed in").last.wait_for()
    tab.get_by_role("button", name="Sign out").click()
    place.offset += 60
    _with_code(tab, worker, "/session/back")
    assert heading(tab) == "You are signed in again"
    again.click()
    page.wait_for_selector(".ju-cover", state="detached")
    assert page.get_by_label("A new password").input_value() == WORDS


def _look_with_javascript(browser: "Browser", page: "Page", name: str, pictures: bool) -> None:
    """The check that every page must pass is itself JavaScript."""
    context = browser.new_context(storage_state=page.context.storage_state(), viewport=DESKTOP)
    same = context.new_page()
    same.goto(page.url)
    look(same, picture=name, pictures=pictures)
    context.close()


def test_without_javascript_a_late_form_is_kept_and_shown_again(
    browser: "Browser", place: Place, pictures: bool
) -> None:
    """One-click worker, fifteen minutes away from a form: nothing typed is lost."""
    context = browser.new_context(base_url=place.address, java_script_enabled=False)
    context.set_default_timeout(WAIT_MILLISECONDS)
    page = context.new_page()
    page.goto("/sign-in")
    page.locator('form:has(input[value="ward-nurse"]) button').first.click()
    page.goto("/account")
    page.locator('form[action="/account/end"]').last.evaluate(
        "f => f.insertAdjacentHTML('beforeend', '<textarea name=note></textarea>')"
    )
    page.locator("[name=note]").fill(WORDS)
    place.offset += 15 * 60 + 1
    page.get_by_role("button", name="Sign out everywhere else").click()
    assert heading(page) == "You have been away"
    _look_with_javascript(browser, page, "come-back", pictures)
    page.get_by_role("button", name="I am back").click()
    assert heading(page) == "What you typed was kept"
    assert WORDS in page.locator("main").inner_text()
    _look_with_javascript(browser, page, "kept-form", pictures)
    page.get_by_role("button", name="Send it now").click()
    assert heading(page) == "Your sign-in"
    context.close()
