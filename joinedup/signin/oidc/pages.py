"""The doors to the identity providers: going there, coming back, and being told of a logout.

A refusal says in plain words what to do; which check failed is in the log, as a code.
"""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from joinedup.fhir.issue import Unavailable
from joinedup.signin import clock
from joinedup.signin.arrive import arrive
from joinedup.signin.events import Door, happened
from joinedup.signin.models import SessionRow
from joinedup.signin.oidc.exchange import exchange, set_out
from joinedup.signin.oidc.tokens import BadToken, expires, read_logout_token
from joinedup.signin.oidc.whose import owner_of
from joinedup.signin.once import first_use
from joinedup.signin.providers import Provider, provider
from joinedup.signin.session import Proof
from joinedup.signin.steps import forget_step, onward, put_step, step_of
from joinedup.web.layout import render

__all__ = ["come", "go", "logged_out"]

_STATE_LASTS = timedelta(minutes=15)

_WORDS = {
    "vector": (
        "We need to be surer that it is you",
        "To see a health and care record, NHS login must have checked your identity in full and "
        "you must sign in with two things, such as a password and a code.",
        "Go to NHS login, prove who you are, and then come back here.",
    ),
    "unknown": (
        "We do not know you yet",
        "You are signed in there, but nobody here is linked to that sign-in.",
        "Staff: ask your manager to admit you. Otherwise ask your GP surgery to check that your "
        "name, birth date and NHS number are right in their record.",
    ),
    "away": (
        "We cannot reach the sign-in service",
        "The service that proves who you are does not answer.",
        "Try again in a few minutes. If you need care now, telephone.",
    ),
    "": (
        "That sign-in did not work",
        "What came back from the sign-in service could not be trusted, so it was not used.",
        "Start again from the sign-in page. If it happens twice, tell the people who run this.",
    ),
}


@require_safe
def go(request: HttpRequest, name: str) -> HttpResponse:
    """Send the browser to a provider."""
    there = _provider(name)
    back = request.build_absolute_uri(f"/sign-in/with/{name}/back")
    try:
        address, journey = set_out(there, back, again="again" in request.GET)
    except Unavailable:
        return _refused(request, there, "away")
    response = redirect(address)
    wanted = onward(request, request.GET.get("next", ""))
    put_step(response, "journey", {**journey, "next": wanted})
    return response


@require_safe
def come(request: HttpRequest, name: str) -> HttpResponse:
    """Take up the browser that a provider sent back, if we sent it there and it proves somebody."""
    there, journey = _provider(name), step_of(request, "journey")
    state = request.GET.get("state", "")
    if journey is None or journey["provider"] != name or not state or journey["state"] != state:
        return _refused(request, there, "state")
    if request.GET.get("iss", there.issuer) != there.issuer:  # RFC 9207
        return _refused(request, there, "iss")
    if "code" not in request.GET or not first_use("state", state, clock.now() + _STATE_LASTS):
        return _refused(request, there, "no-code")
    try:
        claims = exchange(there, journey, request.GET["code"])
    except BadToken as bad:
        return _refused(request, there, str(bad))
    except Unavailable:
        return _refused(request, there, "away")
    row = owner_of(there, claims)
    if row is None:
        return _refused(request, there, "unknown")
    sid = str(claims.get("sid", ""))
    proof = Proof(method=name, issuer=there.issuer, subject=str(claims["sub"]), provider_sid=sid)
    response = arrive(request, row, proof, journey["next"])
    forget_step(response, "journey")
    return response


@csrf_exempt
@require_POST
def logged_out(request: HttpRequest, name: str) -> HttpResponse:
    """End the sessions a provider says have ended (Back-Channel Logout 1.0); says nothing else."""
    there = _provider(name)
    try:
        claims = read_logout_token(there, request.POST.get("logout_token", ""))
    except BadToken as bad:
        happened(Door.REFUSED, why=f"logout-{bad}", method=name, session=None)
        return HttpResponse(status=400)
    if not first_use("logout", f"{there.issuer} {claims['jti']}", expires(claims)):
        happened(Door.REFUSED, why="logout-replay", method=name, session=None)
        return HttpResponse(status=400)
    found = SessionRow.objects.filter(issuer=there.issuer, ended_at=None)
    if "sid" in claims:
        found = found.filter(provider_sid=claims["sid"])
    if "sub" in claims:
        found = found.filter(subject=claims["sub"])
    for row in found:
        found.filter(id=row.id).update(ended_at=clock.now(), data=b"")
        happened(Door.ENDED, why="by-provider", method=name, account=row.account, session=row.id)
    return HttpResponse(status=204)


def _provider(name: str) -> Provider:
    there = provider(name)
    if there is None:
        raise Http404
    return there


def _refused(request: HttpRequest, there: Provider, why: str) -> HttpResponse:
    happened(Door.REFUSED, why=why, method=there.name, session=None)
    title, reason, then = _WORDS.get(why, _WORDS[""])
    context = {"title": title, "reason": reason, "then": then, "words": there.words}
    response = render(
        request, "signin/refused.jinja", context, status=503 if why == "away" else 403
    )
    forget_step(response, "journey")
    return response
