"""Reading a provider's signed tokens: everything is checked, and any doubt is a refusal.

One algorithm for each provider, whatever the token says; keys by kid from the provider's own list;
headers that bring a key or an address of one are refused (trust: lessons 26 to 28).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from joinedup.signin import clock
from joinedup.signin.oidc.keys import ring
from joinedup.signin.providers import VECTORS, Provider

__all__ = ["BadToken", "expires", "read_id_token", "read_logout_token"]

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_ASIDE_SECONDS = 60
_OLDEST_SECONDS = 600
_LONGEST = 20_000
_HEADERS = frozenset({"alg", "kid", "typ", "cty", "x5t", "x5t#S256"})
_STAFF_LEVELS = frozenset({"2", "3"})


class BadToken(Exception):
    """A token that is refused; `args[0]` is a code of ours for the log, never the token's words."""


def read_id_token(
    provider: Provider, token: str, *, nonce: str, access_token: str
) -> Mapping[str, Any]:
    """Return the claims of an ID token (OpenID Connect Core 3.1.3.7); BadToken for any doubt."""
    claims = _verified(provider, token, types=("JWT", "jwt", None))
    _need(isinstance(claims.get("sub"), str) and 0 < len(claims["sub"]) <= 255, "sub")
    _need(hmac.compare_digest(str(claims.get("nonce", "")), nonce), "nonce")
    if "at_hash" in claims:
        _need(_is_half_hash(provider, access_token, str(claims["at_hash"])), "at-hash")
    _check_level(provider, claims)
    return claims


def read_logout_token(provider: Provider, token: str) -> Mapping[str, Any]:
    """Return the claims of a logout token (Back-Channel Logout 1.0, 2.6); else BadToken."""
    claims = _verified(provider, token, types=("logout+jwt", "JWT", "jwt", None))
    events = claims.get("events")
    _need(isinstance(events, dict) and isinstance(events.get(LOGOUT_EVENT), dict), "events")
    _need("nonce" not in claims, "nonce")
    _need(isinstance(claims.get("jti"), str) and bool(claims["jti"]), "jti")
    named = [claims[name] for name in ("sub", "sid") if name in claims]
    _need(bool(named) and all(isinstance(n, str) and n for n in named), "sub-or-sid")
    return claims


def expires(claims: Mapping[str, Any]) -> datetime:
    """Return when a checked token stops being good."""
    return datetime.fromtimestamp(int(claims["exp"]) + _ASIDE_SECONDS, UTC)


def _verified(provider: Provider, token: str, *, types: tuple[str | None, ...]) -> dict[str, Any]:
    _need(0 < len(token) <= _LONGEST and token.isascii(), "shape")
    header = _header(token)
    _need(set(header) <= _HEADERS, "header")
    _need(header.get("alg") == provider.algorithm, "alg")
    _need(header.get("typ") in types, "typ")
    key = ring(provider).key(provider, str(header.get("kid", "")))
    _need(key is not None, "kid")
    assert key is not None
    try:
        read = jws.deserialize_compact(token, key, algorithms=[provider.algorithm])
        claims = json.loads(read.payload)
    except (JoseError, ValueError, TypeError):
        raise BadToken("signature") from None
    _need(isinstance(claims, dict), "shape")
    _check_claims(provider, claims)
    return dict(claims)


def _header(token: str) -> dict[str, Any]:
    start = token.partition(".")[0]
    try:
        read = json.loads(base64.urlsafe_b64decode(start + "=" * (-len(start) % 4)))
    except ValueError:
        raise BadToken("header") from None
    _need(isinstance(read, dict), "header")
    return dict(read)


def _check_claims(provider: Provider, claims: Mapping[str, Any]) -> None:
    at = clock.seconds()
    _need(claims.get("iss") == provider.issuer, "iss")
    audience = claims.get("aud")
    if isinstance(audience, list):
        _need(provider.client_id in audience, "aud")
        _need(len(audience) == 1 or claims.get("azp") == provider.client_id, "azp")
    else:
        _need(audience == provider.client_id, "aud")
    _need(claims.get("azp", provider.client_id) == provider.client_id, "azp")
    _need(_moment(claims, "exp") > at - _ASIDE_SECONDS, "exp")
    _need(at - _OLDEST_SECONDS <= _moment(claims, "iat") <= at + _ASIDE_SECONDS, "iat")
    _need("nbf" not in claims or _moment(claims, "nbf") <= at + _ASIDE_SECONDS, "nbf")


def _check_level(provider: Provider, claims: Mapping[str, Any]) -> None:
    """NHS login must say P9 with two factors; CIS2 an assurance of 2 or 3 where it says any."""
    if provider.needs_vectors:
        _need(claims.get("vot") in VECTORS, "vector")
        _need(claims.get("identity_proofing_level", "P9") == "P9", "vector")
    elif "authentication_assurance_level" in claims:
        _need(str(claims["authentication_assurance_level"]) in _STAFF_LEVELS, "assurance")


def _is_half_hash(provider: Provider, access_token: str, given: str) -> bool:
    digest = hashlib.new(f"sha{provider.algorithm[-3:]}", access_token.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")
    return hmac.compare_digest(half, given)


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise BadToken(name)
    return value


def _need(fine: bool, why: str) -> None:
    if not fine:
        raise BadToken(why)
