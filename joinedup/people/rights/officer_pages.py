"""The privacy officer's pages: the requests for a copy, the review of one, the copy on paper."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Invalid, Stale
from joinedup.fhir.search.period import LONDON
from joinedup.fhir.withholding import WITHHOLDING
from joinedup.people.forms import errors_of
from joinedup.people.pages import permit_for_people
from joinedup.people.rights.files import Made, readable
from joinedup.people.rights.requests import REFUSALS
from joinedup.people.rights.reviewing import (
    approve,
    extend,
    paper_copy,
    refuse,
    review,
    show_again,
    waiting_requests,
    withhold,
    withholdings,
)
from joinedup.people.rights.words import present_request, said_day, sent_version
from joinedup.web.clock import now
from joinedup.web.layout import render

__all__ = ["request_paper", "request_review", "requests_page"]

_LIST = "/rights/requests"
_LONGEST_TYPED = 10_000
DONE = {
    "approve": "The copy is approved. The person can take it now.",
    "extend": "There is more time now, and the person reads why.",
    "refuse": "The request is refused, and the person reads why.",
}


@require_safe
def requests_page(request: HttpRequest) -> HttpResponse:
    """Return every request for a copy, the most urgent first, and what is to be reviewed."""
    permit, at = permit_for_people(request), now()
    found = [(w.name, present_request(w.request, at), w.is_own) for w in waiting_requests(permit)]
    due = withholdings(permit, due_by=at.astimezone(LONDON).date())
    context = {
        "title": "Requests for a copy",
        "waiting": [line for line in found if line[1].is_open],
        "answered": [line for line in found if not line[1].is_open],
        "due": [(w, WITHHOLDING.get(w.code, ""), said_day(w.review_on)) for w in due],
        "done": DONE.get(request.GET.get("done", "")),
    }
    return render(request, "rights/requests.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
def request_review(request: HttpRequest, request_id: str) -> HttpResponse:
    """Return everything that is held of who asked; a POST decides about an entry or the whole."""
    permit, at = permit_for_people(request), now()
    errors: dict[str, str] = {}
    is_stale = False
    done = request.POST.get("do", "")
    if request.method == "POST":
        act = _ACTS.get(done)
        try:
            if act is None:
                raise Invalid("Use the buttons of the page.")
            act(permit, request, request_id)
            return redirect(_after(request, request_id, done))
        except Invalid as refusal:
            errors = errors_of(refusal)
        except Stale:
            is_stale = True
    found = review(permit, request_id, now=at)
    context = {
        "title": f"Request of {found.name}",
        "review": found,
        "request_": present_request(found.request, at),
        "reasons": WITHHOLDING,
        "refusals": REFUSALS,
        "errors": errors,
        "typed": request.POST if request.method == "POST" else {},
        "asked_entry": sent_entry(request),
        "is_stale": is_stale,
    }
    status = 412 if is_stale else 422 if errors else 200
    return render(request, "rights/review.jinja", context, status=status)


def sent_entry(request: HttpRequest) -> str:
    """Return which entry a form or a link is about; "" for none."""
    sent = request.POST if request.method == "POST" else request.GET
    return sent.get("entry", "")[:200]


def _after(request: HttpRequest, request_id: str, done: str) -> str:
    if done in DONE:
        return f"{_LIST}?done={done}"
    return f"{_LIST}/{request_id}#entry-{sent_entry(request).replace('/', '-')}"


def _text(request: HttpRequest, name: str, longest: int = _LONGEST_TYPED) -> str:
    return request.POST.get(name, "")[:longest]


def _approve(permit: Permit, request: HttpRequest, request_id: str) -> None:
    approve(permit, request_id, sent_version(request), at=now())


def _extend(permit: Permit, request: HttpRequest, request_id: str) -> None:
    extend(permit, request_id, sent_version(request), _text(request, "more-time"), at=now())


def _refuse(permit: Permit, request: HttpRequest, request_id: str) -> None:
    code, reason = _text(request, "refusal-code", 40), _text(request, "refusal")
    refuse(permit, request_id, sent_version(request), code, reason, at=now())


def _withhold(permit: Permit, request: HttpRequest, request_id: str) -> None:
    withhold(
        permit,
        request_id,
        sent_entry(request),
        code=_text(request, "code", 40),
        reviewer=_text(request, "reviewer"),
        review_on=_text(request, "review_on", 20),
        at=now(),
    )


def _show(permit: Permit, request: HttpRequest, request_id: str) -> None:
    show_again(permit, request_id, sent_entry(request))


_ACTS: dict[str, Callable[[Permit, HttpRequest, str], None]] = {
    "approve": _approve,
    "extend": _extend,
    "refuse": _refuse,
    "withhold": _withhold,
    "show": _show,
}


@require_POST
def request_paper(request: HttpRequest, request_id: str) -> HttpResponse:
    """Return an approved copy to be printed and posted; large print where it is asked for."""
    permit, at = permit_for_people(request), now()
    found, stored, copied = paper_copy(permit, request_id, at=at)
    made = Made(
        at=at.astimezone(LONDON),
        by=permit.name,
        asked_on=said_day(found.asked_on),
        approved_on=said_day(str(stored.resource.get("lastModified", ""))),
    )
    page = readable(copied, made, is_large=request.POST.get("print") == "large")
    answer = HttpResponse(page, content_type="text/html; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="record-on-paper.html"'
    return answer
