"""An app asks, somebody lets it in, and it reads what they ticked (SMART App Launch 2.2, 2.0)."""

import pytest

from joinedup.record.cluster import Urls
from tests.spec.smart.app import fhir, known, signed_in
from tests.spec.smart.conftest import JOYCE

pytestmark = pytest.mark.usefixtures("place")


def test_a_person_lets_an_app_read_their_record(place: Urls) -> None:
    """The whole way: asked, ticked, code, token, and the record as they see it themselves."""
    app, joyce = known(), signed_in("person")
    told = app.tokens(joyce, "launch/patient patient/Patient.rs patient/Observation.rs")
    assert told["token_type"] == "Bearer" and told["expires_in"] == 300
    assert told["patient"] == JOYCE and "refresh_token" not in told
    token = told["access_token"]
    assert fhir(token, f"/Patient/{JOYCE}").json["id"] == JOYCE
    assert {r["id"] for r in fhir(token, "/Observation").entries} == {
        f"blood-{JOYCE}",
        f"pressure-{JOYCE}",
    }
