"""The steps of signing in, each carried to the next by a sealed cookie.

A step says what has been proved so far and until when that counts; it opens no page but the next.
Nothing is stored for somebody who has not signed in.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from joinedup.signin import clock
from joinedup.signin.sealed import open_text, seal_text

__all__ = ["address_of", "forget_step", "onward", "put_step", "step_of"]

LASTS_SECONDS = 10 * 60


def put_step(response: HttpResponse, name: str, step: dict[str, Any]) -> None:
    """Send the browser on with what it has proved; for ten minutes."""
    until = int(clock.seconds()) + LASTS_SECONDS
    response.set_cookie(
        _cookie(name),
        seal_text("step", step | {"until": until}, bound=name),
        max_age=LASTS_SECONDS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def step_of(request: HttpRequest, name: str) -> dict[str, Any] | None:
    """Return the step a browser is at; None for none, or one that is too old or not ours."""
    step = open_text("step", request.COOKIES.get(_cookie(name), ""), bound=name)
    if not isinstance(step, dict) or step["until"] < clock.seconds():
        return None
    return step


def forget_step(response: HttpResponse, *names: str) -> None:
    """Take the steps back: they have been used."""
    for name in names:
        response.delete_cookie(_cookie(name), samesite="Lax")


def onward(request: HttpRequest, wanted: str) -> str:
    """Return where to go on to; never another site, and never a way of ending the sign-in."""
    fine = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted and fine and wanted.startswith("/") else "/"


def address_of(request: HttpRequest) -> str:
    """Return the address a request came from, for counting failed tries."""
    return str(request.META.get("REMOTE_ADDR", ""))


def _cookie(name: str) -> str:
    prefix = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
    return f"{prefix}joinedup-{name}"
