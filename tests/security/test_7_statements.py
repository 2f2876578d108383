"""What other organisations state about a restricted person, asked through the API by their workers.

The label stands on one Patient only; where she lives must not be found in the others (domain.md
1.2), from the commit that sets it to the commit that lifts it.
"""

from typing import Any
from uuid import uuid4

from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.record import Put, Source, database
from tests.load.people import in_care, patient
from tests.load.server import ApiServer

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
RESTRICTED = {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}


def _import(api: ApiServer, organisation: str, *found: dict[str, Any]) -> None:
    database.configure(api.url)
    source = Source(organisation, "Practitioner/x", "gp")
    record.commit(system_permit("test"), [Put(r, source=source) for r in found], dangling="keep")
    database.close()


def test_a_restriction_reaches_what_others_state_and_is_given_back(api: ApiServer) -> None:
    """Postcode, telephone, practice and organisation answer no search, and no door shows them."""
    gp, nurse, secret = api.client("gp"), api.client("ward-nurse"), f"Hideaway{uuid4().hex[:8]}"
    family, person, own = f"Fam{uuid4().hex[:8]}", uuid4().hex, uuid4().hex
    here = patient(family, id=person)
    there = patient(
        family,
        id=own,
        link=[{"type": "refer", "other": {"reference": f"Patient/{person}"}}],
        address=[{"line": [secret], "postalCode": secret}],
        telecom=[{"system": "phone", "value": secret}],
        generalPractitioner=[{"reference": "Organization/Y90001"}],
        managingOrganization={"reference": "Organization/RZ901"},
    )
    _import(api, "Y90001", here, in_care(f"Patient/{person}", "Y90001", id=person))
    _import(api, "RZ901", there, in_care(f"Patient/{person}", "RZ901", id=own))
    questions = [
        f"/Patient?{asked}&family={family}"
        for asked in (
            f"address={secret}",
            f"address-postalcode={secret}",
            f"phone={secret}",
            "general-practitioner=Organization/Y90001",
            "organization=Organization/RZ901",
            "address:missing=false",
        )
    ]
    doors = [f"/Patient/{own}", f"/Patient/{own}/_history", f"/Patient/{own}/_history/1",
             f"/Patient/{person}/$everything", f"/Patient?family={family}"]  # fmt: skip
    for client in (gp, nurse):
        assert all(client.get(q).json["total"] == 1 for q in [f"{q}&_total=accurate" for q in questions])  # noqa: E501  # fmt: skip
        assert all(secret in client.get(door).body.decode() for door in doors)

    restricted = {**here, "meta": RESTRICTED}
    assert gp.put(f"/Patient/{person}", restricted, If_Match='W/"1"').status == 200
    for client in (gp, nurse):
        assert all(client.get(f"{q}&_total=accurate").json["total"] == 0 for q in questions)
        for door in doors:
            text = client.get(door).body.decode()
            assert family in text and secret not in text and "SUBSETTED" in text, door
    refused = nurse.put(f"/Patient/{own}", there, If_Match='W/"1"')
    assert refused.status == 403 and secret not in refused.body.decode()
    made = nurse.post("/Patient", {**there, "id": uuid4().hex})
    assert made.status == 201 and secret not in made.body.decode()
    assert nurse.get(f"/Patient?address={secret}").entries == []

    _import(api, "Y90001", here)
    for client in (gp, nurse):
        assert all(own in client.get(q).body.decode() for q in questions)
        assert all(secret in client.get(door).body.decode() for door in doors)
