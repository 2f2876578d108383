"""How long a sign-in lasts, to the second, and how it ends before: nothing is open afterwards."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from joinedup.signin.rules import LIMITS, Sitting, Standing, standing
from tests.spec.signing_in.people import (
    PASSWORD,
    Clock,
    SessionRow,
    admitted_worker,
    sign_in,
)

Browsers = Callable[[], Client]
MINUTE, HOUR = 60, 3600


def is_open(browser: Client) -> bool:
    """Whether a page of one's own still opens; asking for it is use."""
    return browser.get("/account").status_code == 200


def test_staff_are_covered_after_fifteen_minutes_without_use(
    browser_of: Browsers, clock: Clock
) -> None:
    """Each request keeps it open; at the very second of the limit it is covered (F12)."""
    browser = browser_of()
    sign_in(browser, admitted_worker())
    for _ in range(3):
        clock.move(15 * MINUTE - 1)
        assert is_open(browser)
    clock.move(15 * MINUTE)
    assert not is_open(browser)
    assert "You have been away" in browser.get("/sign-in").content.decode()


def test_a_sign_in_is_over_after_twelve_hours_however_busy(
    browser_of: Browsers, clock: Clock
) -> None:
    """A shift is not longer than that; coming back takes a whole sign-in."""
    browser = browser_of()
    sign_in(browser, admitted_worker())
    for _ in range(71):
        clock.move(10 * MINUTE)
        assert is_open(browser)
    clock.move(10 * MINUTE - 1)
    assert is_open(browser)
    clock.move(1)
    assert not is_open(browser)
    assert "You have been away" not in browser.get("/sign-in").content.decode()


@pytest.mark.parametrize(("kind", "idle"), [("worker", 15 * MINUTE), ("person", 30 * MINUTE)])
def test_people_have_half_an_hour(kind: str, idle: int) -> None:
    """An 84-year-old reads more slowly than a ward round; both have twelve hours in all."""
    began = datetime(2026, 11, 22, tzinfo=UTC)
    busy = began + timedelta(hours=12, seconds=-1)
    for seen, after, wanted in (
        (began, idle - 1, Standing.OPEN),
        (began, idle, Standing.COVERED),
        (busy, 0, Standing.OPEN),
        (busy, 1, Standing.ENDED),
    ):
        sitting = Sitting(LIMITS[kind], began, seen)
        assert standing(sitting, seen + timedelta(seconds=after)) is wanted


def test_asking_how_long_is_left_keeps_nothing_open(browser_of: Browsers, clock: Clock) -> None:
    """A page asks in the background; somebody at it says so by another address."""
    browser = browser_of()
    sign_in(browser, admitted_worker())
    clock.move(10 * MINUTE)
    assert browser.get("/session/left").json()["left"] == 5 * MINUTE
    assert browser.post("/session/here").json()["left"] == 15 * MINUTE
    clock.move(15 * MINUTE)
    told = browser.get("/session/left").json()
    assert (told["state"], told["left"]) == ("covered", 0)
    assert browser.post("/session/here").json()["state"] == "covered"


def test_its_owner_opens_a_covered_session_again(browser_of: Browsers, clock: Clock) -> None:
    """With the password, under a new key; with any other word it stays covered."""
    browser = browser_of()
    sign_in(browser, admitted_worker())
    key = browser.cookies["joinedup-session"].value
    clock.move(15 * MINUTE)
    asked = {"accept": "application/json"}
    wrong = browser.post("/session/return", {"password": "no"}, headers=asked)
    assert wrong.status_code == 403 and wrong.json()["state"] == "covered"
    right = browser.post("/session/return", {"password": PASSWORD}, headers=asked)
    assert right.json()["state"] == "open" and is_open(browser)
    assert browser.cookies["joinedup-session"].value != key
    stolen = browser_of()
    stolen.cookies["joinedup-session"] = key
    assert not is_open(stolen)


def test_a_click_does_not_open_what_a_password_closed(browser_of: Browsers, clock: Clock) -> None:
    """One click is for invented accounts alone."""
    browser = browser_of()
    sign_in(browser, admitted_worker())
    clock.move(15 * MINUTE)
    browser.post("/session/return", {})
    assert not is_open(browser)


