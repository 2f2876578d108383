"""What the pots of the place were given, promised, spent and have left. Pure.

Figures come from what moved on a pot's account, as `record.books.movements` tells it. Money that
comes from a funder says no care; whatever else moves was promised or spent on some.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.profiles.agreement import GRANT, Agreement
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.authority import authority_of
from joinedup.ledger.money import Pence
from joinedup.ledger.period import Month, financial_year
from joinedup.ledger.posting import Book
from joinedup.record.books import Movement

__all__ = [
    "NO_CARE_SAID",
    "Aside",
    "Figures",
    "Line",
    "agreement_id",
    "asides_of",
    "by_care",
    "by_month",
    "figures_of",
    "first_and_last",
    "left_in_pot",
    "part_of_units",
    "pot_of",
    "refuse_other_year",
]

_FINEST = Decimal("0.000000001")
NO_CARE_SAID = "care not said"
_LONGEST_SLUG = 48
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")


class Figures(Struct, frozen=True):
    """A pot in pence: what came in, what is promised and not yet spent, and what was spent."""

    given: Pence = 0
    promised: Pence = 0
    spent: Pence = 0

    @property
    def left(self) -> Pence:
        """What may still be promised or spent: promises count (BU-04)."""
        return self.given - self.promised - self.spent

    def with_movement(self, moved: Movement) -> "Figures":
        """Return the figures after one more movement."""
        if moved.book is not Book.ACTUAL:
            return Figures(self.given, self.promised - moved.pence, self.spent)
        if _is_given(moved):
            return Figures(self.given + moved.pence, self.promised, self.spent)
        return Figures(self.given, self.promised, self.spent - moved.pence)


def _is_given(moved: Movement) -> bool:
    return not (moved.care or moved.package or moved.provider)


class Line(Struct, frozen=True):
    """One row of a table: what it is of, its figures, and how many packages they bought."""

    name: str
    figures: Figures
    packages: int

    @property
    def pence(self) -> Pence:
        """What was promised or spent."""
        return self.figures.promised + self.figures.spent


class Aside(Struct, frozen=True):
    """What is set aside for urgent starts of a month, in pence: `given` is what stayed there."""

    month: Month
    figures: Figures


def agreement_id(agreement: Agreement) -> str:
    """Return the id of an agreement in the record: one for a name and a year, however typed."""
    plain = _NOT_PLAIN.sub("-", agreement.name.lower()).strip("-")[:_LONGEST_SLUG]
    return f"{agreement.kind}-{plain.strip('-')}-{agreement.year}"


def pot_of(agreement: Agreement) -> Account:
    """Return the account of the place's money under an agreement: of a grant, its own part's.

    They are the pots of `ledger.grant` and `grant_rules`, which fold the same from postings.
    """
    named = f"{agreement.name}/{agreement.host}" if agreement.kind == GRANT else agreement.name
    return Account(AccountKind.POT, named)


def figures_of(moved: Iterable[Movement]) -> Figures:
    """Return what movements of one pot come to."""
    found = Figures()
    for one in moved:
        found = found.with_movement(one)
    return found


def asides_of(pot: Account, moved: Iterable[Movement]) -> tuple[Aside, ...]:
    """Return what is set aside from a pot, month by month, from all that moved on it and them."""
    own: dict[Month, list[Movement]] = {}
    for one in moved:
        found = authority_of(one.account)
        if found and found[0] == pot:
            own.setdefault(found[1], []).append(one)
    return tuple(Aside(month, figures_of(own[month])) for month in sorted(own))


def left_in_pot(pot: Account, moved: Iterable[Movement]) -> Pence:
    """Return what may still leave the pot itself: what is set aside leaves by starts alone."""
    return figures_of(one for one in moved if one.account == pot).left


def by_care(moved: Iterable[Movement]) -> tuple[Line, ...]:
    """Return a line for each kind of care that was promised or paid for, the dearest first."""
    bought = [one for one in moved if not _is_given(one)]
    lines = _lines(bought, lambda one: one.care or NO_CARE_SAID)
    return tuple(sorted(lines, key=lambda line: (-line.pence, line.name)))


def by_month(moved: Iterable[Movement]) -> tuple[Line, ...]:
    """Return a line for each month in which anything moved, in order."""
    return _lines(sorted(moved, key=lambda one: one.month), lambda one: str(one.month))


def _lines(moved: Iterable[Movement], name_of: Callable[[Movement], str]) -> tuple[Line, ...]:
    grouped: dict[str, list[Movement]] = {}
    for one in moved:
        grouped.setdefault(name_of(one), []).append(one)
    return tuple(Line(name, figures_of(own), _packages(own)) for name, own in grouped.items())


def _packages(moved: Iterable[Movement]) -> int:
    """Count packages that money was promised to or spent on; what was taken back counts no more."""
    held: dict[str, Figures] = {}
    for one in moved:
        if one.package:
            held[one.package] = held.get(one.package, Figures()).with_movement(one)
    return sum(1 for figures in held.values() if figures.promised or figures.spent)


def part_of_units(units: Decimal, part: Fraction, *, price: Pence, net: Pence) -> Decimal:
    """Return the part of units that a pot pays for, so that times their price they are its pence.

    Where whole pennies went to another pot, it is what the pence buy.
    """
    exact = Fraction(units) * part
    if abs(exact * price - net) >= 1:
        exact = Fraction(net, price)
    shown = Decimal(exact.numerator) / Decimal(exact.denominator)
    shown = shown.quantize(_FINEST).normalize()
    return shown if shown != shown.to_integral_value() else shown.quantize(Decimal(1))


def first_and_last(year: str) -> tuple[date, date]:
    """Return the first and the last day of a financial year that `read_year` has checked."""
    begins = int(year[:4])
    return date(begins, 4, 1), date(begins + 1, 3, 31)


def refuse_other_year(agreement: Agreement, on: date) -> None:
    """Refuse to move an agreement's money on a day outside its year: Unprocessable (MO-04)."""
    if financial_year(on) == agreement.year:
        return
    what = "a grant for that year alone" if agreement.kind == GRANT else "the pool of that year"
    raise Unprocessable(
        Problem(
            "business-rule",
            f"{agreement.name} is for {agreement.year}: 1 April {agreement.year[:4]} to 31 March "
            f"{int(agreement.year[:4]) + 1}. It is {what}; write a day in it.",
            "on",
        )
    )
