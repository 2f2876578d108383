"""The pages of `/my` on which a person asks: for a copy, and that something wrong is put right.

Each check carries the version it was made from; words typed stay on the page whatever happens.
"""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from joinedup.access.permit import Permit
from joinedup.access.rights import printing
from joinedup.access.words import Role
from joinedup.fhir.issue import Conflict, NotPermitted, Stale
from joinedup.fhir.search.period import LONDON
from joinedup.people.my_queries import whose
from joinedup.people.pages import permit_of
from joinedup.people.presenters.identity import nhs_number_of
from joinedup.people.presenters.my_summary import present_summary
from joinedup.people.presenters.words import nhs_number_words
from joinedup.people.queries import gather
from joinedup.people.rights.asking import (
    ask_for_copy,
    own_request,
    requests_of,
    take_back,
    take_copy,
)
from joinedup.people.rights.disagreeing import (
    disagreements_of,
    take_back_disagreement,
)
from joinedup.people.rights.files import Made, zipped
from joinedup.people.rights.words import present_request, present_said, said_day, sent_version
from joinedup.people.rights.wrong_page import Around, entries_of, wrong_page
from joinedup.record.sight import withheld
from joinedup.record.taken import leave_taken
from joinedup.web.clock import now
from joinedup.web.dates import Moment, say
from joinedup.web.layout import render

__all__ = ["my_copy", "my_copy_end", "my_print", "my_rights", "my_wrong", "my_wrong_end"]

_HERE = "/my/rights"
DONE = {
    "asked": "Your request is with the privacy officer. It is answered within a month.",
    "ended": "You took your request back.",
    "disagreed": "It is written beside the entry, for everybody who reads it.",
    "unsaid": "It no longer stands beside the entry.",
}


def _person(request: HttpRequest) -> tuple[Permit, str]:
    permit = permit_of(request)
    person_id = whose(permit)
    if permit.role is not Role.PERSON:
        raise NotPermitted("Only the person asks for this. A worker can write it down for them.")
    return permit, person_id


@require_http_methods(["GET", "HEAD", "POST"])
def my_rights(request: HttpRequest) -> HttpResponse:
    """Return what may be asked for and what became of it; a POST asks for a copy."""
    permit, person_id = _person(request)
    problem = ""
    if request.method == "POST":
        try:
            ask_for_copy(permit, person_id, at=now())
            return redirect(f"{_HERE}?done=asked")
        except (Conflict, Stale) as refusal:
            problem = refusal.problems[0].message
    return _rights_page(request, permit, person_id, problem=problem)


def _rights_page(
    request: HttpRequest,
    permit: Permit,
    person_id: str,
    *,
    problem: str = "",
    unchosen: bool = False,
) -> HttpResponse:
    at = now()
    found = [present_request(r, at) for r in requests_of(permit, person_id)]
    context = {
        "title": "What I can ask for",
        "requests": found,
        "may_ask": not any(r.is_open for r in found),
        "said": [present_said(s, at) for s in disagreements_of(permit, person_id)],
        "entries": entries_of(gather(permit, person_id)),
        "done": DONE.get(request.GET.get("done", "")),
        "problem": problem,
        "unchosen": unchosen,
    }
    status = 422 if unchosen else _status(problem)
    return render(request, "rights/my_rights.jinja", context, here="my", status=status)


def _status(problem: object, wrong: int = 409) -> int:
    return wrong if problem else 200


@require_POST
def my_copy(request: HttpRequest, request_id: str) -> StreamingHttpResponse:
    """Send the copy that was approved, to the person it is about and to nobody else."""
    permit, person_id = _person(request)
    at = now()
    found, copied = take_copy(permit, person_id, request_id, at=at)
    stored = own_request(permit, person_id, request_id)[1]
    approved = str(stored.resource.get("lastModified", ""))
    made = Made(
        at=at.astimezone(LONDON),
        by=permit.name,
        asked_on=said_day(found.asked_on),
        approved_on=said_day(approved),
    )
    answer = StreamingHttpResponse(zipped(copied, made), content_type="application/zip")
    name = f"my-record-{at.astimezone(LONDON).date().isoformat()}.zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_POST
def my_copy_end(request: HttpRequest, request_id: str) -> HttpResponse:
    """Take a request back that nobody has answered."""
    permit, person_id = _person(request)
    take_back(permit, person_id, request_id, at=now())
    return redirect(f"{_HERE}?done=ended")


@require_http_methods(["GET", "HEAD", "POST"])
def my_wrong(request: HttpRequest) -> HttpResponse:
    """Return an entry and a place to write what is wrong with it; a POST sends the words.

    Where no entry was chosen, the page on which one is.
    """
    permit, person_id = _person(request)
    sent = request.POST if request.method == "POST" else request.GET
    if not sent.get("entry"):
        return _rights_page(request, permit, person_id, unchosen="entry" in sent)
    around = Around(
        title="Say that this is wrong",
        is_own=True,
        action="/my/wrong",
        back="/my/summary",
        done=f"{_HERE}?done=disagreed#wrong",
        here="my",
    )
    return wrong_page(request, permit, person_id, around)


@require_POST
def my_wrong_end(request: HttpRequest, task_id: str) -> HttpResponse:
    """Take back that an entry is wrong."""
    permit, person_id = _person(request)
    take_back_disagreement(permit, person_id, task_id, version=sent_version(request))
    return redirect(f"{_HERE}?done=unsaid#wrong")


@require_POST
def my_print(request: HttpRequest) -> HttpResponse:
    """Return the summary to be printed; that it was is in the log."""
    permit = permit_of(request)
    person_id, at = whose(permit), now()
    prints = printing(permit)
    leave_taken(prints, "print", person_id, "my summary")
    life = gather(prints, person_id)
    summary = present_summary(life, withheld(prints, person_id), at)
    context = {
        "title": "My summary",
        "summary": summary,
        "is_own": permit.role is Role.PERSON,
        "printed": {
            "name": summary.name,
            "nhs_number": nhs_number_words(nhs_number_of(life.person.resource)[0]) or "not held",
            "on": say(Moment(at.astimezone(LONDON)), time=True),
            "by": permit.name,
            "back": "/my/summary",
        },
    }
    return render(request, "rights/print_summary.jinja", context, here="my")
