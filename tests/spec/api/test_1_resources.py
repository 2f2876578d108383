"""The API, chapter 1: one resource. Made, read, changed, deleted, and every version kept."""

from uuid import uuid4

import pytest

from tests.load.client import Client
from tests.load.people import observation, patient
from tests.load.server import ApiServer


@pytest.fixture
def client(api: ApiServer) -> Client:
    """A GP's program."""
    return api.client()


def test_create_answers_the_resource_with_its_new_name(client: Client) -> None:
    """POST [type]: 201, the stored resource, ETag, Last-Modified and Location (FHIR R4 3.1.0.8)."""
    answer = client.post("/Patient", patient("Hallam", id="mine"))
    assert answer.status == 201
    made = answer.json
    assert made["id"] != "mine" and made["meta"]["versionId"] == "1"
    assert made["name"] == [{"family": "Hallam", "given": ["Ida"]}]
    assert answer.version == 'W/"1"' and answer.headers["last-modified"].endswith("GMT")
    assert answer.headers["location"].endswith(f"/fhir/Patient/{made['id']}/_history/1")
    assert answer.headers["content-type"].startswith("application/fhir+json")


def test_read_answers_what_was_stored_to_the_last_zero(client: Client) -> None:
    """GET [type]/[id]; a decimal keeps its trailing zeros, a text its every character."""
    person = client.made(patient())
    text = (
        '{"resourceType":"Observation","status":"final","code":{"text":"Größe – \U0001f469 𝕏"},'
        f'"subject":{{"reference":"Patient/{person["id"]}"}},"valueQuantity":{{"value":1.50}}}}'
    )
    made = client.post("/Observation", text)
    assert made.status == 201
    answer = client.get(f"/Observation/{made.json['id']}")
    assert answer.status == 200 and answer.version == 'W/"1"'
    assert '"value":1.50}' in answer.body.decode()
    assert answer.json["code"]["text"] == "Größe – \U0001f469 𝕏"
    assert client.send("HEAD", f"/Observation/{made.json['id']}").body == b""


def test_a_reader_who_has_the_version_is_sent_nothing(client: Client) -> None:
    """If-None-Match with the current ETag: 304 without a body; with another, the resource."""
    where = f"/Patient/{client.made(patient())['id']}"
    answer = client.get(where, If_None_Match='W/"1"')
    assert (answer.status, answer.body, answer.version) == (304, b"", 'W/"1"')
    assert client.get(where, If_None_Match='W/"2"').status == 200


def test_update_needs_the_version_that_was_seen(client: Client) -> None:
    """PUT: 428 without If-Match, 412 with a stale one, 200 with the right one (3.1.0.5)."""
    made = client.made(patient())
    where = f"/Patient/{made['id']}"
    changed = {**made, "gender": "other"}
    assert client.put(where, changed).status == 428
    assert client.put(where, changed, If_Match='W/"2"').status == 412
    assert client.put(where, changed, If_Match="W/2").status == 400
    answer = client.put(where, changed, If_Match='W/"1"')
    assert answer.status == 200 and answer.version == 'W/"2"'
    assert answer.json["meta"]["versionId"] == "2" and answer.json["gender"] == "other"
    stale = client.put(where, changed, If_Match='W/"1"')
    assert stale.status == 412 and stale.issues[0]["code"] == "conflict"
    assert client.get(where).version == 'W/"2"'


def test_update_names_one_resource_twice_and_the_same(client: Client) -> None:
    """The id and the type in the body are those of the address; a client makes no ids up."""
    made = client.made(patient())
    where = f"/Patient/{made['id']}"
    for body in ({**made, "id": "other"}, {k: v for k, v in made.items() if k != "id"}):
        assert client.put(where, body, If_Match='W/"1"').status == 400
    assert client.put(where, observation("Patient/x"), If_Match='W/"1"').status == 400
    nobody = str(uuid4())
    answer = client.put(f"/Patient/{nobody}", patient(id=nobody), If_Match='W/"1"')
    assert answer.status == 404


def test_every_version_can_be_read_again(client: Client) -> None:
    """GET _history lists them newest first, paged; _history/[n] reads one (3.1.0.3)."""
    made = client.made(patient())
    where = f"/Patient/{made['id']}"
    for version, gender in enumerate(("male", "other"), 1):
        assert (
            client.put(where, {**made, "gender": gender}, If_Match=f'W/"{version}"').status == 200
        )
    history = client.get(f"{where}/_history")
    assert history.json["type"] == "history"
    assert [r["gender"] for r in history.entries] == ["other", "male", "female"]
    methods = [e["request"]["method"] for e in history.json["entry"]]
    assert methods == ["PUT", "PUT", "POST"]
    assert client.get(f"{where}/_history/2").json["gender"] == "male"
    assert client.get(f"{where}/_history/2").version == 'W/"2"'
    for version in ("4", "0", "x", "99999999999"):
        assert client.get(f"{where}/_history/{version}").status == 404
    page = client.get(f"{where}/_history?_count=2")
    assert len(page.entries) == 2
    link = next(e["url"] for e in page.json["link"] if e["relation"] == "next")
    rest = client.get(link.partition("/fhir")[2])
    assert [r["gender"] for r in rest.entries] == ["female"]
    assert "next" not in {e["relation"] for e in rest.json["link"]}


