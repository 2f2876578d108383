"""Taking in a provider's invoice file: the whole of it, or nothing and every problem.

Each bill is held against what was agreed and done. One that matches is stored with its payment
prepared, one approval a bill: so each is about one person, can be refused by itself, and is kept
from an officer whose family it is. The others wait as questions. A replay changes nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.fhir.issue import Conflict, Invalid, NotPermitted, Problem, Refusal, TooLarge
from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM, is_valid
from joinedup.fhir.profiles import invoice as bills
from joinedup.fhir.profiles import invoice_exception as exceptions
from joinedup.fhir.profiles.invoice import (
    RECEIVED,
    REFUSED,
    Invoice,
    same_bill,
)
from joinedup.fhir.profiles.invoice_exception import InvoiceException
from joinedup.fhir.search.clause import Ids, Query
from joinedup.fhir.search.period import LONDON
from joinedup.fhir.search.query import parse_query
from joinedup.ledger.period import Month
from joinedup.ledger.posting import Posting
from joinedup.money.approval import payment_of_books, waiting
from joinedup.money.bill_answers import KeptBill, exception_of, is_bill
from joinedup.money.bill_facts import Package, bills_before, held_against, package_of
from joinedup.money.invoice_file import (
    InvoiceFile,
    invoices_of,
    read_invoice_file,
    refuse_other_pence,
)
from joinedup.money.invoice_posting import day_of, posting_of
from joinedup.money.matching_rules import Matched
from joinedup.record import Change, Create, Update, books

__all__ = ["MOST_BILLS", "NOTHING_KEPT", "Taken", "TakenBill", "awaiting", "take_in"]

MOST_BILLS = 300
"""Bills of one file: each is held against the record while the officer waits."""
NOTHING_KEPT = "Nothing of the file was kept."
_UNKNOWN = "no package of this number is known here. Take it from the order."
_WAITS = "came before with other days or amounts, and waits. Decide about that one first."
_PAID = "came before with other days or amounts, and was accepted. Send it under a new number."


class TakenBill(Struct, frozen=True):
    """What became of one bill: `prepared`, `exception`, or `again` where it was there before."""

    invoice: Invoice
    fate: str
    reasons: tuple[str, ...] = ()


class Taken(Struct, frozen=True):
    """What became of a file."""

    file: InvoiceFile
    bills: tuple[TakenBill, ...]

    @property
    def changed(self) -> bool:
        """Whether anything of it was new."""
        return any(bill.fate != "again" for bill in self.bills)

    def count(self, fate: str) -> int:
        """Return how many bills had this fate."""
        return sum(bill.fate == fate for bill in self.bills)


def take_in(permit: Permit, data: bytes, *, now: datetime) -> Taken:
    """Take a provider's file in, and return what became of each bill.

    Refuses the whole of it: Invalid with every problem by its line, TooLarge, NotPermitted for the
    role and for a bill of one's own family. Bills that came before just so are left as they are.
    """
    if not permit.may(Power.KEEP_BOOKS):
        raise NotPermitted("Your role does not take in invoices.")
    file = _read(permit, data, now)
    try:
        return _take(permit, file, now)
    except Conflict:  # the same file came twice at once: the second finds what the first stored
        return _take(permit, file, now)


def _read(permit: Permit, data: bytes, now: datetime) -> InvoiceFile:
    on = now.astimezone(LONDON).date()
    file = read_invoice_file(data, on=on, closed=books.closed_months(permit))
    if len({line.bill for line in file.lines}) > MOST_BILLS:
        raise TooLarge(f"The file has more than {MOST_BILLS} invoices. Send it in parts.")
    _refuse_provider(permit, file)
    return file


def _refuse_provider(permit: Permit, file: InvoiceFile) -> None:
    try:
        record.read(permit, "Organization", file.provider)
    except Refusal:
        words = f"Provider ODS code: {file.provider} is no provider known here."
        raise Invalid(Problem("value", words, "Provider ODS code")) from None


def _take(permit: Permit, file: InvoiceFile, now: datetime) -> Taken:
    packages = _packages(permit, file)
    agreed = {
        p.id: [t.unit_cost for t in p.commitment.terms if t.unit_cost is not None]
        for p in packages.values()
        if p.commitment
    }
    refuse_other_pence(file, agreed)
    found = invoices_of(file, _people(permit, file, packages))
    taking = _Taking(permit, now, awaiting(permit), packages)
    for bill in found:
        taking.add(bill)
    if taking.problems:
        raise Invalid(*taking.problems, Problem("value", NOTHING_KEPT))
    if taking.changes:
        record.commit(permit, taking.changes, action="invoices", detail=file.provider)
    return Taken(file, tuple(taking.taken))


def _packages(permit: Permit, file: InvoiceFile) -> dict[str, Package]:
    """Return the packages billed; one that the permit may not know of is as unknown as any other.

    Refuses, Invalid, by line.
    """
    found = {name: package_of(permit, name) for name in file.packages}
    known = {n: p for n, p in found.items() if p is not None and not p.label & ~permit.labels}
    seen = _seen(permit, {p.person for p in known.values()})
    known = {n: p for n, p in known.items() if p.person in seen}
    unknown = [
        Problem("value", f"Line {line.row}, Package: {_UNKNOWN}", f"line {line.row}, Package")
        for line in file.lines
        if line.package not in known
    ]
    if unknown:
        raise Invalid(*unknown[:100], Problem("value", NOTHING_KEPT))
    return known


def _seen(permit: Permit, people: Collection[str]) -> set[str]:
    """Return who of these the permit sees: prices and hours of another's care are not told."""
    ids = tuple(person.removeprefix("Patient/") for person in people)
    query = Query(type="Patient", clauses=(Ids(ids),), count=max(1, len(ids)))
    return {s.reference for s in record.search(permit, query, detail="invoices").entries}


