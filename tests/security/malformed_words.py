"""What malformed input is made of: the ground it is asked on, a request, and nasty texts."""

import random
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["NASTY", "Ground", "Make", "Request"]


class Ground(NamedTuple):
    """What is already there to be asked about: a person, a resource, a token, some cursors."""

    person: str
    observation: str
    token: str
    cursors: tuple[tuple[str, str], ...]
    """(address without its cursor, the cursor of its second page)"""


class Request(NamedTuple):
    """One request below /fhir; `expect` is the only status allowed, None for any below 500."""

    method: str
    path: str
    content: bytes | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    expect: int | None = None


Make = Callable[[random.Random, Ground], Request]

NASTY = (
    "", " ", "0", "-1", "null", "true", "'", '"', "';drop table record.head;--", "%", "%00", "\0",
    "\n", "\r\n", "\\", "a" * 300, "a" * 7_900, "é", "\U0001f469‍\U0001f9d1", "\u202e", "\u200b",
    "\ud800", "\ufeff", "\uffff", "Ａ", "ß" * 50, "|", "||", "a|b|c", ",", ",,", "$", "\\,", "*",
    "9" * 30, "1e999", "NaN", "-0", "0001-01-01", "9999-12-31", "0000-00-00", "2024-02-30",
    "ge2024", "ge", "gegege", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00",
    "2024-01-01T24:00:00Z", "2024-01-01T10:00:60Z", "2024-01-01T10:00:00+99:99", "eq-5",
    "Patient/", "/", "//", "../..", "Patient/a/_history/1", "http://x/Patient/1", "urn:uuid:1",
    "file:///etc/passwd", "javascript:alert(1)", "<script>", "${jndi:ldap://x}", "{{7*7}}",
)  # fmt: skip
