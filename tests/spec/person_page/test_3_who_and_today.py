"""Who this is, who is involved, where she is, and what is new."""

from datetime import datetime, timedelta
from typing import Any

from joinedup.fhir.search.period import LONDON
from joinedup.people.presenters.circle import present_circle, present_close
from joinedup.people.presenters.identity import present_identity
from joinedup.people.presenters.today import present_changes, present_today
from tests.spec.person_page.lives import HOSPITAL, NOW, SURGERY, coded, life, patient, says

NUMBER = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990012008"}
STAY = {
    "resourceType": "Encounter",
    "status": "in-progress",
    "class": {"code": "IMP"},
    "period": {"start": "2018-01-05T14:00:00Z"},
    "location": [{"location": {"reference": "Location/bed"}}],
}
PLACES = {
    "Location/bed": {
        "resourceType": "Location",
        "name": "Bed 12",
        "partOf": {"reference": "Location/ward"},
    },
    "Location/ward": {"resourceType": "Location", "name": "Ward 7"},
}


def booked(start: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Appointment", "status": "booked", "start": start, **more}


def test_the_number_is_read_in_threes_and_a_four() -> None:
    """And the age is completed years on the day."""
    who = present_identity(life(person=patient(identifier=[NUMBER])), NOW)
    assert (who.nhs_number, who.age) == ("999 001 2008", "84 years")


def test_a_restricted_person_shows_no_address_telephone_or_circle_of_practice() -> None:
    """Identity is minimal, and relatives are not shown either."""
    person = patient(
        meta={
            "security": [
                {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}
            ]
        },
        address=[{"line": ["14 Orchard Row"]}],
        telecom=[{"system": "phone", "value": "01632 960514"}],
        generalPractitioner=[{"display": "Fosse Lane Surgery"}],
        contact=[{"name": {"family": "Whitlock"}}],
    )
    held = life(person=person)
    who = present_identity(held, NOW)
    assert who.restricted and who.address == () and who.telephones == ()
    assert present_circle(held) == () and present_close(held) == ()


def test_an_old_address_is_never_where_somebody_lives() -> None:
    """A current one is chosen even when it comes second; an ended one is old."""
    places = [
        {"use": "old", "line": ["1 Mill Lane"]},
        {"line": ["2 Mill Lane"], "period": {"end": "2009"}},
        {"use": "home", "line": ["14 Orchard Row"]},
    ]
    assert present_identity(life(person=patient(address=places)), NOW).address == (
        "14 Orchard Row",
    )


def test_first_of_january_may_be_a_placeholder() -> None:
    """ID rule of domain.md 1.2, step 3."""
    who = present_identity(life(person=patient(birthDate="1932-01-01")), NOW)
    assert who.placeholder_birth_date


def test_the_stay_says_since_when_by_midnights_and_in_which_bed() -> None:
    """Bed days are counted by midnights (domain.md 0)."""
    today = present_today(life(says(HOSPITAL, STAY), names=PLACES), NOW)
    assert today.stay == "In hospital since 5 Jan 2018 (11 nights)"
    assert today.stay_place == "Ward 7, Bed 12"


def test_a_stay_that_ended_is_not_where_she_is() -> None:
    """Only a stay that is going on counts; a clinic visit never does."""
    ended = STAY | {"status": "finished"}
    clinic = STAY | {"class": {"code": "AMB"}}
    assert present_today(life(says(HOSPITAL, ended), says(HOSPITAL, clinic)), NOW).stay == ""


def test_today_is_londons_day() -> None:
    """23:30 UTC on a summer's evening is tomorrow already."""
    summer = datetime(2018, 7, 2, 10, 0, tzinfo=LONDON)
    held = life(says(SURGERY, booked("2018-07-01T23:30:00Z", id="a")))
    assert [h.time for h in present_today(held, summer).happening] == ["00:30"]


def test_what_was_cancelled_is_not_today() -> None:
    """Nor is what is weeks away; soon things come in order."""
    off = booked("2018-01-16T11:00:00Z") | {"status": "cancelled"}
    soon = [booked(f"2018-01-{d}T11:00:00Z", id=str(d)) for d in (20, 18)]
    far = booked("2018-06-01T11:00:00Z", id="far")
    today = present_today(life(*(says(SURGERY, a) for a in (off, *soon, far))), NOW)
    assert today.happening == () and [h.time for h in today.ahead] == ["18 Jan", "20 Jan"]


def test_new_is_what_came_since_the_reader_last_looked() -> None:
    """By when we received it, not by when it was true: a late letter is new."""
    late = {"resourceType": "Condition", "code": coded("1", "Asthma"), "onsetDateTime": "1987"}
    looked = NOW - timedelta(hours=2)
    old = says(SURGERY, late, received=looked - timedelta(minutes=1))
    assert present_changes(life(old), looked, NOW).items == ()
    new = says(SURGERY, late, received=looked + timedelta(minutes=1))
    (change,) = present_changes(life(new), looked, NOW).items
    assert change.titles == ("Asthma",) and not present_changes(life(new), looked, NOW).first_look


def test_a_first_look_shows_the_last_seven_days_and_says_so() -> None:
    """Somebody who was never here is not told that everything is new."""
    stated = {"resourceType": "Condition", "code": coded("1", "Asthma")}
    week = says(SURGERY, stated, received=NOW - timedelta(days=6))
    older = says(SURGERY, stated | {"id": "b"}, received=NOW - timedelta(days=8))
    changes = present_changes(life(week, older), None, NOW)
    assert changes.first_look and changes.total == 1


def test_each_person_involved_is_named_once_with_the_best_number_held() -> None:
    """Their own telephone before their team's; a carer before a neighbour."""
    rao = {"reference": "PractitionerRole/rao", "display": "Dr Anita Rao, GP"}
    names = {
        "PractitionerRole/rao": {
            "resourceType": "PractitionerRole",
            "telecom": [{"system": "phone", "value": "01632 960011"}],
            "organization": {"display": "Fosse Lane Surgery"},
        }
    }
    team = {"resourceType": "CareTeam", "status": "active"}
    team |= {"participant": [{"member": rao, "role": [{"text": "GP"}]}] * 2}
    (found,) = present_circle(life(says(SURGERY, team), names=names))
    assert (found.telephone, found.href) == ("01632 960011", "tel:01632960011")
    near = [
        {
            "resourceType": "RelatedPerson",
            "id": who,
            "name": [{"text": who}],
            "relationship": [{"text": what}],
        }
        for who, what in (("Pat", "Neighbour"), ("Susan", "Daughter and main carer"))
    ]
    close = present_close(life(*(says(SURGERY, p) for p in near)))
    assert [p.name for p in close] == ["Susan", "Pat"]


def test_a_team_that_has_ended_is_not_involved_now() -> None:
    """Nor is somebody whose part in it has ended."""
    member = {"member": {"display": "Dr Old"}, "period": {"end": "2016-01-01"}}
    ended = {"resourceType": "CareTeam", "status": "inactive", "participant": [member]}
    running = ended | {"status": "active", "id": "b"}
    assert present_circle(life(says(SURGERY, ended), says(SURGERY, running))) == ()
