"""What is silent leaves no trace in pages, in the audit as it is answered, nor in one's own log.

As chapter 4, in a signed-in session: two places that differ only in what carries labels silent to
whoever looks answer the same pages, forms and AuditEvents the same; differing in what is marked,
they differ by the mark alone. FUZZ_SEED replays, `--full` asks 1,000 of each.
"""

import random
import re
from collections.abc import Iterator
from difflib import unified_diff
from typing import TYPE_CHECKING, Any

import pytest

from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.record import database
from joinedup.record.cluster import Cluster
from tests.conftest import _Copied
from tests.security.access.door import at_the_api
from tests.security.access.test_4_silence import LOOKERS, _labelled_first
from tests.security.access.visitors import visitors
from tests.security.test_5_noninterference import FAMILIES, SEED, Told

if TYPE_CHECKING:
    from django.test import Client

REQUESTS, FULL_REQUESTS = 30, 1_000
_KEPT_HEADERS = ("Content-Type", "Location", "Cache-Control", "Content-Security-Policy", "Vary")
# What differs between any two visits: the form's secret, times, and the numbers of audit events,
# which count what everybody did; they are told apart by the order they come in.
_CHANCE = (
    (re.compile(r'name="csrfmiddlewaretoken" value="\w+"'), "~"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:Z|\+00:00)"), "~"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d|\b\d{1,2}:\d\d\b"), "~"),
    (re.compile("~ to ~"), "~"),
    # Where a month begins on a timeline that ends now moves with every second.
    (re.compile(r'<line x1="[\d.]+%" x2="[\d.]+%"'), "~"),
)
_EVENT = re.compile(
    r'(?<=AuditEvent/)[\w-]+|(?<="AuditEvent","id":")[\w-]+|(?<=_cursor=)\d+|(?<=before=)\d+'
    r"|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)
_SLUGS = "problems medicines services plans encounters procedures documents results".split()
# The marker: that something is withheld, in place of what an empty list says otherwise.
_MARK = re.compile(
    r'\s*(?:<p class="ju-notice[^>]*>.*?</p>|<div class="nhsuk-inset-text">.*?</div>)\s*', re.DOTALL
)
Visit = tuple[str, str, dict[str, str]]


def _for_worker(chance: random.Random) -> Visit:
    who = f"{chance.choice('ssshx')}{chance.randrange(4)}"
    family = chance.choice([*FAMILIES, "Nobody"])
    born = "&born-day=2&born-month=3&born-year=1940" if chance.random() < 0.7 else ""
    gets = [
        f"people/{who}", f"people/{who}?span=all", f"people/{who}/timeline?span=all",
        f"people/{who}/{chance.choice(_SLUGS)}", f"people/{who}/contact",
        f"people/?family={family}{born}&find=1", f"people/?family={family[:2]}{born}&find=1", "",
    ]  # fmt: skip
    posts: list[Visit] = [
        ("POST", f"people/{who}/contact", {"telephone": "01632 960001", "version": "0"}),
        ("POST", f"people/{who}/break-glass", {"reason": "5"}),
        ("POST", f"people/{who}/permission", {"answer": "yes"}),
    ]
    return chance.choice(posts) if chance.random() < 0.2 else ("GET", chance.choice(gets), {})


def _for_oneself(chance: random.Random) -> Visit:
    gets = [
        "my", "my/summary", "my/summary", "my/who-looked", "my/who-looked", "my/agreed",
        f"people/s{chance.randrange(3)}", "my/agreed/object?organisation=RZ901",
    ]  # fmt: skip
    posts: list[Visit] = [
        ("POST", "my/agreed/object", {"organisation": "RZ901", "version": "0"}),
        ("POST", "my/agreed/permission", {"answer": "ask", "version": "0"}),
        ("POST", "my/agreed/consent-x/end", {"version": "1"}),
    ]
    return chance.choice(posts) if chance.random() < 0.15 else ("GET", chance.choice(gets), {})


def _audit(chance: random.Random) -> Visit:
    who = f"Patient/{chance.choice('sh')}{chance.randrange(3)}"
    queries = [f"patient={who}", "action=R", f"patient={who}&action=C", "_count=5", "date=gt2017"]
    return "API", f"/AuditEvent?{chance.choice(queries)}", {}


def _visits(permit: Permit, count: int) -> list[Visit]:
    chance = random.Random(SEED)
    own = permit.role in (Role.PERSON, Role.PROXY)
    makes: list[Any] = [*[_for_oneself if own else _for_worker] * 4, _audit]
    return [chance.choice(makes)(chance) for _ in range(count)]


def _told(permit: Permit, visits: list[Visit]) -> Iterator[Told]:
    """The answers, in order, of somebody who signed in once; others looked before."""
    with visitors(permit, *_OTHERS) as sign_in, at_the_api(permit) as ask:
        for other in _OTHERS:
            if other.role is not permit.role:
                _look(sign_in(other.role.value))
        browser = sign_in(permit.role.value)
        for method, address, sent in visits:
            if method == "API":
                status, headers, body = ask("GET", address)
                # An event's number may have a digit more: the body is compared, not its length.
                kept = tuple(h for h in headers if h[0].lower() != "content-length")
                yield status, kept, _without_chance(body)
            else:
                yield _opened(browser, method, "/" + address, sent)


_OTHERS = (
    worker_permit("Practitioner/n", "N", Role.WARD_NURSE, "RZ901"),
    worker_permit("Practitioner/g", "G", Role.GP, "Y90001"),
)


def _look(browser: "Client") -> None:
    """What fills the log of the three whom both places hold."""
    for n in range(3):
        browser.get(f"/people/s{n}")


def _opened(browser: "Client", method: str, address: str, sent: dict[str, str]) -> Told:
    answer = browser.get(address) if method == "GET" else browser.post(address, sent)
    headers = tuple((n, answer.headers[n]) for n in _KEPT_HEADERS if n in answer.headers)
    body = _without_chance(answer.content.decode())
    return answer.status_code, headers, body


def _without_chance(text: str) -> str:
    for pattern, instead in _CHANCE:
        text = pattern.sub(instead, text)
    seen: dict[str, str] = {}
    return _EVENT.sub(lambda m: seen.setdefault(m[0], f"event-{len(seen)}"), text)


def _both(
    permit: Permit, cluster: Cluster, labels: str, visits: list[Visit]
) -> tuple[list[Told], list[Told]]:
    """The answers of a place without and of a place with what carries the labels."""
    told: list[list[Told]] = []
    for given in ("", labels):
        with _Copied(cluster) as urls:
            database.configure(urls.application)
            _labelled_first(given)
            told.append(list(_told(permit, visits)))
            database.close()
    return told[0], told[1]


def _difference(visit: Visit, without: Told, with_it: Told) -> str:
    lines = unified_diff(without[2].splitlines(), with_it[2].splitlines(), lineterm="", n=0)
    return f"{visit} {without[0]} {with_it[0]}\n" + "\n".join(list(lines)[:12])


@pytest.mark.parametrize("looker", LOOKERS)
def test_what_is_silent_changes_no_page(looker: str, cluster: Cluster, full: bool) -> None:
    """Issue 2, accept 2: pages, forms, AuditEvents and one's own log; status, headers, words."""
    permit, silent, _ = LOOKERS[looker]
    visits = _visits(permit, FULL_REQUESTS if full else REQUESTS)
    without, with_it = _both(permit, cluster, silent, visits)
    differing = [
        _difference(*each)
        for each in zip(visits, without, with_it, strict=True)
        if each[1] != each[2]
    ]
    assert not differing, f"FUZZ_SEED={SEED}: {len(differing)} differ\n" + "\n".join(differing[:4])
    statuses = [status for status, _, _ in without]
    assert statuses.count(200) > len(statuses) // 3 and max(statuses) < 500
    assert any("AuditEvent" in body for _, _, body in without), "nobody's looks were asked for"


def _unmarked(told: Told) -> Told:
    """An answer without its marks, a tag a line."""
    status, headers, body = told
    return status, headers, re.sub(r"\s*\n?(<)", r"\n\1", _MARK.sub("", body))


MARKED = [looker for looker, (_, _, marked) in LOOKERS.items() if marked]


@pytest.mark.parametrize("looker", MARKED)
def test_what_is_marked_adds_the_mark_and_nothing_else(
    looker: str, cluster: Cluster, full: bool
) -> None:
    """Issue 2, accept 2: differing in marked facts, two places differ only by the marker."""
    permit, _, marked = LOOKERS[looker]
    visits = _visits(permit, FULL_REQUESTS if full else REQUESTS)
    without, with_it = _both(permit, cluster, marked, visits)
    differing, marks = [], 0
    for visit, a, b in zip(visits, without, with_it, strict=True):
        marks += a != b
        if _unmarked(a) != _unmarked(b):
            differing.append(_difference(visit, _unmarked(a), _unmarked(b)))
    assert not differing, f"FUZZ_SEED={SEED}: {len(differing)} differ\n" + "\n".join(differing[:4])
    assert marks, "nobody was told that something is withheld"
