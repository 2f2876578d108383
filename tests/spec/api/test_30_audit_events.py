"""The API, chapter 30. Who looked, as AuditEvents: for those whom the audit is for.

They are made from the audit's rows in the shape of IHE's Basic Audit Log Patterns, under the same
row policies: a privacy officer reads all, a worker their own looks, a person who looked at them.
"""

from base64 import b64decode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from joinedup.access.permit import Permit, person_permit, worker_permit
from joinedup.access.words import Role
from joinedup.api import gate
from joinedup.api.dispatch import answer
from joinedup.api.request import Asked
from joinedup.fhir.audit_event import _KINDS, ACTIONS, Looked, audit_event_of
from joinedup.fhir.check import check
from joinedup.fhir.issue import SignInNeeded
from joinedup.fhir.wire import read_resource
from joinedup.record.cluster import Urls
from tests.load.client import Answer
from tests.spec.record.place import GP, NURSE, PRACTICE, find, joyce, put, weight

OFFICER = worker_permit("Practitioner/ivy", "Ms Ivy", Role.PRIVACY_OFFICER, PRACTICE)
HERSELF = person_permit("joyce", "Joyce Hallam")
ELLEN = person_permit("ellen", "Ellen Hallam")
PERMITS = {p.worker: p for p in (GP, NURSE, OFFICER, HERSELF, ELLEN)}


