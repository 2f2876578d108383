"""The API, chapter 3: what can be asked. Compartments, everything, and the statement of it all."""

from itertools import chain
from urllib.parse import quote
from uuid import uuid4

import pytest

from joinedup.fhir.check import check
from joinedup.fhir.search.served import SERVED
from joinedup.fhir.types import TYPES
from joinedup.fhir.wire import read_resource
from tests.load.client import Client
from tests.load.people import condition, observation, patient
from tests.load.server import ApiServer

SAMPLES = {"token": "a", "string": "a", "date": "2018-01-16", "reference": "http://x/a"}
OF_THE_AUDIT = {"action": "R", "patient": "Patient/a"}
MADE = "AuditEvent"
"""Put together when asked for, never stored: read and searched only (chapter 30)."""


@pytest.fixture
def client(api: ApiServer) -> Client:
    """A GP's program."""
    return api.client()


@pytest.fixture(scope="module")
def person(api: ApiServer) -> str:
    """Somebody with five conditions and seven observations."""
    client = api.client()
    person = f"Patient/{client.made(patient())['id']}"
    for n in range(5):
        client.made(condition(person, recordedDate=f"201{n}-01-01"))
    for n in range(7):
        client.made(observation(person, effectiveDateTime=f"201{n}-02-02T10:00:00Z"))
    return person


def pages(client: Client, address: str) -> list[list[str]]:
    """The ids on each page from here to the last, by the links of each."""
    found = []
    while address:
        answer = client.get(address)
        assert answer.status == 200, answer.body
        found.append([f"{r['resourceType']}/{r['id']}" for r in answer.entries])
        links = {link["relation"]: link["url"] for link in answer.json.get("link", ())}
        address = links.get("next", "").partition("/fhir")[2]
        assert len(found) < 100
    return found


def test_a_search_is_a_bundle_with_a_way_on(client: Client, person: str) -> None:
    """type searchset; self and next links; total only when asked; POST _search is the same."""
    answer = client.get(f"/Observation?subject={person}&_count=3")
    bundle = answer.json
    assert bundle["type"] == "searchset" and "total" not in bundle
    assert {e["search"]["mode"] for e in bundle["entry"]} == {"match"}
    assert all(
        e["fullUrl"].endswith(f"/Observation/{e['resource']['id']}") for e in bundle["entry"]
    )
    assert [len(p) for p in pages(client, f"/Observation?subject={person}&_count=3")] == [3, 3, 1]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    posted = client.send("POST", "/Observation/_search", f"subject={person}&_count=3", headers=form)
    assert posted.entries == answer.entries
    counted = client.get(f"/Observation?subject={person}&_count=0&_total=accurate").json
    assert counted["total"] == 7 and "entry" not in counted


def test_a_persons_compartment_is_searched_by_type(client: Client, person: str) -> None:
    """Patient/[id]/[type], with any parameter of that type (FHIR R4 3.1.1.2)."""
    assert len(client.get(f"/{person}/Observation?_count=50").entries) == 7
    assert len(client.get(f"/{person}/Observation?date=ge2015").entries) == 2
    assert client.get(f"/{person}/Task").entries == []
    assert client.get(f"/{person}/Practitioner").status == 404
    assert client.get(f"/{person}/Nothing").status == 404
    assert client.get(f"/{person}/Observation?shoe=42").status == 400


def test_everything_about_a_person_is_paged(client: Client, person: str) -> None:
    """`$everything`: all of it once, whatever the size of the pages; by type; since a moment."""
    whole = pages(client, f"/{person}/$everything")
    assert len(whole) == 1 and len(whole[0]) == 13 and whole[0].count(person) == 1
    parts = pages(client, f"/{person}/$everything?_count=4")
    assert [len(p) for p in parts] == [4, 4, 4, 1]
    assert sorted(chain(*parts)) == sorted(whole[0])
    some = [*chain(*pages(client, f"/{person}/$everything?_type=Condition&_count=2"))]
    assert len(some) == 5 and {name.split("/")[0] for name in some} == {"Condition"}
    assert client.get(f"/{person}/$everything?_since=2999-01-01").entries == []
    assert len(client.get(f"/{person}/$everything?_since=2001-01-01").entries) == 13
    for wrong in ("_since=soon", "_type=Shoe", "_count=0", "_count=x", "start=2001", "_cursor=x"):
        assert client.get(f"/{person}/$everything?{wrong}").status in (400, 404), wrong
    assert client.get(f"/Patient/{uuid4()}/$everything").status == 404


