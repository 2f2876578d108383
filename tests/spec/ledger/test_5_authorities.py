"""Money, chapter 5. What is set aside for urgent starts of care (decision 0020; BU-04, BU-05).

Care Act 2014 s19(3): urgent needs are met before any assessment. Two officers approve a sum for a
month beforehand, and each start is a promise from it.
"""

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from joinedup.fhir.issue import Unprocessable
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.authority import (
    Authority,
    Start,
    account_of,
    authority_of,
    give_back,
    is_start,
    main_pot,
    problems_of_start,
    refuse_start,
    set_aside,
    start_posting,
)
from joinedup.ledger.balance import balances
from joinedup.ledger.decision import Tolerance, refuse_decision
from joinedup.ledger.period import Month
from joinedup.ledger.posting import Book, Entry, Posting, problems_of, reversal

POT = Account(AccountKind.POT, "winter-2018/904")
JANUARY = Month(2018, 1)
APART = Account(AccountKind.POT, "winter-2018/904/starts-2018-01")
AUTHORITY = Authority(pot=POT.name, month=JANUARY, approved_by="Practitioner/okafor")
START = Start(
    person="Patient/joyce",
    package="s1",
    paper="EpisodeOfCare/s1/_history/1",
    care="Reablement",
    provider="VZ901",
    begins=date(2018, 1, 16),
    ends=date(2018, 2, 26),
    unit_cost=1_850,
    units=Decimal("31.5"),
)


def start() -> Posting:
    return start_posting(
        AUTHORITY, START, posting_id="start/1", on=date(2018, 1, 16), by="Practitioner/lee"
    )


def test_what_is_set_aside_is_a_pot_of_its_own() -> None:
    """Its name says of which pot and for which month, so no start can reach another."""
    assert account_of(POT, JANUARY) == APART == AUTHORITY.account
    assert authority_of(APART) == (POT, JANUARY)
    assert main_pot(APART) == main_pot(POT) == POT
    for name in ("winter-2018/904", "/starts-2018-01", "x/starts-2018-13", "x/starts-2018-1"):
        assert authority_of(Account(AccountKind.POT, name)) is None
    assert authority_of(Account(AccountKind.PROVIDER, APART.name)) is None


def test_a_start_is_promised_to_the_package_in_two_names() -> None:
    """31.5 hours at £18.50 are £582.75: who starts it, and who approved the authority."""
    made = start()
    assert (made.prepared_by, made.approved_by) == ("Practitioner/lee", "Practitioner/okafor")
    assert [(e.account, e.pence, e.book) for e in made.entries] == [
        (APART, -58_275, Book.COMMITTED),
        (Account(AccountKind.PACKAGE, "s1"), 58_275, Book.COMMITTED),
    ]
    assert not problems_of(made) and not problems_of_start(made)
    assert not made.entries[0].about.person, "a pot names nobody"
    assert made.entries[1].about.person == "Patient/joyce"


def _with(place: int, **changes: object) -> Posting:
    entries = list(start().entries)
    entries[place] = Entry(
        **{
            **{name: getattr(entries[place], name) for name in Entry.__struct_fields__},
            **changes,
        }
    )
    return replace(start(), entries=tuple(entries))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (_with(0, account=POT), "from what is set aside for starts to a package alone"),
        (_with(1, account=Account(AccountKind.BANK, "b")), "to a package alone"),
        (_with(0, book=Book.ACTUAL), "promised, and not paid"),
        (_with(1, book=Book.RELEASED), "promised, and not paid"),
        (replace(start(), entries=start().entries * 2), "one promise"),
        (replace(start(), on=date(2018, 2, 1)), "is for 2018-01, and 2018-02-01 is not in it"),
        (replace(start(), source="authority/winter-2018/904"), "is not what"),
        (
            _with(1, about=replace(start().entries[1].about, plan="EpisodeOfCare/s2/_history/1")),
            "which version of package s1",
        ),
        (_with(1, about=replace(start().entries[1].about, provider="")), "who gives it"),
        (_with(1, about=replace(start().entries[1].about, units=None)), "how many units"),
    ],
)
def test_nothing_but_a_start_rests_on_an_authority(wrong: Posting, told: str) -> None:
    """Another pot, account, book, month, document or package is told in words."""
    with pytest.raises(Unprocessable, match=told):
        refuse_start(wrong)


def test_a_start_is_taken_back_as_every_posting_is() -> None:
    """A reversal rests on no authority: two officers post it."""
    back = reversal(
        start(),
        new_id="back",
        on=date(2018, 1, 17),
        words="She died",
        prepared_by="Practitioner/patel",
        approved_by="Practitioner/okafor",
    )
    assert is_start(start()) and not is_start(back)
    assert not any(balance.left for balance in balances([start(), back]).values())


def test_the_rest_goes_back_to_its_pot() -> None:
    """Set aside and given back, the pot is as it was; what was given is counted nowhere twice."""
    aside = set_aside(POT, JANUARY, 500_000, posting_id="a", words="January", paper="Minute 4")
    rest = give_back(
        APART, 500_000, posting_id="b", on=date(2018, 1, 31), words="Not needed", paper="Minute 9"
    )
    assert aside.on == date(2018, 1, 1)
    assert balances([aside])[APART].left == 500_000
    assert {b.left for b in balances([aside, rest]).values()} == {0}
    with pytest.raises(Unprocessable, match="set aside for starts"):
        give_back(POT, 1, posting_id="c", on=date(2018, 1, 31), words="x", paper="x")


def test_what_is_set_aside_has_no_tolerance() -> None:
    """Its limit is its floor: more is set aside by two officers, never let go below (BU-04)."""
    wish = Tolerance(id="t", account=APART, floor=-1, words="x", prepared_by="a", approved_by="b")
    with pytest.raises(Unprocessable, match="set more aside instead"):
        refuse_decision(wish)
