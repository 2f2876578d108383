"""How the money of a bill moves when it is accepted: one posting, the same each time. Pure.

What was promised is let go and what is owed is posted together, so that a bill beyond what was
agreed finds its package empty and is refused by the record (BU-04, docs/ledger.md).
"""

from collections.abc import Collection, Iterator
from datetime import date
from fractions import Fraction

from msgspec.structs import replace

from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.profiles.invoice import ADDITIONAL, Invoice, InvoiceLine, fold_number
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.authority import main_pot
from joinedup.ledger.money import Pence
from joinedup.ledger.period import Month
from joinedup.ledger.posting import About, Book, Entry, Posting, of_the_place
from joinedup.ledger.split import split
from joinedup.money.commitments import Commitment, Share

__all__ = ["day_of", "posting_id", "posting_of"]


def posting_id(invoice: Invoice) -> str:
    """Return the id of a bill's posting, so that accepting it again changes nothing."""
    return f"invoice/{invoice.provider}/{fold_number(invoice.number)}/{invoice.package}"


def day_of(invoice: Invoice, *, today: date, closed: Collection[Month]) -> date:
    """Return the day a bill belongs to: the last that it bills, while that month is open.

    So a year's statement holds the care of the year, whenever its bills come (decision 0022). Once
    the month is closed, and for days to come, it is the day on which the bill is taken in.
    """
    last = max(line.ends for line in invoice.lines)
    return last if last < today and Month.of(last) not in closed else today


def posting_of(
    invoice: Invoice,
    commitment: Commitment | None,
    *,
    on: date,
    prepared_by: str,
    approved_by: str,
) -> Posting:
    """Return what moves: package to pot (RELEASED), pot to provider (ACTUAL).

    An additional charge was never promised: it is promised and let go in the same posting, so that
    whose it was stands in the books (BU-01). Each line is shared among
    the pots that promised it, to the penny (BU-02). Refuses, Unprocessable, a bill for which no pot
    is known: agree its package first.
    """
    if commitment is None or not commitment.terms:
        raise Unprocessable(f"No pot is known for package {invoice.package}: agree it first.")
    entries = tuple(e for line in invoice.lines for e in _entries(line, invoice, commitment))
    return Posting(
        id=posting_id(invoice),
        on=on,
        words=f"Invoice {invoice.number} of {invoice.day:%d/%m/%Y} by {invoice.provider}",
        entries=entries,
        source=f"invoice/{invoice.provider}/{invoice.number}",
        prepared_by=prepared_by,
        approved_by=approved_by,
        paid_to=f"Organization/{invoice.provider}",
    )


def _entries(line: InvoiceLine, invoice: Invoice, commitment: Commitment) -> Iterator[Entry]:
    package = Account(AccountKind.PACKAGE, commitment.package)
    provider = Account(AccountKind.PROVIDER, invoice.provider)
    for pot, pence, about in _shared(line, invoice, commitment):
        if not pence:
            continue
        if invoice.state == ADDITIONAL:
            pot = main_pot(pot)  # what is set aside for starts starts care, and pays nothing on top
            about = replace(about, pot=pot.name if about.pot else "")
        places = of_the_place(about)
        if invoice.state == ADDITIONAL:
            yield Entry(pot, -pence, Book.COMMITTED, places)
            yield Entry(package, pence, Book.COMMITTED, about)
        yield Entry(package, -pence, Book.RELEASED, about)
        yield Entry(pot, pence, Book.RELEASED, places)
        yield Entry(pot, -pence, Book.ACTUAL, places)
        yield Entry(provider, pence, Book.ACTUAL, places)


def _shared(
    line: InvoiceLine, invoice: Invoice, commitment: Commitment
) -> list[tuple[Account, Pence, About]]:
    """Return what each pot pays of a line; units and their cost stand where one pot pays it all."""
    shares: dict[tuple[Account, str], Share] = {}
    for share in _promised(line, commitment):
        key = (share.pot, share.about.funder)
        known = shares.get(key)
        shares[key] = replace(share, pence=share.pence + (known.pence if known else 0))
    whole = len(shares) == 1
    weights = [Fraction(share.pence) for share in shares.values()]
    return [
        (share.pot, pence, _about(line, invoice, share.about, whole=whole))
        for share, pence in zip(shares.values(), split(line.gross, weights), strict=True)
    ]


def _promised(line: InvoiceLine, commitment: Commitment) -> list[Share]:
    """Return the promises of a line's days and price; of the nearest days where there are none."""
    terms = [t for t in commitment.terms if any(t.holds(day) for day in line.days())]
    terms = [t for t in terms if t.unit_cost == line.unit_cost] or terms
    if not terms:
        earlier = [t for t in commitment.terms if t.begins is None or t.begins <= line.begins]
        terms = [(earlier or list(commitment.terms))[-1 if earlier else 0]]
    return [share for t in terms for share in t.shares]


def _about(line: InvoiceLine, invoice: Invoice, promised: About, *, whole: bool) -> About:
    """Return what an entry is for: as promised, with the days and figures that were billed."""
    return replace(
        promised,
        person=invoice.person,
        package=invoice.package,
        provider=invoice.provider,
        begins=line.begins,
        ends=line.ends,
        unit_cost=line.unit_cost if whole else None,
        units=line.units if whole else None,
        vat=line.vat if whole else 0,
    )
