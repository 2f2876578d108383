"""The pages of `/my`: one home for a person, and for somebody they trust with their record.

What a person decides is on `my_choice_pages`.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Invalid, NotPermitted
from joinedup.people.coming import coming
from joinedup.people.my_queries import agreed, log, organisation_names, whose
from joinedup.people.pages import permit_of
from joinedup.people.presenters.my_agreed import PERMISSION_WORDS, MyChoices, present_choices
from joinedup.people.presenters.my_summary import present_summary
from joinedup.people.proxies.my_trust_pages import waiting_lines
from joinedup.people.queries import gather
from joinedup.record.sight import withheld
from joinedup.web.clock import now
from joinedup.web.layout import render

__all__ = ["choices_of", "my_agreed", "my_coming", "my_home", "my_log", "my_summary"]

DONE = {
    "objected": "They can no longer see your record.",
    "objection-ended": "They may see your record again, while they care for you.",
    "permission": "Your answer is saved, and holds from now.",
    "trust-ended": "They can no longer see your record through you.",
    "proxy-agreed": "Your GP practice looks at it now. Nothing is shown to them yet.",
    "proxy-declined": "They see nothing of your record.",
}


@require_safe
def my_home(request: HttpRequest) -> HttpResponse:
    """Return the home of a person: their cards. A worker is told that it is for people."""
    permit = permit_of(request)
    if permit.role not in (Role.PERSON, Role.PROXY):
        return render(request, "people/my_workers.jinja", {"title": "For people"}, status=403)
    whose(permit)
    context = {"title": "My record", "cards": settings.JOINEDUP_MY_CARDS, "permit": permit}
    return render(request, "people/my.jinja", context, here="my")


@require_safe
def my_summary(request: HttpRequest) -> HttpResponse:
    """Return the summary: what is recorded, who helps, and what is withheld."""
    permit = permit_of(request)
    person_id = whose(permit)
    life = gather(permit, person_id)
    summary = present_summary(life, withheld(permit, person_id), now())
    is_own = permit.role is Role.PERSON
    context = {
        "title": "My summary",
        "summary": summary,
        "is_own": is_own,
        "may_say_wrong": is_own,
    }
    return render(request, "people/my_summary.jinja", context, here="my")


@require_safe
def my_coming(request: HttpRequest) -> HttpResponse:
    """Return who comes when: what is booked from now on."""
    permit = permit_of(request)
    context = {"title": "Who comes when", "coming": coming(permit, whose(permit), now())}
    return render(request, "people/my_coming.jinja", context, here="my")


@require_safe
def my_log(request: HttpRequest) -> HttpResponse:
    """Return who looked at the record, newest first, a page at a time."""
    permit = permit_of(request)
    person_id = whose(permit)
    before = _before(request.GET.get("before", ""))
    try:
        page = log(permit, person_id, before=before)
    except NotPermitted:
        page = None  # a proxy to whom the log was not granted
    context = {
        "title": "Who looked at my record",
        "log": page,
        "is_later": before is not None,
        "log_url": "/my/who-looked",
        "back": "/my",
    }
    return render(request, "people/my_looked.jinja", context, here="my")


def _before(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid("This page of the log does not exist. Start again at Who looked.")
    return int(text)


@require_safe
def my_agreed(request: HttpRequest) -> HttpResponse:
    """Return what stands: objections, permission to view, and who is trusted with what."""
    permit = permit_of(request)
    person_id = whose(permit)
    context = {
        "title": "What I agreed to",
        "choices": choices_of(permit, person_id),
        "done": DONE.get(request.GET.get("done", "")),
        "may_change": permit.role is Role.PERSON,
        "waiting": waiting_lines(permit) if permit.role is Role.PERSON else (),
        "answers": PERMISSION_WORDS,
    }
    return render(request, "people/my_agreed.jinja", context, here="my")


def choices_of(permit: Permit, person_id: str) -> MyChoices:
    """Return what stands now for a person, in words."""
    consents = agreed(permit, person_id)
    life = gather(permit, person_id)
    codes = {
        actor.partition("/")[2]
        for consent in consents
        for actor in consent.actors
        if actor.startswith("Organization/")
    }
    return present_choices(consents, life, organisation_names(permit, codes), now())
