"""Signing in elsewhere: CIS2 and NHS login, against somebody else’s provider over real HTTP."""

import base64
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.test import Client
from msgspec.structs import replace

from joinedup.signin.providers import Provider
from tests.conftest import free_port
from tests.spec.signing_in.people import (
    AccountRow,
    Clock,
    EventRow,
    admitted_worker,
    keys,
    link,
    store,
)

Browsers = Callable[[], Client]
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
JOYCE = {
    "vot": "P9.Cp.Cd",
    "identity_proofing_level": "P9",
    "nhs_number": "9990012008",
    "birthdate": "1933-05-11",
    "family_name": "HALLAM",
    "given_name": "Joyce",
}


class There:
    """A running provider, and what it is to us."""

    def __init__(self, ours: Provider, process: "subprocess.Popen[str]") -> None:
        self.ours, self.process = ours, process

    def ask(self, path: str, body: object, method: str = "POST") -> str:
        """Use one of its tools."""
        data = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        url = self.ours.issuer + path
        request = urllib.request.Request(url, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(answer.read().decode())

    def knows(self, subject: str, **claims: object) -> None:
        """Let it know somebody."""
        self.ask(f"/users/{quote(subject)}", claims, "PUT")

    def logout_token(self, header: object = None, **changed: object) -> str:
        """A logout token as the provider would sign it; None takes a claim out."""
        at = int(time.time())
        claims: dict[str, object] = {
            "iss": self.ours.issuer,
            "aud": self.ours.client_id,
            "iat": at,
            "exp": at + 120,
            "jti": os.urandom(8).hex(),
            "events": {LOGOUT: {}},
        }
        kept = {k: v for k, v in (claims | changed).items() if v is not None}
        return self.ask("/tool/sign", {"claims": kept, "header": header or {"typ": "logout+jwt"}})


def _started(folder: Path, name: str, *, with_key: bool) -> There:
    port = free_port()
    private, public = folder / f"{name}.key", folder / f"{name}.pub"
    key = rsa.generate_private_key(65537, 2048)
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        if with_key
        else b"a secret we share"
    )
    public.write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    program = Path(__file__).with_name("provider.py")
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(program), str(port), str(public) if with_key else ""],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1"},
    )
    assert process.stdout is not None and process.stdout.readline()
    kind = "person" if with_key else "worker"
    ours = Provider(
        name=name,
        words="NHS CIS2",
        kind=kind,
        issuer=f"http://localhost:{port}",
        client_id="joinedup-test",
        key_file=private,
        algorithm="RS256",
        scope="openid profile",
    )
    return There(ours, process)


@pytest.fixture(scope="module")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, There]]:
    """Two providers: one that knows us by a secret, one by our key."""
    folder = tmp_path_factory.mktemp("providers")
    found = {n: _started(folder, n, with_key=n == "nhs-login") for n in ("cis2", "nhs-login")}
    yield found
    for there in found.values():
        assert there.process.stdin is not None and there.process.stdout is not None
        there.process.stdin.close()
        there.process.wait(10)
        there.process.stdout.close()


@pytest.fixture
def cis2(providers: dict[str, There], place: object, monkeypatch: pytest.MonkeyPatch) -> There:
    """Staff's provider, set up in this place."""
    monkeypatch.setattr(settings, "JOINEDUP_PROVIDERS", (providers["cis2"].ours,))
    return providers["cis2"]


@pytest.fixture
def nhs_login(providers: dict[str, There], place: object, monkeypatch: pytest.MonkeyPatch) -> There:
    """People's provider, set up in this place, and Joyce in its record."""
    monkeypatch.setattr(settings, "JOINEDUP_PROVIDERS", (providers["nhs-login"].ours,))
    person = {
        "resourceType": "Patient",
        "id": "joyce",
        "identifier": [{"system": NHS_NUMBER, "value": "9990012008"}],
        "name": [{"family": "Hallam", "given": ["Joyce"]}],
        "birthDate": "1933-05-11",
    }
    store(person)
    return providers["nhs-login"]


def go(browser: Client, there: There, subject: str, **changed: str) -> Any:
    """Go to the provider as a browser does, prove to be somebody there, and come back."""
    out = browser.get(f"/sign-in/with/{there.ours.name}?next=/account")
    assert out.status_code == 302, out.content
    request = urllib.request.Request(out["Location"], urlencode({"sub": subject}).encode())
    opener = urllib.request.build_opener(_Stay)
    try:
        opener.open(request, timeout=10)
    except urllib.error.HTTPError as answer:
        back = urlsplit(answer.headers["Location"])
        answer.close()
    given = {name: values[0] for name, values in parse_qs(back.query).items()} | changed
    return browser.get(back.path, given)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def refused(answer: Any, words: str) -> bool:
    """Whether a page says no, in these words, and nobody is signed in."""
    assert words in answer.content.decode(), list(EventRow.objects.values_list("what", "why"))
    return answer.status_code == 403


