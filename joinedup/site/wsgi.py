"""The web application a server runs: one process, three ways in.

Pages go through Django's sessions and forms; the health addresses to a second handler with a
short middleware list of its own; /fhir to a door without Django (docs/decisions/0001).
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "joinedup.site.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402  # Django must be set up first
from django.core.handlers.exception import convert_exception_to_response  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

from joinedup.api import gate  # noqa: E402
from joinedup.record import database  # noqa: E402
from joinedup.signin import events  # noqa: E402
from joinedup.site.door import fhir_door  # noqa: E402
from joinedup.site.log_lines import log_door, log_unexpected  # noqa: E402
from joinedup.site.serving import die_with_web_server  # noqa: E402
from joinedup.smart.reading import permit_of_any  # noqa: E402

__all__ = ["application"]

_DOORS = ("/livez", "/readyz", "/metrics")


class DoorRequest(WSGIRequest):
    """A request to one of the doors; its addresses are not those of the pages."""

    urlconf = "joinedup.site.door_urls"


class DoorHandler(WSGIHandler):
    """A handler with the short middleware list."""

    request_class = DoorRequest

    def load_middleware(self, is_async: bool = False) -> None:
        """Build the chain from DOOR_MIDDLEWARE, which holds plain functions only."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        innermost = self._get_response  # type: ignore[attr-defined]  # Django's; its stubs omit it
        handler = convert_exception_to_response(innermost)
        for name in reversed(settings.DOOR_MIDDLEWARE):
            handler = convert_exception_to_response(import_string(name)(handler))
        self._middleware_chain = handler


die_with_web_server()
gate.admit_with(permit_of_any)
events.tell(log_door)
_pages = WSGIHandler()
_doors = DoorHandler()
if settings.JOINEDUP_DATABASE_URL:
    database.configure(settings.JOINEDUP_DATABASE_URL, moment=settings.JOINEDUP_NOW)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request."""
    path: str = environ.get("PATH_INFO", "")
    first = "/" + path.split("/", 2)[1] if path.startswith("/") else path
    try:
        if first == "/fhir":
            return fhir_door(environ, start_response)
        return (_doors if first in _DOORS else _pages)(environ, start_response)
    except Exception as error:  # such as a page of errors that has one itself
        log_unexpected(error)
        start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
        return [b"Something went wrong at our end. It is not your fault.\n"]
