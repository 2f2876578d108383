"""Refusals as pages: every way joinedup says no, said once, in words that say what to do next.

Absent and hidden look the same. What somebody typed is kept on the page (domain.md 19).
Anything that is not a refusal is a fault of ours, and is answered without details.
"""

from collections.abc import Callable, Mapping
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from msgspec import Struct

from joinedup.fhir.issue import Refusal, SignInNeeded
from joinedup.record.audit import leave_refusal
from joinedup.web.layout import render

__all__ = ["forbidden_form", "leave_trace", "not_found", "refusals_as_pages", "server_error"]

View = Callable[[HttpRequest], HttpResponse]
NO_RELATIONSHIP = "NO_RELATIONSHIP"
_UNTYPED = frozenset({"csrfmiddlewaretoken", "version"})


class _Words(Struct, frozen=True):
    title: str
    lines: tuple[str, ...]


_PAGES: Mapping[int, _Words] = {
    400: _Words("We could not read that", ("Check what you entered and try again.",)),
    403: _Words(
        "You cannot do this",
        (
            "Your role does not allow it.",
            "If you think that it should, ask the person who looks after access where you work.",
        ),
    ),
    404: _Words(
        "We cannot show you this page",
        (
            "There is nothing here, or nothing that you may see.",
            (
                "If you typed the address, check it. If you need this record for somebody in your "
                "care, check that your organisation is working with them."
            ),
        ),
    ),
    405: _Words("This page does not do that", ("Go back and use the form on the page.",)),
    409: _Words(
        "That is already taken",
        ("Somebody or something else holds it. Nothing was saved.",),
    ),
    410: _Words("This was removed", ("Its history is kept, but it is no longer current.",)),
    412: _Words(
        "Somebody saved before you",
        (
            "What you were changing has changed since you opened it, so nothing was saved.",
            "Look at the new version, then make your change again. Your words are kept below.",
        ),
    ),
    413: _Words("That is too large", ("Send less at a time. Nothing was saved.",)),
    422: _Words("That cannot be saved", ("It breaks a rule of the record. Nothing was saved.",)),
    500: _Words(
        "Something went wrong at our end",
        (
            "It is not your fault. Try again in a minute.",
            "If you were saving something, look first whether it was saved.",
        ),
    ),
    503: _Words(
        "The record cannot be reached",
        (
            "Try again in a minute. If you were saving something, look first whether it was saved.",
            "If you need to know about somebody now, telephone the people who care for them.",
        ),
    ),
    507: _Words(
        "There is no room left to save this",
        (
            "Nothing was saved. Reading still works.",
            "Tell the people who look after joinedup where you work: its disk is full.",
        ),
    ),
}
_NO_RELATIONSHIP = _Words(
    "You have no relationship with this person",
    (
        "No legitimate relationship exists with this person, so the record does not open.",
        (
            "A relationship is made when your organisation accepts them, admits them or is asked "
            "to help them."
        ),
    ),
)


class _RefusalsAsPages:
    """Middleware; Django calls `process_exception` for what a view raises."""

    def __init__(self, get_response: View) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, SignInNeeded):
            return redirect(f"/sign-in?next={_here(request)}")
        if not isinstance(error, Refusal):
            return None
        leave_trace(request, error)
        return refusal_page(request, error)


refusals_as_pages = _RefusalsAsPages
"""The middleware that turns every Refusal a view raises into its page."""


def leave_trace(request: HttpRequest, refusal: Refusal) -> None:
    """Write into the audit that somebody signed in was refused, and at whose page.

    For a view that shows a refusal on its own page; every other leaves its trace by itself.
    """
    permit, match = getattr(request, "permit", None), request.resolver_match
    if permit is not None and match is not None:
        person_id = str(match.kwargs.get("person_id", ""))
        leave_refusal(permit, refusal, f"{request.method} {match.route}", person_id)


def _here(request: HttpRequest) -> str:
    return quote(request.get_full_path()) if request.method == "GET" else "/"


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the page of a refusal, with its status, its reasons and the words that were typed."""
    has_no_relationship = any(p.message.startswith(NO_RELATIONSHIP) for p in refusal.problems)
    words = _NO_RELATIONSHIP if has_no_relationship else _PAGES.get(refusal.status, _PAGES[400])
    shown = refusal.status in (400, 409, 422) and not has_no_relationship
    reasons = [p.message for p in refusal.problems] if shown else []
    return _page(request, words, refusal.status, reasons)


def _page(
    request: HttpRequest, words: _Words, status: int, reasons: list[str] | None = None
) -> HttpResponse:
    typed = [
        (name.replace("_", " "), value)
        for name, values in request.POST.lists()
        for value in values
        if name not in _UNTYPED and value
    ]
    context = {"words": words, "title": words.title, "reasons": reasons or [], "typed": typed}
    return render(request, "web/refusal.jinja", context, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page for an address that leads nowhere; the same as for what is hidden."""
    return _page(request, _PAGES[404], 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page for a fault of ours."""
    return _page(request, _PAGES[500], 500)


def forbidden_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for a form that did not come from us, or whose sign-in has ended."""
    lines = (
        "The form is too old, or did not come from this site. Nothing was saved.",
        "Go back, load the page again, and send it once more. Your words are kept below.",
    )
    return _page(request, _Words("Send the form again", lines), 403)
