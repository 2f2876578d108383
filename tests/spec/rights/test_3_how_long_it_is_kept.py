"""A person's rights, chapter 3. How long a record is kept; nothing is deleted by itself."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.fhir.issue import Conflict, Invalid, NotFound, NotPermitted
from joinedup.people.rights.holding import hold, let_go, past_now
from joinedup.people.rights.retention import (
    KINDS,
    TABLE,
    Facts,
    Holding,
    kind_of_holding,
    past_their_time,
    retained_until,
)
from joinedup.record import Delete, Update
from joinedup.reference.tables import notes, rows
from tests.spec.record.place import (
    COUNCIL,
    GP,
    HOSPITAL,
    PRACTICE,
    joyce,
    put,
    service,
    stay,
    weight,
)
from tests.spec.rights.asked import JOYCE, OFFICER, a_place

TODAY = date(2026, 1, 16)
JOB = system_permit("retention")
Day = date | None


@pytest.mark.parametrize(
    ("kind", "facts", "until"),
    [
        ("adult-health", {"last_seen": date(2018, 1, 16)}, date(2026, 1, 16)),
        ("adult-health", {"last_seen": date(2016, 2, 29)}, date(2024, 2, 29)),
        ("adult-health", {"last_seen": date(2016, 2, 29), "died": date(2016, 3, 1)},
         date(2024, 2, 29)),
        ("adult-social-care", {"last_seen": date(2012, 5, 1)}, date(2020, 5, 1)),
        ("mental-health", {"last_seen": date(2012, 2, 29)}, date(2032, 2, 29)),
        ("mental-health", {"last_seen": date(2012, 5, 1), "died": date(2014, 5, 1)},
         date(2024, 5, 1)),
        ("gp", {"last_seen": date(1990, 5, 1)}, None),
        ("gp", {"last_seen": date(1990, 5, 1), "died": date(2012, 2, 29)}, date(2022, 3, 1)),
        ("gp", {"left_practice": date(1990, 5, 1)}, date(2090, 5, 1)),
        ("child-health", {"born": date(2000, 6, 1), "last_seen": date(2012, 1, 1)},
         date(2025, 6, 1)),
        ("child-health", {"born": date(2000, 6, 1), "last_seen": date(2017, 6, 1)},
         date(2026, 6, 1)),
        ("child-health", {"last_seen": date(2012, 1, 1)}, None),
        ("record-request", {"closed": date(2020, 1, 1)}, date(2023, 1, 1)),
        ("maternity", {}, None),
    ],
)  # fmt: skip
def test_each_kind_is_kept_for_its_time(kind: str, facts: dict[str, Any], until: Day) -> None:
    """The Code's minima, counted from the event; what is not known is kept."""
    assert retained_until(kind, Facts(**facts), on=TODAY) == until


def test_every_kind_has_its_row_and_every_row_its_source() -> None:
    """House law 12; a period that was not read in a source says so."""
    found = rows(TABLE, on=TODAY)
    assert {row["kind"] for row in found} == set(KINDS)
    sources = {n.split()[1].rstrip(":") for n in notes(TABLE) if n.startswith("source ")}
    assert {row["source"] for row in found} == sources
    assert {row["seen"] for row in found} == {"yes", "no"}
    with pytest.raises(KeyError):
        retained_until("letters", Facts(), on=TODAY)


def holding(**more: Any) -> Holding:
    """What a hospital has about somebody last seen in 2012."""
    facts = more.pop("facts", Facts(born=date(1933, 5, 11), last_seen=date(2012, 1, 1)))
    return Holding(person="Patient/x", organisation="RZ901", facts=facts,
                   **{"is_practice": False, "is_social_care": False, "is_used": False,
                      "is_held": False, **more})  # fmt: skip


def test_what_is_used_or_held_is_never_past_its_time() -> None:
    """A legal hold stops it; so does care that goes on."""
    assert [p.until for p in past_their_time([holding()], on=TODAY)] == [date(2020, 1, 1)]
    for stops in ({"is_used": True}, {"is_held": True}):
        assert not list(past_their_time([holding(**stops)], on=TODAY))
    assert not list(past_their_time([holding()], on=date(2019, 12, 31)))


def test_whose_it_is_and_how_old_they_were_says_which_kind() -> None:
    """A surgery's, a council's, a child's."""
    child = Facts(born=date(2000, 6, 1), last_seen=date(2012, 1, 1))
    assert kind_of_holding(holding()) == "adult-health"
    assert kind_of_holding(holding(facts=child)) == "child-health"
    assert kind_of_holding(holding(is_social_care=True)) == "adult-social-care"
    assert kind_of_holding(holding(is_practice=True, facts=child)) == "gp"


@pytest.fixture
def old(record_database: object) -> None:
    """Somebody whom the hospital and the council last saw long ago; her surgery has her still."""
    a_place()
    put(joyce("old", birthDate="1933-05-11"))
    for what, source in (
        (stay("h", "old", start="2010-01-01", end="2010-02-01"), HOSPITAL),
        (service("c", "old", start="2011-01-01", end="2015-06-01"), COUNCIL),
        (weight("g", "old", effectiveDateTime="2009-01-01"), PRACTICE),
    ):
        put_at(what, source, "2010-02-01T12:00:00Z")


def put_at(resource: dict[str, Any], source: str, recorded: str) -> None:
    """Bring in what was written down then."""
    said = record.Source(source, recorded=recorded)
    record.commit(system_permit("import"), [record.Put(resource, source=said)], dangling="keep")


@pytest.mark.usefixtures("old")
def test_the_list_is_of_what_each_organisation_has_and_deletes_nothing() -> None:
    """What the surgery has of a living person on its list is in use."""
    found = [(p.organisation, p.kind, p.until) for p in past_now(JOB, on=TODAY)]
    assert found == [
        (HOSPITAL, "adult-health", date(2018, 2, 2)),
        (COUNCIL, "adult-social-care", date(2023, 6, 2)),
    ]
    assert record.read(GP, "Encounter", "h").version == 1


@pytest.mark.usefixtures("old")
def test_care_that_goes_on_keeps_what_anybody_has() -> None:
    """An open stay; the day it is over the time begins."""
    put(stay("now", "old", start="2025-12-01"), source=HOSPITAL)
    assert past_now(JOB, on=TODAY) == ()


@pytest.mark.usefixtures("old")
def test_a_legal_hold_stops_it_until_it_is_let_go() -> None:
    """For an inquiry or a claim; with a reason, by the job alone, and she can read of it."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    before = past_now(JOB, on=TODAY)
    for reason in ("", "x" * 501):
        with pytest.raises(Invalid):
            hold(JOB, "old", reason, at=at)
    with pytest.raises(NotFound):
        let_go(JOB, "old")
    task = hold(JOB, "old", "A public inquiry", at=at)
    assert past_now(JOB, on=TODAY) == ()
    for permit in (GP, OFFICER, system_permit("import")):
        with pytest.raises((NotPermitted, Conflict)):
            record.commit(permit, [Update({**task.resource, "status": "completed"}, 1)])
        with pytest.raises(NotPermitted):
            record.commit(permit, [Delete("Task", task.id, 1)])
    let_go(JOB, "old")
    assert past_now(JOB, on=TODAY) == before
    hold(JOB, "old", "A claim", at=at)
    assert past_now(JOB, on=TODAY) == ()


@pytest.mark.usefixtures("old")
def test_only_the_place_s_own_job_lists() -> None:
    """It goes through everybody."""
    for permit in (GP, OFFICER, JOYCE):
        with pytest.raises(NotPermitted):
            past_now(permit, on=TODAY)
