"""My work, chapter 2. Who has what on their list, what is counted, and who hears of whom."""

from datetime import timedelta
from typing import Any

import pytest

from joinedup import record
from joinedup.access.permit import Permit, person_permit, system_permit
from joinedup.access.words import Role
from joinedup.fhir.classes import LABEL_CODES
from joinedup.fhir.issue import NotPermitted
from joinedup.people.my_queries import log
from joinedup.record.cluster import Urls
from joinedup.work.queries import count_of, mark_of, work_of
from tests.spec.record.place import COUNCIL, HOSPITAL, joyce, put
from tests.spec.work.errands import (
    ANALYST,
    COORDINATOR,
    DOCTOR,
    NOW,
    NURSE,
    OFFICER,
    call,
    permit_at,
    set_scene,
    task,
)


@pytest.fixture(autouse=True)
def scene(record_database: Urls) -> Urls:
    """The people, their workers, and nothing to do yet."""
    set_scene()
    return record_database


def ids(permit: Any) -> set[str]:
    """The errands on somebody's list."""
    return {line.id for line in work_of(permit).lines}


def looks(hers: Permit) -> int:
    """How often somebody else than she looked, as she reads it."""
    return sum(not line.is_you for line in log(hers, "joyce", before=None).lines)


def test_an_empty_list_is_empty_and_counts_none() -> None:
    """For every worker, those included whose role has no errands at all."""
    for permit in (COORDINATOR, NURSE, OFFICER, DOCTOR, ANALYST):
        found = work_of(permit)
        assert (found.lines, found.count, count_of(permit)) == ((), 0, 0)


def test_a_person_has_no_list() -> None:
    """A person's work is not joinedup's to list; their menu says nothing of it."""
    joyces = person_permit("joyce", "Joyce")
    assert count_of(joyces) is None and count_of(None) is None
    with pytest.raises(NotPermitted):
        work_of(joyces)


def test_a_call_is_on_the_list_of_the_team_that_owes_it() -> None:
    """Named, counted, and on nobody's else: not the surgery's, though it sees her."""
    put(call("c1", due=timedelta(hours=1)))
    found = work_of(COORDINATOR)
    assert [line.id for line in found.lines] == ["c1"] and found.count == count_of(COORDINATOR) == 1
    assert found.people == {"Patient/joyce": "Joyce Hallam"}
    assert found.places[f"Organization/{HOSPITAL}"] == "Marlbrook General"
    assert ids(NURSE) == {"c1"}
    assert ids(DOCTOR) == ids(ANALYST) == ids(OFFICER) == set()


def test_identity_and_alerts_are_their_offices_and_nobody_elses() -> None:
    """An alert about her record shows to the privacy officer alone."""
    privacy = {"security": [{"system": LABEL_CODES, "code": "privacy-office"}]}
    put(
        task("identity", "i1", authoredOn="2018-01-15T09:00:00Z"),
        task("adt-held", "a1", reasonCode={"coding": [{"code": "x", "display": "No such ward"}]}),
    )
    alert = task("access-alert", "al1", meta=privacy, **{"for": {"reference": "Patient/joyce"}})
    record.commit(system_permit("alerts"), [record.Create(alert, id="al1")])
    assert ids(OFFICER) == {"i1", "a1", "al1"} and ids(COORDINATOR) == {"i1", "a1"}
    assert ids(DOCTOR) == set() and count_of(COORDINATOR) == 2


def test_looking_at_an_alert_on_the_list_leaves_no_look_that_she_could_find(
    scene: Urls,
) -> None:
    """Who looked at her record does not tell her that there is an alert (AC-03)."""
    privacy = {"security": [{"system": LABEL_CODES, "code": "privacy-office"}]}
    alert = task("access-alert", "al1", meta=privacy, **{"for": {"reference": "Patient/joyce"}})
    record.commit(system_permit("alerts"), [record.Create(alert, id="al1")])
    joyces = person_permit("joyce", "Joyce")
    before = looks(joyces)
    assert ids(OFFICER) == {"al1"}
    assert looks(joyces) == before


def test_a_count_and_a_poll_leave_no_look_and_a_list_does() -> None:
    """Otherwise a menu would fill the log of everybody on the list."""
    put(call("c1"))
    joyces = person_permit("joyce", "Joyce")
    before = looks(joyces)
    assert count_of(COORDINATOR) == 1 and mark_of(COORDINATOR)[0] == 1
    assert looks(joyces) == before
    work_of(COORDINATOR)
    assert looks(joyces) == before + 1


def test_the_mark_changes_with_every_change_and_not_without() -> None:
    """A poll is answered by it."""
    put(call("c1"))
    first = mark_of(COORDINATOR)
    assert mark_of(COORDINATOR) == first
    put({**call("c1"), "description": "Ring twice"})
    second = mark_of(COORDINATOR)
    assert second[0] == first[0] and second[1] != first[1]
    put({**call("c1"), "status": "completed"})
    assert mark_of(COORDINATOR) == (0, 0)


def test_nobody_learns_of_somebody_withheld_by_a_count() -> None:
    """An errand about a person the organisation has no relationship with is not counted for it.

    Nor one under a label that the role does not see.
    """
    put(joyce("stranger"))
    put(
        {**call("far", "stranger"), "owner": {"reference": "Organization/elsewhere"}},
        {
            **call("hidden"),
            "meta": {"security": [{"system": LABEL_CODES, "code": "adoption"}]},
        },
    )
    assert count_of(COORDINATOR) == 0 and ids(COORDINATOR) == set()
    other = permit_at(Role.DISCHARGE_COORDINATOR, COUNCIL)
    assert count_of(other) == 0 and mark_of(other) == (0, 0)


def test_more_than_is_shown_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that wait for longest are shown; the count is of all."""
    monkeypatch.setattr("joinedup.work.queries.MOST_LISTED", 2)
    put(*({**call(f"c{n}"), "authoredOn": f"2018-01-{10 + n}T09:00:00Z"} for n in range(4)))
    found = work_of(COORDINATOR)
    assert found.count == 4 and {line.id for line in found.lines} == {"c0", "c1"}


def test_a_stay_that_is_not_ready_is_no_work() -> None:
    """Whoever meets the criteria to reside is on the board, and on nobody's list."""
    from joinedup.fhir.profiles.readiness import Readiness, build

    said = {"person": "Patient/joyce", "spell": "s-joyce", "hospital": HOSPITAL, "admitted": NOW}
    put(build(Readiness(**said, state="meets-criteria")))
    assert count_of(NURSE) == 0
    put(build(Readiness(**said, state="pathway-decided")))
    assert count_of(NURSE) == 1
