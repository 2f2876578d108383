"""Money, chapter 50. A grant in the browser: written down from its file, approved, read.

MO-04: one-off by construction. domain.md 9.5: whole pounds that sum exactly. Proxy shares say so
everywhere.
"""

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from joinedup.ledger.grant import PROXY_WORDS
from joinedup.money.approval import waiting
from joinedup.record.cluster import Cluster
from tests.security.access.visitors import Visitors
from tests.spec.money.desk import (
    GRANT,
    GRANT_AT,
    GRANT_ID,
    OKAFOR,
    SHARES,
    approve_all,
    desks,
    plain,
    send,
    words,
)

if TYPE_CHECKING:
    from django.test import Client


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


def test_a_grant_is_written_down_and_holds_nothing_until_it_is_approved(
    officer: "Client", commissioner: "Client"
) -> None:
    """BU-05: who writes it down does not give it; another officer does, and then it is there."""
    flu = "/money/grants/grant-flu-2018-2018-19"
    answer = send(officer, "/money/grants/new", **GRANT | {"name": "flu-2018"})
    assert answer.headers["Location"].startswith(flu)
    assert "£0.00 0.0% of £50,001.00 allocated to us" in words(commissioner, flu)
    assert [w.mine for w in waiting(OKAFOR)] == [False]
    assert "1 waits for a second officer" in words(officer, "/money")
    assert approve_all() == 1
    assert "£50,001.00 100.0% of £50,001.00 allocated to us" in words(commissioner, flu)
    assert "Nothing waits" in words(officer, "/money")


def test_the_same_form_sent_twice_is_one_grant(officer: "Client") -> None:
    """A double click: the second is told of the first, and one payment waits."""
    typed = GRANT | {"name": "twice", "token": "2" * 32}
    for _ in range(2):
        assert send(officer, "/money/grants/new", **typed).status_code == 302
    assert len(waiting(OKAFOR)) == approve_all() == 1


def test_another_grant_of_the_name_and_year_is_refused(officer: "Client") -> None:
    """However it is spelt; what was typed is still there."""
    answer = send(officer, "/money/grants/new", **GRANT | {"name": "Winter 2018"})
    assert answer.status_code == 409
    assert 'value="Winter 2018"' in answer.content.decode()
    assert "There is a grant or pool of this name for 2018-19" in plain(answer)
    assert waiting(OKAFOR) == ()


def test_a_grant_of_the_name_for_another_year_is_refused(officer: "Client") -> None:
    """MO-04: both would be one pot, and what is left of one year be spent in the next."""
    answer = send(officer, "/money/grants/new", **GRANT | {"year": "2019-20", "on": "3/12/2019"})
    assert answer.status_code == 409
    assert "There is a grant of this name for 2018-19" in plain(answer)


def test_our_part_by_proxy_shares_says_so_where_it_waits(officer: "Client") -> None:
    """And wherever the words of its posting come to."""
    send(officer, "/money/grants/new", **GRANT | {"name": "Summer 2018"})
    assert (
        "Summer 2018, our part of the grant for 2018-19 (proxy shares, not the 2018 all"
        in words(officer, "/money/approvals")
    )


def test_parts_are_whole_pounds_that_sum_to_the_grant(
    commissioner: "Client", officer: "Client"
) -> None:
    """domain.md 9.5, largest remainder: half of £100,001 is £50,001 here; ours stands first."""
    said = words(commissioner, GRANT_AT)
    assert "Marlbrook Ours £50,001 50.0000% Oakhampton £20,000 20.0000% Wexby £30,000" in said
    rows = rows_of(commissioner, f"{GRANT_AT}/shares.csv")
    assert sum(int(row["pounds"]) for row in rows) == 100_001
    assert "All 3, ours first" in said


def test_a_council_is_found_by_name_or_code(commissioner: "Client", officer: "Client") -> None:
    """Ours stays first whatever is sought."""
    for sought in ("wexby", "905"):
        said = words(commissioner, f"{GRANT_AT}?council={sought}")
        assert "2 of 3" in said and "Wexby £30,000" in said and "Oakhampton" not in said


def rows_of(browser: "Client", address: str) -> list[dict[str, str]]:
    """The rows of a file, each by its column."""
    answer = browser.get(address)
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_proxy_shares_say_so_on_every_page_and_line(
    commissioner: "Client", officer: "Client"
) -> None:
    """Issue 3: every page and export says it, until the real shares are there."""
    for browser, address in (
        (commissioner, "/money"),
        (commissioner, GRANT_AT),
        (officer, f"/money/agreements/{GRANT_ID}/give"),
        (officer, f"/money/agreements/{GRANT_ID}/promise"),
    ):
        assert PROXY_WORDS in words(browser, address).replace("Proxy", "proxy"), address
    for address in (f"{GRANT_AT}/shares.csv", f"/money/agreements/{GRANT_ID}/spending.csv"):
        rows = rows_of(commissioner, address)
        assert rows and all(PROXY_WORDS in row["note"] for row in rows)
        assert all(row["year"] == "2018-19" and row["as of"] for row in rows)


def test_real_shares_are_not_called_a_proxy(officer: "Client") -> None:
    """Where the file says they are the real ones, nothing says otherwise."""
    real = GRANT | {"name": "real", "shares": SHARES.replace("proxy: yes", "proxy: no")}
    assert send(officer, "/money/grants/new", **real).status_code == 302
    assert "proxy" not in words(officer, "/money/grants/grant-real-2018-19").lower()
    approve_all()