def test_what_is_deleted_is_gone_and_its_past_is_not(client: Client) -> None:
    """DELETE: 204, then 410 to a read; it is found no more; its history stays (3.1.0.7)."""
    person = f"Patient/{client.made(patient())['id']}"
    made = client.made(observation(person))
    where = f"/Observation/{made['id']}"
    assert client.delete(where, If_Match='W/"9"').status == 412
    answer = client.delete(where)
    assert (answer.status, answer.body) == (204, b"")
    gone = client.get(where)
    assert gone.status == 410 and gone.issues[0]["code"] == "deleted"
    assert client.put(where, made, If_Match='W/"1"').status == 410
    assert client.get(f"/Observation?subject={person}").entries == []
    history = client.get(f"{where}/_history").json["entry"]
    assert [e["request"]["method"] for e in history] == ["DELETE", "POST"]
    assert "resource" not in history[0]
    assert client.get(f"{where}/_history/1").json["status"] == "final"
    assert client.get(f"{where}/_history/2").status == 410


def test_create_only_if_there_is_none(client: Client) -> None:
    """If-None-Exist: 201 once, then 200 with the one there is; 412 when several fit (3.1.0.8.1)."""
    mark = uuid4().hex
    resource = patient(identifier=[{"system": "http://m", "value": mark}])
    condition = f"identifier=http://m|{mark}"
    first = client.post("/Patient", resource, If_None_Exist=condition)
    again = client.post("/Patient", resource, If_None_Exist=f"?{condition}")
    assert (first.status, again.status) == (201, 200)
    assert again.json["id"] == first.json["id"] and again.version == 'W/"1"'
    client.made(resource)
    several = client.post("/Patient", resource, If_None_Exist=condition)
    assert several.status == 412 and several.issues[0]["code"] == "multiple-matches"
    for unclear in ("", "_count=1", "shoe=42", "identifier="):
        assert client.post("/Patient", resource, If_None_Exist=unclear).status == 400, unclear


def test_prefer_minimal_saves_the_way_back(client: Client) -> None:
    """Prefer: return=minimal answers with headers alone."""
    answer = client.post("/Patient", patient(), Prefer="return=minimal")
    assert (answer.status, answer.body) == (201, b"") and answer.headers["location"]


def test_who_said_so_is_asked_as_provenance(client: Client) -> None:
    """Provenance?target=: the organisation, the author, the role, and the three times."""
    made = client.made(observation(f"Patient/{client.made(patient())['id']}"))
    answer = client.get(f"/Provenance?target=Observation/{made['id']}")
    provenance = answer.entries[0]
    assert provenance["target"][0]["reference"] == f"Observation/{made['id']}/_history/1"
    agent = provenance["agent"][0]
    assert agent["onBehalfOf"]["reference"] == "Organization/Y90001"
    assert agent["who"]["reference"].startswith("Practitioner/")
    assert agent["role"] == [{"text": "gp"}]
    assert provenance["occurredDateTime"].startswith("2017-12-01T09:30")
    assert provenance["recorded"] and provenance["extension"][0]["valueInstant"]
    assert client.get(f"/Provenance/{provenance['id']}").status == 200
    assert client.get(f"/Provenance?target=Observation/{uuid4()}").status == 404


def test_a_reference_by_our_own_address_is_kept_as_ours(client: Client) -> None:
    """`http://this.server/fhir/Patient/1` is `Patient/1`: found by search, and under its locks."""
    made = client.post("/Patient", patient())
    ours = made.headers["location"].split("/_history/")[0]
    said = client.post("/Observation", observation("Patient/x") | {"subject": {"reference": ours}})
    assert said.status == 201, said.body
    assert said.json["subject"]["reference"] == f"Patient/{made.json['id']}"


def test_a_person_of_whom_something_is_kept_is_not_deleted(client: Client) -> None:
    """422: nobody could find the entries again; once they are gone the person may go."""
    person = client.made(patient())
    entry = client.made(observation(f"Patient/{person['id']}"))
    refused = client.delete(f"/Patient/{person['id']}")
    assert refused.status == 422 and "still entries" in refused.said
    assert client.delete(f"/Observation/{entry['id']}").status == 204
    assert client.delete(f"/Patient/{person['id']}").status == 204


def test_a_method_that_is_not_offered_names_those_that_are(client: Client) -> None:
    """405 with Allow (RFC 9110 15.5.6)."""
    answer = client.send("PATCH", f"/Patient/{client.made(patient())['id']}", {})
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD, PUT, DELETE"


def test_a_conditional_update_changes_the_one_that_fits_or_makes_it(client: Client) -> None:
    """PUT [type]?condition: none fits 201, one 200, several 412, another's id 400 (FHIR R4
    3.1.0.4.3)."""
    person = client.made(patient())
    number = {"system": "https://lab.example/number", "value": str(uuid4())}
    said = observation(f"Patient/{person['id']}") | {"identifier": [number]}
    where = f"/Observation?identifier=https://lab.example/number|{number['value']}"
    named = client.send("PUT", where, said | {"id": "mine"})
    assert named.status == 400 and "leave out the id" in named.said
    made = client.send("PUT", where, said)
    assert made.status == 201 and "/_history/1" in made.headers["location"]
    changed = client.send("PUT", where, said | {"status": "amended"})
    assert (changed.status, changed.json["id"]) == (200, made.json["id"])
    assert changed.json["meta"]["versionId"] == "2" and changed.json["status"] == "amended"
    assert client.send("PUT", where, said | {"id": "mine"}).status == 400
    assert client.send("PUT", "/Observation", said).status == 400
    client.made(said)
    assert client.send("PUT", where, said).status == 412
