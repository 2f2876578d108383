"""What was agreed to be paid for a package, as its entries in the ledger say. Pure.

The rate, the days and the pots come from the promises made and not taken back; what is left from
all three books. `matching_rules` holds bills against it.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from msgspec import Struct

from joinedup.fhir.profiles.days import read_day
from joinedup.fhir.profiles.event import stated_columns
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.balance import NOTHING, balances
from joinedup.ledger.money import Pence
from joinedup.ledger.posting import About, Book, Entry, Posting

__all__ = [
    "Commitment",
    "PackageSaid",
    "Share",
    "Terms",
    "commitment_of",
    "package_said",
]


class Share(Struct, frozen=True):
    """What one pot promised of it, and what that entry said it was for."""

    pot: Account
    pence: Pence
    about: About


class Terms(Struct, frozen=True, kw_only=True):
    """One rate for its days, both counted in; `ends` None is open. Several pots may share it."""

    begins: date | None
    ends: date | None
    unit_cost: Pence | None
    units: Decimal | None
    vat: Pence
    shares: tuple[Share, ...]

    @property
    def pence(self) -> Pence:
        """What was promised in all."""
        return sum(share.pence for share in self.shares)

    def holds(self, day: date) -> bool:
        """Whether a day is one of its own."""
        after = self.begins is None or self.begins <= day
        return after and (self.ends is None or day <= self.ends)

    def units_on(self, days: Iterable[date]) -> Fraction | None:
        """Return the units planned for days, in equal parts; None where none were agreed."""
        if self.units is None or self.begins is None or self.ends is None:
            return None
        whole = (self.ends - self.begins).days + 1
        return Fraction(self.units) * sum(self.holds(day) for day in days) / whole


class Commitment(Struct, frozen=True, kw_only=True):
    """A package and what is promised to it. `floor` is below zero where somebody approved more."""

    package: str
    person: str
    provider: str
    unit: str
    terms: tuple[Terms, ...]
    left: Pence
    begins: date | None = None
    ends: date | None = None
    floor: Pence = 0

    @property
    def spendable(self) -> Pence:
        """What may still be accepted without another approval (BU-04)."""
        return self.left - self.floor

    def terms_on(self, day: date) -> tuple[Terms, ...]:
        """Return the terms of a day; none where nothing was agreed, or the package had ended."""
        inside = self.begins is None or self.begins <= day
        if not inside or (self.ends is not None and day > self.ends):
            return ()
        return tuple(terms for terms in self.terms if terms.holds(day))


class PackageSaid(Struct, frozen=True, kw_only=True):
    """What an EpisodeOfCare says of itself: `unit` as invoices have it, "" where it is not said."""

    id: str
    person: str
    unit: str
    begins: date | None
    ends: date | None


_FREQUENCIES = {
    "hour": "hour",
    "session": "visit",
    "visit": "visit",
    "dail": "day",
    "day": "day",
    "night": "night",
    "week": "week",
    "one-off": "item",
    "one off": "item",
    "item": "item",
}


def package_said(resource: Mapping[str, Any]) -> PackageSaid:
    """Return who a package is for, its days and the unit it is paid by (Cost Frequency)."""
    paid_by = stated_columns(resource).get("Cost Frequency (Unit Type)", "").lower()
    units = (unit for words, unit in _FREQUENCIES.items() if words in paid_by)
    period = resource.get("period", {})
    return PackageSaid(
        id=str(resource["id"]),
        person=str(resource.get("patient", {}).get("reference", "")),
        unit=next(units, ""),
        begins=read_day(str(period.get("start", ""))[:10]),
        ends=read_day(str(period.get("end", ""))[:10]),
    )


def commitment_of(
    package: PackageSaid, postings: Iterable[Posting], *, floor: Pence = 0
) -> Commitment | None:
    """Return what is promised to a package, or None where nothing ever was.

    `postings` are those that touch it, in any order; others do no harm.
    """
    account = Account(AccountKind.PACKAGE, package.id)
    kept = [p for p in postings if any(e.account == account for e in p.entries)]
    taken_back = {p.reverses for p in kept if p.reverses}
    standing = [p for p in kept if not p.reverses and p.id not in taken_back]
    shares = [s for p in standing if not _lets_go(p, account) for s in _promised(p, account)]
    if not shares:
        return None
    providers = (s.about.provider.removeprefix("Organization/") for s in shares)
    return Commitment(
        package=package.id,
        person=package.person or shares[0].about.person,
        provider=next((p for p in providers if p), ""),
        unit=package.unit,
        terms=_terms(shares),
        left=balances(kept).get(account, NOTHING).left,
        begins=package.begins,
        ends=package.ends,
        floor=floor,
    )


def _lets_go(posting: Posting, account: Account) -> bool:
    """Whether what a posting promises is spent by it at once: an additional charge, no terms."""
    return any(e.account == account and e.book is Book.RELEASED for e in posting.entries)


def _promised(posting: Posting, account: Account) -> list[Share]:
    """Return what a posting promises to the package, and by which pot.

    An entry that comes to the package names its pot, or the pot gives as much in the same posting.
    """
    given = [(e.account, -e.pence) for e in posting.entries if _gives(e)]
    found = []
    for entry in posting.entries:
        if entry.account != account or entry.book is not Book.COMMITTED or entry.pence <= 0:
            continue
        named = [pot for pot, _ in given if pot.name == entry.about.pot]
        equal = [pot for pot, pence in given if pence == entry.pence]
        pots = [*named, *equal, *(pot for pot, _ in given)]
        if pots:
            found.append(Share(pots[0], entry.pence, entry.about))
    return found


def _gives(entry: Entry) -> bool:
    is_pot = entry.account.kind is AccountKind.POT
    return is_pot and entry.book is Book.COMMITTED and entry.pence < 0


def _terms(shares: Iterable[Share]) -> tuple[Terms, ...]:
    """Put what several pots promised for the same days at one price together."""
    grouped: dict[tuple[date | None, date | None, Pence | None], list[Share]] = {}
    for share in shares:
        about = share.about
        grouped.setdefault((about.begins, about.ends, about.unit_cost), []).append(share)
    found = [
        Terms(
            begins=begins,
            ends=ends,
            unit_cost=unit_cost,
            units=_units(held),
            vat=sum(share.about.vat for share in held),
            shares=tuple(held),
        )
        for (begins, ends, unit_cost), held in grouped.items()
    ]
    return tuple(sorted(found, key=lambda terms: terms.begins or date.min))


def _units(shares: Iterable[Share]) -> Decimal | None:
    said = [share.about.units for share in shares if share.about.units is not None]
    return sum(said, Decimal(0)) if said else None
