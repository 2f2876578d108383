"""What becomes of a provider's bill when its payment is answered, in the commit of the answer.

Approved, it is accepted and holds its days; refused or taken back, it is a question again for
somebody to decide. What the money does is `approval`'s.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.issue import Invalid, NotFound, Stale, Unprocessable
from joinedup.fhir.profiles import invoice as bills
from joinedup.fhir.profiles import invoice_exception as exceptions
from joinedup.fhir.profiles.invoice import ACCEPTED, ADDITIONAL, RECEIVED, Invoice, invoice_id
from joinedup.fhir.profiles.invoice_exception import InvoiceException, exception_id
from joinedup.ledger.account import AccountKind
from joinedup.ledger.posting import Book, Posting
from joinedup.ledger.text import Books
from joinedup.money.matching_rules import REASONS
from joinedup.record import Change, Create, Stored, Update

__all__ = [
    "REASON_WORDS",
    "KeptBill",
    "bill_of",
    "changes_of_answer",
    "exception_of",
    "is_bill",
    "kept_bill",
    "sound_bill",
]

_NOT_APPROVED, _TAKEN_BACK = "not-approved", "taken-back"
REASON_WORDS = {
    **REASONS,
    _NOT_APPROVED: "The second officer refused the payment",
    _TAKEN_BACK: "The payment was taken back before it was approved",
}
"""Why a bill waits for somebody to decide, in words: what matching found, and what came later."""


def is_bill(said: Books) -> bool:
    """Whether a posting pays for a provider's bill."""
    return isinstance(said, Posting) and said.id.startswith("invoice/")


class KeptBill(Struct, frozen=True):
    """A bill as the record holds it: its version, and the labels it bears."""

    invoice: Invoice
    version: int
    security: tuple[Mapping[str, Any], ...]


def kept_bill(stored: Stored) -> KeptBill:
    """Return the bill that an Invoice is; KeyError for one that is none."""
    resource = stored.resource
    labels = tuple(resource.get("meta", {}).get("security", ()))
    return KeptBill(bills.read(resource), stored.version, labels)


def sound_bill(stored: Stored) -> KeptBill | None:
    """Return the bill that an Invoice is; None for another thing, or one a program wrote oddly."""
    try:
        return kept_bill(stored)
    except (Invalid, KeyError, IndexError, TypeError, AttributeError, ValueError, ArithmeticError):
        return None


def bill_of(permit: Permit, said: Books) -> KeptBill | None:
    """Return the bill that a posting pays for; None for any other posting."""
    if not isinstance(said, Posting) or not is_bill(said):
        return None
    number = said.source.split("/", 2)[-1]
    about = next(e.about for e in said.entries if e.account.kind is AccountKind.PROVIDER)
    wanted = invoice_id(about.provider, number, about.package)
    return kept_bill(record.read(permit, "Invoice", wanted))


def exception_of(permit: Permit, invoice: str) -> tuple[InvoiceException, int] | None:
    """Return the question asked about a bill, and its version; None where none ever was."""
    try:
        stored = record.read(permit, "Task", exception_id(invoice))
    except NotFound:
        return None
    return exceptions.read(stored.resource), stored.version


def changes_of_answer(
    permit: Permit, said: Books, answer: str, *, why: str, now: datetime
) -> Sequence[Change]:
    """Return what an answer to a payment changes of its bill; nothing for other money.

    Raises Stale where the bill was decided otherwise since, Unprocessable where the posting is of
    another sum than the bill.
    """
    found = bill_of(permit, said)
    if found is None or not isinstance(said, Posting):
        return ()
    bill = found.invoice
    if bill.state != RECEIVED:
        raise Stale("The invoice was decided while this waited. Look at what stands now.")
    if answer != "approved":
        return (_asked_again(permit, found, answer, why=why, now=now),)
    if _owed(said) != bill.gross:
        raise Unprocessable("What was prepared is another sum than the invoice. Refuse it.")
    accepted = bills.build(_accepted(permit, bill), security=found.security)
    return (Update(accepted, found.version),)


def _owed(said: Posting) -> int:
    to_provider = (e for e in said.entries if e.account.kind is AccountKind.PROVIDER)
    return sum(e.pence for e in to_provider if e.book is Book.ACTUAL)


def _accepted(permit: Permit, bill: Invoice) -> Invoice:
    asked = exception_of(permit, bill.id)
    if asked is None or not asked[0].decision:
        return replace(bill, state=ACCEPTED, decided_by=permit.worker)
    said = asked[0]
    state = ADDITIONAL if said.decision == "additional" else ACCEPTED
    return replace(bill, state=state, decided_by=said.decided_by, words=said.words)


def _asked_again(
    permit: Permit, kept: KeptBill, answer: str, *, why: str, now: datetime
) -> Create | Update:
    if answer == "refused":
        reason = (_NOT_APPROVED, f"{permit.name}: {why}")
    else:
        reason = (_TAKEN_BACK, f"{permit.name} took it back before it was approved.")
    bill = kept.invoice
    made = InvoiceException(invoice=bill.id, person=bill.person, reasons=(reason,), asked_at=now)
    resource = exceptions.build(made, security=kept.security)
    asked = exception_of(permit, bill.id)
    return Create(resource, made.id) if asked is None else Update(resource, asked[1])
