"""Alerts, chapter 1. A look at one's own record, at family, a colleague, a VIP (AC-03)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from joinedup import record
from joinedup.access.permit import Permit, person_permit, proxy_permit, tracing, worker_permit
from joinedup.access.words import Label, Role
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted, Stale, Unprocessable
from joinedup.fhir.search.query import parse_query
from joinedup.people.alerts import raising
from joinedup.people.alerts.raising import raise_alerts
from joinedup.people.alerts.rules import Home, home_of, is_opening, kin
from joinedup.people.alerts.settling import Line, alerts, settle
from joinedup.people.break_glass import break_glass
from joinedup.record import Create, Update
from joinedup.record.cluster import Urls
from joinedup.record.looked import sittings
from joinedup.record.seal import seal_round
from joinedup.record.sight import withheld
from tests.spec.record.place import (
    HOSPITAL,
    NHS_NUMBER,
    days_ago,
    find,
    joyce,
    put,
    stay,
    weight,
)

BELL = "Practitioner/bell"
HOME = {"line": ["14 Orchard Row"], "postalCode": "MQ1 4AB"}
ELSEWHERE = {"line": ["9 Weir Court"], "postalCode": "MQ3 5KF"}


def lives(identity: str, family: str, address: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Somebody who lives somewhere, and is in hospital."""
    return joyce(identity, name=[{"family": family, "given": ["A"]}], address=[address], **more)


def link(identity: str, person: str, worker: str) -> dict[str, Any]:
    """The employer says which worker is which person."""
    targets = [{"reference": f"Patient/{person}"}, {"reference": worker}]
    return {"resourceType": "Person", "id": identity, "link": [{"target": t} for t in targets]}


def post(identity: str, worker: str, organisation: str) -> dict[str, Any]:
    """A post of a worker."""
    return {
        "resourceType": "PractitionerRole",
        "id": identity,
        "practitioner": {"reference": worker},
        "organization": {"reference": f"Organization/{organisation}"},
    }


@pytest.fixture(autouse=True)
def sealed(record_database: Urls) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A ward on which somebody lies of each kind; and the connection of the sealer."""
    vip = {
        "url": "http://hl7.org/fhir/StructureDefinition/patient-importance",
        "valueCodeableConcept": {"coding": [{"code": "VIP"}]},
    }
    people = (
        lives("herself", "Bell", HOME),
        lives("husband", "Bell", {"line": ["14, orchard row"], "postalCode": "mq14ab"}),
        lives("lodger", "Nott", HOME),
        lives("namesake", "Bell", ELSEWHERE),
        lives("colleague", "Cole", ELSEWHERE),
        lives("famous", "Star", ELSEWHERE, extension=[vip]),
        lives("stranger", "Else", ELSEWHERE),
    )
    workers = [
        {"resourceType": "Practitioner", "id": name, "name": [{"family": name}]}
        for name in ("bell", "cole", "pryce")
    ]
    put({"resourceType": "Organization", "id": HOSPITAL, "name": "The hospital"}, *workers)
    put(*people)
    put(*(stay(f"s-{p['id']}", str(p["id"]), start=days_ago(2)) for p in people))
    put(link("l1", "herself", BELL), link("l2", "colleague", "Practitioner/cole"))
    put(post("r1", BELL, HOSPITAL), post("r2", "Practitioner/cole", HOSPITAL))
    with psycopg.connect(record_database.application, autocommit=True) as connection:
        yield connection


def nurse(worker: str = BELL) -> Permit:
    """Nurse Bell of the hospital."""
    return worker_permit(worker, "Nurse Bell", Role.WARD_NURSE, HOSPITAL)


def officer() -> Permit:
    """The privacy officer of the place."""
    return worker_permit("Practitioner/pryce", "Ms Pryce", Role.PRIVACY_OFFICER, "E99901")


def raised(sealed: psycopg.Connection[tuple[object, ...]]) -> list[Line]:
    """What stands on the list once the sealer and the job have been round."""
    seal_round(sealed)
    raise_alerts()
    return list(alerts(officer()))


@pytest.mark.parametrize(
    ("whose", "why"),
    [
        ("herself", ("own",)),
        ("husband", ("household",)),
        ("lodger", ("address",)),
        ("colleague", ("colleague",)),
        ("famous", ("vip",)),
        ("namesake", ()),
        ("stranger", ()),
    ],
)
def test_each_look_says_why(
    sealed: psycopg.Connection[tuple[object, ...]], whose: str, why: tuple[str, ...]
) -> None:
    """Domain 1.4, AC-03: same name and address, or address; a name alone is no reason."""
    record.read(nurse(), "Encounter", f"s-{whose}")
    found = raised(sealed)
    assert [line.alert.reasons for line in found] == ([why] if why else [])
    for line in found:
        assert line.alert.worker == BELL and line.alert.worker_name == "Nurse Bell"
        assert line.alert.person == f"Patient/{whose}" and line.organisation == "The hospital"
        assert line.person.startswith("A ") and line.alert.why[0]


def test_the_look_is_never_delayed_and_never_refused(
    sealed: psycopg.Connection[tuple[object, ...]],
) -> None:
    """She may be in her colleague's care: the alert asks afterwards."""
    assert record.read(nurse(), "Patient", "colleague").id == "colleague"
    assert alerts(officer()) == ()
    assert len(raised(sealed)) == 1


