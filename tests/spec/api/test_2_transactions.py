"""The API, chapter 2: transactions. Everything in a bundle is stored, or nothing is."""

from uuid import uuid4

import pytest

from tests.load.client import Client
from tests.load.people import NHS, condition, delete, new_number, observation, patient, post, put
from tests.load.server import ApiServer

LIMIT = 5_000


@pytest.fixture
def client(api: ApiServer) -> Client:
    """A GP's program."""
    return api.client()


def marked(mark: str) -> list[dict[str, str]]:
    """An identifier by which a test finds its own again."""
    return [{"system": "http://m", "value": mark}]


def stored(client: Client, kind: str, mark: str) -> int:
    """How many of a type carry the mark."""
    total: int = client.get(f"/{kind}?identifier=http://m|{mark}&_total=accurate").json["total"]
    return total


def test_names_given_within_the_bundle_become_ids(client: Client) -> None:
    """`urn:uuid:` of one entry is what others refer to, before or after it (FHIR R4 3.1.0.11.2)."""
    answer = client.transaction(
        post(observation("urn:uuid:a")),
        post(patient(), "urn:uuid:a"),
        post(condition("urn:uuid:a")),
    )
    assert answer.status == 200 and answer.json["type"] == "transaction-response"
    responses = [e["response"] for e in answer.json["entry"]]
    assert [r["status"] for r in responses] == ["201"] * 3
    assert [r["etag"] for r in responses] == ['W/"1"'] * 3
    person = responses[1]["location"].split("/_history")[0]
    for response in (responses[0], responses[2]):
        made = client.get(f"/{response['location'].split('/_history')[0]}").json
        assert made["subject"]["reference"] == person


def test_a_bundle_makes_changes_and_deletes_at_once(client: Client) -> None:
    """PUT with ifMatch, DELETE, and POST, answered in the order they were asked."""
    person, mark = client.made(patient()), uuid4().hex
    old = client.made(observation(f"Patient/{person['id']}"))
    answer = client.transaction(
        put({**person, "gender": "other"}, 'W/"1"'),
        delete(f"Observation/{old['id']}"),
        post(observation(f"Patient/{person['id']}", identifier=marked(mark))),
    )
    assert answer.status == 200, answer.body
    assert [e["response"]["status"][:3] for e in answer.json["entry"]] == ["200", "204", "201"]
    assert client.get(f"/Observation/{old['id']}").status == 410
    assert client.get(f"/Patient/{person['id']}").json["gender"] == "other"
    assert stored(client, "Observation", mark) == 1


def test_entries_can_depend_on_what_there_is(client: Client) -> None:
    """ifNoneExist makes or finds; a reference by search finds exactly one (3.1.0.11.2)."""
    mark = uuid4().hex
    entries = [
        post(patient(identifier=marked(mark)), "urn:uuid:a", ifNoneExist=f"identifier=http://m|{mark}"),
        post(observation("urn:uuid:a")),
    ]  # fmt: skip
    first, again = client.transaction(*entries), client.transaction(*entries)
    assert first.json["entry"][0]["response"]["status"] == "201"
    assert again.json["entry"][0]["response"]["status"] == "200"
    assert stored(client, "Patient", mark) == 1
    by_search = client.transaction(post(observation(f"Patient?identifier=http://m|{mark}")))
    assert by_search.status == 200
    person = first.json["entry"][0]["response"]["location"].split("/_history")[0]
    assert client.get(f"/Observation?subject={person}&_total=accurate").json["total"] == 3
    nobody = client.transaction(post(observation(f"Patient?identifier=http://m|{uuid4().hex}")))
    assert nobody.status == 412
    for anybody in ("Patient?", "Patient?_count=1", "Patient?_sort=_id"):
        assert client.transaction(post(observation(anybody))).status == 400, anybody


def test_one_condition_twice_in_a_bundle_does_not_make_two(client: Client) -> None:
    """The bundle is refused, because neither entry would find the other."""
    mark = uuid4().hex
    entry = post(patient(identifier=marked(mark)), ifNoneExist=f"identifier=http://m|{mark}")
    answer = client.transaction(entry, entry)
    assert answer.status == 400 and "twice" in answer.said
    assert stored(client, "Patient", mark) == 0


