"""Asking an identity provider over the network: its own addresses only, with limits on everything.

No redirect is followed, answers are JSON of at most 1 MB, and TLS is required but on loopback.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from joinedup.fhir.issue import Unavailable

__all__ = ["fetch", "is_safe", "post"]

_WAIT_SECONDS = 5.0
_LONGEST_BYTES = 1_000_000
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def is_safe(url: str) -> bool:
    """Tell whether an address may be asked: https, or http on this machine; no password in it."""
    parts = urllib.parse.urlsplit(url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    return secure and bool(parts.hostname) and parts.username is None and not parts.fragment


def fetch(url: str, *, token: str = "") -> Mapping[str, Any]:
    """Return the JSON object at an address; Unavailable for anything else."""
    headers = {"Accept": "application/json"}
    return _send(urllib.request.Request(url, headers=headers | _bearer(token)))  # noqa: S310  # checked by is_safe


def post(url: str, fields: Mapping[str, str]) -> Mapping[str, Any]:
    """Send a form and return the JSON object it is answered with; Unavailable for anything else."""
    body = urllib.parse.urlencode(fields).encode()
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    return _send(urllib.request.Request(url, body, headers))  # noqa: S310  # checked by is_safe


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _send(request: urllib.request.Request) -> Mapping[str, Any]:
    if not is_safe(request.full_url):
        raise Unavailable("The sign-in service gave an address that we do not ask.")
    try:
        with _opener.open(request, timeout=_WAIT_SECONDS) as answer:
            text = answer.read(_LONGEST_BYTES + 1)
        read = json.loads(text) if len(text) <= _LONGEST_BYTES else None
    except (urllib.error.URLError, HTTPException, OSError, ValueError):
        raise Unavailable("The sign-in service cannot be reached, or refused.") from None
    if not isinstance(read, dict):
        raise Unavailable("The sign-in service did not answer as it should.")
    return read
