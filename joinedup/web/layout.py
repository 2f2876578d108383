"""The frame around every page: who is signed in, where the reader is, what time it is."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as django_render
from msgspec import Struct

from joinedup.fhir.search.period import LONDON
from joinedup.web.clock import now
from joinedup.web.dates import Moment, say

__all__ = ["Frame", "SignedIn", "render"]

_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


class SignedIn(Struct, frozen=True):
    """Who is signed in, in words."""

    name: str
    role: str
    organisation: str
    opens_records: bool = True
    plans: bool = False
    reads_books: bool = False
    sees_beds: bool = False
    reads_returns: bool = False
    reads_board: bool = False
    reads_hub: bool = False
    finds_care: bool = False
    answers_offers: bool = False
    counts_work: Callable[[], int | None] = lambda: None
    """Returns how many errands wait for them; None for somebody who has no list of work."""
    cover: str = ""
    """What goes over the page when nobody uses it: a part of the page, made by sign-in."""


class Frame(Struct, frozen=True, kw_only=True):
    """What the layout shows around a page."""

    signed_in: SignedIn | None
    demo: bool
    now_words: str
    here: str


def render(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    here: str = "",
    status: int = 200,
) -> HttpResponse:
    """Return a page in the layout; `here` marks the place in the main menu."""
    frame = Frame(
        signed_in=getattr(request, "signed_in", None),
        demo=bool(getattr(settings, "JOINEDUP_INVENTED", False)),
        now_words=_now_words(),
        here=here,
    )
    return django_render(
        request, template, {"frame": frame, "title": "", **(context or {})}, status=status
    )


def _now_words() -> str:
    at = now().astimezone(LONDON)
    return f"{_DAYS[at.weekday()]} {say(Moment(at))}, {at:%H:%M}"
