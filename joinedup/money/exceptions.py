"""Bills that wait for somebody to decide: accept after all, accept on top, or send back.

Accepting moves nothing yet: it prepares the payment, which another officer approves.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.fhir.classes import INVOICE_EXCEPTION, TASK_KIND
from joinedup.fhir.issue import Conflict, Invalid, NotFound, NotPermitted, Problem, Stale
from joinedup.fhir.profiles import invoice as bills
from joinedup.fhir.profiles import invoice_exception as profile
from joinedup.fhir.profiles.invoice import ADDITIONAL, RECEIVED, REFUSED, Invoice
from joinedup.fhir.profiles.invoice_exception import InvoiceException
from joinedup.fhir.search.clause import Ids, Query
from joinedup.fhir.search.period import LONDON
from joinedup.fhir.search.query import parse_query
from joinedup.money.approval import id_to_prepare, payment_of_books
from joinedup.money.bill_answers import KeptBill, kept_bill, sound_bill
from joinedup.money.bill_facts import Package, bills_before, held_against, package_of
from joinedup.money.invoice_posting import day_of, posting_of
from joinedup.money.invoices import awaiting
from joinedup.people.alerts.workers import kin_of_worker
from joinedup.record import Change, Create, Stored, Update, books

__all__ = ["LONGEST_WORDS", "Question", "accept", "question_of", "questions", "send_back"]

LONGEST_WORDS = 1_000
_MOST = 1_000
_STALE = "Somebody decided this while you were reading. Look at what stands now."


class Question(Struct, frozen=True, kw_only=True):
    """A bill that waits, or waited, for a decision; versions of the question and of the bill."""

    asked: InvoiceException
    version: int
    kept: KeptBill

    @property
    def bill(self) -> Invoice:
        """The bill it is about."""
        return self.kept.invoice

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return not self.asked.decision


def questions(permit: Permit, *, reason: str = "", provider: str = "") -> tuple[Question, ...]:
    """Return what waits for a decision and the permit sees, the oldest first.

    `reason` is a code of `bill_answers.REASON_WORDS`, `provider` an organisation's code.
    """
    asked = parse_query(
        "Task",
        [("code", f"{TASK_KIND}|{INVOICE_EXCEPTION}"), ("status", "requested")],
        default_count=_MOST,
    )
    tasks = record.search(permit, asked, detail="invoices to decide").entries
    kept = _bills_of(permit, tasks)
    found = [q for stored in tasks if (q := _question(stored, kept)) is not None]
    return tuple(
        sorted(
            (
                q
                for q in found
                if (not reason or reason in {code for code, _ in q.asked.reasons})
                and (not provider or q.bill.provider == provider)
            ),
            key=lambda q: (q.asked.asked_at, q.asked.id),
        )
    )


def _bills_of(permit: Permit, tasks: Sequence[Stored]) -> dict[str, KeptBill]:
    ids = (str(t.resource.get("focus", {}).get("reference", "")) for t in tasks)
    wanted = tuple(dict.fromkeys(i.removeprefix("Invoice/") for i in ids if i))
    if not wanted:
        return {}
    query = Query(type="Invoice", clauses=(Ids(wanted),), count=len(wanted))
    page = record.search(permit, query, detail="invoices to decide")
    return {s.id: bill for s in page.entries if (bill := sound_bill(s)) is not None}


def _question(stored: Stored, kept: dict[str, KeptBill]) -> Question | None:
    try:
        asked = profile.read(stored.resource)
    except (KeyError, ValueError, TypeError):
        return None
    bill = kept.get(asked.invoice)
    return None if bill is None else Question(asked=asked, version=stored.version, kept=bill)


def question_of(permit: Permit, task_id: str) -> Question:
    """Return one question with its bill; NotFound for what is none, or not seen."""
    stored = record.read(permit, "Task", task_id)
    try:
        asked = profile.read(stored.resource)
        bill = kept_bill(record.read(permit, "Invoice", asked.invoice))
    except (KeyError, ValueError, TypeError):
        raise NotFound(f"There is no Task/{task_id} that you can see.") from None
    return Question(asked=asked, version=stored.version, kept=bill)


def accept(
    permit: Permit, task_id: str, version: int, *, words: str, now: datetime, additional: bool
) -> Stored:
    """Decide that a bill is owed after all, or on top of what was agreed; return its payment.

    The payment is prepared in the same commit, and waits for another officer. Raises Stale where it
    was decided since, Invalid for no reason or for days that are billed already, NotPermitted for
    one's own family, Unprocessable where nothing is agreed for the package.
    """
    found = _open(permit, task_id, version)
    decision = "additional" if additional else "accepted"
    said = _said(words, "Say why it is owed.")
    package = package_of(permit, found.bill.package)
    if package is None:
        raise Invalid("The package is not there any more. Send the invoice back.")
    if not additional:
        _refuse_billed(permit, found, package, now)
    payment = _payment(permit, found, package, now, state=ADDITIONAL if additional else RECEIVED)
    changes: list[Change] = [_decided(permit, found, decision, said, now), payment]
    return record.commit(permit, changes, action=f"{decision} invoice").stored[1]


def _payment(
    permit: Permit, found: Question, package: Package, now: datetime, *, state: str
) -> Create:
    closed = books.closed_months(permit)
    posting = posting_of(
        replace(found.bill, state=state),
        package.commitment,
        on=day_of(found.bill, today=now.astimezone(LONDON).date(), closed=closed),
        prepared_by=permit.worker,
        approved_by="",
    )
    posting = replace(posting, id=id_to_prepare(permit, posting.id))
    return payment_of_books(
        permit,
        posting,
        now=now,
        closed=closed,
        words=posting.words + (", an additional charge" if state == ADDITIONAL else ""),
        security=found.kept.security,
        people=(found.bill.person,),
    )


def _refuse_billed(permit: Permit, found: Question, package: Package, now: datetime) -> None:
    """Refuse to accept days twice: the record would, when the payment is approved."""
    before = bills_before(permit, found.bill)
    others = [kept.invoice for kept in before if kept.invoice.id != found.bill.id]
    day = now.astimezone(LONDON).date()
    held = held_against(permit, found.bill, package, others, awaited=awaiting(permit), on=day)
    if again := [reason.sentence for reason in held.reasons if reason.code == "overlap"]:
        more = "Accept it as an additional charge, with the reason, or send it back."
        raise Invalid(Problem("business-rule", f"{again[0]} {more}", "words"))


def send_back(permit: Permit, task_id: str, version: int, *, words: str, now: datetime) -> Stored:
    """Refuse a bill, for a reason that the provider is told; no money moves.

    Raises Stale where it was decided since, Invalid without a reason, NotPermitted for one's own
    family.
    """
    found = _open(permit, task_id, version)
    said = _said(words, "Say why, for the provider.")
    refused = replace(found.bill, state=REFUSED, decided_by=permit.worker, words=said)
    made = bills.build(refused, security=found.kept.security)
    changes = [_decided(permit, found, "refused", said, now), Update(made, found.kept.version)]
    return record.commit(permit, changes, action="refused invoice").stored[1]


def _open(permit: Permit, task_id: str, version: int) -> Question:
    if not permit.may(Power.KEEP_BOOKS):
        raise NotPermitted("Your role does not decide about invoices.")
    found = question_of(permit, task_id)
    if near := kin_of_worker(permit.worker, [found.bill.person.removeprefix("Patient/")]):
        raise NotPermitted(f"{near} Somebody else must decide about this invoice.")
    if not found.is_open or found.version != version:
        raise Stale(_STALE)
    if found.bill.state != RECEIVED:
        raise Conflict("The invoice was decided already.")
    return found


def _said(words: str, message: str) -> str:
    if not 0 < len(words.strip()) <= LONGEST_WORDS:
        raise Invalid(Problem("required", f"{message} {LONGEST_WORDS:,} letters at most.", "words"))
    return words.strip()


def _decided(permit: Permit, found: Question, decision: str, words: str, now: datetime) -> Update:
    done = profile.decided(found.asked, decision, by=permit.worker, at=now, words=words)
    resource: dict[str, Any] = profile.build(done, security=found.kept.security)
    return Update(resource, found.version)
