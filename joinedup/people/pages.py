"""The pages about people: find a person, one person, a list of theirs, a worker's start page."""

from datetime import UTC, datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from joinedup.access.permit import Permit
from joinedup.access.rights import may_print
from joinedup.access.words import DataClass, Power, Role
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted, SignInNeeded
from joinedup.fhir.search.period import LONDON
from joinedup.people.actions import may_change_contact
from joinedup.people.break_glass_offer import offer_page, remember_shown, was_shown
from joinedup.people.break_glass_rules import Glass, open_glass
from joinedup.people.find import find
from joinedup.people.forms import errors_of, find_form, read_typed
from joinedup.people.merge_queries import older_of
from joinedup.people.permission_page import closed_page, wish_for
from joinedup.people.person_links import links_for
from joinedup.people.presenters.found import Found, present_found
from joinedup.people.presenters.life import Life
from joinedup.people.presenters.page import present_page
from joinedup.people.presenters.results import present_results
from joinedup.people.presenters.sections import LISTS, present_section
from joinedup.people.privacy_words import ask_whom
from joinedup.people.queries import gather, last_looked
from joinedup.people.timeline import Asked, present_timeline
from joinedup.people.timeline_lanes import draw_lanes
from joinedup.record.audit import leave_refusal
from joinedup.record.sight import withheld
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.roles import role_words

__all__ = [
    "find_person",
    "home",
    "permit_for_people",
    "person",
    "person_list",
    "person_timeline",
]

_ONE_VISIT = timedelta(minutes=15)
_RECENT = "recent"
_RECENT_MAX = 8
_LIST_MAX = 500


def permit_of(request: HttpRequest) -> Permit:
    """Return the permit of whoever is signed in; refuses with SignInNeeded."""
    permit: Permit | None = getattr(request, "permit", None)
    if permit is None:
        raise SignInNeeded("Sign in to see this page.")
    return permit