def _people(permit: Permit, file: InvoiceFile, packages: Mapping[str, Package]) -> dict[str, str]:
    """Return whom a file means, of those that the permit sees; first whom its packages are for."""
    whose = {p.person for p in packages.values()}
    found: dict[str, str] = {}
    for person in file.people:
        asked = ("identifier", f"{NHS_NUMBER_SYSTEM}|{person}")
        query = parse_query("Patient", [asked if is_valid(person) else ("_id", person)])
        seen = sorted(s.reference for s in record.search(permit, query, detail="invoices").entries)
        if seen:
            found[person] = next((s for s in seen if s in whose), seen[0])
    return found


def awaiting(permit: Permit) -> dict[str, str]:
    """Return the bills whose payment waits for approval, by id, each with its payment's id."""
    found = {}
    for each in waiting(permit):
        if is_bill(each.said) and isinstance(each.said, Posting):
            about = each.said.entries[-1].about
            number = each.said.source.split("/", 2)[-1]
            found[bills.invoice_id(about.provider, number, about.package)] = each.payment.id
    return found


class _Taking:
    """A file on its way in: what would be stored so far, and what is wrong."""

    def __init__(
        self,
        permit: Permit,
        now: datetime,
        awaited: Mapping[str, str],
        packages: Mapping[str, Package],
    ) -> None:
        self.permit, self.now = permit, now
        self.awaited, self.packages = awaited, packages
        self.closed: Sequence[Month] = books.closed_months(permit)
        self.changes: list[Change] = []
        self.taken: list[TakenBill] = []
        self.problems: list[Problem] = []
        self._matched: list[Invoice] = []

    def add(self, bill: Invoice) -> None:
        """Hold one bill against the record, and against those of the file before it."""
        kept = bills_before(self.permit, bill)
        same = next((k for k in kept if k.invoice.id == bill.id), None)
        if same and same_bill(same.invoice, bill):
            self.taken.append(TakenBill(same.invoice, "again"))
            return
        if same and same.invoice.state != REFUSED:
            words = _WAITS if same.invoice.state == RECEIVED else _PAID
            self.problems.append(Problem("value", f"Invoice {bill.number} {words}"))
            return
        others = [*(k.invoice for k in kept), *self._matched]
        found = held_against(
            self.permit,
            bill,
            self.packages[bill.package],
            others,
            awaited={*self.awaited, *(m.id for m in self._matched)},
            on=self.now.astimezone(LONDON).date(),
        )
        self._store(bill, same)
        if found.is_accepted:
            self._prepare(bill)
        else:
            self._ask(found, same)

    def _store(self, bill: Invoice, same: KeptBill | None) -> None:
        made = bills.build(bill, security=self._labels(bill))
        self.changes.append(Update(made, same.version) if same else Create(made, bill.id))

    def _labels(self, bill: Invoice) -> Sequence[Mapping[str, Any]]:
        return self.packages[bill.package].security

    def _prepare(self, bill: Invoice) -> None:
        posting = posting_of(
            bill,
            self.packages[bill.package].commitment,
            on=day_of(bill, today=self.now.astimezone(LONDON).date(), closed=self.closed),
            prepared_by=self.permit.worker,
            approved_by="",
        )
        made = payment_of_books(
            self.permit,
            posting,
            now=self.now,
            closed=self.closed,
            security=self._labels(bill),
        )
        self.changes.append(made)
        self._matched.append(bill)
        self.taken.append(TakenBill(bill, "prepared"))

    def _ask(self, found: Matched, same: KeptBill | None) -> None:
        bill = found.invoice
        asked = exception_of(self.permit, bill.id) if same else None
        made = InvoiceException(
            invoice=bill.id,
            person=bill.person,
            reasons=tuple((reason.code, reason.sentence) for reason in found.reasons),
            asked_at=self.now,
        )
        resource = exceptions.build(made, security=self._labels(bill))
        self.changes.append(Update(resource, asked[1]) if asked else Create(resource, made.id))
        sentences = tuple(reason.sentence for reason in found.reasons)
        self.taken.append(TakenBill(bill, "exception", sentences))
