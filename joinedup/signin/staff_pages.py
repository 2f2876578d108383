"""The manager's pages: who works here now, admitting tonight's bank nurse, ending a post."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Conflict, Invalid, SignInNeeded
from joinedup.fhir.search.period import LONDON
from joinedup.signin.session import held_by
from joinedup.signin.staff import (
    Admitted,
    admit,
    end_post,
    invite_again,
    offered,
    places,
    staff_of,
)
from joinedup.signin.staff_rules import Admission
from joinedup.web.clock import now
from joinedup.web.dates import Moment, say
from joinedup.web.layout import render
from joinedup.web.roles import role_words
from joinedup.web.versions import version_sent

__all__ = ["admit_page", "end_page", "invite_page", "staff"]

_FIELDS = ("given", "family", "sign_in", "role", "place", "day", "month", "year", "hour")
_LONGEST = 200


@require_safe
def staff(request: HttpRequest) -> HttpResponse:
    """Return who works in the manager's organisation now."""
    rows = [
        {
            "id": held.post.id,
            "version": held.version,
            "name": held.post.name,
            "words": held.post.words,
            "place": held.post.place,
            "until": _say(held.post.ends) if held.post.ends else "",
            "sign_in": held.sign_in,
        }
        for held in staff_of(_permit(request))
    ]
    return render(request, "signin/staff.jinja", {"title": "Staff", "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def admit_page(request: HttpRequest) -> HttpResponse:
    """Admit somebody to a post; the end is tomorrow at eight unless it is changed."""
    permit = _permit(request)
    if request.method != "POST":
        return _form(request, permit, _first_typed(), {})
    typed = {name: request.POST.get(name, "")[:_LONGEST] for name in _FIELDS}
    try:
        admitted = admit(permit, held_by(request).organisation_name, _wish(permit, typed))
    except (Invalid, Conflict) as refusal:
        errors: dict[str, str] = {}
        for problem in refusal.problems:
            errors.setdefault(problem.path or "given", problem.message)
        return _form(request, permit, typed, errors, status=refusal.status)
    return _admitted(request, admitted)


@require_POST
def end_page(request: HttpRequest, post_id: str) -> HttpResponse:
    """End a post now."""
    end_post(_permit(request), post_id, version_sent(request.POST))
    return redirect("/staff")


@require_POST
def invite_page(request: HttpRequest, post_id: str) -> HttpResponse:
    """Give somebody who cannot get in a new code."""
    return _admitted(request, invite_again(_permit(request), post_id))


def _permit(request: HttpRequest) -> Permit:
    permit: Permit | None = getattr(request, "permit", None)
    if permit is None:
        raise SignInNeeded("Sign in to see this page.")
    return permit


def _first_typed() -> dict[str, str]:
    until = (now() + timedelta(days=1)).astimezone(LONDON)
    dates = {"day": str(until.day), "month": str(until.month), "year": str(until.year)}
    return dict.fromkeys(_FIELDS, "") | dates | {"hour": "08:00"}


def _wish(permit: Permit, typed: dict[str, str]) -> Admission:
    known = dict(places(permit))
    place = typed["place"]
    return Admission(
        given=typed["given"],
        family=typed["family"],
        sign_in=typed["sign_in"],
        role=typed["role"],
        place=f"{place}|{known[place]}" if place in known else "",
        until=_until(typed),
    )


def _until(typed: dict[str, str]) -> datetime | None:
    text = "{year}-{month:0>2}-{day:0>2}T{hour:0>5}".format(
        **{name: typed[name].strip() for name in ("year", "month", "day", "hour")}
    )
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=LONDON)
    except ValueError:
        return None


def _form(
    request: HttpRequest,
    permit: Permit,
    typed: dict[str, str],
    errors: dict[str, str],
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "title": "Admit somebody to a post",
        "typed": typed,
        "errors": errors,
        "roles": _items(
            "Choose", [(role, role_words(role).capitalize()) for role in offered(permit)]
        ),
        "places": _items("No ward", places(permit)),
    }
    return render(request, "signin/admit.jinja", context, status=status)


def _items(none: str, found: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"value": value, "text": words} for value, words in (("", none), *found)]


def _admitted(request: HttpRequest, admitted: Admitted) -> HttpResponse:
    context = {"title": "Admitted", "admitted": admitted, "until": _say(admitted.until)}
    return render(request, "signin/admitted.jinja", context)


def _say(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{say(Moment(local, 'day'))}, {local:%H:%M}"
