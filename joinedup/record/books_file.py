"""The ledger as a file beside an export: a posting or a decision a line, in the order of making.

Each line holds all that was said (`ledger.text` reads it back). It is for who takes the data away;
a place moves whole by backup and restore.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.decision import Closing, Tolerance
from joinedup.ledger.period import Month
from joinedup.ledger.text import Books, write_books
from joinedup.record.database import Connection
from joinedup.record.verify_ledger import posting_of

__all__ = ["BOOKS_FILE", "write_books_file"]

BOOKS_FILE = "ledger.books"

# In the order in which they were posted and decided: a floor stands before what needs it.
_POSTINGS = b"""
select p.id, p.day, p.words, p.source, p.prepared, p.approved, p.paid_to, coalesce(p.reverses, ''),
       p.content, p.person, p.class, p.label, p.others, e.kind, e.name, e.pence, e.book, e.about,
       p.at
from record.posting p join record.entry e on e.posting = p.id order by p.at, p.id, e.line
"""
_DECISIONS = b"""
select d.id, d.kind, d.name, d.floor, d.month, d.words, d.prepared, d.approved, d.at,
       coalesce((select e.about::jsonb ->> 'person' from record.entry e
                 where e.kind = d.kind and e.name = d.name and d.person <> 0 limit 1), '')
from record.decision d order by d.at, d.id
"""

Row = tuple[Any, ...]


def write_books_file(lent: Connection, folder: Path) -> int:
    """Write every posting and decision the open transaction sees; return how many lines.

    No file is written where there is none. It is for its owner alone.
    """
    said = sorted([*_postings(lent), *_decisions(lent)], key=lambda line: line[0])
    if not said:
        return 0
    path = folder / BOOKS_FILE
    path.touch(mode=0o600)
    path.write_text("".join(f"{write_books(each)}\n" for _, each in said), encoding="utf-8")
    return len(said)


def _postings(lent: Connection) -> Iterator[tuple[Any, Books]]:
    rows = cast("list[Row]", lent.execute(_POSTINGS).fetchall())
    posting: list[Row] = []
    for row in rows:
        if posting and posting[0][0] != row[0]:
            yield posting[0][18], posting_of(posting)
            posting = []
        posting.append(row)
    if posting:
        yield posting[0][18], posting_of(posting)


def _decisions(lent: Connection) -> Iterator[tuple[Any, Books]]:
    for row in cast("list[Row]", lent.execute(_DECISIONS).fetchall()):
        made, kind, name, floor, month, words, prepared, approved, at, person = row
        said = {"id": made, "words": words, "prepared_by": prepared, "approved_by": approved}
        if kind is None:
            yield at, Closing(month=Month.of(month), **said)
        else:
            account = Account(AccountKind(kind), name)
            yield at, Tolerance(account=account, floor=floor, person=person, **said)
