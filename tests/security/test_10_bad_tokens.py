"""Bad tokens, codes and proofs, more than forty: refused, kept, and nothing told (trust F12).

Each is something a thief, a careless app or a curious one could bring. The answer is the one word
OAuth has for it, or 401 with the same words for all; why is in the door's own events, as a code.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc.jwk import RSAKey

from tests.security.app_stage import EC, OWN, RSA, Stage, app_stage, events
from tests.spec.smart.app import (
    TOKEN,
    App,
    Told,
    assertion,
    fhir,
    post_form,
)
from tests.spec.smart.conftest import JOYCE

RSA_OTHER = RSAKey.generate_key(2048)
__all__ = ["app_stage"]

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


# -- Brought to the API as a bearer token: 401, one sentence for all.


def _unsigned(stage: Stage) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps({"sub": "gp"}).encode()).decode().rstrip("=")
    return f"{head}.{body}."


def _revoked(stage: Stage) -> str:
    told = stage.told()
    stage.diary.send("/smart/revoke", {"token": told["access_token"]})
    return str(told["access_token"])


def _of_a_family_that_was_replayed(stage: Stage) -> str:
    told = stage.told()
    stage.diary.refresh(told["refresh_token"])
    stage.diary.refresh(told["refresh_token"])
    return str(told["access_token"])


def _altered(stage: Stage) -> str:
    token = stage.told()["access_token"]
    return token[:-1] + ("A" if token[-1] != "A" else "B")


BEARERS: dict[str, Callable[[Stage], str]] = {
    "empty": lambda s: "",
    "blank": lambda s: " ",
    "of another issuer": lambda s: secrets.token_urlsafe(32),
    "unsigned": _unsigned,
    "a signed word": lambda s: assertion(s.night),
    "an ID token": lambda s: s.told(scope=f"openid {OWN}")["id_token"],
    "a refresh token": lambda s: s.told()["refresh_token"],
    "a code": lambda s: s.code(),
    "a secret": lambda s: s.secret.secret,
    "given back": _revoked,
    "of a family that was replayed": _of_a_family_that_was_replayed,
    "altered": _altered,
    "cut short": lambda s: s.told()["access_token"][:-1],
    "lengthened": lambda s: s.told()["access_token"] + "A",
    "its hash": lambda s: hashlib.sha256(s.told()["access_token"].encode()).hexdigest(),
    "twice": lambda s: " ".join([s.told()["access_token"]] * 2),
    "of another alphabet": lambda s: "\u0410" * 43,
    "with a quote": lambda s: "'" + "a" * 42,
}


@pytest.mark.parametrize("name", BEARERS)
def test_a_bad_bearer_is_refused(name: str, stage: Stage) -> None:
    """401 wherever it goes, in the same words, without a word of whose it might have been."""
    token = BEARERS[name](stage)
    told = [fhir(token, path) for path in (f"/Patient/{JOYCE}", "/Observation", "/Nobody/1")]
    assert {answer.status for answer in told} == {401}
    assert len({answer.body for answer in told}) == 1
    assert JOYCE not in told[0].body and "diary" not in told[0].body.lower()
    assert told[0].headers["www-authenticate"] == "Bearer"


def test_a_token_that_has_ended_is_refused_before_anything_is_looked_at(stage: Stage) -> None:
    """Also where the request itself is wrong: 401, and not what is wrong with it."""
    told = stage.told()
    assert fhir(told["access_token"], "/Observation?nothing=1").status == 400
    stage.diary.send("/smart/revoke", {"token": told["refresh_token"]})
    for path in ("/Observation?nothing=1", "/Nobody/1", "/Condition", f"/Patient/{JOYCE}"):
        assert fhir(told["access_token"], path).status == 401, path


def test_an_ended_token_is_in_the_audit_of_whose_it_was(stage: Stage) -> None:
    """With the app it came through, and nothing of what was asked."""
    from joinedup.access.permit import worker_permit
    from joinedup.access.words import Role
    from joinedup.record.audit import AuditQuery, search_events

    told = stage.told()
    stage.diary.send("/smart/revoke", {"token": told["refresh_token"]})
    assert fhir(told["access_token"], f"/Patient/{JOYCE}").status == 401
    permit = worker_permit("Practitioner/po", "Po", Role.PRIVACY_OFFICER, "Y90001")
    found = search_events(permit, AuditQuery(agent=f"Patient/{JOYCE}", count=20))
    assert any(e.action == "refused" and e.outcome == 4 and e.client == "diary" for e in found)


# -- Brought to the token address: one word of OAuth's, and nothing else.


def _signed(app: str, why: str, **more: Any) -> tuple[str, str, Callable[[Stage], Told]]:
    def send(stage: Stage) -> Told:
        played: App = getattr(stage, app)
        form = {"grant_type": "client_credentials", "scope": "system/Observation.rs"}
        word = assertion(played, **more)
        return post_form(
            "/smart/token", form | {"client_assertion_type": TYPE, "client_assertion": word}
        )

    return "invalid_client", why, send


def _replayed_word(stage: Stage) -> Told:
    word = assertion(stage.night)
    form = {
        "grant_type": "client_credentials", "scope": "system/Observation.rs",
        "client_assertion_type": TYPE, "client_assertion": word,
    }  # fmt: skip
    assert post_form("/smart/token", form).status == 200
    return post_form("/smart/token", form)


def _hmac_with_the_public_key(stage: Stage) -> Told:
    """Algorithm confusion: the public key, used as a secret (CVE-2024-37568)."""
    head, claims, _ = assertion(stage.night, header={"typ": "JWT"}).split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"k1"}').decode().rstrip("=")
    mark = hmac.digest(RSA.as_pem(private=False), f"{head}.{claims}".encode(), "sha256")
    word = f"{head}.{claims}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"
    form = {"grant_type": "client_credentials", "client_assertion_type": TYPE}
    return post_form("/smart/token", form | {"client_assertion": word})


def _replayed_code(stage: Stage) -> Told:
    code = stage.code()
    assert stage.diary.exchange(code).status == 200
    return stage.diary.exchange(code)


def _rotated(stage: Stage) -> Told:
    told = stage.told()
    assert stage.diary.refresh(told["refresh_token"]).status == 200
    return stage.diary.refresh(told["refresh_token"])


def _other_app(stage: Stage) -> Told:
    stage.other.verifier = stage.diary.verifier
    return stage.other.exchange(stage.code())


def _basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def _token(form: dict[str, str], **headers: str) -> Told:
    return post_form("/smart/token", form, **headers)


def _word(word: str, **more: str) -> Told:
    form = {"grant_type": "client_credentials", "client_assertion_type": TYPE}
    return _token(form | {"client_assertion": word} | more)


def _challenge(stage: Stage) -> str:
    return dict(parse_qsl(urlsplit(stage.diary.wish(OWN)).query))["code_challenge"]


FAULTS: dict[str, tuple[str, str, Callable[[Stage], Told]]] = {
    "a key in the header": _signed(
        "night", "assertion-header", key=RSA_OTHER, header={"jwk": RSA_OTHER.as_dict(private=False)}
    ),
    "an address of keys in the header": _signed(
        "night", "assertion-header", header={"jku": "https://thief.example/keys"}
    ),
    "a certificate in the header": _signed(
        "night", "assertion-header", header={"x5u": "https://thief.example/cert"}
    ),
    "more than it needs in the header": _signed("night", "assertion-header", header={"cty": "JWT"}),
    "another's key": _signed("night", "assertion-signature", key=RSA_OTHER),
    "a key of another kind": _signed("night", "assertion-kid", key=EC),
    "an unknown kid": _signed("night", "assertion-kid", header={"kid": "k2"}),
    "no kid": _signed("night", "assertion-kid", header={"kid": None}),
    "RS256": _signed("night", "assertion-alg", header={"alg": "RS256"}),
    "a public key as a secret": ("invalid_client", "assertion-alg", _hmac_with_the_public_key),
    "for another place": _signed("night", "assertion-aud", aud="https://elsewhere.example/token"),
    "for several places": _signed(
        "night", "assertion-aud", aud=[TOKEN, "https://elsewhere.example"]
    ),
    "for nobody": _signed("night", "assertion-aud", aud=None),
    "of another issuer": _signed("night", "assertion-iss", iss="day-run"),
    "of an unknown app": _signed("night", "client", sub="nobody-here"),
    "that has ended": _signed("night", "assertion-exp", exp=1_000_000_000),
    "that lasts an hour": _signed("night", "assertion-exp", exp=4_000_000_000),
    "without an end": _signed("night", "assertion-exp", exp=None),
    "of the day after": _signed("night", "assertion-nbf", nbf=4_000_000_000),
    "without a number": _signed("night", "assertion-jti", jti=None),
    "replayed": ("invalid_client", "assertion-replayed", _replayed_word),
    "a word of another type": (
        "invalid_client",
        "assertion-type",
        lambda s: _word(assertion(s.night), client_assertion_type="jwt"),
    ),
    "rubbish for a word": ("invalid_client", "assertion-shape", lambda s: _word("a.b.c")),
    "a word in pieces": ("invalid_client", "assertion-shape", lambda s: _word("x" * 9_000)),
    "a word and a secret": (
        "invalid_request",
        "two-proofs",
        lambda s: _word(assertion(s.night), client_secret="x"),
    ),
    "a wrong secret": (
        "invalid_client",
        "secret",
        lambda s: _token(
            {"grant_type": "authorization_code", "code": s.code(s.secret)},
            authorization=_basic("keeps-secret", "wrong"),
        ),
    ),
    "no secret": (
        "invalid_client",
        "client",
        lambda s: _token(
            {
                "grant_type": "authorization_code",
                "code": s.code(s.secret),
                "client_id": "keeps-secret",
            }
        ),
    ),
    "a secret of a public app": (
        "invalid_client",
        "secret",
        lambda s: _token(
            {"grant_type": "authorization_code", "client_id": "diary", "client_secret": "x"}
        ),
    ),
    "no app": (
        "invalid_client",
        "client",
        lambda s: _token({"grant_type": "authorization_code", "code": s.code()}),
    ),
    "an app that is not known": (
        "invalid_client",
        "client",
        lambda s: _token(
            {"grant_type": "authorization_code", "code": s.code(), "client_id": "nobody-here"}
        ),
    ),
    "a service by name alone": (
        "invalid_client",
        "client",
        lambda s: _token(
            {"grant_type": "client_credentials", "client_id": "night-run", "scope": "system/*.rs"}
        ),
    ),
    "a code twice": ("invalid_grant", "code-replayed", _replayed_code),
    "a code of another app": ("invalid_grant", "code-others", _other_app),
    "a code sent elsewhere": (
        "invalid_grant",
        "code-redirect",
        lambda s: s.diary.exchange(s.code(), redirect_uri="https://thief.example/back"),
    ),
    "a code without its address": (
        "invalid_grant",
        "code-redirect",
        lambda s: s.diary.exchange(s.code(), redirect_uri=None),
    ),
    "a code with another verifier": (
        "invalid_grant",
        "code-verifier",
        lambda s: s.diary.exchange(s.code(), code_verifier=secrets.token_urlsafe(48)),
    ),
    "a code without a verifier": (
        "invalid_grant",
        "code-verifier",
        lambda s: s.diary.exchange(s.code(), code_verifier=None),
    ),
    "a code with its challenge": (
        "invalid_grant",
        "code-verifier",
        lambda s: s.diary.exchange(s.code(), code_verifier=_challenge(s)),
    ),
    "a code nobody gave": (
        "invalid_grant",
        "code-unknown",
        lambda s: s.diary.exchange(secrets.token_urlsafe(32)),
    ),
    "a refresh token for a code": (
        "invalid_grant",
        "code-unknown",
        lambda s: s.diary.exchange(s.told()["refresh_token"]),
    ),
    "an access token to refresh": (
        "invalid_grant",
        "refresh-unknown",
        lambda s: s.diary.refresh(s.told()["access_token"]),
    ),
    "a rotated refresh token": ("invalid_grant", "refresh-replayed", _rotated),
    "another app's refresh token": (
        "invalid_grant",
        "refresh-others",
        lambda s: s.other.refresh(s.told()["refresh_token"]),
    ),
    "a widened scope": (
        "invalid_scope",
        "scope-widened",
        lambda s: s.diary.refresh(s.told()["refresh_token"], scope="patient/*.cruds"),
    ),
    "a service that asks for a person's": (
        "invalid_scope",
        "scope-none",
        lambda s: s.night.own_token("patient/*.rs user/*.rs"),
    ),
    "a service that asks for nothing": (
        "invalid_scope",
        "scope-none",
        lambda s: s.night.own_token(""),
    ),
    "a public app that works by itself": (
        "unauthorized_client",
        "no-service",
        lambda s: s.diary.own_token("system/*.rs"),
    ),
    "a password": (
        "unsupported_grant_type",
        "grant-type",
        lambda s: s.diary.send(
            "/smart/token", {"grant_type": "password", "username": "gp", "password": "gp"}
        ),
    ),
    "no kind of grant": (
        "unsupported_grant_type",
        "grant-type",
        lambda s: s.diary.send("/smart/token", {}),
    ),
    "a word twice over": (
        "invalid_request",
        "twice",
        lambda s: post_form(
            "/smart/token",
            [
                ("grant_type", "authorization_code"),
                ("code", "a"),
                ("code", "b"),
                ("client_id", "diary"),
            ],
        ),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_bad_proof_is_refused(name: str, stage: Stage) -> None:
    """OAuth's word alone; which check it was is kept at the door, as a code."""
    expected, why, send = FAULTS[name]
    answer = send(stage)
    assert answer.json == {"error": expected}
    assert answer.status == (401 if expected == "invalid_client" else 400)
    assert answer.headers["cache-control"] == "no-store"
    assert events()[-1] == f"app-{why}"


def test_there_are_more_than_forty() -> None:
    """Trust F12 asks for forty."""
    assert len(BEARERS) + len(FAULTS) >= 60


def test_rubbish_fills_no_table(stage: Stage) -> None:
    """Of each kind of refusal thirty a minute are kept; the answer stays the same."""
    from joinedup.smart.refusals import MOST_A_MINUTE

    before = events().count("app-code-unknown")
    for _ in range(MOST_A_MINUTE + 10):
        assert stage.diary.exchange("nobody gave this").json == {"error": "invalid_grant"}
    assert events().count("app-code-unknown") - before <= MOST_A_MINUTE
