"""A place with a record of its own, a clock that moves, and browsers.

What needs Django's models is imported late: this module is read before the settings are named.
"""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from joinedup.record.cluster import Urls

if TYPE_CHECKING:
    from django.test import Client

    from tests.spec.signing_in.people import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> "Clock":
    """A clock that stands still until it is moved; it starts at the real hour."""
    from tests.spec.signing_in.people import Clock

    clock = Clock(time.time())
    monkeypatch.setattr("joinedup.signin.clock.seconds", lambda: clock.at)
    return clock


@pytest.fixture
def place(record_database: Urls, monkeypatch: pytest.MonkeyPatch) -> Iterator[Urls]:
    """A place of real people: a hospital with a ward in its record, and no one-click accounts."""
    from django.conf import settings
    from django.contrib.auth.hashers import ScryptPasswordHasher
    from django.db import connections

    from tests.spec.signing_in.people import store_place

    monkeypatch.setattr(settings, "JOINEDUP_INVENTED", False)
    monkeypatch.setattr(settings, "JOINEDUP_NOW", None)
    # As it is, a password takes a tenth of a second to check, and here dozens are checked.
    monkeypatch.setattr(ScryptPasswordHasher, "work_factor", 16)
    store_place()
    yield record_database
    connections.close_all()


@pytest.fixture
def browser_of(place: Urls) -> Callable[[], "Client"]:
    """Makes browsers that have never been here; each keeps its own cookies."""
    from django.test import Client

    return lambda: Client(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140"})
