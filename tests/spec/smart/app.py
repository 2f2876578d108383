"""An app of somebody else's, as a test plays it: it asks, is sent back, speaks to our addresses.

Everything goes through the web application itself, in this process: pages with a browser's cookies
(Django's test client), tokens and FHIR as an app sends them.
"""

import base64
import hashlib
import html
import io
import json
import re
import secrets
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from django.test import Client as Browser
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.spec.web.site import set_up

set_up()  # before anything that has models

from joinedup.signin import clock  # noqa: E402
from joinedup.smart.clients import Client, add_client  # noqa: E402

__all__ = [
    "BACK",
    "BASE",
    "TOKEN",
    "App",
    "Told",
    "assertion",
    "fhir",
    "known",
    "post_form",
    "signed_in",
]

ORIGIN = "http://testserver"
BASE = f"{ORIGIN}/fhir"
TOKEN = f"{ORIGIN}/smart/token"
BACK = "https://app.example/back"
MOST = (
    "openid fhirUser launch launch/patient launch/encounter offline_access online_access "
    "patient/*.cruds user/*.cruds"
)
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Told(NamedTuple):
    """An answer: status, headers in lower case, body as text."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        """The body as a tree."""
        return json.loads(self.body)

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The resources of a bundle."""
        return [e["resource"] for e in self.json.get("entry", ())]


def _call(environ: dict[str, Any]) -> Told:
    from joinedup.site.wsgi import application

    told: list[tuple[int, dict[str, str]]] = []

    def start(status: str, headers: list[tuple[str, str]], *_: object) -> None:
        told.append((int(status.split()[0]), {n.lower(): v for n, v in headers}))

    whole = {
        "SERVER_NAME": "testserver", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "testserver", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(b""),
        "wsgi.errors": io.StringIO(), "CONTENT_LENGTH": "0", **environ,
    }  # fmt: skip
    answer = application(whole, start)
    body = b"".join(answer).decode()
    getattr(answer, "close", lambda: None)()
    return Told(*told[0], body)


def fhir(
    token: str | None, path: str, *, method: str = "GET", content: Any = None, **headers: str
) -> Told:
    """Ask the FHIR API below /fhir, with a token or without one."""
    path, _, query = path.partition("?")
    data = json.dumps(content).encode() if content is not None else b""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method, "PATH_INFO": f"/fhir{path}",
        "QUERY_STRING": quote(query, "=&:,/?|%"),
        "CONTENT_TYPE": "application/fhir+json", "CONTENT_LENGTH": str(len(data)),
        "wsgi.input": io.BytesIO(data),
    }  # fmt: skip
    if token is not None:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    environ |= {f"HTTP_{n.upper()}": v for n, v in headers.items()}
    return _call(environ)


def post_form(path: str, form: dict[str, str] | list[tuple[str, str]], **headers: str) -> Told:
    """POST a form to an address of ours, as an app does."""
    data = urlencode(form).encode()
    return _call(
        {
            "REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": "",
            "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(data)),
            "wsgi.input": io.BytesIO(data), **{f"HTTP_{n.upper()}": v for n, v in headers.items()},
        }
    )  # fmt: skip


def signed_in(account: str) -> Browser:
    """A browser in which a one-click account of the invented place has signed in."""
    browser = Browser()
    answer = browser.post("/sign-in", {"account": account, "next": "/account"})
    assert answer.status_code == 302, answer.content.decode()
    return browser


def known(name: str = "diary", **more: Any) -> "App":
    """Register an app and play it; `keys` is a private key, of which the public half is given."""
    key: RSAKey | ECKey | None = more.pop("key", None)
    with_secret = more.pop("secret", False)
    public = {**key.as_dict(private=False), "kid": "k1", "use": "sig"} if key else None
    service = bool(more.get("role"))
    wanted = {
        "name": "Pressure Diary",
        "made_by": "Diary Makers Ltd",
        "redirects": () if service else (BACK,),
        "scopes": "system/*.cruds" if service else MOST,
        "keys": json.dumps({"keys": [public]}) if public else "",
        **more,
    }
    secret = add_client(Client(id=name, kind="", **wanted), with_secret=with_secret)
    return App(name, secret, key)


