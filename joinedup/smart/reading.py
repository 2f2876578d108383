"""Which token it is: one of an app, or one made by command for an account of an invented place."""

from joinedup.access.permit import Permit
from joinedup.signin.tokens import permit_from_token
from joinedup.smart.bearer import permit_from_bearer

__all__ = ["permit_of_any"]


def permit_of_any(token: str) -> Permit:
    """Return the permit behind a bearer token; SignInNeeded for one that is not ours."""
    return permit_from_token(token) if ":" in token else permit_from_bearer(token)
