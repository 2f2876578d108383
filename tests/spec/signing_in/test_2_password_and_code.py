"""Signing in with a password and a code: who gets in, who does not, and what is told of it."""

from collections.abc import Callable

import pytest
from django.test import Client

from joinedup.signin import totp
from tests.spec.signing_in.people import (
    PASSWORD,
    Clock,
    EventRow,
    Worker,
    admitted_worker,
    new_recovery_codes,
    sign_in,
)

Browsers = Callable[[], Client]


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B, the last six digits."""
    secret = b"12345678901234567890"
    for at, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert totp.code_at(secret, at // 30) == code


def test_a_password_and_a_code_let_a_worker_in(browser_of: Browsers, clock: Clock) -> None:
    """The session's cookie is for this site only and out of reach of scripts."""
    worker, browser = admitted_worker(), browser_of()
    answer = sign_in(browser, worker, "/account")
    assert answer.status_code == 302 and answer["Location"] == "/account"
    cookie = browser.cookies["joinedup-session"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
    page = browser.get("/account")
    assert page.status_code == 200 and "Grace Adeyemi" in page.content.decode()


def test_staff_do_not_get_in_with_a_password_alone(browser_of: Browsers, clock: Clock) -> None:
    """Between the two steps nothing is open."""
    worker, browser = admitted_worker(), browser_of()
    answer = browser.post("/sign-in", {"name": worker.name, "password": PASSWORD})
    assert answer["Location"] == "/sign-in/code" and "joinedup-session" not in browser.cookies
    assert browser.get("/account").status_code == 302


def test_a_code_is_good_once(browser_of: Browsers, clock: Clock) -> None:
    """Whoever looks over a shoulder is too late."""
    worker = admitted_worker()
    assert sign_in(browser_of(), worker).status_code == 302
    again = sign_in(browser_of(), worker)
    assert again.status_code == 403 and "used before" in again.content.decode()
    clock.move(30)
    assert sign_in(browser_of(), worker).status_code == 302


def test_a_recovery_code_stands_in_for_the_app_once(browser_of: Browsers, clock: Clock) -> None:
    """Typed with or without its lines, in either case."""
    worker = admitted_worker()
    code = new_recovery_codes(worker.id)[3]
    for status in (302, 403):
        browser = browser_of()
        browser.post("/sign-in", {"name": worker.name, "password": PASSWORD})
        typed = code.replace("-", " ").lower()
        assert browser.post("/sign-in/code", {"code": typed}).status_code == status


def _told(answer: object) -> tuple[int, str]:
    text = answer.content.decode()
    start = text.index("<main")
    return answer.status_code, text[start : text.index("</main>")]


def test_a_wrong_name_and_a_wrong_password_are_told_alike(
    browser_of: Browsers, clock: Clock
) -> None:
    """Word for word, so that nobody learns who has an account here."""
    worker, browser = admitted_worker(), browser_of()
    known = _told(browser.post("/sign-in", {"name": worker.name, "password": "wrong words here"}))
    nobody = "x" * len(worker.name)
    unknown = _told(browser.post("/sign-in", {"name": nobody, "password": "wrong words here"}))
    mask = "csrf"
    assert known[0] == unknown[0] == 403
    assert _without_token(known[1]).replace(worker.name, nobody) == _without_token(unknown[1]), mask


def _without_token(text: str) -> str:
    import re

    return re.sub(r'value="[A-Za-z0-9]{64}"', "", text)


@pytest.mark.parametrize("named", ["known", "unknown"])
def test_after_ten_wrong_tries_the_right_one_is_refused_too(
    browser_of: Browsers, clock: Clock, named: str
) -> None:
    """For a quarter of an hour from the first; in the same words."""
    worker, browser = admitted_worker(), browser_of()
    name = worker.name if named == "known" else "nobody@marlbrook.example"
    for _ in range(10):
        assert browser.post("/sign-in", {"name": name, "password": "no"}).status_code == 403
    answer = browser.post("/sign-in", {"name": name, "password": PASSWORD})
    assert answer.status_code == 403 and "too many tries" in answer.content.decode()
    clock.move(15 * 60 + 1)
    wanted = 302 if named == "known" else 403
    assert browser.post("/sign-in", {"name": name, "password": PASSWORD}).status_code == wanted


def test_what_happens_at_the_door_is_written_down(browser_of: Browsers, clock: Clock) -> None:
    """Signed in, refused, signed out: in the table that is only added to."""
    worker, browser = admitted_worker(), browser_of()
    browser.post("/sign-in", {"name": worker.name, "password": "wrong words here"})
    sign_in(browser, worker)
    browser.post("/sign-out")
    found = list(EventRow.objects.order_by("seq").values_list("what", "why", "method"))
    assert found == [
        ("refused", "password", "password"),
        ("signed-in", "", "password-app"),
        ("signed-out", "", ""),
    ]


def test_nobody_is_sent_to_another_site(browser_of: Browsers, clock: Clock) -> None:
    """Whatever `next` says."""
    worker: Worker = admitted_worker()
    for wanted in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"):
        clock.move(30)
        assert sign_in(browser_of(), worker, wanted)["Location"] == "/"


def test_an_unknown_name_costs_the_same_work(
    browser_of: Browsers, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One password is hashed for every try, whoever is named, so time tells nothing."""
    from joinedup.signin import passwords

    worker, browser, hashed = admitted_worker(), browser_of(), []
    real = passwords.check_password
    passwords._hash_of_nothing()

    def counted(*words: str) -> bool:
        hashed.append(words[1].split("$")[0:2])
        return real(*words)

    monkeypatch.setattr(passwords, "check_password", counted)
    for name in (worker.name, "nobody@marlbrook.example", ""):
        browser.post("/sign-in", {"name": name, "password": "wrong words here"})
    assert hashed == [["scrypt", "16"]] * 3
