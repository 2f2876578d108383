"""Postings as a general ledger takes them: a journal in CSV, and the check that it adds up. Pure.

Debits are what comes to an account, credits what leaves it; each posting, each book and the whole
come to nothing. Cost centres are not known here and stand empty.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct

from joinedup.fhir.issue import Invalid
from joinedup.ledger.money import Pence, in_pounds, read_pounds
from joinedup.ledger.posting import Book, Posting
from joinedup.money.csv_text import read_table, write_table

__all__ = ["COLUMNS", "JournalLine", "journal", "journal_file", "read_journal"]

COLUMNS = (
    "date",
    "period",
    "posting",
    "line",
    "book",
    "account kind",
    "account",
    "cost centre",
    "debit",
    "credit",
    "words",
    "source",
    "reverses",
)
MOST_ROWS, MOST_BYTES = 1_000_000, 500_000_000
"""A place's year is some 200,000 entries."""
_KIND_WORDS = str.maketrans("_", " ")


class JournalLine(Struct, frozen=True, kw_only=True):
    """One entry as a journal has it: a debit or a credit, the other being 0."""

    on: str
    period: str
    posting: str
    line: int
    book: str
    kind: str
    account: str
    debit: Pence
    credit: Pence
    words: str
    source: str
    reverses: str = ""
    cost_centre: str = ""


def journal(postings: Iterable[Posting], *, books: Iterable[Book] = Book) -> Iterator[JournalLine]:
    """Yield the entries of postings in their order, in the books that are asked for.

    A general ledger without commitments asks for ACTUAL alone: every book adds up by itself.
    """
    wanted = set(books)
    for posting in postings:
        for number, entry in enumerate(posting.entries, 1):
            if entry.book in wanted:
                yield JournalLine(
                    on=posting.on.isoformat(),
                    period=str(posting.period),
                    posting=posting.id,
                    line=number,
                    book=entry.book.name.lower(),
                    kind=entry.account.kind.name.lower().translate(_KIND_WORDS),
                    account=entry.account.name,
                    debit=max(entry.pence, 0),
                    credit=max(-entry.pence, 0),
                    words=posting.words,
                    source=posting.source,
                    reverses=posting.reverses,
                )


def journal_file(lines: Iterable[JournalLine]) -> str:
    """Return the journal as CSV with a last line of totals; a spreadsheet runs nothing in it.

    Refuses, Invalid, lines whose debits and credits differ in a posting and book.
    """
    kept = tuple(lines)
    rest: Counter[tuple[str, str]] = Counter()
    for line in kept:
        rest[line.posting, line.book] += line.debit - line.credit
    if wrong := sorted({posting for (posting, _), pence in rest.items() if pence}):
        raise Invalid(f"Debits and credits differ in {', '.join(wrong[:5])}. Nothing was written.")
    debit, credit = sum(line.debit for line in kept), sum(line.credit for line in kept)
    totals = ("", "", "", str(len(kept)), "", "total", "", "", _pounds(debit), _pounds(credit))
    return write_table(COLUMNS, [*map(_cells, kept), (*totals, "", "", "")])


def _cells(line: JournalLine) -> tuple[str, ...]:
    return (
        line.on,
        line.period,
        line.posting,
        str(line.line),
        line.book,
        line.kind,
        line.account,
        line.cost_centre,
        _pounds(line.debit),
        _pounds(line.credit),
        line.words,
        line.source,
        line.reverses,
    )


def read_journal(data: bytes) -> Pence:
    """Return what the debits of a journal file come to; Invalid where it does not add up."""
    table = read_table(data, most_bytes=MOST_BYTES, most_rows=MOST_ROWS)
    if table.header != COLUMNS or not table.rows:
        raise Invalid(f"This is no journal: its columns are {', '.join(COLUMNS)}.")
    *lines, totals = [row.cells for row in table.rows]
    debit, credit = (sum(read_pounds(c[n]) for c in lines) for n in (8, 9))
    said = (str(len(lines)), _pounds(debit), _pounds(credit))
    if debit != credit or (totals[3], totals[8], totals[9]) != said:
        raise Invalid("The journal does not add up to its last line. Take the file again.")
    return debit


def _pounds(pence: Pence) -> str:
    return in_pounds(pence).replace("£", "").replace(",", "")
