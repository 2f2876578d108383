"""One organisation's token asks, by every way there is, about a person of another's.

Filtering answers is not enough: nothing hidden may decide a total, an order, a chain, an include or
a status (trust.md 2, lessons 4 to 11). What is hidden is answered exactly as what is absent.
"""

from typing import Any, NamedTuple
from urllib.parse import parse_qsl
from uuid import uuid4

import pytest

from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.fhir.search.query import parse_query
from joinedup.record import Put, Source, database
from tests.load.client import Answer, Client
from tests.load.people import NHS, condition, delete, new_number, observation, patient, post, put
from tests.load.server import ApiServer

SECRET = "Zzyzxhidden"


class Ground(NamedTuple):
    """What the hospital keeps (hidden from the surgery) and what the surgery keeps."""

    gp: Client
    nurse: Client
    hidden: str
    hidden_seen: str
    hidden_visit: str
    number: str
    own: str
    own_seen: str
    own_condition: str


@pytest.fixture(scope="module")
def ground(api: ApiServer) -> Ground:
    """A hidden person with an observation and a visit, and resources of our own that touch them."""
    gp, nurse = api.client("gp"), api.client("ward-nurse")
    number = new_number()
    hidden = nurse.made(patient(SECRET, identifier=[{"system": NHS, "value": number}]))
    person = f"Patient/{hidden['id']}"
    visit = nurse.made(
        {
            "resourceType": "Encounter",
            "status": "finished",
            "class": {"code": SECRET},
            "identifier": [{"value": SECRET}],
            "subject": {"reference": person},
        }
    )
    seen = nurse.made(observation(person, code={"text": SECRET}, identifier=[{"value": SECRET}]))
    own = f"Patient/{gp.made(patient())['id']}"
    names = {n: uuid4().hex for n in ("observation", "condition", "theirs", "both", "moved")}
    found: list[dict[str, Any]] = [
        observation(own, id=names["observation"],
                    hasMember=[{"reference": f"Observation/{seen['id']}"}]),
        condition(own, id=names["condition"],
                  encounter={"reference": f"Encounter/{visit['id']}"}),
        observation(person, id=names["theirs"], note=[{"text": SECRET}],
                    hasMember=[{"reference": f"Observation/{names['observation']}"}]),
        observation(own, id=names["both"], note=[{"text": SECRET}],
                    focus=[{"reference": person}]),
        observation(person, id=names["moved"], note=[{"text": SECRET}]),
    ]  # fmt: skip
    _import(api, found)
    _import(api, [observation(own, id=names["moved"])])
    return Ground(
        gp, nurse, hidden["id"], seen["id"], visit["id"], number, own,
        names["observation"], names["condition"],
    )  # fmt: skip


def _import(api: ApiServer, found: list[dict[str, Any]]) -> None:
    database.configure(api.url)
    source = Source("E99901", "Practitioner/x", "social-worker")
    record.commit(system_permit("test"), [Put(r, source=source) for r in found], dangling="keep")
    database.close()


def same_as_absent(answer: Answer, absent: Answer, names: dict[str, str]) -> bool:
    """Whether two answers differ in nothing but the names that were asked for."""
    body = answer.body.decode()
    for hidden, other in names.items():
        body = body.replace(hidden, other)
    skip = ("date", "content-length")
    told = [{k: v for k, v in a.headers.items() if k not in skip} for a in (answer, absent)]
    return (answer.status, body, told[0]) == (absent.status, absent.body.decode(), told[1])


def test_the_hospital_itself_sees_it(ground: Ground) -> None:
    """Or else nothing below would mean anything."""
    assert ground.nurse.get(f"/Patient/{ground.hidden}").status == 200
    assert len(ground.nurse.get(f"/Patient/{ground.hidden}/$everything").entries) >= 4
    assert ground.gp.get(f"/{ground.own}").status == 200


