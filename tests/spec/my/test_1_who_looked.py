"""My record, chapter 1. Who looked at my record, and why, in plain English (ON-02)."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.access.guard import REASON_CODES
from joinedup.access.permit import Permit, person_permit, proxy_permit, tracing, worker_permit
from joinedup.access.words import Ground, Role
from joinedup.fhir.classes import LABEL_CODES, TASK_KIND
from joinedup.fhir.issue import NotFound, NotPermitted
from joinedup.fhir.relationships import CONSENT_KIND, FUNCTION_CODES
from joinedup.fhir.search.query import parse_query
from joinedup.people.my_queries import log
from joinedup.people.presenters.who_looked import GROUND_WORDS, Line
from joinedup.people.queries import gather
from joinedup.record import Create
from joinedup.record.audit import leave_refusal
from joinedup.record.looked import sittings
from tests.spec.record.place import (
    COUNCIL,
    GP,
    HOSPITAL,
    NURSE,
    PRACTICE,
    days_ago,
    joyce,
    label,
    put,
    stay,
    weight,
)

JOYCE = person_permit("joyce", "Joyce Hallam", session="hers")
SUSAN = proxy_permit("susan", "Susan Whitlock", session="susan")
LEAD = worker_permit("Practitioner/lee", "Ms Lee", Role.SAFEGUARDING_LEAD, COUNCIL)
OFFICER = worker_permit("Practitioner/oak", "Mr Oak", Role.PRIVACY_OFFICER, HOSPITAL)
ORGANISATIONS = {
    PRACTICE: "Fosse Lane Surgery",
    HOSPITAL: "Marlbrook General Hospital",
    COUNCIL: "Marlbrook Council",
}


@pytest.fixture(autouse=True)
def _a_place(record_database: object) -> None:
    put(*({"resourceType": "Organization", "id": c, "name": n} for c, n in ORGANISATIONS.items()))
    put(joyce())


def lines_of(permit: Permit = JOYCE) -> list[Line]:
    """What the log says of everybody but its reader and the place's own jobs."""
    found = log(permit, "joyce").lines
    return [n for n in found if not n.is_you and n.who != "joinedup itself"]


def said(permit: Permit = JOYCE) -> list[str]:
    return [f"{n.who} {n.did}{', ' if n.why else ''}{n.why}" for n in lines_of(permit)]


def test_a_look_of_the_ward_says_where_who_and_because_she_was_in_hospital() -> None:
    """5.4, 5: "12 May 10:04 Ward 7, Kings Mill (nurse), because you were in hospital"."""
    put(stay("s1", "joyce", start=days_ago(2)))
    gather(NURSE, "joyce")
    (line,) = lines_of()
    assert line.who == "Marlbrook General Hospital (ward nurse)"
    assert (line.did, line.why) == ("looked at your record", "because you were in hospital")
    at = datetime.fromisoformat(line.iso)
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=3)
    assert line.times == f"{at:%H:%M}" and str(at.year) in line.day


def test_a_worker_is_told_by_role_and_organisation_never_by_name() -> None:
    """Our policy for names (docs/decisions/0011)."""
    put(stay("s1", "joyce", start=days_ago(2)))
    gather(NURSE, "joyce")
    gather(GP, "joyce")
    assert "Bell" not in repr(log(JOYCE, "joyce")) and "Ash" not in repr(log(JOYCE, "joyce"))


def test_every_ground_has_words() -> None:
    """A new kind of relationship cannot come without a reason a person can read."""
    assert set(GROUND_WORDS) == set(Ground)
    assert all(words for ground, words in GROUND_WORDS.items() if ground is not Ground.NONE)


def test_several_looks_in_one_sitting_are_one_line() -> None:
    """Ten pages opened in one visit are one visit; another visit is another line."""
    first, second = replace(GP, session="morning"), replace(GP, session="evening")
    for permit in (first, first, first, second):
        gather(permit, "joyce")
    assert (
        said()
        == ["Fosse Lane Surgery (GP) looked at your record, because they are your GP practice"] * 2
    )


def test_a_change_says_what_was_added() -> None:
    """Who wrote, and what kind of thing; the thing itself is in the record."""
    record.commit(GP, [Create(weight(), "w1")])
    assert said() == [
        "Fosse Lane Surgery (GP) added a measurement or result, because they are your GP practice"
    ]