def test_a_key_that_was_planted_is_worth_nothing(browser_of: Browsers, clock: Clock) -> None:
    """Session fixation: a new key at sign-in, and no key of a browser's own choosing."""
    worker, browser = admitted_worker(), browser_of()
    planted = "a" * 43
    browser.cookies["joinedup-session"] = planted
    sign_in(browser, worker)
    assert browser.cookies["joinedup-session"].value != planted
    thief = browser_of()
    thief.cookies["joinedup-session"] = planted
    assert not is_open(thief) and is_open(browser)


def test_signing_in_again_ends_the_sign_in_there_was(browser_of: Browsers, clock: Clock) -> None:
    """On the same device: nobody works under the name of the one before."""
    first, second, browser = admitted_worker(), admitted_worker("b@marlbrook.example"), browser_of()
    sign_in(browser, first)
    key = browser.cookies["joinedup-session"].value
    sign_in(browser, second)
    before = browser_of()
    before.cookies["joinedup-session"] = key
    assert not is_open(before) and is_open(browser)


def test_signing_out_ends_it_for_a_copied_key_too(browser_of: Browsers, clock: Clock) -> None:
    """The session is a row, and the row has ended."""
    browser, thief = browser_of(), browser_of()
    sign_in(browser, admitted_worker())
    thief.cookies["joinedup-session"] = browser.cookies["joinedup-session"].value
    assert is_open(thief)
    browser.post("/sign-out")
    assert not is_open(thief) and not is_open(browser)


def test_one_sees_where_one_is_signed_in_and_ends_it(browser_of: Browsers, clock: Clock) -> None:
    """One place, or all but this."""
    worker, here, there, elsewhere = admitted_worker(), browser_of(), browser_of(), browser_of()
    for browser in (here, there, elsewhere):
        sign_in(browser, worker)
        clock.move(30)
    page = here.get("/account").content.decode()
    assert page.count("Firefox on Windows") == 3
    oldest = SessionRow.objects.order_by("began_at")[1]
    here.post("/account/end", {"session": str(oldest.id)})
    assert [is_open(b) for b in (here, there, elsewhere)] == [True, False, True]
    here.post("/account/end", {"session": "all"})
    assert [is_open(b) for b in (here, there, elsewhere)] == [True, False, False]


def test_nobody_ends_somebody_elses(browser_of: Browsers, clock: Clock) -> None:
    """The name of a session is not a right to it."""
    mine, theirs = browser_of(), browser_of()
    sign_in(mine, admitted_worker())
    sign_in(theirs, admitted_worker("b@marlbrook.example"))
    session = SessionRow.objects.order_by("-began_at").last()
    theirs.post("/account/end", {"session": str(session.id)})
    assert is_open(mine) and is_open(theirs)


def test_the_table_holds_nothing_a_thief_could_use(browser_of: Browsers, clock: Clock) -> None:
    """A hash of the key, and what pages keep sealed under it."""
    browser = browser_of()
    sign_in(browser, admitted_worker())
    session = browser.session
    session["recent"] = [["p1", "Joyce Hallam", "9990012008"]]
    session.save()
    row = SessionRow.objects.get()
    key = browser.cookies["joinedup-session"].value
    assert key.encode() not in bytes(row.key_hash) and b"Joyce" not in bytes(row.data)
    assert browser.session["recent"][0][1] == "Joyce Hallam"


@pytest.mark.parametrize("https", [True, False])
def test_cookies_over_https_are_of_this_host_only(https: bool, tmp_path: object) -> None:
    """`__Host-`, Secure, HttpOnly, SameSite: as a browser holds them to."""
    import json
    import os
    import subprocess
    import sys

    script = (
        "import json; from django.conf import settings as s; print(json.dumps("
        "[s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        " s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.CSRF_COOKIE_SAMESITE]))"
    )
    named = {"JOINEDUP_HTTPS": "yes" if https else "no", "JOINEDUP_HOME": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | named | {"DJANGO_SETTINGS_MODULE": "joinedup.site.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    session, form, secure, form_secure, hidden, same, form_same = json.loads(said.stdout)
    assert session.startswith("__Host-") is form.startswith("__Host-") is https
    assert secure is form_secure is https
    assert hidden is True and same == form_same == "Lax"
