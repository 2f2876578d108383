"""What follows a message that begins or ends a stay: in its own commit, and once.

Help at home is held from admission (CP-05); an ending tells each team (domain.md 9.2, 9.9 no. 11).
"""

from datetime import date, datetime
from typing import Any

from joinedup import record
from joinedup.fhir.london import at_clock
from joinedup.fhir.profiles import planned_visit, readiness
from joinedup.fhir.profiles.planned_visit import PlannedVisit
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.fhir.profiles.team_task import is_team_task, read
from joinedup.hl7.judging import visit_id
from joinedup.record import Put
from tests.spec.hl7.ward import HOSPITAL, Desk, adt
from tests.spec.identity.people import COUNCIL, PLACE, everything, stored

ADMITTED = adt("A01", "201801051410", starts="201801051410")
ITSELF = visit_id(HOSPITAL, "V1")


def at(day: int, hour: int) -> datetime:
    """A time in January 2018."""
    return at_clock(date(2018, 1, day), hour)


def visit(name: str, start: datetime) -> dict[str, Any]:
    """A visit of her package that is planned."""
    planned = PlannedVisit(
        id=name,
        package="package-1",
        provider="VZ901",
        start=start,
        end=start.replace(minute=30),
        person="Patient/joyce",
    )
    return planned_visit.build(planned)


def has_help() -> None:
    """Help at home twice on each of two days."""
    stored(
        {
            "resourceType": "EpisodeOfCare",
            "id": "package-1",
            "status": "active",
            "patient": {"reference": "Patient/joyce"},
            "managingOrganization": {"reference": f"Organization/{COUNCIL}"},
            "period": {"start": "2017-10-01"},
        }
    )
    made = (visit("before", at(5, 12)), visit("after", at(5, 15)), visit("evening", at(9, 18)))
    record.commit(PLACE, [Put(one) for one in made], dangling="keep")


def told() -> dict[str, list[str]]:
    """Which teams have which kind of Task."""
    found: dict[str, list[str]] = {}
    for one in everything("Task"):
        if is_team_task(one.resource):
            task = read(one.resource)
            found.setdefault(task.kind, []).append(f"{task.team} {task.role}".strip())
    return {kind: sorted(teams) for kind, teams in found.items()}


def status(kind: str, name: str) -> str:
    """What a resource's status is now."""
    return str(record.read(PLACE, kind, name).resource["status"])


def test_an_admission_holds_help_at_home_and_tells_its_provider(desk: Desk) -> None:
    """3.6 example 3: admitted 5 January 14:10, visits from 15:00 stop, told within 15 minutes."""
    has_help()
    assert desk.takes(ADMITTED) == ["AA"]
    visits = {name: status("Appointment", name) for name in ("before", "after", "evening")}
    assert visits == {"before": "booked", "after": "cancelled", "evening": "cancelled"}
    assert status("EpisodeOfCare", "package-1") == "onhold"
    assert told() == {
        "package-held": [
            f"{COUNCIL} broker",
            f"{HOSPITAL} discharge-coordinator",
            "VZ901 provider-worker",
        ]
    }
    due = {read(t.resource).due for t in everything("Task") if is_team_task(t.resource)}
    assert due == {at(5, 14).replace(minute=25)}


def test_the_same_message_again_tells_nobody_twice(desk: Desk) -> None:
    has_help()
    again = adt("A01", "201801051411", starts="201801051410")
    assert desk.takes(ADMITTED, ADMITTED, again) == ["AA"] * 3
    assert len(told()["package-held"]) == 3


def test_leaving_of_her_own_accord_reaches_every_team(desk: Desk) -> None:
    has_help()
    left = adt("A03", "201801080205", ends="201801080200", method="6", destination="19")
    assert desk.takes(ADMITTED, left) == ["AA", "AA"]
    assert "VZ901 provider-worker" in told()["stay-ended"]
    assert f"{HOSPITAL} discharge-coordinator" in told()["stay-ended"]
    stands = readiness.read(record.read(PLACE, "Task", readiness.readiness_id(ITSELF)).resource)
    assert (stands.state, stands.left) == ("self-discharged", at(8, 2))


def test_going_home_with_help_on_hold_asks_who_starts_it_again(desk: Desk) -> None:
    """Nobody said that the visits start again: somebody is asked, and none is silently there."""
    has_help()
    left = adt("A03", "201801091610", ends="201801091600", method="1", destination="19")
    assert desk.takes(ADMITTED, left) == ["AA", "AA"]
    assert told()["package-restart"] == [f"{HOSPITAL} discharge-coordinator"]
    assert status("Appointment", "evening") == "cancelled"


def test_back_within_a_day_the_stay_before_has_failed(desk: Desk) -> None:
    """9.2: discharge_failed, by the messages alone."""
    left = adt("A03", "201801061405", ends="201801061400", method="6", destination="19")
    back = adt("A01", "201801070905", visit="V2", starts="201801070900", spot="WARD9^^1")
    assert desk.takes(ADMITTED, left, back) == ["AA"] * 3
    before = record.read(PLACE, "Task", readiness.readiness_id(ITSELF)).resource
    assert readiness.read(before).state == "discharge-failed"


def test_a_stay_of_which_nothing_was_arranged_raises_nothing(desk: Desk) -> None:
    left = adt("A03", "201801061405", ends="201801061400", method="1", destination="19")
    assert desk.takes(ADMITTED, left) == ["AA", "AA"]
    assert told() == {}


def test_a_leaving_that_is_taken_back_is_as_if_it_had_not_been(desk: Desk) -> None:
    """A13 after A03: how she stands is open again."""
    stands = Readiness(person="Patient/joyce", spell=ITSELF, hospital=HOSPITAL, admitted=at(5, 14))
    desk.takes(ADMITTED)
    stored(readiness.build(stands))
    left = adt("A03", "201801061405", ends="201801061400", method="1", destination="19")
    assert desk.takes(left, adt("A13", "201801061500")) == ["AA", "AA"]
    now = readiness.read(record.read(PLACE, "Task", stands.id).resource)
    assert (now.left, now.state) == (None, "admitted")
