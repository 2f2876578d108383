"""The cover that goes over a page nobody is using: its part of the page, shut until it is needed.

It travels with every page of somebody signed in, as a template that is neither shown nor read
out, so that it can go up without the server. What goes up and down is `static/signin/cover.js`.
"""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from joinedup.signin import clock
from joinedup.signin.accounts import Account
from joinedup.signin.rules import WARNING_SECONDS
from joinedup.signin.sealed import mark
from joinedup.signin.store import Seat

__all__ = ["cover", "owner_mark"]


def owner_mark(account_key: str) -> str:
    """Return what tells a page whose it is, without saying who that is."""
    return mark("owner", account_key).hex()[:32]


def cover(request: HttpRequest, held: Account, seat: Seat) -> SafeString:
    """Return the cover of a page, and how long until it goes up."""
    at = clock.now()
    left = min(seat.sitting.idle_left_seconds(at), seat.sitting.hard_left_seconds(at))
    context = {
        "owner": owner_mark(held.key),
        "left_seconds": left,
        "warning_seconds": min(WARNING_SECONDS, seat.sitting.lasts.idle_seconds // 2),
        "name": held.full_name,
        "one_click": held.is_one_click,
        "elsewhere": bool(seat.issuer),
    }
    return mark_safe(render_to_string("signin/cover.jinja", context, request))  # noqa: S308  # our own template, which escapes
