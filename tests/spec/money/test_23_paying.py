"""Money, chapter 23. The pay run and the general ledger: each pound once, by two people (BU-05)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from joinedup.fhir.issue import Invalid, Unprocessable
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.balance import balances, overdrawn
from joinedup.ledger.posting import Book, Entry, Posting, problems_of, reversal
from joinedup.money.general_ledger import COLUMNS as JOURNAL_COLUMNS
from joinedup.money.general_ledger import journal, journal_file, read_journal
from joinedup.money.invoice_posting import posting_of
from joinedup.money.pay_run_rules import (
    BANK,
    PayLine,
    PayRun,
    authorise,
    owed,
    payment_file,
    postings_of,
    prepare,
    read_payment_file,
    refuse_run,
)
from tests.spec.money.invoices import APPROVED, POT, PREPARED, agreed, bill, posting, promise

ON = date(2018, 1, 19)
PROVIDERS = st.from_regex(r"[A-Z]{2}[0-9]{3}", fullmatch=True)


def accepted(**changes: Any) -> Posting:
    """Kingfisher's invoice of £259.00, accepted on 10 January."""
    made = posting_of(
        bill(), agreed(), on=date(2018, 1, 10), prepared_by=PREPARED, approved_by=APPROVED
    )
    return replace(made, **changes)


def run(amounts: dict[str, int] | None = None, **changes: Any) -> PayRun:
    """The run of 19 January, prepared by Ms Patel."""
    given = {"on": ON, "due_to": date(2018, 1, 15), "prepared_by": PREPARED} | changes
    name = given.pop("run_id", "2018-01-19")
    return prepare(name, {"VZ901": 25_900, "VZ902": 100} if amounts is None else amounts, **given)


def test_what_is_owed_is_what_was_accepted_to_a_day_and_not_yet_paid() -> None:
    """An invoice accepted after the day waits for the next run; a payment made since counts."""
    later = accepted(id="later", on=date(2018, 1, 17))
    assert owed([accepted(), later, promise()], date(2018, 1, 15)) == {"VZ901": 25_900}
    paid = postings_of(authorise(run({"VZ901": 25_900}), APPROVED))
    assert owed([accepted(), later, *paid], date(2018, 1, 15)) == {}
    assert owed([accepted(), later, *paid], ON) == {"VZ901": 25_900}


def test_who_is_in_credit_is_not_paid() -> None:
    """An invoice taken back after it was paid is set against the next."""
    back = reversal(
        accepted(), new_id="r", on=ON, words="Wrong", prepared_by=PREPARED, approved_by=APPROVED
    )
    paid = postings_of(authorise(run({"VZ901": 25_900}), APPROVED))
    credit = owed([accepted(), *paid, back], ON)
    assert credit == {"VZ901": -25_900}
    assert [line.provider for line in run(credit | {"VZ902": 1}).lines] == ["VZ902"]
    with pytest.raises(Unprocessable, match="No provider is owed anything"):
        run(credit)


def test_a_run_pays_each_provider_once_to_the_penny() -> None:
    """Provider to bank; ids of the run and provider, so that taking it up again changes nothing."""
    done = authorise(run(), APPROVED)
    made = postings_of(done)
    assert [p.id for p in made] == ["payrun/2018-01-19/VZ901", "payrun/2018-01-19/VZ902"]
    assert made == postings_of(authorise(done, APPROVED))
    assert all(problems_of(p) == () for p in made)
    assert balances(made)[BANK].actual == done.total == 26_000
    assert made[0].paid_to == "Organization/VZ901"
    assert overdrawn(balances([accepted()]), made[0]) == {}
    twice = replace(made[0], id="again")
    assert overdrawn(balances([accepted(), made[0]]), twice)


def test_who_prepared_a_run_does_not_authorise_it() -> None:
    """Domain 4.7, 9: the same person prepares and approves, and is refused."""
    with pytest.raises(Unprocessable, match="cannot authorise it"):
        authorise(run(), PREPARED)
    with pytest.raises(Unprocessable, match="Say who authorises"):
        authorise(run(), "")
    with pytest.raises(Unprocessable, match="Somebody else has authorised"):
        authorise(authorise(run(), APPROVED), "Practitioner/reid")


def test_nobody_authorises_money_that_comes_to_them() -> None:
    """BU-05: nor does whoever works for a provider that is paid."""
    with pytest.raises(Unprocessable, match="comes to them"):
        authorise(run(), APPROVED, works_for="VZ902")
    with pytest.raises(Unprocessable, match="comes to them"):
        authorise(run(), "Organization/VZ901")
    with pytest.raises(Unprocessable, match="comes to them"):
        run(prepared_by="Organization/VZ901")


