"""The record, chapter 41. The ledger's auditor folds every balance and hashes every posting again.

Each kind of row is broken by hand, past every lock, and found by `joinedup verify` (trust.md 6).
"""

from datetime import date

import pytest

from joinedup.ledger.decision import Closing, Tolerance
from joinedup.ledger.period import Month
from joinedup.ledger.posting import reversal
from joinedup.record.ledger_rows import content_of
from joinedup.record.verify import verify
from tests.spec.record.conftest import Superuser
from tests.spec.record.test_40_ledger import (
    OKAFOR,
    PATEL,
    POT,
    _joyce_has_care,
    given,
    post,
    promised,
)

__all__ = ["_joyce_has_care"]


@pytest.fixture(autouse=True)
def _some_money(_joyce_has_care: None) -> None:
    """Money given, promised, taken back; a floor; a month that ended."""
    said = {"words": "Agreed", "prepared_by": PATEL.worker, "approved_by": OKAFOR.worker}
    post(given(100_000), promised(40_000))
    post(Tolerance(id="t1", account=POT, floor=-5_000, **said))
    post(promised(5_000, "p2"))
    post(
        reversal(
            promised(5_000, "p2"),
            new_id="back",
            on=date(2018, 12, 5),
            words="Committed twice",
            prepared_by=PATEL.worker,
            approved_by=OKAFOR.worker,
        )
    )
    post(Closing(id="c1", month=Month(2018, 12), **said))


def test_books_that_were_left_alone_agree() -> None:
    """And the report says how much was looked at."""
    report = verify()
    assert list(report) == []
    assert (report.postings, report.entries) == (4, 8)


SLIPPED_IN = Tolerance(
    id="t9",
    account=POT,
    floor=-99_999,
    words="Agreed",
    prepared_by=PATEL.worker,
    approved_by=OKAFOR.worker,
)
BROKEN = {
    "a floor slipped in with its decision and the right hash": (
        f"""
        with slipped as (
            insert into record.decision (id, kind, name, floor, person, class, label, words,
                                         prepared, approved, content)
            values ('t9', 2, '{POT.name}', -99999, 0, 15, 0, 'Agreed', '{PATEL.worker}',
                    '{OKAFOR.worker}', '{content_of(SLIPPED_IN)}') returning id)
        update record.account set floor = -99999 from slipped where kind = 2
        """,
        {"a decision that is not what the audit sealed"},
    ),
    "the end of a month taken away": (
        "delete from record.decision where id = 'c1'",
        {"an audit event of a decision that is not there"},
    ),
    "a penny more": (
        "update record.entry set pence = pence + 1 where posting = 'given' and kind = 2",
        {
            "a posting that does not sum to zero",
            "an account whose kept sums are not what its entries come to",
            "a posting that is not what was said",
            "a posting that would be refused",
        },
    ),
    "the kept sum alone": (
        "update record.account set actual = actual - 1 where kind = 2",
        {"an account whose kept sums are not what its entries come to"},
    ),
    "other words": (
        "update record.posting set words = 'Something else' where id = 'promised'",
        {"a posting that is not what was said"},
    ),
    "other words and their hash": (
        "update record.posting set content = repeat('0', 64) where id = 'promised'",
        {"a posting that is not what was said", "postings that are not what the audit sealed"},
    ),
    "an entry taken away": (
        "delete from record.entry where posting = 'back' and line = 2",
        {
            "a posting that does not sum to zero",
            "a posting without its entries",
            "an account whose kept sums are not what its entries come to",
            "a reversal that does not take back what it names",
            "a posting that is not what was said",
            "a posting that would be refused",
            "a posting seen by others than its entries are",
            "a posting of another class than its entries",
        },
    ),
    "a posting taken away": (
        "delete from record.posting where id = 'p2'",
        {
            "an entry without its posting, or of another day",
            "a reversal that does not take back what it names",
            "an audit event of postings that are not there",
        },
    ),
    "a floor nobody decided": (
        "update record.account set floor = -99999 where kind = 2",
        {"an account whose floor nobody decided"},
    ),
    "a decision with another floor": (
        "update record.decision set floor = -99999 where id = 't1'",
        {"an account whose floor nobody decided", "a decision that is not what was said"},
    ),
    "a month said to have ended earlier": (
        "update record.decision set at = '2018-01-01' where id = 'c1'",
        {"a posting after its month was closed"},
    ),
    "an account given to somebody else": (
        "update record.account set person = 7 where kind = 3",
        {"an entry of somebody else than its account"},
    ),
    "an entry shown to everybody who keeps books": (
        "update record.entry set person = 0, class = 15 where kind = 3 and posting = 'promised'",
        {
            "an entry of somebody else than its account",
            "a posting seen by others than its entries are",
            "an entry seen by others than whose it is",
            "a posting of another class than its entries",
        },
    ),
    "its audit event taken away": (
        "delete from record.audit_event where detail like '%given%'",
        {"postings that are not what the audit sealed"},
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_whatever_is_broken_is_found(broken: str, superuser: Superuser) -> None:
    """By name: which posting or account, and what is wrong with it."""
    statement, reasons = BROKEN[broken]
    superuser.execute("set session_replication_role = replica")
    if "record.account set floor" in statement:
        superuser.execute("alter table record.account drop constraint account_floor")
    assert superuser.execute(statement.encode()).rowcount > 0
    found = set(verify().reasons) - {"an outbox line without its audit event"}
    assert found == reasons
