"""Sealing: what sign-in keeps or hands out so that nobody else can read or change it.

AES-256-GCM under keys derived from the place's secret key, one for each purpose; a thing sealed
for one purpose, or for one account, opens for no other.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

__all__ = ["mark", "open_sealed", "open_text", "seal", "seal_text"]

_NONCE_BYTES = 12
_PREFIX = b"joinedup.sign-in."


def mark(purpose: str, *words: str) -> bytes:
    """Return a keyed hash: what is found by it cannot be guessed from it."""
    text = "\0".join(words).encode()
    return hmac.new(_key(purpose), text, hashlib.sha256).digest()


def seal(purpose: str, value: Any, *, bound: str = "") -> bytes:
    """Return a value sealed for a purpose, and for whom or what it is `bound` to."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(_key(purpose)).encrypt(nonce, msgspec.json.encode(value), bound.encode())
    return nonce + sealed


def open_sealed(purpose: str, sealed: bytes, *, bound: str = "") -> Any:
    """Return what was sealed; None for what was not sealed here, for this, or has been changed."""
    sealed = bytes(sealed)
    try:
        text = AESGCM(_key(purpose)).decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound.encode()
        )
    except (InvalidTag, ValueError):
        return None
    return msgspec.json.decode(text)


def seal_text(purpose: str, value: Any, *, bound: str = "") -> str:
    """Return a value sealed as text that a cookie or a field can carry."""
    return base64.urlsafe_b64encode(seal(purpose, value, bound=bound)).decode()


def open_text(purpose: str, text: str, *, bound: str = "") -> Any:
    """Return what was sealed into a text, or None."""
    try:
        sealed = base64.urlsafe_b64decode(text.encode())
    except ValueError:
        return None
    return open_sealed(purpose, sealed, bound=bound)


def _key(purpose: str) -> bytes:
    secret = settings.SECRET_KEY.encode()
    return hmac.new(secret, _PREFIX + purpose.encode(), hashlib.sha256).digest()
