"""Short-lived tokens for the API: signed, one hour at most, and only as good as their account.

A token names an account and when it was made; nothing is stored. The signing key is the place's
own (`JOINEDUP_HOME`), so a token of one place is worth nothing in another.
"""

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner

from joinedup.access.permit import Permit
from joinedup.fhir.issue import NotFound, SignInNeeded
from joinedup.signin.accounts import account, permit_for

__all__ = ["LIFE_SECONDS", "issue_token", "permit_from_token"]

LIFE_SECONDS = 60 * 60
_SALT = "joinedup.api-token"


def issue_token(account_name: str) -> str:
    """Return a token for a demo account, good for an hour; NotFound where there is none."""
    held = account(account_name)
    return TimestampSigner(salt=_SALT).sign(held.name)


def permit_from_token(token: str) -> Permit:
    """Return the permit behind a token; SignInNeeded for one that is old, altered or foreign."""
    try:
        name = TimestampSigner(salt=_SALT).unsign(token, max_age=LIFE_SECONDS)
        return permit_for(account(name), session="token")
    except SignatureExpired:
        raise SignInNeeded(
            "The token is more than an hour old. Ask for a new one.", whose=_owner(token)
        ) from None
    except (BadSignature, NotFound, ValueError):  # ValueError: signed, but without a time
        raise SignInNeeded("The token is not one of ours.") from None


def _owner(token: str) -> Permit | None:
    """Whose an expired token was: its signature is ours, so it is known for sure."""
    try:
        return permit_for(account(TimestampSigner(salt=_SALT).unsign(token)), session="token")
    except (BadSignature, NotFound, ValueError):
        return None