def permit_for_people(request: HttpRequest) -> Permit:
    """Return the permit of somebody who opens records; refuses analysts with NotPermitted."""
    permit = permit_of(request)
    if permit.role in (Role.PERSON, Role.PROXY):
        raise NotPermitted("These pages are for workers. Your own record is at /my.")
    if not permit.sees_class(DataClass.DEMOGRAPHIC):
        raise NotPermitted(
            f"The role {role_words(permit.role.value)} sees figures, and does not "
            "open people's records."
        )
    return permit


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Return the start page of a worker; a person goes to their own home, others to the tour."""
    if getattr(request, "permit", None) is None:
        return redirect("/tour")
    if permit_of(request).role in (Role.PERSON, Role.PROXY):
        return redirect("/my")
    context = {
        "title": "Start",
        "greeting": _greeting(now().astimezone(LONDON).hour),
        "recent": request.session.get(_RECENT, []),
        "may_find": permit_of(request).may(Power.TRACE),
        "may_review": permit_of(request).may(Power.REVIEW_ACCESS),
        "may_settle": permit_of(request).may(Power.SETTLE_IDENTITY),
        "may_approve": permit_of(request).may(Power.APPROVE_PROXY),
        "may_release": permit_of(request).may(Power.RELEASE_RECORD),
        "may_plan": permit_of(request).may(Power.PLAN),
        "may_hub": permit_of(request).may(Power.READ_HUB),
        "may_answer": permit_of(request).may_write,
    }
    return render(request, "people/home.jinja", context, here="home")


def _greeting(hour: int) -> str:
    return "Good morning" if hour < 12 else "Good afternoon" if hour < 18 else "Good evening"


@require_safe
def find_person(request: HttpRequest) -> HttpResponse:
    """Return the form and, once it is sent, who fits it; what was typed stays on the page."""
    permit = permit_for_people(request)
    typed = read_typed(request.GET)
    errors: dict[str, str] = {}
    found: Found | None = None
    if typed.asked:
        try:
            found = present_found(find(permit, find_form(typed)), now())
            strangers = [(p.id, p.name) for p in found.people if not p.reached]
            remember_shown(request, strangers)
        except Invalid as refusal:
            errors = errors_of(refusal)
    context = {
        "title": "Find a person",
        "typed": typed,
        "errors": errors,
        "found": found,
        "may_find": permit.may(Power.TRACE),
    }
    return render(request, "people/find.jinja", context, here="people")


@require_safe
def person(request: HttpRequest, person_id: str) -> HttpResponse:
    """Return the whole page about one person."""
    permit, at = permit_for_people(request), now()
    looked = last_looked(permit, person_id, _before(), at)
    try:
        life = gather(permit, person_id)
    except NotFound as refusal:
        if not was_shown(request, person_id):
            raise
        leave_refusal(permit, refusal, "NO_RELATIONSHIP", person_id)
        return offer_page(request, permit, person_id)
    if life.person.id != person_id:  # an id or a bookmark of a record that was joined to this one
        return redirect(f"/people/{life.person.id}?from={person_id}")
    if wish := wish_for(permit, life, at):
        return closed_page(request, permit, life, wish, at)
    timeline = present_timeline(life, _asked(request), at)
    page = present_page(life, looked, at)
    _remember(request, person_id, page.identity.name, page.identity.nhs_number)
    opened = _opened(permit, life, at)
    context = {
        "page": page,
        "timeline": timeline,
        "drawing": draw_lanes(life, timeline, at),
        "opened": opened,
        # What was opened without a relationship opens nothing to an app (access.apps).
        "links": () if opened else links_for(permit, person_id),
        "older": older_of(life),
        "asked_for": request.GET.get("from", "")[:64],
        "may_join": permit.may(Power.MERGE),
        "may_move": permit.may_write,
        "may_change_contact": may_change_contact(permit),
        "withheld": ask_whom(mark.label for mark in withheld(permit, person_id)),
        "may_approve": permit.may(Power.APPROVE_PROXY),
        "may_print": may_print(permit),
    }
    return render(request, "people/person.jinja", context, here="people")


def _opened(permit: Permit, life: Life, at: datetime) -> Glass | None:
    """What keeps the record open without a relationship, for the banner."""
    return open_glass(life.access, permit.worker, at)


@require_safe
def person_list(request: HttpRequest, person_id: str, slug: str) -> HttpResponse:
    """Return one list of a person in full."""
    if slug not in LISTS and slug != "results":
        raise Http404
    permit, at = permit_for_people(request), now()
    life = gather(permit, person_id)
    if wish_for(permit, life, at):
        return redirect(f"/people/{person_id}")
    context = _strip(permit, life, at) | {
        "slug": slug,
        "title": LISTS[slug].title if slug in LISTS else "Results",
    }
    if slug == "results":
        context["results"] = present_results(life, at, limit=_LIST_MAX)
    else:
        context["section"] = present_section(life, slug, at, limit=_LIST_MAX)
    return render(request, "people/list.jinja", context, here="people")


@require_safe
def person_timeline(request: HttpRequest, person_id: str) -> HttpResponse:
    """Return the timeline on a page of its own, with its whole list."""
    permit, at = permit_for_people(request), now()
    life = gather(permit, person_id)
    if wish_for(permit, life, at):
        return redirect(f"/people/{person_id}")
    timeline = present_timeline(life, _asked(request, everything=True), at)
    context = _strip(permit, life, at) | {
        "timeline": timeline,
        "drawing": draw_lanes(life, timeline, at),
    }
    return render(
        request, "people/timeline_page.jinja", context | {"title": "Timeline"}, here="people"
    )


def _strip(permit: Permit, life: Life, at: datetime) -> dict[str, object]:
    """The identity strip says where the person is now, so it needs the whole page value."""
    return {
        "page": present_page(life, None, at),
        "opened": _opened(permit, life, at),
        "may_change_contact": may_change_contact(permit),
    }


def _asked(request: HttpRequest, *, everything: bool = False) -> Asked:
    return Asked(
        organisation=request.GET.get("organisation", "")[:64],
        kind=request.GET.get("kind", "")[:32],
        span=request.GET.get("span", "year")[:16],
        everything=everything,
    )


def _before() -> datetime:
    """Looks within one visit are one look; the audit keeps real time, so this does too."""
    return datetime.now(UTC) - _ONE_VISIT


def _remember(request: HttpRequest, person_id: str, name: str, number: str) -> None:
    kept = [r for r in request.session.get(_RECENT, []) if r[0] != person_id]
    request.session[_RECENT] = [[person_id, name, number], *kept][:_RECENT_MAX]
