"""A bearer token as a permit: looked up once in each process, and then again by each statement.

What a token lets do never changes while it lasts, so it is remembered; whether it still stands is
asked in the very statement that reads or writes (`record.admitted`, SQL 0031), in one trip.
"""

from datetime import datetime

from msgspec import Struct

from joinedup.access.apps import app_permit
from joinedup.access.permit import Permit
from joinedup.access.scopes import read_scopes
from joinedup.fhir.issue import SignInNeeded
from joinedup.signin import clock
from joinedup.smart.agreements import Held, held_token
from joinedup.smart.clients import client_of
from joinedup.smart.holder import holder_of
from joinedup.smart.rules import Refused, hash_of

__all__ = ["forget_known", "permit_from_bearer", "session_words"]

_SHAPE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_LENGTH = 43
_KNOWN_MOST = 10_000


class _Known(Struct, frozen=True):
    until: datetime
    permit: Permit


_known: dict[bytes, _Known] = {}


def permit_from_bearer(token: str) -> Permit:
    """Return the permit behind an app's token; SignInNeeded, in the same words, for any other."""
    if len(token) != _LENGTH or not _SHAPE.issuperset(token):
        raise _refusal()
    digest = hash_of(token)
    known = _known.get(digest)
    if known is None:
        known = _looked_up(token, digest)
        if len(_known) >= _KNOWN_MOST:
            _known.clear()
        _known[digest] = known
    if known.until <= clock.now():
        _known.pop(digest, None)
        raise _refusal(known.permit)
    return known.permit


def forget_known() -> None:
    """Look every token up again: for tests, and after this process worked on another database."""
    _known.clear()


def session_words(client_id: str, agreement_id: object) -> str:
    """Return what the audit keeps as the sitting of an app: which, and by which agreement."""
    return f"app:{client_id}:{agreement_id}"


def _refusal(whose: Permit | None = None) -> SignInNeeded:
    words = "The token is not one of ours, or it has ended. Ask for a new one."
    return SignInNeeded(words, whose=whose)


def _looked_up(token: str, digest: bytes) -> _Known:
    held = held_token(token)
    if held is None or held.kind != "access":
        raise _refusal()
    known = _Known(held.until, _permit(held, digest))
    if held.ended:
        raise _refusal(known.permit)
    return known


def _permit(held: Held, digest: bytes) -> Permit:
    client = client_of(held.agreement.client)
    if client is None:
        raise _refusal()
    try:
        holder = holder_of(held.agreement, client)
    except Refused:
        raise _refusal() from None
    return app_permit(
        holder.permit,
        read_scopes(held.scopes),
        bearer=digest.hex(),
        session=session_words(client.id, held.agreement.id),
        person=held.agreement.person,
    )
