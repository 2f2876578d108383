"""The journal of a month for the general ledger: what is owed and paid, naming nobody.

It is read whole in the officer's name, who does not see everybody whose money moved; what leaves
has no name of a person, no words written about one, and one account for all direct payments.
"""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from msgspec.structs import replace

from joinedup.access.permit import Permit, matching
from joinedup.access.words import Power
from joinedup.fhir.issue import NotPermitted
from joinedup.ledger.account import Account
from joinedup.ledger.period import Month
from joinedup.ledger.posting import About, Book, Entry, Posting
from joinedup.money.general_ledger import journal, journal_file
from joinedup.money.month_ends import days_of
from joinedup.record import books

__all__ = ["journal_of_month", "months_posted"]

_SHOWN_MONTHS = 24


def journal_of_month(permit: Permit, month: Month) -> bytes:
    """Return the month's journal as CSV; NotPermitted for a role that does not keep the books.

    The same bytes for a closed month each time: nothing more is posted to it.
    """
    if not permit.may(Power.KEEP_BOOKS):
        raise NotPermitted("Your role does not take the journal of the place.")
    lines = journal(map(_nameless, _posted_in(permit, month)), books=(Book.ACTUAL,))
    return journal_file(lines).encode()


def _posted_in(permit: Permit, month: Month) -> Iterator[Posting]:
    begins, ends = days_of(month)
    return (
        kept.posting for kept in books.every_posting(matching(permit), begins=begins, ends=ends)
    )


def _nameless(posting: Posting) -> Posting:
    """Return a posting as it may leave: words about a person become the paper they rest on.

    The id of a bill's posting has its package in it, which is somebody's: it leaves as a number.
    """
    is_somebodys = any(entry.about.person for entry in posting.entries)
    of_a_bill = posting.id.startswith("invoice/")
    return replace(
        posting,
        id=_opaque(posting.id),
        reverses=_opaque(posting.reverses),
        entries=tuple(map(_of_all, posting.entries)),
        words=posting.source if is_somebodys and not of_a_bill else posting.words,
    )


def _opaque(identity: str) -> str:
    if not identity.startswith("invoice/"):
        return identity
    return f"invoice-{sha256(identity.encode()).hexdigest()[:16]}"


def _of_all(entry: Entry) -> Entry:
    if not entry.account.is_somebodys:
        return entry
    return Entry(Account(entry.account.kind, "all"), entry.pence, entry.book, About())


def months_posted(now: datetime) -> tuple[Month, ...]:
    """Return the months whose journal may be taken, the newest first: two years of them."""
    month = Month(now.year, now.month)
    found = []
    for _ in range(_SHOWN_MONTHS):
        found.append(month)
        month = Month(month.year - (month.month == 1), (month.month - 2) % 12 + 1)
    return tuple(found)
