"""The session of a page: who is signed in, how long ago they did something, and their permit.

The middleware puts `permit` and `signed_in` on each request. After 15 minutes without a request
the sign-in ends; after 12 hours it ends whatever happens.
"""

import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from joinedup.access.words import Role
from joinedup.fhir.issue import NotFound
from joinedup.signin.accounts import Account, account, permit_for
from joinedup.web.layout import SignedIn

__all__ = ["IDLE_SECONDS", "begin", "end", "signed_in"]

IDLE_SECONDS = 15 * 60
WHOLE_SECONDS = 12 * 60 * 60
_KEY = "signed-in"
_REFRESH_SECONDS = 30


def begin(request: HttpRequest, held: Account) -> None:
    """Sign somebody in; whatever the session held before is gone."""
    request.session.flush()
    at = int(time.time())
    request.session[_KEY] = {
        "account": held.name,
        "began": at,
        "seen": at,
        "session": secrets.token_urlsafe(12),
    }


def end(request: HttpRequest) -> None:
    """Sign out, and forget what the session held."""
    request.session.flush()


def signed_in(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: gives the request its permit, or ends a sign-in that has been idle."""

    def carried(request: HttpRequest) -> HttpResponse:
        held = _held(request)
        state = request.session.get(_KEY, {})
        permit = permit_for(held, session=state["session"]) if held else None
        words = _in_words(held) if held else None
        request.permit = permit  # type: ignore[attr-defined]  # read by every room's pages
        request.signed_in = words  # type: ignore[attr-defined]  # read by the layout
        return get_response(request)

    return carried


def _in_words(held: Account) -> SignedIn:
    return SignedIn(
        name=held.full_name,
        role=held.post,
        organisation=held.organisation_name,
        opens_records=held.role is not Role.ANALYST,
    )


def _held(request: HttpRequest) -> Account | None:
    """One-click accounts exist in an invented place only."""
    state = request.session.get(_KEY)
    if not state or not settings.JOINEDUP_INVENTED:
        return None
    at = int(time.time())
    if at - state["seen"] > IDLE_SECONDS or at - state["began"] > WHOLE_SECONDS:
        end(request)
        return None
    if at - state["seen"] > _REFRESH_SECONDS:
        request.session[_KEY] = state | {"seen": at}
    try:
        return account(state["account"])
    except NotFound:
        end(request)
        return None
