"""Django as the site sets it up, in this process, for an invented place in a folder of its own."""

import os
import tempfile
from pathlib import Path

import django
from django.conf import settings


def set_up() -> None:
    """Set Django up once; the variable that names the folder does not stay."""
    if settings.configured:
        return
    home = Path(tempfile.mkdtemp(prefix="joinedup-pages-"))
    (home / "invented-people").touch()
    os.environ["JOINEDUP_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "joinedup.site.settings"
    try:
        django.setup()
        assert settings.JOINEDUP_INVENTED
    finally:
        del os.environ["JOINEDUP_HOME"]