@pytest.mark.parametrize("asked", ["find a person", "Patient?family=Hallam"])
def test_found_in_a_search_says_so_for_everybody_found(asked: str) -> None:
    """Domain 1.7, 2: before anybody is opened, each of those found can read who found them."""
    put(joyce("anna"), joyce("zoe"))
    query = parse_query("Patient", [("family", "Hallam")])
    found = record.search(tracing(GP), query, detail=asked)
    assert len(found.entries) == 3
    for name in ("joyce", "anna", "zoe"):
        own = person_permit(name, "Hallam")
        (line,) = (n for n in log(own, name).lines if not n.is_you and n.who != "joinedup itself")
        assert (line.who, line.did) == ("Fosse Lane Surgery (GP)", "found you in a search")


def test_a_refused_look_gives_nobody_a_reason_they_had_not() -> None:
    """Reception settles whose a result is, for the whole place: no reason to look at her."""
    desk = worker_permit("Practitioner/desk", "Ms Desk", Role.RECEPTIONIST, "Y90002", session="d")
    leave_refusal(desk, NotFound("Nobody you may see."), "GET /people/<id>", "joyce")
    (line,) = said()
    assert "tried" in line and "because" not in line
    assert [look.ground for look in sittings(JOYCE, "joyce") if look.refused] == [Ground.NONE]


def test_being_named_in_somebody_elses_record_is_not_in_her_log() -> None:
    """Whose record was looked at is theirs to know; that it names her is not hers (CA-02)."""
    daughter = joyce("susan-w", name=[{"family": "Whitlock"}])
    care = {
        "resourceType": "CarePlan",
        "id": "c1",
        "status": "active",
        "intent": "plan",
        "subject": {"reference": "Patient/susan-w"},
        "contributor": [{"reference": "Patient/joyce"}],
    }
    put(daughter, care)
    record.everything(GP, "susan-w")
    assert said() == []


def break_glass(nurse: Permit) -> None:
    """A nurse says that it is an emergency, and may look for four hours."""
    at = datetime.now(UTC)
    glass = {
        "resourceType": "Task",
        "status": "in-progress",
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": "break-glass"}]},
        "for": {"reference": "Patient/joyce"},
        "requester": {"reference": nurse.worker},
        "reasonCode": {"coding": [{"system": REASON_CODES, "code": "5"}]},
        "executionPeriod": {
            "start": at.isoformat(timespec="seconds"),
            "end": (at + timedelta(hours=4)).isoformat(timespec="seconds"),
        },
    }
    put({"resourceType": "Practitioner", "id": "bell"})
    record.commit(nurse, [Create(glass)], action="break-glass", dangling="keep")


def test_broken_glass_is_labelled_with_the_reason_that_was_given() -> None:
    """Domain 1.7, 6: reason 5, in an emergency; the line stands out in words."""
    with pytest.raises(NotFound):
        gather(NURSE, "joyce")
    break_glass(NURSE)
    gather(NURSE, "joyce")
    line = next(n for n in lines_of() if n.is_glass)
    assert line.who == "Marlbrook General Hospital (ward nurse)"
    assert line.why == (
        "without being part of your care; the reason they gave: it was an emergency"
    )


def test_what_carries_a_label_she_does_not_see_leaves_no_line() -> None:
    """ON-05: row security leaves it out, of the event and so of every count."""
    put(weight("w1"), weight("w2", meta=label(LABEL_CODES, "third-party")), stay("s", "joyce"))
    service = {
        "resourceType": "CareTeam",
        "id": "t1",
        "status": "active",
        "subject": {"reference": "Patient/joyce"},
        "managingOrganization": [{"reference": f"Organization/{COUNCIL}"}],
    }
    put(service)
    record.read(LEAD, "Observation", "w2")
    assert said() == []
    record.read(LEAD, "Observation", "w1")
    assert [n.who for n in lines_of()] == ["Marlbrook Council (safeguarding lead)"]
    reviewed = [s for s in sittings(OFFICER, "joyce") if s.worker == LEAD.worker]
    assert len(reviewed) == 1, "the privacy officer sees both looks, in one sitting"


