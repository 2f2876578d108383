"""The page on which somebody lets an app in, or does not (SMART App Launch 2.2, 2.0.6).

It says who asks and what they would see; unticking narrows. What the app asked travels through the
page sealed, for this sign-in alone, so that nothing of it can be swapped on the way.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe
from msgspec import Struct, convert, to_builtins

from joinedup.access.apps import allowed_scopes
from joinedup.access.permit import Permit
from joinedup.access.scopes import Scope, written
from joinedup.access.words import Role
from joinedup.fhir.issue import NotPermitted, SignInNeeded
from joinedup.signin import clock
from joinedup.signin.events import Door, happened
from joinedup.signin.rules import Standing
from joinedup.signin.sealed import open_text, seal_text
from joinedup.signin.session import held_by, seat_of
from joinedup.signin.store import Seat
from joinedup.smart.agreements import Agreement, agreed, forget_over, new_code
from joinedup.smart.asking import Asking, Untrusted, back_to, read_asking, who_asks
from joinedup.smart.clients import client_of
from joinedup.smart.context import Context, chosen, context_of, needs_person, use_launch
from joinedup.smart.refusals import keep_refusal
from joinedup.smart.rules import LONGEST_AGREEMENT, Fault, Refused, form_target
from joinedup.smart.words import lines
from joinedup.web.layout import render

__all__ = ["authorize", "choose_person", "decide"]

_PAGE_LASTS_SECONDS = 30 * 60
_UNTRUSTED = (
    "An app sent you here, and we cannot tell which one, or it wants you sent on to an address "
    "that is not registered. You were not sent on, and nothing was shared.",
    "Go back to the app. If it happens again, tell the people who make it.",
)


class _Open(Struct, frozen=True, kw_only=True):
    """A page that is open: what is asked, for whom; `until` in seconds."""

    client: str
    redirect: str
    state: str
    challenge: str
    scopes: str
    special: tuple[str, ...]
    launch: str
    nonce: str
    context: Context
    until: int


@require_safe
def authorize(request: HttpRequest) -> HttpResponse:
    """Show who asks for what, once whoever is asked has signed in; send back what cannot be."""
    sent = dict(request.GET.lists())
    try:
        client, address = who_asks(sent)
    except Untrusted as doubt:
        return _untrusted(request, str(doubt))
    state = sent.get("state", [""])[0]
    try:
        asking = read_asking(sent, client, address, base=_base(request))
        if _seat(request) is None:
            return redirect(f"/sign-in?next={quote(request.get_full_path())}")
        permit = _permit(request)
        return _ask(request, asking, context_of(request, permit, asking), permit)
    except Refused as refused:
        return _send_back(request, address, state, refused)


@require_POST
def choose_person(request: HttpRequest) -> HttpResponse:
    """Take the person a worker named by NHS number, and show the page for them."""
    opened, asking = _opened(request)
    permit = _permit(request)
    context = chosen(permit, request.POST.get("nhs_number", ""))
    if context is None:
        return _ask(request, asking, opened.context, permit, error="person", status=422)
    return _ask(request, asking, context, permit)


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Let the app in for what was ticked and send it its code; or tell it no."""
    opened, asking = _opened(request)
    permit, seat = _permit(request), _seat(request)
    assert seat is not None, "who has a permit is signed in"
    if request.POST.get("answer") != "yes":
        return _send_back(
            request, asking.redirect, asking.state, Refused(Fault.ACCESS_DENIED, "said-no")
        )
    offered = _offered(permit, asking, opened.context)
    ticked = set(request.POST.getlist("allow"))
    scopes = [s for s in offered if s.text in ticked]
    if not scopes and "openid" not in asking.special:
        return _ask(request, asking, opened.context, permit, error="nothing", status=422)
    if asking.launch and not use_launch(asking.launch):
        raise NotPermitted("This page was used already. Open the app again.")
    special = _special(asking, opened.context, goes_on="goes-on" in ticked)
    agreement = _agree(request, asking, opened.context, written(scopes, special), seat)
    code = new_code(agreement, redirect=asking.redirect, challenge=asking.challenge)
    happened(Door.APP_LET_IN, why=asking.client.id, account=agreement.account, session=seat.id)
    return _away(request, asking.redirect, {"code": code, "state": asking.state})


def _special(asking: Asking, context: Context, *, goes_on: bool) -> set[str]:
    """What is granted beside types; going on without anybody there only where it was ticked."""
    kept = set(asking.special) - {"offline_access"}
    if "offline_access" in asking.special and goes_on:
        kept = (kept - {"online_access"}) | {"offline_access"}
    if not context.encounter:
        kept.discard("launch/encounter")  # no page of ours chooses one
    return kept if context.person else kept - {"launch", "launch/patient"}


def _agree(
    request: HttpRequest, asking: Asking, context: Context, scopes: str, seat: Seat
) -> Agreement:
    at, goes_on = clock.now(), "offline_access" in scopes.split()
    hard = seat.sitting.began + timedelta(seconds=seat.sitting.lasts.hard_seconds)
    wanted = Agreement(
        id=uuid.uuid4(),
        client=asking.client.id,
        account=seat.account,
        post=seat.post,
        session=None if goes_on else seat.id,
        scopes=scopes,
        person=context.person,
        encounter=context.encounter,
        nonce=asking.nonce,
        made_at=at,
        used_at=at,
        until=_until(at, hard, goes_on=goes_on),
    )
    if not agreed(wanted):
        raise NotPermitted("This app is no longer let in here. Nothing was shared.")
    forget_over()
    return wanted


