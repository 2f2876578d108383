"""The pages of workers: what a person asked for, what she says is wrong, and printing her record.

A worker writes down for somebody who telephones what they could ask online (ON-08).
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from joinedup.access.permit import Permit
from joinedup.access.rights import printing
from joinedup.access.words import DataClass
from joinedup.fhir.issue import Conflict, Invalid, Stale
from joinedup.fhir.search.period import LONDON
from joinedup.people.forms import errors_of
from joinedup.people.my_queries import organisation_names
from joinedup.people.pages import permit_for_people
from joinedup.people.permission_page import wish_for
from joinedup.people.presenters.life import Life
from joinedup.people.presenters.page import present_page
from joinedup.people.presenters.words import human_name
from joinedup.people.privacy_words import ask_whom
from joinedup.people.queries import gather
from joinedup.people.rights.asking import ask_for_copy, requests_of
from joinedup.people.rights.disagreeing import (
    Answer,
    answer,
    disagreements_at,
    disagreements_of,
)
from joinedup.people.rights.words import present_request, present_said, sent_version
from joinedup.people.rights.wrong_page import Around, entries_of, wrong_page
from joinedup.people.timeline import Asked, present_timeline
from joinedup.people.timeline_lanes import draw_lanes
from joinedup.record.sight import withheld
from joinedup.record.taken import leave_taken
from joinedup.web.clock import now
from joinedup.web.dates import Moment, say
from joinedup.web.layout import render

__all__ = [
    "organisation_disagreements",
    "person_disagreements",
    "person_print",
    "person_rights",
    "person_wrong",
]

_METHODS = ["GET", "HEAD", "POST"]
_LONGEST_TYPED = 10_000


@require_http_methods(_METHODS)
def person_rights(request: HttpRequest, person_id: str) -> HttpResponse:
    """Return what a person asked for; a POST writes down that they ask for a copy."""
    permit, at = permit_for_people(request), now()
    if request.method != "POST":
        return _rights_page(request, permit, person_id)
    try:
        ask_for_copy(permit, person_id, at=at)
        return redirect(f"/people/{person_id}/rights?done=asked")
    except (Conflict, Stale) as refusal:
        return _rights_page(request, permit, person_id, problem=refusal.problems[0].message)


def _rights_page(
    request: HttpRequest,
    permit: Permit,
    person_id: str,
    *,
    problem: str = "",
    unchosen: bool = False,
) -> HttpResponse:
    at = now()
    life = gather(permit, person_id)
    if wish_for(permit, life, at):
        return redirect(f"/people/{person_id}")
    sees_access = permit.sees_class(DataClass.ACCESS)
    found = [present_request(r, at) for r in requests_of(permit, person_id)] if sees_access else []
    context = {
        "title": "What the person asked for",
        "person_id": person_id,
        "name": _name(life),
        "requests": found,
        "sees_access": sees_access,
        "may_ask": _may_change_access(permit) and not any(r.is_open for r in found),
        "said": [present_said(s, at) for s in disagreements_of(permit, person_id)],
        "entries": entries_of(life),
        "done": request.GET.get("done") == "asked",
        "problem": problem,
        "unchosen": unchosen,
    }
    status = 409 if problem else 422 if unchosen else 200
    return render(request, "rights/person_rights.jinja", context, here="people", status=status)


def _name(life: Life) -> str:
    return human_name(life.person.resource.get("name")) or "Name not recorded"


def _may_change_access(permit: Permit) -> bool:
    return any(mask >> DataClass.ACCESS & 1 for mask in permit.changes)


@require_http_methods(_METHODS)
def person_wrong(request: HttpRequest, person_id: str) -> HttpResponse:
    """Write down for a person that an entry is wrong, in their words."""
    permit = permit_for_people(request)
    sent = request.POST if request.method == "POST" else request.GET
    if not sent.get("entry"):
        return _rights_page(request, permit, person_id, unchosen="entry" in sent)
    around = Around(
        title="Write down that this is wrong",
        is_own=False,
        action=f"/people/{person_id}/wrong",
        back=f"/people/{person_id}/rights",
        done=f"/people/{person_id}/disagreements",
        here="people",
    )
    return wrong_page(request, permit, person_id, around)


@require_http_methods(_METHODS)
def person_disagreements(request: HttpRequest, person_id: str) -> HttpResponse:
    """Return what a person says is wrong; a POST answers one of them for the worker's own house."""
    permit, at = permit_for_people(request), now()
    life = gather(permit, person_id)
    if wish_for(permit, life, at):
        return redirect(f"/people/{person_id}")
    errors: dict[str, str] = {}
    is_stale = False
    task = request.POST.get("task", "")[:80]
    if request.method == "POST":
        try:
            answer(permit, person_id, task, _typed(request), version=sent_version(request), at=at)
            return redirect(f"/people/{person_id}/disagreements?done=answered")
        except Invalid as refusal:
            errors = {f"{field}-{task}": words for field, words in errors_of(refusal).items()}
        except Stale:
            is_stale = True
    said = [present_said(s, at) for s in disagreements_of(permit, person_id)]
    context = {
        "title": "What the person says is wrong",
        "person_id": person_id,
        "name": _name(life),
        "said": said,
        "names": {line.owner: life.source(line.owner).name for line in said},
        "own": permit.organisation if permit.may_write else "",
        "others": [s for s in life.sources if s.code and s.code != permit.organisation],
        "errors": errors,
        "typed": {task: request.POST} if request.method == "POST" else {},
        "is_stale": is_stale,
        "done": request.GET.get("done") == "answered",
    }
    status = 412 if is_stale else 422 if errors else 200
    return render(request, "rights/disagreements.jinja", context, here="people", status=status)


def _typed(request: HttpRequest) -> Answer:
    return Answer(
        answer=request.POST.get("answer", "")[:20],
        reason=request.POST.get("reason", "")[:_LONGEST_TYPED],
        how=request.POST.get("how", "")[:20],
        to=request.POST.get("to", "")[:40],
    )


@require_safe
def organisation_disagreements(request: HttpRequest) -> HttpResponse:
    """Return what people say is wrong in what the worker's organisation wrote, oldest first."""
    permit, at = permit_for_people(request), now()
    said = [present_said(s, at) for s in disagreements_at(permit)]
    names = organisation_names(permit, [permit.organisation])
    context = {
        "title": "What people say is wrong",
        "said": said,
        "organisation": names.get(permit.organisation, permit.organisation),
    }
    return render(request, "rights/organisation.jinja", context)


@require_POST
def person_print(request: HttpRequest, person_id: str) -> HttpResponse:
    """Return the record of a person to be printed; that it was is in the audit (AC-02)."""
    permit, at = permit_for_people(request), now()
    prints = printing(permit)
    life = gather(prints, person_id)
    if wish_for(permit, life, at):
        return redirect(f"/people/{person_id}")
    leave_taken(prints, "print", person_id, "person page")
    page = present_page(life, None, at)
    timeline = present_timeline(life, Asked(), at)
    context = {
        "page": page,
        "timeline": timeline,
        "drawing": draw_lanes(life, timeline, at),
        "opened": None,
        "withheld": ask_whom(mark.label for mark in withheld(prints, person_id)),
        "printed": {
            "name": page.identity.name,
            "nhs_number": page.identity.nhs_number or "not held",
            "on": say(Moment(at.astimezone(LONDON)), time=True),
            "by": permit.name,
            "back": f"/people/{person_id}",
        },
    }
    return render(request, "rights/print_person.jinja", context, here="people")
