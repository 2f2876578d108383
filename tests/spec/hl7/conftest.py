"""A record for each paragraph of the chapter on the hospital's messages."""

import pytest

from joinedup.record.cluster import Urls
from tests.spec.hl7.ward import Desk, joyce, opened, ward
from tests.spec.identity.people import COUNCIL, HOSPITAL, PRACTICE, stored


@pytest.fixture
def desk(record_database: Urls) -> Desk:
    """The hospital's door, with Ward 7 and Ward 9; Joyce is known to her practice."""
    assert record_database.application
    opened(*({"resourceType": "Organization", "id": o} for o in (PRACTICE, HOSPITAL, COUNCIL)))
    opened(*ward(7, 14), *ward(9, 4))
    stored(joyce())
    return Desk()
