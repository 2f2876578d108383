"""An app described in a file, by the names OAuth has for it (RFC 7591 2), to be let known here.

Read by the command of whoever runs the place; no address takes one in. A name that is not in the
list is refused, so that a slip of the pen does not pass unnoticed.
"""

from typing import Any, Literal

import msgspec
from msgspec import Struct

from joinedup.fhir.issue import Invalid
from joinedup.smart.clients import Client

__all__ = ["read_registration"]

_LONGEST_BYTES = 100_000
Method = Literal["none", "client_secret_basic", "private_key_jwt"]
_ON_SCREEN = "openid fhirUser launch launch/patient offline_access online_access patient/*.rs"


class _Described(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a file says; `role`, `organisation` are for a backend service, `scope` is the most."""

    client_id: str
    client_name: str
    made_by: str
    redirect_uris: tuple[str, ...] = ()
    launch_url: str = ""
    scope: str = _ON_SCREEN
    proves_itself: Method = msgspec.field(default="none", name="token_endpoint_auth_method")
    jwks: dict[str, Any] | None = None
    role: str = ""
    organisation: str = ""
    may_introspect: bool = False


def read_registration(text: bytes) -> tuple[Client, bool]:
    """Return the app a file describes, and whether it is to be given a secret; else Invalid."""
    if len(text) > _LONGEST_BYTES:
        raise Invalid("The description of an app is at most 100,000 bytes.")
    try:
        told = msgspec.json.decode(text, type=_Described)
    except msgspec.MsgspecError as problem:
        raise Invalid(f"This does not describe an app: {problem}.") from None
    is_signed = told.proves_itself == "private_key_jwt"
    if is_signed is not (told.jwks is not None):
        raise Invalid("Give jwks, its public keys, where it proves itself by private_key_jwt.")
    client = Client(
        id=told.client_id,
        name=told.client_name,
        made_by=told.made_by,
        kind="",
        redirects=told.redirect_uris,
        launch=told.launch_url,
        scopes=told.scope,
        keys=msgspec.json.encode(told.jwks).decode() if told.jwks is not None else "",
        role=told.role,
        organisation=told.organisation,
        looks_into=told.may_introspect,
    )
    return client, told.proves_itself == "client_secret_basic"
