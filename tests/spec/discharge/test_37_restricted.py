"""Going home, chapter 37. Where a restricted person is, the hub's list tells no other hospital."""

from uuid import uuid4

import pytest

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.discharge.hub_queries import hub_lines
from joinedup.discharge.referring import HELP, NeedsWish, refer_when_known
from joinedup.discharge.standing import standing_of
from joinedup.fhir.profiles.referral import Need
from joinedup.record.cluster import Urls
from tests.spec.discharge import ward
from tests.spec.discharge.stays import november
from tests.spec.discharge.ward import BROKER, COORDINATOR, NURSE, SPELL
from tests.spec.record.place import CONFIDENTIALITY, COUNCIL, PLACE, joyce, put

WISH = NeedsWish(purpose=HELP, needs=(Need("washing", "Needs help to wash"),), hub=COUNCIL)


@pytest.mark.parametrize(
    ("who", "restricted", "told"),
    [(BROKER, False, True), (BROKER, True, False), (COORDINATOR, True, True)],
)
def test_her_bed_is_told_to_her_own_hospital_alone(
    record_database: Urls, who: Permit, restricted: bool, told: bool
) -> None:
    """domain.md 1.2, "S-flag"; the board withholds it the same way."""
    assert record_database.application
    ward.build_ward(november(1))
    refer_when_known(NURSE, standing_of(NURSE, SPELL), WISH, token=uuid4().hex, now=november(3))
    stay = record.read(PLACE, "Encounter", SPELL).resource
    named = {**stay["location"][0], "location": {"reference": "Location/w7-12", "display": "Bed"}}
    put({**stay, "location": [named]})
    if restricted:
        put(joyce(meta={"security": [{"system": CONFIDENTIALITY, "code": "R"}]}))
    (line,) = hub_lines(who)
    assert (line.name, line.place) == ("Joyce Hallam", "Bed" if told else "")
