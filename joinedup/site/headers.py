"""The headers that tell a browser what a page of joinedup may do: nothing but its own files.

No inline script or style, no other host, no frame, nothing kept by caches between people.
"""

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse

__all__ = ["CONTENT_SECURITY_POLICY", "answer_known_hosts_only", "protecting", "secure_headers"]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_STAY_ON_HTTPS = "max-age=31536000; includeSubDomains"

Answer = Callable[[HttpRequest], HttpResponse]


@cache
def protecting() -> tuple[tuple[str, str], ...]:
    """Return the headers of every answer that is not a static file, for both handlers."""
    https = {"Strict-Transport-Security": _STAY_ON_HTTPS} if settings.SESSION_COOKIE_SECURE else {}
    return tuple({**_HEADERS, "Cache-Control": "no-store", **https}.items())


def secure_headers(get_response: Answer) -> Answer:
    """Middleware: sets the headers on every answer; one that a view has set itself stays."""

    def secured(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        kept = request.path_info.startswith(settings.STATIC_URL)
        if target := getattr(response, "form_target", ""):
            response.headers["Content-Security-Policy"] = _leading_to(target)
        for name, value in protecting():
            if not (kept and name == "Cache-Control"):
                response.headers.setdefault(name, value)
        return response

    return secured


def _leading_to(target: str) -> str:
    """The pages whose form leads elsewhere: to an app that is opened or let in (`smart`)."""
    return CONTENT_SECURITY_POLICY.replace("form-action 'self'", f"form-action 'self' {target}")


def answer_known_hosts_only(get_response: Answer) -> Answer:
    """Middleware: a request whose Host is not in JOINEDUP_HOSTS is refused (400)."""

    def known(request: HttpRequest) -> HttpResponse:
        request.get_host()
        return get_response(request)

    return known
