"""Permits: nothing of one stays on a connection, and an empty one sees nothing (lesson 12)."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit, system_permit, worker_permit
from joinedup.access.words import Ground, Role
from joinedup.fhir.issue import NotFound, NotPermitted, Unprocessable
from joinedup.fhir.search.query import parse_query
from joinedup.record import Create, Delete, Put, Source, Update, database
from joinedup.record.cluster import Cluster, Urls
from tests.conftest import _Copied
from tests.load.people import condition, in_care, observation, patient

GP = worker_permit("Practitioner/a", "Dr A", Role.GP, "Y90001")
NURSE = worker_permit("Practitioner/b", "Nurse B", Role.WARD_NURSE, "RZ901")
SYSTEM = system_permit("test")
NOTHING = (0,) * len(Ground)


@pytest.fixture(scope="module")
def people(cluster: Cluster, database_urls: Urls) -> Iterator[Urls]:
    """Ann is the surgery's, Bob the hospital's; one Observation names both."""
    with _Copied(cluster) as urls:
        assert urls != database_urls
        database.configure(urls.application)
        _store_people()
        yield urls
        database.close()


def _store_people() -> None:

    def said(organisation: str, *resources: dict[str, object]) -> None:
        source = Source(organisation, "Practitioner/x", "gp")
        found = [Put(r, source=source) for r in resources]
        record.commit(SYSTEM, found, dangling="keep")

    said("Y90001", {"resourceType": "Organization", "id": "Y90001", "name": "Fosse Lane"})
    practice = [{"reference": "Organization/Y90001"}]
    ann = patient("Ann", id="ann", generalPractitioner=practice)
    said("Y90001", ann, condition("Patient/ann", id="ann-c"))
    said("RZ901", patient("Bob", id="bob"), condition("Patient/bob", id="bob-c"))
    said("RZ901", in_care("Patient/bob", "RZ901", id="bob-t"))
    both = observation("Patient/ann", id="both", focus=[{"reference": "Patient/bob"}])
    record.commit(SYSTEM, [Put(both)], dangling="keep")


def found(permit: Permit, kind: str, **asked: str) -> set[str]:
    """The ids of what a permit finds."""
    page = record.search(permit, parse_query(kind, list(asked.items())))
    return {stored.id for stored in (*page.entries, *page.included)}


def test_a_borrowed_connection_carries_no_permit(people: Urls) -> None:
    """The same connection lent twice: after whatever was done on it, it shows nothing."""
    database.configure(people.application, connections=1)
    doings = [
        lambda: record.read(GP, "Patient", "ann"),
        lambda: found(SYSTEM, "Patient"),
        lambda: record.everything(SYSTEM, "bob"),
        lambda: record.commit(GP, [Create(condition("Patient/ann"))]),
        lambda: record.commit(GP, [Create(condition("Patient/nobody"))]),
        lambda: record.read(GP, "Patient", "bob"),
    ]
    processes = set()
    for doing in doings:
        with suppress(NotFound, Unprocessable):
            doing()
        with database.connection() as lent:
            processes.add(lent.info.backend_pid)
            for table in ("version", "head", "token", "claim", "reach", "audit_event"):
                row = lent.execute(f"select count(*) from record.{table}".encode()).fetchone()
                assert row == (0,), table
            scope = lent.execute("select current_setting('joinedup.sees', true)").fetchone()
            assert scope in ((None,), ("",))
    assert len(processes) == 1
    database.configure(people.application)


@pytest.mark.parametrize(
    "permit",
    [
        replace(GP, parties=()),
        replace(GP, parties=(12345,)),
        replace(GP, sees=NOTHING),
        replace(GP, parties=(), organisation="RZ901"),
    ],
    ids=["no parties", "a party of nobody", "no classes", "another organisation's name"],
)
def test_an_empty_permit_sees_nobody(people: Urls, permit: Permit) -> None:
    """Empty means nothing, never everything."""
    for kind in ("Patient", "Condition", "Observation"):
        assert found(permit, kind) == set()
    for kind, name in (("Patient", "ann"), ("Condition", "ann-c"), ("Patient", "bob")):
        with pytest.raises(NotFound):
            record.read(permit, kind, name)
        with pytest.raises(NotFound):
            record.history(permit, kind, name)
        with pytest.raises(NotFound):
            record.commit(permit, [Delete(kind, name, 1)])
    with pytest.raises(NotFound):
        record.everything(permit, "ann")
    with pytest.raises(Unprocessable):
        record.commit(permit, [Create(condition("Patient/ann"))])


def test_shared_resources_are_seen_by_whoever_has_their_class(people: Urls) -> None:
    """An organisation names nobody, so it needs no reach; without the class it is not there."""
    assert found(replace(GP, parties=()), "Organization") == {"Y90001"}
    assert found(replace(GP, sees=NOTHING), "Organization") == set()


def test_what_names_two_people_needs_reach_to_both(people: Urls) -> None:
    """House law 2: Ann's Observation that also names Bob shows to neither organisation alone."""
    assert found(GP, "Observation") == found(NURSE, "Observation") == set()
    for permit in (GP, NURSE):
        with pytest.raises(NotFound):
            record.read(permit, "Observation", "both")
        assert found(permit, "Observation", subject="Patient/ann") == set()
        assert found(permit, "Observation", focus="Patient/bob") == set()
    together = replace(GP, parties=GP.parties + NURSE.parties)
    assert found(together, "Observation") == {"both"}
    assert record.read(together, "Observation", "both").id == "both"