def test_a_worker_signs_in_with_cis2(cis2: There, browser_of: Browsers) -> None:
    """State, nonce and PKCE go out; whoever is linked comes in."""
    worker, browser = admitted_worker(), browser_of()
    link(cis2.ours, "555000000001", AccountRow.objects.get(id=worker.id))
    out = browser.get("/sign-in/with/cis2")
    asked = parse_qs(urlsplit(out["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"] and len(asked["state"][0]) > 30
    assert go(browser, cis2, "555000000001")["Location"] == "/account"
    assert browser.get("/account").status_code == 200


def test_whom_nobody_linked_stays_out(cis2: There, browser_of: Browsers) -> None:
    """In words that say whom to ask."""
    assert refused(go(browser_of(), cis2, "555000000002"), "We do not know you yet")


def test_a_person_signs_in_with_nhs_login(nhs_login: There, browser_of: Browsers) -> None:
    """Matched once by number, birth date and family name; the next time by who she is there."""
    nhs_login.knows("joyce", **JOYCE)
    for _ in range(2):
        browser = browser_of()
        assert go(browser, nhs_login, "joyce")["Location"] == "/account"
        assert browser.get("/account").status_code == 200
    assert AccountRow.objects.get().holder == "Patient/joyce"


@pytest.mark.parametrize("vector", ["P5.Cp.Cd", "P9.Cp", "P0.Cp", "P9.Cp.Cd ", None])
def test_a_weaker_proof_is_refused_in_plain_words(
    nhs_login: There, browser_of: Browsers, vector: str | None
) -> None:
    """P9.Cp.Cd, P9.Cp.Ck and P9.Cm alone open a record."""
    claims = {k: v for k, v in (JOYCE | {"vot": vector}).items() if v is not None}
    nhs_login.knows("weak", **claims)
    assert refused(go(browser_of(), nhs_login, "weak"), "We need to be surer that it is you")


@pytest.mark.parametrize(
    ("claim", "value"),
    [("nhs_number", "9990012016"), ("birthdate", "1933-11-05"), ("family_name", "Hallum")],
)
def test_a_number_alone_proves_nobody(
    nhs_login: There, browser_of: Browsers, claim: str, value: str
) -> None:
    """ID-02: the birth date and the family name must be right as well."""
    nhs_login.knows("near", **(JOYCE | {claim: value}))
    assert refused(go(browser_of(), nhs_login, "near"), "We do not know you yet")


@pytest.mark.parametrize("changed", [{"state": "other"}, {"iss": "https://evil.example"}])
def test_what_we_did_not_ask_for_is_not_used(
    cis2: There, browser_of: Browsers, changed: dict[str, str]
) -> None:
    """Another state (login CSRF), another issuer (mix-up)."""
    assert refused(go(browser_of(), cis2, "555000000001", **changed), "That sign-in did not work")


def test_a_code_is_of_use_to_its_own_browser_once(cis2: There, browser_of: Browsers) -> None:
    """A stolen answer fits no other journey, and the same one not twice."""
    worker, browser, thief = admitted_worker(), browser_of(), browser_of()
    link(cis2.ours, "555000000003", AccountRow.objects.get(id=worker.id))
    journey = browser.get("/sign-in/with/cis2")
    thief.get("/sign-in/with/cis2")
    request = urllib.request.Request(journey["Location"], b"sub=555000000003")
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.build_opener(_Stay).open(request, timeout=10)
    back = answer.value.headers["Location"]
    answer.value.close()
    parts = urlsplit(back)
    path = f"{parts.path}?{parts.query}"
    assert refused(thief.get(path), "That sign-in did not work")
    kept = browser.cookies["joinedup-journey"].value
    assert browser.get(path).status_code == 302
    browser.cookies["joinedup-journey"] = kept
    assert refused(browser.get(path), "That sign-in did not work")


def test_the_provider_ends_a_session_within_a_second(cis2: There, browser_of: Browsers) -> None:
    """Back-channel logout by subject; a token is good once, and other people stay signed in."""
    worker, other = admitted_worker(), admitted_worker("b@marlbrook.example")
    link(cis2.ours, "555000000004", AccountRow.objects.get(id=worker.id))
    link(cis2.ours, "555000000005", AccountRow.objects.get(id=other.id))
    browser, stays = browser_of(), browser_of()
    go(browser, cis2, "555000000004")
    go(stays, cis2, "555000000005")
    token = cis2.logout_token(sub="555000000004")
    began = time.perf_counter()
    answer = Client(enforce_csrf_checks=True).post(
        "/sign-in/with/cis2/logged-out", {"logout_token": token}
    )
    assert browser.get("/account").status_code == 302
    assert time.perf_counter() - began < 1
    assert (answer.status_code, answer.content) == (204, b"")
    assert stays.get("/account").status_code == 200
    again = Client().post("/sign-in/with/cis2/logged-out", {"logout_token": token})
    assert (again.status_code, again.content) == (400, b"")


BAD_LOGOUTS: dict[str, dict[str, Any]] = {
    "nobody named": {"sub": None},
    "a nonce": {"nonce": "n"},
    "no event": {"events": None},
    "another event": {"events": {"http://example.org/other": {}}},
    "an event that is a list": {"events": [LOGOUT]},
    "no jti": {"jti": None},
    "another issuer": {"iss": "https://evil.example"},
    "another client": {"aud": "somebody-else"},
    "many clients, not for us": {"aud": ["joinedup-test", "other"], "azp": "other"},
    "expired": {"exp": 1_500_000_000},
    "no end": {"exp": None},
    "old": {"iat": 1_500_000_000},
    "of tomorrow": {"iat": 4_000_000_000},
    "not yet": {"nbf": 4_000_000_000},
    "an end in words": {"exp": "tomorrow"},
    "an end that is true": {"exp": True},
    "a key in the header": {"header": {"jwk": {"kty": "oct", "k": "AA"}}},
    "an address of keys": {"header": {"jku": "https://evil.example/keys"}},
    "a chain": {"header": {"x5u": "https://evil.example/x"}},
    "an ID token's type": {"header": {"typ": "at+jwt"}},
    "another algorithm": {"header": {"alg": "RS512"}},
}


@pytest.mark.parametrize("name", BAD_LOGOUTS)
def test_a_bad_logout_token_is_refused(cis2: There, name: str) -> None:
    """Signed by the right key, and wrong in one thing; the answer says nothing."""
    changed = {"sub": "555000000004"} | BAD_LOGOUTS[name]
    header = changed.pop("header", None)
    token = cis2.logout_token(header=header, **changed)
    answer = Client().post("/sign-in/with/cis2/logged-out", {"logout_token": token})
    assert (answer.status_code, answer.content) == (400, b"")
    assert EventRow.objects.get().why.startswith("logout-")


def _altered(token: str) -> dict[str, str]:
    header, body, signature = token.split(".")
    told = json.loads(_padded(header))
    none = "eyJhbGciOiJub25lIn0"
    return {
        "none": f"{none}.{body}.",
        "none with a signature": f"{none}.{body}.{signature}",
        "no signature": f"{header}.{body}.",
        "another's signature": f"{header}.{body}.{signature[::-1]}",
        "two parts": f"{header}.{body}",
        "empty": "",
        "long": "a" * 30_000,
        "not ASCII": "\u00e9.b.c",
        "crit": f"{_as_part(told | {'crit': ['exp']})}.{body}.{signature}",
        "another kid": f"{_as_part(told | {'kid': 'other'})}.{body}.{signature}",
        "HMAC with the public key": f"eyJhbGciOiJIUzI1NiJ9.{body}.{signature}",
    }


def test_an_altered_token_is_refused(cis2: There) -> None:
    """No signature, another one, another algorithm, no token at all."""
    for name, token in _altered(cis2.logout_token(sub="s")).items():
        answer = Client().post("/sign-in/with/cis2/logged-out", {"logout_token": token})
        assert answer.status_code == 400, name


def test_keys_are_asked_for_once_a_minute_and_kept_on_failure(cis2: There, clock: Clock) -> None:
    """Lesson 28: unknown key ids cost one look a minute; a provider that is down costs nothing."""
    keys._rings.clear()
    ring, ours = keys.ring(cis2.ours), cis2.ours
    good = cis2.logout_token(sub="s")
    kid = json.loads(_padded(good.split(".")[0]))["kid"]
    cis2.ask("/tool/looks", {"jwks": 0})
    for wanted in [kid, *(f"made-up-{n}" for n in range(50))]:
        ring.key(ours, wanted)
    assert json.loads(cis2.ask("/tool/looks", {}))["jwks"] == 1
    clock.move(61)
    cis2.ask("/tool/looks", {"broken": 1})
    assert ring.key(ours, "made-up") is None and ring.key(ours, kid) is not None
    cis2.ask("/tool/looks", {"broken": 0})
    cis2.ask("/tool/rotate", {})
    new = json.loads(_padded(cis2.logout_token(sub="s").split(".")[0]))["kid"]
    assert ring.key(ours, new) is None
    clock.move(61)
    assert ring.key(ours, new) is not None and ring.key(ours, kid) is None


def _as_part(header: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")


def _padded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_provider_that_is_not_itself_is_not_used(
    cis2: There, browser_of: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another issuer in its description, or nobody there: told plainly, nothing followed."""
    other = replace(cis2.ours, issuer=cis2.ours.issuer.replace("localhost", "127.0.0.1"))
    gone = replace(cis2.ours, issuer="http://localhost:9")
    for ours in (replace(other, issuer=other.issuer + "/"), gone):
        monkeypatch.setattr(settings, "JOINEDUP_PROVIDERS", (ours,))
        answer = browser_of().get("/sign-in/with/cis2")
        assert answer.status_code == 503
        assert re.search("cannot reach the sign-in service", answer.content.decode())
