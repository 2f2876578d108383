"""How an app proves which one it is: by its signed word, by its secret, or, public, by its name.

The signed word is `private_key_jwt` (RFC 7523; SMART App Launch 2.2, 5.1): RS384 or ES384, by a key
that was registered, for this place's token address, for five minutes at most, and once.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from joinedup.signin import clock
from joinedup.signin.once import first_use
from joinedup.smart.clients import Client, client_of
from joinedup.smart.keys import read_keys
from joinedup.smart.rules import ALGORITHMS, ASSERTION_SECONDS, Fault, Refused, hash_of

__all__ = ["ASSERTION", "proved_client"]

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_HEADERS = frozenset({"alg", "kid", "typ"})
_LONGEST = 8_000
_LONGEST_JTI = 255
_ASIDE_SECONDS = 5  # how far two clocks may be apart

Form = Mapping[str, str]


def proved_client(form: Form, authorization: str, *, audience: str) -> Client:
    """Return the client that a request proves to come from; Refused for any doubt.

    A request proves itself in one way (RFC 6749 2.3). `audience` is the token address.
    """
    ways = [bool(authorization), "client_assertion" in form, "client_secret" in form]
    if sum(ways) > 1:
        raise Refused(Fault.INVALID_REQUEST, "two-proofs")
    if "client_assertion" in form:
        return _by_key(form, audience)
    if ways[0]:
        name, secret = _basic(authorization)
        if form.get("client_id", name) != name:
            raise _unproved("client")
        return _by_secret(name, secret)
    if "client_secret" in form:
        return _by_secret(form.get("client_id", ""), form["client_secret"])
    client = client_of(form.get("client_id", ""))
    if client is None or client.kind != "public":
        raise _unproved("client")
    return client


def _unproved(why: str) -> Refused:
    return Refused(Fault.INVALID_CLIENT, why)


def _basic(header: str) -> tuple[str, str]:
    kind, _, packed = header.partition(" ")
    try:
        name, colon, secret = base64.b64decode(packed, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise _unproved("basic") from None
    if kind.lower() != "basic" or not colon:
        raise _unproved("basic")
    return unquote_plus(name), unquote_plus(secret)


def _by_secret(name: str, secret: str) -> Client:
    client = client_of(name)
    held = client.secret if client is not None and client.secret else bytes(32)
    if not hmac.compare_digest(held, hash_of(secret)) or client is None:
        raise _unproved("secret")
    return client


def _by_key(form: Form, audience: str) -> Client:
    if form.get("client_assertion_type") != ASSERTION:
        raise _unproved("assertion-type")
    word = form["client_assertion"]
    header, claims = _parts(word)
    client = client_of(str(claims.get("sub", "")))
    if client is None or client.kind != "key":
        raise _unproved("client")
    if form.get("client_id", client.id) != client.id:
        raise _unproved("client")
    _check_signature(client, header, word)
    _check_claims(client, claims, audience)
    _use_once(client, claims)
    return client


def _parts(word: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims as they are written: nothing of them is believed yet."""
    if not (word.isascii() and len(word) <= _LONGEST and word.count(".") == 2):
        raise _unproved("assertion-shape")
    header, claims = (_json(part) for part in word.split(".")[:2])
    return header, claims


def _json(part: str) -> dict[str, Any]:
    try:
        read = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        raise _unproved("assertion-shape") from None
    if not isinstance(read, dict):
        raise _unproved("assertion-shape")
    return read


def _check_signature(client: Client, header: Mapping[str, Any], word: str) -> None:
    """A header that brings a key, or an address of one, is refused unread (trust 2, 26 and 27)."""
    if not set(header) <= _HEADERS or header.get("typ", "JWT") != "JWT":
        raise _unproved("assertion-header")
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise _unproved("assertion-alg")
    key = read_keys(client.keys).get(kid) if isinstance(kid, str) else None
    if key is None or isinstance(key, RSAKey) is not (algorithm == "RS384"):
        raise _unproved("assertion-kid")
    try:
        jws.deserialize_compact(word, key, algorithms=[str(algorithm)])
    except (JoseError, ValueError, TypeError):
        raise _unproved("assertion-signature") from None


def _check_claims(client: Client, claims: Mapping[str, Any], audience: str) -> None:
    at = clock.seconds()
    if claims.get("iss") != client.id or claims.get("sub") != client.id:
        raise _unproved("assertion-iss")
    if claims.get("aud") not in (audience, [audience]):
        raise _unproved("assertion-aud")
    ends = _moment(claims, "exp")
    if not at - _ASIDE_SECONDS < ends <= at + ASSERTION_SECONDS + _ASIDE_SECONDS:
        raise _unproved("assertion-exp")
    for name in ("iat", "nbf"):
        if name in claims and _moment(claims, name) > at + _ASIDE_SECONDS:
            raise _unproved(f"assertion-{name}")


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _unproved(f"assertion-{name}")
    return value


def _use_once(client: Client, claims: Mapping[str, Any]) -> None:
    word = claims.get("jti")
    if not (isinstance(word, str) and 0 < len(word) <= _LONGEST_JTI):
        raise _unproved("assertion-jti")
    until = datetime.fromtimestamp(_moment(claims, "exp") + 2 * _ASIDE_SECONDS, UTC)
    if not first_use("app-assertion", f"{client.id} {word}", until):
        raise _unproved("assertion-replayed")
