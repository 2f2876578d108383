"""Money, chapter 52. Promising a pot's money to a package of somebody the officer sees (BU-04).

Finance sees no care: of a package it reads what it is of, its days and its price.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import paying
from joinedup.fhir.issue import NotFound, NotPermitted, Unprocessable
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.posting import Book, problems_of
from joinedup.money.approval import approve, waiting
from joinedup.money.commitments import commitment_of
from joinedup.money.packages import package_of, packages_of
from joinedup.record import books
from joinedup.record.cluster import Cluster
from tests.security.access.visitors import Visitors
from tests.spec.money.desk import (
    GRANT_AT,
    GRANT_ID,
    NOW,
    NUMBER,
    OKAFOR,
    PATEL,
    POOL_ID,
    REID,
    approve_all,
    desks,
    plain,
    send,
    words,
)
from tests.spec.record.place import (
    CONFIDENTIALITY,
    HOSPITAL,
    NHS_NUMBER,
    PLACE,
    joyce,
    label,
    put,
    service,
    stay,
)

if TYPE_CHECKING:
    from django.test import Client

AT = f"/money/agreements/{GRANT_ID}/promise"
ELSEWHERE = "9990000026"
PROMISE = {
    "nhs_number": NUMBER,
    "package": "s1",
    "care": "home  care",
    "provider": "vl9x1",
    "begins": "3/12/2018",
    "ends": "30/12/2018",
    "price": "18.50",
    "units": "56",
    "vat": "",
    "on": "3/12/2018",
}


@pytest.fixture(scope="module")
def sign_in(cluster: Cluster) -> Iterator[Visitors]:
    with desks(cluster) as visitors:
        other = joyce("ray", identifier=[{"system": NHS_NUMBER, "value": ELSEWHERE}])
        put(other, stay("h1", "ray", start="2018-12-01"))
        theirs = service("s2", "ray", start="2018-12-01")
        theirs["managingOrganization"] = {"reference": f"Organization/{HOSPITAL}"}
        put(theirs)
        yield visitors


@pytest.fixture(scope="module")
def officer(sign_in: Visitors) -> "Client":
    return sign_in("finance-officer")


def test_packages_are_found_by_number(officer: "Client") -> None:
    """What the service says already stands in the form: its first day, its price."""
    said = words(officer, f"{AT}?nhs_number={NUMBER}")
    assert "Care, kind not said From 1 December 2018" in said
    page = officer.get(f"{AT}?nhs_number={NUMBER}").content.decode()
    assert (
        'value="s1" checked' in page
        and 'value="01/12/2018"' in page
        and 'value="31/03/2019"' in page
    )


@pytest.mark.parametrize("number", [ELSEWHERE, "9990000034", "999 000 0035", "x"])
def test_nobody_is_found_whom_the_officer_does_not_pay_for(number: str, officer: "Client") -> None:
    """Somebody of another organisation and nobody at all look the same; a slip is said."""
    said = words(officer, f"{AT}?nhs_number={number}")
    wrong = number in ("x", "999 000 0035")
    assert ("There is no package of somebody you pay for by this number." in said) is not wrong
    assert "Which package" not in said


def test_a_promise_is_made_once_another_officer_approved_it(officer: "Client") -> None:
    """56 hours at £18.50 are £1,036.00: out of the pot's left at once, spent by nobody yet."""
    answer = send(officer, AT, **PROMISE)
    assert answer.status_code == 302, plain(answer)
    assert "Promised £0.00" in words(officer, GRANT_AT)
    assert approve_all() == 1
    said = words(officer, GRANT_AT)
    assert "Promised £1,036.00 2.1% of £50,001.00 given" in said
    assert "Left £48,965.00" in said and "Home care £1,036.00 £0.00 1" in said
    package = Account(AccountKind.PACKAGE, "s1")
    (kept,) = books.postings(PLACE, account=package)
    pot, own = kept.posting.entries
    assert (own.about.person, own.about.plan) == ("Patient/joyce", "EpisodeOfCare/s1/_history/1")
    assert (own.book, own.about.care, own.about.provider) == (Book.COMMITTED, "home care", "VL9X1")
    assert not pot.about.person and pot.about.package == "s1"


