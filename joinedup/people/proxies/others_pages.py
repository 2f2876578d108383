"""The pages on which somebody acts for others: whose records they may open, a code, asking."""

from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Invalid, NotPermitted
from joinedup.fhir.search.period import LONDON
from joinedup.people.pages import permit_of
from joinedup.people.proxies.asking import ask, take_up
from joinedup.people.proxies.forms import Filled, date_parts, errors_in, filled, looking_of, wish_of
from joinedup.people.proxies.reading import notes_of, trust_of
from joinedup.people.proxies.rules import DEFAULT_MONTHS, RELATIONSHIPS, after_months
from joinedup.people.proxies.seeing import TITLES, until_words
from joinedup.web.clock import now
from joinedup.web.dates import Moment, read_moment, say
from joinedup.web.layout import render

__all__ = ["my_ask", "my_others", "my_take_up"]

_METHODS = ["GET", "HEAD", "POST"]
_SOON = timedelta(days=28)
_DONE = {
    "asked": (
        "Your request is on its way. If we could match it, the person is asked on their own "
        "pages, and their GP practice looks at it."
    ),
    "taken-up": "Thank you. Their GP practice looks at it now; then it stands on this page.",
}


@require_safe
def my_others(request: HttpRequest) -> HttpResponse:
    """Return whose records somebody may open now, what ended, and what they asked for."""
    permit, at = _person(request), now()
    now_seen: list[dict[str, str]] = []
    over: list[dict[str, str]] = []
    asked: list[dict[str, str]] = []
    for note in notes_of(permit):
        trust = trust_of(permit, note.person, note.name, note.relationship) if note.person else None
        related = RELATIONSHIPS.get(note.relationship, "") if note.relationship != "other" else ""
        if trust:
            line = {"person": note.person, "name": note.name, "relationship": related}
            shown = ", ".join(TITLES[f].lower() for f in trust.functions)
            soon = "soon" if trust.ends and trust.ends - at < _SOON else ""
            until = until_words(trust.ends)
            now_seen.append({**line, "sees": shown, "until": until, "soon": soon})
        else:
            written = read_moment(note.written)
            when = say(Moment(written.at, "day")) if written else ""
            (over if note.person else asked).append({"name": note.name, "when": when})
    context = {
        "title": "Other people’s records",
        "own_name": permit.name,
        "now_seen": now_seen,
        "over": over,
        "asked": asked,
        "done": _DONE.get(request.GET.get("done", "")),
        "ended": "ended" in request.GET,
    }
    return render(request, "people/proxies/my_others.jinja", context, here="my")


def _person(request: HttpRequest) -> Permit:
    permit = permit_of(request)
    if permit.role is not Role.PERSON:
        raise NotPermitted("Sign in as yourself to act for somebody else.")
    return permit


@require_http_methods(_METHODS)
def my_take_up(request: HttpRequest) -> HttpResponse:
    """Type the code somebody gave; a POST takes their invitation up."""
    permit, form = _person(request), filled(request.POST)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            take_up(permit, form.of("code"), form.of("contact"), now())
            return redirect("/my/others?done=taken-up")
        except Invalid as refusal:
            errors = errors_in(refusal)
    context = {"title": "I have a code", "form": form, "errors": errors}
    status = 422 if errors else 200
    return render(request, "people/proxies/my_take_up.jinja", context, here="my", status=status)


@require_http_methods(_METHODS)
def my_ask(request: HttpRequest) -> HttpResponse:
    """Ask to see somebody's record; whatever comes of it, the answer here is the same."""
    permit, at = _person(request), now()
    form = filled(request.POST, **date_parts("until", _end(at)))
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            ask(permit, looking_of(form), wish_of(form), at)
            return redirect("/my/others?done=asked")
        except Invalid as refusal:
            errors = errors_in(refusal)
    return _ask_page(request, form, errors)


def _ask_page(request: HttpRequest, form: Filled, errors: dict[str, str]) -> HttpResponse:
    context = {
        "title": "Ask to see somebody’s record",
        "form": form,
        "errors": errors,
        "functions": {f: t.lower() for f, t in TITLES.items()},
        "relationships": RELATIONSHIPS,
    }
    status = 422 if errors else 200
    return render(request, "people/proxies/my_ask.jinja", context, here="my", status=status)


def _end(at: datetime) -> date:
    return after_months(at.astimezone(LONDON).date(), DEFAULT_MONTHS)
