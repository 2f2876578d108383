"""Apps that run in a browser on another origin: which of them may read our answers.

SMART App Launch 2.2, "Considerations for Cross-Origin Resource Sharing (CORS) support": what says
how to be let in is for every origin, tokens and the FHIR API for those of registered apps. Never
with cookies: an app proves itself by its token. A preflight looks at nobody's record.
"""

from collections.abc import Callable, Mapping
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from joinedup.smart.rules import origin_of
from joinedup.smart.tables import ask

__all__ = ["asks_first", "for_browsers", "preflight_headers", "shared_headers"]

_SENDS = (
    "Authorization, Content-Type, Accept, If-Match, If-None-Match, If-Modified-Since, "
    "If-None-Exist, Prefer"
)
_READS = "ETag, Last-Modified, Location, Content-Location, WWW-Authenticate"
_KEEPS_SECONDS = 600
_ALLOWED = "Access-Control-Allow-Origin"
_REDIRECTS = "select unnest(redirects) from smart.client where ended_at is null and role = ''"

View = Callable[..., HttpResponse]


def asks_first(method: str | None, origin: str, wants: str) -> bool:
    """Whether this is a browser's question before the real one (Fetch, 4.8: CORS-preflight)."""
    return method == "OPTIONS" and bool(origin and wants)


def shared_headers(origin: str, *, to_all: bool = False) -> dict[str, str]:
    """Return what tells a browser that a page of this origin may read the answer.

    Nothing for a request that is not from a page elsewhere; no leave for an origin that no app
    that stands is registered with, compared letter by letter.
    """
    if not origin:
        return {}
    if to_all:
        return {_ALLOWED: "*"}
    if not _is_registered(origin):
        return {"Vary": "Origin"}
    return {_ALLOWED: origin, "Vary": "Origin", "Access-Control-Expose-Headers": _READS}


def preflight_headers(origin: str, methods: str, *, to_all: bool = False) -> dict[str, str]:
    """Return what a page of this origin may then ask: with these methods, and its own token."""
    headers = shared_headers(origin, to_all=to_all)
    if _ALLOWED not in headers:
        return headers
    headers.pop("Access-Control-Expose-Headers", None)
    return headers | {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": _SENDS,
        "Access-Control-Max-Age": str(_KEEPS_SECONDS),
    }


def for_browsers(methods: str, *, to_all: bool = False) -> Callable[[View], View]:
    """Let pages of registered apps, or of all, ask a view of ours; no preflight reaches it."""

    def shared(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest, *words: str, **named: str) -> HttpResponse:
            origin = request.headers.get("Origin", "")
            wants = request.headers.get("Access-Control-Request-Method", "")
            if asks_first(request.method, origin, wants):
                headers: Mapping[str, str] = preflight_headers(origin, methods, to_all=to_all)
                return HttpResponse(status=204, headers=dict(headers))
            response = view(request, *words, **named)
            for name, value in shared_headers(origin, to_all=to_all).items():
                response.headers.setdefault(name, value)
            patch_vary_headers(response, ["Origin"])
            return response

        return answered

    return shared


def _is_registered(origin: str) -> bool:
    return any(origin_of(str(row[0])) == origin for row in ask(_REDIRECTS))
