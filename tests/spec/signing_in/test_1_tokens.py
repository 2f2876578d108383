"""Tokens: whom they admit, and when they end."""

import time

import pytest

from joinedup.access.words import Role
from joinedup.fhir.issue import NotFound, SignInNeeded
from joinedup.fhir.key import resource_key
from joinedup.signin import tokens
from joinedup.signin.accounts import ACCOUNTS, permit_for
from tests.spec.web.site import set_up

set_up()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still until it is moved."""
    at = [1_516_096_800.0]
    monkeypatch.setattr(time, "time", lambda: at[0])
    return at


def test_there_is_one_account_for_each_role_people_sign_in_with() -> None:
    """At least GP, ward nurse, social worker, discharge coordinator, analyst; never the system."""
    roles = {Role.GP, Role.WARD_NURSE, Role.SOCIAL_WORKER, Role.DISCHARGE_COORDINATOR, Role.ANALYST}
    assert roles <= {a.role for a in ACCOUNTS} <= set(Role) - {Role.SYSTEM}
    assert len({a.name for a in ACCOUNTS}) == len(ACCOUNTS)


@pytest.mark.parametrize("held", ACCOUNTS, ids=lambda a: a.name)
def test_a_permit_is_of_one_organisation(held: object) -> None:
    """And of its worker and duty areas: parties, never people; a person's is of themselves."""
    permit = permit_for(held)
    own = resource_key(*permit.worker.split("/"))
    if permit.role is Role.PERSON:
        assert permit.parties == (own,)
        return
    assert permit.parties[:2] == (resource_key("Organization", permit.organisation), own)
    assert permit.may_write is (permit.role not in (Role.ANALYST, Role.COMMISSIONER))


def test_a_token_is_good_for_an_hour(clock: list[float]) -> None:
    """And not a second longer."""
    token = tokens.issue_token("ward-nurse")
    clock[0] += tokens.LIFE_SECONDS
    assert tokens.permit_from_token(token).role is Role.WARD_NURSE
    clock[0] += 2
    with pytest.raises(SignInNeeded, match="an hour old"):
        tokens.permit_from_token(token)


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: "gp" + t[t.index(":") :], lambda t: ""]
)
def test_an_altered_token_is_refused(change: object) -> None:
    """Cut, or with another name in front, or empty."""
    token = tokens.issue_token("ward-nurse")
    with pytest.raises(SignInNeeded):
        tokens.permit_from_token(change(token))


def test_no_token_for_nobody() -> None:
    """The refusal names the accounts there are."""
    with pytest.raises(NotFound, match="ward-nurse"):
        tokens.issue_token("caretaker")
