"""What OWASP's ASVS 5.0 asks of signing in, sessions, tokens and logs, where no other test says it.

docs/asvs.md is the index: every requirement of its chapters, and the test that proves it.
"""

import ast
import io
import json
import logging
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from joinedup.access.restrictions import WITHHELD
from joinedup.signin.rules import (
    EASY_WORDS,
    LEAST_BESIDE_EASY_WORDS,
    LIMITS,
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    TRIES,
    password_problem,
)
from joinedup.site.log_lines import JsonFormatter, LogLine, log, logging_settings
from tests.conftest import ROOT
from tests.security.access.addresses import addresses_of
from tests.security.access.visitors import visitors
from tests.spec.web.site import set_up

if TYPE_CHECKING:
    from joinedup.record.cluster import Urls

set_up()

SIGN_IN, LOGS = (ROOT / "docs" / name for name in ("sign-in.md", "logs.md"))
_SOURCES = [*(ROOT / "joinedup").rglob("*.py")]


def _said(path: Path) -> str:
    return " ".join(path.read_text().split())


# What is written down is so --------------------------------------------------------------------


def test_the_page_on_signing_in_says_the_numbers_of_the_code() -> None:
    """6.1.1, 7.1.1: tries, limits and lengths, each as it is enforced."""
    page = _said(SIGN_IN)
    minutes = TRIES["name"].within.seconds // 60
    assert TRIES["name"].most == 10 and "Ten failed tries for a name" in page
    assert f"{TRIES['address'].most} from an address within {minutes} minutes" in page
    assert f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters" in page
    assert f"fewer than {LEAST_BESIDE_EASY_WORDS} letters" in page
    for kind, words in (("worker", "workers"), ("person", "people")):
        lasts = LIMITS[kind]
        row = f"| {words} | {lasts.idle_seconds // 60} minutes | {lasts.hard_seconds // 3600} hours"
        assert row in page


def test_the_words_refused_in_passwords_are_listed() -> None:
    """6.1.2."""
    page = _said(SIGN_IN)
    assert [word for word in EASY_WORDS if f"{word}," not in page and f"{word}." not in page] == []


def test_every_way_in_is_on_the_page_and_there_is_no_other() -> None:
    """6.1.3, 6.3.4, 6.6.1, 6.6.2, 6.6.3, 6.8.3: no telephone, no message, no question, no SAML."""
    from joinedup.signin import urls

    ways = {a for a in addresses_of(urls.urlpatterns) if a.startswith("sign-in")}
    assert ways == {
        "sign-in", "sign-in/code", "sign-in/passkey", "sign-in/post", "sign-in/first",
        "sign-in/second", "sign-in/second/wish", "sign-in/second/passkey", "sign-in/kept-codes",
        "sign-in/with/<slug:name>", "sign-in/with/<slug:name>/back",
        "sign-in/with/<slug:name>/logged-out",
    }  # fmt: skip
    called = re.compile(r"saml|twilio|send_mail|smtplib|\bsms\b|secret_question", re.IGNORECASE)
    ways_in = ("signin", "oidc", "smart", "site")
    how_people_are_told = "setting_values.py"  # of notices, which open nothing
    code = [p for p in _SOURCES if p.parts[-2] in ways_in and p.name != how_people_are_told]
    assert [p.name for p in code if called.search(p.read_text())] == []
    assert "no telephone, no text message, no e-mail code" in _said(SIGN_IN)


def test_what_is_taken_out_of_a_restricted_record_is_written_down() -> None:
    """8.1.2: field by field."""
    page = _said(SIGN_IN)
    assert [element for element in WITHHELD if element not in page] == []


def test_every_line_of_the_log_is_in_the_inventory() -> None:
    """16.1.1, 16.2.3: each line by its code and words; nothing goes anywhere that is not listed."""
    page = LOGS.read_text()
    assert [x.name for x in LogLine if f"| {x.value[0]} | {x.value[1]} |" not in page] == []
    handlers = logging_settings()["handlers"]
    assert {h["class"] for h in handlers.values()} == {"logging.StreamHandler"}
    sent = re.compile(r"SysLogHandler|HTTPHandler|SMTPHandler|SocketHandler|sentry|statsd")
    assert [p.name for p in _SOURCES if sent.search(p.read_text())] == []


# Passwords -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    ["Hospital2026!!", "nursenursenurse", "joinedup-2026-ward", "Winter2026Winter",
     "wardnurse12345", "Password123456", "welcome to nhs"],
)  # fmt: skip
def test_words_of_the_work_make_no_password(password: str) -> None:
    """6.2.11."""
    assert "easy to guess" in password_problem(password, "grace@marlbrook.example")


@pytest.mark.parametrize(
    "password",
    ["three plain words", "a heron over the ward at dusk", "ПЯТЬ зелёных лисиц",
     "x" * 2 + "yzab" * 20, "🦊🦡🦔🦦 by the river", "         leading spaces",
     "onlysmallletterslong"],
)  # fmt: skip
def test_any_kind_of_letters_makes_one(password: str) -> None:
    """6.2.5, 6.2.9: no rule of composition; 64 characters and more."""
    assert password_problem(password, "grace@marlbrook.example") == ""


