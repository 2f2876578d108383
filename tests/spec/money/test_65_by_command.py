"""Money, chapter 65. A provider's file by a command: as on the page, in an officer's name."""

from datetime import UTC, datetime

import pytest

from joinedup.access.words import ROLE_SYSTEM
from joinedup.fhir.issue import Invalid, NotPermitted
from joinedup.money.approval import waiting
from joinedup.record.cluster import Urls
from joinedup.site.money_command import officer_permit, report_of
from tests.spec.money.officers import (
    NOW,
    OKAFOR,
    file_line,
    file_of,
    made_visits,
    set_scene,
)
from tests.spec.record.place import put

POST = {
    "resourceType": "PractitionerRole",
    "id": "patel-finance",
    "active": True,
    "practitioner": {"reference": "Practitioner/patel", "display": "Ms Patel"},
    "organization": {"reference": "Organization/904"},
    "code": [{"coding": [{"system": ROLE_SYSTEM, "code": "finance-officer"}]}],
    "period": {"start": "2017-01-01"},
}


@pytest.fixture(autouse=True)
def _scene(record_database: Urls) -> None:
    assert record_database.application
    set_scene()
    made_visits()
    put(POST)


def test_a_file_is_taken_in_by_an_officer_who_holds_the_post() -> None:
    """What it prepared waits for another; the report names bills and nobody."""
    permit = officer_permit("patel", at=NOW)
    dearer = file_line(number="2045", begins="08/01/2018", ends="14/01/2018", cost="19.50")
    told = report_of(permit, file_of(file_line(), dearer.replace("259.00", "273.00")), at=NOW)
    assert "2044: waits for another officer to approve it" in told
    assert "2045: waits for somebody to decide" in told and "£19.50 is billed" in told
    assert told.endswith("2 invoices: 1 wait for approval, 1 to decide, 0 came before.")
    assert "Hallam" not in told and "9990000018" not in told
    (one,) = waiting(OKAFOR)
    assert one.payment.prepared_by == "Practitioner/patel"
    assert "2044: came before, just so" in report_of(permit, file_of(), at=NOW)


@pytest.mark.parametrize(
    ("who", "at"),
    [
        ("okafor", NOW),
        ("nobody", NOW),
        ("patel", datetime(2016, 1, 1, tzinfo=UTC)),
    ],
)
def test_nobody_else_takes_one_in(who: str, at: datetime) -> None:
    """No post of a finance officer at that time, no file."""
    with pytest.raises(NotPermitted, match="holds no post of a finance officer now"):
        officer_permit(who, at=at)


def test_a_file_with_a_problem_is_not_kept() -> None:
    """The same refusals as on the page, with their lines."""
    with pytest.raises(Invalid, match="Line 2"):
        report_of(officer_permit("patel", at=NOW), file_of(file_line(package="x9")), at=NOW)
    assert not waiting(OKAFOR)
