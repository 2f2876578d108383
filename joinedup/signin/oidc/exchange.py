"""The two ends of signing in elsewhere: where the browser is sent, and what its code is worth.

Authorization code with PKCE (S256), state and nonce (OAuth 2.1, OpenID Connect Core 3.1).
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from joinedup.fhir.issue import Unavailable
from joinedup.signin import clock
from joinedup.signin.oidc import wire
from joinedup.signin.oidc.keys import described
from joinedup.signin.oidc.tokens import BadToken, read_id_token
from joinedup.signin.providers import VECTORS, Provider

__all__ = ["Journey", "exchange", "set_out"]

Journey = dict[str, str]
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LASTS_SECONDS = 60


def set_out(provider: Provider, redirect_uri: str, *, again: bool) -> tuple[str, Journey]:
    """Return where to send the browser, and what to remember until it is back.

    With `again`, the provider is asked to prove the person anew.
    """
    journey = {
        "provider": provider.name,
        "state": secrets.token_urlsafe(32),
        "nonce": secrets.token_urlsafe(32),
        "verifier": secrets.token_urlsafe(48),
        "redirect_uri": redirect_uri,
    }
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": provider.scope,
        "state": journey["state"],
        "nonce": journey["nonce"],
        "code_challenge": _challenge(journey["verifier"]),
        "code_challenge_method": "S256",
    }
    if provider.needs_vectors:
        asked["vtr"] = json.dumps(VECTORS)
    if again:
        asked["prompt"] = "login"
    address = described(provider)["authorization_endpoint"]
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", journey


def exchange(provider: Provider, journey: Journey, code: str) -> Mapping[str, Any]:
    """Return who the provider says has come back: the claims of its ID token and of userinfo.

    Raises BadToken where anything does not fit, Unavailable where it cannot be asked.
    """
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": journey["redirect_uri"],
        "client_id": provider.client_id,
        "code_verifier": journey["verifier"],
    }
    answer = wire.post(_token_address(provider), fields | _proof(provider))
    token, access = answer.get("id_token"), answer.get("access_token")
    if not isinstance(token, str) or not isinstance(access, str):
        raise BadToken("no-token")
    claims = read_id_token(provider, token, nonce=journey["nonce"], access_token=access)
    return _told(provider, access, claims)


def _told(provider: Provider, access: str, claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """Userinfo adds to the ID token and never overrules it (OpenID Connect Core 5.3.2)."""
    address = described(provider).get("userinfo_endpoint")
    if not isinstance(address, str):
        return claims
    told = wire.fetch(address, token=access)
    if told.get("sub") != claims["sub"]:
        raise BadToken("userinfo-sub")
    return {**told, **claims}


def _proof(provider: Provider) -> dict[str, str]:
    """Return how we prove to be the client: a signed assertion where we hold a key (RFC 7523)."""
    try:
        held = provider.key_file.read_text().strip()
    except OSError:
        raise Unavailable("The key of the sign-in service's client cannot be read.") from None
    if not held.startswith("-----BEGIN"):
        return {"client_secret": held}
    key = ECKey.import_key(held) if "EC PRIVATE" in held else RSAKey.import_key(held)
    at = int(clock.seconds())
    claims = {
        "iss": provider.client_id,
        "sub": provider.client_id,
        "aud": _token_address(provider),
        "jti": secrets.token_urlsafe(24),
        "iat": at,
        "exp": at + _ASSERTION_LASTS_SECONDS,
    }
    header = {"alg": provider.algorithm, "kid": key.thumbprint(), "typ": "JWT"}
    signed = jwt.encode(header, claims, key, algorithms=[provider.algorithm])
    return {"client_assertion_type": _ASSERTION, "client_assertion": signed}


def _token_address(provider: Provider) -> str:
    return str(described(provider)["token_endpoint"])


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
