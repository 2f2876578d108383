"""Balances: what the entries of an account come to, book by book. They are kept nowhere else."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from msgspec import Struct

from joinedup.ledger.account import Account
from joinedup.ledger.money import Pence
from joinedup.ledger.posting import Book, Entry, Posting

__all__ = ["NOTHING", "Balance", "balances", "overdrawn"]


class Balance(Struct, frozen=True):
    """An account in its three books, in pence."""

    committed: Pence = 0
    released: Pence = 0
    actual: Pence = 0

    @property
    def left(self) -> Pence:
        """What may still leave the account: promises count, not only what was paid (BU-04)."""
        return self.committed + self.released + self.actual

    def with_entry(self, entry: Entry) -> "Balance":
        """Return the balance after one more entry."""
        return Balance(
            self.committed + (entry.pence if entry.book is Book.COMMITTED else 0),
            self.released + (entry.pence if entry.book is Book.RELEASED else 0),
            self.actual + (entry.pence if entry.book is Book.ACTUAL else 0),
        )


NOTHING = Balance()


def balances(postings: Iterable[Posting]) -> dict[Account, Balance]:
    """Return every account that was posted to and its balance: the fold of its entries."""
    found: defaultdict[Account, Balance] = defaultdict(Balance)
    for posting in postings:
        for entry in posting.entries:
            found[entry.account] = found[entry.account].with_entry(entry)
    return dict(found)


def overdrawn(
    before: Mapping[Account, Balance],
    posting: Posting,
    floors: Mapping[Account, Pence] | None = None,
) -> dict[Account, Pence]:
    """Return the accounts a posting would leave below their floor, and by how much.

    The floor is 0 unless one was approved: a tolerance is a floor below zero (BU-04).
    """
    held = floors or {}
    after: dict[Account, Balance] = {}
    for entry in posting.entries:
        balance = after.get(entry.account, before.get(entry.account, NOTHING))
        after[entry.account] = balance.with_entry(entry)
    return {
        account: held.get(account, 0) - balance.left
        for account, balance in after.items()
        if account.is_floored and balance.left < held.get(account, 0)
    }
