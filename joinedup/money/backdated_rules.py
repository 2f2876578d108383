"""A price that changes for days that are over: both calculations, and who is owed what (BU-07).

Pure. What was accepted for a package is taken week by week and by the pot that paid it; at the new
price each comes to its part, to the penny. What a person pays towards it is the budget's to say.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction

from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.money import Pence
from joinedup.ledger.posting import Book, Entry, Posting
from joinedup.ledger.recalculation import Difference, Weekly, differences
from joinedup.ledger.split import split
from joinedup.money.commitments import Commitment

__all__ = ["Change", "Recalculated", "recalculated"]


class Change(Struct, frozen=True, kw_only=True):
    """Another price of a unit for some days, both counted in."""

    price: Pence
    begins: date
    ends: date

    def holds(self, day: date) -> bool:
        """Whether a day is one of them."""
        return self.begins <= day <= self.ends


class Recalculated(Struct, frozen=True, kw_only=True):
    """Both calculations side by side: by week and pot, and what is promised and not billed yet.

    `unbilled_after` is what that comes to at the new price, for its days that change.
    """

    weeks: tuple[Difference, ...]
    unbilled_before: Pence
    unbilled_after: Pence

    @property
    def due(self) -> Pence:
        """What is owed to the provider on top of what was accepted; below zero it owes that."""
        return sum(week.due for week in self.weeks)


def recalculated(
    commitment: Commitment, postings: Iterable[Posting], change: Change
) -> Recalculated:
    """Return what a package's accepted bills come to at another price, beside what they came to.

    `postings` are those that touch the package. Raises Invalid where no price was agreed for the
    days: there is nothing to compare with.
    """
    kept = list(postings)
    account = Account(AccountKind.PACKAGE, commitment.package)
    if not any(_price_on(commitment, day) for day in _days(change.begins, change.ends)):
        raise Invalid(Problem("value", "No price was agreed for any of these days.", "begins"))
    back = {posting.reverses for posting in kept if posting.reverses}
    standing = [p for p in kept if not p.reverses and p.id not in back]
    before: defaultdict[date, Counter[str]] = defaultdict(Counter)
    after: defaultdict[date, Counter[str]] = defaultdict(Counter)
    for posting in standing:
        for entry in posting.entries:
            if entry.account == account and entry.book is Book.RELEASED and _is_billed(entry):
                _add(entry, commitment, change, before, after)
    unbilled = max(0, commitment.left)
    return Recalculated(
        weeks=differences(_weeks(before), _weeks(after)),
        unbilled_before=unbilled,
        unbilled_after=_unbilled(commitment, standing, account, change, unbilled),
    )


def _is_billed(entry: Entry) -> bool:
    """Whether an entry lets a promise go because a bill for its days was accepted."""
    about = entry.about
    return entry.pence < 0 and bool(about.begins and about.ends and about.provider)


def _add(
    entry: Entry,
    commitment: Commitment,
    change: Change,
    before: defaultdict[date, Counter[str]],
    after: defaultdict[date, Counter[str]],
) -> None:
    """Spread what was accepted over its days, each at the old and at the new price."""
    about = entry.about
    days = list(_days(about.begins or date.min, about.ends or date.min))
    pot = about.pot or "the pot it was promised by"
    worth = [
        Fraction(change.price, price) if change.holds(day) and price else Fraction(1)
        for day in days
        for price in [about.unit_cost or _price_on(commitment, day)]
    ]
    whole = -entry.pence
    new = round(whole * sum(worth) / len(days))
    old_parts = split(whole, [Fraction(1)] * len(days))
    new_parts = split(new, worth)
    for day, old_pence, new_pence in zip(days, old_parts, new_parts, strict=True):
        monday = day - timedelta(day.weekday())
        before[monday][pot] += old_pence
        after[monday][pot] += new_pence


def _unbilled(
    commitment: Commitment,
    standing: Iterable[Posting],
    account: Account,
    change: Change,
    unbilled: Pence,
) -> Pence:
    """What is promised and not billed, at the new price for its days that are not billed yet."""
    billed = {
        day
        for posting in standing
        for entry in posting.entries
        if entry.account == account and entry.book is Book.RELEASED and _is_billed(entry)
        for day in _days(entry.about.begins or date.min, entry.about.ends or date.min)
    }
    open_days = [
        (day, price)
        for terms in commitment.terms
        if terms.begins and terms.ends
        for day in _days(terms.begins, terms.ends)
        if day not in billed and (price := terms.unit_cost)
    ]
    if not open_days:
        return unbilled
    worth = [Fraction(change.price, p) if change.holds(d) else Fraction(1) for d, p in open_days]
    return round(unbilled * sum(worth) / len(worth))


def _price_on(commitment: Commitment, day: date) -> Pence | None:
    prices = [t.unit_cost for t in commitment.terms_on(day) if t.unit_cost]
    return prices[0] if prices else None


def _days(begins: date, ends: date) -> Iterator[date]:
    for number in range((ends - begins).days + 1):
        yield begins + timedelta(number)


def _weeks(found: defaultdict[date, Counter[str]]) -> list[Weekly]:
    return [Weekly(week, dict(shares)) for week, shares in sorted(found.items())]
