"""What a provider says of itself, and its keys: fetched when needed, at most once a minute.

Where a fetch fails the keys we have stay good; a key is known by its own id (kid) only.
"""

import threading
from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from joinedup.fhir.issue import Unavailable
from joinedup.signin import clock
from joinedup.signin.oidc import wire
from joinedup.signin.providers import Provider

__all__ = ["REFRESH_SECONDS", "KeyRing", "described", "ring"]

REFRESH_SECONDS = 60.0
_DESCRIBED_FOR_SECONDS = 3600.0
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_TYPES = (RSAKey, ECKey)


class KeyRing:
    """The keys of one provider, in this process."""

    def __init__(self) -> None:
        self._keys: dict[str, RSAKey | ECKey] = {}
        self._asked_at = float("-inf")
        self._lock = threading.Lock()

    def key(self, provider: Provider, kid: str) -> RSAKey | ECKey | None:
        """Return the key of an id, asking the provider where we do not know it; None if unknown."""
        with self._lock:
            if kid not in self._keys and clock.seconds() - self._asked_at >= REFRESH_SECONDS:
                self._asked_at = clock.seconds()
                self._refresh(provider)
            return self._keys.get(kid)

    def _refresh(self, provider: Provider) -> None:
        try:
            found = _read(wire.fetch(described(provider)["jwks_uri"]))
        except Unavailable:
            return
        if found:
            self._keys = found


def _read(answer: Mapping[str, Any]) -> dict[str, RSAKey | ECKey]:
    kept: dict[str, RSAKey | ECKey] = {}
    for item in answer.get("keys", ())[:50]:
        is_public = isinstance(item, dict) and not {"d", "k"} & set(item)
        if not is_public or item.get("use", "sig") != "sig":
            continue
        try:
            key = KeySet.import_key_set({"keys": [item]}).keys[0]
        except (JoseError, ValueError, TypeError):
            continue
        if isinstance(key, _TYPES) and item.get("kid"):
            kept[str(item["kid"])] = key
    return kept


_rings: dict[str, KeyRing] = {}
_descriptions: dict[str, tuple[float, Mapping[str, Any]]] = {}


def ring(provider: Provider) -> KeyRing:
    """Return the provider's keys, the same for the whole process."""
    return _rings.setdefault(provider.issuer, KeyRing())


def described(provider: Provider) -> Mapping[str, Any]:
    """Return the provider's own description, an hour old at most while it can be reached.

    Raises Unavailable when it says it is somebody else or names addresses we do not ask
    (OpenID Connect Discovery 4.3).
    """
    at, known = _descriptions.get(provider.issuer, (float("-inf"), {}))
    if clock.seconds() - at < _DESCRIBED_FOR_SECONDS:
        return known
    try:
        found = wire.fetch(provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    except Unavailable:
        if known:
            return known
        raise
    if found.get("issuer") != provider.issuer:
        raise Unavailable("The sign-in service says that it is another one.")
    if not all(wire.is_safe(str(found.get(name, ""))) for name in _ENDPOINTS):
        raise Unavailable("The sign-in service gave an address that we do not ask.")
    _descriptions[provider.issuer] = (clock.seconds(), found)
    return found
