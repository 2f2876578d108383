"""The gate: whose token this is. How tokens are made is `signin`'s; `site` joins the two.

Nothing behind `/fhir` but the CapabilityStatement is answered without a permit.
"""

from collections.abc import Callable

from joinedup.access.permit import Permit
from joinedup.api.request import Asked
from joinedup.fhir.issue import SignInNeeded

__all__ = ["admit_with", "permit_of"]

_readers: list[Callable[[str], Permit]] = []


def admit_with(read_token: Callable[[str], Permit]) -> None:
    """Let tokens be read by this function; it raises SignInNeeded for one it does not accept."""
    _readers[:] = [read_token]


def permit_of(asked: Asked) -> Permit:
    """Return the permit of the request's bearer token, or refuse with SignInNeeded."""
    kind, _, token = (asked.header("AUTHORIZATION") or "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise SignInNeeded("Send a token: Authorization: Bearer <token>.")
    if not _readers:
        raise SignInNeeded("This server does not accept tokens.")
    return _readers[0](token.strip())
