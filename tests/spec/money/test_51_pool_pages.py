"""Money, chapter 51. A section 75 pool in the browser, and the statement of each partner (BU-09).

domain.md 4.7 example 10 is walked through the pages: contributions, spending, the difference.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import pytest

from joinedup import record
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.posting import About, Book, Entry, Posting
from joinedup.money.actions import agree_pool
from joinedup.money.approval import waiting
from joinedup.record.cluster import Cluster
from tests.security.access.visitors import Visitors
from tests.spec.money.desk import (
    GRANT_ID,
    OKAFOR,
    PATEL,
    POOL,
    POOL_AT,
    POOL_ID,
    approve_all,
    desks,
    plain,
    send,
    words,
)
from tests.spec.record.place import COUNCIL

if TYPE_CHECKING:
    from django.test import Client

POT = Account(AccountKind.POT, POOL["name"])
GIVE = f"/money/agreements/{POOL_ID}/give"
GIFT = {
    "funder": COUNCIL,
    "pounds": "£6,000,000.00",
    "on": "3/4/2018",
    "paper": "Remittance 77",
    "words": "Our contribution for the year",
}


@pytest.fixture(scope="module")
def sign_in(cluster: Cluster) -> Iterator[Visitors]:
    with desks(cluster) as visitors:
        yield visitors


@pytest.fixture(scope="module")
def officer(sign_in: Visitors) -> "Client":
    return sign_in("finance-officer")


@pytest.fixture(scope="module")
def commissioner(sign_in: Visitors) -> "Client":
    return sign_in("commissioner")


def test_the_agreement_stands_in_words(commissioner: "Client") -> None:
    """BU-09, MO-06: host, contributions, minimums, risk shares, functions, VAT, exit."""
    said = words(commissioner, POOL_AT)
    for told in (
        "A section 75 pool for 2018-19. Marlbrook Council hosts it and keeps its accounts.",
        "Marlbrook Council £6,000,000.00 no minimum 60% 60%",
        "Marlshire ICB £4,000,000.00 £3,500,000.00 40% 40%",
        "Reablement Home care after hospital",
        "Marlbrook Council reclaims the VAT.",
        "Six months’ notice; what is left goes back as it came.",
        "£0.00 0.0% of £10,000,000.00 agreed",
    ):
        assert told in said, told


def test_a_contribution_is_in_the_pot_once_another_officer_approved_it(
    officer: "Client", commissioner: "Client"
) -> None:
    """Funder to pot; the form leads to where it waits."""
    answer = send(officer, GIVE, **GIFT)
    assert answer.headers["Location"].startswith("/money/approvals/payment-")
    assert "£6,000,000.00 £0.00 £6,000,000.00 £0.00" in words(commissioner, POOL_AT)
    assert approve_all() == 1
    said = words(commissioner, POOL_AT)
    assert "Marlbrook Council £6,000,000.00 £6,000,000.00 £0.00 £0.00" in said
    assert "£6,000,000.00 60.0% of £10,000,000.00 agreed" in said


def spend(pence: int, identity: str, on: date = date(2018, 11, 5)) -> None:
    """Bills that were accepted and paid for care that nobody is named for."""
    about = About(care="home care", provider="VL9X1", package=identity, pot=POT.name)
    bill = Posting(
        id=identity,
        on=on,
        words="Home care, October",
        source=f"invoice/VL9X1/{identity}",
        entries=(
            Entry(POT, -pence, Book.ACTUAL, about),
            Entry(Account(AccountKind.PROVIDER, "VL9X1"), pence, Book.ACTUAL, about),
        ),
        prepared_by=PATEL.worker,
        approved_by=OKAFOR.worker,
    )
    record.commit(OKAFOR, [], [bill])


def test_each_partner_bears_its_part_of_the_difference(
    officer: "Client", commissioner: "Client"
) -> None:
    """4.7 example 10: £6.0m and £4.0m, 60:40, £500,000 over: £300,000 and £200,000 on top."""
    for funder, pounds in (("QR1", "4,000,000.00"), (COUNCIL, "500,000")):
        assert send(officer, GIVE, **GIFT | {"funder": funder, "pounds": pounds}).status_code == 302
    approve_all()
    spend(1_050_000_000, "all")
    said = words(commissioner, POOL_AT)
    assert "£6,300,000.00 £300,000.00 on top" in said
    assert "£4,200,000.00 £200,000.00 on top" in said
    assert "All partners £10,000,000.00 £10,500,000.00 −£500,000.00 £10,500,000.00" in said
    rows = rows_of(commissioner, f"{POOL_AT}/statement.csv")
    bears = [row["part of what was spent"] for row in rows]
    assert bears == ["6300000.00", "4200000.00", "10500000.00"]
    assert rows[1]["name"] == "Marlshire ICB" and rows[1]["to come"] == "0.00"


def rows_of(browser: "Client", address: str) -> list[dict[str, str]]:
    """The rows of a file, each by its column."""
    answer = browser.get(address)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_spending_stands_by_care_and_month(commissioner: "Client") -> None:
    """One package: its number is not for who sees figures alone; the pounds are."""
    said = words(commissioner, POOL_AT)
    assert "Home care £0.00 £10,500,000.00 fewer than 5" in said
    assert "November 2018 £0.00 £0.00 £10,500,000.00" in said
    assert "April 2018 £10,500,000.00 £0.00 £0.00" in said
    rows = rows_of(commissioner, f"/money/agreements/{POOL_ID}/spending.csv")
    assert [r["packages"] for r in rows if r["by"] == "care"] == ["fewer than 5"]


def test_the_pool_of_another_year_is_another(officer: "Client", commissioner: "Client") -> None:
    """The same name, the next year: nothing of this year's is in its figures."""
    assert send(officer, "/money/pools/new", **POOL | {"year": "2019-20"}).status_code == 302
    agree_pool(OKAFOR, "pool-better-care-fund-2019-20", 1)
    said = words(commissioner, "/money/pools/pool-better-care-fund-2019-20")
    assert "£0.00 0.0% of £10,000,000.00 agreed" in said and "£10,500,000.00" not in said
    assert send(officer, "/money/pools/new", **POOL).status_code == 409


