"""What waits for approval, in plain words: from where to where, how much, for whom. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from joinedup.fhir.search.period import LONDON
from joinedup.ledger.account import AccountKind
from joinedup.ledger.decision import Closing, Tolerance
from joinedup.ledger.money import Pence, in_pounds
from joinedup.ledger.posting import Book, Entry, Posting
from joinedup.ledger.text import Books
from joinedup.money.approval import Waiting
from joinedup.money.bill_answers import is_bill
from joinedup.money.names import account_words, day_words, days_words, month_words

__all__ = [
    "BOOK_WORDS",
    "Move",
    "PaymentWords",
    "amount_of",
    "moment_words",
    "present",
    "references_in",
    "named_words",
]

BOOK_WORDS: Mapping[Book, str] = {
    Book.COMMITTED: "Set aside",
    Book.RELEASED: "No longer set aside",
    Book.ACTUAL: "Owed or paid",
}
_ANSWERS = {
    "": ("Waiting", "soon"),
    "approved": ("Approved", "now"),
    "refused": ("Refused", "high"),
    "withdrawn": ("Taken back", "pause"),
}
_NOBODY = "Somebody you do not see"


class Move(Struct, frozen=True, kw_only=True):
    """One movement: so much from one account to another, and what for."""

    what: str
    sender: str
    receiver: str
    pounds: str
    about: str


class PaymentWords(Struct, frozen=True, kw_only=True):
    """One payment as a page shows it."""

    id: str
    version: int
    words: str
    kind: str
    pounds: str
    people: tuple[str, ...]
    prepared_by: str
    prepared_at: str
    on: str
    source: str
    moves: tuple[Move, ...]
    mine: bool
    is_open: bool
    standing: str
    tone: str
    answered_by: str
    why: str


def references_in(said: Sequence[Waiting]) -> Iterator[str]:
    """Yield everybody and everything that payments name, for `names.names_of`."""
    for each in said:
        yield from each.payment.people
        yield each.payment.prepared_by
        yield each.payment.answered_by
        if isinstance(each.said, Posting):
            yield each.said.paid_to
            for entry in each.said.entries:
                yield f"Organization/{entry.account.name}"
                yield f"Organization/{entry.about.provider.removeprefix('Organization/')}"
        elif isinstance(each.said, Tolerance):
            yield f"Organization/{each.said.account.name}"


def amount_of(said: Books) -> Pence:
    """Return what a posting moves in the end: owed or paid, or else set aside; 0 for a decision."""
    if not isinstance(said, Posting):
        return 0
    for book in (Book.ACTUAL, Book.COMMITTED, Book.RELEASED):
        if moved := sum(e.pence for e in said.entries if e.book is book and e.pence > 0):
            return moved
    return 0


def present(waiting: Waiting, names: dict[str, str]) -> PaymentWords:
    """Return a payment in words; whoever is not among `names` is said not to be seen."""
    payment, said = waiting.payment, waiting.said
    standing, tone = _ANSWERS[payment.answer]
    return PaymentWords(
        id=payment.id,
        version=waiting.version,
        words=named_words(payment.words, said, names),
        kind=_kind(said),
        pounds=in_pounds(amount_of(said)) if isinstance(said, Posting) else "",
        people=tuple(names.get(person) or _NOBODY for person in payment.people),
        prepared_by=names.get(payment.prepared_by) or payment.prepared_by,
        prepared_at=moment_words(payment.prepared_at),
        on=day_words(said.on) if isinstance(said, Posting) else "",
        source=said.source if isinstance(said, Posting) else "",
        moves=tuple(_moves(said, names)) if isinstance(said, Posting) else (),
        mine=waiting.mine,
        is_open=waiting.is_open,
        standing=standing,
        tone=tone,
        answered_by=names.get(payment.answered_by) or payment.answered_by,
        why=payment.why,
    )


def named_words(words: str, said: Books, names: Mapping[str, str]) -> str:
    """Return the words of a bill's payment with its provider's name where they have its code."""
    if not isinstance(said, Posting) or not is_bill(said):
        return words
    code = said.paid_to.removeprefix("Organization/")
    called = names.get(said.paid_to, "")
    return words.replace(f" by {code}", f" by {called} ({code})", 1) if called and code else words


def _kind(said: Books) -> str:
    if isinstance(said, Closing):
        month = month_words(said.month.year, said.month.month)
        return f"The end of {month}: nothing more is posted to it"
    if isinstance(said, Tolerance):
        if said.floor == 0:
            return f"{_first(account_words(said.account, {}))} may not go below nothing"
        depth = in_pounds(-said.floor)
        return f"{_first(account_words(said.account, {}))} may go {depth} below nothing"
    return "Money that is moved"


def _first(words: str) -> str:
    return words[:1].upper() + words[1:]


def moment_words(at: datetime) -> str:
    """Return a moment in words: `16 January 2018, 10:00`."""
    here = at.astimezone(LONDON)
    return f"{day_words(here.date())}, {here:%H:%M}"


def _moves(said: Posting, names: dict[str, str]) -> Iterator[Move]:
    """Yield what leaves beside where it comes to, book by book, as they stand in the posting."""
    for book in (Book.COMMITTED, Book.RELEASED, Book.ACTUAL):
        held = [e for e in said.entries if e.book is book]
        out = [e for e in held if e.pence < 0]
        left = [-e.pence for e in out]
        place = 0
        for entry in (e for e in held if e.pence > 0):
            rest = entry.pence
            while rest and place < len(out):
                pence = min(rest, left[place])
                yield _move(out[place], entry, pence, names)
                rest -= pence
                left[place] -= pence
                place += not left[place]


def _move(sender: Entry, receiver: Entry, pence: Pence, names: dict[str, str]) -> Move:
    return Move(
        what=_what(sender, receiver),
        sender=_account(sender, names),
        receiver=_account(receiver, names),
        pounds=in_pounds(pence),
        about=_about(sender if sender.about.person else receiver),
    )


def _what(sender: Entry, receiver: Entry) -> str:
    between_pots = sender.account.kind is receiver.account.kind is AccountKind.POT
    return "Moved" if between_pots else BOOK_WORDS[receiver.book]


def _account(entry: Entry, names: dict[str, str]) -> str:
    said = account_words(entry.account, names)
    if entry.account.kind in (AccountKind.PACKAGE, AccountKind.DIRECT_PAYMENT):
        said += f" of {names.get(entry.about.person) or _NOBODY.lower()}"
    return said


def _about(entry: Entry) -> str:
    about = entry.about
    said = [about.care] if about.care else []
    if about.units is not None and about.unit_cost is not None:
        said.append(f"{about.units:f} at {in_pounds(about.unit_cost)}")
    if about.vat:
        said.append(f"VAT {in_pounds(about.vat)}")
    if about.begins and about.ends:
        said.append(days_words(about.begins, about.ends))
    return ", ".join(said)
