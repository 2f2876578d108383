"""Requests: what a caller asks for, read once and checked once.

Limits on length, number and size are set here, before anything is looked at more closely.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

from msgspec import Struct

from joinedup.fhir import narrative
from joinedup.fhir.check import check
from joinedup.fhir.issue import (
    Invalid,
    NeedsVersion,
    NotAcceptable,
    NotFound,
    NotSupported,
    Problem,
    TooLarge,
    UnsupportedMedia,
)
from joinedup.fhir.search.served import SERVED
from joinedup.fhir.types import TYPE_NUMBERS
from joinedup.fhir.wire import read_resource

__all__ = [
    "Asked",
    "acceptable",
    "body_of",
    "checked",
    "parameters",
    "read_body",
    "served_type",
    "version_seen",
]

BODY_LIMIT_BYTES = 10_000_000
QUERY_LIMIT_CHARACTERS = 8_000
_ETAG = re.compile(r'^\s*(?:W/)?"([0-9]{1,9})"\s*$')
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_JSON_TYPES = ("application/fhir+json", "application/json", "text/json")
_PLAIN_PARAMETERS = ("_format", "_pretty")


class Asked(Struct, frozen=True):
    """One request: its method, where it was sent, and what came with it (a WSGI environment).

    `origin` is scheme and host, "" for a host that is not served here; `parts` is the path below
    /fhir.
    """

    method: str
    origin: str
    path: str
    parts: tuple[str, ...]
    came: Mapping[str, Any]

    @property
    def base(self) -> str:
        """The base URL of the API."""
        return self.origin + "/fhir"

    @property
    def query(self) -> str:
        """The query as it came, without its question mark."""
        return str(self.came.get("QUERY_STRING", ""))

    @property
    def address(self) -> str:
        """The whole URL without its query."""
        return self.origin + self.path

    @property
    def url(self) -> str:
        """The whole URL as it was asked."""
        query = quote(self.query, safe="/#%[]=:;$&()+,!?*@'~")
        return self.address + "?" + query if query else self.address

    @property
    def only_looks(self) -> bool:
        """Whether the method is GET or HEAD."""
        return self.method in ("GET", "HEAD")

    @property
    def content_type(self) -> str:
        """The media type of the body, without its parameters, in lower case."""
        return str(self.came.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()

    def header(self, name: str) -> str | None:
        """Return a header by its name in WSGI, such as `IF_MATCH`; None where it is absent."""
        return self.came.get("HTTP_" + name)


def served_type(name: str) -> str:
    """Return a type this server keeps; refuses any other by name."""
    if name in SERVED:
        return name
    if name in TYPE_NUMBERS:
        raise NotFound(f"{name} is a FHIR R4 type, but this record does not keep it yet.")
    raise NotFound(f"There is no FHIR R4 resource type {name[:64]!r}.")


def resource_id(text: str) -> str:
    """Return an id that could exist; what could not is simply not found."""
    if not _ID.fullmatch(text):
        raise NotFound("No resource can have that id: ids are 1 to 64 of A-Z a-z 0-9 - and .")
    return text


def acceptable(asked: Asked) -> None:
    """Refuse a caller who takes nothing but other formats than JSON (406, FHIR R4 3.1.0.1.11)."""
    wanted = asked.header("ACCEPT") or ""
    if "_format" in asked.query:
        wanted = dict(_pairs(asked.query)).get("_format", "") or wanted
    if not wanted or "json" in wanted or "*/*" in wanted or "application/*" in wanted:
        return
    raise NotAcceptable("This server speaks FHIR JSON only (application/fhir+json).")


def parameters(asked: Asked) -> list[tuple[str, str]]:
    """Return the search parameters of the query and, for POST _search, of the form."""
    pairs = _pairs(asked.query)
    if asked.method == "POST":
        if asked.content_type not in ("application/x-www-form-urlencoded", ""):
            raise UnsupportedMedia("A POST search sends application/x-www-form-urlencoded.")
        try:
            pairs += _pairs(body_of(asked).decode())
        except UnicodeDecodeError as problem:
            raise Invalid("The form is not UTF-8.") from problem
    return [p for p in pairs if p[0] not in _PLAIN_PARAMETERS]


def _pairs(text: str) -> list[tuple[str, str]]:
    if len(text) > QUERY_LIMIT_CHARACTERS:
        raise Invalid("The search is longer than 8,000 characters. Ask for less at a time.")
    try:
        return parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=200, strict_parsing=False
        )
    except ValueError as problem:
        raise Invalid("The search parameters cannot be read: check the encoding.") from problem


def body_of(asked: Asked) -> bytes:
    """Return the body within its limit."""
    try:
        length = int(asked.came.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > BODY_LIMIT_BYTES:
        raise TooLarge("The body is larger than 10,000,000 bytes. Send it in parts.")
    if asked.header("TRANSFER_ENCODING"):  # sent in chunks, its length untold
        length = BODY_LIMIT_BYTES + 1
    data = bytes(asked.came["wsgi.input"].read(length)) if length > 0 else b""
    if len(data) > BODY_LIMIT_BYTES:
        raise TooLarge("The body is larger than 10,000,000 bytes. Send it in parts.")
    return data


def read_body(asked: Asked) -> dict[str, Any]:
    """Return the body as a JSON tree, not yet checked."""
    if asked.content_type not in _JSON_TYPES:
        raise UnsupportedMedia("Send the resource as application/fhir+json.")
    return read_resource(body_of(asked), limit_bytes=BODY_LIMIT_BYTES)


def checked(resource: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the resource when it is well-formed FHIR of the expected type, its narrative clean."""
    found = resource.get("resourceType")
    if found != kind:
        raise Invalid(
            Problem("invalid", f"This address takes a {kind}, not {str(found)[:64]!r}.", kind)
        )
    problems = check(resource)
    if problems:
        raise Invalid(*problems[:200])
    return narrative.clean(resource)


def version_seen(header: str | None) -> int:
    """Return the version of an If-Match header (FHIR R4 3.1.0.5); refuses its absence with 428."""
    if header is None:
        raise NeedsVersion(
            'Say which version you changed: send If-Match: W/"<version>" with what you read.'
        )
    if found := _ETAG.match(header):
        return int(found[1])
    raise Invalid('If-Match must be one version, such as W/"3".')


def refuse_method(method: str | None, offered: str, *allowed: str) -> NotSupported:
    """Return the refusal of a method that is not offered there, with those that are."""
    return NotSupported(f"{method} is not offered here; {offered}.", allowed=allowed)
