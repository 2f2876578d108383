"""Postings as the arrays of `record.post`, and back; what the hash of a posting is taken of.

Nothing here asks the database. `About` is stored as JSON with what applies and nothing else.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from joinedup.fhir.classes import DataClass
from joinedup.fhir.key import hash64
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.authority import authority_of
from joinedup.ledger.decision import Closing, Tolerance
from joinedup.ledger.posting import About, Book, Entry, Posting
from joinedup.record.arrays import numbers, plain, quoted

__all__ = [
    "about_text",
    "class_of_account",
    "content_of",
    "entry_of",
    "person_key",
    "post_arguments",
    "read_about",
]

_JSON = msgspec.json.Encoder(decimal_format="string", order="sorted")
_NOTHING = msgspec.to_builtins(About())


def person_key(reference: str) -> int:
    """Return the key of `Patient/id`; 0 for nobody."""
    return (hash64(reference) or 1) if reference else 0


def class_of_account(account: Account) -> int:
    """Return the data class of what stands on an account: a person's money, or the place's.

    What is set aside for urgent starts is a class of its own: who starts care writes there.
    """
    if account.is_somebodys:
        return int(DataClass.FINANCIAL)
    return int(DataClass.FUNDS if authority_of(account) is None else DataClass.STARTS)


def about_text(about: About) -> str:
    """Return what an entry is for as it is stored: names in order, nothing that does not apply."""
    said = msgspec.to_builtins(about)
    return _JSON.encode({k: v for k, v in said.items() if v != _NOTHING[k]}).decode()


def read_about(text: str) -> About:
    """Return what `about_text` wrote."""
    return msgspec.convert(msgspec.json.decode(text), About, strict=False)


def content_of(said: Posting | Tolerance | Closing) -> str:
    """Return the hash of all that was said: what makes the same id the same posting, or another.

    Numbers that are equal are written alike, so that 14.5 hours and 14.50 are the same.
    """
    return sha256(_JSON.encode(_normal(said))).hexdigest()


def _normal(said: Posting | Tolerance | Closing) -> Any:
    if not isinstance(said, Posting):
        return said
    return [
        [said.id, said.on, said.words, said.source, said.prepared_by, said.approved_by],
        [said.paid_to, said.reverses],
        [[e.account.kind, e.account.name, e.pence, e.book, _said(e.about)] for e in said.entries],
    ]


def _said(about: About) -> str:
    units = about.units
    if units is not None:
        whole = units == units.to_integral_value()
        units = units.quantize(Decimal(1)) if whole else units.normalize()
    return about_text(msgspec.structs.replace(about, units=units))


def entry_of(kind: int, name: str, pence: int, book: int, about: str) -> Entry:
    """Return an entry as its row tells it."""
    return Entry(Account(AccountKind(kind), name), pence, Book(book), read_about(about))


def post_arguments(postings: Sequence[Posting]) -> tuple[str, ...]:
    """Return the 24 arrays of `record.post`, in its order."""
    entries = [
        (place, line, entry)
        for place, posting in enumerate(postings, 1)
        for line, entry in enumerate(posting.entries, 1)
    ]
    return (*_of_postings(postings), *_of_entries(entries))


def _of_postings(postings: Sequence[Posting]) -> tuple[str, ...]:
    people = [_people(p) for p in postings]
    return (
        quoted(p.id for p in postings),
        plain(p.on.isoformat() for p in postings),
        quoted(p.words for p in postings),
        quoted(p.source for p in postings),
        quoted(p.prepared_by for p in postings),
        quoted(p.approved_by for p in postings),
        quoted(p.paid_to for p in postings),
        _or_null(p.reverses for p in postings),
        plain(content_of(p) for p in postings),
        numbers(first for first, _ in people),
        quoted(numbers(others) if others else "" for _, others in people),
        numbers(int(DataClass.FINANCIAL if first else DataClass.FUNDS) for first, _ in people),
        numbers(_labels(p) for p in postings),
    )


def _of_entries(entries: Sequence[tuple[int, int, Entry]]) -> tuple[str, ...]:
    return (
        numbers(place for place, _, _ in entries),
        numbers(line for _, line, _ in entries),
        numbers(int(e.account.kind) for _, _, e in entries),
        quoted(e.account.name for _, _, e in entries),
        numbers(int(e.book) for _, _, e in entries),
        numbers(e.pence for _, _, e in entries),
        numbers(_owner(e) for _, _, e in entries),
        numbers(class_of_account(e.account) for _, _, e in entries),
        numbers(e.about.label for _, _, e in entries),
        plain("0" if e.account.is_floored else "null" for _, _, e in entries),
        quoted(about_text(e.about) for _, _, e in entries),
    )


def _owner(entry: Entry) -> int:
    return person_key(entry.about.person) if entry.account.is_somebodys else 0


def _people(posting: Posting) -> tuple[int, tuple[int, ...]]:
    """Return whom a posting names: the first, and everybody else, each once."""
    named = dict.fromkeys(_owner(e) for e in posting.entries if _owner(e))
    first, *others = named or (0,)
    return first, tuple(others)


def _labels(posting: Posting) -> int:
    labels = 0
    for entry in posting.entries:
        labels |= entry.about.label
    return labels


def _or_null(values: Iterable[str]) -> str:
    return "{" + ",".join(quoted([v])[1:-1] if v else "null" for v in values) + "}"
