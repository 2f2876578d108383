"""Apps that run in a browser on another origin: whose pages may read what, and nobody else's.

SMART App Launch 2.2, "Considerations for CORS support"; Fetch 3.2. By the origin alone
nobody is let in: a token is asked for as ever, cookies are never taken.
"""

from typing import Any

import pytest

from joinedup.smart.clients import remove_client
from joinedup.smart.rules import origin_of
from tests.security.app_stage import OWN
from tests.spec.smart.app import App, Told, _call, fhir, known, post_form, signed_in
from tests.spec.smart.conftest import JOYCE, place

__all__ = ["place"]

HERE = "https://app.example"
OTHERS = [
    "https://evil.example",
    "https://app.example.evil.example",
    "https://app.exampl",
    "http://app.example",
    "https://app.example:8443",
    "https://APP.example",
    "https://app.example/",
    "https://app.example, https://evil.example",
    "null",
    "*",
]
ALLOWED = "access-control-allow-origin"
DISCOVERY = ["/fhir/metadata", "/fhir/.well-known/smart-configuration",
             "/.well-known/openid-configuration", "/smart/keys"]  # fmt: skip
pytestmark = pytest.mark.usefixtures("place")


@pytest.fixture(name="app")
def _app(place: object) -> App:
    return known()


def preflight(path: str, origin: str, method: str = "GET", **more: str) -> Told:
    """What a browser asks before a page's real question."""
    asked: dict[str, Any] = {
        "REQUEST_METHOD": "OPTIONS", "PATH_INFO": path, "QUERY_STRING": "", "CONTENT_TYPE": "",
        "HTTP_ORIGIN": origin, "HTTP_ACCESS_CONTROL_REQUEST_METHOD": method,
        "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "authorization", **more,
    }  # fmt: skip
    return _call(asked)


def get(path: str, **headers: str) -> Told:
    """Open an address without a token."""
    named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return _call({"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", **named})


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/fhir/Patient/x", "GET, HEAD, POST, PUT, DELETE"), ("/fhir", "GET, HEAD, POST, PUT, DELETE"),
     ("/smart/token", "POST"), ("/smart/revoke", "POST")],
)  # fmt: skip
def test_a_registered_apps_page_may_ask(app: App, path: str, methods: str) -> None:
    """With its token in Authorization, and never with cookies."""
    told = preflight(path, HERE, "POST")
    assert (told.status, told.body) == (204, "")
    assert told.headers[ALLOWED] == HERE and "Origin" in told.headers["vary"].split(", ")
    assert told.headers["access-control-allow-methods"] == methods
    assert "Authorization" in told.headers["access-control-allow-headers"].split(", ")
    assert "access-control-allow-credentials" not in told.headers
    assert "set-cookie" not in told.headers


