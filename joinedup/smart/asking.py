"""An app that asks to be let in: who it is, where it is sent back to, what it asks for.

Until client and address are sure nobody is sent anywhere: a refusal is a page of ours. From then on
it goes back to the app (RFC 6749 4.1.2.1, RFC 9700 4.11).
"""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from msgspec import Struct

from joinedup.access.scopes import Scope, narrowed_to, read_scopes, special_of
from joinedup.smart.clients import Client, client_of
from joinedup.smart.rules import Fault, Refused, is_challenge

__all__ = ["Asking", "Untrusted", "back_to", "read_asking", "who_asks"]

_LONGEST_STATE = 1_000
_LONGEST_NONCE = 500
_ONCE = (
    "response_type client_id redirect_uri scope state aud launch nonce code_challenge "
    "code_challenge_method"
).split()

Sent = Mapping[str, Sequence[str]]


class Untrusted(Exception):
    """Nobody is sent back: it is not sure to whom. `args[0]` is a code of ours for the log."""


class Asking(Struct, frozen=True, kw_only=True):
    """What an app asks, as far as it may be asked at all by this app."""

    client: Client
    redirect: str
    state: str
    challenge: str
    scopes: tuple[Scope, ...]
    special: frozenset[str]
    launch: str = ""
    nonce: str = ""


def who_asks(sent: Sent) -> tuple[Client, str]:
    """Return which app asks, and its address, letter by letter one it registered; or Untrusted."""
    for name in ("client_id", "redirect_uri"):
        if len(sent.get(name, ())) != 1:
            raise Untrusted(name.replace("_", "-"))
    client = client_of(sent["client_id"][0])
    if client is None or client.is_service:
        raise Untrusted("client-id")
    redirect = sent["redirect_uri"][0]
    if redirect not in client.redirects:
        raise Untrusted("redirect-uri")
    return client, redirect


def read_asking(sent: Sent, client: Client, redirect: str, *, base: str) -> Asking:
    """Return what is asked; Refused, to be told to the app, for anything that does not fit.

    `base` is the address of our API, which `aud` must name: a token is never made for another's.
    """
    if any(len(sent.get(name, ())) > 1 for name in _ONCE):
        raise _invalid("twice")
    told = {name: sent[name][0] if sent.get(name) else "" for name in _ONCE}
    if "request" in sent or "request_uri" in sent:
        raise Refused(Fault.REQUEST_NOT_SUPPORTED, "request-object")
    if told["response_type"] != "code":
        raise Refused(Fault.UNSUPPORTED_RESPONSE_TYPE, "response-type")
    if not 0 < len(told["state"]) <= _LONGEST_STATE or not told["state"].isprintable():
        raise _invalid("state")
    if told["code_challenge_method"] != "S256" or not is_challenge(told["code_challenge"]):
        raise _invalid("pkce")
    if told["aud"].rstrip("/") != base:
        raise _invalid("aud")
    if len(told["nonce"]) > _LONGEST_NONCE or not told["nonce"].isprintable():
        raise _invalid("nonce")
    scopes = narrowed_to(read_scopes(told["scope"]), client.most)
    special = special_of(told["scope"]) & special_of(client.scopes)
    if not any(s.level != "system" for s in scopes) and "openid" not in special:
        raise Refused(Fault.INVALID_SCOPE, "scope-none")
    return Asking(
        client=client,
        redirect=redirect,
        state=told["state"],
        challenge=told["code_challenge"],
        scopes=scopes,
        special=special,
        launch=told["launch"],
        nonce=told["nonce"],
    )


def _invalid(why: str) -> Refused:
    return Refused(Fault.INVALID_REQUEST, why)


def back_to(redirect: str, told: Mapping[str, str], *, issuer: str) -> str:
    """Return the address an app is sent back to, with what it is told and by whom (RFC 9207)."""
    parts = urlsplit(redirect)
    said = [(name, value) for name, value in told.items() if value]
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *said, ("iss", issuer)]
    return urlunsplit(parts._replace(query=urlencode(pairs)))
