"""Trust: what a provider is and has free, nobody writes but a job of the place and its own workers.

MS-01, DI-05: whoever keeps the lists of places could otherwise make an inadequate provider good,
or free the start that another provider took back.
"""

from typing import Any

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.access.offers import answering
from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.brokerage.capacity import tell
from joinedup.brokerage.rules.telling import Wish
from joinedup.fhir.issue import NotPermitted
from joinedup.record import Create, Delete, Update
from joinedup.record.cluster import Urls
from tests.spec.brokerage.scene import EVENING, HOLT, MARTIN, NOW
from tests.spec.brokerage.scene import start as a_start
from tests.spec.record.place import HOSPITAL, PLACE, PRACTICE

pytestmark = pytest.mark.usefixtures("scene")
KEEPERS = [
    worker_permit("Practitioner/nowak", "Dr Ash", Role.GP, PRACTICE),
    worker_permit("Practitioner/nowak", "Dr Marsh", Role.CONSULTANT, HOSPITAL),
    worker_permit("Practitioner/nowak", "Mr Oduya", Role.WARD_MANAGER, HOSPITAL),
]


@pytest.fixture
def scene(record_database: Urls) -> Any:
    """The scene of the chapters on finding care."""
    from joinedup.record import database
    from tests.spec.brokerage.scene import set_scene

    database.configure(record_database.application, moment=NOW)
    set_scene()
    yield record_database
    database.close()


def stood(kind: str, name: str) -> tuple[dict[str, Any], int]:
    found = record.read(PLACE, kind, name)
    return dict(found.resource), found.version


@pytest.mark.parametrize("who", KEEPERS, ids=lambda permit: permit.role.value)
@pytest.mark.parametrize("by_program", [False, True])
def test_who_keeps_the_lists_of_places_writes_no_provider_and_no_start(
    who: Permit, by_program: bool
) -> None:
    permit = replace(who, through_token=by_program)
    for kind, name in (("HealthcareService", "lo-1"), ("Slot", EVENING)):
        before, version = stood(kind, name)
        for change in (
            Update(before, version),
            Update({k: v for k, v in before.items() if k != "extension"}, version),
            Create({**before, "id": f"{name}-2"}, f"{name}-2"),
            Delete(kind, name, None),
        ):
            with pytest.raises(NotPermitted):
                record.commit(permit, [change])
        assert stood(kind, name) == (before, version)
    other = {"resourceType": "HealthcareService", "id": "clinic", "name": "A clinic"}
    record.commit(permit, [Create(other, "clinic")])


def test_a_provider_tells_of_its_own_starts_and_of_no_others() -> None:
    before, version = stood("Slot", EVENING)
    for change in (
        Update(before, version),
        Create(a_start("forged"), "forged"),
        Delete("Slot", EVENING, None),
    ):
        with pytest.raises(NotPermitted):
            record.commit(answering(MARTIN), [change])
    with pytest.raises(NotPermitted, match="never deleted"):
        record.commit(answering(HOLT), [Delete("Slot", EVENING, None)])
    kept, at = stood("HealthcareService", "kf-1")
    with pytest.raises(NotPermitted, match="their lists"):
        record.commit(answering(HOLT), [Update(kept, at)])
    wish = Wish(
        location="kf-1",
        service="reablement",
        area="MQ1",
        band="tea",
        at=NOW,
        count=1,
        week_minutes=420,
        carers=1,
        skills=frozenset(),
    )
    assert len(tell(HOLT, wish, now=NOW).written) == 1
