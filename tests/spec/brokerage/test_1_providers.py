"""Brokerage, chapter 1. Which providers may be offered at all (MS-01, domain.md 14.3)."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from joinedup.brokerage.rules.providers import (
    RATINGS,
    SERVICES,
    Override,
    ProviderFacts,
    Wanted,
    offer_problems,
    offer_warnings,
)

TODAY = date(2025, 4, 1)
GOOD = ProviderFacts(
    location="1-990000002",
    provider="1-990000001",
    name="Marlbrook Home Care",
    registration="active",
    rating="good",
    activities=frozenset({"personal-care"}),
    capacity=3,
    insured_until=date(2025, 12, 31),
    data_security_until=date(2025, 12, 31),
)
CARE = Wanted(service="home-care", personal_care=True, minutes=30)
ALLOWED = Override(
    by="Practitioner/ann-lee",
    post="Assistant director",
    why="The only place near her husband",
    review_on=date(2025, 5, 1),
)


def problems(wanted: Wanted = CARE, override: Override | None = None, **changes: Any) -> str:
    found = offer_problems(replace(GOOD, **changes), wanted, on=TODAY, override=override)
    return " ".join(p.message for p in found)


def test_a_good_provider_with_something_free_may_be_offered() -> None:
    assert problems() == "" and offer_warnings(GOOD, on=TODAY) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"registration": "cancelled"}, "no active registration: cancelled"),
        ({"registration": "suspended"}, "no active registration: suspended"),
        ({"registration": ""}, "no active registration: none"),
        ({"activities": frozenset({"accommodation"})}, "not registered for that: home care"),
        ({"capacity": 0}, "Nothing is free"),
        ({"embargo": "safeguarding enquiry"}, "Nobody new goes there: safeguarding enquiry"),
        ({"insured_until": date(2025, 3, 31)}, "insurance ran out on 31 March 2025"),
        ({"insured_until": None}, "No insurance has been shown"),
        ({"data_security_until": date(2025, 3, 31)}, "data security toolkit ran out"),
        ({"location": "1-990000001"}, "Name the location, not the provider"),
        ({"rating": "excellent"}, "is no rating"),
    ],
)
def test_who_may_not_be_offered(change: dict[str, Any], words: str) -> None:
    """MS-01, each by itself, and no override helps."""
    assert words in problems(**change)
    assert words in problems(override=ALLOWED, **change)


def test_a_nursing_need_is_not_met_in_a_residential_home() -> None:
    """MS-01: the activity, and nurses who are there."""
    home = {"activities": frozenset({"accommodation"})}
    wanted = Wanted(service="residential-home")
    assert problems(wanted, **home) == ""
    assert "has no nurses" in problems(replace(wanted, nursing=True), **home)
    assert "not registered for that: nursing home" in problems(
        Wanted(service="nursing-home"), **home
    )
    nurses = {"activities": frozenset({"nursing-accommodation"}), "nursing": True}
    assert problems(Wanted(service="nursing-home", nursing=True), **nurses) == ""


def test_an_inadequate_home_needs_a_named_override() -> None:
    """14.3 example 1: an assistant director, why, and when it is looked at again."""
    assert "must allow it by name" in problems(rating="inadequate")
    assert problems(rating="inadequate", override=ALLOWED) == ""
    for wrong in (replace(ALLOWED, by=""), replace(ALLOWED, post=""), replace(ALLOWED, why="ok")):
        assert "Say who allows" in problems(rating="inadequate", override=wrong)
    late = replace(ALLOWED, review_on=TODAY)
    assert "a day still to come" in problems(rating="inadequate", override=late)


def test_an_override_allows_nothing_else() -> None:
    assert "no active registration" in problems(
        rating="inadequate", registration="cancelled", override=ALLOWED
    )


def test_personal_care_in_fifteen_minutes_needs_a_reason() -> None:
    """14.3 example 4: NICE NG21; a medicine visit of fifteen minutes does not."""
    short = replace(CARE, minutes=15)
    assert "less than 30 minutes needs a reason" in problems(short)
    assert problems(replace(short, short_reason="Insulin only, she asked for it")) == ""
    assert problems(replace(short, short_reason="Insulin 15")) == ""
    assert problems(replace(short, personal_care=False)) == ""


def test_not_inspected_is_not_good_and_papers_are_warned_of_in_time() -> None:
    """14.2b, 14.3 example 6: insurance that ends on 1 May is told of from 1 April."""
    assert (
        "not the same as good" in offer_warnings(replace(GOOD, rating="not-inspected"), on=TODAY)[0]
    )
    may = replace(GOOD, insured_until=date(2025, 5, 1))
    assert offer_warnings(may, on=TODAY) == ("Its insurance runs out on 1 May 2025.",)
    assert offer_warnings(may, on=date(2025, 3, 31)) == ()
    assert offer_warnings(may, on=date(2025, 5, 1)) != ()
    assert offer_problems(may, CARE, on=date(2025, 5, 1)) == ()
    assert offer_problems(may, CARE, on=date(2025, 5, 2)) != ()


def test_a_service_is_one_of_the_table() -> None:
    assert "is no service" in problems(Wanted(service="a package"))
    assert len(SERVICES) == 5 and len(RATINGS) == 5
