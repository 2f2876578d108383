"""Apps, chapter 5. An app opened for somebody whose records were joined, and parted again.

Joined records are one person's: what is let in for one of them sees both, whichever id it was
bound to, and never anybody else (docs/decisions/0013-merge.md; SMART App Launch 2.2, 2.0.10).
"""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from joinedup import record
from joinedup.access.permit import system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.record import Put, Source
from joinedup.record.merge import merge, unmerge
from tests.load.people import in_care, observation, patient
from tests.spec.smart.app import App, fhir, known, signed_in
from tests.spec.smart.conftest import JOYCE

OFFICER = worker_permit("Practitioner/fox", "Ms Fox", Role.PRIVACY_OFFICER, "Y90001")
GOES_ON = "launch patient/*.cruds offline_access"
OWN, HERS = f"pressure-{JOYCE}", "pressure-jean"


@pytest.fixture(autouse=True)
def _twice(place: object) -> None:
    """Joyce was entered a second time, as Jean; a third record is somebody else's."""
    practice = [{"reference": "Organization/Y90001"}]
    found: list[dict[str, Any]] = []
    for name in ("jean", "carl"):
        own = f"Patient/{name}"
        found += [
            patient("Halam", id=name, generalPractitioner=practice),
            in_care(own, "Y90001", id=f"in-{name}"),
            observation(own, id=f"pressure-{name}"),
        ]
    source = Source("Y90001", "Practitioner/x", "gp")
    record.commit(system_permit("test"), [Put(r, source=source) for r in found], dangling="keep")


def join() -> None:
    """They prove to be one."""
    merge(OFFICER, JOYCE, "jean", reason="same woman", if_versions=(1, 1))


def part() -> None:
    """They prove to be two."""
    unmerge(OFFICER, JOYCE, "jean", reason="two women")


def opened(person: str) -> dict[str, Any]:
    """An app that the GP opened for one id."""
    app: App = known(launch="https://app.example/launch")
    gp = signed_in("gp")
    sent = gp.post(f"/smart/open/{person}", {"app": app.id})["Location"]
    launch = dict(parse_qsl(urlsplit(sent).query))["launch"]
    return app.tokens(gp, GOES_ON, launch=launch)


def pressures(token: str) -> set[str]:
    """Which of the three an app finds and reads; the two ways must agree."""
    found = {r["id"] for r in fhir(token, "/Observation").entries}
    names = (OWN, HERS, "pressure-carl", "pressure-bob")
    read = {n for n in names if fhir(token, f"/Observation/{n}").status == 200}
    assert found & {*names} == read
    return read


@pytest.mark.parametrize(("person", "own"), [(JOYCE, OWN), ("jean", HERS)])
def test_joined_it_sees_the_person_and_parted_its_own(person: str, own: str) -> None:
    """Either way round, with a token that was given out before."""
    token = opened(person)["access_token"]
    assert pressures(token) == {own}
    join()
    assert pressures(token) == {OWN, HERS}
    assert fhir(token, "/Patient/carl").status == 404
    assert {r["id"] for r in fhir(token, f"/Patient/{person}/$everything").entries} >= {OWN, HERS}
    part()
    assert pressures(token) == {own}


def test_opened_while_they_were_joined() -> None:
    """And afterwards for the one it was opened for."""
    join()
    token = opened("jean")["access_token"]
    assert pressures(token) == {OWN, HERS}
    part()
    assert pressures(token) == {HERS}


def test_her_own_app_sees_what_she_sees() -> None:
    """She lets it in herself, for her own record."""
    asked = "launch/patient patient/*.rs"
    token = known().tokens(signed_in("person"), asked)["access_token"]
    assert pressures(token) == {OWN}
    join()
    assert pressures(token) == {OWN, HERS}
    part()
    assert pressures(token) == {OWN}


def test_what_it_writes_stands_with_the_rest() -> None:
    """Written for either id while they are one; for the other no longer once they are two."""
    token = opened("jean")["access_token"]

    def writes(person: str) -> int:
        told = observation(f"Patient/{person}")
        return fhir(token, "/Observation", method="POST", content=told).status

    assert (writes("jean"), writes(JOYCE)) == (201, 422)
    join()
    assert (writes("jean"), writes(JOYCE), writes("carl")) == (201, 201, 422)
    part()
    assert (writes("jean"), writes(JOYCE)) == (201, 422)
