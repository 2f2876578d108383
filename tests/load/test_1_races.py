"""Many at once: who comes second is told so, and nobody's work is lost or stored by halves."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests.load.client import Answer, Client
from tests.load.people import NHS, condition, new_number, observation, patient, post, put
from tests.load.server import ApiServer

EDITORS, EDITS, FULL_EDITS = 8, 50, 500
LIMIT_SECONDS = 120


def at_once(api: ApiServer, doings: list[Callable[[Client], Any]]) -> list[Any]:
    """Do everything at the same moment, each with a connection of its own."""
    start = threading.Barrier(len(doings))

    def do(doing: Callable[[Client], Any]) -> Any:
        client = api.client()
        client.get("/Patient?_count=0")  # connected before the others start
        start.wait(30)
        return doing(client)

    with ThreadPoolExecutor(len(doings)) as pool:
        return [f.result(LIMIT_SECONDS) for f in [pool.submit(do, each) for each in doings]]


def named(client: Client, mark: str) -> int:
    """How many Patients carry an identifier."""
    total: int = client.get(f"/Patient?identifier=http://m|{mark}&_total=accurate").json["total"]
    return total


def test_twelve_conditional_creates_leave_one(api: ApiServer) -> None:
    """Acceptance 5: the same If-None-Exist from twelve at once; all are told of the same one."""
    mark = uuid4().hex
    resource = patient(identifier=[{"system": "http://m", "value": mark}])
    condition_text = f"identifier=http://m|{mark}"
    answers = at_once(
        api, [lambda c: c.post("/Patient", resource, If_None_Exist=condition_text)] * 12
    )
    assert Counter(a.status for a in answers) == {201: 1, 200: 11}
    assert len({a.json["id"] for a in answers}) == 1
    assert named(api.client(), mark) == 1


def test_twelve_transactions_with_one_condition_leave_one(api: ApiServer) -> None:
    """The same in transactions, whose other entries then all point at that one."""
    mark = uuid4().hex
    person = patient(identifier=[{"system": "http://m", "value": mark}])

    def send(client: Client) -> Answer:
        wanted = post(person, "urn:uuid:p", ifNoneExist=f"identifier=http://m|{mark}")
        return client.transaction(wanted, post(observation("urn:uuid:p")))

    answers = at_once(api, [send] * 12)
    assert {a.status for a in answers} == {200}, [a.body[:200] for a in answers]
    assert named(api.client(), mark) == 1
    found = api.client().get(
        f"/Observation?subject:Patient.identifier=http://m|{mark}&_total=accurate"
    )
    assert found.json["total"] == 12


def test_twelve_creates_with_one_nhs_number_leave_one(api: ApiServer) -> None:
    """ID-03: without a condition the claim decides; the others are told 409 and store nothing."""
    number = [{"system": NHS, "value": new_number()}]
    answers = at_once(api, [lambda c: c.post("/Patient", patient(identifier=number))] * 12)
    assert Counter(a.status for a in answers) == {201: 1, 409: 11}
    found = api.client().get(f"/Patient?identifier={NHS}|{number[0]['value']}&_total=accurate")
    assert found.json["total"] == 1


def test_of_two_editors_one_wins_and_the_other_is_told(api: ApiServer) -> None:
    """Acceptance 5: both saw version 1; the loser gets 412 with what to do, and loses no text."""
    client = api.client()
    for _ in range(5):
        person = client.made(patient())
        texts = ("Rose", "Lily")
        edits = [{**person, "name": [{"family": "Edited", "given": [text]}]} for text in texts]
        where = f"/Patient/{person['id']}"
        answers = at_once(
            api, [lambda c, e=e, w=where: c.put(w, e, If_Match='W/"1"') for e in edits]
        )
        assert sorted(a.status for a in answers) == [200, 412]
        winner = edits[[a.status for a in answers].index(200)]
        assert client.get(where).json["name"] == winner["name"]
        loser = next(a for a in answers if a.status == 412)
        assert loser.issues[0]["code"] == "conflict"
        assert "version 2" in loser.said and "Read it again" in loser.said


@pytest.mark.parametrize("rounds", [6])
def test_transactions_with_crossed_claims_are_all_answered(api: ApiServer, rounds: int) -> None:
    """Two bundles that claim A then B, and B then A: one is stored whole, the other not at all."""
    for _ in range(rounds):
        numbers = [new_number(), new_number()]
        marks = [uuid4().hex, uuid4().hex]

        def send(client: Client, mark: str, order: list[str]) -> Answer:
            people = [
                patient(
                    identifier=[{"system": NHS, "value": n}, {"system": "http://m", "value": mark}]
                )
                for n in order
            ]
            return client.transaction(*(post(p) for p in people))

        answers = at_once(
            api,
            [
                lambda c, m=marks[0], o=numbers: send(c, m, o),
                lambda c, m=marks[1], o=numbers[::-1]: send(c, m, o),
            ],
        )
        assert sorted(a.status for a in answers) == [200, 409], [a.body[:300] for a in answers]
        stored = {mark: named(api.client(), mark) for mark in marks}
        winner = marks[[a.status for a in answers].index(200)]
        assert stored == {mark: 2 if mark == winner else 0 for mark in marks}


def test_crossed_updates_lose_nothing(api: ApiServer) -> None:
    """Transactions that change the same ten people in different orders: each whole or 412."""
    client = api.client()
    people = [client.made(patient()) for _ in range(10)]
    versions = {p["id"]: 1 for p in people}
    wins = Counter()

    def send(own: Client, seed: int) -> list[str]:
        chance, told = random.Random(seed), []
        for number in range(8):
            mark = f"{seed}-{number}"
            chosen = chance.sample(people, 3)
            read = [own.get(f"/Patient/{p['id']}") for p in chosen]
            changed = [{**a.json, "name": [{"family": mark}]} for a in read]
            answer = own.transaction(
                *(put(r, a.version) for r, a in zip(changed, read, strict=True))
            )
            assert answer.status in (200, 412), answer.body
            if answer.status == 200:
                told += [r["id"] for r in changed]
        return told

    for told in at_once(api, [lambda c, s=s: send(c, s) for s in range(6)]):
        wins.update(told)
    for name in versions:
        assert client.get(f"/Patient/{name}").json["meta"]["versionId"] == str(1 + wins[name])
    assert sum(wins.values()) >= 3


def test_versions_are_as_many_as_successes(api: ApiServer, full: bool) -> None:
    """No lost update: eight editors, each telling what it saw; every loser is told 412."""
    client = api.client()
    target = client.made(observation(f"Patient/{client.made(patient())['id']}"))
    where = f"/Observation/{target['id']}"
    edits = FULL_EDITS if full else EDITS

    def edit(own: Client, editor: int) -> Counter[int]:
        told: Counter[int] = Counter()
        for number in range(edits):
            seen = own.get(where)
            notes = [*seen.json.get("note", ()), {"text": f"{editor} {number}"}][-5:]
            answer = own.put(where, {**seen.json, "note": notes}, If_Match=seen.version)
            told[answer.status] += 1
        return told

    told = sum(at_once(api, [lambda c, e=e: edit(c, e) for e in range(EDITORS)]), Counter())
    assert set(told) <= {200, 412} and told[200] >= edits
    print(f"{EDITORS * edits} edits: {told[200]} stored, {told[412]} told that they were late")
    assert client.get(where).json["meta"]["versionId"] == str(1 + told[200])
    pages, seen = f"{where}/_history?_count=1000", []
    while pages:
        page = client.get(pages).json
        seen += [e["resource"]["meta"]["versionId"] for e in page["entry"]]
        link = next((e["url"] for e in page["link"] if e["relation"] == "next"), "")
        pages = link.partition("/fhir")[2]
    assert seen == [str(v) for v in range(1 + told[200], 0, -1)]


def test_pages_stay_whole_while_others_write(api: ApiServer) -> None:
    """Nothing that did not change is repeated or skipped while rows come and go around it."""
    client = api.client()
    person = f"Patient/{client.made(patient())['id']}"
    kept = {client.made(condition(person, recordedDate=f"2015-0{n % 9 + 1}-03"))["id"] for n in range(30)}  # noqa: E501  # fmt: skip
    stop = threading.Event()

    def disturb() -> None:
        own = api.client()
        while not stop.is_set():
            made = own.made(condition(person, recordedDate="2015-05-20"))
            own.delete(f"/Condition/{made['id']}")

    other = threading.Thread(target=disturb, daemon=True)
    other.start()
    try:
        for _ in range(3):
            seen: list[str] = []
            page = f"/Condition?subject={person}&_count=4&_sort=recorded-date"
            while page:
                answer = client.get(page)
                seen += [r["id"] for r in answer.entries if r["id"] in kept]
                links = {e["relation"]: e["url"] for e in answer.json["link"]}
                page = links.get("next", "").partition("/fhir")[2]
            assert sorted(seen) == sorted(kept)
    finally:
        stop.set()
        other.join(20)
