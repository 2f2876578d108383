"""Watching requests: each answered one is counted and logged, by its route, never its address."""

import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from joinedup.site.counters import Counters
from joinedup.site.log_lines import log_request

__all__ = ["metrics_folder", "note", "watch_requests"]

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def watch_requests(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, the outermost of both handlers."""

    def watched(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = get_response(request)
        seconds = time.perf_counter() - began
        note(request.method or "", _route(request), response.status_code, seconds)
        return response

    return watched


def note(method: str, route: str, status: int, seconds: float) -> None:
    """Count and log one answered request."""
    known = method if method in _METHODS else "OTHER"
    _counters().count(known, route, status, seconds)
    log_request(known, route, status, round(seconds * 1000, 2))


def metrics_folder() -> Path:
    """Return the folder in which this server's workers count."""
    return Path(settings.JOINEDUP_HOME) / "metrics"


@cache
def _counters() -> Counters:
    return Counters(metrics_folder())


def _route(request: HttpRequest) -> str:
    if request.resolver_match is not None:
        return str(request.resolver_match.route) or "/"
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "unmatched"
