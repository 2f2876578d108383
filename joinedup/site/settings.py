"""Django's settings, worked out from the JOINEDUP_* variables (docs/settings.md).

Django brings pages, forms and, for `signin` alone, models: sessions and credentials, under a role
that sees nothing else. There is no admin. The record is reached through `joinedup.record` only.
"""

import os
from pathlib import Path

from joinedup import __version__
from joinedup.demo.cast import NOW
from joinedup.people.my_cards import OWN_CARDS
from joinedup.people.rights.cards import RIGHTS_CARD
from joinedup.people.told.cards import TOLD_CARD
from joinedup.site.environment import read_environment
from joinedup.site.identity import identity_providers
from joinedup.site.log_lines import logging_settings
from joinedup.site.secret import secret_key
from joinedup.smart.cards import APPS_CARDS

_environment = read_environment(os.environ)
_package = Path(__file__).parent.parent

JOINEDUP_HOME = _environment.home
JOINEDUP_DATABASE_URL = _environment.database_url
JOINEDUP_INVENTED = _environment.is_invented
# In the invented place it is always the same hour; a real place goes by the clock.
JOINEDUP_NOW = NOW if _environment.is_invented else None
JOINEDUP_VERSION = __version__
JOINEDUP_SIGNIN_URL = _environment.signin_url
# What is on a person's home: a card a page, added by each room.
JOINEDUP_MY_CARDS = (*OWN_CARDS, TOLD_CARD, RIGHTS_CARD, *APPS_CARDS)
JOINEDUP_PERSON_LINKS = ("joinedup.smart.launching.app_links",)
JOINEDUP_PROVIDERS = identity_providers(_environment)

SECRET_KEY = secret_key(_environment.home)
DEBUG = False
ALLOWED_HOSTS = list(_environment.hosts)
ROOT_URLCONF = "joinedup.site.urls"
INSTALLED_APPS = ["django.contrib.staticfiles", "django_htmx", "joinedup.signin"]

MIDDLEWARE = [
    "joinedup.site.watch.watch_requests",
    "joinedup.site.headers.secure_headers",
    "joinedup.site.headers.answer_known_hosts_only",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "joinedup.signin.session.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "joinedup.signin.session.signed_in",
    "joinedup.web.refusals.refusals_as_pages",
    "joinedup.signin.kept.keep_forms",
]
# The doors for machines: no session, no cookie, no static file (stack: three times as fast).
DOOR_MIDDLEWARE = [
    "joinedup.site.watch.watch_requests",
    "joinedup.site.headers.secure_headers",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": sorted(_package.glob("*/templates")),
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "joinedup.site.jinja.environment",
            "context_processors": ["django.template.context_processors.request"],
        },
    }
]

STATIC_URL = "/static/"
STATICFILES_DIRS = [_package / "web" / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 300
WHITENOISE_ALLOW_ALL_ORIGINS = False

DATABASES = {
    "default": {
        "ENGINE": "joinedup.signin.database",
        "NAME": "joinedup",  # the engine asks the record where it is
        "CONN_MAX_AGE": None,
        "ATOMIC_REQUESTS": False,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]

# A cookie called __Host- is taken from this very host only, and over HTTPS only.
_prefix = "__Host-" if _environment.https else ""
SESSION_ENGINE = "joinedup.signin.store"
SESSION_COOKIE_NAME = f"{_prefix}joinedup-session"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _environment.https
CSRF_COOKIE_NAME = f"{_prefix}joinedup-form"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "joinedup.web.refusals.forbidden_form"
CSRF_COOKIE_SECURE = _environment.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _environment.https else None

DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000_000  # trust: a body of 10 MB at most
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000

LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "Europe/London"
LOGGING = logging_settings()