def test_reach_of_many_parties_is_the_sum_of_each(people: Urls) -> None:
    """Permits with none, one, two and fifty parties (lesson 8); the right one may come last."""
    others = tuple(range(1000, 1049))
    assert found(replace(GP, parties=(*others, *GP.parties)), "Patient") == {"ann"}
    assert found(replace(GP, parties=(*GP.parties, *others)), "Patient") == {"ann"}
    assert found(replace(GP, parties=GP.parties + NURSE.parties), "Patient") == {"ann", "bob"}
    assert found(replace(GP, parties=others), "Patient") == set()


def test_who_may_not_write_writes_nothing(people: Urls) -> None:
    """The first lock refuses; the second would as well."""
    reader = replace(GP, changes=NOTHING)
    for change in (Create(patient()), Delete("Condition", "ann-c", 1)):
        with pytest.raises(NotPermitted):
            record.commit(reader, [change])
    with database.connection() as lent, lent.transaction():
        database.entered(lent, reader)
        assert lent.execute("delete from record.head").rowcount == 0


def test_nobody_writes_themselves_reach(people: Urls) -> None:
    """Lesson 3: nothing that a request can say about Bob gives the surgery sight of him."""
    me = {"reference": "Organization/Y90001"}
    bob = {"reference": "Patient/bob"}
    attempts = [
        patient("Sly", link=[{"type": "refer", "other": bob}]),
        patient("Sly", link=[{"type": "replaced-by", "other": bob}]),
        patient("Sly", contact=[{"organization": me}], link=[{"type": "seealso", "other": bob}]),
        {"resourceType": "EpisodeOfCare", "status": "active", "patient": bob,
         "managingOrganization": me},
        {"resourceType": "CareTeam", "subject": bob, "managingOrganization": [me]},
        {"resourceType": "Task", "status": "requested", "intent": "order", "for": bob,
         "owner": me},
        {"resourceType": "ServiceRequest", "status": "active", "intent": "order",
         "subject": bob, "performer": [me]},
        {"resourceType": "List", "status": "current", "mode": "working",
         "entry": [{"item": bob}]},
        {"resourceType": "Location", "name": "x", "extension": [
            {"url": "http://x", "valueReference": bob}]},
    ]  # fmt: skip
    for resource in attempts:
        with pytest.raises(Unprocessable):
            record.commit(GP, [Create(resource)])
    ann = record.read(GP, "Patient", "ann").resource
    with pytest.raises(Unprocessable):
        record.commit(GP, [Update({**ann, "link": [{"type": "refer", "other": bob}]}, 1)])
    assert found(GP, "Patient") == {"ann"}
    with database.connection() as lent, lent.transaction():
        database.entered(lent, GP)
        with pytest.raises(Exception, match="row-level security"):
            lent.execute(
                "insert into record.reach values (%s, %s, 0, '-infinity', 'infinity', 0, 2)",
                (1, GP.parties[0]),
            )


def test_only_the_system_sees_the_place(people: Urls) -> None:
    """No worker's permit has the wide scope."""
    for role in Role:
        if role is not Role.SYSTEM:
            assert not worker_permit("Practitioner/a", "A", role, "Y90001").sees_place
    assert found(SYSTEM, "Patient") == {"ann", "bob"}


def test_the_analyst_sees_no_person(people: Urls) -> None:
    """Figures about the place, never anybody's record."""
    analyst = worker_permit("Practitioner/c", "C", Role.ANALYST, "Y90001")
    assert found(analyst, "Patient") == found(analyst, "Condition") == set()
    assert found(analyst, "Organization") == {"Y90001"}
    with pytest.raises(NotPermitted):
        record.commit(analyst, [Create(patient())])
