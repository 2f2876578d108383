"""Postings: money that moves between accounts, all of it or nothing, and what makes one sound.

Three books stand side by side, as in commitment accounting: what was promised (COMMITTED), what of
a promise was let go (RELEASED), what was truly owed and paid (ACTUAL). Each sums to zero by itself.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import IntEnum

from msgspec import Struct
from msgspec.structs import replace

from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.money import MOST_PENCE, Pence, in_pounds
from joinedup.ledger.period import Month

__all__ = [
    "MOST_ENTRIES",
    "About",
    "Book",
    "Entry",
    "Posting",
    "of_the_place",
    "problems_of",
    "refuse",
    "reversal",
]

MOST_ENTRIES = 1_000
_LONGEST_WORDS = 500
_MOST_DIGITS = 12


class Book(IntEnum):
    """Which of the three books an entry stands in. Stored; a number is never reused."""

    COMMITTED = 1
    RELEASED = 2
    ACTUAL = 3


class About(Struct, frozen=True, kw_only=True):
    """What an entry is for (BU-01, domain.md 4.3); what does not apply is left out.

    `person` and `plan` are references, `plan` with its version; `need` is the need or action in the
    plan; `care` is what kind of care it buys, such as `home care`; `begins` and `ends` are the days
    paid for, both counted in. `units` may be parts of an hour; `vat` is of the whole, beside units
    times their cost. `label` holds the sensitivity labels of the package, as bits: who does not see
    the package does not see what it cost.
    """

    person: str = ""
    plan: str = ""
    need: str = ""
    care: str = ""
    funder: str = ""
    pot: str = ""
    package: str = ""
    provider: str = ""
    begins: date | None = None
    ends: date | None = None
    unit_cost: Pence | None = None
    units: Decimal | None = None
    vat: Pence = 0
    label: int = 0


class Entry(Struct, frozen=True):
    """One movement: `pence` come to an account in a book, or leave it when negative."""

    account: Account
    pence: Pence
    book: Book = Book.ACTUAL
    about: About = About()


class Posting(Struct, frozen=True, kw_only=True):
    """Money that moves at once. `id` is made by whoever asks, so that asking again changes nothing.

    `on` is the day it belongs to; `source` the document it rests on (`invoice/RX1/2044`);
    `prepared_by`, `approved_by` and `paid_to` are people or organisations as references, three
    different ones (BU-05). `reverses` names the posting that this one takes back.
    """

    id: str
    on: date
    words: str
    entries: tuple[Entry, ...]
    source: str
    prepared_by: str
    approved_by: str
    paid_to: str = ""
    reverses: str = ""

    @property
    def period(self) -> Month:
        """The month it is posted to."""
        return Month.of(self.on)


def of_the_place(about: About) -> About:
    """Return what an entry is for, as it stands with a pot, a provider or a bank: naming nobody.

    Nor does it bear the package's labels: what is counted on pages about pots is without holes.
    """
    return replace(about, person="", plan="", need="", label=0)


def refuse(posting: Posting, closed: Sequence[Month] = ()) -> None:
    """Refuse a posting that is not sound: Unprocessable, naming everything wrong with it."""
    if found := problems_of(posting, closed):
        raise Unprocessable(*found)


def problems_of(posting: Posting, closed: Sequence[Month] = ()) -> tuple[Problem, ...]:
    """Return everything wrong with a posting, () for a sound one. `closed` are the periods shut.

    Whether an account has the money is not known here: the record holds its row and decides.
    """
    return (
        *_in_size(posting),
        *_in_balance(posting),
        *_in_amount(posting),
        *_in_naming(posting),
        *_in_duties(posting),
        *_in_time(posting, closed),
    )


def _in_size(posting: Posting) -> list[Problem]:
    found = []
    if not 2 <= len(posting.entries) <= MOST_ENTRIES:
        count = len(posting.entries)
        found.append(
            _wrong(f"A posting has 2 to {MOST_ENTRIES:,} entries; this one has {count:,}.")
        )
    if not posting.id or not posting.source:
        found.append(_wrong("A posting has an id of its own and names the document it rests on."))
    if not 0 < len(posting.words.strip()) <= _LONGEST_WORDS:
        found.append(
            _wrong(f"Say in 1 to {_LONGEST_WORDS} letters what the money is for.", "words")
        )
    return found


def _in_balance(posting: Posting) -> list[Problem]:
    sums: Counter[Book] = Counter()
    for entry in posting.entries:
        sums[entry.book] += entry.pence
    return [
        _wrong(
            f"What leaves and what comes differ by {in_pounds(abs(rest))} ({book.name.lower()}). "
            "Every pound that comes to an account leaves another.",
            "entries",
        )
        for book, rest in sorted(sums.items())
        if rest
    ]


def _in_amount(posting: Posting) -> list[Problem]:
    found = []
    for place, entry in enumerate(posting.entries):
        where = f"entries[{place}]"
        if not 0 < abs(entry.pence) <= MOST_PENCE:
            most = in_pounds(MOST_PENCE)
            found.append(_wrong(f"{entry.account}: an entry moves a penny to {most}.", where))
        about = entry.about
        if about.begins and about.ends and about.ends < about.begins:
            found.append(
                _wrong(f"{entry.account}: the days paid for end before they begin.", where)
            )
        if about.units is not None and not _is_number(about.units):
            found.append(_wrong(f"{entry.account}: the units are no number.", where))
        elif about.unit_cost is not None and about.units is not None:
            whole = about.unit_cost * about.units + about.vat
            if abs(abs(entry.pence) - whole) >= 1:  # either way of rounding half a penny is sound
                said = in_pounds(round(whole))
                found.append(
                    _wrong(f"{entry.account}: units times their cost, with VAT, is {said}.", where)
                )
    return found


def _is_number(units: Decimal) -> bool:
    """Whether units can be reckoned with and written out: a file may say NaN, or 1E+999999."""
    return units.is_finite() and abs(units.adjusted()) <= _MOST_DIGITS


def _in_naming(posting: Posting) -> list[Problem]:
    """Whose an account is stands with it; a pot, a provider or a bank is shown to more people."""
    found = []
    for place, entry in enumerate(posting.entries):
        said = entry.about
        if entry.account.is_somebodys and not said.person:
            found.append(_wrong(f"{entry.account}: say whose it is.", f"entries[{place}].about"))
        if not entry.account.is_somebodys and (said.person or said.plan or said.need):
            found.append(
                _wrong(
                    f"{entry.account}: this side of the money names nobody. The person, the plan "
                    "and the need stand with the package, the person or the direct payment.",
                    f"entries[{place}].about",
                )
            )
    return found


def _in_duties(posting: Posting) -> list[Problem]:
    """Who prepares does not approve, and nobody pays themselves (BU-05)."""
    if not posting.prepared_by or not posting.approved_by:
        return [_wrong("A posting names who prepared it and who approved it.", "approved_by")]
    found = []
    if posting.prepared_by == posting.approved_by:
        found.append(
            _wrong("Who prepared a payment cannot approve it. Ask somebody else.", "approved_by")
        )
    payees = {posting.paid_to, *(e.about.person for e in posting.entries if _pays_out(e))} - {""}
    if payees & {posting.prepared_by, posting.approved_by}:
        found.append(_wrong("Nobody prepares or approves money that comes to them.", "paid_to"))
    return found


def _pays_out(entry: Entry) -> bool:
    kinds = (AccountKind.DIRECT_PAYMENT, AccountKind.PERSON)
    return entry.account.kind in kinds and entry.book is Book.ACTUAL


def _in_time(posting: Posting, closed: Sequence[Month]) -> list[Problem]:
    if posting.period not in closed:
        return []
    return [
        _wrong(
            f"{posting.period} is closed. Post it in an open month, saying what it is for.", "on"
        )
    ]


def _wrong(message: str, path: str = "") -> Problem:
    return Problem("business-rule", message, path)


def reversal(
    posting: Posting, *, new_id: str, on: date, words: str, prepared_by: str, approved_by: str
) -> Posting:
    """Return the posting that takes another back: the same entries, the other way round (BU-01).

    What was wrong stays in the books with what put it right. Raises Unprocessable for a posting
    that is a reversal itself: post what is meant instead.
    """
    if posting.reverses:
        raise Unprocessable("A reversal is not reversed. Post again what was right after all.")
    turned = tuple(
        Entry(e.account, -e.pence, e.book, replace(e.about, unit_cost=None, units=None))
        for e in posting.entries
    )
    return Posting(
        id=new_id,
        on=on,
        words=words,
        entries=turned,
        source=posting.source,
        prepared_by=prepared_by,
        approved_by=approved_by,
        reverses=posting.id,
    )
