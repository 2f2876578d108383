"""The API, chapter 4: how it says no. What was wrong, where, and never more than that."""

import json
from uuid import uuid4

import pytest

from joinedup.fhir.check import check
from joinedup.fhir.wire import read_resource
from tests.load.client import Answer, Client
from tests.load.people import observation, patient
from tests.load.server import ApiServer


@pytest.fixture
def client(api: ApiServer) -> Client:
    """A GP's program."""
    return api.client()


def test_every_problem_is_told_with_its_place(client: Client) -> None:
    """Not only the first: each an issue with severity, code, words and FHIRPath."""
    answer = client.post(
        "/Patient",
        patient(gender="not-a-code", birthDate="2023-02-30", shoe=42, name=[{"family": ""}]),
    )
    assert answer.status == 400
    places = {place for issue in answer.issues for place in issue.get("expression", ())}
    assert {"Patient.gender", "Patient.birthDate", "Patient.name[0].family"} <= places
    assert all(i["severity"] == "error" and i["code"] and i["diagnostics"] for i in answer.issues)
    assert check(read_resource(answer.body)) == ()


def refusals(client: Client) -> dict[str, tuple[int, Answer]]:
    """One request for each way of saying no, and the status it should have."""
    made = client.made(patient())
    where = f"/Patient/{made['id']}"
    seen = client.made(observation(where[1:]))
    client.delete(f"/Observation/{seen['id']}")
    anonymous, analyst = Client(client.port, None), Client(client.port, "bad")
    wide = json.dumps(patient(name=[{"family": "x" * 10_000_001}]))
    return {
        "not JSON": (400, client.post("/Patient", "{")),
        "no token": (401, anonymous.get(where)),
        "a bad token": (401, analyst.get(where)),
        "nothing there": (404, client.get(f"/Patient/{uuid4()}")),
        "no such type": (404, client.get("/Shoe/1")),
        "no such method": (405, client.send("PATCH", where, "{}")),
        "XML wanted": (406, client.get(where, Accept="application/fhir+xml")),
        "gone": (410, client.get(f"/Observation/{seen['id']}")),
        "stale": (412, client.put(where, made, If_Match='W/"7"')),
        "too large": (413, client.post("/Patient", wide)),
        "XML sent": (415, client.post("/Patient", "<x/>", Content_Type="application/xml")),
        "a rule": (422, client.post("/Observation", observation(f"Patient/{uuid4()}"))),
        "no version": (428, client.put(where, made)),
    }


def test_every_refusal_is_a_valid_outcome(client: Client) -> None:
    """One shape for all: OperationOutcome, checked by our own checker."""
    for name, (status, answer) in refusals(client).items():
        assert answer.status == status, (name, answer.status, answer.body[:200])
        assert answer.headers["content-type"].startswith("application/fhir+json"), name
        assert check(read_resource(answer.body)) == (), name
        assert all(len(i["diagnostics"]) > 12 for i in answer.issues), name


def test_refusals_do_not_tell_of_the_inside(client: Client) -> None:
    """No SQL, no file, no class of ours, no trace."""
    for name, (_, answer) in refusals(client).items():
        text = answer.body.decode().lower()
        for word in ("traceback", "psycopg", "select ", ".py", "record.head", "postgres", "/work"):
            assert word not in text, (name, word)


@pytest.mark.parametrize(
    ("search", "named"),
    [
        ("shoe=42", "shoe"),
        ("name:shoe=42", "shoe"),
        ("birthdate=16/01/2018", "birthdate"),
        ("birthdate=zz2018", "birthdate"),
        ("_sort=shoe", "shoe"),
        ("_include=Patient:shoe", "shoe"),
        ("_include=*", "*"),
        ("_revinclude=Shoe:subject", "Shoe"),
        ("_summary=count", "_summary"),
        ("_elements=name", "_elements"),
        ("_filter=name eq x", "_filter"),
        ("_text=x", "_text"),
        ("_has:Observation:subject:code=1", "_has"),
        ("_count=x", "_count"),
        ("_total=exact", "_total"),
        ("general-practitioner.shoe=1", "shoe"),
        ("name=", "name"),
    ],
)
def test_what_a_search_does_not_know_it_refuses_by_name(
    client: Client, search: str, named: str
) -> None:
    """Never ignored: an ignored condition is an answer about everybody (FHIR R4 3.1.1.5)."""
    answer = client.get("/Patient?" + search.replace(" ", "%20"))
    assert answer.status == 400 and named in answer.said, answer.body


def test_limits_hold(client: Client) -> None:
    """trust.md 2 row 24: page, chain, includes, values, length, depth, body; refused in words."""
    assert client.get("/Patient?_count=100000").status == 200
    deep = "subject:Patient.link:Patient.link:Patient.link:Patient.name=x"
    assert client.get(f"/Observation?{deep}").status == 400
    codes = ("subject", "encounter", "performer", "focus")
    includes = [f"_include=Observation:{code}" for code in codes]
    assert client.get(f"/Observation?{'&'.join(includes)}").status == 400
    assert client.get(f"/Observation?{'&'.join(includes[:3])}").status == 200
    assert client.get("/Patient?_id=" + ",".join(["a"] * 101)).status == 400
    assert client.get("/Patient?name=" + "x" * 8_001).status == 400
    for depth, status in ((60, 400), (66, 400), (100_000, 400)):
        nested = '{"a":' * depth + "1" + "}" * depth
        text = f'{{"resourceType":"Patient","extension":{nested}}}'
        answer = client.post("/Patient", text)
        assert answer.status == status
    assert "64 deep" in answer.said
    assert client.post("/Patient", b" " * 10_000_001).status == 413


@pytest.mark.parametrize(
    "text",
    [
        '{"resourceType":"Patient","gender":"male","gender":"female"}',
        '{"resourceType":"Patient","multipleBirthInteger":NaN}',
        '{"resourceType":"Patient","name":[{"family":"a\\u0000b"}]}',
        '{"resourceType":"Patient","name":[{"family":"\\ud800"}]}',
        '{"resourceType":"Patient","multipleBirthInteger":1e999}',
        '{"resourceType":"Patient","multipleBirthInteger":99999999999}',
        '["Patient"]', "null", '"Patient"', "", "{}", '{"resourceType":null}',
        '{"resourceType":"Patient"}x', '{"resourceType":"Patient",}',
    ],
)  # fmt: skip
def test_what_no_record_can_hold_is_refused(client: Client, text: str) -> None:
    """Duplicate keys, NaN, NUL, half characters, numbers out of range, no object at all."""
    answer = client.post("/Patient", text)
    assert answer.status == 400 and answer.issues[0]["diagnostics"]


def test_a_script_in_a_narrative_is_taken_out(client: Client) -> None:
    """Narrative is sanitised before it is stored (lesson 24)."""
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="x()">Hi</p></div>'
    answer = client.post("/Patient", patient(text={"status": "generated", "div": div}))
    stored = answer.body.decode()
    assert "onclick" not in stored and "script" not in stored
