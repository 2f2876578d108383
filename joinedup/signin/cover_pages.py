"""Coming back to a page that was covered: how long is left, staying, and proving to be there.

The page asks here in the background and is answered in JSON; without JavaScript the same
addresses answer with pages.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from joinedup.signin import clock
from joinedup.signin.arrive import row_of
from joinedup.signin.cover import owner_mark
from joinedup.signin.events import Door, happened
from joinedup.signin.holders import account_behind
from joinedup.signin.once import failed, may_try, succeeded
from joinedup.signin.passkeys import owner_of, wish_to_sign_in
from joinedup.signin.passwords import is_password_of
from joinedup.signin.rules import Standing
from joinedup.signin.session import come_back, seat_of
from joinedup.signin.steps import address_of, onward, put_step, step_of
from joinedup.signin.store import Seat
from joinedup.web.layout import render

__all__ = ["back", "left", "passkey_wish", "return_to_page", "stay"]

WRONG = (
    "That is not right, or there were too many tries. What you typed on the page is still there."
)


@require_safe
def left(request: HttpRequest) -> HttpResponse:
    """Say whose the session is and how long it stays open; asking does not lengthen it."""
    return JsonResponse(_standing(request))


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Somebody is at the page: the session stays open for as long again."""
    return JsonResponse(_standing(request))


@require_POST
def passkey_wish(request: HttpRequest) -> HttpResponse:
    """Return what to ask the browser for, to sign in or to come back with a passkey."""
    options, state = wish_to_sign_in(request)
    response = JsonResponse(options)
    put_step(response, "wish", {"state": state})
    return response


@sensitive_post_parameters("password")
@require_POST
def return_to_page(request: HttpRequest) -> HttpResponse:
    """Open a covered session again for its owner, by password, passkey or, if invented, a click."""
    seat = seat_of(request)
    if seat is None or seat.stands is Standing.ENDED:
        return _answer(request, "")
    if seat.stands is Standing.COVERED:
        method = _proved(request, seat)
        if not method:
            happened(Door.REFUSED, why="come-back", account=seat.account, session=seat.id)
            return _answer(request, WRONG, status=403)
        come_back(request, method)
    return _answer(request, "")


@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Say that the page which was covered, in another tab, can be gone back to."""
    return render(request, "signin/back.jinja", {"title": "You are signed in again"})


def _proved(request: HttpRequest, seat: Seat) -> str:
    """Return the method by which the owner of a session proved to be there, "" if they did not."""
    held = account_behind(seat.account, seat.post)
    if held is None:
        return ""
    if held.is_one_click:
        return "one-click"
    step = step_of(request, "wish")
    if "credential" in request.POST and step is not None:
        owner = owner_of(request, request.POST["credential"], step["state"])
        return "passkey" if owner is not None and str(owner.id) == seat.account else ""
    row, address = row_of(seat.account), address_of(request)
    allowed = row is not None and may_try(row.name, address)
    right = is_password_of(row, request.POST.get("password", ""))
    if row is not None and allowed and right:
        succeeded(row.name)
        return "password"
    failed(held.name, address)
    return ""


def _answer(request: HttpRequest, words: str, *, status: int = 200) -> HttpResponse:
    wanted = onward(request, request.POST.get("next", ""))
    if request.accepts("text/html"):
        if not words:
            return redirect(wanted)
        context = {"title": "You have been away", "error": words, "next": wanted}
        return render(request, "signin/come_back.jinja", context, status=status)
    return JsonResponse(_standing(request) | {"words": words}, status=status)


def _standing(request: HttpRequest) -> dict[str, object]:
    seat, at = seat_of(request), clock.now()
    if seat is None:
        return {"state": Standing.ENDED.value, "left": 0, "owner": ""}
    open_seconds = min(seat.sitting.idle_left_seconds(at), seat.sitting.hard_left_seconds(at))
    is_open = seat.stands is Standing.OPEN
    return {
        "state": seat.stands.value,
        "left": open_seconds if is_open else 0,
        "owner": owner_mark(seat.account),
    }
