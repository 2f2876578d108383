"""What test kits for SMART App Launch 2.2 and its backend services check, check by check.

The kits themselves need the internet; these checks were written from the specification, each named
by what it asks. The refusals among them are in `tests/security/test_10_bad_tokens.py` too, by what
a thief would do.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client as Browser
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from joinedup.record import database
from joinedup.record.cluster import Cluster
from tests.conftest import _Copied
from tests.spec.smart.app import BASE, ORIGIN, TOKEN, App, Told, assertion, fhir, known, signed_in
from tests.spec.smart.conftest import JOYCE, LABORATORY, store_two_people

RSA, EC = RSAKey.generate_key(2048), ECKey.generate_key("P-384")
PATIENT = "launch/patient patient/*.rs openid fhirUser offline_access"
FILTERED = f"launch/patient patient/Observation.rs?category={LABORATORY}|laboratory"


class Kit:
    """Everything the checks look at, gathered once."""

    def __init__(self) -> None:
        self.person, self.gp = signed_in("person"), signed_in("gp")
        self.known = fhir(None, "/.well-known/smart-configuration", accept="application/json")
        self.statement = fhir(None, "/metadata")
        self.public, self.secret = known("public"), known("confidential", secret=True)
        self.signed = known("asymmetric", key=RSA)
        self.rsa = known("rsa-service", key=RSA, role="gp", organisation="Y90001")
        self.ec = known("ec-service", key=EC, role="gp", organisation="Y90001")
        sent = self.public.let_in(self.person, PATIENT, nonce="a-nonce")
        self.sent = sent
        self.standalone = self.public.exchange(sent["code"])
        self.refreshed = self.public.refresh(self.standalone.json["refresh_token"])
        self.filtered = known("granular").tokens(self.person, FILTERED)["access_token"]
        self.services = {a.id: a.own_token("system/*.rs") for a in (self.rsa, self.ec)}
        self.ehr = self._ehr()

    @property
    def token(self) -> str:
        """An access token of Joyce's, all of her record."""
        return str(self.refreshed.json["access_token"])

    def _ehr(self) -> dict[str, Any]:
        app = known("launched", launch="https://app.example/launch")
        where = self.gp.post("/smart/open/bob", {"app": app.id})["Location"]
        launch = re.search(r"[?&]launch=([^&]+)", where)
        assert launch is not None
        self.launched_to = where
        return app.tokens(self.gp, "launch patient/*.rs online_access", launch=launch[1])


@pytest.fixture(scope="module")
def kit(cluster: Cluster) -> Iterator[Kit]:
    """One place, its apps, and what they were given."""
    from django.db import connections

    from joinedup.smart.bearer import forget_known

    with _Copied(cluster) as urls:
        database.configure(urls.application)
        forget_known()
        store_two_people()
        yield Kit()
        forget_known()
        connections.close_all()
        database.close()


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


class TestRefresh:
    """New tokens for a refresh token."""

    @pytest.mark.parametrize(
        "name", "access_token token_type expires_in scope refresh_token patient".split()
    )
    def test_the_answer_holds(self, kit: Kit, name: str) -> None:
        """As the first did."""
        assert kit.refreshed.json[name]

    def test_both_tokens_are_new(self, kit: Kit) -> None:
        """Rotated."""
        for name in ("access_token", "refresh_token"):
            assert kit.refreshed.json[name] != kit.standalone.json[name]

    def test_the_scopes_stay(self, kit: Kit) -> None:
        """Unless fewer are asked."""
        assert kit.refreshed.json["scope"] == kit.standalone.json["scope"]

    def test_it_is_kept_by_nobody(self, kit: Kit) -> None:
        """`no-store`."""
        assert kit.refreshed.headers["cache-control"] == "no-store"

    def test_without_a_refresh_token(self, kit: Kit) -> None:
        """`invalid_grant`."""
        assert kit.public.refresh("").json == {"error": "invalid_grant"}


class TestGranularScopes:
    """Version 2 scopes with a filter."""

    def test_granted_as_it_was_asked(self, kit: Kit) -> None:
        """The filter is in the answer."""
        told = known("told").tokens(kit.person, FILTERED)
        assert told["scope"] == FILTERED

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            (f"/Observation/blood-{JOYCE}", 200),
            (f"/Observation/pressure-{JOYCE}", 404),
            (f"/Observation?patient={JOYCE}", 200),
            (f"/Condition?patient={JOYCE}", 403),
            (f"/Patient/{JOYCE}", 403),
            (f"/Patient/{JOYCE}/$everything", 403),
        ],
    )
    def test_what_it_opens(self, kit: Kit, path: str, status: int) -> None:
        """What fits, and nothing else."""
        assert fhir(kit.filtered, path).status == status

    @pytest.mark.parametrize("query", ["", "?category=vital-signs", "?_count=50", "?_sort=-date"])
    def test_every_search_is_filtered(self, kit: Kit, query: str) -> None:
        """Whatever it asks."""
        found = {r["id"] for r in fhir(kit.filtered, f"/Observation{query}").entries}
        assert found <= {f"blood-{JOYCE}"}