def test_what_looks_like_a_formula_is_text_in_the_file(officer: "Client") -> None:
    """Whatever a kind of care is called, a spreadsheet runs nothing of it."""
    typed = PROMISE | {"care": "=HYPERLINK(1)", "units": "1", "price": "0.01"}
    assert send(officer, AT, **typed).status_code == 302
    assert approve_all() == 1
    file = officer.get(f"/money/agreements/{GRANT_ID}/spending.csv").content.decode("utf-8-sig")
    assert "care,'=HYPERLINK(1),0.00,0.01,0.00,1," in file and ",=HYPERLINK" not in file


def test_a_pot_that_holds_too_little_promises_nothing(officer: "Client") -> None:
    """BU-04: found when it is approved, under the account's lock; it waits on."""
    typed = PROMISE | {"price": "1000000", "units": "1"}
    assert send(officer, AT, **typed).status_code == 302
    (found,) = waiting(OKAFOR)
    with pytest.raises(Unprocessable, match="would leave it"):
        approve(OKAFOR, found.payment.id, found.version, now=NOW)
    assert len(waiting(OKAFOR)) == 1


FAULTS = [
    ({"package": "s2"}, "There is no such package of somebody you pay for"),
    ({"package": "nothing"}, "There is no such package of somebody you pay for"),
    ({"package": ""}, "Choose the package"),
    ({"begins": "30/11/2018"}, "The package begins on 01/12/2018"),
    ({"ends": "2/12/2018"}, "The last day paid for is before the first"),
    ({"price": "18.505"}, "has a fraction of a penny"),
    ({"price": "18,50"}, "is not an amount"),
    ({"units": "-3"}, "how many units are paid for"),
    ({"units": "0"}, "how many units are paid for"),
    ({"vat": "a fifth"}, "is not an amount"),
    ({"care": ""}, "Write what kind of care"),
    ({"provider": "=1+1"}, "is no provider's code"),
    ({"on": "1/4/2019"}, "winter-2018 is for 2018-19"),
]


@pytest.mark.parametrize(("wrong", "said"), FAULTS)
def test_a_promise_that_is_wrong_is_not_prepared(
    wrong: dict[str, str], said: str, officer: "Client"
) -> None:
    """Beside its field; what was typed stays."""
    before = len(waiting(OKAFOR))
    typed = PROMISE | wrong
    answer = send(officer, AT, **typed)
    assert answer.status_code in (400, 422) and said in plain(answer), plain(answer)
    assert f'value="{typed["units"]}"' in answer.content.decode()
    assert len(waiting(OKAFOR)) == before


def test_half_pennies_are_rounded_and_vat_is_added(officer: "Client") -> None:
    """0.333 hours at £18.50 and £1.23 are £7.39: nearest penny, VAT of the whole."""
    typed = PROMISE | {"units": "0.333", "vat": "1.23", "care": "night care"}
    assert send(officer, AT, **typed).status_code == 302
    found = (one.said for one in waiting(OKAFOR))
    newest = next(said for said in found if said.entries[1].about.care == "night care")
    assert newest.entries[1].pence == 739 and newest.entries[1].about.vat == 123
    assert approve_all_that_fit() == 1


def approve_all_that_fit() -> int:
    """What is more than the pot holds waits on."""
    found = [one for one in waiting(OKAFOR) if one.said.entries[1].pence < 100_000_000]
    for one in found:
        approve(OKAFOR, one.payment.id, one.version, now=NOW)
    return len(found)


