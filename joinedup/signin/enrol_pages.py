"""Taking up an account: the code from whoever admitted you, a password, and a second proof.

Staff cannot get in without a second proof: an authenticator app or a passkey. Recovery codes are
shown once, on the page that made them.
"""

import base64
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from joinedup.signin.arrive import arrive, row_of
from joinedup.signin.events import Door, happened
from joinedup.signin.factors import (
    add_app,
    new_app_secret,
    new_recovery_codes,
    open_invitation,
)
from joinedup.signin.models import AccountRow, FactorRow
from joinedup.signin.once import failed, may_try
from joinedup.signin.passkeys import add_passkey, wish_to_add
from joinedup.signin.passwords import keep_password, problem_with
from joinedup.signin.picture import app_picture
from joinedup.signin.rules import sign_in_name
from joinedup.signin.session import Proof, end_all
from joinedup.signin.steps import address_of, forget_step, put_step, step_of
from joinedup.web.layout import render

__all__ = ["first", "kept_codes", "second", "second_passkey", "second_wish"]

WRONG = "This name and code do not go together, or the code is more than a day old. Ask whoever admitted you for a new one."  # noqa: E501


@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def first(request: HttpRequest) -> HttpResponse:
    """Take up an account: its name, the code one was given, and a password of one's own."""
    if request.method != "POST":
        return _first_page(request, {})
    name, code = sign_in_name(request.POST.get("name", "")), request.POST.get("code", "")
    row = AccountRow.objects.filter(name=name, closed_at=None).first()
    allowed = may_try(name, address_of(request))
    invited = open_invitation(row.id if row else None, code)
    if row is None or not allowed or not invited:
        failed(name, address_of(request))
        happened(Door.REFUSED, why="invitation", session=None)
        return _first_page(request, {"code": WRONG}, status=403)
    problem = problem_with(request.POST.get("password", ""), name)
    if problem:
        return _first_page(request, {"password": problem}, status=400)
    if not open_invitation(row.id, code, use=True):
        return _first_page(request, {"code": WRONG}, status=403)
    _begin_anew(row.id, request.POST["password"])
    response = redirect("/sign-in/second")
    put_step(response, "step", {"what": "enrol", "account": str(row.id), "next": "/"})
    return response


def _begin_anew(account: UUID, password: str) -> None:
    """A new invitation replaces everything that proved the account before."""
    FactorRow.objects.filter(account=account).delete()
    keep_password(account, password)
    end_all(str(account), why="new-password")
    happened(Door.CHANGED, why="password", account=str(account), session=None)


@require_http_methods(["GET", "HEAD", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app: a picture to scan, or a key to paste, and its first code."""
    found = _enrolling(request)
    if found is None:
        return redirect("/sign-in")
    row, step = found
    secret = base64.b64decode(step.get("secret", "")) or new_app_secret()
    if request.method == "POST" and add_app(row.id, secret, request.POST.get("code", "")):
        return _codes_page(request, row, step["next"], method="password-app")
    error = "This is not the code the app shows now. Wait for the next one and try again."
    context = {
        "title": "Add a second proof",
        "picture": app_picture(secret, row.name),
        "key": base64.b32encode(secret).decode().rstrip("="),
        "error": error if request.method == "POST" else "",
    }
    response = render(request, "signin/second.jinja", context, status=_status(context["error"]))
    put_step(response, "step", step | {"secret": base64.b64encode(secret).decode()})
    return response


@require_POST
def second_wish(request: HttpRequest) -> HttpResponse:
    """Return what to ask the browser for, to make a passkey."""
    found = _enrolling(request)
    if found is None:
        return JsonResponse({}, status=403)
    options, state = wish_to_add(request, found[0])
    response = JsonResponse(options)
    put_step(response, "wish", {"state": state})
    return response


@require_POST
def second_passkey(request: HttpRequest) -> HttpResponse:
    """Keep the passkey that the browser made, as the second proof."""
    found, wish = _enrolling(request), step_of(request, "wish")
    if found is None or wish is None:
        return redirect("/sign-in")
    row, step = found
    answer = request.POST.get("credential", "")
    if not add_passkey(request, row, answer, wish["state"], name=request.POST.get("name", "")):
        return redirect("/sign-in/second")
    return _codes_page(request, row, step["next"], method="passkey")


@require_POST
def kept_codes(request: HttpRequest) -> HttpResponse:
    """The recovery codes have been kept: go in."""
    step = step_of(request, "step")
    row = row_of(step["account"]) if step and step["what"] == "enrolled" else None
    if step is None or row is None:
        return redirect("/sign-in")
    return arrive(request, row, Proof(method=step["method"]), step["next"])


def _enrolling(request: HttpRequest) -> tuple[AccountRow, dict[str, str]] | None:
    step = step_of(request, "step")
    row = row_of(step["account"]) if step and step["what"] == "enrol" else None
    return (row, step) if row is not None and step is not None else None


def _codes_page(request: HttpRequest, row: AccountRow, wanted: str, *, method: str) -> HttpResponse:
    happened(Door.CHANGED, why="second-proof", account=str(row.id), session=None)
    context = {
        "title": "Keep your recovery codes",
        "codes": new_recovery_codes(row.id),
        "action": "/sign-in/kept-codes",
        "button": "I have kept them: go in",
    }
    response = render(request, "signin/codes.jinja", context)
    forget_step(response, "wish")
    step = {"what": "enrolled", "account": str(row.id), "next": wanted, "method": method}
    put_step(response, "step", step)
    return response


def _first_page(request: HttpRequest, errors: dict[str, str], *, status: int = 200) -> HttpResponse:
    context = {
        "title": "Take up your account",
        "errors": errors,
        "name": request.POST.get("name", request.GET.get("name", ""))[:200],
        "code": request.POST.get("code", "")[:40],
    }
    return render(request, "signin/first.jinja", context, status=status)


def _status(error: object) -> int:
    return 403 if error else 200