ADDRESSES = [
    ("GET", "/Patient/{p}"),
    ("GET", "/Patient/{p}/_history"),
    ("GET", "/Patient/{p}/_history/1"),
    ("GET", "/Patient/{p}/$everything"),
    ("GET", "/Patient/{p}/Observation"),
    ("GET", "/Patient/{p}/Encounter?_total=accurate"),
    ("GET", "/Patient?_id={p}&_total=accurate"),
    ("GET", "/Patient?_id={p}&_revinclude=Observation:subject"),
    ("GET", "/Observation/{o}"),
    ("GET", "/Observation/{o}/_history"),
    ("GET", "/Observation/{o}/_history/1"),
    ("GET", "/Observation?_id={o}&_include=Observation:subject"),
    ("GET", "/Observation?subject=Patient/{p}&_total=accurate"),
    ("GET", "/Observation?patient={p}&_sort=-date"),
    ("GET", "/Observation?focus=Patient/{p}&_total=accurate"),
    ("GET", "/Observation?has-member=Observation/{o}&subject=Patient/{p}"),
    ("GET", "/Condition?encounter=Encounter/{e}&subject=Patient/{p}"),
    ("GET", "/Encounter/{e}"),
    ("GET", "/Provenance?target=Patient/{p}"),
    ("GET", "/Provenance?target=Observation/{o}"),
    ("GET", "/Provenance?target=Observation/{o}&_total=accurate"),
    ("HEAD", "/Patient/{p}"),
    ("DELETE", "/Patient/{p}"),
    ("DELETE", "/Observation/{o}"),
]


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_hidden_is_answered_as_absent(ground: Ground, method: str, address: str) -> None:
    """Status, headers and body are the same but for the name in the question (lesson 6)."""
    hidden = {"p": ground.hidden, "o": ground.hidden_seen, "e": ground.hidden_visit}
    absent = {name: str(uuid4()) for name in hidden}
    answers = [ground.gp.send(method, address.format(**n)) for n in (hidden, absent)]
    names = dict(zip(hidden.values(), absent.values(), strict=True))
    assert same_as_absent(*answers, names), [(a.status, a.body[:300]) for a in answers]
    assert SECRET not in answers[0].body.decode()


def test_hidden_is_written_as_absent(ground: Ground) -> None:
    """Updates, creates about somebody, and every entry of a transaction."""
    absent, absent_seen = str(uuid4()), str(uuid4())
    names = {ground.hidden: absent, ground.hidden_seen: absent_seen}

    def both(make: Any) -> None:
        answers = [make(ground.hidden, ground.hidden_seen), make(absent, absent_seen)]
        assert same_as_absent(*answers, names), [(a.status, a.body[:300]) for a in answers]
        assert answers[0].status in (404, 412, 422), answers[0].body

    gp = ground.gp
    both(lambda p, o: gp.put(f"/Patient/{p}", patient("X", id=p), If_Match='W/"1"'))
    both(lambda p, o: gp.put(f"/Patient/{p}", patient("X", id=p), If_Match='W/"7"'))
    both(lambda p, o: gp.post("/Condition", condition(f"Patient/{p}")))
    both(lambda p, o: gp.post("/Patient", patient("X", link=[{"type": "refer", "other": {"reference": f"Patient/{p}"}}])))  # noqa: E501  # fmt: skip
    both(lambda p, o: gp.post("/Observation", observation(ground.own, hasMember=[{"reference": f"Observation/{o}"}])))  # noqa: E501  # fmt: skip
    both(lambda p, o: gp.transaction(post(patient()), delete(f"Observation/{o}")))
    both(lambda p, o: gp.transaction(post(patient()), put(patient("X", id=p), 'W/"1"')))
    both(lambda p, o: gp.transaction(post(patient(), "urn:uuid:a"), post(condition(f"Patient/{p}"))))  # noqa: E501  # fmt: skip
    both(lambda p, o: gp.transaction(post(condition(f"Patient?_id={p}"))))
    assert ground.nurse.get(f"/Patient/{ground.hidden}").json["meta"]["versionId"] == "1"


@pytest.mark.parametrize(
    "search",
    [
        f"/Patient?family={SECRET}&_total=accurate",
        f"/Patient?name:contains={SECRET[2:]}",
        f"/Patient?family:exact={SECRET}",
        f"/Observation?code:text={SECRET}&_total=accurate",
        f"/Observation?identifier={SECRET}",
        f"/Observation?subject:Patient.family={SECRET}&_total=accurate",
        f"/Observation?has-member:Observation.identifier={SECRET}&_total=accurate",
        f"/Observation?has-member:Observation.subject:Patient.family={SECRET}",
        f"/Observation?focus:Patient.family={SECRET}",
        f"/Condition?encounter:Encounter.class={SECRET}&_total=accurate",
        f"/Condition?encounter:Encounter.identifier={SECRET}",
        f"/Encounter?class={SECRET}",
    ],
)
def test_nothing_hidden_decides_what_a_search_finds(
    api: ApiServer, ground: Ground, search: str
) -> None:
    """Lesson 4: conditions, chains and totals work on what the asker may see, not on the rest."""
    answer = ground.gp.get(search)
    assert answer.status == 200, answer.body
    assert answer.entries == []
    assert answer.json.get("total", 0) == 0
    assert _place_finds(api, search), "nothing is hidden here, so nothing is tried"


def _place_finds(api: ApiServer, search: str) -> int:
    """How many the system itself finds, which sees the whole place."""
    kind, _, text = search[1:].partition("?")
    database.configure(api.url)
    found = record.search(system_permit("test"), parse_query(kind, parse_qsl(text)))
    database.close()
    return len(found.entries)


