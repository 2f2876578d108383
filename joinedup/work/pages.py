"""The page of my work, the part of it that is asked for again and again, and its three buttons."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST, require_safe

from joinedup.access.permit import Permit
from joinedup.access.work import HAS_WORK
from joinedup.fhir.issue import (
    Conflict,
    NotFound,
    NotPermitted,
    Refusal,
    SignInNeeded,
    Stale,
    Unprocessable,
)
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.versions import version_sent
from joinedup.work import actions
from joinedup.work.menu import counted
from joinedup.work.presenters import count_words, late_of, shown
from joinedup.work.queries import Found, mark_of, work_of
from joinedup.work.rules import VIEWS, Line, in_order, of_view

__all__ = ["give_back_errand", "my_work", "my_work_list", "finish_errand", "take_errand"]

_TABS = {"all": "All", "mine": "Mine", "team": "My team’s"}
_EMPTY = {
    "all": "Nothing waits for you. When something does, it shows here by itself.",
    "mine": "You have not taken anything. Look at All, and take what you will do.",
    "team": "Nothing waits that nobody has taken.",
}
_DONE = {
    "take": "You took it. Your colleagues see that you do it.",
    "give-back": "You gave it back. Your whole team sees that it waits.",
    "finish": "It is done, in your name.",
}
_TOLD = (Conflict, NotFound, NotPermitted, Stale, Unprocessable)


@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    """Return the list of what waits for the worker's role: all of it, mine, or my team's."""
    return _page(request, _worker(request))


@require_safe
def my_work_list(request: HttpRequest) -> HttpResponse:
    """Return the list alone, as the page asks for it again; 204 while nothing has changed."""
    permit = _worker(request)
    _, mark = mark_of(permit)
    if request.GET.get("seen") == str(mark):
        return HttpResponse(status=204)
    return render(request, "work/list.jinja", _context(request, permit, work_of(permit)))


@require_POST
def take_errand(request: HttpRequest, task_id: str) -> HttpResponse:
    """Take an errand and return to the list; what stands in the way is told above it."""
    return _acted(
        request,
        "take",
        lambda permit, version: actions.take(permit, task_id, version, at=now()),
    )


@require_POST
def give_back_errand(request: HttpRequest, task_id: str) -> HttpResponse:
    """Give an errand back to the team; as `take_errand`."""
    return _acted(
        request, "give-back", lambda permit, version: actions.give_back(permit, task_id, version)
    )


@require_POST
def finish_errand(request: HttpRequest, task_id: str) -> HttpResponse:
    """Say that an errand is done; as `take_errand`."""
    return _acted(
        request,
        "finish",
        lambda permit, version: actions.finish(permit, task_id, version, at=now()),
    )


def _acted(request: HttpRequest, done: str, act: Callable[[Permit, int], object]) -> HttpResponse:
    permit = _worker(request)
    try:
        act(permit, version_sent(request.POST))
    except _TOLD as refusal:
        return _page(request, permit, refusal)
    view = _view(request.POST.get("view", ""))
    return redirect(f"/work?view={view}&done={done}")


def _worker(request: HttpRequest) -> Permit:
    permit: Permit | None = getattr(request, "permit", None)
    if permit is None:
        raise SignInNeeded("Sign in to see what waits for you.")
    if permit.role not in HAS_WORK:
        raise NotPermitted("This page is for workers. Yours is My record.")
    return permit


def _view(text: str) -> str:
    return text if text in VIEWS else "all"


def _page(request: HttpRequest, permit: Permit, refusal: Refusal | None = None) -> HttpResponse:
    context = _context(request, permit, work_of(permit)) | {
        "title": "My work",
        "done": _DONE.get(request.GET.get("done", "")),
        "problems": [problem.message for problem in refusal.problems] if refusal else [],
    }
    status = refusal.status if refusal else 200
    return render(request, "work/work.jinja", context, here="work", status=status)


def _context(request: HttpRequest, permit: Permit, found: Found) -> dict[str, object]:
    at, view = now(), _view(request.GET.get("view") or request.POST.get("view", ""))
    lines = in_order(of_view(found.lines, view, worker=permit.worker), at)
    late = late_of(found.lines, at)
    counted(permit, found.count)
    return {
        "view": view,
        "tabs": [
            (code, words, len(of_view(found.lines, code, worker=permit.worker)))
            for code, words in _TABS.items()
        ],
        "lines": [
            shown(
                line,
                at,
                people=found.people,
                places=found.places,
                worker=permit.worker,
                href=_href(line),
            )
            for line in lines
        ],
        "counted": count_words(found.count, late),
        "left_out": found.count - len(found.lines),
        "empty": _EMPTY[view],
        "mark": str(found.mark),
    }


def _href(line: Line) -> str:
    """Return the address of the page where it is done; "" where there is none yet."""
    if not line.what.page or not all(line.given):
        return ""
    try:
        return reverse(line.what.page, args=line.given)
    except NoReverseMatch:
        return ""