def test_it_is_for_its_year_alone(officer: "Client") -> None:
    """MO-04: the page says so, and no form takes a day of another year."""
    assert "It is for 2018-19 alone and is in no later year’s base." in words(officer, GRANT_AT)
    answer = send(
        officer,
        f"/money/agreements/{GRANT_ID}/give",
        funder="Department of Health",
        pounds="1",
        on="1/4/2019",
        paper="x",
        words="more",
    )
    assert answer.status_code == 422
    assert "winter-2018 is for 2018-19: 1 April 2018 to 31 March 2019" in plain(answer)


def test_no_more_comes_to_our_pot_than_our_part(officer: "Client") -> None:
    """All of it has come; a penny more is refused, with what was typed kept."""
    typed = {"funder": "Department of Health", "pounds": "0.01", "on": "3/12/2018"}
    answer = send(
        officer, f"/money/agreements/{GRANT_ID}/give", **typed, paper="x", words="Another penny"
    )
    assert answer.status_code == 422
    assert "£50,001.00 of it has come. £0.01 more would be too much" in plain(answer)
    assert 'value="Another penny"' in answer.content.decode()


def test_what_waits_counts_as_come(officer: "Client") -> None:
    """Else two officers could each approve the whole of it."""
    send(officer, "/money/grants/new", **GRANT | {"name": "waits"})
    typed = {"funder": "Department of Health", "pounds": "1", "on": "3/12/2018"}
    address = "/money/agreements/grant-waits-2018-19/give"
    answer = send(officer, address, **typed, paper="x", words="One more")
    assert answer.status_code == 422
    assert "£0.00 of it has come and £50,001.00 waits for approval" in plain(answer)
    assert approve_all() == 1


FAULTS = [
    ({"total": "£240,000,000.005"}, "has a fraction of a penny"),
    ({"total": "£14,250.00-ish"}, "is not an amount. Write pounds and pence"),
    ({"total": "2,40,000"}, "is not an amount"),
    ({"total": "100.50"}, "has no pence in its total"),
    ({"total": "-5"}, "The total is more than nothing"),
    ({"total": ""}, "The total: write pounds and pence"),
    ({"year": "2018"}, "'2018' is not a financial year. Write one like 2018-19."),
    ({"year": "2018-20"}, "is not a financial year"),
    ({"on": "31/2/2019"}, "Write a day, like 3/12/2018"),
    ({"on": "3/12/2017"}, "is for 2018-19: 1 April 2018 to 31 March 2019"),
    ({"name": "winter/904"}, "no strokes"),
    ({"name": ""}, "Write what the grant is called"),
    ({"own": "999"}, "No line of the file has the code 999"),
    ({"shares": ""}, "Choose the file of shares"),
    ({"shares": SHARES.replace("0.3", "0.4")}, "the shares add up to 1.1 and not to 1"),
    ({"shares": SHARES.replace("0.3", "30")}, "is above one"),
    ({"shares": SHARES.replace("906", "905")}, "line 6: Oakhampton (905) is given twice"),
    ({"shares": SHARES.replace("0.2", "-0.2")}, "line 6: the share of Oakhampton is below zero"),
    ({"shares": SHARES.replace("# source", "# from")}, "begin with a line `# source"),
    ({"shares": "=cmd|' /C calc'!A0"}, "begin with a line"),
]


@pytest.mark.parametrize(("wrong", "said"), FAULTS, ids=[f"{n}" for n in range(len(FAULTS))])
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    wrong: dict[str, str], said: str, officer: "Client"
) -> None:
    """domain.md 4.5, 12.3b: beside its field, the file's faults with their line."""
    typed = GRANT | wrong
    answer = send(officer, "/money/grants/new", **typed)
    page = answer.content.decode()
    assert answer.status_code in (400, 422) and said in plain(answer), plain(answer)
    assert "<title>Error:" in page
    for field, value in typed.items():
        first = value.splitlines()[0] if value else ""
        assert first.replace("'", "&#39;") in page, field
    assert waiting(OKAFOR) == ()


def test_everything_wrong_is_said_at_once(officer: "Client") -> None:
    """Three faults, three messages, each leading to its field."""
    answer = send(officer, "/money/grants/new", **GRANT | {"year": "2018", "total": "x", "own": ""})
    page = answer.content.decode()
    assert all(f'href="#{field}"' in page for field in ("year", "total", "own"))


def test_a_file_that_is_wrong_stands_on_the_page(officer: "Client") -> None:
    """So that it can be put right there: a file that was chosen cannot be chosen for somebody."""
    bad = SHARES.replace("0.3", "0.4")
    sent = GRANT | {"token": "0" * 32, "shares": "", "file": io.BytesIO(bad.encode())}
    answer = officer.post("/money/grants/new", sent)
    assert answer.status_code == 400 and "905,Wexby,0.4" in answer.content.decode()
    broken = GRANT | {"token": "0" * 32, "file": io.BytesIO(b"a\n\xff\xfe,b")}
    answer = officer.post("/money/grants/new", broken)
    assert answer.status_code == 400 and "line 2: this is no plain text" in plain(answer)


@pytest.mark.parametrize("address", ["/money/grants/nothing", "/money/pools/" + GRANT_ID])
def test_what_is_no_grant_is_not_found(address: str, officer: "Client") -> None:
    """Nor is a grant a pool."""
    assert officer.get(address).status_code == 404


def test_a_commissioner_reads_and_moves_nothing(commissioner: "Client", officer: "Client") -> None:
    """READ_BOOKS is not KEEP_BOOKS: no form, no link to one."""
    page = commissioner.get(GRANT_AT).content.decode() + commissioner.get("/money").content.decode()
    assert "/give" not in page and "/promise" not in page and "/money/grants/new" not in page
    for address in ("/money/grants/new", "/money/pools/new", f"/money/agreements/{GRANT_ID}/give"):
        assert commissioner.get(address).status_code == 403
        assert commissioner.post(address, GRANT).status_code == 403
    assert waiting(OKAFOR) == ()
