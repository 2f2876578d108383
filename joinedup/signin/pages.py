"""Signing in: with one click where everybody is invented, with a password and a code, or a passkey.

Whether a name is known, a password wrong or a try one too many is never told apart by words or
time. Signing in elsewhere (CIS2, NHS login) is `oidc`'s; taking up an account is `enrol_pages`'.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from joinedup.fhir.issue import NotPermitted
from joinedup.signin.accounts import ACCOUNTS, account
from joinedup.signin.arrive import arrive, enter, posts_now, row_of
from joinedup.signin.events import Door, happened
from joinedup.signin.factors import has_second, use_app_code, use_recovery_code
from joinedup.signin.models import AccountRow
from joinedup.signin.once import failed, may_try
from joinedup.signin.passkeys import owner_of
from joinedup.signin.passwords import checked
from joinedup.signin.providers import providers
from joinedup.signin.rules import Standing, sign_in_name
from joinedup.signin.session import Proof, begin, end, seat_of
from joinedup.signin.steps import address_of, onward, put_step, step_of
from joinedup.web.layout import render

__all__ = ["choose_post", "code", "sign_in", "sign_in_with_passkey", "sign_out"]

WRONG = "This name and password do not go together, or there were too many tries. Check both, or wait 15 minutes."  # noqa: E501
WRONG_CODE = "This code is not right, was used before, or there were too many tries. Wait for the next code, or use a recovery code."  # noqa: E501
WRONG_PASSKEY = "This passkey is not one of ours. Try again, or sign in with your password."


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show how one can sign in; a POST signs in with one click, or reads a name and password."""
    wanted = onward(request, request.POST.get("next", request.GET.get("next", "")))
    if request.method != "POST":
        seat = seat_of(request)
        if seat is not None and seat.stands is Standing.COVERED:
            return _come_back_page(request, seat.account, wanted, elsewhere=bool(seat.issuer))
        return _page(request, wanted)
    if "account" in request.POST:
        return _one_click(request, wanted)
    name, password = request.POST.get("name", ""), request.POST.get("password", "")
    allowed = may_try(sign_in_name(name), address_of(request))
    row = checked(name, password)
    if row is None or not allowed:
        return _refused(request, name, wanted, why="password" if allowed else "too-many")
    return _after_password(request, row, wanted)


def _one_click(request: HttpRequest, wanted: str) -> HttpResponse:
    if not settings.JOINEDUP_INVENTED:
        raise NotPermitted("One-click accounts are for invented places only.")
    begin(request, account(request.POST["account"]), Proof(method="one-click"))
    return redirect(wanted)


def _refused(request: HttpRequest, name: str, wanted: str, *, why: str) -> HttpResponse:
    failed(sign_in_name(name), address_of(request))
    happened(Door.REFUSED, why=why, method="password", session=None)
    return _page(request, wanted, name=name, error=WRONG, status=403)


def _after_password(request: HttpRequest, row: AccountRow, wanted: str) -> HttpResponse:
    if row.kind == "person" and not has_second(row.id):
        return arrive(request, row, Proof(method="password"), wanted)
    response = redirect("/sign-in/code" if has_second(row.id) else "/sign-in/second")
    what = "code" if has_second(row.id) else "enrol"
    put_step(response, "step", {"what": what, "account": str(row.id), "next": wanted})
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step: a code of the authenticator app, or a recovery code."""
    step = step_of(request, "step")
    row = row_of(step["account"]) if step and step["what"] == "code" else None
    if step is None or row is None:
        return redirect("/sign-in")
    if request.method != "POST":
        return _code_page(request, row)
    typed, allowed = request.POST.get("code", ""), may_try(row.name, address_of(request))
    if allowed and use_app_code(row.id, typed):
        return arrive(request, row, Proof(method="password-app"), step["next"])
    if allowed and use_recovery_code(row.id, typed):
        return arrive(request, row, Proof(method="password-recovery"), step["next"])
    failed(row.name, address_of(request))
    happened(Door.REFUSED, why="code", method="app", account=str(row.id), session=None)
    return _code_page(request, row, error=WRONG_CODE, status=403)


@require_POST
def sign_in_with_passkey(request: HttpRequest) -> HttpResponse:
    """Sign in with what a passkey answered; it names the account itself."""
    wanted = onward(request, request.POST.get("next", ""))
    step = step_of(request, "wish")
    row = owner_of(request, request.POST.get("credential", ""), step["state"]) if step else None
    if row is None:
        happened(Door.REFUSED, why="passkey", method="passkey", session=None)
        return _page(request, wanted, error=WRONG_PASSKEY, status=403)
    return arrive(request, row, Proof(method="passkey"), wanted)


@require_POST
def choose_post(request: HttpRequest) -> HttpResponse:
    """Go in with the post that was chosen, if it is still one of theirs."""
    step = step_of(request, "post")
    row = row_of(step["account"]) if step else None
    if step is None or row is None:
        return redirect("/sign-in")
    chosen = next((p for p in posts_now(row) if p.id == request.POST.get("post")), None)
    proof = Proof(**step["proof"])
    if chosen is None:
        return arrive(request, row, proof, step["next"])
    return enter(request, row, proof, step["next"], post=chosen)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out and go to the sign-in page."""
    end(request)
    return redirect("/sign-in")


def _page(
    request: HttpRequest, wanted: str, *, name: str = "", error: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "title": "Sign in",
        "accounts": ACCOUNTS if settings.JOINEDUP_INVENTED else (),
        "next": wanted,
        "name": name,
        "error": error,
        "providers": providers(),
    }
    return render(request, "signin/sign_in.jinja", context, status=status)


def _code_page(
    request: HttpRequest, row: AccountRow, *, error: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "title": "Enter your code",
        "error": error,
        "has_app": has_second(row.id, "app"),
        "has_passkey": has_second(row.id, "passkey"),
    }
    return render(request, "signin/code.jinja", context, status=status)


def _come_back_page(
    request: HttpRequest, key: str, wanted: str, *, elsewhere: bool
) -> HttpResponse:
    context = {
        "title": "You have been away",
        "one_click": key.startswith("one-click:"),
        "elsewhere": elsewhere,
        "providers": providers(),
        "next": wanted,
    }
    return render(request, "signin/come_back.jinja", context)
