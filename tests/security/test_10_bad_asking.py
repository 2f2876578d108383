"""What an app may not ask, and where nobody is sent: open redirects, downgrades, mix-ups, swaps."""

import secrets

import pytest

from tests.security.app_stage import OWN, Stage, app_stage, events
from tests.spec.smart.app import BACK, fhir, field, signed_in
from tests.spec.smart.conftest import JOYCE

__all__ = ["app_stage"]

UNTRUSTED = {
    "an open redirect": {"redirect_uri": "https://thief.example/back"},
    "a path below": {"redirect_uri": f"{BACK}/more"},
    "another letter": {"redirect_uri": BACK.upper()},
    "a query": {"redirect_uri": f"{BACK}?next=https://thief.example"},
    "userinfo": {"redirect_uri": "https://app.example@thief.example/back"},
    "no address": {"redirect_uri": None},
    "an app that is not known": {"client_id": "nobody-here"},
    "no app": {"client_id": None},
    "a service": {"client_id": "night-run"},
}


@pytest.mark.parametrize("name", UNTRUSTED)
def test_nobody_is_sent_to_an_address_that_is_not_registered(name: str, stage: Stage) -> None:
    """A page of ours, without a link to it (RFC 9700 4.11)."""
    answer = stage.joyce.get(stage.diary.wish(OWN, **UNTRUSTED[name]))
    assert answer.status_code == 400 and "Location" not in answer.headers
    assert b"We did not send you on" in answer.content and b"thief" not in answer.content
    assert events()[-1] in ("app-redirect-uri", "app-client-id")


SENT_BACK = {
    "without a challenge": (
        {"code_challenge": None, "code_challenge_method": None},
        "invalid_request",
        "pkce",
    ),
    "a plain challenge": ({"code_challenge_method": "plain"}, "invalid_request", "pkce"),
    "a challenge of no method": ({"code_challenge_method": None}, "invalid_request", "pkce"),
    "a short challenge": ({"code_challenge": "abc"}, "invalid_request", "pkce"),
    "without a state": ({"state": None}, "invalid_request", "state"),
    "for another server": ({"aud": "https://elsewhere.example/fhir"}, "invalid_request", "aud"),
    "for no server": ({"aud": None}, "invalid_request", "aud"),
    "a token at once": ({"response_type": "token"}, "unsupported_response_type", "response-type"),
    "a request of its own making": (
        {"request": "eyJ.e30."},
        "request_not_supported",
        "request-object",
    ),
    "for nothing": ({"scope": "nothing at all"}, "invalid_scope", "scope-none"),
    "for the system": ({"scope": "system/*.rs"}, "invalid_scope", "scope-none"),
    "a launch nobody began": ({"launch": "x" * 43}, "invalid_request", "launch"),
}


@pytest.mark.parametrize("name", SENT_BACK)
def test_what_cannot_be_asked_goes_back_to_the_app(name: str, stage: Stage) -> None:
    """With the error, its state and who says so (RFC 9207), and without a code."""
    changed, error, why = SENT_BACK[name]
    sent = stage.diary.let_in(
        stage.joyce,
        changed.get("scope") or OWN,
        **{k: v for k, v in changed.items() if k != "scope"},
    )
    assert sent["error"] == error and "code" not in sent and sent["iss"] == "http://testserver"
    assert sent.get("state", "") == ("" if why == "state" else stage.diary.state)
    assert events()[-1] == f"app-{why}"


def test_a_page_opened_by_one_is_not_sent_by_another(stage: Stage) -> None:
    """CSRF and mix-up: what was asked is sealed for the sign-in that was shown it."""
    page = stage.joyce.get(stage.diary.wish(OWN)).content.decode()
    form = {"sealed": field(page), "allow": ["patient/Patient.rs"], "answer": "yes"}
    for browser in (stage.gp, signed_in("person")):
        assert browser.post("/smart/decide", form).status_code == 403
    altered = form | {"sealed": form["sealed"][:-8] + "AAAAAAA="}
    assert stage.joyce.post("/smart/decide", altered).status_code == 403
    assert stage.joyce.post("/smart/decide", {"answer": "yes"}).status_code == 403


def test_the_form_needs_its_own_mark(stage: Stage) -> None:
    """A page elsewhere cannot let an app in on somebody's behalf."""
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.cookies = stage.joyce.cookies
    page = browser.get(stage.diary.wish(OWN)).content.decode()
    form = {"sealed": field(page), "allow": ["patient/Patient.rs"], "answer": "yes"}
    assert browser.post("/smart/decide", form).status_code == 403


def test_one_app_learns_nothing_of_anothers_token(stage: Stage) -> None:
    """Introspection: inactive, as for rubbish; and giving it back ends nothing."""
    token = stage.told()["access_token"]
    for brought in (token, secrets.token_urlsafe(32), ""):
        answer = stage.secret.send("/smart/introspect", {"token": brought})
        assert answer.json == {"active": False}
    assert stage.other.send("/smart/revoke", {"token": token}).status == 200
    assert fhir(token, f"/Patient/{JOYCE}").status == 200


def test_a_token_for_one_person_opens_no_other(stage: Stage) -> None:
    """Swapped ids, everywhere."""
    token = stage.diary.tokens(stage.gp, "launch/patient patient/*.rs", nhs_number="9990000018")
    for path in ("/Patient/bob", "/Patient/bob/$everything", "/Observation/blood-bob",
                 "/Condition/problem-bob", "/Observation/blood-bob/_history/1"):  # fmt: skip
        answer = fhir(token["access_token"], path)
        assert answer.status == 404, path


def test_no_door_but_the_token_address_answers_a_form(stage: Stage) -> None:
    """GET, JSON, and words in the address are refused."""
    assert stage.joyce.get("/smart/token").status_code == 405
    sent = stage.joyce.post("/smart/token", {"grant_type": "x"}, content_type="application/json")
    assert sent.status_code == 400 and sent.json() == {"error": "invalid_request"}
    answer = stage.joyce.post(
        "/smart/token?code=x", "client_id=diary", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 400 and answer.json() == {"error": "invalid_request"}
