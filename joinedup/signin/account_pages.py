"""Your sign-in: what proves you, where you are signed in, what happened at the door.

Every change asks for the password first, so that an unlocked screen is not enough.
"""

import base64
import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from msgspec import Struct

from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.search.period import LONDON
from joinedup.signin import clock
from joinedup.signin.accounts import Account
from joinedup.signin.arrive import row_of
from joinedup.signin.events import Door, happened
from joinedup.signin.factors import add_app, has_second, new_app_secret, new_recovery_codes
from joinedup.signin.models import AccountRow, EventRow, FactorRow, SessionRow
from joinedup.signin.once import failed, may_try
from joinedup.signin.passkeys import add_passkey, wish_to_add
from joinedup.signin.passwords import is_password_of, keep_password, problem_with
from joinedup.signin.picture import app_picture
from joinedup.signin.session import end_all, held_by, seat_of
from joinedup.signin.steps import address_of, put_step, step_of
from joinedup.web.dates import Moment, say
from joinedup.web.layout import render

__all__ = ["add_app_page", "add_passkey_page", "change", "end_session", "mine", "passkey_wish"]

WRONG = "That is not your password, or there were too many tries. Nothing was changed."
_METHODS = {
    "one-click": "one click",
    "password": "password",
    "password-app": "password and authenticator app",
    "password-recovery": "password and recovery code",
    "passkey": "passkey",
    "cis2": "NHS CIS2",
    "nhs-login": "NHS login",
}
_HAPPENED = {
    Door.SIGNED_IN: "You signed in",
    Door.REFUSED: "A try was refused",
    Door.SIGNED_OUT: "You signed out",
    Door.CAME_BACK: "You came back to a covered page",
    Door.ENDED: "A sign-in was ended",
    Door.CHANGED: "What proves you was changed",
    Door.ADMITTED: "You were admitted",
    Door.LEFT: "A post was ended",
    Door.APP_LET_IN: "You let an app in",
    Door.APP_ENDED: "An app you let in was ended",
}
_EVENTS_SHOWN = 20


class Place(Struct, frozen=True):
    """Where the account is signed in, as the page says it."""

    id: str
    device: str
    how: str
    began: str
    seen: str
    is_here: bool


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Return the page of one's own sign-in."""
    return _page(request, held_by(request))


@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """End one sign-in of one's own, or all but this one."""
    held, here = held_by(request), seat_of(request)
    wanted = request.POST.get("session", "")
    if wanted == "all":
        end_all(held.key, why="by-owner", but=here)
        return redirect("/account")
    found = SessionRow.objects.filter(account=held.key, ended_at=None)
    for row in found.filter(id=_uuid(wanted)):
        found.filter(id=row.id).update(ended_at=clock.now(), data=b"")
        happened(Door.ENDED, why="by-owner", account=held.key, session=row.id)
    return redirect("/account")