@pytest.fixture(autouse=True)
def _some_looks(record_database: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    """The GP reads a weight of Joyce's and finds two people; tokens are the workers' names."""
    assert record_database.application
    put({"resourceType": "Organization", "id": PRACTICE})
    put(joyce(), joyce("ellen"), weight())
    monkeypatch.setattr(gate, "_readers", [_permit_of])
    ask(GP, "/Observation/w1")
    find(GP, "Patient", family="Hallam")


def _permit_of(token: str) -> Permit:
    if token not in PERMITS:
        raise SignInNeeded("No such token.")
    return PERMITS[token]


def ask(permit: Permit, path: str, method: str = "GET") -> Answer:
    """Ask the API in this process, as whoever holds the permit."""
    address, _, query = path.partition("?")
    came = {
        "REQUEST_METHOD": method,
        "QUERY_STRING": query,
        "HTTP_AUTHORIZATION": f"Bearer {permit.worker}",
    }
    parts = tuple(address.strip("/").split("/"))
    _, told = answer(Asked(method, "http://here", f"/fhir{address}", parts, came))
    return Answer(told.status, told.headers, told.body, 0.0)


def audit(permit: Permit, query: str = "") -> list[dict[str, Any]]:
    """The AuditEvents found, newest first, each good FHIR."""
    found = ask(permit, f"/AuditEvent?{query}")
    assert found.status == 200, found.body
    assert check(read_resource(found.body)) == ()
    return found.entries


def subtype(event: dict[str, Any]) -> str:
    """Our own word for what was done."""
    return str(event["subtype"][-1]["code"])


@pytest.mark.parametrize("action", [*_KINDS, "break-glass", "change-contact", "no-relationship"])
@pytest.mark.parametrize("outcome", [0, 4])
def test_every_action_is_good_fhir(action: str, outcome: int) -> None:
    """Type, subtype, action, recorded, outcome, agents, source and entities, for each there is."""
    looked = Looked(
        seq=7,
        at=datetime(2026, 1, 16, 9, 30, tzinfo=UTC),
        action=action,
        outcome=outcome,
        ground=10,
        worker="Practitioner/ash",
        name="Dr Ash",
        role="gp",
        organisation=PRACTICE,
        purpose="direct-care",
        people=(("Patient/joyce", 1), ("", 2)),
        what="Observation/w1",
        version=2,
        query="family=Hallam",
    )
    event = audit_event_of(looked)
    assert check(event) == ()
    assert event["action"] in ACTIONS
    assert event["outcome"] == str(outcome)
    assert [a["requestor"] for a in event["agent"]] == [True, False]
    purposes = [p["coding"][0]["code"] for p in event["agent"][0]["purposeOfUse"]]
    assert purposes == ["TREAT", "BTG"]
    assert event["entity"][0]["what"] == {"reference": "Patient/joyce"}
    assert event["entity"][1]["what"]["identifier"]["value"] == "2"
    assert event["entity"][2]["what"] == {"reference": "Observation/w1/_history/2"}
    assert b64decode(event["entity"][3]["query"]) == b"family=Hallam"
    assert check(audit_event_of(Looked(**{**_plain(looked), "action": action}))) == ()


def _plain(looked: Looked) -> dict[str, Any]:
    """The same by a job of the system, naming nobody."""
    names = ("seq", "at", "outcome", "ground")
    empty = {"worker": "system/verify", "name": "", "role": "", "organisation": "", "purpose": ""}
    return {name: getattr(looked, name) for name in names} | empty


def test_a_privacy_officer_reads_all_of_it() -> None:
    """Newest first; by patient, date, agent and action; a commit about two people is two events."""
    assert [subtype(e) for e in audit(OFFICER)] == ["search", "read", "batch", "batch", "created"]
    assert [subtype(e) for e in audit(OFFICER, "agent=Practitioner/ash")] == ["search", "read"]
    assert [subtype(e) for e in audit(OFFICER, "action=R")] == ["read"]
    looks = audit(OFFICER, "patient=Patient/ellen&agent=Practitioner/ash")
    assert [subtype(e) for e in looks] == ["search"]
    today = datetime.now(UTC).date()
    assert audit(OFFICER, f"date=lt{today - timedelta(days=1)}") == []
    assert len(audit(OFFICER, f"date=ge{today - timedelta(days=1)}&action=C")) == 1
    read = ask(OFFICER, f"/AuditEvent/{looks[0]['id']}")
    assert (read.status, read.json) == (200, looks[0])


def test_a_search_through_the_api_says_of_which_type_it_was() -> None:
    """Without it the log of somebody found could not tell that they were (domain.md 1.7, 2)."""
    ask(GP, "/Patient?family=Hallam&birthdate=1933-05-11")
    queries = (entity.get("query") for entity in audit(GP)[0]["entity"])
    assert [b64decode(q) for q in queries if q] == [b"Patient?family=Hallam&birthdate=1933-05-11"]


def test_a_worker_reads_their_own_looks() -> None:
    """And nobody else's: hidden and absent look the same."""
    own = audit(GP)
    assert {e["agent"][0]["who"]["reference"] for e in own} == {GP.worker}
    assert own[-1]["entity"][1]["what"] == {"reference": "Observation/w1/_history/1"}
    assert audit(NURSE) == []
    assert audit(NURSE, "agent=Practitioner/ash") == []
    hidden = ask(NURSE, f"/AuditEvent/{own[0]['id']}")
    absent = ask(NURSE, "/AuditEvent/a-999999")
    assert (hidden.status, hidden.body) == (absent.status, absent.body) == (404, absent.body)


def test_a_person_reads_who_looked_at_them() -> None:
    """By role and organisation, not by name (docs/access.md); not what else was asked or found."""
    looks = [e for e in audit(HERSELF) if subtype(e) == "read"]
    agent = looks[0]["agent"][0]
    assert agent["role"][0]["coding"][0]["code"] == "gp"
    assert agent["extension"][0]["valueReference"] == {"reference": f"Organization/{PRACTICE}"}
    assert "who" not in agent and "name" not in agent
    for event in audit(HERSELF):
        if event["agent"][0].get("who") != {"reference": HERSELF.worker}:
            assert not any("query" in entity for entity in event.get("entity", ()))
    assert ask(HERSELF, "/AuditEvent?agent=Practitioner/ash").status == 400
    assert [subtype(e) for e in audit(ELLEN) if subtype(e) == "read"] == []


def test_reading_the_audit_is_audited_once() -> None:
    """One event a request, naming whoever was in the answer."""
    before = len(audit(OFFICER))
    after = audit(OFFICER)
    assert len(after) == before + 1
    assert subtype(after[0]) == "who-looked"
    assert len([e for e in after[0]["entity"] if e["type"]["code"] == "1"]) == 2


def test_pages_of_the_audit_follow_each_other() -> None:
    """By cursor, newest first, nothing twice; looking makes new events and moves none."""
    first = ask(OFFICER, "/AuditEvent?_count=2&agent=Practitioner/ash&action=E")
    assert len(first.entries) == 1
    page = ask(OFFICER, "/AuditEvent?_count=2")
    links = {link["relation"]: link["url"] for link in page.json["link"]}
    following = ask(OFFICER, links["next"].partition("/fhir")[2])
    numbers = [int(e["id"][2:]) for e in (*page.entries, *following.entries)]
    assert numbers == sorted(set(numbers), reverse=True)
    assert len(numbers) == 4


@pytest.mark.parametrize(
    "query", ["action=x", "patient=a_b", "shoe=1", "date=soon", "_cursor=x", "agent=a&agent=b"]
)
def test_what_cannot_be_asked_is_said(query: str) -> None:
    """400, with what to ask instead."""
    told = ask(OFFICER, f"/AuditEvent?{query}")
    assert told.status == 400, told.body
    assert told.issues


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/AuditEvent"), ("PUT", "/AuditEvent/a-1"), ("DELETE", "/AuditEvent/a-1")],
)
def test_nobody_sends_an_audit_event_in(method: str, path: str) -> None:
    """Events are made by what happens, not by who says that it did."""
    assert ask(OFFICER, path, method).status == 405
    assert ask(OFFICER, "/AuditEvent/a-1/_history").status == 404
