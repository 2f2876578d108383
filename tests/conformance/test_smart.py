"""What test kits for SMART App Launch 2.2 and its backend services check, check by check.

The kits themselves need the internet; these checks were written from the specification, each named
by what it asks. The refusals among them are in `tests/security/test_10_bad_tokens.py` too, by what
a thief would do.
"""

import base64
from typing import Any
from urllib.parse import urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.conformance.smart_kit import PATIENT, Kit, smart_kit
from tests.spec.smart.app import BASE, ORIGIN, App, fhir
from tests.spec.smart.conftest import JOYCE

__all__ = ["smart_kit"]


class TestDiscovery:
    """What an app learns before it asks anything."""

    def test_it_is_served_without_a_token(self, kit: Kit) -> None:
        """200."""
        assert kit.known.status == 200

    def test_it_is_json(self, kit: Kit) -> None:
        """`application/json`, also where an app does not say what it takes."""
        assert kit.known.headers["content-type"] == "application/json"
        assert fhir(None, "/.well-known/smart-configuration").json == kit.known.json

    @pytest.mark.parametrize(
        "name",
        "authorization_endpoint token_endpoint introspection_endpoint revocation_endpoint jwks_uri "
        "issuer management_endpoint".split(),
    )
    def test_addresses_are_whole_and_of_this_place(self, kit: Kit, name: str) -> None:
        """Absolute, without a fragment, on the origin that was asked."""
        address = kit.known.json[name]
        assert address.startswith(ORIGIN) and not urlsplit(address).fragment

    @pytest.mark.parametrize(
        "capability",
        "launch-ehr launch-standalone client-public client-confidential-symmetric "
        "client-confidential-asymmetric sso-openid-connect context-ehr-patient "
        "context-standalone-patient permission-offline permission-online permission-patient "
        "permission-user permission-v2".split(),
    )
    def test_it_says_what_it_can(self, kit: Kit, capability: str) -> None:
        """Each is exercised below."""
        assert capability in kit.known.json["capabilities"]

    @pytest.mark.parametrize(
        ("name", "wanted"),
        [
            (
                "grant_types_supported",
                {"authorization_code", "refresh_token", "client_credentials"},
            ),
            ("response_types_supported", {"code"}),
            ("token_endpoint_auth_methods_supported", {"private_key_jwt", "client_secret_basic"}),
            ("token_endpoint_auth_signing_alg_values_supported", {"RS384", "ES384"}),
            ("scopes_supported", {"openid", "fhirUser", "launch", "offline_access"}),
        ],
    )
    def test_lists_hold_what_is_required(self, kit: Kit, name: str, wanted: set[str]) -> None:
        """SMART App Launch 2.2, 4.3."""
        assert wanted <= set(kit.known.json[name])

    def test_challenges_are_s256_alone(self, kit: Kit) -> None:
        """Never plain."""
        assert kit.known.json["code_challenge_methods_supported"] == ["S256"]

    def test_no_registration_is_offered(self, kit: Kit) -> None:
        """Apps are registered by who runs the place."""
        assert "registration_endpoint" not in kit.known.json

    def test_openid_discovery_agrees(self, kit: Kit) -> None:
        """The same issuer, keys and addresses."""
        told = kit.person.get("/.well-known/openid-configuration").json()
        for name in ("issuer", "jwks_uri", "authorization_endpoint", "token_endpoint"):
            assert told[name] == kit.known.json[name]

    def test_the_capability_statement_names_the_same_addresses(self, kit: Kit) -> None:
        """`rest.security.extension` and the service code."""
        security = kit.statement.json["rest"][0]["security"]
        told = {e["url"]: e["valueUri"] for e in security["extension"][0]["extension"]}
        assert told["authorize"] == kit.known.json["authorization_endpoint"]
        assert told["token"] == kit.known.json["token_endpoint"]
        assert security["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"

    def test_keys_are_public(self, kit: Kit) -> None:
        """RSA, to sign, with a kid, and nothing private."""
        for key in kit.person.get("/smart/keys").json()["keys"]:
            assert key["kty"] == "RSA" and key["use"] == "sig" and key["kid"]
            assert not {"d", "p", "q"} & set(key)


class TestStandaloneLaunch:
    """An app begins by itself and asks for a patient."""

    def test_the_state_comes_back(self, kit: Kit) -> None:
        """Letter by letter."""
        assert kit.sent["state"] == kit.public.state

    def test_a_code_comes_back(self, kit: Kit) -> None:
        """Of 256 bits of chance."""
        assert len(kit.sent["code"]) == 43

    def test_who_answers_is_said(self, kit: Kit) -> None:
        """`iss` (RFC 9207)."""
        assert kit.sent["iss"] == kit.known.json["issuer"]

    def test_the_token_answer_is_json_and_kept_by_nobody(self, kit: Kit) -> None:
        """RFC 6749 5.1."""
        headers = kit.standalone.headers
        assert headers["content-type"] == "application/json"
        assert headers["cache-control"] == "no-store" and headers["pragma"] == "no-cache"

    @pytest.mark.parametrize(
        "name", "access_token token_type expires_in scope patient id_token refresh_token".split()
    )
    def test_the_token_answer_holds(self, kit: Kit, name: str) -> None:
        """What was asked for."""
        assert kit.standalone.json[name]

    def test_the_token_is_a_bearer(self, kit: Kit) -> None:
        """Whatever the case."""
        assert kit.standalone.json["token_type"].lower() == "bearer"

    def test_it_lasts_an_hour_at_most(self, kit: Kit) -> None:
        """Five minutes here."""
        assert 0 < kit.standalone.json["expires_in"] <= 300

    def test_the_patient_is_an_id(self, kit: Kit) -> None:
        """And is to be read."""
        assert fhir(kit.token, f"/Patient/{kit.standalone.json['patient']}").status == 200

    def test_the_scopes_granted_were_asked(self, kit: Kit) -> None:
        """None more."""
        assert set(kit.standalone.json["scope"].split()) <= set(PATIENT.split())

    def test_the_banner_is_asked_for(self, kit: Kit) -> None:
        """`need_patient_banner`: the app shows by itself whose record it is."""
        assert kit.standalone.json["need_patient_banner"] is True

    @pytest.mark.parametrize("app", ["public", "secret", "signed"])
    def test_each_kind_of_app_is_given_a_token(self, kit: Kit, app: str) -> None:
        """Public, by secret, by key."""
        played: App = getattr(kit, app)
        told = played.tokens(kit.person, "launch/patient patient/Patient.rs")
        assert fhir(told["access_token"], f"/Patient/{JOYCE}").status == 200

    def test_a_secret_may_be_sent_as_basic(self, kit: Kit) -> None:
        """And need not be in the form."""
        sent = kit.secret.let_in(kit.person, "launch/patient patient/Patient.rs")
        packed = base64.b64encode(f"{kit.secret.id}:{kit.secret.secret}".encode()).decode()
        form = {
            "grant_type": "authorization_code", "code": sent["code"], "client_id": None,
            "redirect_uri": "https://app.example/back", "code_verifier": kit.secret.verifier,
            "client_secret": None,
        }  # fmt: skip
        answer = kit.secret.send("/smart/token", form, authorization=f"Basic {packed}")
        assert answer.status == 200


class TestIdToken:
    """OpenID Connect."""

    @pytest.fixture
    def claims(self, kit: Kit) -> dict[str, Any]:
        """The claims, checked against the keys that are published."""
        keys = KeySet.import_key_set(kit.person.get("/smart/keys").json())
        return dict(jwt.decode(kit.standalone.json["id_token"], keys, algorithms=["RS256"]).claims)

    @pytest.mark.parametrize("name", "iss sub aud exp iat fhirUser nonce auth_time".split())
    def test_it_holds(self, claims: dict[str, Any], name: str) -> None:
        """Each claim that is required, or was asked for."""
        assert claims[name]

    def test_it_is_for_this_app(self, kit: Kit, claims: dict[str, Any]) -> None:
        """And no other."""
        assert claims["aud"] == kit.public.id and claims["iss"] == kit.known.json["issuer"]

    def test_the_nonce_is_the_apps(self, claims: dict[str, Any]) -> None:
        """As it was sent."""
        assert claims["nonce"] == "a-nonce"

    def test_it_ends(self, claims: dict[str, Any]) -> None:
        """Within minutes."""
        assert 0 < claims["exp"] - claims["iat"] <= 300

    def test_the_subject_tells_nothing(self, claims: dict[str, Any]) -> None:
        """No name, no NHS number, no id of the record."""
        assert JOYCE not in claims["sub"] and len(claims["sub"]) <= 255

    def test_fhir_user_is_to_be_read(self, kit: Kit, claims: dict[str, Any]) -> None:
        """An absolute address of a Patient, Practitioner or RelatedPerson of this server."""
        address = claims["fhirUser"]
        assert address.startswith(f"{BASE}/Patient/")
        assert fhir(kit.token, address.removeprefix(BASE)).status == 200


class TestEhrLaunch:
    """The app is opened from a person's page."""

    def test_it_is_sent_to_its_launch_address(self, kit: Kit) -> None:
        """With `iss` and `launch`."""
        assert kit.launched_to.startswith("https://app.example/launch?")
        assert "iss=http%3A%2F%2Ftestserver%2Ffhir" in kit.launched_to

    def test_the_context_is_the_person_who_was_open(self, kit: Kit) -> None:
        """Without asking again."""
        assert kit.ehr["patient"] == "bob"

    def test_online_access_is_refreshed_while_signed_in(self, kit: Kit) -> None:
        """`permission-online`."""
        assert kit.ehr["refresh_token"]

    def test_it_reads_that_person_and_no_other(self, kit: Kit) -> None:
        """Whom the worker sees beside is as absent."""
        assert fhir(kit.ehr["access_token"], "/Patient/bob").status == 200
        assert fhir(kit.ehr["access_token"], f"/Patient/{JOYCE}").status == 404
