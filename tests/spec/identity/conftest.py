"""A record for each paragraph of the chapter on identity: three organisations, and nobody."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from joinedup.record.cluster import Urls
from tests.spec.record.place import COUNCIL, HOSPITAL, PRACTICE, put

Superuser = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture(autouse=True)
def _nobody_yet(record_database: Urls) -> None:
    assert record_database.application
    put(*({"resourceType": "Organization", "id": o} for o in (PRACTICE, HOSPITAL, COUNCIL)))


@pytest.fixture
def superuser(record_database: Urls) -> Iterator[Superuser]:
    """Whoever no lock holds: reads what is stored, and breaks it where a paragraph asks."""
    url = record_database.application.replace("joinedup_app@", "postgres@")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection
