"""Backend services: programs of an organisation that work by themselves (SMART 2.2, 5)."""

import pytest
from joserfc.jwk import ECKey, RSAKey

from joinedup.fhir.issue import Invalid
from tests.spec.smart.app import App, fhir, known, signed_in
from tests.spec.smart.conftest import JOYCE

RSA, EC = RSAKey.generate_key(2048), ECKey.generate_key("P-384")
pytestmark = pytest.mark.usefixtures("place")


def service(name: str = "night-run", **more: object) -> App:
    """A service of the surgery that works as a practice nurse would."""
    return known(name, **{"key": EC, "role": "practice-nurse", "organisation": "Y90001"} | more)


@pytest.mark.parametrize("key", [RSA, EC], ids=["RS384", "ES384"])
def test_it_is_given_a_token_for_its_signed_word(key: RSAKey | ECKey) -> None:
    """And sees whom its organisation sees, as its role does; there is nothing to refresh."""
    told = service(key=key).own_token("system/Observation.rs system/Patient.rs").json
    assert told["expires_in"] == 300 and "refresh_token" not in told and "patient" not in told
    assert {r["id"] for r in fhir(told["access_token"], "/Patient").entries} == {JOYCE, "bob"}
    assert fhir(told["access_token"], "/Condition").status == 403


def test_it_sees_no_more_than_its_organisation() -> None:
    """A service of the council, whom nobody here is in the care of, sees nobody."""
    app = service("council", role="social-worker", organisation="E99901")
    token = app.own_token("system/*.rs").json["access_token"]
    assert fhir(token, "/Patient").entries == []
    assert fhir(token, "/Patient/bob").status == 404


def test_it_is_never_the_system() -> None:
    """Nor a person, nor a proxy: roles of workers alone."""
    for role in ("system", "person", "proxy", "nobody"):
        with pytest.raises(Invalid):
            service("other", role=role)


def test_a_service_has_no_screen_and_an_app_no_system_scopes() -> None:
    """Each has its own way in."""
    app = service()
    assert signed_in("gp").get(app.wish("system/*.rs")).status_code == 400
    assert app.exchange("x").json == {"error": "unauthorized_client"}
    with_secret = known("keeps-secret", secret=True)
    assert with_secret.own_token("user/*.rs").json == {"error": "unauthorized_client"}
    with pytest.raises(Invalid):
        known("wide", scopes="system/*.rs")


def test_what_it_does_is_in_the_log_under_its_name() -> None:
    """The AuditEvent names the app, and whoever it acts for where it acts for somebody."""
    from joinedup.access.permit import person_permit
    from joinedup.record.audit import AuditQuery, search_events

    token = service().own_token("system/Observation.rs").json["access_token"]
    assert fhir(token, f"/Observation/blood-{JOYCE}").status == 200
    own = known().tokens(signed_in("gp"), "user/Observation.rs")["access_token"]
    assert fhir(own, f"/Observation/blood-{JOYCE}").status == 200
    found = search_events(person_permit(JOYCE, "Joyce"), AuditQuery(patient=JOYCE))
    by_app = [(e.role, e.client) for e in found if e.client]
    assert by_app == [("gp", "diary"), ("practice-nurse", "night-run")]
    told = fhir(signed_token(), f"/AuditEvent?patient=Patient/{JOYCE}").entries
    agents = [a for event in told for a in event["agent"] if a.get("who", {}).get("identifier")]
    assert {a["who"]["identifier"]["value"] for a in agents} == {"diary", "night-run"}


def test_the_person_reads_which_app_it_was() -> None:
    """In the log she sees, in plain words, beside who it acted for."""
    own = known().tokens(signed_in("gp"), "user/Observation.rs")["access_token"]
    assert fhir(own, f"/Observation/blood-{JOYCE}").status == 200
    page = signed_in("person").get("/my/who-looked").content.decode()
    assert "looked at your record, through an app (diary)" in page


def signed_token() -> str:
    """Joyce's own token, by which she reads who looked."""
    from joinedup.signin.tokens import issue_token

    return issue_token("person")
