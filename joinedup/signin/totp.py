"""Codes of an authenticator app: six digits that change every 30 seconds (RFC 6238). Pure."""

import base64
import hmac
import struct
from urllib.parse import quote, urlencode

__all__ = ["STEP_SECONDS", "app_link", "code_at", "matching_step"]

STEP_SECONDS = 30
_DIGITS = 6
_STEPS_ASIDE = 1  # a clock half a minute fast or slow is forgiven (RFC 6238 5.2)


def code_at(secret: bytes, step: int) -> str:
    """Return the code of one time step (RFC 4226 5.3)."""
    digest = hmac.new(secret, struct.pack(">Q", step), "sha1").digest()
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)


def matching_step(secret: bytes, typed: str, at_seconds: float, *, after: int) -> int | None:
    """Return the time step whose code was typed; None for a wrong code, or one used before.

    A code is good once: only steps later than the last one used (`after`) are looked at.
    """
    code = "".join(typed.split())
    now = int(at_seconds) // STEP_SECONDS
    found = None
    for step in range(now - _STEPS_ASIDE, now + _STEPS_ASIDE + 1):
        fits = hmac.compare_digest(code_at(secret, step).encode(), code.encode())
        if fits and step > after and found is None:
            found = step
    return found


def app_link(secret: bytes, name: str) -> str:
    """Return the otpauth link that an authenticator app reads from the picture."""
    words = {"secret": base64.b32encode(secret).decode().rstrip("="), "issuer": "joinedup"}
    return f"otpauth://totp/{quote(f'joinedup:{name}')}?{urlencode(words)}"