@sensitive_post_parameters("password", "new_password")
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Change the password, take a proof away or make new recovery codes, with the password."""
    held = held_by(request)
    row = _row(held)
    if not _is_owner(request, row):
        return _page(request, held, error=WRONG, status=403)
    wish = request.POST.get("wish", "")
    if wish == "password":
        return _change_password(request, held, row)
    if wish == "codes":
        happened(Door.CHANGED, why="recovery-codes", account=held.key, session=None)
        context = {"title": "Keep your recovery codes", "codes": new_recovery_codes(row.id)}
        return render(request, "signin/codes.jinja", context | {"action": "", "button": ""})
    return _remove(request, held, row, wish)


def _change_password(request: HttpRequest, held: Account, row: AccountRow) -> HttpResponse:
    problem = problem_with(request.POST.get("new_password", ""), row.name)
    if problem:
        return _page(request, held, error=problem, status=400)
    keep_password(row.id, request.POST["new_password"])
    end_all(held.key, why="new-password", but=seat_of(request))
    happened(Door.CHANGED, why="password", account=held.key, session=None)
    return redirect("/account")


def _remove(request: HttpRequest, held: Account, row: AccountRow, wish: str) -> HttpResponse:
    found = FactorRow.objects.filter(account=row.id, kind__in=("app", "passkey"))
    others = found.exclude(id=_uuid(wish))
    if row.kind == "worker" and not others.exists():
        words = "Staff need a second proof. Add another one before you take this one away."
        return _page(request, held, error=words, status=400)
    if found.filter(id=_uuid(wish)).delete()[0]:
        happened(Door.CHANGED, why="proof-removed", account=held.key, session=None)
    return redirect("/account")


@require_http_methods(["GET", "HEAD", "POST"])
def add_app_page(request: HttpRequest) -> HttpResponse:
    """Add an authenticator app, in place of an earlier one."""
    held = held_by(request)
    row, step = _row(held), step_of(request, "app") or {}
    secret = base64.b64decode(step.get("secret", "")) or new_app_secret()
    error = ""
    if request.method == "POST":
        error = WRONG if not _is_owner(request, row) else ""
        if not error and step and add_app(row.id, secret, request.POST.get("code", "")):
            happened(Door.CHANGED, why="app-added", account=held.key, session=None)
            return redirect("/account")
        error = error or "This is not the code the app shows now. Wait for the next one."
    context = {
        "title": "Add an authenticator app",
        "picture": app_picture(secret, row.name),
        "key": base64.b32encode(secret).decode().rstrip("="),
        "error": error,
    }
    response = render(request, "signin/add_app.jinja", context, status=403 if error else 200)
    put_step(response, "app", {"secret": base64.b64encode(secret).decode()})
    return response


@require_POST
def passkey_wish(request: HttpRequest) -> HttpResponse:
    """Return what to ask the browser for, to make a passkey."""
    options, state = wish_to_add(request, _row(held_by(request)))
    response = JsonResponse(options)
    put_step(response, "wish", {"state": state})
    return response


@require_POST
def add_passkey_page(request: HttpRequest) -> HttpResponse:
    """Keep a passkey that the browser made."""
    held = held_by(request)
    row, wish = _row(held), step_of(request, "wish")
    if not _is_owner(request, row):
        return _page(request, held, error=WRONG, status=403)
    answer = request.POST.get("credential", "")
    name = request.POST.get("name", "")
    if wish is None or not add_passkey(request, row, answer, wish["state"], name=name):
        return _page(request, held, error="The passkey was not made. Try again.", status=400)
    happened(Door.CHANGED, why="passkey-added", account=held.key, session=None)
    return redirect("/account")


def _is_owner(request: HttpRequest, row: AccountRow) -> bool:
    if not may_try(row.name, address_of(request)):
        return False
    right = is_password_of(row, request.POST.get("password", ""))
    if not right:
        failed(row.name, address_of(request))
    return right


def _row(held: Account) -> AccountRow:
    row = None if held.is_one_click else row_of(held.key)
    if row is None:
        raise NotPermitted("A one-click account has no password and no passkeys.")
    return row


def _page(
    request: HttpRequest, held: Account, *, error: str = "", status: int = 200
) -> HttpResponse:
    row = None if held.is_one_click else row_of(held.key)
    proofs = FactorRow.objects.filter(account=row.id) if row else FactorRow.objects.none()
    context: dict[str, Any] = {
        "title": "Your sign-in",
        "error": error,
        "name": held.name,
        "has_password": bool(row and row.password),
        "proofs": [(str(f.id), f.name) for f in proofs.filter(kind__in=("app", "passkey"))],
        "codes_left": proofs.filter(kind="recovery").count(),
        "has_second": bool(row and has_second(row.id)),
        "places": _places(request, held),
        "events": _events(held),
    }
    return render(request, "signin/account_page.jinja", context, status=status)


def _places(request: HttpRequest, held: Account) -> list[Place]:
    here = seat_of(request)
    rows = SessionRow.objects.filter(account=held.key, ended_at=None).order_by("-seen_at")
    return [
        Place(
            str(row.id),
            _device(row.device),
            _METHODS.get(row.method, row.method),
            _when(row.began_at),
            _when(row.seen_at),
            here is not None and row.id == here.id,
        )
        for row in rows[:100]
    ]


def _events(held: Account) -> list[tuple[str, str, str]]:
    rows = EventRow.objects.filter(account=held.key).order_by("-at")[:_EVENTS_SHOWN]
    return [
        (_when(row.at), _HAPPENED[Door(row.what)], _METHODS.get(row.method, "")) for row in rows
    ]


def _device(text: str) -> str:
    """Return a browser in words; nothing here needs to be exact."""
    system = next((s for s in ("Windows", "Android", "iPhone", "iPad", "Mac", "Linux") if s in text), "")  # fmt: skip  # noqa: E501
    browser = next((b for b in ("Edg", "Firefox", "Chrome", "Safari") if b in text), "")
    words = [{"Edg": "Edge"}.get(browser, browser) or "A browser", system]
    return " on ".join(word for word in words if word)


def _when(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{say(Moment(local, 'day'))}, {local:%H:%M}"


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
