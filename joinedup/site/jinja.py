"""The environment of the page templates: NHS.UK components, addresses, static files.

Filters and words that pages share belong to `web`; this module only joins them together.
"""

from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader

__all__ = ["environment"]


def environment(**options: Any) -> Environment:
    """Return the environment Django's Jinja2 backend renders with."""
    options["loader"] = ChoiceLoader([options["loader"], PackageLoader("nhsuk_frontend_jinja")])
    # NHS.UK components read parameters nobody passed (`params.label.classes`).
    options["undefined"] = ChainableUndefined
    options |= {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    made = Environment(**options)  # noqa: S701  # autoescape is set in the line above
    made.globals.update(
        static=static,
        url=_url,
        invented=settings.JOINEDUP_INVENTED,
        version=settings.JOINEDUP_VERSION,
    )
    return made


def _url(name: str, *words: object, **named: object) -> str:
    return reverse(name, args=words or None, kwargs=named or None)