def test_includes_bring_nothing_hidden(ground: Ground) -> None:
    """Lesson 5: forwards and backwards, what is included passes the same gate."""
    asked = [
        f"/Observation?_id={ground.own_seen}&_include=Observation:has-member",
        f"/Observation?_id={ground.own_seen}&_include=Observation:has-member:Observation",
        f"/Observation?_id={ground.own_seen}&_revinclude=Observation:has-member",
        f"/Condition?_id={ground.own_condition}&_include=Condition:encounter",
        f"/Patient?_id={ground.own[8:]}&_revinclude=Observation:subject",
        f"/Patient?_id={ground.own[8:]}&_revinclude=Observation:focus",
        f"/{ground.own}/Observation?_include=Observation:focus",
        f"/{ground.own}/$everything",
    ]
    for address in asked:
        answer = ground.gp.get(address)
        assert answer.status == 200 and answer.entries, answer.body
        text = answer.body.decode()
        assert SECRET not in text, address
        assert f'"id":"{ground.hidden}"' not in text and f'"id":"{ground.hidden_seen}"' not in text


def test_missing_tells_nothing_of_what_is_hidden(ground: Ground) -> None:
    """Lesson 10: `:missing` looks at rows that the asker sees."""
    for search in ("/Observation?has-member:missing=true", "/Patient?family:missing=false"):
        answer = ground.gp.get(f"{search}&_count=1000&_total=accurate")
        assert SECRET not in answer.body.decode()
        assert answer.json["total"] == len(answer.entries)


def test_history_shows_only_versions_that_may_be_seen_today(ground: Ground, api: ApiServer) -> None:
    """Lesson 11: an Observation moved from the hidden person to ours keeps its past hidden."""
    moved = [
        r for r in ground.gp.get(f"/Observation?subject={ground.own}").entries
        if r["meta"]["versionId"] == "2"
    ]  # fmt: skip
    assert len(moved) == 1
    where = f"/Observation/{moved[0]['id']}"
    history = ground.gp.get(f"{where}/_history")
    assert [r["meta"]["versionId"] for r in history.entries] == ["2"]
    assert SECRET not in history.body.decode()
    assert ground.gp.get(f"{where}/_history/1").status == 404
    assert ground.nurse.get(where).status == 404
    assert ground.nurse.get(f"{where}/_history").status == 404
    assert ground.nurse.get(f"{where}/_history/1").status == 404


def test_what_was_deleted_is_gone_only_for_who_saw_it(ground: Ground) -> None:
    """410 to the hospital, 404 to everybody else."""
    made = ground.nurse.made(observation(f"Patient/{ground.hidden}", code={"text": SECRET}))
    where = f"/Observation/{made['id']}"
    assert ground.nurse.delete(where).status == 204
    assert ground.nurse.get(where).status == 410
    for address in (where, f"{where}/_history", f"{where}/_history/1", f"{where}/_history/2"):
        assert ground.gp.get(address).status == 404
    assert ground.gp.put(where, {**made}, If_Match='W/"1"').status == 404
    assert ground.gp.delete(where).status == 404


def test_conditions_match_nothing_hidden(ground: Ground) -> None:
    """Lesson 7: conditional create and conditional references look through the asker's eyes."""
    gp = ground.gp
    answer = gp.post("/Observation", observation(ground.own), If_None_Exist=f"identifier={SECRET}")
    assert answer.status == 201
    condition_text = f"Patient?family={SECRET}"
    answer = gp.transaction(post(condition(condition_text)))
    assert answer.status == 412 and "no resource" in answer.said
    person = patient(identifier=[{"system": "http://m", "value": uuid4().hex}])
    answer = gp.transaction(post(person, "urn:uuid:a", ifNoneExist=f"family={SECRET}"))
    assert answer.json["entry"][0]["response"]["status"] == "201"


def test_a_claimed_number_is_refused_without_naming_its_holder(ground: Ground) -> None:
    """House law 3: a conflict there must be; whose number it is, only who sees them may know."""
    answer = ground.gp.post(
        "/Patient", patient("Y", identifier=[{"system": NHS, "value": ground.number}])
    )
    assert answer.status == 409
    text = answer.body.decode()
    assert SECRET not in text and ground.hidden not in text and ground.number not in text


def test_a_forged_cursor_reaches_no_further(ground: Ground) -> None:
    """A page of the hospital's search, continued with the surgery's token."""
    page = ground.nurse.get("/Observation?_count=1&_sort=date")
    link = next(e["url"] for e in page.json["link"] if e["relation"] == "next")
    answer = ground.gp.get(link.partition("/fhir")[2])
    assert answer.status in (200, 400)
    assert SECRET not in answer.body.decode()
