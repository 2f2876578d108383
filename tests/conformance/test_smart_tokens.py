"""Checks of SMART App Launch 2.2, continued: refreshing, granular scopes, services, proofs."""

import base64
import hashlib
from typing import Any

import pytest
from django.test import Client as Browser

from tests.conformance.smart_kit import FILTERED, PATIENT, Kit, smart_kit
from tests.spec.smart.app import BASE, TOKEN, Told, assertion, fhir, known
from tests.spec.smart.conftest import JOYCE

__all__ = ["smart_kit"]


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
        return kit.looker.send("/smart/introspect", {"token": token})

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
