"""The database engine behind Django's models: the same PostgreSQL as the record, another role.

The address is asked for when a connection is needed, because an embedded record has none before
it runs. Connections stay open, one a thread; one whose database has gone is opened again.
"""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base

from joinedup.record.database import address

__all__ = ["DatabaseWrapper", "signin_url"]

_APPLICATION, _SIGNIN = "//joinedup_app@", "//joinedup_signin@"

_OPTIONS = "-c search_path=signin -c timezone=UTC -c statement_timeout=10s -c jit=off"


def signin_url(application_url: str, given: str = "") -> str:
    """Return the sign-in role's URL: the one given, else the application's with the role changed.

    Only an embedded server lets a role in by its name alone; elsewhere JOINEDUP_SIGNIN_URL says.
    """
    return given or application_url.replace(_APPLICATION, _SIGNIN, 1)


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL as Django knows it, except for where its address comes from."""

    _opened_to = ""

    def ensure_connection(self) -> None:
        """Open a connection, or another one where the record has moved."""
        if self.connection is not None and self._opened_to != self._url():
            self.close()
        super().ensure_connection()

    def get_connection_params(self) -> dict[str, Any]:
        """Return how to connect; raises Unavailable where the record is not connected."""
        self._opened_to = self._url()
        wanted = super().get_connection_params()
        del wanted["dbname"]
        return wanted | {"conninfo": self._opened_to, "options": _OPTIONS}

    def _url(self) -> str:
        return signin_url(address(), settings.JOINEDUP_SIGNIN_URL)
