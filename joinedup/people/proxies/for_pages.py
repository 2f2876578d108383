"""The pages on which somebody sees another person's record: whose it is stands in the address.

The session holds nothing of it, so two tabs on two people never mix; each request asks anew
whether the person still trusts this reader, and what was ended is a page that is not there.
"""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from joinedup.access.permit import Permit
from joinedup.fhir.issue import NotFound, NotPermitted
from joinedup.people.my_queries import log
from joinedup.people.pages import permit_of
from joinedup.people.proxies.reading import Trust, permit_for_another, trusting
from joinedup.people.proxies.seeing import TITLES, seen, until_words, who_words
from joinedup.web.clock import now
from joinedup.web.layout import render

__all__ = ["for_home", "for_page"]


_View = Callable[..., HttpResponse]


class _Ended(Exception):
    """Somebody trusted this reader once, and does so no longer."""


def _trust(request: HttpRequest, person_id: str) -> tuple[Permit, Trust]:
    """Return who reads and what they are trusted with, as it is at this request."""
    own = permit_of(request)
    permit_for_another(own, person_id)
    known = [t for n, t in trusting(own) if n.person == person_id]
    trust = next((t for t in known if t), None)
    if trust is None and known:
        raise _Ended
    if trust is None:
        raise NotFound("There is nothing here that you can see.")
    return own, trust


def _or_ended(view: _View) -> _View:
    """Lead whoever is trusted no longer to the page that says so, and not why."""

    @wraps(view)
    def shown(request: HttpRequest, *words: str, **named: str) -> HttpResponse:
        try:
            return view(request, *words, **named)
        except _Ended:
            return redirect("/my/others?ended")

    return shown


@require_safe
@_or_ended
def for_home(request: HttpRequest, person_id: str) -> HttpResponse:
    """Return the home of somebody else's record: what its reader may see, and until when."""
    own, trust = _trust(request, person_id)
    context = _context(trust) | {
        "title": trust.name,
        "functions": [(f, TITLES[f]) for f in trust.functions],
        "not_granted": [TITLES[f] for f in TITLES if f not in trust.functions],
        "reader": own.name,
    }
    return render(request, "people/proxies/for_home.jinja", context, here="my")


@require_safe
@_or_ended
def for_page(request: HttpRequest, person_id: str, function: str) -> HttpResponse:
    """Return one part of somebody else's record; one that was not granted is not there."""
    own, trust = _trust(request, person_id)
    if not trust.has(function):
        raise NotFound("There is nothing here that you can see.")
    permit = permit_for_another(own, person_id)
    context = _context(trust) | {"title": TITLES[function], "function": function}
    if function == "who-looked":
        return _log_page(request, permit, person_id, context)
    context["seen"] = seen(permit, trust, function, now())
    return render(request, "people/proxies/for_page.jinja", context, here="my")


def _log_page(
    request: HttpRequest, permit: Permit, person_id: str, context: dict[str, object]
) -> HttpResponse:
    text = request.GET.get("before", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    try:
        page = log(permit, person_id, before=int(text) if text else None)
    except NotPermitted:
        raise NotFound("There is nothing here that you can see.") from None
    shown = {
        "log": page,
        "is_later": bool(text),
        "log_url": f"/my/for/{person_id}/who-looked",
        "back": f"/my/for/{person_id}",
    }
    return render(request, "people/my_looked.jinja", context | shown, here="my")


def _context(trust: Trust) -> dict[str, object]:
    return {
        "trust": trust,
        "whose": who_words(trust),
        "until": until_words(trust.ends),
        "back": f"/my/for/{trust.person}",
    }
