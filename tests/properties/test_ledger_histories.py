"""Random histories of money: nothing drifts by a penny, whatever is tried (trust.md F7).

Two book-keepers keep every history: the ledger, and one written separately in Decimal pounds. They
must say the same of every posting and of every account, and so must the record in PostgreSQL. 300
histories of 50 steps, 20,000 with `--full`; in PostgreSQL 5, and 300.
To replay a failure: LEDGER_HISTORIES=17:18 pytest tests/properties/test_ledger_histories.py
"""

import os
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest

from joinedup.fhir.issue import Conflict, Unprocessable
from joinedup.ledger.account import Account
from joinedup.ledger.balance import NOTHING, Balance, balances
from joinedup.ledger.pool import Pool, statements
from joinedup.ledger.posting import Posting
from joinedup.record.cluster import Urls
from joinedup.record.verify import verify
from tests.properties.ledger_histories import (
    FLOORS,
    PARTNERS,
    POOL,
    History,
    Step,
    name_of,
)
from tests.properties.ledgers import Ledger, PureLedger, RecordLedger
from tests.properties.second_book import COLUMNS, SecondBook, partners_bear
from tests.spec.record.place import joyce, put

HISTORIES, FULL_HISTORIES = 300, 20_000
IN_POSTGRES, FULL_IN_POSTGRES = 5, 300
STEPS = 50
BLOCK = 100
PERCENT = {"council": 60, "board": 40}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test a hundred histories, in PostgreSQL one; what fails names its seed."""
    full, asked = metafunc.config.getoption("--full"), os.environ.get("LEDGER_HISTORIES")
    if "seeds" in metafunc.fixturenames:
        most = FULL_HISTORIES if full else HISTORIES
        first, last = map(int, (asked or f"0:{most}").split(":"))
        blocks = [range(n, min(n + BLOCK, last)) for n in range(first, last, BLOCK)]
        metafunc.parametrize("seeds", blocks, ids=lambda block: f"{block.start}-{block.stop - 1}")
    if "seed" in metafunc.fixturenames:
        most = FULL_IN_POSTGRES if full else IN_POSTGRES
        first, last = map(int, (asked or f"0:{most}").split(":"))
        metafunc.parametrize("seed", range(first, last), ids=lambda seed: f"history-{seed}")


def test_two_book_keepers_agree_on_every_history(seeds: range) -> None:
    """Sums zero, balances the fold, nothing below its floor, replays change nothing (BU-01..05)."""
    for seed in seeds:
        kept = played(seed, PureLedger(FLOORS))
        assert_sound(seed, *kept)


def test_the_record_keeps_what_the_second_book_says(seed: int, record_database: Urls) -> None:
    """Through `commit` into the tables and back; every floor, month and replay is theirs."""
    put(joyce("joyce"), joyce("desmond"))
    assert_sound(seed, *played(seed, RecordLedger(FLOORS)))
    assert not list(verify())


def test_every_kind_of_step_is_taken_and_refused_in_the_ordinary_run() -> None:
    """A history that never overdraws, or only does, would prove nothing."""
    told: Counter[tuple[str, str]] = Counter()
    for seed in range(60):
        played(seed, PureLedger(FLOORS), told)
    for what in (
        *("contribution", "commitment", "release", "invoice", "payment", "direct payment"),
        *("direct payment spent", "a person is charged", "a person pays", "reversal"),
    ):
        assert told[what, "posted"] >= 20, what
    for what in ("commitment", "invoice", "payment", "reversal", "more than there is"):
        assert told[what, "refused"] >= 20, what
    for what in (
        *("own approval", "money to oneself", "a penny too many", "a shut month"),
        *("a name where none belongs", "another's account"),
    ):
        assert told[what, "refused"] >= 10, what
    assert told["replay", "again"] >= 20
    assert told["other content, same id", "conflict"] >= 20


def played(
    seed: int, ledger: Ledger, told: Counter[tuple[str, str]] | None = None
) -> tuple[Ledger, SecondBook]:
    """Play a history against a ledger and the second book; they must agree at every step."""
    floors = {name_of(account): Decimal(pence) / 100 for account, pence in FLOORS.items()}
    book = SecondBook(floors)
    history = History(seed, book)
    for number in range(STEPS):
        step = history.step()
        if step.month is not None:
            ledger.close(step.month)
            book.shut.add((step.month.year, step.month.month))
            continue
        outcome = _taken(ledger, step, book)
        where = f"history {seed}, step {number}, {step.what}"
        assert outcome[0] == outcome[1], f"{where}: {outcome[0]}, the second book says {outcome[1]}"
        if told is not None:
            told[step.what, outcome[0]] += 1
        assert lowest(ledger.balances()) == {}, where
    return ledger, book


def _taken(ledger: Ledger, step: Step, book: SecondBook) -> tuple[str, str]:
    posting = step.posting
    assert posting is not None
    expected = book.judge(posting)
    before = len(ledger.postings())
    outcome = posted(ledger, posting)
    after = len(ledger.postings())
    if outcome == "posted" and after == before:
        outcome = "again"
    assert after == before + (outcome == "posted")
    if expected == "posted" and outcome == "posted":
        book.write(posting)
    return outcome, expected


def posted(ledger: Ledger, posting: Posting) -> str:
    """Try a posting and say what became of it."""
    try:
        ledger.post(posting)
    except Conflict:
        return "conflict"
    except Unprocessable:
        return "refused"
    return "posted"


def lowest(held: dict[Account, Balance]) -> dict[Account, int]:
    """Return the accounts that are below their floor; there are none."""
    return {
        account: balance.left
        for account, balance in held.items()
        if account.is_floored and balance.left < FLOORS.get(account, 0)
    }


def assert_sound(seed: int, ledger: Ledger, book: SecondBook) -> None:
    """Everything that must hold of a history once it has been played."""
    held = ledger.balances()
    assert held == balances(ledger.postings()), f"history {seed}: a balance is not its fold"
    for column in COLUMNS:
        whole = sum(getattr(balance, column.lower()) for balance in held.values())
        assert whole == 0 == book.total(column), f"history {seed}: {column} comes to {whole}"
    assert {name_of(account) for account in held} == book.accounts()
    for account, balance in held.items():
        for column in COLUMNS:
            pounds = book.columns[column].get(name_of(account), Decimal(0))
            assert Decimal(getattr(balance, column.lower())) / 100 == pounds, (seed, account)
    assert_partners(seed, held, book)
    before = ledger.postings()
    for posting in before:
        ledger.post(posting)
    assert ledger.postings() == before and ledger.balances() == held, f"history {seed}: replays"


def assert_partners(seed: int, held: dict[Account, Balance], book: SecondBook) -> None:
    """What the partners bear adds up to what the pool spent, to the penny (BU-09)."""
    given = book.put_into(name_of(POOL))
    contributions = {who: int(given.get(who, Decimal(0)) * 100) for who in PARTNERS}
    in_pot = held.get(POOL, NOTHING).actual
    spent = sum(contributions.values()) - in_pot
    share = {who: Fraction(percent, 100) for who, percent in PERCENT.items()}
    pool = Pool(
        name="Better care",
        host="council",
        year="2018-19",
        contributions=contributions,
        overspend=share,
        underspend=share,
        functions=("home care",),
        vat_by="council",
        ends="With six months' notice.",
    )
    told = statements(pool, spent)
    assert sum(one.bears for one in told) == spent, f"history {seed}: the statements"
    pounds = {who: Decimal(pence) / 100 for who, pence in contributions.items()}
    second = partners_bear(pounds, PERCENT, Decimal(spent) / 100)
    assert {one.partner: Decimal(one.bears) / 100 for one in told} == second, f"history {seed}"