def test_a_list_of_people_raises_none_and_opening_one_of_them_does(
    sealed: psycopg.Connection[tuple[object, ...]],
) -> None:
    """Everybody found is in the audit all the same (domain 1.7, 2)."""
    asked = parse_query("Patient", [("family", "bell")])
    assert len(record.search(tracing(nurse()), asked, detail="find a person").entries) == 3
    assert raised(sealed) == []
    record.everything(nurse(), "husband")
    assert len(raised(sealed)) == 1


@pytest.mark.parametrize(
    "asked",
    [
        [("patient", "stranger,husband"), ("_sort", "date")],
        [("patient", "husband,stranger"), ("_sort", "-date")],
    ],
)
def test_whoever_is_named_further_on_in_an_answer_counts_too(
    sealed: psycopg.Connection[tuple[object, ...]], asked: list[tuple[str, str]]
) -> None:
    """A stranger asked about in the same breath hides nobody."""
    query = parse_query("Encounter", asked)
    found = record.search(nurse(), query, detail="Encounter?patient=stranger,husband")
    assert len(found.entries) == 2
    assert [line.alert.person for line in raised(sealed)] == ["Patient/husband"]


def test_looking_twice_raises_one_alert_a_day(
    sealed: psycopg.Connection[tuple[object, ...]],
) -> None:
    """And reading the audit twice, as after a fault, raises none twice."""
    for _ in range(3):
        record.read(nurse(), "Encounter", "s-husband")
        record.everything(nurse(), "husband")
        assert len(raised(sealed)) == 1
    assert raise_alerts() == 0


