"""A package of Joyce's, its promise, its visits and bills, for the chapters on invoices."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from joinedup.fhir.profiles.invoice import Invoice, InvoiceLine
from joinedup.fhir.profiles.visit import Visit
from joinedup.fhir.search.period import LONDON
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.posting import About, Book, Entry, Posting, of_the_place
from joinedup.money.commitments import Commitment, PackageSaid, commitment_of

POT = Account(AccountKind.POT, "winter-2018/925")
HEALTH = Account(AccountKind.POT, "better-care")
PACKAGE = Account(AccountKind.PACKAGE, "joyce-home-care")
PROVIDER = Account(AccountKind.PROVIDER, "VZ901")
COUNCIL = Account(AccountKind.FUNDER, "925")
PREPARED, APPROVED = "Practitioner/patel", "Practitioner/okafor"
BEGINS, ENDS = date(2018, 1, 1), date(2018, 2, 11)
SAID = PackageSaid(id=PACKAGE.name, person="Patient/joyce", unit="hour", begins=BEGINS, ends=None)


def posting(identity: str, *entries: Entry, **changes: Any) -> Posting:
    """A posting of January 2018."""
    made = Posting(
        id=identity,
        on=date(2018, 1, 1),
        words="Home care",
        entries=entries,
        source="CarePlan/c1/_history/3",
        prepared_by=PREPARED,
        approved_by=APPROVED,
    )
    return replace(made, **changes)


def promise(
    identity: str = "promise-1", *, pot: Account = POT, hours: int = 84, **about: Any
) -> Posting:
    """Six weeks of two hours a day at £18.50: £1,554.00 from one pot."""
    said = About(
        person="Patient/joyce",
        plan="CarePlan/c1/_history/3",
        funder=about.pop("funder", "925"),
        care="home care",
        pot=pot.name,
        package=PACKAGE.name,
        provider="VZ901",
        begins=BEGINS,
        ends=ENDS,
        unit_cost=1_850,
        units=Decimal(hours),
    )
    said = replace(said, **about)
    assert said.unit_cost is not None and said.units is not None
    pence = int(said.unit_cost * said.units) + said.vat
    return posting(
        identity,
        Entry(pot, -pence, Book.COMMITTED, of_the_place(said)),
        Entry(PACKAGE, pence, Book.COMMITTED, said),
    )


def agreed(*postings: Posting, said: PackageSaid = SAID, floor: int = 0) -> Commitment:
    """What is promised to the package by these postings."""
    found = commitment_of(said, postings or (promise(),), floor=floor)
    assert found is not None
    return found


def line(**changes: Any) -> InvoiceLine:
    """The first week: 14 hours at £18.50."""
    made = InvoiceLine(
        begins=BEGINS,
        ends=date(2018, 1, 7),
        units=Decimal(14),
        unit="hour",
        unit_cost=1_850,
        net=25_900,
    )
    changed = replace(made, **changes)
    if "net" in changes:
        return changed
    return replace(changed, net=round(changed.units * changed.unit_cost))


def bill(*lines: InvoiceLine, **changes: Any) -> Invoice:
    """Kingfisher's invoice 2044."""
    made = Invoice(
        provider="VZ901",
        number="2044",
        day=date(2018, 1, 9),
        package=PACKAGE.name,
        person="Patient/joyce",
        lines=lines or (line(),),
    )
    return replace(made, **changes)


def visits(days: int = 7, *, minutes: int = 120, first: date = BEGINS) -> Sequence[Visit]:
    """A visit each day from half past eight on."""
    found = []
    for n in range(days):
        day = first + timedelta(n)
        start = datetime(day.year, day.month, day.day, 8, 30, tzinfo=LONDON)
        found.append(
            Visit(
                person="Patient/joyce",
                package=PACKAGE.name,
                provider="VZ901",
                start=start,
                end=start + timedelta(minutes=minutes),
            )
        )
    return found