class TestIntrospection:
    """RFC 7662."""

    def _asked(self, kit: Kit, token: str) -> Told:
        return known_looker(kit).send("/smart/introspect", {"token": token})

    @pytest.mark.parametrize("name", "scope client_id exp iat iss aud patient fhirUser".split())
    def test_a_good_token_tells(self, kit: Kit, name: str) -> None:
        """What SMART asks for."""
        told = self._asked(kit, kit.token).json
        assert told["active"] is True and told[name]

    def test_the_scope_is_the_one_granted(self, kit: Kit) -> None:
        """Word by word."""
        assert self._asked(kit, kit.token).json["scope"] == kit.refreshed.json["scope"]

    def test_rubbish_is_inactive(self, kit: Kit) -> None:
        """And nothing else is told."""
        assert self._asked(kit, "rubbish").json == {"active": False}

    def test_a_spent_refresh_token_is_inactive(self, kit: Kit) -> None:
        """As one that never was."""
        assert self._asked(kit, kit.standalone.json["refresh_token"]).json == {"active": False}

    def test_who_asks_must_prove_itself(self, kit: Kit) -> None:
        """A public app may not ask."""
        answer = kit.public.send("/smart/introspect", {"token": kit.token})
        assert answer.status == 401 and answer.json == {"error": "invalid_client"}


def known_looker(kit: Kit) -> App:
    """The app that may ask what any token is worth; registered once."""
    if not hasattr(kit, "looker"):
        kit.looker = known("resource-server", secret=True, looks_into=True)  # type: ignore[attr-defined]  # kept with the kit
    return kit.looker  # type: ignore[attr-defined,no-any-return]  # as above


class TestRevocation:
    """RFC 7009: at the very next request."""

    def test_an_access_token(self, kit: Kit) -> None:
        """Ends at once."""
        told = kit.public.tokens(kit.person, "launch/patient patient/Patient.rs")
        assert fhir(told["access_token"], f"/Patient/{JOYCE}").status == 200
        answer = kit.public.send("/smart/revoke", {"token": told["access_token"]})
        assert answer.status == 200 and not answer.body
        assert fhir(told["access_token"], f"/Patient/{JOYCE}").status == 401

    def test_twice_is_as_good_as_once(self, kit: Kit) -> None:
        """200, whatever is brought."""
        for _ in range(2):
            assert kit.public.send("/smart/revoke", {"token": "x"}).status == 200

    def test_a_hint_of_its_kind_is_taken(self, kit: Kit) -> None:
        """And not needed."""
        form = {"token": "x", "token_type_hint": "refresh_token"}
        assert kit.public.send("/smart/revoke", form).status == 200


@pytest.mark.parametrize("name", ["rsa-service", "ec-service"])
class TestBackendServices:
    """Backend services, by either algorithm."""

    def test_a_token_is_given(self, kit: Kit, name: str) -> None:
        """200, and kept by nobody."""
        answer = kit.services[name]
        assert answer.status == 200 and answer.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("part", "access_token token_type expires_in scope".split())
    def test_the_answer_holds(self, kit: Kit, name: str, part: str) -> None:
        """What is required."""
        assert kit.services[name].json[part]

    def test_nothing_more_is_given(self, kit: Kit, name: str) -> None:
        """No refresh token, nobody's context."""
        assert not {"refresh_token", "patient", "id_token"} & set(kit.services[name].json)

    def test_five_minutes(self, kit: Kit, name: str) -> None:
        """The most that is recommended."""
        assert kit.services[name].json["expires_in"] <= 300

    def test_it_reads(self, kit: Kit, name: str) -> None:
        """Whom its organisation sees."""
        token = kit.services[name].json["access_token"]
        assert {r["id"] for r in fhir(token, "/Patient").entries} == {JOYCE, "bob"}

    def test_it_writes_only_what_was_granted(self, kit: Kit, name: str) -> None:
        """`rs` was asked for."""
        token = kit.services[name].json["access_token"]
        assert fhir(token, "/Observation/blood-bob", method="DELETE").status == 403

    @pytest.mark.parametrize(
        ("claim", "value"),
        [("aud", BASE), ("aud", TOKEN + "/"), ("exp", 1), ("iss", "x"), ("sub", "x"), ("jti", "")],
    )
    def test_a_word_that_does_not_fit(self, kit: Kit, name: str, claim: str, value: Any) -> None:
        """`invalid_client`."""
        app = kit.rsa if name == "rsa-service" else kit.ec
        form = {"grant_type": "client_credentials", "scope": "system/*.rs"}
        word = {"client_assertion": assertion(app, **{claim: value}), "client_id": None}
        answer = app.send("/smart/token", form | word)
        assert (answer.status, answer.json) == (401, {"error": "invalid_client"})


class TestProofKey:
    """RFC 7636."""

    def test_the_challenge_is_of_the_verifier(self, kit: Kit) -> None:
        """By SHA-256, and not the verifier itself."""
        digest = hashlib.sha256(kit.public.verifier.encode()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") in kit.public.wish("x")

    @pytest.mark.parametrize("verifier", [None, "", "short", "a" * 43, "a" * 129, "é" * 50])
    def test_a_wrong_verifier(self, kit: Kit, verifier: str | None) -> None:
        """`invalid_grant`, and the code is spoiled for the right one too."""
        sent = kit.public.let_in(kit.person, "launch/patient patient/Patient.rs")
        answer = kit.public.exchange(sent["code"], code_verifier=verifier)
        assert answer.json == {"error": "invalid_grant"}
        assert kit.public.exchange(sent["code"]).json == {"error": "invalid_grant"}


def test_whoever_is_not_signed_in_is_asked_to(kit: Kit) -> None:
    """And comes back to the same question."""
    answer = Browser().get(kit.public.wish(PATIENT))
    assert answer.status_code == 302 and answer["Location"].startswith("/sign-in?next=")
