"""The pages on which a person lets somebody see their record: invite, answer, take back."""

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Invalid, NotFound
from joinedup.fhir.search.period import LONDON
from joinedup.people.pages import permit_of
from joinedup.people.presenters.my_agreed import FUNCTION_WORDS
from joinedup.people.proxies.asking import agree, decline, invite, may_invite, waiting_for
from joinedup.people.proxies.forms import Filled, date_parts, errors_in, filled, wish_of
from joinedup.people.proxies.reading import CODE_DAYS
from joinedup.people.proxies.resources import Asked
from joinedup.people.proxies.rules import (
    DEFAULT_MONTHS,
    RELATIONSHIPS,
    Known,
    after_months,
    latest_end,
)
from joinedup.web.clock import now
from joinedup.web.dates import Moment, say
from joinedup.web.layout import render

__all__ = ["my_answer", "my_invite", "waiting_lines"]

_METHODS = ["GET", "HEAD", "POST"]


def _default_end(person: Known, at: datetime) -> date:
    today = at.astimezone(LONDON).date()
    latest = latest_end(person.born or today, today)
    return min(latest, after_months(today, DEFAULT_MONTHS))


@require_http_methods(_METHODS)
def my_invite(request: HttpRequest) -> HttpResponse:
    """Say who is to see what until when; a POST gives the code to hand to them."""
    permit, at = permit_of(request), now()
    person, against = may_invite(permit, at)
    if against:
        shown = {"title": "Let somebody see my record", "against": against}
        return render(request, "people/proxies/my_not_online.jinja", shown, here="my")
    form = filled(request.POST, **date_parts("until", _default_end(person, at)))
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            code = invite(permit, wish_of(form), at)
            return _code_page(request, form, code)
        except Invalid as refusal:
            errors = errors_in(refusal)
    context = _form(form, errors) | {"title": "Let somebody see my record"}
    status = 422 if errors else 200
    return render(request, "people/proxies/my_invite.jinja", context, here="my", status=status)


def _code_page(request: HttpRequest, form: Filled, code: str) -> HttpResponse:
    context = {
        "title": f"Give this code to {form.of('given')}",
        "code": code,
        "name": form.of("given"),
        "days": CODE_DAYS,
        "functions": [FUNCTION_WORDS[f] for f in form.functions],
    }
    return render(request, "people/proxies/my_code.jinja", context, here="my")


def _form(form: Filled, errors: dict[str, str]) -> dict[str, object]:
    return {
        "form": form,
        "errors": errors,
        "functions": FUNCTION_WORDS,
        "relationships": RELATIONSHIPS,
    }


@require_http_methods(_METHODS)
def my_answer(request: HttpRequest, task_id: str) -> HttpResponse:
    """Answer somebody who asked, or take an invitation back; what was settled leads back."""
    permit, at = permit_of(request), now()
    person, _ = may_invite(permit, at)
    asked = next((a for a in waiting_for(permit) if a.id == task_id), None)
    if asked is None:
        raise NotFound("There is nothing here that waits for your answer.")
    errors: dict[str, str] = {}
    form = _answer_form(request, person, asked, at)
    if request.method == "POST":
        try:
            return _answered(permit, request, asked, form, at)
        except Invalid as refusal:
            errors = errors_in(refusal)
    context = _form(form, errors) | {
        "title": "Somebody asks to see my record",
        "asked": asked,
        "who": f"{asked.wish.given} {asked.wish.family}",
        "offered": [(f, FUNCTION_WORDS[f]) for f in asked.wish.functions],
        "may_agree": asked.state == "consent_pending",
    }
    status = 422 if errors else 200
    return render(request, "people/proxies/my_answer.jinja", context, here="my", status=status)


def _answer_form(request: HttpRequest, person: Known, asked: Asked, at: datetime) -> Filled:
    until = min(asked.wish.until or date.max, _default_end(person, at))
    form = filled(request.POST, **date_parts("until", until))
    if request.method != "POST":
        return Filled(form.values, asked.wish.functions)
    return form


def _answered(
    permit: Permit, request: HttpRequest, asked: Asked, form: Filled, at: datetime
) -> HttpResponse:
    version = request.POST.get("version", "")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    if request.POST.get("answer") == "no":
        decline(permit, asked.id, number, at)
        return redirect("/my/agreed?done=proxy-declined")
    wish = wish_of(form)
    old = asked.wish
    agreed = type(wish)(
        given=old.given,
        family=old.family,
        born=old.born,
        relationship=old.relationship,
        functions=wish.functions,
        until=wish.until or old.until,
    )
    agree(permit, asked.id, agreed, number, at)
    return redirect("/my/agreed?done=proxy-agreed")


def waiting_lines(permit: Permit) -> list[dict[str, object]]:
    """Return what waits, for the page of what was agreed: who, for what, and what happens next."""
    said = []
    for asked in waiting_for(permit):
        until = asked.wish.until
        at = datetime(until.year, until.month, until.day, tzinfo=LONDON) if until else None
        said.append(
            {
                "id": asked.id,
                "who": f"{asked.wish.given} {asked.wish.family}",
                "relationship": RELATIONSHIPS.get(asked.wish.relationship, ""),
                "about": "; ".join(FUNCTION_WORDS.get(f, f) for f in asked.wish.functions),
                "until": say(Moment(at, "day")) if at else "",
                "next": _NEXT.get(asked.state, ""),
                "asks": asked.state == "consent_pending",
            }
        )
    return said


_NEXT = {
    "requested": "They have not used the code yet.",
    "consent_pending": "They ask you. Nothing is shown to them unless you agree.",
    "verifying": "Your GP practice looks at it now. Nothing is shown to them yet.",
}
