"""Bad input in pages: ids swapped, roles that are not offered, words that no form expects.

Issue 2, bad input; trust 8. Each is asked through the whole site in a signed-in session.
"""

import os
import re
from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from joinedup import record
from joinedup.fhir.search.query import parse_query
from joinedup.record import database
from joinedup.record.cluster import Cluster
from tests.conftest import _Copied
from tests.security.access.addresses import ADDRESSES, FORM, MACHINE, PUBLIC
from tests.security.access.stage import SYSTEM, about, consent, person, relationship, store
from tests.security.access.visitors import Visitors, visitors
from tests.spec.web.site import set_up

if TYPE_CHECKING:
    from django.test import Client

set_up()

SEED = int(os.environ.get("FUZZ_SEED", "5"))
TRIED = 120
PEOPLE = ("referral", "none", "self", "proxy")


@pytest.fixture(scope="module")
def sign_in(cluster: Cluster) -> Iterator[Visitors]:
    """Somebody who was referred, a stranger, a person with a wish, and whoever signs in."""
    with _Copied(cluster) as urls:
        database.configure(urls.application)
        set_people()
        with visitors() as visitors_of:
            yield visitors_of
        database.close()


def set_people() -> None:
    """Store a person of each state, with a wish and a problem."""
    store({"resourceType": "Organization", "id": "RZ901", "name": "Marlbrook General Hospital"})
    for state in PEOPLE:
        named = {"name": [{"family": f"Zz{state.capitalize()}", "given": ["Ida"]}]}
        given = [{**r, "id": f"why-{state}-{n}"} for n, r in enumerate(relationship(state))]
        store({**person(state), **named}, *given)
        wish = {**consent("permission", state), "id": f"wish-{state}"}
        store(wish, about("Condition", state, id=f"c-{state}", code={"text": "Asthma"}))


# Swapped ids -------------------------------------------------------------------------------------

_OF_SOMEBODY = [a for a in ADDRESSES if "<str:person_id>" in a]


@pytest.mark.parametrize("address", _OF_SOMEBODY)
@pytest.mark.parametrize("role", ["gp", "finance-officer"])
def test_a_stranger_looks_like_nobody(address: str, role: str, sign_in: Visitors) -> None:
    """The same status, headers and words, whether the person of that id is hidden or absent."""
    browser = sign_in(role)
    told = []
    for who in ("none", "nobody-at-all"):
        at = "/" + address.replace("<str:person_id>", who).replace("<slug:slug>", "problems")
        is_form = ADDRESSES[address] == FORM
        answer = browser.post(at, {"reason": "5", "answer": "yes"}) if is_form else browser.get(at)
        text = _without_secrets(answer.content.decode()).replace(f"/{who}", "/~")
        to = answer.headers.get("Location", "").replace(f"/{who}", "/~")
        told.append((answer.status_code, to, text))
    assert told[0][:2] == told[1][:2]
    assert told[0][2].splitlines() == told[1][2].splitlines()
    assert told[0][0] in (302, 403, 404)


def _without_secrets(page: str) -> str:
    return re.sub(r'value="\w{32,}"', "", page)


def test_another_persons_wish_is_nobodys(sign_in: Visitors) -> None:
    """The id of a consent comes from the address; whose it is comes from the session."""
    own, other = sign_in("person"), "/my/agreed/wish-referral/end"
    assert own.get(other).status_code == own.post(other, {"version": "1"}).status_code == 404
    stands = record.read(SYSTEM, "Consent", "wish-referral")
    assert stands.version == 1 and stands.resource["status"] == "active"


def test_a_post_of_another_organisation_is_not_ended(sign_in: Visitors) -> None:
    """A ward manager's staff are those of the own organisation."""
    there = {
        "resourceType": "PractitionerRole", "id": "post-there", "active": True,
        "organization": {"reference": "Organization/E99901"},
    }  # fmt: skip
    store(there)
    manager = sign_in("ward-manager")
    for address in ("/staff/post-there/end", "/staff/post-there/invite", "/staff/nothing/end"):
        assert manager.post(address, {"version": "1"}).status_code in (403, 404), address
    assert record.read(SYSTEM, "PractitionerRole", "post-there").version == 1