def test_what_nobody_authorised_pays_nobody() -> None:
    """Neither a posting nor a file."""
    with pytest.raises(Unprocessable, match="waits for somebody"):
        postings_of(run())
    with pytest.raises(Unprocessable, match="waits for somebody"):
        payment_file(run())


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"id": "19 January"}, "small letters"),
        ({"id": "../x"}, "small letters"),
        ({"lines": ()}, "No provider"),
        ({"lines": (PayLine("VZ901", 1), PayLine("VZ901", 2))}, "paid once"),
        ({"lines": (PayLine("VZ901", 0),)}, "a penny at least"),
        ({"lines": tuple(PayLine(f"A{n}", 1) for n in range(5_001))}, "5,000 payments"),
        ({"due_to": date(2018, 1, 20)}, "its own day at the latest"),
        ({"prepared_by": ""}, "who prepared"),
    ],
)
def test_a_run_that_is_not_sound_is_refused(changes: dict[str, Any], why: str) -> None:
    """Whoever made it, before anything is posted."""
    with pytest.raises(Unprocessable, match=why):
        refuse_run(replace(run(), **changes))


@given(st.dictionaries(PROVIDERS, st.integers(1, 10**12), min_size=1, max_size=30))
def test_the_file_of_a_run_says_its_payments_and_their_sum(amounts: dict[str, int]) -> None:
    """Control totals: as many payments, as many pounds, and nothing changed on the way."""
    done = authorise(run(amounts), APPROVED)
    text = payment_file(done)
    assert read_payment_file(text.encode()) == (done.id, done.lines)
    assert sum(p.entries[1].pence for p in postings_of(done)) == done.total


def test_a_file_that_was_changed_is_found() -> None:
    """A penny more, a payment less, another provider, another run."""
    text = payment_file(authorise(run(), APPROVED))
    first = text.splitlines()[1]
    for changed in (
        text.replace("259.00", "259.01", 1),
        text.replace(first + "\r\n", ""),
        text.replace("VZ902", "VZ903"),
        text.replace("payment,2018-01-19", "payment,2018-01-20", 1),
        text.replace("control", "total"),
        text.splitlines()[0],
        "a,b\r\n1,2\r\n",
    ):
        with pytest.raises(Invalid, match=r"Take the file again|no file of payments"):
            read_payment_file(changed.encode())


def test_the_journal_comes_to_nothing() -> None:
    """Debits are what comes to an account; every posting in every book adds up by itself."""
    made = [promise(), accepted(), *postings_of(authorise(run(), APPROVED))]
    text = journal_file(journal(made))
    assert read_journal(text.encode()) == 155_400 + 2 * 25_900 + 26_000
    only_actual = journal_file(journal(made, books=[Book.ACTUAL]))
    assert read_journal(only_actual.encode()) == 25_900 + 26_000
    header, first = text.splitlines()[:2]
    assert header == ",".join(JOURNAL_COLUMNS)
    assert first == (
        "2018-01-01,2018-01,promise-1,1,committed,pot,winter-2018/925,,0.00,1554.00,Home care,"
        "CarePlan/c1/_history/3,"
    )


def test_words_of_a_journal_are_run_by_no_spreadsheet() -> None:
    """Words are free text; a formula is shown with a mark before it."""
    sly = posting("p1", Entry(POT, -100), Entry(BANK, 100), words='=HYPERLINK("evil")')
    text = journal_file(journal([sly]))
    assert "\"'=HYPERLINK(" in text
    assert read_journal(text.encode()) == 100


def test_a_journal_that_does_not_add_up_is_not_written_and_not_read() -> None:
    """A penny lost shows before anybody loads the file."""
    lines = list(journal([accepted()]))
    with pytest.raises(Invalid, match="differ in invoice/VZ901/2044/joyce-home-care"):
        journal_file([*lines[1:]])
    text = journal_file(lines)
    with pytest.raises(Invalid, match="does not add up"):
        read_journal(text.replace("259.00", "259.01", 1).encode())
    with pytest.raises(Invalid, match="no journal"):
        read_journal(b"a,b\n1,2\n")


@given(
    st.lists(
        st.tuples(st.integers(1, 10**12), st.sampled_from(list(Book)), st.text(max_size=30)),
        max_size=20,
    )
)
def test_whatever_is_posted_the_journal_balances(moves: list[tuple[int, Book, str]]) -> None:
    """To the penny, whatever the words are."""
    other = Account(AccountKind.PROVIDER, "VZ901")
    made = [
        posting(f"p{n}", Entry(POT, -pence, book), Entry(other, pence, book), words=words)
        for n, (pence, book, words) in enumerate(moves)
    ]
    total = read_journal(journal_file(journal(made)).encode())
    assert total == sum(pence for pence, _, _ in moves)
