"""What ASVS 5.0 asks of accounts and of what providers sign, where no other test says it.

In a place of real people: no one-click accounts, a clock that moves.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey

from tests.conftest import ROOT
from tests.spec.signing_in.conftest import browser_of, clock, place
from tests.spec.signing_in.people import (
    PASSWORD,
    AccountRow,
    Clock,
    SessionRow,
    admitted_worker,
    invite,
    sign_in,
)

if TYPE_CHECKING:
    from django.test import Client

__all__ = ["browser_of", "clock", "place"]

Browsers = Callable[[], "Client"]
NEW = "a heron over the weir"
DAY = 24 * 3600


def test_a_new_place_has_no_account(browser_of: Browsers) -> None:
    """6.3.2: nobody is there from the start, and one click opens nothing."""
    assert AccountRow.objects.count() == 0
    browser = browser_of()
    assert b"Sign in as" not in browser.get("/sign-in").content
    for name in ("gp", "admin", "root", "system", "privacy-officer"):
        assert browser.post("/sign-in", {"account": name}).status_code in (403, 404)
    assert SessionRow.objects.count() == 0


def test_a_password_is_changed_with_the_old_one(browser_of: Browsers, clock: Clock) -> None:
    """6.2.2, 6.2.3: the old is asked for, and is good for nothing afterwards."""
    worker, browser = admitted_worker(), browser_of()
    sign_in(browser, worker)
    change = {"wish": "password", "new_password": NEW}
    assert browser.post("/account/change", change | {"password": "not it"}).status_code == 403
    assert browser.post("/account/change", change).status_code == 403
    assert browser.post("/account/change", change | {"password": PASSWORD}).status_code == 302
    clock.move(60)
    again = browser_of()
    assert again.post("/sign-in", {"name": worker.name, "password": PASSWORD}).status_code == 403
    assert again.post("/sign-in", {"name": worker.name, "password": NEW}).status_code == 302


def test_what_proves_somebody_is_changed_by_its_owner_alone(
    browser_of: Browsers, clock: Clock
) -> None:
    """7.5.1: an unlocked screen adds no app and no passkey, removes none, makes no codes."""
    worker, browser = admitted_worker(), browser_of()
    sign_in(browser, worker)
    clock.move(1)
    before = sorted(map(str, _factors(worker.id)))
    for address, sent in (
        ("/account/change", {"wish": "codes"}),
        ("/account/change", {"wish": before[0]}),
        ("/account/app", {"code": worker.code()}),
        ("/account/passkey", {"credential": "{}", "name": "mine"}),
    ):
        for password in ({}, {"password": "not it at all"}):
            assert browser.post(address, {**sent, **password}).status_code == 403, address
    assert sorted(map(str, _factors(worker.id))) == before


def _factors(account: object) -> list[object]:
    from joinedup.signin.models import FactorRow

    return list(FactorRow.objects.filter(account=account).values_list("id", flat=True))


def test_a_password_stays_good(browser_of: Browsers, clock: Clock) -> None:
    """6.2.10: nobody is made to change it by date."""
    worker = admitted_worker(period={})
    clock.move(3 * 365 * DAY)
    assert sign_in(browser_of(), worker).status_code == 302


def test_an_invitation_is_over_after_a_day(browser_of: Browsers, clock: Clock) -> None:
    """6.4.1: used once, a day long, and its code is nobody's password."""
    worker = admitted_worker()
    code = invite(worker.id)
    typed = {"name": worker.name, "code": code, "password": NEW}
    assert browser_of().post("/sign-in", {"name": worker.name, "password": code}).status_code == 403
    easy = browser_of().post("/sign-in/first", typed | {"password": worker.name})
    assert easy.status_code == 400
    clock.move(DAY)
    assert browser_of().post("/sign-in/first", typed).status_code == 403


def test_how_sessions_go_together_is_written_down(browser_of: Browsers, clock: Clock) -> None:
    """7.1.2, 7.1.3: any number of devices; who else ends them."""
    page = " ".join((ROOT / "docs/sign-in.md").read_text().split())
    assert "signed in on any number of devices" in page
    assert "CIS2 and NHS login end a session here by their signed message" in page
    worker, one, two = admitted_worker(), browser_of(), browser_of()
    sign_in(one, worker)
    clock.move(60)
    sign_in(two, worker)
    assert one.get("/account").status_code == two.get("/account").status_code == 200


# What a provider signs ---------------------------------------------------------------------------

FINE: dict[str, Any] = {
    "iss": "https://cis2.example", "aud": "us", "sub": "555", "nonce": "ours", "acr": "AAL3",
}  # fmt: skip
WRONG: dict[str, dict[str, Any]] = {
    "of another question": {"nonce": "theirs"},
    "of no question": {"nonce": None},
    "of another provider": {"iss": "https://nhs-login.example"},
    "for another client": {"aud": "somebody-else"},
    "for many, handed to another": {"aud": ["us", "other"], "azp": "other"},
    "of nobody": {"sub": None},
    "of a number": {"sub": 555},
    "over": {"exp": -3_600},
    "of tomorrow": {"iat": 86_400},
    "not yet": {"nbf": 86_400},
    "of too weak a proof": {"authentication_assurance_level": "1"},
    "for another access token": {"at_hash": "AAAA"},
}


@pytest.fixture
def cis2(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, RSAKey]:
    """A provider whose key is known, and that key."""
    from joinedup.signin.oidc import tokens
    from joinedup.signin.providers import Provider

    key = RSAKey.generate_key(2048, {"kid": "one"})
    ours = Provider(
        name="cis2",
        words="NHS CIS2",
        kind="worker",
        issuer=FINE["iss"],
        client_id="us",
        key_file=Path("none"),
        algorithm="RS256",
        scope="openid",
    )

    class Ring:
        def key(self, provider: object, kid: str) -> RSAKey | None:
            return key if kid == "one" else None

    monkeypatch.setattr(tokens, "ring", lambda provider: Ring())
    return ours, key


def _signed(key: RSAKey, at: float, changed: dict[str, Any]) -> str:
    told = {"exp": 300, "iat": 0} | changed
    times = {n: int(at + told[n]) for n in ("exp", "iat", "nbf") if n in told}
    claims = {n: v for n, v in (FINE | told | times).items() if v is not None}
    header = {"alg": "RS256", "kid": "one", "typ": "JWT"}
    return jws.serialize_compact(header, json.dumps(claims).encode(), key)


def test_an_id_token_is_for_one_sign_in_here(cis2: tuple[Any, RSAKey], clock: Clock) -> None:
    """10.5.1, 10.5.4, 6.8.2: the one that is fine is taken."""
    from joinedup.signin.oidc.tokens import read_id_token

    ours, key = cis2
    token = _signed(key, clock.at, {})
    assert read_id_token(ours, token, nonce="ours", access_token="a")["sub"] == "555"


@pytest.mark.parametrize("name", WRONG)
def test_a_bad_id_token_is_refused(name: str, cis2: tuple[Any, RSAKey], clock: Clock) -> None:
    """Signed by the right key, and wrong in one thing."""
    from joinedup.signin.oidc.tokens import BadToken, read_id_token

    ours, key = cis2
    with pytest.raises(BadToken):
        read_id_token(ours, _signed(key, clock.at, WRONG[name]), nonce="ours", access_token="a")