def test_a_manager_admits_to_no_post_that_is_not_offered(sign_in: Visitors) -> None:
    """The list on the page is no fence: a role typed into the form is looked up in the policy."""
    manager = sign_in("ward-manager")
    typed = {
        "given": "Eve", "family": "Sly", "sign_in": "eve@x.example", "day": "1", "month": "1",
        "year": "2027", "hour": "08:00", "role": "privacy-officer", "place": "",
    }  # fmt: skip
    assert manager.post("/staff/admit", typed).status_code in (400, 422)
    posts = record.search(SYSTEM, parse_query("PractitionerRole", [])).entries
    assert not any("privacy-officer" in post.body for post in posts)


# Nasty words, wherever a form or an address has room ---------------------------------------------

NASTY = [
    "\x00", "%00", "..", "../../etc/passwd", "' or 1=1 --", "<script>alert(1)</script>", "\u202e",
    "9" * 5_000, "-1", "0", "²", "\u0661", "1e9", "{{7*7}}", "\ud800", "a" * 70, "=cmd()",
    "\r\nX: y", "NaN", "true", "[]", "{}", "\U0001f468\u200d\U0001f469",
    " ", "%", "%ff", "\\", "//x", "None",
]  # fmt: skip
_FIELDS = (
    "version", "reason", "words", "answer", "organisation", "task", "note", "telephone", "line",
    "town", "postcode", "post", "role", "place", "given", "family", "sign_in", "day", "month",
    "year", "hour", "name", "password", "code", "next", "credential", "session", "account",
    "do", "why", "pot", "pounds", "ticked", "due-to", "provider", "number", "is", "after",
)  # fmt: skip
_SKIPPED = {"sign-out", "tour/reset", "sign-in"}


def _safe(word: str) -> str:
    """What a browser could send at all: half of a pair of surrogates cannot be UTF-8."""
    return word.encode("utf-8", "replace").decode()


_TYPING = ["gp", "ward-manager", "privacy-officer", "finance-officer", "person"]


@pytest.mark.parametrize("role", _TYPING)
def test_nothing_that_is_typed_breaks_a_page(role: str, sign_in: Visitors, full: bool) -> None:
    """No answer is 500 or above: what cannot be is refused, in addresses, queries and forms."""
    browser, broken = sign_in(role), []
    pairs = [(a, _safe(w)) for a in ADDRESSES if not _is_skipped(a) for w in NASTY]
    for address, word in pairs if full else Random(SEED).sample(pairs, TRIED):
        typed = dict.fromkeys(_FIELDS, word)
        for asked in ((_filled(address, word), {}), (_filled(address, "referral"), typed)):
            status = _sent(browser, address, *asked)
            if status >= 500:
                broken.append(f"{address} {word[:20]!r}: {status}")
    assert broken == [], f"FUZZ_SEED={SEED}"


def _is_skipped(address: str) -> bool:
    """Those that end the sign-in, count failed tries, or go to another server."""
    return address in _SKIPPED or address.startswith(("sign-in/with", "account/"))


def _filled(address: str, word: str) -> str:
    return "/" + re.sub(r"<(\w+):\w+>", lambda m: _fill(m[1], word), address)


def _fill(kind: str, word: str) -> str:
    if kind == "uuid":
        return "00000000-0000-0000-0000-000000000000"
    return re.sub(r"[^\w-]", "-", word) if kind == "slug" else word


def _sent(browser: "Client", address: str, at: str, fields: dict[str, Any]) -> int:
    from urllib.parse import quote

    safe = quote(at, safe="/%")
    if ADDRESSES[address] in (FORM, MACHINE):
        return browser.post(safe, fields).status_code
    got = browser.get(safe, fields).status_code
    if fields and ADDRESSES[address] != PUBLIC:
        got = max(got, browser.post(safe, fields).status_code)
    return got