def assertion(
    app: "App", *, header: dict[str, Any] | None = None, key: Any = None, **claims: Any
) -> str:
    """The signed word of an app; claims given here replace the right ones, None leaves one out."""
    used = key or app.key
    algorithm = "ES384" if isinstance(used, ECKey) else "RS384"
    at = int(clock.seconds())
    right = {
        "iss": app.id, "sub": app.id, "aud": TOKEN, "jti": secrets.token_hex(8),
        "iat": at, "exp": at + 240,
    }  # fmt: skip
    told = {n: v for n, v in (right | claims).items() if v is not None}
    head = {"alg": algorithm, "kid": "k1", "typ": "JWT"} | (header or {})
    algorithms = [str(head["alg"])]
    return jwt.encode(
        {n: v for n, v in head.items() if v is not None}, told, used, algorithms=algorithms
    )


class App:
    """One app: what it keeps between being asked and being sent back."""

    def __init__(self, name: str, secret: str = "", key: RSAKey | ECKey | None = None) -> None:
        self.id = name
        self.secret = secret
        self.key = key
        self.verifier = secrets.token_urlsafe(48)
        self.state = secrets.token_urlsafe(16)

    def wish(self, scope: str, **more: str | None) -> str:
        """The address an app sends the browser to."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code", "client_id": self.id, "redirect_uri": BACK, "scope": scope,
            "state": self.state, "aud": BASE, "code_challenge_method": "S256",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        } | more  # fmt: skip
        return "/smart/authorize?" + urlencode({n: v for n, v in asked.items() if v is not None})

    def let_in(
        self,
        browser: Browser,
        scope: str,
        *,
        ticks: list[str] | None = None,
        nhs_number: str = "",
        answer: str = "yes",
        **more: str | None,
    ) -> dict[str, str]:
        """Ask, tick what is offered (or `ticks`), and return what the app is sent back with."""
        page = browser.get(self.wish(scope, **more))
        if page.status_code == 302:
            return _sent(page["Location"])
        text = page.content.decode()
        assert page.status_code == 200, (page.status_code, text[:3000])
        if nhs_number:
            page = browser.post("/smart/person", {"sealed": field(text), "nhs_number": nhs_number})
            text = page.content.decode()
            assert page.status_code == 200, text[:3000]
        allow = offered(text) if ticks is None else ticks
        done = browser.post(
            "/smart/decide", {"sealed": field(text), "allow": allow, "answer": answer}
        )
        assert done.status_code == 302, (done.status_code, done.content.decode()[:3000])
        return _sent(done["Location"])

    def exchange(self, code: str, **more: str | None) -> Told:
        """Bring the code to the token address."""
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": BACK,
            "code_verifier": self.verifier,
        } | more  # fmt: skip
        return self.send("/smart/token", form)

    def send(self, path: str, form: dict[str, str | None], **headers: str) -> Told:
        """Send a form as this app proves itself: by key, by secret, or by name alone."""
        proof: dict[str, str | None] = {"client_id": self.id}
        if self.key is not None:
            proof |= {"client_assertion_type": _ASSERTION, "client_assertion": assertion(self)}
        elif self.secret:
            proof["client_secret"] = self.secret
        whole = {n: v for n, v in (proof | form).items() if v is not None}
        return post_form(path, whole, **headers)

    def tokens(self, browser: Browser, scope: str, **more: Any) -> dict[str, Any]:
        """Be let in and return the token answer."""
        sent = self.let_in(browser, scope, **more)
        assert "code" in sent and sent["state"] == self.state and sent["iss"] == ORIGIN, sent
        answer = self.exchange(sent["code"])
        assert answer.status == 200, answer
        return dict(answer.json)

    def refresh(self, token: str, **more: str | None) -> Told:
        """Ask for new tokens."""
        return self.send(
            "/smart/token", {"grant_type": "refresh_token", "refresh_token": token} | more
        )

    def own_token(self, scope: str, **more: str | None) -> Told:
        """Ask for a token as a backend service."""
        return self.send(
            "/smart/token", {"grant_type": "client_credentials", "scope": scope} | more
        )


def field(page: str) -> str:
    """The sealed field of a page."""
    found = re.search(r'name="sealed" value="([^"]+)"', page)
    assert found, page[:2000]
    return html.unescape(found[1])


def offered(page: str) -> list[str]:
    """What a page offers to tick."""
    return [
        html.unescape(v) for v in re.findall(r'name="allow" type="checkbox" value="([^"]+)"', page)
    ]


def _sent(location: str) -> dict[str, str]:
    parts = urlsplit(location)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == BACK, location
    return dict(parse_qsl(parts.query))
