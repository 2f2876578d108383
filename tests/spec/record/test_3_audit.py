"""The record, chapter 3. Who looked, at whom, and why, is written down as it happens.

The audit event is in the transaction that looks or writes: there is no answer without its event.
"""

import pytest
from psycopg import errors

from joinedup import record
from joinedup.fhir.issue import NotFound
from joinedup.fhir.key import resource_key
from joinedup.record import Create, Delete
from tests.spec.record.conftest import Superuser
from tests.spec.record.place import (
    GP,
    NURSE,
    PLACE,
    PRACTICE,
    find,
    ids,
    joyce,
    put,
    weight,
)

Trail = list[tuple[str, str, set[str]]]


@pytest.fixture
def trail(superuser: Superuser) -> "Told":
    """What was written down since, as (action, worker, ids of the people named)."""
    return Told(superuser)


class Told:
    def __init__(self, superuser: Superuser) -> None:
        self.superuser = superuser
        self.people = {resource_key("Patient", p): p for p in ("joyce", "ellen", "anna", "zoe")}

    def of(self, worker: str) -> Trail:
        rows = self.superuser.execute(
            "select e.action, e.worker, array(select a.person from record.audit_named a"
            " where a.seq = e.seq) from record.audit_event e where e.worker = %s order by e.seq",
            [worker],
        ).fetchall()
        return [(a, w, {self.people.get(p, "?") for p in people}) for a, w, people in rows]


def test_a_change_names_its_person(trail: Told) -> None:
    """Created, updated and deleted; several at once are one event."""
    record.commit(GP, [Create(joyce(), "joyce")])
    record.commit(GP, [Create(weight(), "w1"), Create(weight("w2"), "w2")])
    record.commit(GP, [Delete("Observation", "w1", 1)])
    assert [(a, p) for a, _, p in trail.of(GP.worker)] == [
        ("created", {"joyce"}),
        ("batch", {"joyce"}),
        ("deleted", {"joyce"}),
    ]


def test_every_look_names_its_person(trail: Told) -> None:
    """Reading, an old version, the history, and everything at once."""
    put(joyce(), weight())
    record.read(GP, "Observation", "w1")
    record.vread(GP, "Observation", "w1", 1)
    record.history(GP, "Observation", "w1")
    record.everything(GP, "joyce")
    looks = trail.of(GP.worker)
    assert [a for a, _, _ in looks] == ["read", "read", "history", "everything"]
    assert all(people == {"joyce"} for _, _, people in looks)


def test_a_search_names_everybody_it_found(trail: Told) -> None:
    """Domain 1.7, 2: three people found, three entries, before any of them is opened."""
    put(joyce(), joyce("ellen"), joyce("anna"), joyce("zoe", name=[{"family": "Marsh"}]))
    assert set(ids(find(GP, "Patient", family="Hal"))) == {"joyce", "ellen", "anna"}
    assert trail.of(GP.worker) == [("search", GP.worker, {"joyce", "ellen", "anna"})]


def test_each_page_names_who_is_on_it(trail: Told) -> None:
    """Who was not shown is not said to have been seen."""
    put(joyce(), joyce("ellen"))
    page = find(GP, "Patient", _count="1", _sort="_id")
    find(GP, "Patient", _count="1", _sort="_id", cursor=page.next_cursor)
    assert [p for _, _, p in trail.of(GP.worker)] == [{"ellen"}, {"joyce"}]


def test_and_what_came_along(trail: Told) -> None:
    """People in the included resources count as found; so does each person a resource names."""
    put(joyce(), joyce("ellen"), weight("w1", performer=[{"reference": "Patient/ellen"}]))
    find(GP, "Observation")
    assert trail.of(GP.worker)[-1][2] == {"joyce", "ellen"}


def test_an_event_stands_under_whom_it_is_about(superuser: Superuser) -> None:
    """Whoever else a resource names comes after the one whose record it is."""
    for other in ("ellen", "anna", "zoe"):
        put(joyce(), joyce(other), weight(other, performer=[{"reference": f"Patient/{other}"}]))
        find(GP, "Observation", _id=other)
    rows = superuser.execute("select person from record.audit_event where action = 'search'")
    assert {person for (person,) in rows} == {resource_key("Patient", "joyce")}


def test_a_search_that_finds_nobody_is_written_down_too(trail: Told) -> None:
    """Somebody asked; nobody is named."""
    find(GP, "Patient", family="Nobody")
    assert trail.of(GP.worker) == [("search", GP.worker, set())]


def test_what_was_not_seen_is_not_said_to_have_been(trail: Told) -> None:
    """A nurse who asks for somebody hidden leaves no entry in that person's log."""
    put(joyce())
    with pytest.raises(NotFound):
        record.read(NURSE, "Patient", "joyce")
    assert all("joyce" not in people for _, _, people in trail.of(NURSE.worker))


def test_an_event_says_who_for_whom_why_and_when(superuser: Superuser) -> None:
    """Name, role, organisation and purpose are kept as they were then."""
    put(joyce())
    record.read(GP, "Patient", "joyce")
    row = superuser.execute(
        "select name, role, organisation, purpose, key, version, now() - at < '1 min'::interval"
        " from record.audit_event where worker = %s",
        [GP.worker],
    ).fetchone()
    key = resource_key("Patient", "joyce")
    assert row == ("Dr Ash", "gp", PRACTICE, "direct-care", key, 1, True)


@pytest.mark.parametrize("table", ["version", "audit_event", "audit_person"])
@pytest.mark.parametrize("change", ["delete from", "truncate"])
def test_nothing_written_down_is_taken_back(superuser: Superuser, table: str, change: str) -> None:
    """A trigger refuses it even to whom no lock holds."""
    put(joyce(), joyce("ellen"))
    find(GP, "Patient")
    with pytest.raises(errors.RaiseException, match="only ever added"):
        superuser.execute(f"{change} record.{table}")


def test_one_person_needs_one_row(superuser: Superuser) -> None:
    """The first or only person stands in the event; only further ones have rows of their own."""
    put(joyce(), joyce("ellen"))
    record.commit(GP, [Create(weight(), "w1")])
    record.read(GP, "Observation", "w1")
    find(GP, "Patient", _id="joyce,ellen")
    rows = superuser.execute(
        "select e.action, e.person <> 0, count(a.seq) from record.audit_event e"
        " left join record.audit_person a on a.seq = e.seq where e.worker = %s"
        " group by e.seq, e.action, e.person order by e.seq",
        [GP.worker],
    ).fetchall()
    assert rows == [("created", True, 0), ("read", True, 0), ("search", True, 1)]


def test_an_event_carries_its_transaction(superuser: Superuser) -> None:
    """A change's event and outbox line bear one number, so each is found from the other."""
    put(joyce())
    row = superuser.execute(
        "select count(*) from record.audit_event e join record.outbox o on o.xid = e.xid"
        " where e.action = 'created' or e.action = 'batch'"
    ).fetchone()
    assert row == (2,)


def test_a_refused_commit_leaves_no_event(trail: Told) -> None:
    """No event without its change."""
    before = trail.of(PLACE.worker)
    put(joyce())
    with pytest.raises(NotFound):
        record.commit(NURSE, [Delete("Patient", "joyce")])
    assert trail.of(NURSE.worker) == []
    assert len(trail.of(PLACE.worker)) == len(before) + 1
