"""Labels, derived Provenance, and reach that comes and goes with what gives it."""

from typing import Any
from uuid import uuid4

import pytest

from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.fhir.key import resource_key
from joinedup.record import Put, Source, database
from tests.load.client import Client
from tests.load.people import observation, patient
from tests.load.server import ApiServer

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


@pytest.fixture
def gp(api: ApiServer) -> Client:
    """The surgery."""
    return api.client("gp")


@pytest.fixture
def nurse(api: ApiServer) -> Client:
    """The hospital."""
    return api.client("ward-nurse")


def store(api: ApiServer, *found: dict[str, Any]) -> None:
    """Store as an import from the council."""
    database.configure(api.url)
    source = Source("E99901", "Practitioner/x", "social-worker")
    record.commit(system_permit("test"), [Put(r, source=source) for r in found], dangling="keep")
    database.close()


@pytest.mark.parametrize(
    ("system", "code"),
    [
        (CONFIDENTIALITY, "R"),
        (CONFIDENTIALITY, "V"),
        (ACT_CODE, "SEX"),
        (ACT_CODE, "SDV"),
        (ACT_CODE, "HIV"),
        (ACT_CODE, "a sensitivity nobody here has heard of"),
    ],
)
def test_a_labelled_resource_shows_to_nobody_without_the_label(
    api: ApiServer, nurse: Client, system: str, code: str
) -> None:
    """House law 2: person, class and label; reach to the person is not enough."""
    person = f"Patient/{nurse.made(patient())['id']}"
    name = uuid4().hex
    labelled = observation(person, id=name, meta={"security": [{"system": system, "code": code}]})
    store(api, labelled, observation(person, id=f"{name}-plain"))
    assert nurse.get(f"/Observation/{name}-plain").status == 200
    where = f"/Observation/{name}"
    hidden = (where, f"{where}/_history", f"{where}/_history/1", f"/Provenance?target={where[1:]}")
    for address in hidden:
        assert nurse.get(address).status == 404, address
    for address in (f"/Observation?subject={person}&_total=accurate", f"/{person}/$everything",
                    f"/Patient?_id={person[8:]}&_revinclude=Observation:subject"):  # fmt: skip
        answer = nurse.get(address)
        assert f'"id":"{name}"' not in answer.body.decode(), address
        assert answer.json.get("total", 1) == 1
    assert nurse.delete(f"/Observation/{name}").status == 404


def test_provenance_made_for_the_asker_obeys_the_same_locks(gp: Client, nurse: Client) -> None:
    """Its id can be computed by anybody; what it tells of is shown only to who sees its target."""
    hidden = nurse.made(patient())
    key = resource_key("Patient", hidden["id"]) & (2**64 - 1)
    none = resource_key("Patient", str(uuid4())) & (2**64 - 1)
    for version in (1, 0, 2, 99):
        where = f"/Provenance/v-{key:016x}-{version}"
        answers = [gp.get(where), gp.get(where.replace(f"{key:016x}", f"{none:016x}"))]
        told = [a.body.decode().replace(f"{key:016x}", f"{none:016x}") for a in answers]
        assert answers[0].status == answers[1].status == 404 and told[0] == told[1]
    assert nurse.get(f"/Provenance/v-{key:016x}-1").status == 200
    for odd in ("v-", "v-x-1", f"v-{'f' * 16}", f"v-{'f' * 17}-1", f"v-{key:016x}-99999999999"):
        assert gp.get(f"/Provenance/{odd}").status == 404, odd


def test_reach_comes_and_goes_with_what_gives_it(gp: Client, nurse: Client) -> None:
    """A task given to the hospital lets it see the person; taken back, it sees no more."""
    person = f"Patient/{gp.made(patient())['id']}"
    seen = f"/Observation/{gp.made(observation(person))['id']}"
    assert nurse.get(f"/{person}").status == nurse.get(seen).status == 404
    task = gp.made(
        {
            "resourceType": "Task",
            "status": "requested",
            "intent": "order",
            "for": {"reference": person},
            "owner": {"reference": "Organization/RZ901"},
        }
    )
    assert nurse.get(f"/{person}").status == nurse.get(seen).status == 200
    where = f"/Task/{task['id']}"
    mine = {**task, "owner": {"reference": "Organization/Y90001"}}
    assert gp.put(where, mine, If_Match='W/"1"').status == 200
    assert nurse.get(f"/{person}").status == nurse.get(seen).status == 404
    assert gp.put(where, {**task}, If_Match='W/"2"').status == 200
    assert nurse.get(f"/{person}").status == 200
    assert gp.delete(where).status == 204
    assert nurse.get(f"/{person}").status == nurse.get(seen).status == 404
    assert gp.get(f"/{person}").status == 200


@pytest.mark.parametrize(
    ("period", "status"),
    [
        ({"start": "2000-01-01"}, 200),
        ({"start": "2000-01-01", "end": "2000-02-01"}, 404),
        ({"start": "2190-01-01"}, 404),
        ({"start": "2000-01-01", "end": "2190-01-01"}, 200),
    ],
)
def test_reach_lasts_as_long_as_the_care(
    gp: Client, nurse: Client, period: dict[str, str], status: int
) -> None:
    """An encounter reaches from its start until 28 days after its end."""
    person = f"Patient/{gp.made(patient())['id']}"
    gp.made(
        {
            "resourceType": "Encounter",
            "status": "finished" if "end" in period else "in-progress",
            "class": {"code": "IMP"},
            "subject": {"reference": person},
            "serviceProvider": {"reference": "Organization/RZ901"},
            "period": period,
        }
    )
    assert nurse.get(f"/{person}").status == status
