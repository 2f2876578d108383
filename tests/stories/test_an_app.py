"""An app of somebody else's is let in by Joyce, reads her record, and is shown the door again.

The app is a small web server of its own in this test, on another port; it keeps its verifier and
state as an app does, and speaks to joinedup over HTTP alone.
"""

import base64
import hashlib
import json
import os
import secrets
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.conftest import ROOT
from tests.stories.steps import TELEPHONE, WOMAN, faults_of, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCOPES = (
    "launch launch/patient openid fhirUser offline_access patient/Patient.rs patient/Condition.rs "
    "patient/Observation.rs"
)


class Diary:
    """The app: a start page that asks to be let in, an address it is sent back to."""

    def __init__(self, joinedup: str) -> None:
        self.joinedup = joinedup
        self.verifier, self.state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        self.told: dict[str, Any] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def described(self) -> dict[str, Any]:
        """How it is registered."""
        return {
            "client_id": "pressure-diary",
            "client_name": "Pressure Diary",
            "made_by": "Diary Makers Ltd",
            "redirect_uris": [f"{self.address}/back"],
            "launch_url": f"{self.address}/launch",
            "scope": SCOPES,
        }

    def where_to(self, launch: str = "") -> str:
        """The address it sends the browser to, as joinedup says it."""
        known = self.fetch("/fhir/.well-known/smart-configuration")
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": "pressure-diary",
            "redirect_uri": f"{self.address}/back",
            "scope": SCOPES,
            "state": self.state,
            "aud": f"{self.joinedup}/fhir",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        if launch:
            asked["launch"] = launch
        return str(known["authorization_endpoint"]) + "?" + urlencode(asked)

    def come_back(self, sent: dict[str, list[str]]) -> str:
        """Exchange the code and read the person: what the app's own page then says."""
        if "error" in sent:
            return f"Not let in: {sent['error'][0]}"
        assert sent["state"] == [self.state] and sent["iss"] == [self.joinedup]
        form = {
            "grant_type": "authorization_code",
            "code": sent["code"][0],
            "redirect_uri": f"{self.address}/back",
            "client_id": "pressure-diary",
            "code_verifier": self.verifier,
        }
        self.told = self.fetch("/smart/token", form=form)
        return f"Hello {self.name()}"

    def name(self) -> str:
        """The family name of the person, read from the record."""
        found = self.fetch(f"/fhir/Patient/{self.told['patient']}", token=self.told["access_token"])
        return str(found["name"][0]["family"])

    def status(self, path: str) -> int:
        """What the record answers to its token now."""
        try:
            self.fetch(path, token=self.told["access_token"])
        except urllib.error.HTTPError as refused:
            return refused.code
        return 200

    def fetch(self, path: str, *, token: str = "", form: dict[str, str] | None = None) -> Any:
        """Ask joinedup, as a program does."""
        headers = {"Accept": "application/json"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        data = urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(self.joinedup + path, data, headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        diary = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                sent = parse_qs(parts.query)
                if parts.path == "/back":
                    words = diary.come_back(sent)
                    page = f"<!DOCTYPE html><html lang=en><title>Diary</title><h1>{words}</h1>"
                    self.send_response(200)
                    self.send_header("Content-Type", "text/html")
                    self.end_headers()
                    self.wfile.write(page.encode())
                elif parts.path in ("/", "/launch"):
                    self.send_response(302)
                    self.send_header("Location", diary.where_to(sent.get("launch", [""])[0]))
                    self.end_headers()
                else:
                    self.send_response(204)
                    self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture(scope="module")
def diary(served: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Diary]:
    """The app, registered by the command of whoever runs the place."""
    app = Diary(served)
    (home,) = tmp_path_factory.getbasetemp().glob("served[0-9]*/home")
    described = tmp_path_factory.mktemp("app") / "diary.json"
    described.write_text(json.dumps(app.described()))
    assert "is known here now" in command(home, "add", str(described))
    assert "pressure-diary\tpublic\tPressure Diary" in command(home, "list")
    yield app
    app.server.shutdown()
    app.server.server_close()


def command(home: Path, *words: str) -> str:
    """Run `joinedup client ...` for a home and return what it says."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JOINEDUP_")}
    done = subprocess.run(
        [sys.executable, "-m", "joinedup.site.command", "client", *words],
        cwd=ROOT,
        env=environment | {"JOINEDUP_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_joyce_lets_an_app_in_and_ends_it(page: "Page", diary: Diary, pictures: bool) -> None:
    """From the app to joinedup and back, the record read, and after that nothing more."""
    page.set_viewport_size(TELEPHONE)
    faults = faults_of(page)
    page.goto(diary.address)
    assert page.url.startswith(f"{diary.joinedup}/sign-in?next=")
    page.locator("main details").evaluate_all("all => all.forEach(one => one.open = true)")
    page.locator('form:has(input[name="account"][value="person"]) button').click()
    page.wait_for_url("**/smart/authorize?**")
    assert heading(page) == "Let Pressure Diary in?"
    text = page.locator("main").inner_text()
    assert "Diary Makers Ltd" in text and "See problems and diagnoses" in text
    look(page, picture="app-let-in", pictures=pictures)
    page.set_viewport_size(TELEPHONE)
    page.get_by_label("See problems and diagnoses").uncheck()
    page.get_by_role("button", name="Let it in", exact=True).click()
    page.wait_for_url(f"{diary.address}/back?**")
    assert heading(page) == "Hello Hallam"
    assert diary.told["patient"] == WOMAN and "patient/Condition" not in diary.told["scope"]
    assert diary.status(f"/fhir/Observation?patient={WOMAN}") == 200
    assert diary.status(f"/fhir/Condition?patient={WOMAN}") == 403

    page.goto(f"{diary.joinedup}/my")
    page.get_by_role("link", name="Apps I let in").click()
    assert heading(page) == "Apps I let in"
    look(page, picture="my-apps", pictures=pictures)
    page.get_by_role("link", name="End this").click()
    look(page)
    page.get_by_role("button", name="End it now").click()
    assert "can no longer use your sign-in" in page.get_by_role("status").inner_text()
    assert diary.status(f"/fhir/Observation?patient={WOMAN}") == 401
    assert faults == []


def test_a_worker_opens_an_app_for_a_person(page: "Page", diary: Diary, pictures: bool) -> None:
    """The GP opens it for Joyce: it knows whose record it is, and is let in for her alone."""
    sign_in(page, "gp", f"/people/{WOMAN}")
    page.get_by_role("link", name="Open in an app").click()
    assert "Joyce" in heading(page)
    look(page, picture="app-open", pictures=pictures)
    page.get_by_role("button", name="Open Pressure Diary").click()
    page.wait_for_url("**/smart/authorize?**")
    assert "Hallam" in page.locator("main").inner_text()
    page.get_by_role("button", name="Let it in", exact=True).click()
    page.wait_for_url(f"{diary.address}/back?**")
    assert heading(page) == "Hello Hallam" and diary.told["patient"] == WOMAN
    others = diary.fetch("/fhir/Patient", token=diary.told["access_token"])
    # Her own, and what other organisations say of her; of nobody else.
    assert all(e["resource"]["id"].endswith(WOMAN) for e in others["entry"])


def test_no_is_an_answer(page: "Page", diary: Diary, pictures: bool) -> None:
    """A worker who begins at the app chooses whose record; and may say no."""
    sign_in(page, "gp")
    page.goto(diary.address)
    assert heading(page) == "Whose record is this for?"
    look(page, picture="app-whose", pictures=pictures)
    page.get_by_label("Their NHS number").fill("1234567890")
    page.get_by_role("button", name="Go on").click()
    assert "There is a problem" in page.locator("main").inner_text()
    look(page)
    page.get_by_role("button", name="Do not let it in").click()
    page.wait_for_url(f"{diary.address}/back?**")
    assert heading(page) == "Not let in: access_denied"