def test_common_passwords_are_those_of_breaches() -> None:
    """6.2.4, 6.2.12: 20,000, of which those long enough for us are refused too."""
    from django.contrib.auth.password_validation import CommonPasswordValidator

    from joinedup.signin.passwords import problem_with

    common = CommonPasswordValidator().passwords
    long_enough = [word for word in common if len(word) >= SHORTEST_PASSWORD]
    assert len(common) > 3_000 and len(long_enough) > 20
    assert [
        word for word in sorted(long_enough)[::5] if not problem_with(word, "grace@x.example")
    ] == []


def test_password_fields_are_for_password_managers() -> None:
    """6.2.6, 6.2.7: masked, named for managers, and paste is nobody's business."""
    for page in (ROOT / "joinedup").glob("*/templates/**/*.jinja"):
        assert "onpaste" not in page.read_text()
    from django.test import Client

    field = re.search(
        r'<input[^>]*name="password"[^>]*>', Client().get("/sign-in").content.decode()
    )
    assert field and 'type="password"' in field[0]
    assert 'autocomplete="current-password"' in field[0]
    script = "".join(p.read_text() for p in (ROOT / "joinedup/web/static/joinedup").glob("*.js"))
    assert '"paste"' not in script and "'paste'" not in script


def test_a_password_is_compared_as_it_was_typed() -> None:
    """6.2.8: no letter is cut off, added or made small; only Unicode's two ways of one letter."""
    from joinedup.signin.rules import plain_password

    for typed in (" Aa 1!", "a" * LONGEST_PASSWORD, "Tab\there", "ß", "İi"):
        assert plain_password(typed) == typed
    assert plain_password("e\u0301") == plain_password("\u00e9")


# Keys and codes --------------------------------------------------------------------------------


def test_secrets_come_from_the_systems_own_chance() -> None:
    """6.5.3, 7.2.3, 6.4.1: nothing but `secrets` and `os.urandom` makes a key, code or token."""
    for path in _SOURCES:
        if path.parts[-2] not in ("signin", "oidc", "smart"):
            continue
        names = {a.name for n in ast.walk(ast.parse(path.read_text()))
                 if isinstance(n, ast.Import) for a in n.names}  # fmt: skip
        assert "random" not in names, path


def test_codes_have_letters_enough() -> None:
    """6.5.4: at least 20 bits; recovery codes have 49, invitations 58."""
    from joinedup.signin.factors import _LETTERS, _code

    assert len(_LETTERS) ** 10 > 2**49 and len(_LETTERS) ** 12 > 2**58
    assert len({_code(10) for _ in range(1_000)}) == 1_000


def test_a_session_key_has_256_bits(record_database: "Urls") -> None:
    """7.2.3: from `secrets`, kept as a hash."""
    assert record_database.application
    with visitors() as sign_in:
        keys = {sign_in("gp").cookies["joinedup-session"].value for _ in range(3)}
    assert len(keys) == 3
    assert all(len(key) >= len(secrets.token_urlsafe(32)) for key in keys)


def test_signing_out_is_on_every_page_of_who_is_signed_in(record_database: "Urls") -> None:
    """7.4.4."""
    assert record_database.application
    with visitors() as sign_in:
        for role, paths in (("gp", ("/", "/people/", "/account", "/tour", "/nothing")),
                            ("person", ("/my", "/my/agreed", "/account"))):  # fmt: skip
            browser = sign_in(role)
            for path in paths:
                assert b'action="/sign-out"' in browser.get(path).content, path


# Apps ------------------------------------------------------------------------------------------


def test_nobody_registers_an_app_from_outside() -> None:
    """10.4.7, 10.6.2: no address registers an app, and none ends a sign-in for one."""
    from joinedup.site import urls

    found = [*addresses_of(urls.urlpatterns)]
    assert [a for a in found if re.search("register|end_session|logout$|device", a)] == []


# Lines -----------------------------------------------------------------------------------------


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream, logger = io.StringIO(), logging.getLogger("joinedup")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    yield stream
    logger.setLevel(level)
    logger.removeHandler(handler)


def test_a_line_says_when_in_utc_and_what(written: io.StringIO) -> None:
    """16.2.1, 16.2.2, 16.2.4."""
    log(LogLine.REQUEST, method="GET", route="fhir", status=200, duration_ms=1.0)
    line = json.loads(written.getvalue())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["at"])
    assert {"at", "code", "line", "method", "route", "status"} <= set(line)


def test_too_many_tries_are_an_event_of_their_own(
    record_database: "Urls", monkeypatch: pytest.MonkeyPatch
) -> None:
    """16.3.3: going against a limit is written down, and told to the log."""
    assert record_database.application
    from django.contrib.auth.hashers import ScryptPasswordHasher
    from django.db import connections
    from django.test import Client

    from joinedup.signin.models import EventRow

    monkeypatch.setattr(ScryptPasswordHasher, "work_factor", 16)
    browser = Client()
    for _ in range(TRIES["name"].most + 1):
        browser.post("/sign-in", {"name": "grace@x.example", "password": "wrong wrong wrong"})
    whys = list(EventRow.objects.order_by("seq").values_list("why", flat=True))
    connections.close_all()
    assert whys == ["password"] * TRIES["name"].most + ["too-many"]
