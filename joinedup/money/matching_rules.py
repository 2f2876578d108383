"""A provider's bill against what was agreed and what was done: owed as billed, or why not. Pure.

`match` finds every reason for a person to look; a bill without one is accepted, and `posting_of`
moves its money. How far a bill may differ is dated (`reference/money/matching.csv`); beyond what
was agreed nothing is let through (BU-04, domain.md 4.3).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from joinedup.fhir.profiles.invoice import (
    ACCEPTED,
    ADDITIONAL,
    RECEIVED,
    REFUSED,
    Invoice,
    InvoiceLine,
    fold_number,
    same_bill,
)
from joinedup.fhir.profiles.visit import Visit
from joinedup.ledger.money import Pence, in_pounds
from joinedup.money.away import NO_DAY, Stay
from joinedup.money.commitments import Commitment, Terms
from joinedup.reference.tables import value

__all__ = ["REASONS", "Matched", "Reason", "Stay", "Margins", "match", "margins"]

REASONS: Mapping[str, str] = {
    "package": "No such package",
    "person": "Another person's package",
    "provider": "Another provider's package",
    "dates": "Outside the days agreed",
    "unit": "Billed by another unit",
    "unit-cost": "Another price than agreed",
    "units": "More units than agreed",
    "beyond": "More money than is left of what was agreed",
    "visits": "Fewer visits recorded than billed",
    "overlap": "Days that another invoice bills already",
    "hospital": "Billed while the person was in hospital",
    "death": "Billed after the person's death",
    "number": "The invoice number was used before",
    "refused": "Refused before",
    "vat": "Other VAT than agreed",
    "arithmetic": "Units times their cost is another sum",
}
"""Why a person looks at a bill; the code is kept, the words are shown."""

_TABLE = "money/matching"
_BY_TIME = {"hour", "visit"}


class Reason(Struct, frozen=True):
    """One reason: its code, and what is so in figures. No word of what happened in a visit."""

    code: str
    sentence: str


class Margins(Struct, frozen=True):
    """How far a bill may differ before a person looks, in per cent."""

    units_over: Fraction
    visits_short: Fraction


class Matched(Struct, frozen=True):
    """What became of a bill. `again`: it was accepted before just so, and nothing is to be done."""

    invoice: Invoice
    reasons: tuple[Reason, ...] = ()
    again: bool = False

    @property
    def is_accepted(self) -> bool:
        """Whether it is owed as it stands and was not accepted before."""
        return not self.reasons and not self.again


def margins(*, on: date) -> Margins:
    """Return how far a bill may differ on a day."""
    return Margins(
        units_over=Fraction(value(_TABLE, "units-over", on=on)["value"]),
        visits_short=Fraction(value(_TABLE, "visits-short", on=on)["value"]),
    )


def match(
    invoice: Invoice,
    commitment: Commitment | None,
    *,
    visits: Sequence[Visit] = (),
    stays: Sequence[Stay] = (),
    died: date | None = None,
    before: Sequence[Invoice] = (),
    awaited: Collection[str] = (),
    allowed: Margins,
) -> Matched:
    """Return a bill with every reason against it; none means it is owed as billed.

    `commitment` is what was promised to its package (None: no such package or promise), `visits`
    those recorded for the package, `before` the bills kept of the same package or number, `awaited`
    the ids of those whose payment waits for approval: their days are as good as billed.
    """
    same = next((b for b in before if b.id == invoice.id), None)
    if same and same_bill(same, invoice) and same.state in (ACCEPTED, ADDITIONAL):
        return Matched(invoice, again=True)
    reasons = [*_used(invoice, same, before), *_sums(invoice), *_overlaps(invoice, before, awaited)]
    if died:
        reasons += _after_death(invoice, died)
    if commitment is None or not commitment.terms:
        reasons.insert(0, Reason("package", f"Nothing is agreed for package {invoice.package}."))
    else:
        reasons += [
            *_parties(invoice, commitment),
            *_prices(invoice, commitment),
            *_amounts(invoice, commitment, stays, allowed),
        ]
        if {line.unit for line in invoice.lines} & _BY_TIME:
            reasons += _visits(invoice, commitment, visits, stays, allowed)
    return Matched(invoice, tuple(dict.fromkeys(reasons)))


def _used(invoice: Invoice, same: Invoice | None, before: Iterable[Invoice]) -> list[Reason]:
    if same and same.state == REFUSED and same_bill(same, invoice):
        return [Reason("refused", f"It was refused before: {same.words}")]
    if same and not same_bill(same, invoice):
        words = f"Invoice {invoice.number} came before with other days, units or amounts."
        return [Reason("number", words)]
    number = fold_number(invoice.number)
    return [
        Reason("number", f"Invoice {invoice.number} came before, dated {_day(other.day)}.")
        for other in before
        if other.provider == invoice.provider
        and fold_number(other.number) == number
        and other.day != invoice.day
    ][:1]


def _sums(invoice: Invoice) -> list[Reason]:
    """Either way of rounding half a penny is sound."""
    found = []
    for line in invoice.lines:
        worth = line.units * line.unit_cost
        if abs(worth - line.net) >= 1:
            words = f"{_number(line.units)} at {in_pounds(line.unit_cost)} is "
            words += f"{in_pounds(round(worth))}; {in_pounds(line.net)} is billed."
            found.append(Reason("arithmetic", words))
    return found


def _overlaps(
    invoice: Invoice, before: Iterable[Invoice], awaited: Collection[str]
) -> list[Reason]:
    found: list[Reason] = []
    seen: set[tuple[date, Pence]] = set()
    for line in invoice.lines:
        billed = {(day, line.unit_cost) for day in line.days()}
        if again := sorted(seen & billed):
            found.append(Reason("overlap", f"It bills {_day(again[0][0])} twice itself."))
        seen |= billed
    days = {day for day, _ in seen}
    for other in before:
        waits = other.state == RECEIVED and other.id in awaited
        if other.id == invoice.id or other.package != invoice.package:
            continue
        if not waits and other.state != ACCEPTED:
            continue
        taken = {day for line in other.lines for day in line.days()}
        if both := sorted(days & taken):
            standing = "which waits for approval" if waits else "accepted"
            words = (
                f"Invoice {other.number}, {standing}, bills {_count(len(both), 'day')} of it too,"
            )
            found.append(Reason("overlap", f"{words} the first {_day(both[0])}."))
    return found


def _after_death(invoice: Invoice, died: date) -> list[Reason]:
    last = max(line.ends for line in invoice.lines)
    if died == NO_DAY:
        return [Reason("death", "The person has died; the record does not say on which day.")]
    if last <= died:
        return []
    return [Reason("death", f"It bills to {_day(last)}; the person died on {_day(died)}.")]


def _parties(invoice: Invoice, commitment: Commitment) -> list[Reason]:
    found = []
    if commitment.person and commitment.person != invoice.person:
        found.append(Reason("person", "The package is another person's."))
    if commitment.provider and commitment.provider != invoice.provider:
        words = f"The package is provided by {commitment.provider}, not {invoice.provider}."
        found.append(Reason("provider", words))
    return found


def _prices(invoice: Invoice, commitment: Commitment) -> list[Reason]:
    found: list[Reason] = []
    for line in invoice.lines:
        outside = [day for day in line.days() if not commitment.terms_on(day)]
        if outside:
            words = f"{_count(len(outside), 'day')} from {_day(outside[0])} on are not agreed."
            found.append(Reason("dates", words))
        if commitment.unit and line.unit != commitment.unit:
            words = f"It bills by the {line.unit}; the {commitment.unit} is agreed."
            found.append(Reason("unit", words))
        found += [*_unit_cost(line, commitment), *_vat(line, commitment)]
    return found


def _unit_cost(line: InvoiceLine, commitment: Commitment) -> list[Reason]:
    """Each day has its prices: a line across a rise is billed as two."""
    for day in line.days():
        agreed = {t.unit_cost for t in commitment.terms_on(day) if t.unit_cost is not None}
        if agreed and line.unit_cost not in agreed:
            prices = " or ".join(in_pounds(pence) for pence in sorted(agreed))
            words = f"{in_pounds(line.unit_cost)} is billed; {prices} is agreed on {_day(day)}."
            return [Reason("unit-cost", words)]
    return []


def _vat(line: InvoiceLine, commitment: Commitment) -> list[Reason]:
    """Care by a registered provider bears no VAT unless the agreement says so."""
    terms = _terms_of(line, commitment)
    vat, gross = sum(t.vat for t in terms), sum(t.pence for t in terms)
    expected = Fraction(line.net * vat, gross - vat) if gross > vat else Fraction(0)
    if abs(line.vat - expected) <= 1 and bool(line.vat) <= bool(expected):
        return []
    words = f"{in_pounds(line.vat)} VAT is billed; {in_pounds(round(expected))} is agreed."
    return [Reason("vat", words)]


def _terms_of(line: InvoiceLine, commitment: Commitment) -> list[Terms]:
    """Return the terms that a line is billed under: of its days, and of its price if one is."""
    found = [t for t in commitment.terms if any(t.holds(day) for day in line.days())]
    return [t for t in found if t.unit_cost == line.unit_cost] or found


def _amounts(
    invoice: Invoice, commitment: Commitment, stays: Sequence[Stay], allowed: Margins
) -> list[Reason]:
    found = []
    if invoice.gross > commitment.spendable:
        words = f"{in_pounds(invoice.gross)} is billed, {in_pounds(commitment.spendable)} is left."
        found.append(Reason("beyond", words))
    billed = sum((Fraction(line.units) for line in invoice.lines), Fraction(0))
    planned = _planned(invoice, commitment, ())
    at_home = _planned(invoice, commitment, stays)
    if planned is None or at_home is None:
        return found
    unit = invoice.lines[0].unit
    if billed > planned * (100 + allowed.units_over) / 100:
        words = f"{_counted(billed, unit)} billed; {_counted(planned, unit)} agreed for those days."
        found.append(Reason("units", words))
    elif at_home < planned and billed > at_home:
        words = f"{_counted(billed, unit)} billed; for the days out of hospital "
        found.append(Reason("hospital", f"{words}{_counted(at_home, unit)} agreed."))
    return found


def _planned(invoice: Invoice, commitment: Commitment, stays: Sequence[Stay]) -> Fraction | None:
    """Return the units agreed for the days billed that were not spent in hospital."""
    planned = Fraction(0)
    for line in invoice.lines:
        home = [day for day in line.days() if not any(stay.keeps(day) for stay in stays)]
        for terms in _terms_of(line, commitment):
            units = terms.units_on(home)
            if units is None:
                return None
            planned += units
    return planned


def _visits(
    invoice: Invoice,
    commitment: Commitment,
    visits: Iterable[Visit],
    stays: Sequence[Stay],
    allowed: Margins,
) -> list[Reason]:
    days = {day for line in invoice.lines for day in line.days()}
    made = [
        visit
        for visit in visits
        if visit.package == commitment.package
        and visit.provider == invoice.provider
        and visit.day in days
    ]
    found = []
    for unit in sorted(_BY_TIME & {line.unit for line in invoice.lines}):
        billed = sum((Fraction(ln.units) for ln in invoice.lines if ln.unit == unit), Fraction(0))
        done = Fraction(len(made)) if unit == "visit" else _hours(made)
        if done < billed * (100 - allowed.visits_short) / 100:
            words = f"{_counted(billed, unit)} billed; {_counted(done, unit)} recorded."
            found.append(Reason("visits", words))
    away = [visit.day for visit in made if any(stay.keeps(visit.day) for stay in stays)]
    if away:
        words = f"{_count(len(away), 'visit')} recorded on days in hospital, the first "
        found.append(Reason("hospital", f"{words}{_day(min(away))}."))
    return found


def _hours(visits: Iterable[Visit]) -> Fraction:
    seconds = sum((visit.time for visit in visits), timedelta()) // timedelta(seconds=1)
    return Fraction(seconds, 3_600)


def _counted(units: Fraction, unit: str) -> str:
    shown = _number(Decimal(units.numerator) / units.denominator)
    return f"{shown} {unit if shown == '1' else unit + 's'}"


def _count(number: int, what: str) -> str:
    return f"{number} {what if number == 1 else what + 's'}"


def _number(units: Decimal) -> str:
    return f"{units:,.2f}".rstrip("0").rstrip(".")


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
