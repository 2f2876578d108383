"""What must hold of apps, addresses and codes, and how long things last. Pure.

Sources: SMART App Launch 2.2; RFC 6749, 6750, 7636, 7009, 7662, 8252, 9207; OAuth 2.0 Security
Best Current Practice (RFC 9700); trust.md 2 (26 to 28) and 6.
"""

import base64
import hashlib
import hmac
import re
from datetime import timedelta
from enum import Enum
from urllib.parse import urlsplit

__all__ = [
    "ACCESS_SECONDS",
    "ALGORITHMS",
    "ASSERTION_SECONDS",
    "CODE_SECONDS",
    "LAUNCH_LASTS",
    "LONGEST_AGREEMENT",
    "REFRESH_LASTS",
    "Fault",
    "Refused",
    "form_target",
    "hash_of",
    "is_challenge",
    "is_client_id",
    "is_redirect",
    "origin_of",
    "proves",
]

ACCESS_SECONDS = 300
CODE_SECONDS = 60
ASSERTION_SECONDS = 300
REFRESH_LASTS = timedelta(days=90)
"""A refresh token that nobody uses for so long is over."""
LONGEST_AGREEMENT = timedelta(days=365)
"""Even an app used every day asks again after a year."""
LAUNCH_LASTS = timedelta(minutes=5)
ALGORITHMS = ("RS384", "ES384")
"""What a backend service signs with (SMART App Launch 2.2, 5.1); nothing else is read."""

_CLIENT_ID = re.compile(r"[a-z0-9][a-z0-9.\-]{2,62}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_\-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9_.~\-]{43,128}")
_OWN_SCHEME = re.compile(r"[a-z][a-z0-9]*(\.[a-z0-9\-]+)+")
_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}|\[::1\]")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Fault(Enum):
    """The closed set of ways in which an app is refused, by OAuth's own names."""

    INVALID_REQUEST = "invalid_request"
    INVALID_CLIENT = "invalid_client"
    INVALID_GRANT = "invalid_grant"
    INVALID_SCOPE = "invalid_scope"
    UNAUTHORIZED_CLIENT = "unauthorized_client"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"
    ACCESS_DENIED = "access_denied"
    REQUEST_NOT_SUPPORTED = "request_not_supported"


class Refused(Exception):
    """An app that is refused: OAuth's word for it, and a code of ours that only the log is told."""

    def __init__(self, fault: Fault, why: str) -> None:
        super().__init__(why)
        self.fault = fault
        self.why = why

    @property
    def status(self) -> int:
        """The HTTP status of the token endpoint (RFC 6749 5.2)."""
        return 401 if self.fault is Fault.INVALID_CLIENT else 400


def hash_of(secret: str) -> bytes:
    """Return what a token, a code or a secret of 256 bits of chance is kept as."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def is_client_id(text: str) -> bool:
    """Whether a client may be called so."""
    return bool(_CLIENT_ID.fullmatch(text))


def is_challenge(text: str) -> bool:
    """Whether a text can be an S256 challenge (RFC 7636 4.2)."""
    return bool(_CHALLENGE.fullmatch(text))


def proves(verifier: str, challenge: str) -> bool:
    """Whether a verifier is the one a challenge was made of (RFC 7636 4.6)."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    return hmac.compare_digest(digest.decode().rstrip("="), challenge)


def is_redirect(url: str) -> bool:
    """Whether an app may be sent back there: https, this machine, or a scheme of its own.

    No fragment, no password, nothing that is no address (RFC 6749 3.1.2, RFC 8252 7).
    """
    if (
        not url.isascii()
        or not url.isprintable()
        or len(url) > 500
        or any(c in url for c in " ;\"'<>\\")
    ):
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.fragment or "#" in url or parts.username is not None:
        return False
    if parts.scheme in ("http", "https"):
        secure = parts.scheme == "https" or host in _LOOPBACK
        return secure and bool(_HOST.fullmatch(host) or host == "::1")
    return bool(_OWN_SCHEME.fullmatch(parts.scheme)) and len(url) > len(parts.scheme) + 1


def form_target(url: str) -> str:
    """Return what a page must allow its form to lead to, for a redirect that `is_redirect`."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https"):
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"


def origin_of(url: str) -> str:
    """Return the origin of an address that `is_redirect`, as a browser says it (RFC 6454 6.2).

    "" for a scheme of an app's own: no page comes from there.
    """
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    if usual is None:
        return ""
    name = parts.hostname or ""
    host = f"[{name}]" if ":" in name else name
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
