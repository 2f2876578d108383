"""The gate: whose token this is. How tokens are made is `signin`'s; `site` joins the two.

Nothing behind `/fhir` but the CapabilityStatement is answered without a permit. A token that is
over is in the audit where it is known whose it was; any other is counted and logged like every
request, and not kept: whoever sends rubbish fills no table.
"""

import time
from collections.abc import Callable

from joinedup.access.permit import Permit
from joinedup.api.request import Asked
from joinedup.fhir.issue import SignInNeeded
from joinedup.record.audit import leave_refusal

__all__ = ["admit_with", "leave_refused_token", "permit_of"]

TELL_AGAIN_SECONDS = 60.0
_KNOWN_MOST = 10_000
_readers: list[Callable[[str], Permit]] = []
_told: dict[tuple[str, str], float] = {}


def admit_with(read_token: Callable[[str], Permit]) -> None:
    """Let tokens be read by this function; it raises SignInNeeded for one it does not accept."""
    _readers[:] = [read_token]


def permit_of(asked: Asked) -> Permit:
    """Return the permit of the request's bearer token, or refuse with SignInNeeded.

    A refused token of somebody known leaves an event in the audit, at most one a minute.
    """
    kind, _, token = (asked.header("AUTHORIZATION") or "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise SignInNeeded("Send a token: Authorization: Bearer <token>.")
    if not _readers:
        raise SignInNeeded("This server does not accept tokens.")
    try:
        return _readers[0](token.strip())
    except SignInNeeded as refusal:
        if isinstance(refusal.whose, Permit):
            leave_refused_token(refusal.whose, refusal, asked.method)
        raise


def leave_refused_token(whose: Permit, refusal: SignInNeeded, method: str) -> None:
    """Write into the audit that a token of somebody known was refused, unless it just was.

    A program that goes on sending it would fill the audit (ASVS 5.0, 16.2: events that matter).
    """
    at, key = time.monotonic(), (whose.worker, whose.session)
    if at - _told.get(key, -TELL_AGAIN_SECONDS) < TELL_AGAIN_SECONDS:
        return
    if len(_told) >= _KNOWN_MOST:
        _told.clear()
    _told[key] = at
    leave_refusal(whose, refusal, f"{method} fhir: a token that is over")