GIFT_FAULTS = [
    ({"pounds": "14,250.005"}, "has a fraction of a penny"),
    ({"pounds": "£14,250.00-ish"}, "is not an amount"),
    ({"pounds": "1,42,50"}, "is not an amount"),
    ({"pounds": "0"}, "The amount is more than nothing"),
    ({"pounds": "-12.00"}, "The amount is more than nothing"),
    ({"pounds": "9" * 17}, "Check the zeros"),
    ({"funder": "Y90001"}, "Choose which partner gave it"),
    ({"funder": ""}, "Choose which partner gave it"),
    ({"on": "1/4/2019"}, "Better Care Fund is for 2018-19"),
    ({"on": "yesterday"}, "Write a day, like 3/12/2018"),
    ({"paper": ""}, "Name the paper it rests on"),
    ({"words": ""}, "Write what the money is for"),
]


@pytest.mark.parametrize(("wrong", "said"), GIFT_FAULTS)
def test_a_contribution_that_is_wrong_is_not_prepared(
    wrong: dict[str, str], said: str, officer: "Client"
) -> None:
    """Beside its field; what was typed stays."""
    typed = GIFT | wrong
    answer = send(officer, GIVE, **typed)
    assert answer.status_code in (400, 422) and said in plain(answer)
    page = answer.content.decode()
    assert all(f'value="{typed[f]}"' in page for f in ("pounds", "on", "paper", "words"))
    assert waiting(OKAFOR) == ()


POOL_FAULTS = [
    ({"year": "2018"}, "'2018' is not a financial year"),
    ({"overspend_1": "0.6"}, "0.6 per cent is less than one. For six tenths, write 60."),
    ({"overspend_1": "half"}, "write per cent, like 60, or a fraction"),
    ({"overspend_1": "50"}, "The parts of an overspend are one for each partner and make one"),
    ({"underspend_1": "70"}, "The parts of an underspend are one for each partner"),
    ({"minimum_2": "4,000,000.01"}, "less than the minimum"),
    (
        {"code_2": "", "title_2": "", "gives_2": "", "overspend_2": ""},
        "Write the name of partner 2",
    ),
    ({"code_2": COUNCIL}, "Two partners have the same code"),
    ({"host": ""}, "Choose which partner hosts the pool"),
    ({"vat_by": "4"}, "Choose which partner reclaims the VAT"),
    ({"functions": " "}, "Write what the pool may be spent on"),
    ({"ends": ""}, "Write how the agreement ends"),
    ({"gives_1": "6m"}, "is not an amount"),
    ({"name": 'Care"; drop'}, "no quotation marks"),
]


@pytest.mark.parametrize(("wrong", "said"), POOL_FAULTS)
def test_an_agreement_that_lacks_something_is_not_kept(
    wrong: dict[str, str], said: str, officer: "Client"
) -> None:
    """BU-09: an agreement states all of it; the form keeps what was typed."""
    typed = POOL | {"name": "Another pool"} | wrong
    answer = send(officer, "/money/pools/new", **typed)
    assert answer.status_code in (400, 422) and said in plain(answer), plain(answer)
    assert 'value="4000000.00"' in answer.content.decode() or "gives_2" in wrong
    assert officer.get("/money/pools/pool-another-pool-2018-19").status_code == 404


def test_a_third_each_is_a_third_each(officer: "Client", commissioner: "Client") -> None:
    """Fractions are kept as they are: a third is not 33.33 per cent."""
    third = {f"overspend_{n}": "1/3" for n in (1, 2, 3)}
    named = {"title_3": "Wexby Council", "code_3": "905", "gives_3": "1"}
    assert (
        send(officer, "/money/pools/new", **POOL | {"name": "Thirds"} | third | named).status_code
        == 302
    )
    agree_pool(OKAFOR, "pool-thirds-2018-19", 1)
    assert "Wexby Council £1.00 no minimum 1/3 1/3" in words(
        commissioner, "/money/pools/pool-thirds-2018-19"
    )


def test_a_grant_takes_no_partner(officer: "Client") -> None:
    """Its form asks who gives it, and refuses more than our part: chapter 50."""
    page = officer.get(f"/money/agreements/{GRANT_ID}/give").content.decode()
    assert 'name="funder" value=""' in page and 'type="radio"' not in page
