"""The five uses of Nottinghamshire's guide, by a program that knows plain HTTP alone (issue 4).

Its answers are those of the guide: 201 made, 200 changed, 400 no FHIR, 401 nobody, 409 there
already, 422 against a rule of the place. What follows in the place is looked at in the record.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.demo.cast import NOW
from joinedup.fhir.profiles import hub, readiness
from joinedup.fhir.profiles.spell import BedStay, Spell, build
from joinedup.record import Put
from joinedup.record.cluster import Urls
from joinedup.signin.accounts import account
from joinedup.signin.tokens import issue_token
from tests.load.server import ORGANISATIONS, ApiServer
from tests.spec.record.place import joyce, put

PROGRAM = Path(__file__).with_name("nottinghamshire.py")
STAYS = "https://hospital.example/stay"
PLACE = system_permit("test")
CAME = NOW - timedelta(days=3)  # an invented place stands still


@pytest.fixture
def api(record_database: Urls) -> Iterator[ApiServer]:
    """A running API over the record of this test."""
    put(*({"resourceType": "Organization", "id": c, "name": n} for c, n in ORGANISATIONS.items()))
    put({"resourceType": "Practitioner", "id": account("ward-nurse").worker.split("/")[1]})
    server = ApiServer(record_database.application)
    yield server
    server.stop()


def a_stay(name: str) -> None:
    """Somebody in a bed of the hospital, with the hospital's own number of the stay."""
    bed = BedStay(bed=f"bed-{name}", since=CAME)
    spell = Spell(
        id=f"stay-{name}", person=f"Patient/{name}", hospital="RZ901", admitted=CAME, beds=(bed,)
    )
    place = {"resourceType": "Location", "id": f"bed-{name}", "name": name}
    put(joyce(name), place, build(spell) | {"identifier": [{"system": STAYS, "value": name}]})
    the_hub = hub.Hub("hub", "E99901", "Care transfer hub")
    record.commit(PLACE, [Put(hub.build(the_hub))])


def said(api: ApiServer, name: str, method: str) -> dict[str, list[Any]]:
    """What the program printed, by use."""
    when = (NOW + timedelta(hours=1)).isoformat(timespec="seconds")
    words = [f"http://127.0.0.1:{api.port}/fhir", issue_token("ward-nurse"), name, name]
    done = subprocess.run(
        [sys.executable, "-I", str(PROGRAM), *words, method, when],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout + api.said()
    found = defaultdict(list)
    for line in done.stdout.splitlines():
        told = json.loads(line)
        found[told["use"]].append(told)
    return found


ANSWERS = {
    "find": 200,
    "nobody": 401,
    "refer: prescribes": 422,
    "refer: no needs": 422,
    "refer": 201,
    "refer: twice": 409,
    "note": 201,
    "safe: no review": 422,
    "review: ten answers": 422,
    "review": 201,
    "safe": 200,
    "safe: not true": 422,
    "lost bed": 422,
    "left before they came": 422,
    "left": 200,
    "no such stay": 400,
}


@pytest.mark.parametrize(
    ("method", "state", "hub_says"),
    [("1", "discharged", "sent"), ("6", "self-discharged", "cancelled")],
)
def test_every_use_has_its_right_answer_and_what_follows(
    api: ApiServer, method: str, state: str, hub_says: str
) -> None:
    """Refer, share a note, safe to leave, left, left of their own accord; twice, and wrongly."""
    name = f"notts{method}"
    a_stay(name)
    found = said(api, name, method)
    assert {use: told[0]["status"] for use, told in found.items()} == ANSWERS, [
        (t["use"], t["status"], t["words"]) for told in found.values() for t in told
    ]
    refused = [t for use in found for t in found[use] if t["status"] >= 400]
    assert all(t["words"] and t["words"][0] for t in refused), refused
    assert found["refer"][0]["where"] and found["note"][0]["where"]
    assert "four calls" in found["refer: prescribes"][0]["words"][0]
    assert f"bed-{name}" in found["lost bed"][0]["words"][0]

    task = record.read(PLACE, "Task", readiness.readiness_id(f"stay-{name}")).resource
    stands = readiness.read(task)
    assert stands.state == state and stands.method == method
    assert len(stands.spans) == 1 and stands.spans[0].until == stands.left
    everything = record.everything(PLACE, name, count=500).entries
    states = {
        s.resource["businessStatus"]["coding"][0]["code"]
        for s in everything
        if s.type == "Task" and s.id.startswith("hub-")
    }
    assert states == {hub_says}