def test_a_preflight_looks_at_no_record(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is there a token to look with: nothing is asked of the record, nothing is audited."""
    from joinedup.record import database
    from joinedup.site import door

    def never(*asked: object, **more: object) -> None:
        raise AssertionError("the record was asked")

    monkeypatch.setattr(door, "answer", never)
    monkeypatch.setattr(database, "connection", never)
    monkeypatch.setattr(database._pools["record"], "getconn", never)
    for origin in (HERE, OTHERS[0]):
        assert preflight(f"/fhir/Patient/{JOYCE}", origin).status == 204


@pytest.mark.parametrize("origin", OTHERS)
def test_nobody_elses_page_may(app: App, origin: str) -> None:
    """Compared letter by letter; nor may it with a token it came by."""
    token = app.tokens(signed_in("person"), OWN)["access_token"]
    for path in ("/fhir/Patient", "/smart/token", "/smart/revoke"):
        told = preflight(path, origin, "POST")
        assert not [name for name in told.headers if name.startswith("access-control")]
    told = fhir(token, f"/Patient/{JOYCE}", origin=origin)
    assert ALLOWED not in told.headers and told.headers["vary"] == "Origin"
    assert ALLOWED not in post_form("/smart/token", {}, origin=origin).headers


def test_it_reads_answers_and_refusals(app: App) -> None:
    """From being let in to reading, changing nothing for whoever sends no origin."""
    code = app.let_in(signed_in("person"), OWN)["code"]
    form: dict[str, str | None] = {
        "grant_type": "authorization_code", "code": code, "code_verifier": app.verifier,
        "redirect_uri": f"{HERE}/back",
    }  # fmt: skip
    got = app.send("/smart/token", form, origin=HERE)
    assert got.status == 200 and got.headers[ALLOWED] == HERE
    again = app.send("/smart/token", form, origin=HERE)
    assert again.status == 400 and again.headers[ALLOWED] == HERE
    other = app.tokens(signed_in("person"), OWN)["access_token"]
    told = fhir(other, f"/Patient/{JOYCE}", origin=HERE)
    assert told.status == 200 and told.headers[ALLOWED] == HERE
    assert "ETag" in told.headers["access-control-expose-headers"].split(", ")
    assert "access-control-allow-credentials" not in told.headers
    assert told.headers["cache-control"] == "no-store"
    refused = fhir(got.json["access_token"], f"/Patient/{JOYCE}", origin=HERE)
    assert refused.status == 401 and refused.headers[ALLOWED] == HERE
    assert ALLOWED not in fhir(other, f"/Patient/{JOYCE}").headers


def test_an_origin_lets_nobody_in(app: App) -> None:
    """Nor does a sign-in beside it: only a token does."""
    cookie = signed_in("gp").cookies.output(attrs=[], header="", sep=";").strip()
    for path in (f"/fhir/Patient/{JOYCE}", "/fhir/Patient"):
        told = get(path, origin=HERE, cookie=cookie)
        assert told.status == 401 and JOYCE not in told.body


def test_a_removed_apps_pages_read_nothing_more(app: App) -> None:
    """From the next request, though their browser may ask for ten minutes more."""
    assert ALLOWED in preflight("/fhir/Patient", HERE).headers
    remove_client(app.id)
    assert ALLOWED not in preflight("/fhir/Patient", HERE).headers
    assert ALLOWED not in fhir("x", "/Patient", origin=HERE).headers


@pytest.mark.parametrize("path", DISCOVERY)
def test_what_says_how_to_be_let_in_is_for_every_page(path: str) -> None:
    """Before anybody is registered; nothing of anybody is in it."""
    told = get(path, origin=OTHERS[0])
    assert told.status == 200 and told.headers[ALLOWED] == "*"
    asked = preflight(path, OTHERS[0])
    assert asked.status == 204 and asked.headers["access-control-allow-methods"] == "GET, HEAD"
    assert "access-control-allow-credentials" not in asked.headers


def test_no_page_of_ours_is_read_from_elsewhere(app: App) -> None:
    """People's pages, and where somebody lets an app in, are for joinedup's own origin."""
    gp = signed_in("gp")
    paths = (f"/people/{JOYCE}", "/smart/authorize", f"/smart/open/{JOYCE}", "/smart/introspect")
    asks = {"origin": HERE, "access-control-request-method": "GET"}
    for path in paths:
        for answer in (gp.get(path, headers={"origin": HERE}), gp.options(path, headers=asks)):
            assert ALLOWED not in answer.headers, path


@pytest.mark.parametrize(
    ("address", "origin"),
    [("https://App.example:443/back?x=1", "https://app.example"),
     ("http://localhost:3000/back", "http://localhost:3000"),
     ("http://127.0.0.1/back", "http://127.0.0.1"), ("http://[::1]:80/", "http://[::1]"),
     ("https://app.example:8443/", "https://app.example:8443"), ("org.app.diary:/back", "")],
)  # fmt: skip
def test_the_origin_of_an_address(address: str, origin: str) -> None:
    """As a browser says it (RFC 6454 6.2); a scheme of an app's own has none."""
    assert origin_of(address) == origin
