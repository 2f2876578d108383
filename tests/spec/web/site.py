"""Django as the site sets it up, in this process, for an invented place in the run's own home."""

import django
from django.apps import apps
from django.conf import settings


def set_up() -> None:
    """Set Django up once; `tests/conftest.py` has named the home and marked it as invented."""
    if not apps.ready:
        django.setup()
    assert settings.JOINEDUP_INVENTED
