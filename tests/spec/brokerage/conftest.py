"""What every chapter on finding care may ask for: the scene, in a record of the test's own."""

from collections.abc import Iterator

import pytest

from joinedup.record import database
from joinedup.record.cluster import Urls
from tests.spec.brokerage.scene import NOW, set_scene


@pytest.fixture
def scene(record_database: Urls) -> Iterator[Urls]:
    """Three people ready to go home, and who can help them; the place stands at `NOW`."""
    database.configure(record_database.application, moment=NOW)
    set_scene()
    yield record_database
    database.close()
