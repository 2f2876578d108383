"""The addresses of the FHIR door; everything below /fhir goes to one dispatcher."""

from django.http import HttpRequest, HttpResponse
from django.urls import re_path

from joinedup.api.dispatch import answer, failed

__all__ = ["handler500", "urlpatterns"]


def view(request: HttpRequest, path: str = "") -> HttpResponse:
    """Hand the path to the dispatcher."""
    return answer(request, path)


urlpatterns = [re_path(r"^fhir(?:/(?P<path>[\s\S]*?))?/?\Z", view)]
handler500 = failed