def test_the_statement_is_well_formed_and_names_every_type(client: Client) -> None:
    """GET metadata, for anybody: a CapabilityStatement that passes our own checker."""
    answer = client.get("/metadata")
    assert check(read_resource(answer.body)) == ()
    rest = answer.json["rest"][0]
    assert [r["type"] for r in rest["resource"]] == sorted([*SERVED, MADE])


def test_every_search_parameter_claimed_is_answered(client: Client) -> None:
    """Each type's every parameter, with a value of its kind."""
    refused = []
    for resource in client.get("/metadata").json["rest"][0]["resource"]:
        for claimed in resource["searchParam"]:
            value = SAMPLES[claimed["type"]]
            if resource["type"] == MADE:
                value = OF_THE_AUDIT.get(claimed["name"], value)
            path = f"/{resource['type']}?{claimed['name']}={quote(value)}&_count=1"
            answer = client.get(path)
            if answer.status != 200:
                refused.append((path, answer.status, answer.said))
    assert refused == []


def test_every_include_claimed_is_answered(client: Client) -> None:
    """searchInclude of each type."""
    refused = []
    for resource in client.get("/metadata").json["rest"][0]["resource"]:
        for claimed in resource.get("searchInclude", ()):
            answer = client.get(f"/{resource['type']}?_include={claimed}&_count=1")
            if answer.status != 200:
                refused.append((claimed, answer.said))
    assert refused == []


def test_every_interaction_claimed_is_there(client: Client) -> None:
    """read, vread, history, update, delete, create, search of each type: not 404 'nothing here'."""
    for resource in client.get("/metadata").json["rest"][0]["resource"]:
        kind, name = resource["type"], str(uuid4())
        if kind == MADE:
            assert [i["code"] for i in resource["interaction"]] == ["read", "search-type"]
            continue
        body = {"resourceType": kind, "id": name}
        tried = {
            "read": client.get(f"/{kind}/{name}"),
            "vread": client.get(f"/{kind}/{name}/_history/1"),
            "history-instance": client.get(f"/{kind}/{name}/_history"),
            "update": client.put(f"/{kind}/{name}", body, If_Match='W/"1"'),
            "delete": client.delete(f"/{kind}/{name}"),
            "create": client.post(f"/{kind}", {**body, "shoe": 1}),
            "search-type": client.get(f"/{kind}?_id={name}"),
        }
        assert {i["code"] for i in resource["interaction"]} == set(tried)
        for code, answer in tried.items():
            assert answer.status in (200, 400, 404), (kind, code, answer.status)
            if answer.status == 404:
                assert f"no {kind}/{name}" in answer.said, (kind, code, answer.said)
            if code == "create":
                assert "shoe" in answer.said, answer.said


def test_what_is_not_claimed_is_refused(client: Client, person: str) -> None:
    """Other types, other interactions, other operations, other formats: never a 200."""
    for kind in TYPES:
        if kind not in (*SERVED, MADE):
            answer = client.get(f"/{kind}")
            assert answer.status == 404 and kind in answer.said
    for method, path, status in (
        ("PATCH", f"/{person}", 405), ("POST", f"/{person}", 405), ("PUT", "/Patient", 400),
        ("DELETE", "/Patient?name=x", 405), ("PUT", "/Patient?name=x", 400), ("GET", "", 405),
        ("GET", "/_history", 404), ("GET", "/Patient/_history", 404), ("POST", "/_search", 404),
        ("GET", f"/{person}/$validate", 404), ("GET", "/Patient/$everything", 404),
        ("GET", "/Observation/x/$everything", 404), ("POST", f"/{person}/$everything", 405),
        ("POST", "/metadata", 405), ("DELETE", f"/{person}/_history/1", 405),
        ("GET", "/Patient/a/b/c", 404), ("GET", "/Patient/a_b", 404),
        ("GET", f"/Patient/{'a' * 65}", 404),
    ):  # fmt: skip
        answer = client.send(method, path, "{}" if method != "GET" else None)
        assert answer.status == status, (method, path, answer.status, answer.body)
        assert answer.issues
    assert client.get(f"/{person}", Accept="application/fhir+xml").status == 406
    assert client.get(f"/{person}?_format=xml").status == 406
    assert client.get(f"/{person}?_format=json").status == 200
    xml = client.post("/Patient", "<Patient/>", Content_Type="application/fhir+xml")
    assert xml.status == 415
