"""Answers: resources, bundles and OperationOutcomes, with their status and headers.

Stored texts are sent as they are; a bundle is put together around them, never parsed. How an
answer goes out (as WSGI) is for `site` to say.
"""

from collections.abc import Iterable, Mapping
from email.utils import format_datetime
from typing import Any

import msgspec
from msgspec import Struct

from joinedup.fhir.issue import NotSupported, Problem, Refusal
from joinedup.record import Stored

__all__ = ["Answer", "bundle", "entry", "json_answer", "outcome", "refused", "stored_answer"]

FHIR_JSON = "application/fhir+json; charset=utf-8"


class Answer(Struct, frozen=True):
    """What is sent back: a status, a body (already FHIR JSON), and headers by name."""

    status: int
    body: bytes
    headers: dict[str, str]


def json_answer(text: str | bytes, status: int = 200, **headers: str) -> Answer:
    """Return JSON text as an answer; header names are written with underscores."""
    data = text if isinstance(text, bytes) else text.encode()
    told = {"Content-Type": FHIR_JSON}
    for name, value in headers.items():
        told[name.replace("_", "-")] = value
    return Answer(status, data, told)


def outcome(problems: Iterable[Problem]) -> bytes:
    """Return an OperationOutcome resource with one issue a problem."""
    issues = [_issue(p) for p in problems]
    return msgspec.json.encode({"resourceType": "OperationOutcome", "issue": issues})


def _issue(problem: Problem) -> dict[str, Any]:
    issue: dict[str, Any] = {
        "severity": problem.severity,
        "code": problem.code,
        "diagnostics": _printable(problem.message),
    }
    if problem.path:
        issue["expression"] = [_printable(problem.path)]
    return issue


def _printable(text: str) -> str:
    """Strings of FHIR hold no control characters; what came from outside may."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def refused(refusal: Refusal) -> Answer:
    """Return the answer of a refusal."""
    answer = json_answer(outcome(refusal.problems), refusal.status)
    if refusal.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, NotSupported):
        answer.headers["Allow"] = ", ".join(refusal.allowed)
    if refusal.status == 503:
        answer.headers["Retry-After"] = "5"
    return answer


def stored_answer(stored: Stored, status: int = 200) -> Answer:
    """Return a resource with its version headers (FHIR R4 3.1.0.1.3)."""
    return json_answer(stored.body, status, **version_headers(stored))


def version_headers(stored: Stored) -> dict[str, str]:
    """Return ETag and Last-Modified of a version."""
    return {
        "ETag": f'W/"{stored.version}"',
        "Last_Modified": format_datetime(stored.updated, usegmt=True),
    }


def entry(base: str, stored: Stored, mode: str | None = "match") -> str:
    """Return one bundle entry around a stored text."""
    search = f',"search":{{"mode":"{mode}"}}' if mode else ""
    return f'{{"fullUrl":"{base}/{stored.reference}","resource":{stored.body}{search}}}'


def bundle(
    kind: str,
    entries: Iterable[str],
    *,
    links: Mapping[str, str],
    total: int | None = None,
) -> str:
    """Return a Bundle of ready entries; empty parts are left out, as FHIR wants."""
    parts = [f'{{"resourceType":"Bundle","type":"{kind}"']
    if total is not None:
        parts.append(f'"total":{total}')
    if links:
        told = [{"relation": name, "url": url} for name, url in links.items()]
        parts.append('"link":' + msgspec.json.encode(told).decode())
    if joined := ",".join(entries):
        parts.append(f'"entry":[{joined}]')
    return ",".join(parts) + "}"
