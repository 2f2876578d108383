"""Passkeys (WebAuthn level 2): adding one, and signing in with one, which is two factors in one.

The device must ask its owner for a fingerprint, face or PIN each time. A challenge is good once
and for five minutes; a copied passkey gives itself away by its counter.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from django.http import HttpRequest
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from joinedup.signin import clock
from joinedup.signin.models import AccountRow, FactorRow
from joinedup.signin.once import first_use
from joinedup.signin.sealed import open_sealed, seal

__all__ = ["CHALLENGE_LASTS", "add_passkey", "owner_of", "wish_to_add", "wish_to_sign_in"]

CHALLENGE_LASTS = timedelta(minutes=5)
_LONGEST = 20_000
State = dict[str, Any]


def wish_to_add(request: HttpRequest, row: AccountRow) -> tuple[dict[str, Any], State]:
    """Return what the browser is asked for a new passkey, and what to compare its answer with."""
    options, state = _server(request).register_begin(
        PublicKeyCredentialUserEntity(id=row.id.bytes, name=row.name, display_name=row.full_name),
        credentials=[_credential(factor) for factor in _passkeys(row.id)],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(options), dict(state)


def add_passkey(
    request: HttpRequest, row: AccountRow, answer: str, state: State, *, name: str
) -> bool:
    """Keep the passkey a browser made; False where the answer is not to our wish."""
    if not _is_fresh(state):
        return False
    try:
        response = RegistrationResponse.from_dict(_read(answer))
        made = _server(request).register_complete(state, response).credential_data
    except (ValueError, TypeError, KeyError, InvalidSignature):
        return False
    if made is None:
        return False
    kept_id = _text(made.credential_id)
    if FactorRow.objects.filter(credential=kept_id).exists():
        return False
    FactorRow.objects.create(
        account=row.id,
        kind="passkey",
        name=name.strip()[:60] or "Passkey",
        credential=kept_id,
        secret=seal("passkey", _text(bytes(made)), bound=str(row.id)),
        made_at=clock.now(),
    )
    return True


def wish_to_sign_in(request: HttpRequest) -> tuple[dict[str, Any], State]:
    """Return what the browser is asked for: any passkey of ours, so that no name need be typed."""
    options, state = _server(request).authenticate_begin(
        user_verification=UserVerificationRequirement.REQUIRED
    )
    return dict(options), dict(state)


def owner_of(request: HttpRequest, answer: str, state: State) -> AccountRow | None:
    """Return whose passkey answered our wish; None for any other answer."""
    if not _is_fresh(state):
        return None
    try:
        response = AuthenticationResponse.from_dict(_read(answer))
        factor = FactorRow.objects.filter(credential=_text(response.raw_id)).first()
        if factor is None:
            return None
        _server(request).authenticate_complete(state, [_credential(factor)], response)
    except (ValueError, TypeError, KeyError, InvalidSignature):
        return None
    if not _counts_on(factor, response.response.authenticator_data.counter):
        return None
    return AccountRow.objects.filter(id=factor.account, closed_at=None).first()


def _counts_on(factor: FactorRow, counter: int) -> bool:
    """A device that counts must have counted on (WebAuthn 6.1.1); many count nothing and send 0."""
    same = FactorRow.objects.filter(id=factor.id, counter=factor.counter)
    if counter == 0 and factor.counter == 0:
        return same.update(used_at=clock.now()) == 1
    return counter > factor.counter and same.update(counter=counter, used_at=clock.now()) == 1


def _is_fresh(state: State) -> bool:
    return first_use("challenge", str(state.get("challenge")), clock.now() + CHALLENGE_LASTS)


def _server(request: HttpRequest) -> Fido2Server:
    """Passkeys belong to the name in the address, which JOINEDUP_HOSTS has let through."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    origin = f"{request.scheme}://{request.get_host()}"
    party = PublicKeyCredentialRpEntity(id=host, name="joinedup")
    return Fido2Server(party, verify_origin=lambda given: given == origin)


def _passkeys(account: UUID) -> list[FactorRow]:
    return list(FactorRow.objects.filter(account=account, kind="passkey"))


def _credential(factor: FactorRow) -> AttestedCredentialData:
    text = open_sealed("passkey", factor.secret, bound=str(factor.account)) or ""
    return AttestedCredentialData(_bytes(text))


def _read(answer: str) -> Mapping[str, Any]:
    if len(answer) > _LONGEST:
        raise ValueError("too long")
    read = json.loads(answer)
    if not isinstance(read, dict):
        raise TypeError("not an object")
    return read


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
