"""A place that a test may harm."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place of this test's own."""
    place = Place(tmp_path / "cluster")
    yield place
    place.close()
