"""The ID token: who let the app in, signed, for the app alone (OpenID Connect Core 2; SMART 2.2).

The subject is a number of this app's own for the account: two apps cannot compare theirs.
"""

from collections.abc import Set as AbstractSet
from typing import Any

from joserfc import jwt

from joinedup.signin import clock
from joinedup.signin.sealed import mark
from joinedup.smart.holder import Holder
from joinedup.smart.keys import own_key
from joinedup.smart.rules import ACCESS_SECONDS

__all__ = ["id_token", "public_keys"]

ALGORITHM = "RS256"  # what every OpenID client can read


def id_token(holder: Holder, special: AbstractSet[str], *, origin: str) -> str:
    """Return the ID token of an agreement; with `fhirUser` it says which resource they are."""
    assert holder.account is not None, "a service is nobody"
    agreement, at = holder.agreement, int(clock.seconds())
    claims: dict[str, Any] = {
        "iss": origin,
        "aud": agreement.client,
        "sub": mark("app-subject", agreement.client, agreement.account).hex(),
        "iat": at,
        "exp": at + ACCESS_SECONDS,
        "auth_time": int(agreement.made_at.timestamp()),
    }
    if agreement.nonce:
        claims["nonce"] = agreement.nonce
    if "fhirUser" in special:
        claims["fhirUser"] = f"{origin}/fhir/{holder.account.worker}"
    header = {"alg": ALGORITHM, "kid": own_key().thumbprint(), "typ": "JWT"}
    return jwt.encode(header, claims, own_key(), algorithms=[ALGORITHM])


def public_keys() -> dict[str, Any]:
    """Return the JWK set that ID tokens are checked with."""
    key = own_key()
    told = key.as_dict(private=False)
    return {"keys": [{**told, "kid": key.thumbprint(), "use": "sig", "alg": ALGORITHM}]}