def test_her_own_looks_are_hers_and_the_places_jobs_are_nobodys() -> None:
    """Reading /my is an event; a job is told in plain words, as no worker."""
    gather(JOYCE, "joyce")
    log(JOYCE, "joyce")
    lines = log(JOYCE, "joyce").lines
    assert [n.who for n in lines if n.is_you] == ["You"]
    (job,) = (n for n in lines if n.who == "joinedup itself")
    assert job.why == "so that what is held about you is in one place"


def trust(*functions: str) -> None:
    """Susan is trusted with some of Joyce's record."""
    put(
        {
            "resourceType": "RelatedPerson",
            "id": "susan",
            "patient": {"reference": "Patient/joyce"},
            "name": [{"given": ["Susan"], "family": "Whitlock"}],
        }
    )
    actor = {"role": {"text": "proxy"}, "reference": {"reference": "RelatedPerson/susan"}}
    consent = {
        "resourceType": "Consent",
        "id": "proxy-1",
        "status": "active",
        "scope": {"text": "privacy"},
        "category": [{"coding": [{"system": CONSENT_KIND, "code": "proxy"}]}],
        "patient": {"reference": "Patient/joyce"},
        "dateTime": days_ago(1),
        "policyRule": {"text": "hers"},
        "provision": {
            "type": "permit",
            "actor": [actor],
            "class": [{"system": FUNCTION_CODES, "code": f} for f in functions],
        },
    }
    record.commit(GP, [Create(consent, "proxy-1")])


def test_a_proxy_reads_the_log_only_where_that_was_granted() -> None:
    """ON-01: never more than was granted; without it not even that there is a log."""
    trust("summary", "visits")
    with pytest.raises(NotPermitted):
        log(SUSAN, "joyce")


def test_a_proxy_with_that_grant_reads_it() -> None:
    """And what a proxy does is in the person's log, with the name the person gave."""
    trust("who-looked", "contacts")
    gather(GP, "joyce")
    assert "Fosse Lane Surgery (GP) looked at your record" in " ".join(said(SUSAN))
    gather(SUSAN, "joyce")
    (line,) = (n for n in lines_of() if "Susan" in n.who)
    assert line.why == "because you trust them with it"


def test_a_worker_reads_nobodys_log() -> None:
    """Only the person, whom she granted it, and who answers for access."""
    for permit in (GP, NURSE):
        with pytest.raises(NotPermitted):
            log(permit, "joyce")


def test_it_comes_a_page_at_a_time_and_every_line_once() -> None:
    """Newest first; the pages together are the log."""
    for sitting in range(45):
        gather(replace(GP, session=f"s{sitting}"), "joyce")
    first = log(JOYCE, "joyce")
    second = log(JOYCE, "joyce", before=first.older)
    third = log(JOYCE, "joyce", before=second.older)
    assert [len(p.lines) for p in (first, second)] == [20, 20] and third.older == 0
    everything = [*first.lines, *second.lines, *third.lines]
    assert sum(n.who.startswith("Fosse") for n in everything) == 45
    assert [n.iso for n in everything if not n.is_you] == sorted(
        (n.iso for n in everything if not n.is_you), reverse=True
    )


def test_what_is_written_about_several_people_at_once_is_in_the_log_of_each() -> None:
    """And a label on somebody else's entry hides it from that person alone (ON-02)."""
    put(joyce("anna"), joyce("zoe"))
    kept = weight("w-zoe", "zoe", meta=label(LABEL_CODES, "third-party"))
    entries = (weight("w-1"), weight("w-2"), weight("w-anna", "anna"), kept)
    record.commit(GP, [Create(entry, str(entry["id"])) for entry in entries])
    anna, zoe = person_permit("anna", "Anna Hallam"), person_permit("zoe", "Zoe Hallam")
    logs = [
        [n for n in log(p, i).lines if n.who.startswith("Fosse")]
        for p, i in ((JOYCE, "joyce"), (anna, "anna"), (zoe, "zoe"))
    ]
    assert [len(lines) for lines in logs] == [1, 1, 0]
    assert {lines[0].did for lines in logs[:2]} == {
        "added to your record, or changed what was in it"
    }