def test_what_is_read_of_a_package_is_read_under_the_officers_own_name(sign_in: Visitors) -> None:
    """AC-02, AC-04: only where they see the money, under their labels, and never to change it."""
    assert sign_in
    assert [p.said.id for p in packages_of(PATEL, NUMBER)] == ["s1"]
    assert packages_of(PATEL, ELSEWHERE) == ()
    with pytest.raises(NotFound):
        package_of(PATEL, "s2")
    with pytest.raises(NotFound):
        record.read(PATEL, "EpisodeOfCare", "s1")  # by itself it is not the officer's to read
    with pytest.raises(NotPermitted):
        paying(REID)
    assert not paying(PATEL).may_write and paying(PATEL).worker == PATEL.worker


def test_a_package_under_a_label_is_not_there(sign_in: Visitors) -> None:
    """What is restricted is silent to finance: no name, no price."""
    assert sign_in
    put(service("s3", "joyce", start="2018-12-01") | {"meta": label(CONFIDENTIALITY, "R")})
    assert [p.said.id for p in packages_of(PATEL, NUMBER)] == ["s1"]
    with pytest.raises(NotFound):
        package_of(PATEL, "s3")


def test_a_pool_promises_as_a_grant_does(officer: "Client") -> None:
    """The same form; the days are those of the pool's own year."""
    said = words(officer, f"/money/agreements/{POOL_ID}/promise?nhs_number={NUMBER}")
    assert "From Better Care Fund, 2018-19. £0.00 is left to promise" in said


SHARED = PROMISE | {"units": "10.333", "care": "shared care", "vat": "0.05"}


def test_one_promise_is_shared_among_several_pots(officer: "Client") -> None:
    """BU-02: parts by largest remainder, to the penny; each pot's units times the price are its.

    10.333 hours at £18.50 and 5p are £191.21: a third, £63.74, is the pool's.
    """
    typed = SHARED | {"other_1": POOL_ID, "part_1": "1/3"}
    answer = send(officer, AT, **typed)
    assert answer.status_code == 302, plain(answer)
    (said,) = [w.said for w in waiting(OKAFOR) if w.said.entries[1].about.care == "shared care"]
    whole = [(e.account.name, e.pence) for e in said.entries if e.account.kind is AccountKind.POT]
    assert whole == [("winter-2018/904", -12_747), ("Better Care Fund", -6_374)]
    own = [e for e in said.entries if e.account.kind is AccountKind.PACKAGE]
    assert sum(e.pence for e in own) == 19_121
    assert sum(e.about.vat for e in own) == 5
    assert abs(sum(float(e.about.units) for e in own) - 10.333) < 0.001
    assert not problems_of(replace(said, approved_by="Practitioner/okafor"))
    terms = commitment_of(package_of(PATEL, "s1").said, [said])
    assert terms is not None and len(terms.terms) == 1, "one rate, of which two pots pay parts"
    assert {s.pot.name for s in terms.terms[0].shares} == {"winter-2018/904", "Better Care Fund"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"other_1": POOL_ID, "part_1": "100"}, "less than the whole"),
        ({"other_1": POOL_ID, "part_1": "0"}, "more than nothing"),
        ({"other_1": POOL_ID, "part_1": ""}, "write per cent"),
        ({"other_1": "", "part_1": "40"}, "Choose the pot that pays this part"),
        ({"other_1": GRANT_ID, "part_1": "40"}, "pays the rest already"),
        ({"other_1": "nothing", "part_1": "40"}, "There is no such pot"),
        (
            {"other_1": POOL_ID, "part_1": "30", "other_2": POOL_ID, "part_2": "30"},
            "chosen twice",
        ),
    ],
)
def test_parts_that_make_no_whole_are_told(
    officer: "Client", wrong: dict[str, str], said: str
) -> None:
    """Beside the field, and nothing is prepared."""
    before = len(waiting(OKAFOR))
    answer = send(officer, AT, **SHARED | wrong)
    assert answer.status_code in (400, 422) and said in plain(answer), plain(answer)
    assert len(waiting(OKAFOR)) == before
