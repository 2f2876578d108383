"""The door of the FHIR API: WSGI in, WSGI out, and what every answer carries.

Django is not asked here: its request, response and middleware would cost more than a read of the
record (docs/decisions/0001). What must hold for the pages too is shared with them: known hosts,
headers, counting, logging.
"""

import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import connections
from django.http.request import split_domain_port, validate_host

from joinedup.api.answer import Answer
from joinedup.api.dispatch import answer, asked_of, failed
from joinedup.api.request import Asked
from joinedup.site.headers import protecting
from joinedup.site.log_lines import log_unexpected
from joinedup.site.watch import note
from joinedup.smart.browsers import asks_first, preflight_headers, shared_headers

__all__ = ["fhir_door"]

_TO_ALL = (("metadata",), (".well-known", "smart-configuration"))
"""What a page of any origin may read: how to be let in (SMART App Launch 2.2)."""
_METHODS = "GET, HEAD, POST, PUT, DELETE"
_LINES = {s.value: f"{s.value} {s.phrase}" for s in HTTPStatus}


def fhir_door(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request to /fhir; an error nobody expected is logged and answered 500."""
    began = time.perf_counter()
    asked = asked_of(environ, _origin(environ))
    try:
        route, given = _answered(asked)
    except Exception as error:
        log_unexpected(error)
        route, given = "fhir", failed()
    start_response(_LINES[given.status], _headers(given))
    for kept in connections.all(initialized_only=True):  # sign-in's own, if a token needed it
        kept.close_if_unusable_or_obsolete()
    note(asked.method, route, given.status, time.perf_counter() - began)
    return [b"" if asked.method == "HEAD" else given.body]


def _answered(asked: Asked) -> tuple[str, Answer]:
    """Answer as the API does, and say to a browser whose page asked whether it may read that."""
    origin, to_all = asked.header("ORIGIN") or "", asked.parts in _TO_ALL
    if not (origin and asked.origin):
        return answer(asked)
    if asks_first(asked.method, origin, asked.header("ACCESS_CONTROL_REQUEST_METHOD") or ""):
        methods = "GET, HEAD" if to_all else _METHODS
        allowed = preflight_headers(origin, methods, to_all=to_all)
        return "fhir", Answer(HTTPStatus.NO_CONTENT, b"", allowed)
    route, given = answer(asked)
    shared = shared_headers(origin, to_all=to_all)
    return route, Answer(given.status, given.body, given.headers | shared)


def _headers(given: Answer) -> list[tuple[str, str]]:
    headers = [*given.headers.items(), *protecting()]
    if given.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        headers.append(("Content-Length", str(len(given.body))))
    return headers


def _origin(environ: dict[str, Any]) -> str:
    """Return scheme and host as the caller wrote them; "" for a host that is not ours."""
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    if not _is_served(host):
        return ""
    scheme = environ["wsgi.url_scheme"]
    if settings.SECURE_PROXY_SSL_HEADER:
        name, wanted = settings.SECURE_PROXY_SSL_HEADER
        if name in environ:
            scheme = "https" if environ[name].partition(",")[0].strip() == wanted else "http"
    return f"{scheme}://{host}"


@lru_cache(256)
def _is_served(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
