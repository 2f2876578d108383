"""What becomes of a provider's bill when its payment is answered, in the commit of the answer.

Approved, it is accepted and holds its days; refused or taken back, it is a question again for
somebody to decide. What the money does is `approval`'s.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.issue import NotFound, Stale, Unprocessable
from joinedup.fhir.profiles import invoice as bills
from joinedup.fhir.profiles import invoice_exception as exceptions
from joinedup.fhir.profiles.invoice import ACCEPTED, ADDITIONAL, RECEIVED, Invoice, invoice_id
from joinedup.fhir.profiles.invoice_exception import InvoiceException, exception_id
from joinedup.ledger.account import AccountKind
from joinedup.ledger.posting import Book, Posting
from joinedup.ledger.text import Books
from joinedup.money.matching_rules import REASONS
from joinedup.record import Change, Create, Update

__all__ = ["REASON_WORDS", "bill_of", "changes_of_answer", "exception_of", "is_bill"]

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


def bill_of(permit: Permit, said: Books) -> tuple[Invoice, int] | None:
    """Return the bill that a posting pays for, and its version; None for any other posting."""
    if not isinstance(said, Posting) or not is_bill(said):
        return None
    number = said.source.split("/", 2)[-1]
    about = next(e.about for e in said.entries if e.account.kind is AccountKind.PROVIDER)
    stored = record.read(permit, "Invoice", invoice_id(about.provider, number, about.package))
    return bills.read(stored.resource), stored.version


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
    bill, version = found
    if bill.state != RECEIVED:
        raise Stale("The invoice was decided while this waited. Look at what stands now.")
    if answer != "approved":
        return (_asked_again(permit, bill, answer, why=why, now=now),)
    if _owed(said) != bill.gross:
        raise Unprocessable("What was prepared is another sum than the invoice. Refuse it.")
    return (Update(bills.build(_accepted(permit, bill)), version),)


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
    permit: Permit, bill: Invoice, answer: str, *, why: str, now: datetime
) -> Create | Update:
    if answer == "refused":
        reason = (_NOT_APPROVED, f"{permit.name}: {why}")
    else:
        reason = (_TAKEN_BACK, f"{permit.name} took it back before it was approved.")
    made = InvoiceException(invoice=bill.id, person=bill.person, reasons=(reason,), asked_at=now)
    asked = exception_of(permit, bill.id)
    if asked is None:
        return Create(exceptions.build(made), made.id)
    return Update(exceptions.build(made), asked[1])