BROKEN = {
    "not FHIR": (post({"resourceType": "Patient", "gender": "not-a-code"}), 400),
    "a reference to nothing": (post(condition("Patient/nobody")), 422),
    "a person not named": (post({"resourceType": "Condition", "subject": {"display": "x"}}), 422),
    "a stale version": (put(patient(id="nobody"), 'W/"1"'), 404),
    "no version": (
        {"resource": patient(id="x"), "request": {"method": "PUT", "url": "Patient/x"}}, 428
    ),
    "delete of nothing": (delete("Patient/nobody"), 404),
    "another type than the url says": (
        {"resource": patient(), "request": {"method": "POST", "url": "Task"}}, 400
    ),
    "a type not kept": (post({"resourceType": "Basic", "code": {"text": "x"}}), 404),
    "a GET": ({"request": {"method": "GET", "url": "Patient"}}, 400),
    "a wrong NHS number": (post(patient(identifier=[{"system": NHS, "value": "9990000011"}])), 422),
    "a birth in the future": (post(patient(birthDate="2199-01-01")), 422),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_one_wrong_entry_and_nothing_is_stored(client: Client, what: str) -> None:
    """The refusal says which entry; those before and after it are not there."""
    entry, status = BROKEN[what]
    mark = uuid4().hex
    good = post(patient(identifier=marked(mark)))
    answer = client.transaction(good, entry, good)
    assert answer.status == status, answer.body
    assert answer.issues
    assert stored(client, "Patient", mark) == 0


def test_what_a_bundle_deletes_it_cannot_point_at(client: Client) -> None:
    """A reference to what goes in the same moment would lead nowhere."""
    person = f"Patient/{client.made(patient())['id']}"
    old = f"Observation/{client.made(observation(person))['id']}"
    new = observation(person, hasMember=[{"reference": old}])
    assert client.transaction(delete(old), post(new)).status == 422
    assert client.get(f"/{old}").status == 200


def test_a_held_number_stops_the_whole_bundle(client: Client) -> None:
    """ID-03: a claim is refused with 409 and takes its bundle with it."""
    number, mark = [{"system": NHS, "value": new_number()}], uuid4().hex
    client.made(patient(identifier=number))
    answer = client.transaction(
        post(patient(identifier=marked(mark))), post(patient(identifier=number))
    )
    assert answer.status == 409
    twice = [{"system": NHS, "value": new_number()}]
    answer = client.transaction(*[post(patient(identifier=twice + marked(mark)))] * 2)
    assert answer.status == 409
    assert stored(client, "Patient", mark) == 0


def test_the_entry_before_the_last_of_five_thousand_is_wrong(client: Client) -> None:
    """A large bundle is refused as a whole, naming entry 4,998 (counted from 0)."""
    mark = uuid4().hex
    entries = [post(patient("Many", identifier=marked(mark)))] * LIMIT
    entries[LIMIT - 2] = post(patient("Many", gender="not-a-code"))
    answer = client.transaction(*entries)
    assert answer.status == 400
    assert f"Bundle.entry[{LIMIT - 2}].resource.gender" in answer.said
    assert stored(client, "Patient", mark) == 0


def test_a_bundle_has_at_most_five_thousand_entries(client: Client) -> None:
    """413 for one more, in words that say what to do."""
    answer = client.transaction(*[delete("Patient/x")] * (LIMIT + 1))
    assert answer.status == 413 and "5,000" in answer.said


def test_only_transactions_are_taken(client: Client) -> None:
    """A batch is refused, not half understood; so is what is no bundle; an empty one is fine."""
    for body in ({"resourceType": "Bundle", "type": "batch"}, patient()):
        assert client.post("", body).status == 400
    assert client.transaction().status in (200, 400)
    person = client.made(patient())
    twice = [put({**person, "gender": g}, 'W/"1"') for g in ("male", "other")]
    assert client.transaction(*twice).status == 400
    assert client.get(f"/Patient/{person['id']}").version == 'W/"1"'
