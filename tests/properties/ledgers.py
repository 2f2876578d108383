"""Ledgers that a history is played against: one interface, so that all are asked the same.

`PureLedger` is the floor by itself: postings in a list, balances folded anew each time.
`RecordLedger` is the record in PostgreSQL, through `commit` and `books`.
"""

from typing import Protocol

from joinedup import record
from joinedup.fhir.issue import Conflict, Unprocessable
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.balance import Balance, balances, overdrawn
from joinedup.ledger.decision import Closing, Tolerance
from joinedup.ledger.period import Month
from joinedup.ledger.posting import Entry, Posting, refuse
from joinedup.record import books
from tests.spec.record.place import PLACE

__all__ = ["Ledger", "PureLedger", "RecordLedger"]

_BY_TWO = {
    "words": "Agreed with the board",
    "prepared_by": "Practitioner/patel",
    "approved_by": "Practitioner/okafor",
}


class Ledger(Protocol):
    """What every ledger does: take a posting, shut a month, say what accounts hold."""

    def post(self, posting: Posting) -> None:
        """Keep it, or change nothing: refused, in conflict, or kept already."""

    def close(self, month: Month) -> None:
        """Take no more postings of a month."""

    def balances(self) -> dict[Account, Balance]:
        """Return what each account that was posted to holds."""

    def postings(self) -> list[Posting]:
        """Return what was posted, by day and id."""


class PureLedger:
    """The rules of `joinedup.ledger` over a list."""

    def __init__(self, floors: dict[Account, int]) -> None:
        self._floors = floors
        self._kept: dict[str, Posting] = {}
        self._closed: list[Month] = []

    def post(self, posting: Posting) -> None:
        """Refuse as `ledger.posting.refuse`, and what would leave an account below its floor."""
        kept = self._kept.get(posting.id)
        if kept == posting:
            return
        if kept is not None:
            raise Conflict(f"Another posting is called {posting.id}.")
        refuse(posting, self._closed)
        if any(posting.reverses and p.reverses == posting.reverses for p in self.postings()):
            raise Conflict(f"{posting.reverses} was taken back before.")
        if any(self._is_anothers(entry) for entry in posting.entries):
            raise Unprocessable("This account is somebody else's.")
        if short := overdrawn(self.balances(), posting, self._floors):
            raise Unprocessable(f"Overdrawn: {', '.join(map(str, short))}.")
        self._kept[posting.id] = posting

    def close(self, month: Month) -> None:
        """Shut it."""
        self._closed.append(month)

    def balances(self) -> dict[Account, Balance]:
        """Fold every posting."""
        return balances(self._kept.values())

    def postings(self) -> list[Posting]:
        """All of them."""
        return sorted(self._kept.values(), key=lambda posting: (posting.on, posting.id))

    def _is_anothers(self, entry: Entry) -> bool:
        whose = {
            kept.about.person
            for posting in self._kept.values()
            for kept in posting.entries
            if kept.account == entry.account
        }
        return bool(whose - {entry.about.person})


class RecordLedger:
    """The ledger that the record keeps in PostgreSQL."""

    def __init__(self, floors: dict[Account, int]) -> None:
        for account, floor in floors.items():
            allowed = Tolerance(id=f"floor {account}", account=account, floor=floor, **_BY_TWO)
            record.commit(PLACE, [], [allowed])

    def post(self, posting: Posting) -> None:
        """Refuse as `record.commit`."""
        record.commit(PLACE, [], [posting])

    def close(self, month: Month) -> None:
        """Shut it."""
        record.commit(PLACE, [], [Closing(id=f"end of {month}", month=month, **_BY_TWO)])

    def balances(self) -> dict[Account, Balance]:
        """Fold the entries in the database; accounts that only have a floor are left out."""
        found = books.held(PLACE, [*AccountKind])
        moved = {(e.account) for p in self.postings() for e in p.entries}
        return {one.account: one.balance for one in found if one.account in moved}

    def postings(self) -> list[Posting]:
        """Read every posting back."""
        return [kept.posting for kept in books.postings(PLACE, count=books.MOST_POSTINGS)]