def _until(at: datetime, hard: datetime, *, goes_on: bool) -> datetime:
    return at + LONGEST_AGREEMENT if goes_on else hard


def _offered(permit: Permit, asking: Asking, context: Context) -> tuple[Scope, ...]:
    """What may be granted at all: by the policy, and of one person only where one is known."""
    wanted = [
        s for s in asking.scopes if s.level == "user" or (s.level == "patient" and context.person)
    ]
    return allowed_scopes(permit, wanted)


def _ask(
    request: HttpRequest,
    asking: Asking,
    context: Context,
    permit: Permit,
    *,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    waits = needs_person(asking) and not context.person
    offered = _offered(permit, asking, context)
    if not waits and not offered and "openid" not in asking.special:
        return _nothing_to_give(request, asking)
    own = permit.role is Role.PERSON
    whose = "" if own else f" of {context.name}"
    everybody = "" if own else ", of everybody you may see"
    shown = {
        "title": f"Let {asking.client.name} in?",
        "client": asking.client,
        "context": context,
        "own": own,
        "lines": lines(offered, whose, everybody),
        "ticked": set(request.POST.getlist("allow")) if error == "nothing" else None,
        "goes_on": "offline_access" in asking.special,
        "says_who": "openid" in asking.special,
        "back": form_target(asking.redirect),
        "sealed": _sealed(request, asking, context),
        "error": error,
        "typed": request.POST.get("nhs_number", ""),
    }
    page = "smart/choose.jinja" if waits else "smart/let_in.jinja"
    response = render(request, page, shown, status=status)
    response.form_target = shown["back"]  # type: ignore[attr-defined]  # read by site.headers
    return response


def _nothing_to_give(request: HttpRequest, asking: Asking) -> HttpResponse:
    address = back_to(
        asking.redirect,
        {"error": Fault.INVALID_SCOPE.value, "state": asking.state},
        issuer=_origin(request),
    )
    shown = {
        "title": "This app asks for what you may not see",
        "client": asking.client,
        "back": address,
    }
    return render(request, "smart/nothing.jinja", shown, status=403)


def _sealed(request: HttpRequest, asking: Asking, context: Context) -> str:
    opened = _Open(
        client=asking.client.id,
        redirect=asking.redirect,
        state=asking.state,
        challenge=asking.challenge,
        scopes=written(asking.scopes),
        special=tuple(asking.special),
        launch=asking.launch,
        nonce=asking.nonce,
        context=context,
        until=int(clock.seconds()) + _PAGE_LASTS_SECONDS,
    )
    seat = _seat(request)
    assert seat is not None, "the page is shown to who is signed in"
    return seal_text("let-in", to_builtins(opened), bound=str(seat.id))


def _opened(request: HttpRequest) -> tuple[_Open, Asking]:
    """Return what the page was opened with; refuses what this sign-in was not shown."""
    seat = _seat(request)
    if seat is None:
        raise SignInNeeded("Sign in to let an app in.")
    held = open_text("let-in", request.POST.get("sealed", ""), bound=str(seat.id))
    opened = convert(held, _Open) if held is not None else None
    client = client_of(opened.client) if opened else None
    if opened is None or client is None or opened.until < clock.seconds():
        raise NotPermitted(
            "This page is too old, or was opened by somebody else. Go back to the app."
        )
    sent: Mapping[str, Any] = {
        "response_type": ["code"],
        "scope": [" ".join([opened.scopes, *opened.special])],
        "state": [opened.state],
        "aud": [_base(request)],
        "launch": [opened.launch],
        "nonce": [opened.nonce],
        "code_challenge": [opened.challenge],
        "code_challenge_method": ["S256"],
    }
    return opened, read_asking(sent, client, opened.redirect, base=_base(request))


def _seat(request: HttpRequest) -> Seat | None:
    seat = seat_of(request)
    return seat if seat is not None and seat.stands is Standing.OPEN else None


def _permit(request: HttpRequest) -> Permit:
    held_by(request)
    permit: Permit | None = getattr(request, "permit", None)
    if permit is None:
        raise NotPermitted("This account opens no records, so it can let no app in.")
    return permit


def _origin(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _base(request: HttpRequest) -> str:
    return f"{_origin(request)}/fhir"


def _untrusted(request: HttpRequest, why: str) -> HttpResponse:
    keep_refusal(why)
    shown = {"title": "We did not send you on", "lines": _UNTRUSTED}
    return render(request, "smart/untrusted.jinja", shown, status=400)


def _send_back(request: HttpRequest, address: str, state: str, refused: Refused) -> HttpResponse:
    keep_refusal(refused.why)
    return _away(request, address, {"error": refused.fault.value, "state": state})


def _away(request: HttpRequest, address: str, told: Mapping[str, str]) -> HttpResponse:
    """Send the browser to the app; an address of its own scheme is one that was registered."""
    response = HttpResponse(status=302)
    response["Location"] = back_to(address, told, issuer=_origin(request))
    return response