def test_no_alert_is_lost_when_the_job_stops_in_the_middle(
    sealed: psycopg.Connection[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on only after what it read was stored: the next round finds the rest."""
    for whose in ("husband", "lodger", "famous"):
        record.read(nurse(), "Encounter", f"s-{whose}")
    seal_round(sealed)
    stored: list[Any] = []
    store = raising._store

    def stops(*asked: Any) -> bool:
        if stored:
            raise ConnectionError("the lights went out")
        stored.append(asked[0])
        return store(*asked)

    monkeypatch.setattr(raising, "_store", stops)
    with pytest.raises(ConnectionError):
        raise_alerts()
    monkeypatch.undo()
    assert len(alerts(officer())) == 1
    assert len(raised(sealed)) == 3


def test_a_worker_who_is_nobody_in_the_record_raises_those_of_the_person_alone(
    sealed: psycopg.Connection[tuple[object, ...]],
) -> None:
    """Without a link there is no household to compare; a VIP is one for everybody."""
    stranger = nurse("Practitioner/unlinked")
    for whose in ("husband", "famous"):
        record.read(stranger, "Encounter", f"s-{whose}")
    assert [line.alert.reasons for line in raised(sealed)] == [("vip",)]


def test_only_who_answers_for_access_knows_of_it(
    sealed: psycopg.Connection[tuple[object, ...]],
) -> None:
    """Not the worker, nor the person, nor their proxy: no list, no count, no line of the log."""
    record.read(nurse(), "Encounter", "s-husband")
    husband = person_permit("husband", "A Bell")
    before = [(s.worker, s.did) for s in sittings(husband, "husband")]
    (line,) = raised(sealed)
    settle(officer(), line.alert.id, 1, finding="passed-on", words="Asked HR", now=now())
    for permit in (nurse(), husband, proxy_permit("rp", "P")):
        assert find(permit, "Task", _total="accurate", code="access-alert").total == 0
        assert record.withheld(permit, "husband") == ()
        with pytest.raises(NotFound):
            record.read(permit, "Task", line.alert.id)
        with pytest.raises(NotPermitted):
            alerts(permit)
    after = [(s.worker, s.did) for s in sittings(husband, "husband")]
    assert [line for line in after if line[0] != "Patient/husband"] == before


def now() -> datetime:
    """Now."""
    return datetime.now(UTC)


def test_an_alert_is_settled_with_a_finding(
    sealed: psycopg.Connection[tuple[object, ...]],
) -> None:
    """Passed on stays on the list; appropriate, or not, closes it; the second is told."""
    record.read(nurse(), "Encounter", "s-herself")
    (line,) = raised(sealed)
    with pytest.raises(Invalid) as wrong:
        settle(officer(), line.alert.id, 1, finding="", words=" ", now=now())
    assert len(wrong.value.problems) == 2
    settle(officer(), line.alert.id, 1, finding="passed-on", words="Her manager", now=now())
    (open_still,) = alerts(officer())
    assert not open_still.alert.is_settled
    with pytest.raises(Stale):
        settle(officer(), line.alert.id, 1, finding="appropriate", words="x", now=now())
    settle(officer(), line.alert.id, 2, finding="not-appropriate", words="Spoken to", now=now())
    (closed,) = alerts(officer())
    assert closed.alert.is_settled and closed.alert.notes == ("Her manager", "Spoken to")


def test_nobody_else_writes_an_alert_or_settles_it(
    sealed: psycopg.Connection[tuple[object, ...]],
) -> None:
    """Neither the worker it names, nor a doctor, nor a program in the privacy officer's name."""
    record.read(nurse(), "Encounter", "s-herself")
    (line,) = raised(sealed)
    gp = worker_permit("Practitioner/ash", "Dr Ash", Role.GP, "Y90001")
    for permit in (nurse(), gp, person_permit("herself", "A Bell")):
        with pytest.raises(NotPermitted):
            settle(permit, line.alert.id, 1, finding="appropriate", words="x", now=now())
    token = worker_permit(
        "Practitioner/pryce", "Ms Pryce", Role.PRIVACY_OFFICER, "E99901", session="token"
    )
    herself = worker_permit(BELL, "Nurse Bell", Role.PRIVACY_OFFICER, "E99901", session="s")
    with pytest.raises(NotPermitted, match="about themselves"):
        settle(herself, line.alert.id, 1, finding="appropriate", words="x", now=now())
    with pytest.raises(NotPermitted):
        settle(token, line.alert.id, 1, finding="appropriate", words="x", now=now())
    with pytest.raises(NotPermitted):
        record.commit(officer(), [record.Delete("Task", line.alert.id, 1)])


def test_homes_are_compared_as_people_write_them() -> None:
    """Case, commas and spaces do not hide a household; no fixed abode is none."""
    written = {"line": ["14,  Orchard row."], "postalCode": "mq1 4ab"}
    assert kin(home_of(lives("a", "Bell", HOME)), home_of(lives("b", "BELL", written))) != ""
    nowhere = {"line": ["No fixed abode"], "postalCode": "ZZ99 3VZ"}
    assert home_of(lives("a", "Bell", nowhere)) == Home("bell", "")
    old = {**HOME, "use": "old"}
    assert home_of(lives("a", "Bell", old)).address == ""
    assert kin(Home("bell", ""), Home("bell", "")) == ""


def test_what_opens_a_record_and_what_does_not() -> None:
    """A change is a look; a refusal shows nothing, and an import looks at nobody."""
    assert is_opening("everything", "") and is_opening("search", "proxies")
    assert is_opening("change-contact", "")
    assert not is_opening("search", "find a person") and not is_opening("search", "Patient?name=x")
    for opened in ("_id=x", "identifier=9990012008", "name=x&_revinclude=Observation:subject"):
        assert is_opening("search", f"Patient?{opened}")
    assert not is_opening("refused", "GET people/<id>") and not is_opening("import", "")
    assert int(Label.PRIVACY_OFFICE).bit_count() == 1


def test_which_worker_is_which_person_shows_to_the_officer_alone() -> None:
    """Not to who cares for her, not beside her, in no count, nor to herself."""
    (linked,) = find(officer(), "Person", _id="l1").entries
    carer = nurse("Practitioner/adams")
    assert record.read(carer, "Patient", "herself")
    for permit in (carer, nurse(), person_permit("herself", "A Bell")):
        with pytest.raises(NotFound):
            record.read(permit, "Person", "l1")
        assert find(permit, "Person", _id="l1", _total="accurate").total == 0
        assert "l1" not in {s.id for s in record.everything(permit, "herself").entries}
        assert withheld(permit, "herself") == ()
    with pytest.raises(NotPermitted):
        record.commit(carer, [Create(link("l9", "herself", "Practitioner/adams"), "l9")])
    ended = {**linked.resource, "active": False}
    record.commit(officer(), [Update(ended, linked.version)])
    assert record.read(officer(), "Person", "l1").resource["active"] is False


def test_a_file_with_a_workers_nhs_number_is_refused_in_words() -> None:
    """Everybody in the place reads a Practitioner."""
    number = {"system": NHS_NUMBER, "value": "9990000018"}
    with pytest.raises(Unprocessable, match="own NHS number"):
        put({"resourceType": "Practitioner", "id": "bell", "identifier": [number]})


def test_whoever_makes_brief_sight_last_is_on_the_list(
    sealed: psycopg.Connection[tuple[object, ...]],
) -> None:
    """Glass opens for hours; a care team with oneself in it would open for good (AC-02)."""
    away = worker_permit("Practitioner/pryce", "Nurse Pryce", Role.WARD_NURSE, "RZ902")
    now = datetime.now(UTC)
    break_glass(away, "stranger", reason="5", words="", now=now)
    record.commit(away, [Create(team("t-others", "stranger", BELL), id="t-others")])
    assert raised(sealed) == []
    record.commit(
        away,
        [
            Create(weight("w-9", "stranger"), id="w-9"),
            Create(team("t-own", "stranger", away.worker), id="t-own"),
        ],
    )
    assert [line.alert.reasons for line in raised(sealed)] == [("prolonged",)]
    known = nurse()
    record.commit(known, [Create(team("t-known", "namesake", BELL), id="t-known")])
    assert len(raised(sealed)) == 1


def team(identity: str, person: str, member: str) -> dict[str, Any]:
    """A care team of one worker."""
    return {
        "resourceType": "CareTeam",
        "id": identity,
        "status": "active",
        "subject": {"reference": f"Patient/{person}"},
        "participant": [{"member": {"reference": member}}],
    }
