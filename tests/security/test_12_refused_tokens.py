"""Tokens that are refused: in the audit where it is known whose they were, and nowhere else.

Issue 2, bad input: refused, audited, no detail leaked; a flood of them fills no table and no log.
"""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from django.core import signing

from joinedup.access.permit import system_permit
from joinedup.api import gate
from joinedup.record import database
from joinedup.record.cluster import Urls
from joinedup.signin.tokens import LIFE_SECONDS, issue_token, permit_from_token
from joinedup.site.log_lines import JsonFormatter
from tests.security.test_5_noninterference import Told, _ask
from tests.spec.web.site import set_up

set_up()

NASTY = {
    "a new line": 'gp\n{"line": "Somebody signed in"}',
    "a carriage return": "gp\r\nSet-Cookie: a=b",
    "a terminal's colours": "gp\x1b[31mred\x1b[0m",
    "a template": "{{ 7 * 7 }} ${jndi:ldap://x} %s%n",
    "a null": "gp\x00",
    "right to left": "gp\u202eresu",
}


@pytest.fixture(autouse=True)
def _a_place(record_database: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    from joinedup.site import wsgi

    assert wsgi.application
    database.configure(record_database.application)
    monkeypatch.setattr(gate, "_readers", [permit_from_token])
    monkeypatch.setattr(gate, "_told", {})


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What joinedup logs, as a place's log would hold it."""
    stream, logger = io.StringIO(), logging.getLogger("joinedup")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def presented(token: str, address: str = "/Patient/somebody") -> Told:
    """The answer to a read with this token."""
    return _ask(("GET", address, None, {"Authorization": f"Bearer {token}"}))


def old_token(monkeypatch: pytest.MonkeyPatch) -> str:
    """A token of a GP that was over a second ago."""
    made_at = signing.time.time() - LIFE_SECONDS - 1
    with monkeypatch.context() as patched:
        patched.setattr(signing.time, "time", lambda: made_at)
        return issue_token("gp")


def rows(statement: str) -> list[tuple[object, ...]]:
    """Rows of the audit, as a job of the system sees it: all."""
    with database.connection() as lent, lent.transaction():
        database.entered(lent, system_permit("test"))
        return lent.execute(statement.encode()).fetchall()


def events() -> list[tuple[object, ...]]:
    """Every event of the audit: action, outcome, who, and what was asked."""
    return rows("select action, outcome, worker, detail from record.audit_event order by seq")


def test_an_expired_token_of_somebody_known_is_in_the_audit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who, that it was refused, and the method; never the address, never the token."""
    token = old_token(monkeypatch)
    assert presented(token)[0] == 401
    ((action, outcome, worker, detail),) = events()
    assert (action, outcome) == ("refused", 4)
    assert worker == permit_from_token(issue_token("gp")).worker
    assert "somebody" not in detail and token not in detail


def test_and_it_opens_nothing_by_being_written_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The event names nobody whose record was asked for: it was not looked for."""
    presented(old_token(monkeypatch))
    assert rows("select person from record.audit_event") == [(0,)]
    assert rows("select 1 from record.audit_person") == []


def test_a_program_that_goes_on_sending_it_leaves_one_event_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By a clock that cannot be set back."""
    token, at = old_token(monkeypatch), 1_000.0
    monkeypatch.setattr(gate.time, "monotonic", lambda: at)
    for _ in range(30):
        assert presented(token)[0] == 401
    assert len(events()) == 1
    at += gate.TELL_AGAIN_SECONDS
    presented(token)
    assert len(events()) == 2


@pytest.mark.parametrize("altered", ["altered", "foreign", "nobody's", "none"])
def test_a_token_of_nobody_known_leaves_no_event(altered: str) -> None:
    """An altered name is nobody's word: the audit would accuse somebody who did nothing."""
    good = issue_token("gp")
    token = {
        "altered": good.replace("gp", "ward-nurse", 1),
        "foreign": signing.TimestampSigner(key="k", salt="joinedup.api-token").sign("gp"),
        "nobody's": signing.TimestampSigner(salt="joinedup.api-token").sign("nobody"),
        "none": "",
    }[altered]
    assert presented(token)[0] == 401
    assert events() == []


@pytest.mark.parametrize("kind", NASTY)
def test_nothing_of_a_token_reaches_the_log(kind: str, written: io.StringIO) -> None:
    """One line a request, a JSON object with closed fields; log injection has nowhere to go."""
    status, headers, body = presented(NASTY[kind])
    assert status == 401 and NASTY[kind] not in body and NASTY[kind] not in str(headers)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert len(lines) == 1 and lines[0]["status"] == 401
    assert set(lines[0]) <= {"at", "code", "line", "method", "route", "status", "duration_ms"}
    assert lines[0]["code"] == "WEB001"


@pytest.mark.parametrize("kind", NASTY)
def test_nothing_of_an_address_or_a_name_reaches_the_log(kind: str, written: io.StringIO) -> None:
    """The route is one of a list; a method that is no word is withheld."""
    good = {"Authorization": f"Bearer {issue_token('gp')}"}
    _ask(("GET", f"/Patient/{NASTY[kind]}", None, good))
    _ask(("GET", f"/Patient?family={NASTY[kind]}", None, good))
    _ask((NASTY[kind], "/Patient/a", None, good))
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert len(lines) == 3
    assert {line["route"] for line in lines} <= {"fhir", "fhir/<type>", "fhir/<type>/<id>"}
    assert lines[2]["method"] in ("withheld", "OTHER", "other"), lines[2]


def test_a_token_that_is_refused_says_the_same_whoever_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The answer names nobody: not the account, not whether the record asked for is there."""
    for token in (old_token(monkeypatch), "rubbish", issue_token("gp") + "x"):
        there, absent = presented(token), presented(token, "/Patient/absent")
        assert there[0] == absent[0] == 401 and there[2] == absent[2]
        assert "gp" not in there[2].casefold().split()
