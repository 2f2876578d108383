"""My record, chapter 6. Who comes when: what is booked from now on (issue 4, accept 2)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from joinedup.access.permit import person_permit, proxy_permit
from joinedup.fhir.classes import LABEL_CODES
from joinedup.fhir.profiles.planned_visit import PlannedVisit, build, stopped
from joinedup.people.coming import coming
from tests.spec.record.place import joyce, label, put

NOW = datetime(2018, 1, 16, 10, tzinfo=UTC)
JOYCE = person_permit("joyce", "Joyce Hallam")


def visit(name: str, start: datetime) -> dict[str, Any]:
    """A visit of half an hour by the home care provider."""
    return build(
        PlannedVisit(
            id=name,
            package="p1",
            provider="VZ903",
            start=start,
            end=start + timedelta(minutes=30),
            person="Patient/joyce",
        )
    )


@pytest.fixture(autouse=True)
def _a_place(record_database: object) -> None:
    assert record_database
    phone = [{"system": "phone", "value": "01632 960423"}]
    provider = {"resourceType": "Organization", "id": "VZ903", "name": "Wrenfield"}
    put(provider | {"telecom": phone}, joyce(), joyce("other"))


def test_the_next_comes_first_with_who_and_whom_to_ring() -> None:
    """Today and tomorrow are said so; the clock is London's; what is past or cancelled is not."""
    put(
        visit("late", NOW.replace(day=17, hour=18)),
        visit("tonight", NOW.replace(hour=18)),
        visit("summer", NOW.replace(month=7, hour=8)),
        visit("past", NOW.replace(hour=8)),
        stopped(visit("gone", NOW.replace(hour=20)), "ended"),
    )
    told = coming(JOYCE, "joyce", NOW)
    assert [(c.day, c.time) for c in told] == [
        ("Today, Tuesday 16 January 2018", "18:00"),
        ("Tomorrow, Wednesday 17 January 2018", "18:00"),
        ("Monday 16 July 2018", "09:00"),
    ]
    assert {(c.what, c.who, c.telephone) for c in told} == {
        ("Visit at home", "Wrenfield", "01632 960423")
    }


def test_nobody_else_reads_it_and_what_is_kept_from_her_is_not_there() -> None:
    """Under the reader's own permit, and its labels."""
    put(visit("a", NOW.replace(hour=18)) | {"meta": label(LABEL_CODES, "third-party")})
    assert coming(JOYCE, "joyce", NOW) == ()
    put(visit("b", NOW.replace(hour=18)))
    assert len(coming(JOYCE, "joyce", NOW)) == 1
    assert coming(person_permit("other", "Other"), "joyce", NOW) == ()
    assert coming(proxy_permit("nobody", "Nobody"), "joyce", NOW) == ()
