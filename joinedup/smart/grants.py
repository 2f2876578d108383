"""What an app is given for what it brings: a code, a refresh token, or its own signed word.

Pure of HTTP: forms in, answers out, `Refused` for any doubt. Narrowing is allowed, widening never.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from joinedup.access.apps import allowed_scopes
from joinedup.access.scopes import is_within, narrowed_to, read_scopes, special_of, written
from joinedup.signin import clock
from joinedup.smart.agreements import (
    Agreement,
    Held,
    agreed,
    brought,
    end_agreement,
    forget_over,
    new_tokens,
    replayed,
    spend,
    stands_locked,
)
from joinedup.smart.clients import Client
from joinedup.smart.holder import Holder, holder_of, service_permit
from joinedup.smart.identity import id_token
from joinedup.smart.rules import ACCESS_SECONDS, Fault, Refused, proves
from joinedup.smart.tables import together

__all__ = ["answer_for"]

Form = Mapping[str, str]
_GOES_ON = ("offline_access", "online_access")


def answer_for(client: Client, form: Form, *, origin: str) -> dict[str, Any]:
    """Return the token answer for one request of a client that has proved itself (RFC 6749 5.1)."""
    match form.get("grant_type", ""):
        case "authorization_code" if not client.is_service:
            return _for_code(client, form, origin)
        case "refresh_token" if not client.is_service:
            return _for_refresh(client, form, origin)
        case "client_credentials":
            return _for_service(client, form)
        case "authorization_code" | "refresh_token":
            raise Refused(Fault.UNAUTHORIZED_CLIENT, "service-with-screen")
    raise Refused(Fault.UNSUPPORTED_GRANT_TYPE, "grant-type")


def _for_code(client: Client, form: Form, origin: str) -> dict[str, Any]:
    secret = form.get("code", "")
    held = brought(secret, client.id, "code")
    if form.get("redirect_uri") != held.redirect:
        raise _spoiled(held.agreement, "code-redirect")
    if not proves(form.get("code_verifier", ""), held.challenge):
        raise _spoiled(held.agreement, "code-verifier")
    return _exchanged(secret, held, held.scopes, client, origin)


def _spoiled(agreement: Agreement, why: str) -> Refused:
    """A code in the wrong hands is no good to anybody: what was agreed with it is over."""
    end_agreement(agreement.id, why=why)
    return Refused(Fault.INVALID_GRANT, why)


def _for_refresh(client: Client, form: Form, origin: str) -> dict[str, Any]:
    secret = form.get("refresh_token", "")
    held = brought(secret, client.id, "refresh")
    scopes = _narrowed(held.scopes, form.get("scope"))
    return _exchanged(secret, held, scopes, client, origin)


def _exchanged(secret: str, held: Held, scopes: str, client: Client, origin: str) -> dict[str, Any]:
    """Return the new tokens for what was brought; the old serves no more, in one transaction."""
    holder = holder_of(held.agreement, client)
    with together():
        if not stands_locked(held.agreement.id):
            raise Refused(Fault.INVALID_GRANT, f"{held.kind}-ended")
        answer = _answer(holder, scopes, origin) if spend(secret) else None
    if answer is None:
        raise replayed(held)
    return answer


def _narrowed(granted: str, asked: str | None) -> str:
    if not asked:
        return granted
    most, kept = read_scopes(granted), read_scopes(asked)
    special = special_of(granted)
    words = set(asked.split())
    if not special_of(asked) <= special or len(words) != len(kept) + len(special_of(asked)):
        raise Refused(Fault.INVALID_SCOPE, "scope-unknown")
    if not kept or not all(is_within(scope, most) for scope in kept):
        raise Refused(Fault.INVALID_SCOPE, "scope-widened")
    return written(kept, special_of(asked) | (special & set(_GOES_ON)))


def _for_service(client: Client, form: Form) -> dict[str, Any]:
    if not client.is_service or client.kind != "key":
        raise Refused(Fault.UNAUTHORIZED_CLIENT, "no-service")
    asked = [s for s in read_scopes(form.get("scope", "")) if s.level == "system"]
    scopes = allowed_scopes(service_permit(client), narrowed_to(asked, client.most))
    if not scopes:
        raise Refused(Fault.INVALID_SCOPE, "scope-none")
    at = clock.now()
    agreement = Agreement(
        id=uuid.uuid4(),
        client=client.id,
        scopes=written(scopes),
        made_at=at,
        used_at=at,
        until=at + timedelta(seconds=ACCESS_SECONDS),
    )
    holder = holder_of(agreement, client)
    with together():
        if not agreed(agreement):
            raise Refused(Fault.INVALID_CLIENT, "client-removed")
        access, _ = new_tokens(holder, agreement.scopes, refreshed=False)
    forget_over()
    return _told(access, agreement.scopes, agreement.until)


def _answer(holder: Holder, scopes: str, origin: str) -> dict[str, Any]:
    agreement, special = holder.agreement, special_of(scopes)
    access, refresh = new_tokens(holder, scopes, refreshed=any(w in special for w in _GOES_ON))
    told = _told(access, scopes, agreement.until)
    if refresh:
        told["refresh_token"] = refresh
    if agreement.person:
        told |= {"patient": agreement.person, "need_patient_banner": True}
    if agreement.encounter:
        told["encounter"] = agreement.encounter
        told["fhirContext"] = [{"reference": f"Encounter/{agreement.encounter}"}]
    if "openid" in special and holder.account is not None:
        told["id_token"] = id_token(holder, special, origin=origin)
    return told


def _told(access: str, scopes: str, until: datetime) -> dict[str, Any]:
    left = ceil((until - clock.now()).total_seconds())
    return {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": min(ACCESS_SECONDS, max(left, 0)),
        "scope": scopes,
    }
