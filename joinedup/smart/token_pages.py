"""The addresses apps speak to by themselves: tokens, what a token is worth, giving one back.

RFC 6749 3.2, RFC 7662, RFC 7009. No session, no cookie, no form of ours: an app proves itself by
what it sends. A refusal says OAuth's word and nothing else; why is kept in the door's own events.
"""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from joinedup.fhir.issue import SignInNeeded
from joinedup.signin import clock
from joinedup.smart.agreements import Held, end_agreement, end_token, held_token
from joinedup.smart.browsers import for_browsers
from joinedup.smart.clients import Client, client_of
from joinedup.smart.grants import answer_for
from joinedup.smart.holder import Holder, holder_of
from joinedup.smart.identity import public_keys
from joinedup.smart.proof import proved_client
from joinedup.smart.refusals import keep_refusal
from joinedup.smart.rules import Fault, Refused

__all__ = ["give_back", "introspect", "keys", "openid", "token"]

_LONGEST_BYTES = 20_000
_FORM = "application/x-www-form-urlencoded"


@csrf_exempt
@for_browsers("POST")
@require_POST
@sensitive_variables()
def token(request: HttpRequest) -> HttpResponse:
    """Answer a request for a token (RFC 6749 4.1.3, 6, 4.4.2)."""
    try:
        form = _form(request)
        client = _proved(request, form)
        return _json(answer_for(client, form, origin=_origin(request)))
    except Refused as refused:
        return _refusal(request, refused)


@csrf_exempt
@require_POST
@sensitive_variables()
def introspect(request: HttpRequest) -> HttpResponse:
    """Say what a token is worth, to the app it was given to, or to one that may ask of all."""
    try:
        form = _form(request)
        client = _proved(request, form)
        if client.kind == "public":
            raise Refused(Fault.INVALID_CLIENT, "introspect-public")
        held = held_token(form.get("token", ""))
        return _json(_worth(held, client, _origin(request)))
    except Refused as refused:
        return _refusal(request, refused)


@csrf_exempt
@for_browsers("POST")
@require_POST
@sensitive_variables()
def give_back(request: HttpRequest) -> HttpResponse:
    """End a token that its app no longer wants; a refresh token ends all that hangs with it.

    A token that is not there, or another's, is answered like any other (RFC 7009 2.2).
    """
    try:
        form = _form(request)
        client = _proved(request, form)
    except Refused as refused:
        return _refusal(request, refused)
    secret = form.get("token", "")
    held = held_token(secret)
    if held is not None and held.agreement.client == client.id:
        if held.kind == "access":
            end_token(secret)
        else:
            end_agreement(held.agreement.id, why="given-back")
    return HttpResponse(status=200)


@for_browsers("GET, HEAD", to_all=True)
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The keys ID tokens are checked with."""
    return _json(public_keys())


@for_browsers("GET, HEAD", to_all=True)
@require_safe
def openid(request: HttpRequest) -> HttpResponse:
    """What OpenID clients ask first (OpenID Connect Discovery 4)."""
    origin = _origin(request)
    return _json(
        {
            "issuer": origin,
            "authorization_endpoint": f"{origin}/smart/authorize",
            "token_endpoint": f"{origin}/smart/token",
            "jwks_uri": f"{origin}/smart/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "fhirUser"],
            "claims_supported": ["sub", "fhirUser", "auth_time"],
            "code_challenge_methods_supported": ["S256"],
        }
    )


def _form(request: HttpRequest) -> dict[str, str]:
    if request.content_type != _FORM or len(request.body) > _LONGEST_BYTES:
        raise Refused(Fault.INVALID_REQUEST, "form")
    if request.GET:
        raise Refused(Fault.INVALID_REQUEST, "in-the-address")
    found = dict(request.POST.lists())
    if any(len(values) != 1 for values in found.values()):
        raise Refused(Fault.INVALID_REQUEST, "twice")
    return {name: str(values[0]) for name, values in found.items()}


def _proved(request: HttpRequest, form: Mapping[str, str]) -> Client:
    authorization = request.headers.get("Authorization", "")
    return proved_client(form, authorization, audience=f"{_origin(request)}/smart/token")


def _worth(held: Held | None, client: Client, origin: str) -> dict[str, Any]:
    """What a token is worth; one that is over, unknown, a code or another's is worth nothing."""
    nothing = {"active": False}
    if held is None or held.kind == "code" or held.ended or held.used:
        return nothing
    if held.until <= clock.now() or not (held.agreement.client == client.id or client.looks_into):
        return nothing
    holder = _holder(held)
    if holder is None:
        return nothing
    agreement = held.agreement
    told: dict[str, Any] = {
        "active": True,
        "scope": held.scopes,
        "client_id": agreement.client,
        "iss": origin,
        "aud": f"{origin}/fhir",
        "iat": int(held.made_at.timestamp()),
        "exp": int(held.until.timestamp()),
    }
    if held.kind == "access":
        told["token_type"] = "Bearer"  # noqa: S105  # its kind
    if agreement.person:
        told["patient"] = agreement.person
    if agreement.encounter:
        told["encounter"] = agreement.encounter
    if holder.account is not None and "fhirUser" in held.scopes.split():
        told["fhirUser"] = f"{origin}/fhir/{holder.account.worker}"
    return told


def _holder(held: Held) -> Holder | None:
    client = client_of(held.agreement.client)
    try:
        return holder_of(held.agreement, client) if client else None
    except (Refused, SignInNeeded):
        return None


def _origin(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _json(told: Mapping[str, Any], status: int = 200) -> HttpResponse:
    response = JsonResponse(dict(told), status=status)
    response["Cache-Control"], response["Pragma"] = "no-store", "no-cache"
    return response


def _refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    keep_refusal(refused.why)
    response = _json({"error": refused.fault.value}, refused.status)
    if refused.status == 401 and request.headers.get("Authorization"):
        response["WWW-Authenticate"] = 'Basic realm="joinedup"'
    return response
