"""Pages that belong to no room."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from joinedup.web.layout import render

__all__ = ["accessibility"]


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Return the accessibility statement."""
    return render(request, "web/accessibility.jinja", {"title": "Accessibility statement"})
